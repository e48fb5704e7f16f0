"""Fits token vectors so that their sum points where the teacher's sentence vector points."""

import numpy as np


class Bags:
    """Token lists of many sentences, flat."""

    def __init__(self, lists):
        self.sizes = np.array([len(ids) for ids in lists])
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        self.flat = np.array([token for ids in lists for token in ids], np.int64)

    def batch(self, chosen):
        """Gives the tokens of the chosen sentences and where each sentence begins; none may be empty."""
        sizes = self.sizes[chosen]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        at = np.repeat(self.starts[chosen] - starts, sizes) + np.arange(sizes.sum())
        return self.flat[at], starts, np.repeat(np.arange(len(chosen)), sizes)

    def sums(self, vectors, step=96):
        """Gives the sum of each sentence's token vectors; of an empty one, zero."""
        out = np.zeros((len(self.sizes), vectors.shape[1]), np.float32)
        full = np.flatnonzero(self.sizes)
        for start in range(0, len(full), step):
            part = full[start : start + step]
            tokens, starts, _ = self.batch(part)
            out[part] = np.add.reduceat(vectors[tokens], starts, axis=0)
        return out


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


def ridge(x, y, strength):
    """Least squares with a penalty relative to the mean variance."""
    gram = (x.T @ x).astype(np.float64)
    gram[np.diag_indices_from(gram)] += strength * np.trace(gram) / len(gram)
    return np.linalg.solve(gram, (x.T @ y).astype(np.float64)).astype(np.float32)


def least(vectors, bags, target, penalty, rounds):
    """Least squares of the targets by sum / sqrt(tokens), by conjugate gradients on what is added to the vectors.

    The penalty draws each row to where it began as strongly as that many sentences of one token would.
    """
    full = np.flatnonzero(bags.sizes)
    scale = (1 / np.sqrt(np.maximum(bags.sizes, 1))).astype(np.float32)[:, None]
    owner = np.repeat(np.arange(len(bags.sizes)), bags.sizes)
    order = np.argsort(bags.flat, kind="stable")
    rows, begins = np.unique(bags.flat[order], return_index=True)
    ends = np.append(begins[1:], len(order))
    owner = owner[order]

    def forward(x):
        return bags.sums(x) * scale

    def back(residual):
        out, residual, at = np.zeros_like(vectors), residual * scale, 0
        while at < len(rows):
            to = max(at + 1, int(np.searchsorted(ends, begins[at] + 2000, side="right")))
            part = residual[owner[begins[at] : ends[to - 1]]]
            out[rows[at:to]] = np.add.reduceat(part, begins[at:to] - begins[at], axis=0)
            at = to
        return out

    made = forward(vectors)
    start = vectors * np.float32((made[full] * target[full]).sum() / (made[full] ** 2).sum())
    residual, added = target - forward(start), np.zeros_like(vectors)
    down = back(residual)
    way, size = down.copy(), (down * down).sum(0)
    for _ in range(rounds):
        ahead = forward(way)
        far = size / np.maximum((ahead * ahead).sum(0) + penalty * (way * way).sum(0), 1e-20)
        added += far * way
        residual -= far * ahead
        down = back(residual) - penalty * added
        size, before = (down * down).sum(0), size
        way = down + size / np.maximum(before, 1e-20) * way
    return start + added


def slope(sums, target, relation, heat):
    """Gives the loss and its slope by the sums: 1 - cosine, and with a share of a contrast within the batch."""
    length = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
    made = sums / length
    count = len(sums)
    by_made = -target.copy()
    loss = 1 - float((made * target).sum(1).mean())
    if relation:
        # The teacher's own similarities, as odds, are what the student's similarities should give.
        near = made @ target.T / heat
        near -= near.max(1, keepdims=True)
        odds = np.exp(near)
        odds /= odds.sum(1, keepdims=True)
        wanted = target @ target.T / heat
        wanted -= wanted.max(1, keepdims=True)
        np.exp(wanted, out=wanted)
        wanted /= wanted.sum(1, keepdims=True)
        by_made += np.float32(relation) * ((odds - wanted) @ target)
    by_made -= made * (by_made * made).sum(1, keepdims=True)
    return loss, by_made / length / count


def adam(vectors, bags, target, epochs, rate, hold, relation=0.0, heat=0.1, size=512, seed=11, say=None):
    """Moves the vectors by Adam on the rows that a batch touches; `hold` draws each row to where it began."""
    start, vectors = vectors, vectors.copy()
    first, second = np.zeros_like(vectors), np.zeros_like(vectors)
    age = np.zeros(len(vectors), np.int32)
    random = np.random.default_rng(seed)
    full = np.flatnonzero(bags.sizes)
    steps, step = epochs * (len(full) // size), 0
    for epoch in range(epochs):
        order, total = random.permutation(full), 0.0
        for at in range(0, len(order) - size + 1, size):
            chosen = order[at : at + size]
            tokens, starts, owner = bags.batch(chosen)
            loss, by_sum = slope(np.add.reduceat(vectors[tokens], starts, axis=0), target[chosen], relation, heat)
            total += loss
            sorting = np.argsort(tokens, kind="stable")
            rows, begins = np.unique(tokens[sorting], return_index=True)
            by_row = np.add.reduceat(by_sum[owner[sorting]], begins, axis=0)
            age[rows] += 1
            first[rows] = now = 0.9 * first[rows] + 0.1 * by_row
            second[rows] = spread = 0.99 * second[rows] + 0.01 * (by_row * by_row).mean(1, keepdims=True)
            years = age[rows][:, None]
            pace = np.float32(rate * (1 - step / steps))
            move = now / (1 - 0.9**years) / (np.sqrt(spread / (1 - 0.99**years)) + 1e-9)
            old = vectors[rows]
            vectors[rows] = old - (pace * (move + np.float32(hold) * (old - start[rows]))).astype(np.float32)
            step += 1
        if say:
            say(epoch, total / (len(order) // size), vectors)
    return vectors

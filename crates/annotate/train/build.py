"""Builds the shipped table: `python build.py DATA CACHE OUT [name of a source to leave out]`.

`cargo xtask train embedding` runs it with one thread and the arithmetic that every x86-64 processor with AVX2 has, so that the
bytes are the same every time; by hand, set what docs/models/embedding.md says.
"""

import collections
import sys
from pathlib import Path

import numpy as np

import fit
import measure
import minilm
import table
import teach
import texts
from use import Multilingual, mixed

DIMENSIONS = 256
PAIRS, SEEN, FOREIGN = 8000, 4500, 11200
SIF = 3e-3


def plain(token):
    body = token.removeprefix("##")
    return not token.startswith("[") and all(char.isalnum() and ord(char) < 0x250 for char in body)


def far_number(token, counts):
    """Tells whether a token is a year or another number of many digits that the texts hardly use."""
    return token.isdigit() and len(token) > 2 and counts[token] < 4


class Vocabulary:
    """The teacher's tokens, frequent words and pairs of the texts, and frequent words of other languages."""

    def __init__(self, teacher, lines, foreign_words, foreign_lines):
        words, pairs, others = collections.Counter(), collections.Counter(), collections.Counter()
        for line in lines:
            found = table.split(line)
            words.update(found)
            pairs.update(pair for pair in zip(found, found[1:]) if not "".join(pair).isdigit())
        for line in foreign_lines:
            others.update(table.split(line))
        self.every = [token for token in teacher.vocabulary if token]
        self.kept = [at for at, token in enumerate(self.every) if plain(token) and not far_number(token, words)]
        base = {self.every[at] for at in self.kept}
        fits = lambda token: len(token.encode()) <= 48
        self.extra = sorted(word for word, n in words.items() if n >= 4 and word not in base and len(word) <= 24)
        own = base | set(self.extra)
        by_count = sorted(pairs.items(), key=lambda entry: (-entry[1], entry[0]))
        self.pairs = [" ".join(pair) for pair, n in by_count if n >= 10 and fits(" ".join(pair))][:PAIRS]
        by_count = sorted(others.items(), key=lambda entry: (-entry[1], entry[0]))
        seen = [word for word, n in by_count if n >= 4 and 2 <= len(word) <= 24 and word.isalpha() and word not in own]
        ranked = [word for word in dict.fromkeys([*seen[:SEEN], *foreign_words]) if word not in own]
        self.foreign = ranked[:FOREIGN]
        self.shares = {word: foreign_words.get(word, 0.0) for word in self.foreign}
        self.tokens = table.Tokens(
            [token for token in own if not token.startswith("##")] + self.pairs + self.foreign,
            [token[2:] for token in base if token.startswith("##")],
        )

    def place(self, at):
        token = self.every[at]
        known = self.tokens.piece_ids if token.startswith("##") else self.tokens.word_ids
        return known[token.removeprefix("##")]

    def weights(self, bags):
        """Inverse-frequency weights, from counts and, where those say little, from the rank in the vocabulary."""
        counts = np.bincount(bags.flat, minlength=len(self.tokens)).astype(float)
        prior = np.zeros(len(self.tokens))
        for at in self.kept:
            prior[self.place(at)] = 1 / (at + 1)
        share = 0.5 * counts / counts.sum() + 0.5 * prior / prior.sum()
        for word, often in self.shares.items():
            # The other teacher counts over sixteen languages.
            share[self.tokens.word_ids[word]] += 8 * often
        weights = SIF / (SIF + share)
        return (weights / weights.mean())[:, None].astype(np.float32)


def distilled(vocabulary, teacher, cache):
    """Gives every English token's vector alone, centred; pairs have none and are left to the fit."""
    out = np.zeros((len(vocabulary.tokens), 384), np.float32)
    pieces = teach.kept(cache, "pieces", vocabulary.every, lambda lines: teach.plain(teacher, lines))
    for at in vocabulary.kept:
        out[vocabulary.place(at)] = pieces[at]
    extra = teach.kept(cache, "extra", vocabulary.extra, lambda lines: teach.words(teacher, lines))
    for word, vector in zip(vocabulary.extra, extra):
        out[vocabulary.tokens.word_ids[word]] = vector
    used = out.any(1)
    out[used] -= out[used].mean(0)
    return out / np.linalg.norm(out[used], axis=1).mean()


def projection(by_source):
    """Gives the mean and the first principal directions, each source counting alike."""
    mean = np.mean([vectors.mean(0) for vectors in by_source], 0)
    spread = sum(np.cov((vectors - mean).T) for vectors in by_source) / len(by_source)
    _, directions = np.linalg.eigh(spread)
    return mean, directions[:, ::-1][:, :DIMENSIONS]


def row_means(bags, vectors):
    return bags.sums(vectors) / np.maximum(bags.sizes, 1)[:, None]


def foreign_start(vocabulary, model, cache, english, target, weights, groups):
    """Maps the other teacher's words and sentences into the space, by English texts that both teachers read."""
    both = teach.kept(cache, "use-english", english, model.encode)
    mean = both.mean(0)
    into = fit.ridge(both - mean, target, 1e-2)
    words = teach.kept(cache, "use-words", vocabulary.foreign, model.encode)
    places = [vocabulary.tokens.word_ids[word] for word in vocabulary.foreign]
    rows = fit.unit((words - words.mean(0)) @ into) * weights[places]
    wanted = []
    for name, lines in groups.items():
        vectors = teach.kept(cache, "use-" + name, lines, model.encode)
        wanted.append(fit.unit((vectors - vectors.mean(0)) @ into))
    return places, rows, np.concatenate(wanted).astype(np.float32)


def report(name, vocabulary, vectors, data):
    lines, truth = measure.banking(data)
    sums = fit.Bags([vocabulary.tokens.ids(line) for line in lines]).sums(vectors)
    print(name, "banking77 NMI %.3f ARI %.3f" % tuple(measure.score(sums, truth)), flush=True)


def main(data, cache, out, left_out=""):
    teacher, other = minilm.MiniLM(), Multilingual()
    by_source = {name: found for name, found in teach.sentences(data, cache, teacher).items() if name != left_out}
    lines = [line for found, _ in by_source.values() for line in found]
    vectors = np.concatenate([found for _, found in by_source.values()])
    groups = texts.foreign(data)
    foreign = [line for found in groups.values() for line in found]
    vocabulary = Vocabulary(teacher, lines, other.words(), foreign)
    groups["mixed"] = mixed(vocabulary.shares)
    foreign += groups["mixed"]
    tokens = vocabulary.tokens
    print(len(lines), "texts,", len(foreign), "in other languages,", len(tokens), "tokens", flush=True)

    mean, directions = projection([found for _, found in by_source.values()])
    target = fit.unit((vectors - mean) @ directions).astype(np.float32)
    bags = fit.Bags([tokens.ids(line) for line in lines])
    weights = vocabulary.weights(bags)
    alone = weights * distilled(vocabulary, teacher, cache)
    report("plain distillation", vocabulary, alone @ directions.astype(np.float32), data)
    start = alone @ fit.ridge(row_means(bags, alone), target, 1e-2)
    start /= np.linalg.norm(start[start.any(1)], axis=1).mean()
    report("linear map", vocabulary, start, data)

    some = np.random.default_rng(3).permutation(len(lines))[:8000]
    places, rows, wanted = foreign_start(
        vocabulary, other, cache, [lines[at] for at in some], target[some], weights, groups
    )
    start[places] = rows
    every = fit.Bags([tokens.ids(line) for line in lines + foreign])
    goal = np.concatenate([target, wanted])
    fitted = fit.least(start.astype(np.float32), every, goal, penalty=np.float32(10), rounds=12)
    fitted /= np.linalg.norm(fitted[fitted.any(1)], axis=1).mean()
    report("least squares", vocabulary, fitted, data)
    say = lambda epoch, loss, _: print("epoch", epoch, "loss %.4f" % loss, flush=True)
    fitted = fit.adam(fitted, every, goal, epochs=3, rate=0.003, hold=0.0, relation=1.0, say=say)
    report("fitted", vocabulary, fitted, data)
    size = table.write(out, tokens, fitted)
    print(Path(out).name, size, "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])

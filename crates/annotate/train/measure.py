"""Clustering as a measure: spherical k-means with fixed seeds, mutual information and the adjusted Rand index."""

import csv
from pathlib import Path

import numpy as np


def banking(data):
    """Gives the texts and, for measuring only, the numbers of their labels."""
    with open(Path(data) / "themes_stage/banking77_train.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["category"] for row in rows})
    return [row["text"] for row in rows], np.array([names.index(row["category"]) for row in rows])


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


def kmeans(x, k, seed, rounds=30):
    """Seeds by k-means++ on 1 - cosine and gives each row's cluster and the sum of cosines."""
    random = np.random.default_rng(seed)
    centres = [x[random.integers(len(x))]]
    far = 1 - x @ centres[0]
    for _ in range(k - 1):
        odds = np.maximum(far, 0)
        centres.append(x[random.choice(len(x), p=odds / odds.sum())])
        far = np.minimum(far, 1 - x @ centres[-1])
    centres = np.array(centres)
    for _ in range(rounds):
        near = x @ centres.T
        label = near.argmax(1)
        sums = np.zeros_like(centres)
        order = np.argsort(label, kind="stable")
        places, starts = np.unique(label[order], return_index=True)
        sums[places] = np.add.reduceat(x[order], starts, axis=0)
        sums[np.bincount(label, minlength=k) == 0] = centres[np.bincount(label, minlength=k) == 0]
        centres = unit(sums)
    return label, near.max(1).sum()


def agreement(found, truth):
    """Gives NMI (arithmetic mean) and ARI."""
    table = np.zeros((found.max() + 1, truth.max() + 1))
    np.add.at(table, (found, truth), 1)
    n = table.sum()
    a, b = table.sum(1), table.sum(0)
    entropy = lambda x: -(x[x > 0] / n * np.log(x[x > 0] / n)).sum()
    joint = table[table > 0]
    mutual = (joint / n * np.log(joint * n / np.outer(a, b)[table > 0])).sum()
    pairs = lambda x: (x * (x - 1) / 2).sum()
    expected = pairs(a) * pairs(b) / (n * (n - 1) / 2)
    rand = (pairs(table) - expected) / ((pairs(a) + pairs(b)) / 2 - expected)
    return 2 * mutual / (entropy(a) + entropy(b)), rand


def score(x, truth, seeds=3):
    """Gives the means over seeds of NMI and ARI."""
    x = unit(x.astype(np.float32))
    return np.mean([agreement(kmeans(x, truth.max() + 1, seed)[0], truth) for seed in range(seeds)], axis=0)

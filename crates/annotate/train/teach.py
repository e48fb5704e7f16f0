"""Teacher vectors of every text and token, kept in a cache folder: `python teach.py DATA CACHE`."""

import hashlib
import sys
from pathlib import Path

import numpy as np

import minilm
import texts


def kept(cache, name, lines, make):
    """Gives the vectors of lines from the cache, or makes and keeps them."""
    mark = hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()
    path = Path(cache) / f"{name}-{mark}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part.npy")
        np.save(unfinished, make(lines))
        unfinished.rename(path)
    return np.load(path)


def plain(teacher, tokens):
    """Plain distillation: each token alone between the marks, mean of the last layer, not normalised."""
    alone = [[101, teacher.ids[token], 102] for token in tokens]
    return teacher.encode_ids(alone, unit=False)


def words(teacher, found):
    """Plain distillation of whole words or phrases, which may be several pieces."""
    return teacher.encode_ids([teacher.tokens(word) for word in found], unit=False)


def sentences(data, cache, teacher=None):
    """Gives texts and teacher vectors by source."""
    teacher = teacher or minilm.MiniLM()
    return {
        name: (lines, kept(cache, name, lines, teacher.encode))
        for name, lines in texts.corpus(data).items()
    }


if __name__ == "__main__":
    model = minilm.MiniLM()
    every = [token for token in model.vocabulary if token]
    kept(sys.argv[2], "pieces", every, lambda lines: plain(model, lines))
    for name, (lines, vectors) in sentences(sys.argv[1], sys.argv[2], model).items():
        print(name, vectors.shape, flush=True)

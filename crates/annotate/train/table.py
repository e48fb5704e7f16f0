"""The table's file: how the Rust reader cuts a text into tokens, and how the file is written.

Layout, numbers little-endian: magic `GSEMBED1`; u32 dimensions, words, pieces, bytes of text; f32 scale of each
dimension; u8 length of each token; the tokens' text, words first, each part strictly sorted by bytes; one i8 row for
each token; u64 checksum of all before it. A word that holds a space is a pair of adjacent words.
"""

import re
import struct

import numpy as np

MAGIC = b"GSEMBED1"
MOST_WORD = 40
MOST_PIECE = 20
PLACEHOLDER = re.compile(r"\[[a-z_]{1,24}\]")


def split(text):
    """Lower-cases and splits at everything that is neither letter nor digit; drops placeholders such as `[name]`."""
    text = PLACEHOLDER.sub(" ", text)
    return "".join(char if char.isalnum() else " " for char in text.lower()).split()


class Tokens:
    """The vocabulary: words (and pairs of words), and pieces that continue a word."""

    def __init__(self, words, pieces):
        self.words = sorted(set(words), key=lambda token: token.encode())
        self.pieces = sorted(set(pieces), key=lambda token: token.encode())
        self.word_ids = {token: at for at, token in enumerate(self.words)}
        self.piece_ids = {token: at + len(self.words) for at, token in enumerate(self.pieces)}
        self.cache = {}

    def __len__(self):
        return len(self.words) + len(self.pieces)

    def cut(self, word):
        """Cuts one word greedily into its longest known pieces; what is unknown is left out."""
        if word not in self.cache:
            out, start = [], 0
            if word in self.word_ids:
                out = [self.word_ids[word]]
            elif len(word.encode()) <= MOST_WORD:
                while start < len(word):
                    known = self.piece_ids if start else self.word_ids
                    end = min(len(word), start + MOST_PIECE)
                    while end > start and word[start:end] not in known:
                        end -= 1
                    if end > start:
                        out.append(known[word[start:end]])
                    start = max(end, start + 1)
            self.cache[word] = out
        return self.cache[word]

    def ids(self, text):
        """Gives the tokens of a text: of each word, and of each pair of adjacent words that is known."""
        found = split(text)
        out = [token for word in found for token in self.cut(word)]
        for pair in zip(found, found[1:]):
            known = self.word_ids.get(" ".join(pair))
            if known is not None:
                out.append(known)
        return out


def checksum(data):
    """Folds eight bytes at a time, as the reader does."""
    mask = (1 << 64) - 1
    state = 0xCBF29CE484222325
    data = data + b"\0" * (-len(data) % 8)
    for word in np.frombuffer(data, "<u8").tolist():
        state = ((state ^ word) * 0x100000001B3) & mask
        state = ((state << 29) | (state >> 35)) & mask
    return state


def quantise(vectors, deviations=4.5):
    """Gives int8 rows and one scale for each dimension; what lies beyond is clipped."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    used = vectors[norms[:, 0] > 0]
    most = np.minimum(np.abs(used).max(0), deviations * used.std(0) + 1e-9)
    scales = (most / 127).astype("<f4")
    return np.clip(np.rint(vectors / scales), -127, 127).astype(np.int8), scales


def write(path, tokens, vectors):
    """Writes the file and gives its size in bytes."""
    rows, scales = quantise(vectors)
    text = [token.encode() for token in tokens.words + tokens.pieces]
    body = b"".join(
        [
            MAGIC,
            struct.pack("<4I", vectors.shape[1], len(tokens.words), len(tokens.pieces), sum(map(len, text))),
            scales.tobytes(),
            bytes(len(token) for token in text),
            b"".join(text),
            rows.tobytes(),
        ]
    )
    with open(path, "wb") as file:
        file.write(body + struct.pack("<Q", checksum(body)))
    return len(body) + 8

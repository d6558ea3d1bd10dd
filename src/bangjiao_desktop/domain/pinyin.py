"""Pinyin of names for searching, with the surname readings that general dictionaries get wrong."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.text import MIDDLE_DOT, normalize_name


@cache
def _surname_readings() -> dict[str, tuple[str, ...]]:
    with resource_path("codes", "surname_reading.csv").open(encoding="utf-8", newline="") as file:
        return {row["surname"]: tuple(row["reading"].split()) for row in csv.DictReader(file)}


@cache
def _reading(character: str) -> str:
    """The most common reading of one character; given names are no phrases, so each is read by itself."""
    from pypinyin import lazy_pinyin  # a dictionary of 40,000 readings: loaded only when names are written

    return "".join(lazy_pinyin(character)).lower()


def syllables(name: str) -> tuple[str, ...]:
    """Return the syllables of a Chinese name without tones, e.g. 单雄信 → ("shan", "xiong", "xin").

    Compound surnames are looked up before single ones (尉迟 Yùchí before 尉 Wèi); other
    characters are kept as they are, in lower case.
    """
    readings = _surname_readings()
    for length in (2, 1):
        surname = readings.get(name[:length])
        if surname and len(name) >= length:
            return (*surname, *map(_reading, name[length:]))
    return tuple(map(_reading, name))


def initials(text: str) -> str:
    """Return the first letter of each syllable, lower case: 汉族 gives hz; other characters stay as they are."""
    return "".join(part[:1] for part in syllables(text))


@dataclass(frozen=True)
class NameKeys:
    """What a name is found by: every tail of its characters, pinyin and initials, lower case."""

    keys: tuple[str, ...]


def name_keys(name: str) -> NameKeys:
    """Return the search keys of a name.

    A tail index answers any part of a name by prefix: 欧阳志洋 gives 欧阳志洋, 阳志洋, 志洋, 洋,
    ouyangzhiyang, yangzhiyang, …, oyzy, yzy, …. A name of several parts is found with its dot and without one.
    """
    keys: dict[str, None] = {}
    for written in _written(name):
        for start in range(len(written)):
            keys[written[start:].lower()] = None
    keys |= dict.fromkeys(_spoken(name))
    return NameKeys(tuple(keys))


def is_named(name: str, spellings: Sequence[str]) -> bool:
    """Tell whether one of the search keys of a name begins with one of the spellings (lower case), without making them all."""
    written = [one.lower() for one in _written(name)]
    if any(spelling in one for spelling in spellings for one in written):
        return True
    latin = tuple(one for one in spellings if any(letter.isascii() for letter in one))
    return bool(latin) and any(key.startswith(latin) for key in _spoken(name))


def _written(name: str) -> Iterable[str]:
    kept = normalize_name(name)
    return dict.fromkeys((kept, kept.replace(MIDDLE_DOT, "")))


def _spoken(name: str) -> Iterator[str]:
    spoken = syllables(normalize_name(name).replace(MIDDLE_DOT, ""))
    for start in range(len(spoken)):
        yield "".join(spoken[start:])
        yield "".join(part[:1] for part in spoken[start:])

"""Which chapter of the Criminal Law (刑法分则) an offence belongs to, read from resources/rules/offences.toml.

What lists write is free text: 盗窃, 盗窃罪, 走私、贩卖毒品罪, 抢劫罪、强奸罪. The name that stands first counts, of several
that begin at one place the longest; the chapter of the first offence is that of the person (GB/T 31000 原罪名 01–10).
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from bangjiao_desktop.domain.codes import UNKNOWN_OFFENCE, code_table
from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.late_patterns import late
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.text import compact

_FILE = "规则文件 rules/offences.toml"
_MARKS = late(r"[、,，;；。.·:：()（）\[\]【】《》“”\"'/|+\-—]")


class _Chapter(Shape, frozen=True):
    code: str
    offences: str


class _Offences(Shape, frozen=True):
    chapter: tuple[_Chapter, ...]


@lru_cache(maxsize=8192)
def chapter_of(offence: str) -> str:
    """Return the code of offence_chapter an offence belongs to, as lists write it; `UNKNOWN_OFFENCE` where none is recognised.

    Raises:
        DefinitionError: the table of offences is wrong.
    """
    if not offence:
        return UNKNOWN_OFFENCE
    names, choices = _table()
    text = _plain(offence)
    found = [(one.start(), -one.end(), chapter) for pattern, chapter in choices if (one := pattern.search(text))]
    if plain := names.pattern.search(text):
        found.append((plain.start(), -plain.end(), names.chapters[plain[0]]))
    return min(found)[2] if found else UNKNOWN_OFFENCE


class _Names(NamedTuple):
    """Names without a choice: the chapter of each, and what finds the first in a text, the longest where it begins."""

    chapters: dict[str, str]
    pattern: re.Pattern[str]


Table = tuple[_Names, list[tuple[re.Pattern[str], str]]]


@cache
def _table() -> Table:
    return read_offences(text_of(resource_path("rules", "offences.toml"), _FILE))


def read_offences(source: str, where: str = _FILE) -> Table:
    """Read a table of offences.

    Args:
        source: TOML, as in rules/offences.toml.
        where: how its file is called in a message.

    Returns:
        The names without a choice, and a pattern for each line with one: 走私|贩卖 毒品 → (?:走私|贩卖)+(?:毒品)+.

    Raises:
        DefinitionError: an unknown chapter, or a name in two of them; names file and line.
    """
    told = read(source, where, _Offences)
    known = code_table("offence_chapter").codes
    names: dict[str, str] = {}
    choices: list[tuple[re.Pattern[str], str]] = []
    for place, chapter in enumerate(told.value.chapter):
        if chapter.code not in known:
            raise told.fault(f"没有“{chapter.code}”这一章。", "chapter", place, "code")
        for line in filter(None, map(str.strip, chapter.offences.splitlines())):
            if "|" in line:
                choices.append((_choice(line), chapter.code))
            elif names.setdefault(_plain(line), chapter.code) != chapter.code:
                raise told.fault(f"罪名“{line}”在两章里都有。", "chapter", place, "offences")
    longest_first = sorted(names, key=len, reverse=True)
    return _Names(names, re.compile("|".join(map(re.escape, longest_first)))), choices


def _choice(line: str) -> re.Pattern[str]:
    parts = (sorted(map(_plain, part.split("|")), key=len, reverse=True) for part in line.split())
    return re.compile("".join(f"(?:{'|'.join(map(re.escape, part))})+" for part in parts))


def _plain(text: str) -> str:
    return _MARKS.sub("", compact(text))


__all__ = ["chapter_of", "read_offences"]

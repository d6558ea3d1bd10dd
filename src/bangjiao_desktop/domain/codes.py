"""The code tables of DOMAIN.md §4, read from resources/codes/*.csv (code, label, synonyms, near) and words.toml."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.late_patterns import late
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.text import compact, unwrap

RELEASED, CORRECTED, REEDUCATED = "01", "02", "03"
LOCAL, NONLOCAL = "01", "02"
KEY_RISK, GENERAL_RISK = "01", "02"
MALE, FEMALE = "1", "2"
UNKNOWN_SEX = "0"
UNKNOWN_OFFENCE = "99"
"""Code of offence_chapter: no offence is written, or none that is known (domain.offences)."""
ESCORTED_MODES = ("01", "02", "03", "05")
CRIME, OFFENCE = "1", "2"
SETTLED = "01"
MET = "01"
"""Code of support_outcome: the person was met; an empty one means the same (DOMAIN.md §1)."""
_WORDS = "代码词表 codes/words.toml"


# a code in front of or behind its word: 01 重点, 1.重点, 01-重点, (01)重点 and 重点帮教人员(01)
_LONGEST = 80
_CODE_FIRST = late(r"[(\[]?(\d{1,2})[)\]]?[.、:,;_-]*(?=\D)(.+)")
_CODE_LAST = late(r"(.*[^\d.])[(\[](\d{1,2})[)\]]")
_WHOLE = late(r"(\d{1,2})\.0+")
_ENCLOSED = late(r"[\"“”'‘’(\[【《](.+)[\"“”'‘’)\]】》]")


class _Empty(Shape, frozen=True):
    every: tuple[str, ...]
    tables: dict[str, tuple[str, ...]]


class _Words(Shape, frozen=True):
    empty: _Empty
    endings: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class CodeEntry:
    """One line of a code table: code, Chinese label, other ways to write it, words that come near it."""

    code: str
    label: str
    synonyms: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class EverydayWords:
    """What words.toml says about a table: words that stand for nothing, and endings to leave off."""

    empty: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()


def word_key(text: str) -> str:
    """Return a word as it is compared with a code table: half-width, no blanks, lower case, nothing around it."""
    return compact(unwrap(text)).lower().strip(",;。")


class CodeTable:
    """A code table with look-up by code, label or synonym.

    Args:
        name: the file's name without ending, e.g. "handover_mode".
        entries: in the order of the standard.
        words: everyday words of the table.
    """

    def __init__(self, name: str, entries: tuple[CodeEntry, ...], words: EverydayWords = EverydayWords()) -> None:
        self.name = name
        self.entries = entries
        self._words = words
        self._labels = {entry.code: entry.label for entry in entries}
        self._codes: dict[str, str] = {}
        self._near: dict[str, str] = {}
        for entry in entries:
            for text in (entry.code, entry.code.lstrip("0") or "0", entry.label, *entry.synonyms):
                self._codes.setdefault(word_key(text), entry.code)
            for text in entry.near:
                self._near.setdefault(word_key(text), entry.code)

    def label(self, code: str | None) -> str:
        """Return the label of a code, "" for None, the code itself if it is unknown."""
        return "" if code is None else self._labels.get(code, code)

    def find(self, text: str) -> str | None:
        """Return the code meant by a code, label or synonym, else None.

        Width and blanks do not matter; a code may stand beside its word (01 重点), and the table's endings may be
        added (初中文化).
        """
        return self._codes.get(text) or self._look_up(word_key(text), self._codes)

    def find_near(self, text: str) -> str | None:
        """Return the code of a word that only comes near it (高 for 重点), to be taken with a remark; else None."""
        return self._look_up(word_key(text), self._near)

    def says_nothing(self, text: str) -> bool:
        """Tell a word that stands for an empty cell (无, /, 未安置) where the table has no code for it."""
        return word_key(text) in self._words.empty

    def _look_up(self, key: str, among: Mapping[str, str]) -> str | None:
        if key in among:
            return among[key]
        if len(key) > _LONGEST:
            return None
        if whole := _WHOLE.fullmatch(key):
            return among.get(whole[1])
        for found, code, word in ((_CODE_FIRST.fullmatch(key), 1, 2), (_CODE_LAST.fullmatch(key), 2, 1)):
            # the code and the word must say the same
            meant = self._look_up(found[word], among) if found else None
            if found and meant is not None and meant == self._codes.get(found[code]):
                return meant
        if enclosed := _ENCLOSED.fullmatch(key):
            return self._look_up(enclosed[1], among)
        for ending in self._words.endings:
            if key.endswith(ending) and len(key) > len(ending):
                return self._look_up(key.removesuffix(ending), among)
        return None

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes in the order of the standard."""
        return tuple(entry.code for entry in self.entries)

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels in the order of the standard."""
        return tuple(entry.label for entry in self.entries)


@cache
def code_table(name: str) -> CodeTable:
    """Load a code table by name.

    Raises:
        DefinitionError: no such table, or a line is incomplete or a code stands twice.
    """
    path = resource_path("codes", f"{name}.csv")
    entries: list[CodeEntry] = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            code, label = row.get("code") or "", row.get("label") or ""
            if not code or not label:
                raise DefinitionError(f"代码表 {path.name} 第 {number} 行缺少代码或名称。")
            if any(entry.code == code for entry in entries):
                raise DefinitionError(f"代码表 {path.name} 第 {number} 行的代码 {code} 重复。")
            synonyms = tuple(part for part in (row.get("synonyms") or "").split("|") if part)
            near = tuple(part for part in (row.get("near") or "").split("|") if part)
            entries.append(CodeEntry(code, label, synonyms, near))
    return CodeTable(name, tuple(entries), _everyday_words(name))


def _everyday_words(table: str) -> EverydayWords:
    empty, endings = _words_file()
    return EverydayWords(empty.get("", frozenset()) | empty.get(table, frozenset()), endings.get(table, ()))


@cache
def _words_file() -> tuple[dict[str, frozenset[str]], dict[str, tuple[str, ...]]]:
    """Return from words.toml: table → words for an empty cell ("" for every table), table → endings, longest first."""
    told = read(text_of(resource_path("codes", "words.toml"), _WORDS), _WORDS, _Words).value
    empty = {"": told.empty.every, **told.empty.tables}
    return (
        {table: frozenset(map(word_key, words)) for table, words in empty.items()},
        {table: tuple(sorted(found, key=len, reverse=True)) for table, found in told.endings.items()},
    )


def stands_for_nothing(text: str) -> bool:
    """Tell a text that stands for an empty cell in any column of numbers, names or codes: 无, 暂无, /, —."""
    return word_key(text) in _words_file()[0][""]


def code_labels(table: str, codes: str | None) -> str:
    """Return the labels of several codes kept joined by commas: "1,4" → "怕家庭责怪、怕安置无门"."""
    return "、".join(code_table(table).label(code) for code in (codes or "").split(",") if code)


@dataclass(frozen=True)
class _DivisionName:
    label: str
    from_year: int
    to_year: int


@cache
def _divisions() -> dict[str, tuple[_DivisionName, ...]]:
    """GB/T 2260 with its history since 1980, by six-digit code."""
    names: dict[str, list[_DivisionName]] = {}
    with resource_path("codes", "division.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = _DivisionName(row["label"], int(row["from_year"] or 0), int(row["to_year"] or 9999))
            names.setdefault(row["code"], []).append(name)
    return {code: tuple(sorted(found, key=lambda one: one.from_year)) for code, found in names.items()}


def division_name(code: str, year: int | None = None) -> str:
    """Return the full name of a GB/T 2260 division, e.g. "浙江省嘉兴市秀洲区", "" if it is unknown.

    Args:
        code: six digits.
        year: the year whose name is wanted (divisions are renamed); default: the latest name.
    """
    parts: list[str] = []
    for part in dict.fromkeys((f"{code[:2]}0000", f"{code[:4]}00", code)):
        names = _divisions().get(part)
        if names is None:
            if part == code:
                return ""
            continue
        chosen = names[-1]
        if year is not None:
            chosen = next((name for name in names if name.from_year <= year <= name.to_year), chosen)
        parts.append(chosen.label)
    return "".join(part for part, following in pairwise([*parts, ""]) if part != following)

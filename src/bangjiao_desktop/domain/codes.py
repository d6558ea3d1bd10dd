"""The code tables of DOMAIN.md §4, read from resources/codes/*.csv (code, label, synonyms)."""

import csv
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.text import compact

RELEASED, CORRECTED, REEDUCATED = "01", "02", "03"
LOCAL, NONLOCAL = "01", "02"
KEY_RISK, GENERAL_RISK = "01", "02"
MALE, FEMALE = "1", "2"
ESCORTED_MODES = ("01", "02", "03", "05")
CRIME, OFFENCE = "1", "2"
SETTLED = "01"


@dataclass(frozen=True)
class CodeEntry:
    """One line of a code table: code, Chinese label, other ways to write it."""

    code: str
    label: str
    synonyms: tuple[str, ...] = ()


class CodeTable:
    """A code table with look-up by code, label or synonym.

    Args:
        name: the file's name without ending, e.g. "handover_mode".
        entries: in the order of the standard.
    """

    def __init__(self, name: str, entries: tuple[CodeEntry, ...]) -> None:
        self.name = name
        self.entries = entries
        self._labels = {entry.code: entry.label for entry in entries}
        self._codes: dict[str, str] = {}
        for entry in entries:
            for text in (entry.code, entry.code.lstrip("0") or "0", entry.label, *entry.synonyms):
                self._codes.setdefault(compact(text).lower(), entry.code)

    def label(self, code: str | None) -> str:
        """Return the label of a code, "" for None, the code itself if it is unknown."""
        return "" if code is None else self._labels.get(code, code)

    def find(self, text: str) -> str | None:
        """Return the code meant by a code, label or synonym (any width, blanks ignored), else None."""
        return self._codes.get(text) or self._codes.get(compact(text).lower())

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
            entries.append(CodeEntry(code, label, synonyms))
    return CodeTable(name, tuple(entries))


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

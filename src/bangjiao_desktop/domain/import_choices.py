"""What a person (or a known source) answers about a list that comes in: columns, words, offices, cells, rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Literal, TypeVar

Answer = Literal["transfer", "rename", "new", "correct", "skip"]
"""transfer: the person moves to the office the row names; rename: the name has changed; new: the person was released
again, and the release before has ended; correct: the release date was wrong before; skip: the row is left out."""

_K = TypeVar("_K")
_V = TypeVar("_V")

KEPT, UNUSED = "+remarks", ""
"""For a column: kept as words in 备注; not used."""


@dataclass(frozen=True)
class ImportChoices:
    """Answers given before an import, all by what stands in the file, so that the same list again needs no asking.

    Attributes:
        columns: heading (as `layout.heading_key` gives it, its group before it) → field of the record, KEPT or UNUSED.
        words: (`layout.Column.answered`, word as `cells.word_key` gives it) → code, "" for leaving such cells empty.
        offices: spelling in the file (`offices.office_key`) → name of an office; one that does not exist is made.
        cells: (tab, row, column index from 0) → what the cell is to say.
        rows: (tab, row) → what was answered about it; a row may raise one question after another.
        all_rows: answers that hold for every row.
        since: the day from which office, risk, household type, caseworker and village hold that the file says otherwise of a
            known person (DOMAIN.md §5); None for today.
        mends: they were recorded wrongly instead, and are put right for as long as they stood.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    words: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    offices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    cells: Mapping[tuple[str, int, int], str] = field(default_factory=lambda: MappingProxyType({}))
    rows: Mapping[tuple[str, int], Answer | frozenset[Answer]] = field(default_factory=lambda: MappingProxyType({}))
    all_rows: frozenset[Answer] = frozenset()
    since: date | None = None
    mends: bool = False

    def given(self, tab: str, row: int) -> frozenset[Answer]:
        """Return what was answered about a row."""
        told = self.rows.get((tab, row), frozenset())
        return told if isinstance(told, frozenset) else frozenset((told,))

    def answers(self, tab: str, row: int, answer: Answer) -> bool:
        """Tell whether an answer was given for a row, or for all."""
        return answer in self.all_rows or answer in self.given(tab, row)

    def with_column(self, key: str, field_name: str | None) -> "ImportChoices":
        """Return the choices with a column pointed to a field; None: as its heading says."""
        return replace(self, columns=_with(self.columns, key, field_name))

    def with_word(self, field_name: str, key: str, code: str | None) -> "ImportChoices":
        """Return the choices with what a word means; None: not answered."""
        return replace(self, words=_with(self.words, (field_name, key), code))

    def with_office(self, key: str, name: str | None) -> "ImportChoices":
        """Return the choices with the office a spelling means; None: not answered."""
        return replace(self, offices=_with(self.offices, key, name))

    def with_cell(self, tab: str, row: int, index: int, text: str | None) -> "ImportChoices":
        """Return the choices with what a cell is to say; None: what stands in the file."""
        return replace(self, cells=_with(self.cells, (tab, row, index), text))

    def with_since(self, since: date | None, *, mends: bool) -> "ImportChoices":
        """Return the choices with the day from which changed standings hold, or that they are put right."""
        return replace(self, since=since, mends=mends)

    def with_rows(self, answers: Mapping[tuple[str, int], frozenset[Answer]]) -> "ImportChoices":
        """Return the choices with what holds for rows, (tab, row) → answers; none: not answered."""
        rest = {row: told for row, told in self.rows.items() if row not in answers}
        return replace(self, rows=rest | {row: told for row, told in answers.items() if told})


def _with(known: Mapping[_K, _V], key: _K, value: _V | None) -> Mapping[_K, _V]:
    rest = {one: told for one, told in known.items() if one != key}
    return rest if value is None else {**rest, key: value}


NO_CHOICES = ImportChoices()

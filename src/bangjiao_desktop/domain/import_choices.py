"""What a person (or a known source) answers about a list that comes in: columns, words, offices, cells, rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Answer = Literal["transfer", "rename", "correct", "skip"]
"""transfer: the person moves to the office the row names; rename: the name has changed; correct: the release date was
wrong before; skip: the row is left out."""

KEPT, UNUSED = "+remarks", ""
"""For a column: kept as words in 备注; not used."""


@dataclass(frozen=True)
class ImportChoices:
    """Answers given before an import, all by what stands in the file, so that the same list again needs no asking.

    Attributes:
        columns: heading (as `layout.heading_key` gives it, its group before it) → field of the record, KEPT or UNUSED.
        words: (field, word as `cells.word_key` gives it) → code, "" for leaving such cells empty.
        offices: spelling in the file (`offices.office_key`) → name of an office; one that does not exist is made.
        cells: (tab, row, column index from 0) → what the cell is to say.
        rows: (tab, row) → answer.
        all_rows: answers that hold for every row.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    words: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    offices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    cells: Mapping[tuple[str, int, int], str] = field(default_factory=lambda: MappingProxyType({}))
    rows: Mapping[tuple[str, int], Answer] = field(default_factory=lambda: MappingProxyType({}))
    all_rows: frozenset[Answer] = frozenset()

    def answers(self, tab: str, row: int, answer: Answer) -> bool:
        """Tell whether an answer was given for a row, or for all."""
        return answer in self.all_rows or self.rows.get((tab, row)) == answer


NO_CHOICES = ImportChoices()

"""Rows of the program's own workbook that say of a record what an export of it says: it is as it was.

What a ledger holds may be older than today's checks (a member called 无, a day in 1826). Exported and imported again it
is neither refused nor changed nor doubled: such a row is known before anything is asked of it.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bangjiao_desktop.domain.codes import code_labels, code_table
from bangjiao_desktop.domain.layout import Column
from bangjiao_desktop.domain.sight import SEALED_NAME
from bangjiao_desktop.exchange.cells import cell_words
from bangjiao_desktop.exchange.parsed import ParsedSheet
from bangjiao_desktop.exchange.raw import Cell, RawRow

Convert = Callable[[Any], Any]
Numbered = Mapping[str, Mapping[uuid.UUID, str]]


def converter(column: Column, numbered: Numbered) -> Convert:
    """Return what makes a cell of the workbook of a value.

    Args:
        column: of the value.
        numbered: kind a column points to → key → number.
    """
    if column.type == "reference":
        return numbered[column.table].get
    if column.type == "codes":
        return lambda value: code_labels(column.table, value)
    if column.type == "code":
        return code_table(column.table).label
    if column.type == "flag":
        yes, no = column.labels
        return lambda value: yes if value else no
    if column.type == "money":
        return lambda value: None if value is None else value / 100
    return lambda value: value


class OwnRows:
    """What the ledger has, as the workbook would tell it in the columns of one table.

    Args:
        parsed: the table; its headings are those of the ledger workbook.
        numbered: kind a column points to → key → number.
        told: field → value of each; the office by its name (`office`), the person by their number.
    """

    def __init__(self, parsed: ParsedSheet, numbered: Numbered, told: Iterable[Mapping[str, Any]]) -> None:
        columns = [(column.field, converter(column, numbered)) for column in parsed.matched.values()]
        self._places = tuple(parsed.matched)
        self._left: defaultdict[tuple[str, ...], list[uuid.UUID]] = defaultdict(list)
        for one in told:
            self._left[tuple(_words(convert(one[name])) for name, convert in columns)].append(one["id"])

    def take(self, cells: RawRow) -> uuid.UUID | None:
        """Return the key of a record that is this row, each once; None if there is none. What is hidden says nothing."""
        given = tuple(_words(cells[place]) if place < len(cells) else "" for place in self._places)
        found = self._left.get(given)
        if not found and SEALED_NAME in given:
            found = next((left for key, left in self._left.items() if left and _covers(given, key)), None)
        return found.pop(0) if found else None


def _covers(given: tuple[str, ...], key: tuple[str, ...]) -> bool:
    return all(one in (SEALED_NAME, other) for one, other in zip(given, key, strict=True))


def _words(cell: Cell | None) -> str:
    """A cell's words, however its blanks and lines were kept."""
    return "" if cell is None else "".join(cell_words(cell).split())

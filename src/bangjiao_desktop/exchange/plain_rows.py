"""Rows that say one thing in every cell: each distinct cell of a column is read once, not once a row.

Most rows of a ledger are such rows. Of any other (a remark, a fault, a word nobody knows, no number, another document)
`row_parsing` reads every cell by itself, in order, and tells what there is to tell.
"""

from collections.abc import Sequence
from datetime import date
from operator import getitem, itemgetter
from typing import Any, Final

from bangjiao_desktop.domain.dates import EARLIEST, LATEST
from bangjiao_desktop.domain.identity_number import (
    IdentityNumber,
    IdentityNumberError,
    OtherDocument,
    parse_identity_number,
)
from bangjiao_desktop.domain.layout import Column
from bangjiao_desktop.domain.sight import SEALED_NAME
from bangjiao_desktop.domain.telephones import is_mobile
from bangjiao_desktop.domain.text import is_clean, is_common
from bangjiao_desktop.domain.value_checks import name_said
from bangjiao_desktop.exchange.cells import CellError, is_filled
from bangjiao_desktop.exchange.parsed import ParsedSheet
from bangjiao_desktop.exchange.raw import Cell, RawRow
from bangjiao_desktop.exchange.row_parsing import FieldPlaces, ReadCells, plain_cell
from bangjiao_desktop.exchange.table_reader import TableReader

_MOST_CELLS = 100_000  # of one column; the texts stand in memory anyway

_TYPED = frozenset(("identity", "date", "code", "codes", "flag", "count", "money", "telephone", "name"))
"""Types of columns whose clean texts may say something else than they are (`cells.read_cell`)."""

_DIGITS = 18  # of an identity number

_NOTHING: Final = object()
_CLOSER: Final = object()


class PlainRows:
    """The plain rows of one table.

    Args:
        parsed: the table.
        fields: from `fields_of`.
        reader: what holds for the file.
        epoch_1904: the workbook counts its days from 1904.
    """

    def __init__(
        self, parsed: ParsedSheet, fields: Sequence[FieldPlaces], reader: TableReader, *, epoch_1904: bool
    ) -> None:
        places = [one.places[0] for one in fields if len(one.places) == 1 and one.parts is None]
        self._usable = len(places) == len(fields) > 1
        self._width = max(places, default=0) + 1
        self._pick = itemgetter(*places) if self._usable else tuple
        self._names = [one.column.field for one in fields]
        of_people = parsed.sheet.of_people
        self._columns = [_KnownCells(one.column, reader, epoch_1904, of_people=of_people) for one in fields]
        self._numbers = [
            (one.column.field, known.numbers)
            for one, known in zip(fields, self._columns, strict=True) if one.column.type == "identity"
        ]  # fmt: skip
        release = next((one.places[0] for one in fields if one.column.field == "release_date" and one.places), -1)
        self._released_by = parsed.headers.get(release, "")

    def read(self, cells: RawRow) -> ReadCells | None:
        """Return what a row says; None: it needs a closer look."""
        if not self._usable:
            return None
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]
        picked = self._pick(cells)
        try:
            found = list(map(getitem, self._columns, picked))
        except _CloserLookError:
            return None
        read = ReadCells({name: value for name, value in zip(self._names, found, strict=True) if value is not _NOTHING})
        for name, numbers in self._numbers:
            if name in read.values:
                read.identity = numbers[read.values[name]]
        if "release_date" in read.values:
            read.released_by = self._released_by
        return read


class _CloserLookError(LookupError):
    """A cell that its row must be read by itself for."""


class _KnownCells(dict[Cell, Any]):
    """What the cells of one column say, as they are met: a value or nothing; others need a closer look."""

    def __init__(self, column: Column, reader: TableReader, epoch_1904: bool, *, of_people: bool) -> None:
        super().__init__()
        self.numbers: dict[str, IdentityNumber] = {}
        self._odd: set[Cell] = set()
        self._column = column
        self._reader = reader
        self._epoch_1904 = epoch_1904
        self._free = column.type not in _TYPED
        self._type = column.type
        # an empty cell that must be filled refuses its row; without a number somebody is asked about
        self._empty = _CLOSER if column.required or (of_people and column.type == "identity") else _NOTHING

    def __missing__(self, cell: Cell) -> Any:
        """Read a cell that was not met before.

        Raises:
            _CloserLookError: it needs a closer look.
        """
        outcome = _CLOSER if cell in self._odd else self._outcome(cell)
        kept = isinstance(cell, str | date)  # True is 1 where cells are looked up
        if outcome is _CLOSER:
            if kept and len(self._odd) < _MOST_CELLS:
                self._odd.add(cell)
            raise _CloserLookError
        if kept and len(self) < _MOST_CELLS:
            self[cell] = outcome
        return outcome

    def _outcome(self, cell: Cell) -> Any:
        if self._free and isinstance(cell, str) and cell != SEALED_NAME and is_clean(cell):
            return cell
        quick = self._usual(cell)
        if quick is not None:
            return quick
        plain = plain_cell(cell) if is_filled(cell) else ""
        if plain == "":
            return self._empty
        try:
            reading = self._reader.read(self._column, plain, self._epoch_1904)
        except CellError:
            return _CLOSER
        value = reading.value
        if reading.remarks or reading.unknown_word or isinstance(value, OtherDocument) or value == SEALED_NAME:
            return _CLOSER
        if value is None:
            return _NOTHING
        if isinstance(value, IdentityNumber):
            self.numbers[value.value] = value
            return value.value
        return value

    def _usual(self, cell: Cell) -> Any:
        """What the usual cell of a column says, of which no two rows have the same; None: it is not the usual one.

        `cells.read_cell` says the same of them, with more to ask before it comes to it.
        """
        if type(cell) is date:
            return cell if self._type == "date" and EARLIEST <= cell <= LATEST else None
        if type(cell) is not str:
            return None
        if self._type == "identity" and len(cell) == _DIGITS and cell.isascii():
            try:
                number = parse_identity_number(cell)
            except IdentityNumberError:
                return None
            self.numbers[number.value] = number
            return number.value
        if self._type == "telephone" and is_mobile(cell):
            return cell
        if self._type == "name" and is_common(cell) and cell != SEALED_NAME:
            return name_said(cell, required=self._column.required) or None
        return None

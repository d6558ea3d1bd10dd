"""What calamine does not tell of an .xls: hidden rows and columns, error values, formulas without result, the epoch."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from bangjiao_desktop.exchange.compound_file import Stream, stream_of
from bangjiao_desktop.exchange.raw import Broken, error_value, formula_without_result

_EOF, _BOFS, _BOUND_SHEET, _DATE_MODE, _FILE_PASS = 0x000A, (0x0809, 0x0409, 0x0209), 0x0085, 0x0022, 0x002F
_ROW, _COLUMNS, _BOOLEAN_OR_ERROR, _FORMULAS = 0x0208, 0x007D, 0x0205, (0x0006, 0x0206, 0x0406)
# cells with a value; with one row, first of all
_VALUES = (*_FORMULAS, _BOOLEAN_OR_ERROR, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x027E)
_MULTIPLE = 0x00BD
_WIDE = 2_000_000
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


@dataclass
class XlsSheet:
    """What a sheet holds beside the values calamine tells.

    Attributes:
        broken: row as seen in Excel → column from 0 → the cell without a value.
        blank: the same for formulas whose result is an empty text, or that were never reckoned.
        start: its first record.
        rows: rows that hold a value, from 0.
        width: columns up to the last value.
        reckoned: formulas of the sheet have results other than an empty text.
        hidden_rows: rows as seen in Excel.
        hidden_columns: from 0.
    """

    broken: dict[int, dict[int, Broken]] = field(default_factory=dict)
    blank: dict[int, set[int]] = field(default_factory=dict)
    start: int = 0
    rows: set[int] = field(default_factory=set)
    width: int = 0
    reckoned: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


@dataclass
class XlsFacts:
    """What the records of a workbook say.

    Attributes:
        sheets: in the order of the tabs, charts included.
        epoch_1904: days are counted from 1904.
        locked: the workbook has a password.
        stream: the records.
    """

    stream: Stream
    sheets: list[XlsSheet] = field(default_factory=list)
    epoch_1904: bool = False
    locked: bool = False


def facts_of(content: bytes) -> XlsFacts:
    """Go through the records of a workbook.

    Raises:
        KeyError, ValueError, struct.error, IndexError: damaged.
    """
    facts = XlsFacts(stream_of(content, "Workbook", "Book"))
    stream = facts.stream.content
    starts: list[int] = []
    for kind, place, length in _records(stream, 0):
        if kind == _FILE_PASS:
            facts.locked = True
            return facts
        if kind == _DATE_MODE and length >= 2:
            facts.epoch_1904 = stream[place] == 1
        elif kind == _BOUND_SHEET:
            starts.append(struct.unpack_from("<I", stream, place)[0])
    facts.sheets = [_sheet(stream, start) for start in starts]
    if not any(sheet.reckoned for sheet in facts.sheets):
        # A writer that reckons nothing leaves every formula with an empty text.
        for sheet in facts.sheets:
            for row, columns in sheet.blank.items():
                sheet.broken.setdefault(row, {}).update(dict.fromkeys(columns, formula_without_result("")))
    return facts


def moved_together(content: bytes, facts: XlsFacts) -> tuple[bytes, list[list[int] | None]]:
    """Renumber the rows of sheets with a cell far below the others, for which calamine would take all rows between.

    Returns:
        The file, and for each sheet the rows as seen in Excel in the order they have now, None for one left as it was.
    """
    order: list[list[int] | None] = []
    stream: bytearray | None = None
    for sheet in facts.sheets:
        rows = sorted(sheet.rows)
        if not rows or (rows[-1] + 1) * sheet.width <= _WIDE or not facts.stream.sectors:
            order.append(None)
            continue
        stream = stream if stream is not None else bytearray(facts.stream.content)
        place_of = {row: place for place, row in enumerate(rows)}
        for kind, place, length in _records(facts.stream.content, sheet.start):
            if kind in _VALUES and length >= 6:
                (row,) = struct.unpack_from("<H", stream, place)
                struct.pack_into("<H", stream, place, place_of[row])
        order.append([row + 1 for row in rows])
    return (content if stream is None else facts.stream.put_back(content, stream)), order


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Give kind, place of the content and length of the records of one part; parts within it are passed over."""
    depth = 0
    end = len(stream) - 4
    while 0 <= start <= end:
        kind, length = struct.unpack_from("<HH", stream, start)
        if kind in _BOFS:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, start + 4, length
        start += 4 + length


def _sheet(stream: bytes, start: int) -> XlsSheet:
    sheet = XlsSheet(start=start)
    for kind, place, length in _records(stream, start):
        if kind in _VALUES and length >= 6:
            row, column = struct.unpack_from("<HH", stream, place)
            if kind == _MULTIPLE:
                (column,) = struct.unpack_from("<H", stream, place + length - 2)
            sheet.rows.add(row)
            sheet.width = max(sheet.width, column + 1)
        if kind in _FORMULAS and length >= 14:
            _formula(sheet, stream, place)
        elif kind == _BOOLEAN_OR_ERROR and length >= 8:
            if stream[place + 7]:
                row, column = struct.unpack_from("<HH", stream, place)
                _note_error(sheet, row, column, stream[place + 6])
        elif kind == _ROW and length >= 16:
            if stream[place + 12] & 0x20:
                sheet.hidden_rows.add(struct.unpack_from("<H", stream, place)[0] + 1)
        elif kind == _COLUMNS and length >= 10:
            first, last, width, _, flags = struct.unpack_from("<5H", stream, place)
            if flags & 1 or width == 0:
                sheet.hidden_columns.update(range(first, min(last, 255) + 1))
    return sheet


def _formula(sheet: XlsSheet, stream: bytes, place: int) -> None:
    row, column = struct.unpack_from("<HH", stream, place)
    result = stream[place + 6 : place + 14]
    if result[6:8] == b"\xff\xff":
        if result[0] == 2:
            _note_error(sheet, row, column, result[2])
        elif result[0] == 3:
            sheet.blank.setdefault(row + 1, set()).add(column)
            return
    sheet.reckoned = True


def _note_error(sheet: XlsSheet, row: int, column: int, code: int) -> None:
    sheet.broken.setdefault(row + 1, {})[column] = error_value(_ERRORS.get(code, "#N/A"))

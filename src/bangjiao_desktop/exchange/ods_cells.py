"""Sheets of OpenDocument workbooks (.ods), read from their XML.

A cell says there itself what it is, repeated cells and rows are said once, and a filter's rows are marked: so hidden
rows, errors and a stray cell in the last corner cost nothing.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO
from xml.parsers import expat

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.exchange.limits import CELLS, ROWS
from bangjiao_desktop.exchange.raw import Cell, error_value, formula_without_result

_CHUNK = 1024 * 1024
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT, _STYLE = (f"{_OASIS}{part}:1.0 " for part in ("office", "table", "text", "style"))
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_ERROR = re.compile(r"#N/A|#REF!|#VALUE!|#DIV/0!|#NAME\?|#NUM!|#NULL!|Err:\d{3}|#\S+[!?]")
_DURATION = re.compile(r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?")
_FAR_COLUMN, _FAR_ROW = 16_384, 1_048_576
# what stands in a cell or a table but is no part of it: remarks, pictures, earlier versions, links
_ASIDE = {
    f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TEXT}note", f"{_TABLE}tracked-changes", f"{_TABLE}dde-links",
    f"{_TABLE}shapes",
}  # fmt: skip
_DRAWING = f"{_OASIS}drawing:1.0 "


@dataclass
class OdsSheet:
    """A sheet as its XML says.

    Attributes:
        name: its tab.
        hidden: the tab is hidden.
        rows: (row as seen, cells) of rows that hold anything.
        merged: merged areas, rows as seen, columns from 0.
        hidden_rows: rows as seen.
        hidden_columns: from 0.
    """

    name: str
    hidden: bool
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def sheets_of(name: str, archive: zipfile.ZipFile) -> Iterator[OdsSheet]:
    """Read the sheets.

    Raises:
        WorkbookError: more than can be read.
        KeyError, ValueError, zipfile.BadZipFile, expat.ExpatError: damaged.
    """
    reader = _ContentReader(name)
    with archive.open("content.xml") as part:
        yield from reader.sheets(part)


class _ContentReader:
    """Gathers sheets as the XML goes by."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._done: list[OdsSheet] = []
        self._sheet: OdsSheet | None = None
        self._aside = 0
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._groups: list[bool] = []
        self._column = 0
        self._row = 0
        self._row_repeat = 1
        self._row_hidden = False
        self._place = 0
        self._cells: dict[int, Cell] = {}
        self._attributes: dict[str, str] | None = None
        self._covered = False
        self._paragraphs: list[list[str]] = []
        self._in_text = 0
        self._count = 0

    def sheets(self, part: IO[bytes]) -> Iterator[OdsSheet]:
        """Go through the XML once."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from self._done
            self._done.clear()
        parser.Parse(b"", True)
        yield from self._done

    def _doctype(self, *_: object) -> None:
        raise expat.ExpatError("a document type has no place in a workbook")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._aside or name in _ASIDE or name.startswith(_DRAWING):
            self._aside += 1
            return
        match name.removeprefix(_TABLE):
            case "table-cell" | "covered-table-cell":
                self._attributes = attributes
                self._covered = name.endswith("covered-table-cell")
                self._paragraphs = []
            case "table-row":
                self._row_repeat = _number(attributes, "number-rows-repeated")
                self._row_hidden = attributes.get(f"{_TABLE}visibility") in ("collapse", "filter")
                self._place = 0
                self._cells = {}
            case "table-row-group":
                self._groups.append(attributes.get(f"{_TABLE}display") == "false")
            case "table-column":
                repeat = _number(attributes, "number-columns-repeated")
                if attributes.get(f"{_TABLE}visibility") in ("collapse", "filter") and self._sheet is not None:
                    last = min(self._column + repeat, _FAR_COLUMN)
                    self._sheet.hidden_columns.update(range(self._column, last))
                self._column += repeat
            case "table":
                hidden = attributes.get(f"{_TABLE}style-name") in self._hidden_styles
                self._sheet = OdsSheet(attributes.get(f"{_TABLE}name", ""), hidden)
                self._row = self._column = 0
            case _:
                self._start_other(name, attributes)

    def _start_other(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_TEXT}p":
            self._paragraphs.append([])
            self._in_text += 1
        elif name == f"{_TEXT}s":
            self._characters(" " * min(int(attributes.get(f"{_TEXT}c", "1")), 1000))
        elif name == f"{_TEXT}tab":
            self._characters("\t")
        elif name == f"{_TEXT}line-break":
            self._characters("\n")
        elif name == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif name == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            self._hidden_styles.add(self._style)

    def _characters(self, text: str) -> None:
        if self._in_text and not self._aside and self._attributes is not None:
            self._paragraphs[-1].append(text)

    def _end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
            return
        match name.removeprefix(_TABLE):
            case "table-cell" | "covered-table-cell":
                self._end_cell()
            case "table-row":
                self._end_row()
            case "table-row-group":
                self._groups.pop()
            case "table":
                if self._sheet is not None:
                    self._done.append(self._sheet)
                self._sheet = None
        if name == f"{_TEXT}p":
            self._in_text -= 1

    def _end_cell(self) -> None:
        attributes = self._attributes
        self._attributes = None
        if attributes is None or self._sheet is None:
            return
        repeat = _number(attributes, "number-columns-repeated")
        down, across = _number(attributes, "number-rows-spanned"), _number(attributes, "number-columns-spanned")
        if down > 1 or across > 1:
            last = min(self._row + down, _FAR_ROW), min(self._place + across, _FAR_COLUMN) - 1
            self._sheet.merged.append((self._row + 1, self._place, *last))
        cell = "" if self._covered else _value(attributes, "\n".join("".join(one) for one in self._paragraphs))
        if cell != "":
            if self._place + repeat > _FAR_COLUMN:
                raise self._too_many()
            for column in range(self._place, self._place + repeat):
                self._cells[column] = cell
        self._place += repeat

    def _too_many(self) -> WorkbookError:
        return WorkbookError(f"文件“{self._name}”超过 {CELLS // 10_000} 万个单元格，请删去多余的列或拆分后再导入。")

    def _end_row(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        if self._cells:
            if self._row_repeat > ROWS:
                raise WorkbookError(f"文件“{self._name}”超过 {ROWS:,} 行，请拆分后再导入。")
            width = max(self._cells) + 1
            self._count += width * self._row_repeat
            if self._count > CELLS:
                raise self._too_many()
            cells: list[Cell] = [""] * width
            for column, cell in self._cells.items():
                cells[column] = cell
            for number in range(self._row + 1, self._row + self._row_repeat + 1):
                sheet.rows.append((number, list(cells)))
                if self._row_hidden or any(self._groups):
                    sheet.hidden_rows.add(number)
        self._row += self._row_repeat


def _number(attributes: dict[str, str], name: str) -> int:
    return max(1, int(attributes.get(_TABLE + name, "1")))


def _value(attributes: dict[str, str], text: str) -> Cell:
    """Return what a cell holds."""
    formula = attributes.get(f"{_TABLE}formula")
    kind = attributes.get(f"{_OFFICE}value-type", "")
    if attributes.get(f"{_CALC}value-type") == "error" or (formula is not None and _ERROR.fullmatch(text)):
        return error_value(text or "#VALUE!")
    if not kind:
        if formula is not None and not text:
            return formula_without_result(formula.partition("=")[2])
        return text
    try:
        match kind:
            case "float" | "percentage" | "currency":
                return float(attributes[f"{_OFFICE}value"])
            case "date":
                return _day(attributes[f"{_OFFICE}date-value"])
            case "time":
                return _duration(attributes[f"{_OFFICE}time-value"])
            case "boolean":
                return attributes[f"{_OFFICE}boolean-value"] == "true"
            case _:
                return attributes.get(f"{_OFFICE}string-value") or text
    except (KeyError, ValueError, OverflowError):
        return text


def _day(text: str) -> date | datetime:
    if "T" not in text:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.date() if moment.time() == time() else moment


def _duration(text: str) -> time | timedelta:
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError("no duration")
    sign, hours, minutes, seconds, _ = found.groups()
    length = timedelta(hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0))
    if sign:
        return -length
    return (datetime.combine(date(1, 1, 1), time()) + length).time() if length < timedelta(days=1) else length

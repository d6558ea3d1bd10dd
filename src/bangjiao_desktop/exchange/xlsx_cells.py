"""What calamine does not tell of a sheet of an .xlsx: hidden rows and columns, error values, formulas without result.

Most sheets have none of it, which a look for a few words shows. The others are read exactly and written anew for
calamine, with the rows and columns that hold something moved together: a stray cell in the last corner is then a
cell like any other, and the values (dates above all) come out as everywhere else.
"""

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from string import digits
from typing import IO
from xml.etree import ElementTree as ET
from xml.parsers import expat

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.exchange.limits import CELLS, UNPACKED_BYTES
from bangjiao_desktop.exchange.raw import Broken, error_value, formula_without_result

_CHUNK = 4 * 1024 * 1024
_OVERLAP = 64
# apostrophes round an attribute are rare; looking for both kinds of quote would take twice as long
_TELLING = (b" hidden=", b'="e"', b' ht="0', b' width="0')
_FORMULA = re.compile(rb"<f[ />]")
_FAR_COLUMN = re.compile(rb'"[A-Z]{3}\d')
_LAST_ROW = re.compile(rb'<row\s[^>]*?\br=["\'](\d+)')
_TWO_LETTERS = re.compile(rb'"[A-Z]{2}\d')
_DENSE = 8_000_000
_DIMENSION = re.compile(rb'<dimension\s[^>]*?ref=["\'][A-Z]+\d+:([A-Z]+)(\d+)')
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@dataclass
class ExactSheet:
    """A sheet read exactly.

    Attributes:
        rows: row of the sheet written anew (from 0) → row as seen in Excel.
        columns: its column → column, both from 0.
        broken: row as seen in Excel → column → the cell without a value.
        hidden_rows: rows as seen in Excel that are hidden.
        hidden_columns: from 0.
        merged: merged areas, rows as seen in Excel.
    """

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    broken: dict[int, dict[int, Broken]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class XlsxFacts:
    """What the workbook part says.

    Attributes:
        parts: name of a worksheet's tab → its part in the archive.
        epoch_1904: days are counted from 1904.
        stale: the writer asks for all formulas to be reckoned on opening: results in the file are not its own.
    """

    parts: dict[str, str]
    epoch_1904: bool
    stale: bool


def facts_of(archive: zipfile.ZipFile) -> XlsxFacts:
    """Read the workbook part.

    Raises:
        KeyError, zipfile.BadZipFile, ElementTree.ParseError, ValueError: damaged.
    """
    # some writers spell the names of parts with backslashes, or otherwise than they refer to them
    names = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}
    workbook = "xl/workbook.xml"
    for relation in _elements(archive, names.get("_rels/.rels"), "Relationship"):
        if relation.get("Type", "").endswith("/officeDocument"):
            workbook = _target("", relation.get("Target", ""))
    folder, file = posixpath.split(workbook)
    relations = {
        relation.get("Id", ""): _target(folder, relation.get("Target", ""))
        for relation in _elements(archive, names.get(f"{folder}/_rels/{file}.rels".lower()), "Relationship")
        if relation.get("Type", "").endswith("/worksheet")
    }
    parts: dict[str, str] = {}
    epoch = stale = False
    for element in _elements(archive, names.get(workbook.lower()), "sheet", "workbookPr", "calcPr"):
        match _local(element.tag):
            case "sheet":
                key = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
                part = names.get(relations.get(key, "").lower())
                if part is not None:
                    parts[element.get("name", "")] = part
            case "workbookPr":
                epoch = _true(element.get("date1904"))
            case "calcPr":
                stale = _true(element.get("fullCalcOnLoad"))
    return XlsxFacts(parts, epoch, stale)


def needs_exact_reading(part: IO[bytes]) -> bool:
    """Tell whether a sheet may hold anything calamine does not tell, or cells so far off that it must not try.

    Calamine takes memory for every cell up to the last row and column, filled or not.
    """
    before = b""
    head = b""
    last_row = 0
    wide = False
    while chunk := part.read(_CHUNK):
        text = before + chunk
        if not head:
            head = text[:4096]
            if b"<worksheet" not in head or b"<!DOCTYPE" in head:
                return True  # a prefix, another encoding: looking for words tells nothing
        if any(word in text for word in _TELLING) or _FAR_COLUMN.search(text):
            return True
        if _FORMULA.search(text) or (b"'" in text and b"='" in text):
            return True
        wide = wide or _TWO_LETTERS.search(text) is not None
        last = text.rfind(b"<row ")
        if last >= 0 and (number := _LAST_ROW.match(text, last)):
            last_row = max(last_row, int(number[1]))
        before = text[-_OVERLAP:]
    width = 26 * 27 if wide else 26
    if (size := _DIMENSION.search(head)) and int(size[2]) >= last_row:
        width, last_row = _column(size[1].decode()), int(size[2])
    return last_row * width > _DENSE


def read_exactly(name: str, part: IO[bytes], write: Callable[[bytes], object], *, stale: bool) -> ExactSheet:
    """Read a sheet and write it anew, moved together.

    Args:
        name: the file's name, for the sentence.
        part: the sheet's XML.
        write: takes the new XML, piece by piece.
        stale: results of formulas that are 0 were never reckoned.

    Raises:
        WorkbookError: more cells than can be read.
        expat.ExpatError, ValueError, KeyError: damaged.
    """
    reader = _SheetReader(name, write, stale=stale)
    write(f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}"><sheetData>'.encode())
    reader.parse(part)
    write(b"</sheetData></worksheet>")
    return reader.exact


class _SheetReader:
    """Takes the filled cells of a sheet as its XML goes by."""

    def __init__(self, name: str, write: Callable[[bytes], object], *, stale: bool) -> None:
        self.exact = ExactSheet()
        self._name = name
        self._write = write
        self._stale = stale
        self._letters: dict[int, str] = {}
        self._column_of: dict[str, int] = {}
        self._around: dict[tuple[str | None, str], tuple[str, str]] = {}
        self._cells: list[str] = []
        self._count = 0
        self._row = 0
        self._column = -1
        self._kind = ""
        self._style: str | None = None
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._gather: list[str] | None = None
        self._preserve = False
        self._phonetic = False

    def parse(self, part: IO[bytes]) -> None:
        """Go through the XML once."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise expat.ExpatError("a document type has no place in a sheet")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.partition(":")[2]
        if name == "c":
            self._start_cell(attributes)
        elif name == "v":
            self._gather = self._value
        elif name == "t":
            if not self._phonetic:
                self._gather = []
                self._preserve = attributes.get("xml:space") == "preserve"
        elif name == "f":
            self._formula = self._gather = []
        elif name == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = -1
            if _true(attributes.get("hidden")) or float(attributes.get("ht") or 1) == 0:
                self.exact.hidden_rows.add(self._row)
        elif name == "rPh":
            self._phonetic = True
        elif name == "col":
            if _true(attributes.get("hidden")) or float(attributes.get("width") or 1) == 0:
                first, last = int(attributes["min"]), min(int(attributes["max"]), 16_384)
                self.exact.hidden_columns.update(range(first - 1, last))
        elif name == "mergeCell" and (area := _area(attributes.get("ref", ""))):
            self.exact.merged.append(area)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place:
            column = self._column_of.get(place.rstrip(digits))
            if column is None:
                column = self._column_of[place.rstrip(digits)] = _place(place)[1]
            self._column = column
        else:
            self._column += 1
        self._kind = attributes.get("t") or "n"
        self._style = attributes.get("s")
        self._value = []
        self._formula = None

    def _text(self, text: str) -> None:
        if self._gather is not None:
            self._gather.append(text)

    def _end(self, name: str) -> None:
        if ":" in name:
            name = name.partition(":")[2]
        if name in ("v", "f"):
            self._gather = None
        elif name == "t":
            if self._gather is not None:
                text = "".join(self._gather)
                self._value.append(text if self._preserve else text.strip(" \t\r\n"))
            self._gather = None
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._phonetic = False

    def _end_cell(self) -> None:
        value = "".join(self._value)
        kind = self._kind
        if kind == "e":
            self._keep_broken(error_value(value or "#VALUE!"))
            return
        if self._formula is not None and kind != "str" and (not value or (self._stale and value in ("0", "0.0"))):
            self._keep_broken(formula_without_result("".join(self._formula)))
            return
        if not value:
            return
        around = self._around.get((self._style, kind))
        if around is None:
            around = self._around[self._style, kind] = _around(self._style, kind)
        self._keep(f"{around[0]}{_escaped(value)}{around[1]}")

    def _keep_broken(self, cell: Broken) -> None:
        self.exact.broken.setdefault(self._row, {})[self._column] = cell
        self._keep("")

    def _keep(self, cell: str) -> None:
        self._count += 1
        if self._count > CELLS:
            raise WorkbookError(f"文件“{self._name}”超过 {CELLS // 10_000} 万个单元格，请删去多余的列或拆分后再导入。")
        place = self._letters.get(self._column)
        if place is None:
            place = self._letters[self._column] = letters(len(self.exact.columns))
            self.exact.columns.append(self._column)
        self._cells.append(f'<c r="{place}{len(self.exact.rows) + 1}"{cell}' if cell else "")

    def _end_row(self) -> None:
        if self._cells:
            self.exact.rows.append(self._row)
            self._write(f'<row r="{len(self.exact.rows)}">{"".join(self._cells)}</row>'.encode())
            self._cells.clear()


def _around(style: str | None, kind: str) -> tuple[str, str]:
    """Return what stands before and behind a cell's value, from its attributes on."""
    attributes = f' s="{_escaped(style)}"' if style else ""
    if kind == "inlineStr":
        return f'{attributes} t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    if kind != "n":
        attributes += f' t="{_escaped(kind)}"'
    return f"{attributes}><v>", "</v></c>"


def _escaped(text: str) -> str:
    """Text or an attribute as XML has it; xml.sax would bring along all that opens an address in the net."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def letters(column: int) -> str:
    """Return Excel's letters of a column counted from 0."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _column(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - 64
    return number


def _place(text: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(text.replace("$", ""))
    if not found:
        raise ValueError("no place of a cell")
    return int(found[2]), _column(found[1]) - 1


def _area(text: str) -> tuple[int, int, int, int] | None:
    first, _, last = text.partition(":")
    try:
        return (*_place(first), *_place(last or first))
    except ValueError:
        return None


def _true(text: str | None) -> bool:
    return text in ("1", "true", "on")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _target(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def _elements(archive: zipfile.ZipFile, part: str | None, *wanted: str) -> Iterator[ET.Element]:
    if part is None:
        return
    if archive.getinfo(part).file_size > UNPACKED_BYTES // 10:
        raise ValueError("too large a part")
    for element in ET.fromstring(archive.read(part)).iter():  # noqa: S314
        if isinstance(element.tag, str) and _local(element.tag) in wanted:
            yield element

"""From raw rows to typed ones: finds the header row, matches columns, reads cells, and says what is wrong where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.domain.identity_number import IdentityNumber, OtherDocument
from bangjiao_desktop.domain.layout import REASON_HEADER, Column, Sheet, heading_key, ledger_sheets
from bangjiao_desktop.domain.text import compact
from bangjiao_desktop.exchange.cells import CellError, is_filled, read_cell
from bangjiao_desktop.exchange.reader import RawRow, RawSheet

_HEADER_SEARCH = 30
_TOTALS = ("合计", "总计", "小计", "共计", "累计")
_FOOTERS = ("注:", "说明:", "备注:", "填表", "制表", "审核", "单位负责人", "填报", "统计负责人", "打印")


@dataclass(frozen=True)
class Fault:
    """Why a row is refused: its sheet and row as seen in Excel, the heading as written there, the reason."""

    sheet: str
    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class ParsedRow:
    """A row that was read.

    Attributes:
        number: row number as seen in Excel.
        values: field → typed value; fields whose cell is empty are absent.
        raw: the cells as they stand, for the workbook of refused rows.
        identity: the identity number where the sheet has one and it is right.
    """

    number: int
    values: Mapping[str, Any]
    raw: RawRow
    identity: IdentityNumber | None = None


@dataclass
class ParsedSheet:
    """What a sheet of a file holds once read.

    Attributes:
        sheet: the ledger's sheet it was taken for.
        source: the tab's name in the file.
        headers: headings as written, by column index.
        matched: column index → column.
        rows: rows without fault.
        faults: row number → faults of that row.
        refused: the raw cells of rows with a fault.
        skipped: rows that are titles, totals or remarks.
    """

    sheet: Sheet
    source: str
    headers: tuple[str, ...]
    matched: Mapping[int, Column]
    rows: list[ParsedRow] = field(default_factory=list)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    refused: dict[int, RawRow] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)

    def header_of(self, field_name: str) -> str:
        """Return the heading as written in the file, or the ledger's own where the column is missing."""
        for index, column in self.matched.items():
            if column.field == field_name:
                return self.headers[index]
        own = self.sheet.column(field_name)
        return own.header if own else field_name

    def refuse(self, row: ParsedRow, field_name: str, reason: str) -> None:
        """Turn an accepted row into a refused one."""
        self.rows = [one for one in self.rows if one.number != row.number]
        self.add_fault(row.number, row.raw, self.header_of(field_name), reason)

    def add_fault(self, number: int, raw: RawRow, header: str, reason: str) -> None:
        """Note a fault of a row."""
        self.faults.setdefault(number, []).append(Fault(self.source, number, header, reason))
        self.refused[number] = raw


@dataclass(frozen=True)
class ParsedWorkbook:
    """Sheets that were recognised, in the ledger's order, and the tabs that were not."""

    sheets: tuple[ParsedSheet, ...]
    ignored: tuple[str, ...]


def parse_workbook(name: str, raw_sheets: tuple[RawSheet, ...]) -> ParsedWorkbook:
    """Read the sheets of a file.

    Args:
        name: the file's name, for messages.
        raw_sheets: from `reader.read_workbook`.

    Raises:
        WorkbookError: nothing in the file is a ledger sheet or a list of people, or a needed column is missing.
    """
    if not any(raw.rows for raw in raw_sheets):
        raise WorkbookError(f"文件“{name}”里没有任何内容。")
    found: list[ParsedSheet] = []
    seen: dict[str, str] = {}
    ignored: list[str] = []
    missing: list[str] = []
    for raw in raw_sheets:
        if not raw.rows:
            continue
        recognised = _recognise(raw)
        if recognised is None:
            ignored.append(raw.name)
            continue
        sheet, position, matched = recognised
        lacking = [column.header for column in sheet.columns if column.required and column not in matched.values()]
        if lacking:
            missing.append(f"表“{raw.name}”缺少必填列：{'、'.join(lacking)}")
            ignored.append(raw.name)
            continue
        found.append(_parse_sheet(raw, sheet, position, matched, seen))
    if not found:
        why = "；".join(missing) if missing else "没有找到表头行（应含“公民身份号码”“姓名”“释放日期”等列名）"
        raise WorkbookError(f"文件“{name}”不是台账工作簿或人员名单：{why}。")
    order = {sheet.name: place for place, sheet in enumerate(ledger_sheets())}
    return ParsedWorkbook(tuple(sorted(found, key=lambda one: order[one.sheet.name])), tuple(ignored))


def _recognise(raw: RawSheet) -> tuple[Sheet, int, dict[int, Column]] | None:
    """Find the header row and the ledger sheet that fits best; a tab named like a sheet is that sheet."""
    named = heading_key(raw.name)
    best: tuple[int, int, Sheet, int, dict[int, Column]] | None = None
    for position, (_, cells) in enumerate(raw.rows[:_HEADER_SEARCH]):
        for sheet in ledger_sheets():
            matched = _match(sheet, cells)
            required = sum(column.required for column in matched.values())
            if len(matched) < 2 or (required == 0 and len(matched) < 3):
                continue
            score = (1 if named == sheet.names[0] else 0, len(matched))
            if best is None or score > best[:2]:
                best = (*score, sheet, position, matched)
    return None if best is None else best[2:]


def _match(sheet: Sheet, cells: RawRow) -> dict[int, Column]:
    matched: dict[int, Column] = {}
    for index, cell in enumerate(cells):
        column = sheet.find(cell) if isinstance(cell, str) and cell.strip() else None
        if column is not None and column not in matched.values():
            matched[index] = column
    return matched


def _parse_sheet(
    raw: RawSheet, sheet: Sheet, position: int, matched: dict[int, Column], seen: dict[str, str]
) -> ParsedSheet:
    """Read the rows below the header; `seen` holds where each accepted person of the file stands."""
    header_cells = raw.rows[position][1]
    headers = tuple(str(cell) if cell is not None else "" for cell in header_cells)
    parsed = ParsedSheet(sheet, raw.name, headers, matched)
    header_key = [heading_key(text) for text in headers]
    first = min(matched)
    for number, cells in raw.rows[position + 1 :]:
        if not any(index < len(cells) and is_filled(cells[index]) for index in matched) or _is_aside(cells, matched):
            parsed.skipped.append(number)
            continue
        if cells[first] and heading_key(str(cells[first])) == header_key[first]:
            parsed.skipped.append(number)  # a heading repeated for printing
            continue
        _parse_row(parsed, number, cells, seen)
    return parsed


def _is_aside(cells: RawRow, matched: Mapping[int, Column]) -> bool:
    """Tell a total or a remark below the table from a row of data."""
    for index, column in matched.items():
        if column.type == "identity" and index < len(cells) and is_filled(cells[index]):
            text = compact(str(cells[index]))
            if any(character.isdigit() for character in text) and not text.startswith(_TOTALS):
                return False
    filled = [str(cell) for cell in cells if is_filled(cell)]
    first = compact(filled[0])
    if first.startswith(_TOTALS):
        return True
    return len(filled) <= 2 and first.startswith(_FOOTERS)


def _parse_row(parsed: ParsedSheet, number: int, cells: RawRow, seen: dict[str, str]) -> None:
    values: dict[str, Any] = {}
    identity: IdentityNumber | None = None
    faults: list[tuple[Column, str]] = []
    for index, column in parsed.matched.items():
        cell = cells[index] if index < len(cells) else ""
        if not is_filled(cell):
            if column.required:
                faults.append((column, f"缺少{column.header}"))
            continue
        try:
            reading = read_cell(column, cell)
            value = reading.value
            if isinstance(value, OtherDocument):
                raise CellError(f"缺少公民身份号码（{value.label}）")
            if value is None and reading.remarks:
                raise CellError(reading.remarks[0])  # until remarks can be told, nothing is left out without a word
        except CellError as error:
            faults.append((column, error.reason))
            continue
        if value is None:
            continue
        if isinstance(value, IdentityNumber):
            identity, value = value, value.value
        values[column.field] = value
    if identity is not None and parsed.sheet.model == "person":
        own = parsed.sheet.column("identity_number")
        earlier = seen.get(identity.value)
        if own is not None and earlier is not None:
            faults.append((own, f"公民身份号码与{earlier}重复"))
        else:
            faults.extend(_clashes(parsed.sheet, identity, values))
    if faults:
        headers = {column.field: parsed.headers[index] for index, column in parsed.matched.items()}
        for column, reason in faults:
            parsed.add_fault(number, cells, headers.get(column.field, column.header), reason)
        return
    if identity is not None and parsed.sheet.model == "person":
        seen[identity.value] = f"“{parsed.source}”表第 {number} 行"
    parsed.rows.append(ParsedRow(number, values, cells, identity))


def _clashes(sheet: Sheet, identity: IdentityNumber, values: Mapping[str, Any]) -> list[tuple[Column, str]]:
    """What the row says against its own identity number."""
    found: list[tuple[Column, str]] = []
    placed, kind = sheet.column("placed_on"), sheet.column("placement_kind")
    if placed and kind and ("placed_on" in values) != ("placement_kind" in values):
        lacking = kind if "placed_on" in values else placed
        found.append((lacking, f"安置日期与安置情况应同时填写，缺少{lacking.header}"))
    sex, birth = sheet.column("sex"), sheet.column("birth_date")
    if sex and values.get("sex") in ("1", "2") and values["sex"] != identity.sex:
        found.append((sex, f"性别与公民身份号码不符（号码为{code_table('sex').label(identity.sex)}）"))
    if birth and values.get("birth_date") not in (None, identity.birth_date):
        found.append((birth, "出生日期与公民身份号码不符"))
    return found


__all__ = ["REASON_HEADER", "Fault", "ParsedRow", "ParsedSheet", "ParsedWorkbook", "parse_workbook", "read_cell"]

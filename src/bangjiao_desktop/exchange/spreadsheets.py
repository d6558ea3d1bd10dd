"""Workbooks (.xlsx, .xls, .ods) read by python-calamine, with what it does not tell added."""

import io
import zipfile
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import cast

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from bangjiao_desktop.exchange import ods_cells, xls_cells, xlsx_cells
from bangjiao_desktop.exchange.file_kinds import Kind, locked
from bangjiao_desktop.exchange.limits import Tally, is_filled
from bangjiao_desktop.exchange.raw import Broken, Cell, FlowingSheet, RawRow

Area = tuple[int, int, int, int]
_WIDE = 64


def read_spreadsheet(path: Path, kind: Kind) -> Iterator[FlowingSheet]:
    """Read the tabs of a workbook one by one.

    Raises:
        WorkbookError: protected by a password, or more than can be read.
        OSError: the file cannot be read.
        Exception: of many kinds, where the file is damaged.
    """
    match kind:
        case "xlsx":
            yield from _xlsx(path)
        case "xls":
            yield from _xls(path)
        case _:
            yield from _ods(path)


def _xlsx(path: Path) -> Iterator[FlowingSheet]:
    tally = Tally(path.name)
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        facts = xlsx_cells.facts_of(archive)
        epoch = facts.epoch_1904
        with CalamineWorkbook.from_filelike(file) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.visible != SheetVisibleEnum.Visible:
                    yield FlowingSheet(meta.name, hidden=True, epoch_1904=epoch)
                elif meta.typ != SheetTypeEnum.WorkSheet:
                    yield FlowingSheet(meta.name)
                else:
                    part = facts.parts.get(meta.name)
                    if part is not None and _needs_exact_reading(archive, part):
                        yield _exact_sheet(path.name, archive, part, meta.name, facts, tally)
                    else:
                        yield _plain_sheet(workbook.get_sheet_by_name(meta.name), tally, epoch_1904=epoch)


def _xls(path: Path) -> Iterator[FlowingSheet]:
    tally = Tally(path.name)
    content = path.read_bytes()
    facts = xls_cells.facts_of(content)
    if facts.locked:
        raise locked(path.name)
    content, order = xls_cells.moved_together(content, facts)
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        # charts have a place among the tabs, and in calamine's list too
        for place, meta in enumerate(workbook.sheets_metadata):
            if meta.visible != SheetVisibleEnum.Visible:
                yield FlowingSheet(meta.name, hidden=True, epoch_1904=facts.epoch_1904)
            elif meta.typ != SheetTypeEnum.WorkSheet:
                yield FlowingSheet(meta.name)
            else:
                sheet = workbook.get_sheet_by_name(meta.name)
                numbered = _numbered(sheet)
                if (numbers := order[place]) is not None:
                    numbered = ((numbers[number - 1], cells) for number, cells in numbered)
                yield _xls_sheet(sheet, numbered, facts.sheets[place], tally, epoch_1904=facts.epoch_1904)


def _xls_sheet(
    sheet: CalamineSheet,
    numbered: Iterable[tuple[int, list[Cell]]],
    more: xls_cells.XlsSheet,
    tally: Tally,
    *,
    epoch_1904: bool,
) -> FlowingSheet:
    """Add to a sheet what its records say."""
    merged = _merged(sheet)
    columns = frozenset(more.hidden_columns)
    flowing = FlowingSheet(sheet.name, merged=merged, epoch_1904=epoch_1904, hidden_columns=columns)
    return _flowing(flowing, _with_broken(numbered, more.broken), tally, more.hidden_rows)


def _with_broken(
    rows: Iterable[tuple[int, list[Cell]]], broken: dict[int, dict[int, Broken]]
) -> Iterator[tuple[int, list[Cell]]]:
    """Put cells without a value where they stand; formulas alone, none with a result, make no row."""
    for number, cells in rows:
        here = broken.get(number, {})
        if not is_filled(cells) and all(cell.text.startswith("=") for cell in here.values()):
            continue
        for column, cell in here.items():
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = cell
        yield number, cells


def _ods(path: Path) -> Iterator[FlowingSheet]:
    tally = Tally(path.name)
    with zipfile.ZipFile(path) as archive:
        for sheet in ods_cells.sheets_of(path.name, archive):
            if sheet.hidden:
                yield FlowingSheet(sheet.name, hidden=True)
                continue
            merged, columns = tuple(sorted(sheet.merged)), frozenset(sheet.hidden_columns)
            flowing = FlowingSheet(sheet.name, merged=merged, hidden_columns=columns)
            yield _flowing(flowing, sheet.rows, tally, sheet.hidden_rows)


def _merged(sheet: CalamineSheet) -> tuple[Area, ...]:
    ranges = sheet.merged_cell_ranges or ()
    return tuple(sorted((top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges))


def _needs_exact_reading(archive: zipfile.ZipFile, part: str) -> bool:
    with archive.open(part) as xml:
        return xlsx_cells.needs_exact_reading(xml)


def _plain_sheet(sheet: CalamineSheet, tally: Tally, *, epoch_1904: bool = False) -> FlowingSheet:
    """Take a sheet as calamine tells it."""
    merged = _merged(sheet)
    return _flowing(FlowingSheet(sheet.name, merged=merged, epoch_1904=epoch_1904), _numbered(sheet), tally)


def _exact_sheet(
    file: str, archive: zipfile.ZipFile, part: str, name: str, facts: xlsx_cells.XlsxFacts, tally: Tally
) -> FlowingSheet:
    """Write the sheet anew, let calamine read that and put its cells where they stand."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in archive.infolist():
            if entry.filename.lower().endswith((".xml", ".rels")) and "worksheets" not in entry.filename.lower():
                copy.writestr(entry.filename, archive.read(entry))
        with archive.open(part) as xml, copy.open(part, "w", force_zip64=True) as anew:
            exact = xlsx_cells.read_exactly(file, xml, anew.write, stale=facts.stale)
    memory.seek(0)
    with CalamineWorkbook.from_filelike(memory) as workbook:
        rows = _spread(_numbered(workbook.get_sheet_by_name(name)), exact)
    if any(one >= two for one, two in pairwise(exact.rows)):
        rows = iter(sorted(rows, key=itemgetter(0)))
    merged, columns = tuple(sorted(exact.merged)), frozenset(exact.hidden_columns)
    sheet = FlowingSheet(name, merged=merged, epoch_1904=facts.epoch_1904, hidden_columns=columns)
    return _flowing(sheet, rows, tally, exact.hidden_rows)


def _spread(
    compact: Iterator[tuple[int, list[Cell]]], exact: xlsx_cells.ExactSheet
) -> Iterator[tuple[int, list[Cell]]]:
    """Put the cells of a sheet written anew where they stood."""
    ahead = next(compact, None)
    for place, number in enumerate(exact.rows, start=1):
        placed: dict[int, Cell] = dict(exact.broken.get(number, {}))
        if ahead is not None and ahead[0] == place:
            placed |= {column: cell for column, cell in zip(exact.columns, ahead[1], strict=False) if cell != ""}
            ahead = next(compact, None)
        cells: list[Cell] = [""] * (max(placed, default=-1) + 1)
        for column, cell in placed.items():
            cells[column] = cell
        yield number, cells


def _numbered(sheet: CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
    """Give each row with the number a person sees; iter_rows begins at the first used cell."""
    if sheet.start is None:
        return
    first_row, first_column = sheet.start
    blank: list[Cell] = [""] * first_column
    for number, cells in enumerate(sheet.iter_rows(), start=first_row + 1):
        yield number, [*blank, *cells] if blank else cast(list[Cell], cells)


def _flowing(
    sheet: FlowingSheet, rows: Iterable[tuple[int, list[Cell]]], tally: Tally, hidden_rows: Collection[int] = ()
) -> FlowingSheet:
    sheet.rows = _seen(sheet, rows, tally, hidden_rows)
    return sheet


def _seen(
    sheet: FlowingSheet, rows: Iterable[tuple[int, list[Cell]]], tally: Tally, hidden_rows: Collection[int]
) -> Iterator[tuple[int, RawRow]]:
    """Give the filled rows that can be seen, and repeat values merged downwards (e.g. one office for ten people)."""
    starts: dict[int, list[Area]] = {}
    for area in sheet.merged:
        if area[1] == area[3] and area[2] > area[0]:
            starts.setdefault(area[0], []).append(area)
    running: dict[int, tuple[int, Cell]] = {}
    for number, cells in rows:
        if not is_filled(cells):
            continue
        if len(cells) > _WIDE:
            # one stray cell far to the right makes every row as wide
            while cells[-1] == "":
                cells.pop()
        for column, (last, value) in list(running.items()):
            if number > last:
                del running[column]
            elif column >= len(cells):
                cells.extend([""] * (column - len(cells)) + [value])
            elif cells[column] == "":
                cells[column] = value
        for _, column, last, _ in starts.get(number, ()):
            if column < len(cells) and cells[column] != "":
                running[column] = (last, cells[column])
        if number in hidden_rows:
            sheet.hidden_rows += 1
        else:
            tally.row(sheet.name, cells)
            yield number, cells

"""Workbooks (.xlsx, .xls, .ods) read by python-calamine, with what it does not tell added."""

import io
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from bangjiao_desktop.exchange import ods_cells, xls_cells, xlsx_cells
from bangjiao_desktop.exchange.file_kinds import Kind, locked
from bangjiao_desktop.exchange.limits import COLUMNS, Tally, is_filled
from bangjiao_desktop.exchange.raw import Broken, Cell, RawRow, RawSheet

Area = tuple[int, int, int, int]
_WIDE = 64


def read_spreadsheet(path: Path, kind: Kind) -> Iterator[RawSheet]:
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


def _xlsx(path: Path) -> Iterator[RawSheet]:
    tally = Tally(path.name)
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        facts = xlsx_cells.facts_of(archive)
        epoch = facts.epoch_1904
        with CalamineWorkbook.from_filelike(file) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.visible != SheetVisibleEnum.Visible:
                    yield RawSheet(meta.name, (), hidden=True, epoch_1904=epoch)
                elif meta.typ != SheetTypeEnum.WorkSheet:
                    yield RawSheet(meta.name, ())
                else:
                    exact = _read_exactly(path.name, archive, meta.name, facts)
                    if exact is None:
                        yield _plain_sheet(workbook.get_sheet_by_name(meta.name), tally, epoch_1904=epoch)
                    else:
                        yield _exact_sheet(archive, facts.parts[meta.name], meta.name, exact, tally, epoch_1904=epoch)


def _xls(path: Path) -> Iterator[RawSheet]:
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
                yield RawSheet(meta.name, (), hidden=True, epoch_1904=facts.epoch_1904)
            elif meta.typ != SheetTypeEnum.WorkSheet:
                yield RawSheet(meta.name, ())
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
) -> RawSheet:
    """Add to a sheet what its records say."""
    merged = _merged(sheet)
    rows, hidden = _finish(sheet.name, _with_broken(numbered, more.broken), merged, tally, more.hidden_rows)
    return RawSheet(
        sheet.name, rows, hidden_rows=hidden, merged=merged, epoch_1904=epoch_1904,
        hidden_columns=frozenset(more.hidden_columns),
    )  # fmt: skip


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


def _ods(path: Path) -> Iterator[RawSheet]:
    tally = Tally(path.name)
    with zipfile.ZipFile(path) as archive:
        for sheet in ods_cells.sheets_of(path.name, archive):
            if sheet.hidden:
                yield RawSheet(sheet.name, (), hidden=True)
                continue
            merged = sorted(sheet.merged)
            rows, hidden = _finish(sheet.name, sheet.rows, merged, tally, sheet.hidden_rows)
            yield RawSheet(
                sheet.name, rows, hidden_rows=hidden, merged=tuple(merged),
                hidden_columns=frozenset(sheet.hidden_columns),
            )  # fmt: skip


def _merged(sheet: CalamineSheet) -> tuple[Area, ...]:
    ranges = sheet.merged_cell_ranges or ()
    return tuple(sorted((top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges))


def _read_exactly(
    name: str, archive: zipfile.ZipFile, sheet: str, facts: xlsx_cells.XlsxFacts
) -> xlsx_cells.ExactSheet | None:
    """Read a sheet exactly where that tells more than calamine."""
    part = facts.parts.get(sheet)
    if part is None:
        return None
    with archive.open(part) as xml:
        if not xlsx_cells.needs_exact_reading(xml):
            return None
    with archive.open(part) as xml:
        return xlsx_cells.read_exactly(name, xml, stale=facts.stale)


def _plain_sheet(sheet: CalamineSheet, tally: Tally, *, epoch_1904: bool = False) -> RawSheet:
    """Take a sheet as calamine tells it."""
    merged = _merged(sheet)
    rows, _ = _finish(sheet.name, _numbered(sheet), merged, tally)
    return RawSheet(sheet.name, rows, merged=merged, epoch_1904=epoch_1904)


def _exact_sheet(
    archive: zipfile.ZipFile, part: str, name: str, exact: xlsx_cells.ExactSheet, tally: Tally, *, epoch_1904: bool
) -> RawSheet:
    """Let calamine read the sheet as it was written anew and put its cells where they stand."""
    merged = sorted(exact.merged)
    with CalamineWorkbook.from_filelike(_anew(archive, part, exact.xml)) as workbook:
        compact = dict(_numbered(workbook.get_sheet_by_name(name)))

    def spread() -> Iterator[tuple[int, list[Cell]]]:
        for place, number in enumerate(exact.rows, start=1):
            found = compact.pop(place, [])
            broken = exact.broken.get(number, {})
            at = [column for column, cell in zip(exact.columns, found, strict=False) if cell != ""]
            cells: list[Cell] = [""] * (max([*at[-1:], *broken], default=-1) + 1)
            for column, cell in zip(exact.columns, found, strict=False):
                if cell != "":
                    cells[column] = cell
            for column, fault in broken.items():
                cells[column] = fault
            yield number, cells

    rows, hidden = _finish(name, spread(), merged, tally, exact.hidden_rows)
    return RawSheet(
        name, rows, hidden_rows=hidden, merged=tuple(merged), epoch_1904=epoch_1904,
        hidden_columns=frozenset(exact.hidden_columns),
    )  # fmt: skip


def _anew(archive: zipfile.ZipFile, part: str, xml: bytes) -> io.BytesIO:
    """Return the workbook with one sheet only, as it was written anew."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as copy:
        for entry in archive.infolist():
            if entry.filename == part:
                copy.writestr(part, xml)
            elif entry.filename.lower().endswith((".xml", ".rels")) and "worksheets" not in entry.filename:
                copy.writestr(entry.filename, archive.read(entry))
    memory.seek(0)
    return memory


def _numbered(sheet: CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
    """Give each row with the number a person sees; iter_rows begins at the first used cell."""
    if sheet.start is None:
        return
    first_row, first_column = sheet.start
    blank: list[Cell] = [""] * first_column
    for number, cells in enumerate(sheet.iter_rows(), start=first_row + 1):
        yield number, [*blank, *cells] if blank else cast(list[Cell], cells)


def _finish(
    sheet: str,
    rows: Iterable[tuple[int, list[Cell]]],
    merged: Sequence[Area],
    tally: Tally,
    hidden_rows: Collection[int] = (),
) -> tuple[tuple[tuple[int, RawRow], ...], int]:
    """Keep the filled rows that can be seen, and repeat values merged downwards (e.g. one office for ten people).

    Returns:
        The rows, and how many filled ones were left out because they are hidden.
    """
    starts: dict[int, list[Area]] = {}
    for area in merged:
        if area[1] == area[3] and area[2] > area[0]:
            starts.setdefault(area[0], []).append(area)
    running: dict[int, tuple[int, Cell]] = {}
    kept: list[tuple[int, RawRow]] = []
    hidden = 0
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
            hidden += 1
        else:
            tally.row(cells)
            kept.append((number, cells))
    width = max((len(cells) for _, cells in kept), default=0)
    if width > COLUMNS:
        tally.columns(sheet, len({place for _, cells in kept for place, cell in enumerate(cells) if cell != ""}))
    return tuple(kept), hidden

"""Writes workbooks with XlsxWriter: the ledger workbook, lists, and the refused rows of an import."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError, XlsxWriterException

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.domain.layout import REASON_HEADER, Kind
from bangjiao_desktop.exchange.parsed import ParsedSheet

_HEAD_FILL, _HEAD_TEXT = "#E8EEF6", "#1F2A37"
_FIRST_DAY = date(1900, 3, 1)  # Excel's days before are none, or another program's other ones
_WIDTHS = {"identity": 21, "name": 11, "date": 12, "code": 14, "flag": 9, "count": 9, "money": 11, "telephone": 14}


@contextmanager
def workbook_at(path: Path, **options: Any) -> Iterator[xlsxwriter.Workbook]:
    """Yield a workbook that appears at `path` only when it is whole; nobody but its owner can read it.

    Raises:
        StorageError: the place cannot be written, or the file is open in Excel.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        workbook = xlsxwriter.Workbook(str(temporary), {"in_memory": True, "strings_to_urls": False, **options})
        yield workbook
        temporary.unlink(missing_ok=True)
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # for its owner's eyes only
        workbook.close()
        temporary.replace(path)
    except (OSError, FileCreateError) as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(
            f"无法写入文件“{path.name}”。如果它正在 Excel 中打开，请先关闭；并检查磁盘空间和文件夹权限。"
        ) from error
    except XlsxWriterException:
        temporary.unlink(missing_ok=True)
        raise


def write_ledger(path: Path, sheets: Iterable[tuple[Kind, Iterable[Sequence[Any]]]]) -> None:
    """Write the ledger workbook.

    Args:
        path: the file.
        sheets: each sheet with its rows; cells are str, int, float, date or None, in the order of its columns.

    Raises:
        StorageError: the file cannot be written.
    """
    with workbook_at(path) as workbook:
        head = workbook.add_format(
            {"bold": True, "bg_color": _HEAD_FILL, "font_color": _HEAD_TEXT, "bottom": 1, "valign": "vcenter"}
        )
        formats = {
            "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
            "money": workbook.add_format({"num_format": "0.00"}),
            "identity": workbook.add_format({"num_format": "@"}),
            "telephone": workbook.add_format({"num_format": "@"}),
        }
        for sheet, rows in sheets:
            tab = workbook.add_worksheet(sheet.name)
            tab.freeze_panes(1, 0)
            for index, column in enumerate(sheet.columns):
                tab.write_string(0, index, column.header, head)
                tab.set_column(index, index, _WIDTHS.get(column.type, 16), formats.get(column.type))
            _write_rows(tab, rows, [formats.get(column.type) for column in sheet.columns])


def write_table(path: Path, title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write one table with a heading row (a list seen on screen).

    Raises:
        StorageError: the file cannot be written.
    """
    with workbook_at(path) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": _HEAD_FILL, "font_color": _HEAD_TEXT, "bottom": 1})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        tab = workbook.add_worksheet(title[:31])
        tab.freeze_panes(1, 0)
        for index, header in enumerate(headers):
            tab.write_string(0, index, header, head)
            tab.set_column(index, index, 16)
        for number, row in enumerate(rows, start=1):
            for index, value in enumerate(row):
                _write_cell(tab, number, index, value, day)


def write_refused(path: Path, sheets: Sequence[ParsedSheet]) -> None:
    """Write refused rows as they stood, with their reason beside each and the wrong cell marked.

    Args:
        path: the file.
        sheets: with `refused` and `faults`.

    Raises:
        StorageError: the file cannot be written.
    """
    with workbook_at(path) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": _HEAD_FILL, "font_color": _HEAD_TEXT, "bottom": 1})
        text = workbook.add_format({"num_format": "@"})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        wrong = workbook.add_format({"bg_color": "#FDE7E7", "num_format": "@"})
        reason = workbook.add_format({"font_color": "#B42318"})
        names: set[str] = set()
        for parsed in sheets:
            tab = workbook.add_worksheet(_tab_name(parsed.source, names))
            tab.freeze_panes(1, 0)
            # a mended cell may stand where the file had no heading: every column of the refused rows comes along
            columns = sorted({*parsed.headers, *(fault.index for faults in parsed.faults.values() for fault in faults)})
            columns = [index for index in columns if index >= 0]
            last = len(columns)
            for place, index in enumerate(columns):
                tab.write_string(0, place, _heading(parsed, index), head)
                tab.set_column(place, place, 21 if _is_identity(parsed, index) else 14, text)
            tab.write_string(0, last, REASON_HEADER, head)
            tab.set_column(last, last, 60)
            for line, number in enumerate(sorted(parsed.refused), start=1):
                faulty = {fault.index for fault in parsed.faults[number]}
                cells = parsed.refused[number]
                for place, index in enumerate(columns):
                    value = cells[index] if index < len(cells) else ""
                    if _is_identity(parsed, index) and isinstance(value, float):
                        value = f"{value:.14E}"  # as Excel shows it: its digits are lost and must not look whole
                    form = wrong if index in faulty else text
                    if value in ("", None):
                        tab.write_blank(line, place, None, form)
                    else:
                        _write_cell(tab, line, place, value, day, form)
                reasons = "；".join(fault.reason for fault in parsed.faults[number])
                tab.write_string(line, last, f"第{number}行：{reasons}", reason)


def _heading(parsed: ParsedSheet, index: int) -> str:
    """A heading that reads the same when the refused rows come in again, though its group is gone."""
    written = parsed.headers.get(index, "")
    column = parsed.matched.get(index)
    if column is None or parsed.sheet.find(written) is column:
        return written
    return column.header if list(parsed.matched.values()).count(column) == 1 else written


def _is_identity(parsed: ParsedSheet, index: int) -> bool:
    column = parsed.matched.get(index)
    return column is not None and column.type == "identity"


def _tab_name(source: str, names: set[str]) -> str:
    cleaned = "".join("_" if character in "[]:*?/\\'" else character for character in source)[:28] or "退回"
    name, number = cleaned, 1
    while name.lower() in names:
        number += 1
        name = f"{cleaned}{number}"
    names.add(name.lower())
    return name


def _write_rows(tab: Any, rows: Iterable[Sequence[Any]], formats: Sequence[Any]) -> None:
    """Write rows fast: the right write_* call for each type, nothing for empty cells."""
    write_string, write_number, write_date = tab.write_string, tab.write_number, tab.write_datetime
    for number, row in enumerate(rows, start=1):
        for index, value in enumerate(row):
            if value is None or value == "":
                continue
            if type(value) is str:
                write_string(number, index, value)
            elif isinstance(value, date):
                if value < _FIRST_DAY:
                    write_string(number, index, value.isoformat())
                    continue
                write_date(number, index, value, formats[index])
            else:
                write_number(number, index, value, formats[index])


def _write_cell(tab: Any, row: int, column: int, value: Any, day: Any, text: Any = None) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        tab.write_boolean(row, column, value)
    elif isinstance(value, datetime | date):
        tab.write_datetime(row, column, value, day)
    elif isinstance(value, int | float):
        tab.write_number(row, column, value)
    elif isinstance(value, time | timedelta):
        tab.write_string(row, column, str(value), text)
    else:
        tab.write_string(row, column, str(value), text)

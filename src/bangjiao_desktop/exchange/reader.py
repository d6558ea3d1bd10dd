"""Reads workbooks (.xlsx .xls .ods, by python-calamine) and text tables (.csv, UTF-8 or GB18030) into raw sheets."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.domain.system_errors import reason

Cell = str | float | int | bool | date | datetime | time | timedelta
RawRow = Sequence[Cell]
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt")
_LARGEST = 200 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class RawSheet:
    """A sheet as it stands in the file.

    Attributes:
        name: its tab; for a text file the file's name without ending.
        rows: (row number a person sees, cells), empty rows left out.
    """

    name: str
    rows: tuple[tuple[int, RawRow], ...]


def read_workbook(path: Path) -> tuple[RawSheet, ...]:
    """Read every sheet of a file.

    Raises:
        WorkbookError: no such file, no workbook, protected by a password, damaged, or a broken byte (with its row).
    """
    name = path.name
    if path.suffix.lower() not in SUFFIXES:
        raise WorkbookError(f"文件“{name}”的类型不支持；请用 .xlsx、.xls、.ods 或 .csv 文件。")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
    except FileNotFoundError:
        raise WorkbookError(f"找不到文件“{name}”。") from None
    except OSError as error:
        raise WorkbookError(f"无法读取文件“{name}”：{reason(error)}。如果它正在 Excel 中打开，请先关闭。") from error
    if size == 0:
        raise WorkbookError(f"文件“{name}”是空的（0 字节）。")
    if size > _LARGEST:
        raise WorkbookError(f"文件“{name}”超过 200 MB，请拆分后再导入。")
    if path.suffix.lower() in (".csv", ".txt"):
        return (_read_text(path),)
    return _read_spreadsheet(path, head)


def _read_spreadsheet(path: Path, head: bytes) -> tuple[RawSheet, ...]:
    name = path.name
    modern = path.suffix.lower() != ".xls"
    # An encrypted .xlsx is an OLE container, not a zip.
    if modern and head == _OLE and _encrypted_ole(path):
        raise WorkbookError(f"工作簿“{name}”设有打开密码，请先在 Excel 中去掉密码再导入。")
    if path.suffix.lower() == ".ods" and _encrypted_ods(path):
        raise WorkbookError(f"工作簿“{name}”设有打开密码，请先去掉密码再导入。")
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = [(sheet, workbook.get_sheet_by_name(sheet)) for sheet in workbook.sheet_names]
        return tuple(RawSheet(sheet, _numbered(data)) for sheet, data in sheets)
    except python_calamine.PasswordError:
        raise WorkbookError(f"工作簿“{name}”设有打开密码，请先在 Excel 中去掉密码再导入。") from None
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise WorkbookError(f"工作簿“{name}”设有打开密码，请先在 Excel 中去掉密码再导入。") from error
        raise WorkbookError(
            f"文件“{name}”不是可以读取的工作簿，或已损坏。请用 Excel 打开确认后另存为 .xlsx 再导入。"
        ) from error


def _numbered(sheet: python_calamine.CalamineSheet) -> tuple[tuple[int, RawRow], ...]:
    # iter_rows begins at the first used row: `start` gives its place.
    start = sheet.start
    if start is None:
        return ()
    first_row, first_column = start
    blank = [""] * first_column
    rows: list[tuple[int, RawRow]] = []
    table = sheet.to_python(skip_empty_area=True)
    _fill_merged(table, sheet.merged_cell_ranges or (), first_row, first_column)
    for number, cells in enumerate(table, start=first_row + 1):
        if any(cell not in ("", None) for cell in cells):
            rows.append((number, [*blank, *cells]))
    return tuple(rows)


def _fill_merged(
    table: list[list[Cell]],
    ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    first_row: int,
    first_column: int,
) -> None:
    """Repeat the value of cells merged downwards within one column (e.g. one office for ten people)."""
    for (top, left), (bottom, right) in ranges:
        if left != right or bottom - top > 5000:
            continue
        column = left - first_column
        for row in range(top + 1 - first_row, min(bottom + 1 - first_row, len(table))):
            if 0 <= column < len(table[row]) and table[row][column] == "":
                table[row][column] = table[top - first_row][column]


def _encrypted_ole(path: Path) -> bool:
    with path.open("rb") as file:
        content = file.read(4 * 1024 * 1024)
    return "EncryptedPackage".encode("utf-16-le") in content or "EncryptionInfo".encode("utf-16-le") in content


def _encrypted_ods(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return b"encryption-data" in archive.read("META-INF/manifest.xml")
    except (zipfile.BadZipFile, KeyError, OSError):
        return False


def _read_text(path: Path) -> RawSheet:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WorkbookError(f"无法读取文件“{path.name}”：{reason(error)}。") from error
    text = _decode(path.name, content)
    lines = text.splitlines()
    separator = max(",\t;", key=lambda mark: sum(line.count(mark) for line in lines[:20]))
    rows: list[tuple[int, RawRow]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                rows.append((number, cells))
    except csv.Error as error:
        raise WorkbookError(f"文件“{path.name}”第 {reader.line_num} 行不是规范的 CSV：{error}。") from error
    return RawSheet(path.stem, tuple(rows))


def _decode(name: str, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="strict")
    if b"\x00" in content[:4096]:
        raise WorkbookError(f"文件“{name}”不是文本表格（CSV），请在 Excel 中另存为 CSV 或 .xlsx。")
    attempts: tuple[tuple[str, Callable[[], str]], ...] = (
        ("utf-8", lambda: content.decode("utf-8-sig")),
        ("gb18030", lambda: content.decode("gb18030")),
    )
    faults: list[int] = []
    for _, attempt in attempts:
        try:
            return attempt()
        except UnicodeDecodeError as error:
            faults.append(error.start)
    # Neither reads whole: the encoding that goes further is meant; name the row of its broken byte.
    position = max(faults)
    row = content[:position].count(b"\n") + 1
    raise WorkbookError(f"文件“{name}”第 {row} 行有损坏的字节，无法按 UTF-8 或 GB18030 读出；请重新导出该文件。")

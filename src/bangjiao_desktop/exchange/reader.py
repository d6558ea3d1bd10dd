"""Reads workbooks (.xlsx, .xls, .ods) and text tables (.csv, .txt) into raw sheets."""

from pathlib import Path

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.exchange.file_kinds import SUFFIXES, kind_of
from bangjiao_desktop.exchange.limits import FILE_BYTES
from bangjiao_desktop.exchange.raw import Broken, Cell, RawRow, RawSheet
from bangjiao_desktop.exchange.spreadsheets import read_spreadsheet
from bangjiao_desktop.exchange.text_tables import read_text


def read_workbook(path: Path) -> tuple[RawSheet, ...]:
    """Read every sheet of a file; what the file is shows in its first bytes, not in its ending.

    Raises:
        WorkbookError: no such file, no workbook, protected by a password, damaged, a broken byte (with its row), or
            larger than can be read.
    """
    name = path.name
    if path.suffix.lower() not in SUFFIXES:
        raise WorkbookError(f"文件“{name}”的类型不支持；请用 .xlsx、.xls、.ods 或 .csv 文件。")
    try:
        size = path.stat().st_size
        if size == 0:
            raise WorkbookError(f"文件“{name}”是空的（0 字节）。")
        if size > FILE_BYTES:
            raise WorkbookError(f"文件“{name}”超过 {FILE_BYTES // 1024**2} MB，请拆分后再导入。")
        kind = kind_of(path)
        if kind == "text":
            return (read_text(path),)
        return read_spreadsheet(path, kind)
    except FileNotFoundError:
        raise WorkbookError(f"找不到文件“{name}”。") from None
    except OSError as error:
        raise WorkbookError(f"无法读取文件“{name}”：{reason(error)}。如果它正在 Excel 中打开，请先关闭。") from error


__all__ = ["SUFFIXES", "Broken", "Cell", "RawRow", "RawSheet", "read_workbook"]

"""Reads a file of any kind into raw sheets, in the process that calls."""

from collections.abc import Iterator
from pathlib import Path

from bangjiao_desktop.exchange.file_kinds import kind_of
from bangjiao_desktop.exchange.raw import RawSheet
from bangjiao_desktop.exchange.spreadsheets import read_spreadsheet
from bangjiao_desktop.exchange.text_tables import read_text


def open_workbook(path: Path) -> Iterator[RawSheet]:
    """Read the sheets one by one.

    Raises:
        WorkbookError: no workbook, protected by a password, damaged, or larger than can be read.
        OSError: the file cannot be read.
        MemoryError: what it holds needs more than the process may have.
    """
    kind = kind_of(path)
    if kind == "text":
        yield read_text(path)
    else:
        yield from read_spreadsheet(path, kind)

"""Text tables (.csv, .txt): UTF-8, GB18030 or UTF-16, separated by comma, tab or semicolon."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.exchange.limits import CELL_CHARACTERS, LINE_CHARACTERS, ROWS, Tally, is_filled
from bangjiao_desktop.exchange.raw import FlowingSheet, RawRow

_CHUNK = 1024 * 1024
_LINES = 10 * ROWS
# mark, the encoding that drops it, the one that keeps it (and knows the order of bytes anywhere in the file)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_text(path: Path) -> FlowingSheet:
    """Read a text table.

    Row numbers are those Excel shows: a cell with a line break is one row, and a first line "sep=;" is none.

    Raises:
        WorkbookError: no text or a broken byte; while the rows are taken also a quote that is never closed, or more
            than can be read.
        OSError: the file cannot be read.
    """
    return FlowingSheet(path.stem, _rows(path, _encoding(path)))


def _rows(path: Path, encoding: str) -> Iterator[tuple[int, RawRow]]:
    tally = Tally(path.name)
    with path.open(encoding=encoding, newline="") as file:
        lines = _Lines(path.name, file)
        first = list(lines.next_lines(20))
        separator = max(",\t;", key=lambda mark: sum(_QUOTED.sub("", line).count(mark) for line in first))
        if first and (told := _SEPARATOR_LINE.match(first[0])):
            separator = told.group(1)
            first = first[1:]
        for number, cells in enumerate(_records(path.name, lines, first, separator), start=1):
            if is_filled(cells):
                tally.row(path.stem, cells)
                yield number, cells


class _Lines:
    """Lines of an open file, each looked at for its length and for characters no text has."""

    def __init__(self, name: str, file: io.TextIOWrapper) -> None:
        self._name = name
        self._file = file
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        readline = self._file.readline
        while line := readline(LINE_CHARACTERS + 1):
            self._number += 1
            if len(line) > LINE_CHARACTERS:
                raise WorkbookError(
                    f"文件“{self._name}”第 {self._number} 行超过 100 万字，不像表格。请用 Excel 打开确认后另存为 .xlsx 再导入。"
                )
            if self._number > _LINES:
                raise WorkbookError(f"文件“{self._name}”超过 {ROWS:,} 行，请拆分后再导入。")
            if not line.isascii() and _SURROGATE.search(line):
                raise _broken(self._name, self._number)
            if "\x00" in line:
                raise WorkbookError(
                    f"文件“{self._name}”第 {self._number} 行有不是文字的字节，不是文本表格（CSV），请在 Excel 中另存为 CSV 或 .xlsx。"
                )
            yield line

    def next_lines(self, count: int) -> Iterator[str]:
        """Give at most so many of the next lines."""
        # the counter first: the other way round one line more would be taken and lost
        for _, line in zip(range(count), self, strict=False):
            yield line


def _records(name: str, lines: _Lines, first: list[str], separator: str) -> Iterator[list[str]]:
    """Give the records one by one, the blank ones too."""
    csv.field_size_limit(CELL_CHARACTERS)

    def every() -> Iterator[str]:
        yield from first
        yield from lines

    source = every()
    width = 0
    for number, line in enumerate(source, start=1):
        if '"' not in line:
            cells = line.rstrip("\r\n").split(separator)
        else:
            cells = _quoted(name, number, line, source, separator, width)
        width = max(width, len(cells)) if number <= 20 else width
        yield cells


def _quoted(name: str, number: int, line: str, source: Iterator[str], separator: str, width: int) -> list[str]:
    """Read a record with quotes, which may run over several lines.

    Raises:
        WorkbookError: the quote is not closed, or only by the opening quote of a later row.
    """
    taken: list[str] = []
    size = 0

    def more() -> Iterator[str]:
        nonlocal size
        yield line
        for following in source:
            taken.append(following)
            size += len(following)
            if size > LINE_CHARACTERS:
                return
            yield following

    unclosed = WorkbookError(
        f'文件“{name}”第 {number} 行的引号没有结束，后面的行会被当作这一格的内容。请在该行补上或删去引号（"）再导入。'
    )
    try:
        cells = next(csv.reader(more(), delimiter=separator, strict=True))
    except csv.Error as error:
        if taken or "unexpected end" in str(error):
            raise unclosed from error
        # A stray character behind a closing quote, within one line: as Excel reads it.
        cells = next(csv.reader([line], delimiter=separator))
    if taken and any(_is_row(inner, separator, width) for cell in cells for inner in cell.splitlines()[1:]):
        raise unclosed
    return cells


def _is_row(line: str, separator: str, width: int) -> bool:
    """Tell whether a line within a cell is a row of the table, and not a line of somebody's remark."""
    marks = line.count(separator)
    return (width >= 6 and marks >= width - 1) or (marks >= 2 and _IDENTITY.search(line) is not None)


def _encoding(path: Path) -> str:
    """Find the encoding in which the whole file can be read.

    Raises:
        WorkbookError: none; names the line of the broken byte.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, encoding, plain in _BOMS:
        if head.startswith(mark):
            fault = _first_fault(path, plain)
            if fault is not None:
                raise _broken(path.name, fault)
            return encoding
    if b"\x00" in head:
        raise WorkbookError(f"文件“{path.name}”不是文本表格（CSV），请在 Excel 中另存为 CSV 或 .xlsx。")
    faults: list[int] = []
    for encoding in ("utf-8", "gb18030"):
        fault = _first_fault(path, encoding)
        if fault is None:
            return encoding
        faults.append(fault)
    # Neither reads whole: the encoding that goes further is meant.
    raise _broken(path.name, max(faults))


def _first_fault(path: Path, encoding: str) -> int | None:
    """Return the number of the first line that cannot be read in an encoding, None if all can."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                # error.object holds the bytes kept from the chunk before, too
                good = error.object[: error.start].decode(encoding, errors="ignore")
                return line + good.count("\n")
            line += text.count("\n")
            if not chunk:
                return None


def _broken(name: str, line: int) -> WorkbookError:
    return WorkbookError(
        f"文件“{name}”第 {line} 行有损坏的字节，无法按 UTF-8、UTF-16 或 GB18030 读出；请重新导出该文件。"
    )

"""Rosters (花名册): chosen columns on A4 or A3 landscape, heads on every page, sums of the page and of all."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bangjiao_desktop.documents.setting.canvas import Document, Watermark, mm
from bangjiao_desktop.documents.setting.table import Head, draw_centred, draw_head
from bangjiao_desktop.documents.setting.typography import (
    SANS,
    SANS_BOLD,
    SERIF,
    TITLE,
    Span,
    fitted_size,
    layout,
    text_width,
)
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.forms import PAPERS

_LEFT, _RIGHT, _TOP, _BOTTOM = 25 * mm, 15 * mm, 14 * mm, 14 * mm
_SIZE, _LEADING, _PAD = 8.5, 8.5 * 1.3, 1.0 * mm
_HEAD, _LOWEST = 8.5 * mm, 6.6 * mm
_NUMBER = 11 * mm
_NARROWEST = 11 * mm
_MOST_LINES = 16
_SHORT = 16 * mm - 2.4 * _PAD
_BETWEEN = re.compile(r"(?<=[、，,;；/／])|\s+")


@dataclass(frozen=True)
class RosterColumn:
    """A column: its heading, and how wide it wants to be in relation to the others.

    Attributes:
        header: the heading.
        weight: of its width.
        centred: its texts stand in the middle.
        unbroken: numbers and telephones, none of which is broken over two lines (several stand below one another).
    """

    header: str
    weight: float
    centred: bool = False
    unbroken: bool = False


def draw_roster(
    title: str, about: str, columns: Sequence[RosterColumn], rows: Sequence[Sequence[str]], *, paper: str = "A4",
    watermark: Watermark | None = None, progress: Callable[[float], None] = lambda _: None,
) -> tuple[bytes, int]:  # fmt: skip
    """Draw a roster; return the PDF and its pages.

    Args:
        title: over every page.
        about: the unit, the day, how it was filtered.
        columns: at least one.
        rows: texts in the order of the columns.
        paper: "A4" or "A3", always landscape, 25 mm to bind at the left.
        watermark: laid over every page.
        progress: told the share that is done.

    Raises:
        InvalidInputError: more columns than the paper can hold.
    """
    if paper not in PAPERS:
        raise InvalidInputError(f"花名册没有名为“{paper}”的纸张。可用：{'、'.join(PAPERS)}。")
    short, long = PAPERS[paper]
    page = (long * mm, short * mm)
    width = page[0] - _LEFT - _RIGHT - _NUMBER
    fitting = int(width // _NARROWEST)
    if not 1 <= len(columns) <= fitting:
        raise InvalidInputError(f"{paper} 纸一行最多放 {fitting} 列，现在选了 {len(columns)} 列。请减少列，或改用 A3。")
    document = Document("花名册", page, watermark)
    sheet = _Sheet(document, title, about, columns, _widths(columns, rows, width), page)
    done = 0
    pages = list(sheet.pages(rows))
    for number, chosen in enumerate(pages, start=1):
        sheet.draw(rows[done : done + chosen], done, number, len(pages), len(rows))
        done += chosen
        progress(done / max(1, len(rows)))
    return document.finish(), document.pages


def _widths(columns: Sequence[RosterColumn], rows: Sequence[Sequence[str]], width: float) -> list[float]:
    """Widths that suit what stands in the columns: the usual length of a text, within the weights' bounds.

    Columns of numbers keep the width of their longest number; the others give way and wrap.
    """
    sample = rows[:: max(1, len(rows) // 200)]
    wanted: list[float] = []
    least: list[float] = []
    for place, column in enumerate(columns):
        lengths = sorted(text_width(row[place], SANS, _SIZE) for row in sample) or [0.0]
        usual = lengths[int(len(lengths) * 0.9)]
        longest = text_width(max((row[place] for row in rows), key=len, default=""), SANS, _SIZE)
        if longest <= _SHORT:  # names of four characters do not break because most have three
            usual = max(usual, longest)
        head = text_width(column.header, SANS_BOLD, _SIZE)
        wanted.append(max(_NARROWEST, head + 2 * _PAD, min(usual + 2.4 * _PAD, 44 * mm * column.weight)))
        least.append(max(_NARROWEST, min(wanted[-1], _SHORT + 2.4 * _PAD)))
        if column.unbroken:
            pieces = (text_width(piece, SANS, _SIZE) for row in rows for piece in _pieces(row[place]))
            least[-1] = max(_NARROWEST, min(44 * mm, max(pieces, default=0.0) + 2.1 * _PAD))
            wanted[-1] = max(least[-1], head + 2 * _PAD)
    total = sum(wanted)
    if total <= width:
        return [one * width / total for one in wanted]
    spare = total - width
    soft = [max(0.0, one - low) for one, low in zip(wanted, least, strict=True)]
    if sum(soft) >= spare:
        return [one - spare * part / sum(soft) for one, part in zip(wanted, soft, strict=True)]
    fixed = sum(low for low, column in zip(least, columns, strict=True) if column.unbroken)
    others = sum(one for one, column in zip(wanted, columns, strict=True) if not column.unbroken)
    narrow = (width - fixed) / others if others else 0.0
    if (
        others
        and narrow * min(one for one, column in zip(wanted, columns, strict=True) if not column.unbroken)
        >= 2 * _SIZE + 2 * _PAD
    ):
        return [low if column.unbroken else one * narrow
                for one, low, column in zip(wanted, least, columns, strict=True)]  # fmt: skip
    return [width * one / total for one in wanted]  # numbers are then set smaller, not broken


def _pieces(text: str) -> list[str]:
    """The single numbers of a text: what stands between marks and blanks."""
    return [piece for piece in _BETWEEN.split(text) if piece]


class _Sheet:
    """The pages of one roster."""

    def __init__(
        self, document: Document, title: str, about: str, columns: Sequence[RosterColumn], widths: Sequence[float],
        page: tuple[float, float],
    ) -> None:  # fmt: skip
        self._document, self._title, self._about = document, title, about
        self._columns, self._widths, self._page = columns, widths, page
        self._room = page[1] - _TOP - _BOTTOM - 20 * mm - _HEAD - 7 * mm

    def _lines(self, text: str, width: float, column: RosterColumn) -> int:
        if text_width(text, SANS, _SIZE) <= width - 2 * _PAD:
            return 1
        if column.unbroken:
            return len(_stacked(text, _SIZE, width - 2 * _PAD))
        return len(layout([Span(text, SANS)], _SIZE, width - 2 * _PAD))

    def _height(self, row: Sequence[str]) -> float:
        most = max(map(self._lines, row, self._widths, self._columns))
        return max(_LOWEST, min(most, _MOST_LINES) * _LEADING + 1.6 * _PAD)

    def pages(self, rows: Sequence[Sequence[str]]) -> Iterator[int]:
        """Yield how many rows stand on each page; an empty roster has one page."""
        count, used = 0, 0.0
        for row in rows:
            height = self._height(row)
            if count and used + height > self._room:
                yield count
                count, used = 0, 0.0
            count += 1
            used += height
        if count or not rows:
            yield count

    def draw(self, rows: Sequence[Sequence[str]], before: int, number: int, pages: int, total: int) -> None:
        """Draw one page."""
        document, page = self._document, self._page
        document.start_page(page)
        if number == 1:
            document.bookmark(self._title)
        width = page[0] - _LEFT - _RIGHT
        middle = _LEFT + width / 2
        top = page[1] - _TOP
        with document.heading():
            size = fitted_size(self._title, TITLE, 18, width - 20 * mm, 10)
            document.put(middle, top - 8 * mm, self._title, TITLE, size, "center")
        document.put(_LEFT, top - 17 * mm, self._about, SERIF, fitted_size(self._about, SERIF, 9.5, width - 34 * mm, 6))
        document.put(_LEFT + width, top - 17 * mm, f"第 {number} 页，共 {pages} 页", SERIF, 9, "right")
        y = top - 20 * mm
        start = y
        heads = [Head(("序号",), _NUMBER), *(Head((column.header,), one)
                 for column, one in zip(self._columns, self._widths, strict=True))]  # fmt: skip
        y = draw_head(document, _LEFT, y, heads, _HEAD, size=8.5)
        edges = [_LEFT]
        for head in heads:
            edges.append(edges[-1] + head.width)
        for place, row in enumerate(rows):
            height = self._height(row)
            y -= height
            draw_centred(document, edges[0], y, _NUMBER, height, str(before + place + 1), SANS, _SIZE)
            for column, text in enumerate(row):
                self._cell(edges[column + 1], y, self._widths[column], height, text, column)
            document.rule(_LEFT, y, edges[-1], y, 0.3)
        for x in edges[1:-1]:
            document.rule(x, start - _HEAD, x, y, 0.3)
        document.box(_LEFT, y, edges[-1] - _LEFT, start - y, line=0.9)
        text = f"本页小计 {len(rows)} 人　　累计 {before + len(rows)} 人"
        if number == pages:
            text += f"　　合计 {total} 人"
        document.put(_LEFT, y - 5 * mm, text, SANS_BOLD, 9)
        document.put(middle, _BOTTOM - 6 * mm, f"— {number} —", SERIF, 9, "center")
        document.end_page()

    def _cell(self, x: float, y: float, width: float, height: float, text: str, place: int) -> None:
        document, column = self._document, self._columns[place]
        if text_width(text, SANS, _SIZE) <= width - 2 * _PAD:
            base = y + height / 2 - _SIZE * 0.36
            if column.centred:
                document.put(x + width / 2, base, text, SANS, _SIZE, "center")
            else:
                document.put(x + _PAD, base, text, SANS, _SIZE)
            return
        if column.unbroken:
            self._stack(x, y, width, height, text)
            return
        lines = layout([Span(text, SANS)], _SIZE, width - 2 * _PAD)
        size = _SIZE
        while len(lines) * size * 1.3 > height - 1 and size > 4.5:
            size *= 0.94
            lines = layout([Span(text, SANS)], size, width - 2 * _PAD)
        base = y + height / 2 + (len(lines) - 1) * size * 0.65 - size * 0.36
        document.put_lines(x + _PAD, base, lines, size, size * 1.3, width - 2 * _PAD)

    def _stack(self, x: float, y: float, width: float, height: float, text: str) -> None:
        """Numbers below one another, each whole; smaller type where even one is too long."""
        longest = max(_pieces(text), key=lambda piece: text_width(piece, SANS, _SIZE), default="")
        size = fitted_size(longest, SANS, _SIZE, width - 1.2 * _PAD, 3.0)
        lines = _stacked(text, size, width - 1.2 * _PAD)
        base = y + height / 2 + (len(lines) - 1) * size * 0.65 - size * 0.36
        for number, line in enumerate(lines):
            self._document.put(x + width / 2, base - number * size * 1.3, line, SANS, size, "center")


def _stacked(text: str, size: float, width: float) -> list[str]:
    """Whole numbers put into lines, as many in each as fit."""
    lines: list[str] = []
    for piece in _pieces(text):
        if lines and text_width(lines[-1] + piece, SANS, size) <= width:
            lines[-1] += piece
        else:
            lines.append(piece)
    return lines or [""]

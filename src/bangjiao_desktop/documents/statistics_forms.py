"""Draws official statistics forms: head, table, signatures and seal, 口径说明; and the page that compares periods."""

from collections.abc import Sequence
from dataclasses import dataclass

from bangjiao_desktop.documents.setting.canvas import Document, Watermark, mm
from bangjiao_desktop.documents.setting.table import Head, draw_cell, draw_centred, draw_head, head_levels, strike
from bangjiao_desktop.documents.setting.typography import (
    SANS,
    SANS_BOLD,
    SERIF,
    TITLE,
    Line,
    Span,
    fitted_size,
    layout,
    text_width,
)
from bangjiao_desktop.domain.form_comparison import change_text
from bangjiao_desktop.domain.form_reader import LINE_WIDTH as LINE_MM
from bangjiao_desktop.domain.form_reader import SIDE_WIDTH as SIDE_MM
from bangjiao_desktop.domain.form_reader import UNIT_WIDTH as UNIT_MM
from bangjiao_desktop.domain.forms import ComparedRow, Filing, FilledForm, FormDefinition
from bangjiao_desktop.domain.indicators import figure_text

LEFT = RIGHT = 18 * mm
TOP, BOTTOM = 13 * mm, 12 * mm
HEAD_LEVEL = 8.0 * mm
ROW_TALLEST, ROW_LOWEST = 6.2 * mm, 4.2 * mm
LINE_WIDTH, UNIT_WIDTH, SIDE_WIDTH = LINE_MM * mm, UNIT_MM * mm, SIDE_MM * mm
_BODY = 9.0
_CODES = 4.6 * mm
_NARROWEST_FIGURE, _WIDEST_FIGURE = 20 * mm, 40 * mm
_HEAD_BLOCK = 25 * mm
_NOTE_SIZE, _NOTE_LEADING = 7.8, 4.1 * mm
_CODE_SIZE = 7.0
_NOTE_HEAD = "口径说明："
_SIGNED, _SIGNATURE = 9.5, "报出日期"
_RED = (0.7, 0.1, 0.1)
_GREY = (0.45, 0.45, 0.45)
_COMPARED = (
    ("本期", ()), ("上期", ("与上期比较",)), ("增减", ("与上期比较",)), ("增减幅度", ("与上期比较",)),
    ("上年同期", ("与上年同期比较",)), ("增减", ("与上年同期比较",)), ("增减幅度", ("与上年同期比较",)),
)  # fmt: skip


def draw_forms(forms: Sequence[FilledForm], watermark: Watermark | None = None, *, compare: bool = False) -> bytes:
    """Return one PDF with every form, each beginning on a page of its own, with bookmarks.

    Args:
        forms: filled; whether a failed check may be printed is the caller's decision.
        watermark: laid over every page.
        compare: with a page of comparison behind each form that has one.
    """
    document = Document("安置帮教统计报表", _size(forms[0].definition) if forms else (1, 1), watermark)
    number = 0
    for form in forms:
        number = _FormPages(document, form, number).draw(form.compared if compare else ())
    return document.finish()


def _size(definition: FormDefinition) -> tuple[float, float]:
    return definition.page[0] * mm, definition.page[1] * mm


@dataclass(frozen=True)
class _Grid:
    """Where the columns of one page stand: edges from the left, and which filled columns they show."""

    columns: tuple[int, ...]
    edges: tuple[float, ...]
    fixed: int


class _FormPages:
    """The pages of one form."""

    def __init__(self, document: Document, form: FilledForm, number: int) -> None:
        self._document, self._form, self._number = document, form, number
        self._definition = form.definition
        self._page = _size(form.definition)
        self._width = self._page[0] - LEFT - RIGHT
        self._side = SIDE_WIDTH if any(row.side for row in form.definition.rows) else 0.0
        self._levels = 1 + max((len(column.above) for column in form.columns), default=0)
        self._head = HEAD_LEVEL if self._levels == 1 else 6.5 * mm * self._levels
        self._codes = _CODES if form.definition.column_codes else 0.0
        self._notes = self._set_notes()

    def draw(self, compared: tuple[ComparedRow, ...]) -> int:
        """Draw everything; return the number of the last page."""
        definition, document = self._definition, self._document
        begun = False
        for columns in self._column_pages():
            for first, rows, last in self._row_pages():
                document.start_page(self._page)
                if not begun:
                    owner = "" if self._form.organisation == "" else f"（{self._form.organisation}）"
                    document.bookmark(f"{definition.shown_number} {definition.title}{owner}")
                    begun = True
                y = self._draw_head(definition.title if first else f"{definition.title}（续）", definition.unit)
                y = self._draw_table(self._grid(columns), rows, y)
                if last:
                    self._draw_tail(y)
                self._end_page()
        if compared:
            self._draw_comparison(compared)
        return self._number

    def _end_page(self) -> None:
        self._number += 1
        self._document.put(self._page[0] / 2, BOTTOM - 5 * mm, f"— {self._number} —", SERIF, 9, "center")
        filing = self._form.filing
        if filing is not None and filing.code_line:
            right = self._page[0] - RIGHT
            self._document.put(right, BOTTOM - 5 * mm, filing.code_line, SERIF, _CODE_SIZE, "right", _GREY)
        self._document.end_page()

    # what goes on which page

    def _column_pages(self) -> list[list[int]]:
        """Column numbers of each page: many offices are spread over several, the first column on every one."""
        count = len(self._form.columns)
        room = self._width - LINE_WIDTH - UNIT_WIDTH - self._side - 52 * mm
        fitting = max(2, int(room // _NARROWEST_FIGURE))
        if count <= fitting or not any(column.scope == "office" for column in self._form.columns):
            return [list(range(count))]
        rest = list(range(1, count))
        pages = -(-len(rest) // (fitting - 1))
        step = -(-len(rest) // pages)
        return [[0, *rest[start : start + step]] for start in range(0, len(rest), step)]

    def _set_notes(self) -> list[Line]:
        lines: list[Line] = []
        width = self._width - text_width(_NOTE_HEAD, SERIF, _NOTE_SIZE)
        for place, note in enumerate(self._definition.notes, start=1):
            lines.extend(layout([Span(f"{place}．{note}", SERIF)], _NOTE_SIZE, width))
        return lines

    def _room(self) -> float:
        return self._page[1] - TOP - BOTTOM - _HEAD_BLOCK - self._head - self._codes

    def _tail(self) -> float:
        return 12 * mm + (len(self._notes) + bool(self._form.failures)) * _NOTE_LEADING

    def _row_height(self) -> float:
        """Height of a row: a form stands on one page as long as its rows stay legible."""
        one_page = (self._room() - self._tail()) / len(self._definition.rows)
        return ROW_TALLEST if one_page < ROW_LOWEST else min(ROW_TALLEST, one_page)

    def _row_pages(self) -> list[tuple[bool, range, bool]]:
        """(first page?, row numbers, last page?): the notes and signatures stand on the last page only."""
        height, tail, row_height = self._room(), self._tail(), self._row_height()
        rows = self._definition.rows
        pages: list[tuple[bool, range, bool]] = []
        start = 0
        while (len(rows) - start) * row_height > height - tail + 0.01:
            stop = min(len(rows), start + int(height // row_height))
            if stop == len(rows):  # the rows fit, the tail does not: leave some for the last page
                stop = max(start + 1, len(rows) - 4)
            if stop - 1 > start and rows[stop - 1].group:
                stop -= 1
            pages.append((start == 0, range(start, stop), False))
            start = stop
        pages.append((start == 0, range(start, len(rows)), True))
        return pages

    def _grid(self, columns: list[int]) -> _Grid:
        found = [self._form.columns[index] for index in columns]
        room = self._width - LINE_WIDTH - UNIT_WIDTH - self._side
        free = [column for column in found if not column.width]
        given = sum(column.width for column in found) * mm
        label = self._definition.label_width * mm
        left = room - given - (label or 52 * mm)
        share = left / len(free) if free else 0.0
        if not label:
            share = min(_WIDEST_FIGURE, share)
        widths = [column.width * mm or share for column in found]
        label = room - sum(widths)
        fixed = [*([self._side] if self._side else []), label, LINE_WIDTH, UNIT_WIDTH]
        edges = [LEFT]
        for width in (*fixed, *widths):
            edges.append(edges[-1] + width)
        return _Grid(tuple(columns), tuple(edges), len(fixed))

    # drawing

    def _draw_head(self, title: str, unit: str) -> float:
        """Title in the middle, number and authority at the right, office, period and unit below; return the table's top."""
        document, definition = self._document, self._definition
        top = self._page[1] - TOP
        filing = self._form.filing
        size = fitted_size(title, TITLE, 18, self._width - 2 * 52 * mm, 11)
        with document.heading():
            document.put(self._page[0] / 2, top - 8 * mm, title, TITLE, size, "center")
        block = (
            ("表　　号：", definition.shown_number), ("制定机关：", definition.authority),
            ("文　　号：", definition.document_number), ("有效期至：", definition.valid_until),
        )  # fmt: skip
        x = self._page[0] - RIGHT - 48 * mm
        for place, (name, value) in enumerate(block):
            text = f"{name}{value}"
            size = fitted_size(text, SERIF, 8.5, 48 * mm, 5)
            document.put(x, top - 3 * mm - place * 4.4 * mm, text, SERIF, size)
        if filing is not None and filing.correction:
            document.box(LEFT, top - 7.5 * mm, 30 * mm, 7 * mm, line=0.8, colour=_RED)
            mark = f"更正（第 {filing.correction} 次）"
            document.put(LEFT + 15 * mm, top - 5.3 * mm, mark, SANS_BOLD, 10, "center", _RED)
        line = top - _HEAD_BLOCK + 2.5 * mm
        owner = f"填报单位：{self._form.organisation}"
        document.put(LEFT, line, owner, SERIF, 10)
        if definition.seal:
            document.put(LEFT + text_width(owner, SERIF, 10) + 1 * mm, line, "（盖章）", SERIF, 10, colour=_GREY)
        document.put(self._page[0] / 2, line, self._form.period_label, SERIF, 10, "center")
        document.put(self._page[0] - RIGHT, line, f"计量单位：{unit}", SERIF, 10, "right")
        return top - _HEAD_BLOCK

    def _draw_table(self, grid: _Grid, rows: range, top: float) -> float:
        document, edges = self._document, grid.edges
        heads = [Head((title,), edges[place + 1] - edges[place]) for place, title in enumerate(self._fixed_titles())]
        heads += [
            Head((*self._form.columns[index].above, self._form.columns[index].header),
                 edges[grid.fixed + place + 1] - edges[grid.fixed + place])
            for place, index in enumerate(grid.columns)
        ]  # fmt: skip
        y = draw_head(document, LEFT, top, heads, self._head, size=_BODY)
        if self._codes:
            y = self._draw_codes(grid, y)
        row_height = self._row_height()
        bottom = y - row_height * len(rows)
        body = y
        for number in rows:
            self._draw_row(number, grid, y - row_height, row_height)
            y -= row_height
            start = LEFT if not self._joined(number, rows) else edges[1]
            document.rule(start, y, edges[-1], y)
        self._draw_sides(rows, body, row_height)
        groups = [body - row_height * place for place, one in enumerate(rows) if self._definition.rows[one].group]
        for x in edges[1:-1]:
            self._vertical(x, body, bottom, groups, row_height)
        document.box(LEFT, bottom, edges[-1] - LEFT, top - bottom, line=1.0)
        return bottom

    def _draw_codes(self, grid: _Grid, top: float) -> float:
        document, edges = self._document, grid.edges
        y = top - self._codes
        codes = self._definition.codes(len(self._form.columns))
        shown = [*codes[: grid.fixed], *(codes[grid.fixed + index] for index in grid.columns)]
        for place, code in enumerate(shown):
            draw_centred(document, edges[place], y, edges[place + 1] - edges[place], self._codes, code, SANS, 7.5)
            if place:
                document.rule(edges[place], top, edges[place], y)
        document.rule(LEFT, y, edges[-1], y)
        return y

    def _fixed_titles(self) -> list[str]:
        return [*(["分组"] if self._side else []), "指　标　名　称", "行次", "计量单位"]

    def _joined(self, number: int, rows: range) -> bool:
        """Whether the side cell runs on into the next row."""
        if not self._side or number + 1 not in rows:
            return False
        row, following = self._definition.rows[number], self._definition.rows[number + 1]
        return bool(row.side) and row.side == following.side and not following.group

    def _draw_sides(self, rows: range, top: float, row_height: float) -> None:
        """The 行组 cells: one text over all rows that have the same, upright where they are high enough."""
        if not self._side:
            return
        start = 0
        numbers = list(rows)
        while start < len(numbers):
            stop = start
            while self._joined(numbers[stop], rows):
                stop += 1
            text = self._definition.rows[numbers[start]].side
            height = (stop - start + 1) * row_height
            upright = "\n".join(text) if height > len(text) * _BODY * 1.25 + 2 else text
            draw_centred(
                self._document, LEFT, top - start * row_height - height, self._side, height, upright, SANS, _BODY
            )
            start = stop + 1

    def _vertical(self, x: float, top: float, bottom: float, groups: list[float], row_height: float) -> None:
        """A rule between columns, open where a group heading runs across."""
        start = top
        for group in groups:
            if group < start:
                self._document.rule(x, start, x, group)
            start = group - row_height
        if start > bottom + 0.01:
            self._document.rule(x, start, x, bottom)

    def _draw_row(self, number: int, grid: _Grid, y: float, height: float) -> None:
        document, edges = self._document, grid.edges
        row = self._definition.rows[number]
        base = y + height / 2 - _BODY * 0.36
        if row.group:
            document.put(LEFT + 2 * mm, base, row.label, SANS_BOLD, _BODY)
            return
        face = SANS_BOLD if row.total else SANS
        place = grid.fixed - 3
        indent = (4 + row.indent * 4) * mm
        draw_cell(document, edges[place] + indent - 1 * mm, y, edges[place + 1] - edges[place] - indent + 1 * mm, height,
                  row.label, face, _BODY, padding=1 * mm)  # fmt: skip
        document.put((edges[place + 1] + edges[place + 2]) / 2, base, str(row.line), face, _BODY, "center")
        draw_centred(document, edges[place + 2], y, UNIT_WIDTH, height, row.unit, face, _BODY)
        for offset, index in enumerate(grid.columns):
            left, right = edges[grid.fixed + offset], edges[grid.fixed + offset + 1]
            cell = self._form.cells[number][index]
            if cell.kind == "struck":
                strike(document, left, y, right - left, height)
            elif cell.kind == "text":
                draw_centred(document, left, y, right - left, height, cell.text, face, _BODY)
            else:
                size = fitted_size(cell.text, face, _BODY, right - left - 4 * mm, 5)
                document.put(right - 2 * mm, base, cell.text, face, size, "right")

    def _draw_tail(self, y: float) -> None:
        """Signatures and the place of the seal, then the 口径说明, then a confirmed failure if there is one."""
        document, width = self._document, self._width
        y -= 6.5 * mm
        signatures = self._definition.signatures
        share = width / max(1, len(signatures))
        filing = self._form.filing
        for place, name in enumerate(signatures):
            text = f"{name}："
            if name == _SIGNATURE:
                text += "　　　年　月　日" if filing is None else _day(filing)
            elif name == "填表人" and filing is not None:
                text += filing.filed_by
            document.put(LEFT + share * place, y, text, SERIF, fitted_size(text, SERIF, _SIGNED, share - 2, 6))
        y -= 5.5 * mm
        if self._notes:
            document.put(LEFT, y, _NOTE_HEAD, SERIF, _NOTE_SIZE)
        start = text_width(_NOTE_HEAD, SERIF, _NOTE_SIZE)
        y = document.put_lines(LEFT + start, y, self._notes, _NOTE_SIZE, _NOTE_LEADING, width - start)
        if self._form.failures:
            text = f"本表有 {len(self._form.failures)} 项审核关系不成立，经确认后打印。"
            document.put(LEFT, y, text, SERIF, _NOTE_SIZE, colour=_RED)

    # the second page

    def _draw_comparison(self, compared: tuple[ComparedRow, ...]) -> None:
        document = self._document
        document.start_page(self._page)
        document.bookmark("本期与上期、上年同期比较", 1)
        y = self._draw_head(f"{self._definition.title}（比较）", self._definition.unit)
        figure = min(30 * mm, (self._width - 60 * mm - LINE_WIDTH - UNIT_WIDTH) / len(_COMPARED))
        label = self._width - figure * len(_COMPARED) - LINE_WIDTH - UNIT_WIDTH
        heads = [Head((title,), width) for title, width in
                 (("指　标　名　称", label), ("行次", LINE_WIDTH), ("计量单位", UNIT_WIDTH))]  # fmt: skip
        heads += [Head((*above, title), figure) for title, above in _COMPARED]
        height = 6.5 * mm * head_levels(heads)
        top = y
        y = draw_head(document, LEFT, y, heads, height, size=_BODY)
        row_height = min(ROW_TALLEST, (y - BOTTOM - 10 * mm) / len(compared))
        size = min(_BODY, row_height * 0.62)
        edges = [LEFT]
        for head in heads:
            edges.append(edges[-1] + head.width)
        body = y
        for one in compared:
            self._draw_compared(one, edges, y - row_height, row_height, size)
            y -= row_height
            document.rule(LEFT, y, edges[-1], y)
        groups = [body - row_height * place for place, one in enumerate(compared) if one.row.group]
        for x in edges[1:-1]:
            self._vertical(x, body, y, groups, row_height)
        document.box(LEFT, y, edges[-1] - LEFT, top - y, line=1.0)
        note = "▲ 表示增加，▼ 表示减少；增减幅度＝增减数÷比较期数，比较期为 0 而有增减的印“—”；率的增减以百分点计。"
        document.put(LEFT, y - 5 * mm, note, SERIF, _NOTE_SIZE)
        self._end_page()

    def _draw_compared(self, one: ComparedRow, edges: list[float], y: float, height: float, size: float) -> None:
        document, row = self._document, one.row
        base = y + height / 2 - size * 0.36
        if row.group:
            document.put(LEFT + 2 * mm, base, row.label, SANS_BOLD, size)
            return
        indent = (3 + row.indent * 4) * mm
        draw_cell(document, LEFT + indent, y, edges[1] - LEFT - indent, height, row.label, SANS, size)
        document.put((edges[1] + edges[2]) / 2, base, str(row.line), SANS, size, "center")
        draw_centred(document, edges[2], y, UNIT_WIDTH, height, row.unit, SANS, size)
        texts = [figure_text(row.key, one.current)]
        for before in (one.previous, one.last_year):
            texts.extend((figure_text(row.key, before), *change_text(row, one.current, before)))
        for place, text in enumerate(texts):
            right = edges[place + 4]
            fitted = fitted_size(text, SANS, size, right - edges[place + 3] - 3 * mm, 5)
            document.put(right - 1.5 * mm, base, text, SANS, fitted, "right")


def _day(filing: Filing) -> str:
    return f"{filing.filed_on.year}年{filing.filed_on.month}月{filing.filed_on.day}日"

"""Draws official statistics forms on A4 landscape: head, lines, figures, signatures, 口径说明."""

from collections.abc import Sequence

from reportlab.lib import units
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from bangjiao_desktop.documents.canvas import Document
from bangjiao_desktop.documents.typography import (
    SANS,
    SANS_BOLD,
    SERIF,
    SERIF_BOLD,
    fitted_size,
    font,
    text_width,
    wrap,
)
from bangjiao_desktop.domain.forms import FilledForm

mm = float(units.mm)
PAGE: tuple[float, float] = landscape(A4)
LEFT, RIGHT, TOP, BOTTOM = 18 * mm, 18 * mm, 13 * mm, 12 * mm
HEAD = 8.0 * mm
ROW_TALLEST, ROW_LOWEST = 6.2 * mm, 4.6 * mm
LINE_WIDTH, UNIT_WIDTH = 12 * mm, 16 * mm
_BODY = 9.0
_OFFICES_A_PAGE = 9
_SIGNATURES = ("单位负责人：", "统计负责人：", "填表人：", "联系电话：", "报出日期：　　　　年　　月　　日")
_HEAD_BLOCK = 25 * mm
_NOTE_SIZE, _NOTE_LEADING = 7.8, 4.1 * mm


def draw_forms(forms: Sequence[FilledForm]) -> bytes:
    """Return one PDF with every form, each beginning on a page of its own, with bookmarks.

    Args:
        forms: filled; whether a failed check may be printed is the caller's decision.
    """
    document = Document("安置帮教统计报表", PAGE)
    canvas = document.canvas
    number = 0
    for form in forms:
        canvas.bookmarkPage(form.definition.number)
        canvas.addOutlineEntry(f"{form.definition.number} {form.definition.title}", form.definition.number, 0)
        for columns in _column_pages(form):
            for first, rows, last in _row_pages(form):
                number += 1
                _draw_page(canvas, form, columns, rows, first=first, last=last, number=number)
                canvas.showPage()
    return document.finish()


def _column_pages(form: FilledForm) -> list[list[int]]:
    """Column numbers of each page: many offices are spread over several, the first column on every one."""
    count = len(form.columns)
    if count <= _OFFICES_A_PAGE:
        return [list(range(count))]
    rest = list(range(1, count))
    step = _OFFICES_A_PAGE - 1
    return [[0, *rest[start : start + step]] for start in range(0, len(rest), step)]


def _notes(form: FilledForm) -> list[str]:
    width = PAGE[0] - LEFT - RIGHT
    lines: list[str] = []
    for place, note in enumerate(form.definition.notes, start=1):
        lines.extend(wrap(f"{place}．{note}", SERIF, _NOTE_SIZE, width - text_width("口径说明：", SERIF, _NOTE_SIZE)))
    return lines


def _row_height(form: FilledForm) -> float:
    """Height of a row: a form stands on one page as long as its rows stay legible."""
    room = _room() - _tail(form)
    one_page = room / len(form.definition.rows)
    return ROW_TALLEST if one_page < ROW_LOWEST else min(ROW_TALLEST, one_page)


def _room() -> float:
    return PAGE[1] - TOP - BOTTOM - _HEAD_BLOCK - HEAD


def _tail(form: FilledForm) -> float:
    return 12 * mm + (len(_notes(form)) + bool(form.failures)) * _NOTE_LEADING


def _row_pages(form: FilledForm) -> list[tuple[bool, range, bool]]:
    """(first page?, row numbers, last page?): the notes and signatures stand on the last page only."""
    height, tail, row_height = _room(), _tail(form), _row_height(form)
    total = len(form.definition.rows)
    pages: list[tuple[bool, range, bool]] = []
    start = 0
    while True:
        if (total - start) * row_height <= height - tail + 0.01:
            pages.append((start == 0, range(start, total), True))
            return pages
        fitting = int(height // row_height)
        stop = min(total, start + fitting)
        if stop == total:  # the rows fit, the tail does not: leave some for the last page
            stop = total - 4
        if form.definition.rows[stop - 1].group:
            stop -= 1
        pages.append((start == 0, range(start, stop), False))
        start = stop


def _draw_page(
    canvas: Canvas, form: FilledForm, columns: list[int], rows: range, *, first: bool, last: bool, number: int
) -> None:
    y = _draw_head(canvas, form, first)
    y = _draw_table(canvas, form, columns, rows, y)
    if last:
        _draw_tail(canvas, form, y)
    canvas.setFont(font(SERIF), 9)
    canvas.drawCentredString(PAGE[0] / 2, BOTTOM - 5 * mm, f"— {number} —")


def _draw_head(canvas: Canvas, form: FilledForm, first: bool) -> float:
    """Title in the middle, number and authority at the right, office, period and unit below; return the table's top."""
    definition = form.definition
    top = PAGE[1] - TOP
    title = definition.title if first else f"{definition.title}（续）"
    size = fitted_size(title, SERIF_BOLD, 18, 150 * mm, 12)
    canvas.setFont(font(SERIF_BOLD), size)
    canvas.drawCentredString(PAGE[0] / 2, top - 8 * mm, title)
    canvas.setFont(font(SERIF), 8.5)
    block = (
        ("表　　号：", definition.number),
        ("制定机关：", definition.authority),
        ("文　　号：", definition.document_number),
        ("有效期至：", definition.valid_until),
    )
    x = PAGE[0] - RIGHT - 48 * mm
    for place, (name, value) in enumerate(block):
        canvas.drawString(x, top - 3 * mm - place * 4.4 * mm, f"{name}{value}")
    line = top - _HEAD_BLOCK + 2.5 * mm
    canvas.setFont(font(SERIF), 10)
    canvas.drawString(LEFT, line, f"填报单位：{form.organisation}")
    canvas.drawCentredString(PAGE[0] / 2, line, form.period_label)
    canvas.drawRightString(PAGE[0] - RIGHT, line, f"计量单位：{definition.unit}")
    return top - _HEAD_BLOCK


def _widths(columns: list[int]) -> tuple[float, float]:
    """Width of the label column and of each figure column."""
    total = PAGE[0] - LEFT - RIGHT - LINE_WIDTH - UNIT_WIDTH
    figure = min(40 * mm, (total - 52 * mm) / len(columns))
    return total - figure * len(columns), figure


def _draw_table(canvas: Canvas, form: FilledForm, columns: list[int], rows: range, top: float) -> float:
    label_width, figure_width = _widths(columns)
    lefts = [LEFT, LEFT + label_width, LEFT + label_width + LINE_WIDTH]
    lefts.append(lefts[-1] + UNIT_WIDTH)
    lefts.extend(lefts[3] + figure_width * (place + 1) for place in range(len(columns)))
    right = lefts[-1]
    row_height = _row_height(form)
    bottom = top - HEAD - row_height * len(rows)
    heads = ["指　标　名　称", "行次", "计量单位", *(form.columns[index].header for index in columns)]
    canvas.setFillGray(0.94)
    canvas.rect(LEFT, top - HEAD, right - LEFT, HEAD, stroke=0, fill=1)
    canvas.setFillGray(0)
    for place, head in enumerate(heads):
        width = lefts[place + 1] - lefts[place]
        size = fitted_size(head, SANS_BOLD, _BODY, width - 2 * mm, 6)
        canvas.setFont(font(SANS_BOLD), size)
        canvas.drawCentredString(lefts[place] + width / 2, top - HEAD / 2 - size * 0.36, head)
    y = top - HEAD
    canvas.setLineWidth(0.35)
    for number in rows:
        _draw_row(canvas, form, number, columns, lefts, y - row_height / 2)
        y -= row_height
        canvas.line(LEFT, y, right, y)
    canvas.line(LEFT, top - HEAD, right, top - HEAD)
    groups = [
        top - HEAD - row_height * place for place, number in enumerate(rows) if form.definition.rows[number].group
    ]
    for x in lefts[1:-1]:
        _vertical(canvas, x, top, bottom, groups, row_height)
    canvas.setLineWidth(1.0)
    canvas.rect(LEFT, bottom, right - LEFT, top - bottom, stroke=1, fill=0)
    return bottom


def _vertical(canvas: Canvas, x: float, top: float, bottom: float, groups: list[float], row_height: float) -> None:
    """A rule between columns, open where a group heading runs across."""
    start = top
    for group in groups:
        canvas.line(x, start, x, group)
        start = group - row_height
    if start > bottom:
        canvas.line(x, start, x, bottom)


def _draw_row(
    canvas: Canvas, form: FilledForm, number: int, columns: list[int], lefts: list[float], middle: float
) -> None:
    row = form.definition.rows[number]
    base = middle - _BODY * 0.36
    if row.group:
        canvas.setFont(font(SANS_BOLD), _BODY)
        canvas.drawString(LEFT + 2 * mm, base, row.label)
        return
    indent = 4 * mm + row.indent * 4 * mm
    size = fitted_size(row.label, SANS, _BODY, lefts[1] - LEFT - indent - 1 * mm, 6)
    canvas.setFont(font(SANS), size)
    canvas.drawString(LEFT + indent, base, row.label)
    canvas.setFont(font(SANS), _BODY)
    canvas.drawCentredString((lefts[1] + lefts[2]) / 2, base, str(row.line))
    canvas.drawCentredString((lefts[2] + lefts[3]) / 2, base, row.unit)
    for place, index in enumerate(columns):
        text = form.cells[number][index].text
        width = lefts[place + 4] - lefts[place + 3] - 4 * mm
        size = fitted_size(text, SANS, _BODY, width, 5)
        canvas.setFont(font(SANS), size)
        canvas.drawRightString(lefts[place + 4] - 2 * mm, base, text)


def _draw_tail(canvas: Canvas, form: FilledForm, y: float) -> None:
    """Signatures, then the 口径说明, then a confirmed failure if there is one."""
    canvas.setFont(font(SERIF), 9.5)
    width = PAGE[0] - LEFT - RIGHT
    y -= 6.5 * mm
    starts = (0.0, 0.2, 0.4, 0.58, 0.74)
    for share, text in zip(starts, _SIGNATURES, strict=True):
        canvas.drawString(LEFT + width * share, y, text)
    y -= 5.5 * mm
    canvas.setFont(font(SERIF), _NOTE_SIZE)
    for place, line in enumerate(_notes(form)):
        if place == 0:
            canvas.drawString(LEFT, y, "口径说明：")
        canvas.drawString(LEFT + text_width("口径说明：", SERIF, _NOTE_SIZE), y, line)
        y -= _NOTE_LEADING
    if form.failures:
        canvas.setFillColorRGB(0.7, 0.1, 0.1)
        canvas.drawString(LEFT, y, f"本表有 {len(form.failures)} 项审核关系不成立，经确认后打印。")
        canvas.setFillGray(0)

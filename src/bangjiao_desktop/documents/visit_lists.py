"""走访单 on A4: each person with what was agreed last, lines to write on, what came of it to tick, and a code."""

from collections.abc import Callable, Sequence

from bangjiao_desktop.documents.setting.canvas import Colour, Document, Watermark, mm
from bangjiao_desktop.documents.setting.pictures import draw_qr
from bangjiao_desktop.documents.setting.typography import SANS, SANS_BOLD, SERIF, TITLE, Span, fitted_size, layout
from bangjiao_desktop.domain.visit_lists import PlannedVisit, by_village

_PAGE = (210 * mm, 297 * mm)
_LEFT, _RIGHT, _TOP, _BOTTOM = 20 * mm, 14 * mm, 14 * mm, 14 * mm
_WIDTH = _PAGE[0] - _LEFT - _RIGHT
_HEAD, _VILLAGE = 22 * mm, 8 * mm
_CODE, _PAD = 19 * mm, 2.2 * mm
_SIZE, _LEADING = 9.0, 11.6
_TOLD_LINES = 2  # of what was said last, and of what is to be done
_WRITTEN, _WRITTEN_STEP = 3, 6.6 * mm
_FOOT = 7.4 * mm
_NAME = 6.4 * mm
_GREY: Colour = (0.45, 0.45, 0.45)
_OUTCOMES = "□ 见到本人　□ 未遇到　□ 拒绝　□ 电话不通　□ 改期"


def draw_visit_list(
    title: str, about: str, visits: Sequence[PlannedVisit], *, watermark: Watermark | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[bytes, int]:  # fmt: skip
    """Draw the list, by village; return the PDF and its pages.

    Args:
        title: over every page.
        about: the unit and the day.
        visits: whom; at least one.
        watermark: laid over every page.
        progress: told the share that is done.
    """
    document = Document("走访单", _PAGE, watermark)
    pages = list(_pages(visits))
    for number, blocks in enumerate(pages, start=1):
        document.start_page(_PAGE)
        if number == 1:
            document.bookmark(title)
        y = _draw_head(document, title, about, number, len(pages))
        for village, visit in blocks:
            if visit is None:
                document.put(_LEFT, y - 5.6 * mm, village, SANS_BOLD, 10.5)
                y -= _VILLAGE
            else:
                y = _draw_visit(document, visit, y)
        document.put(_LEFT + _WIDTH / 2, _BOTTOM - 6 * mm, f"— {number} —", SERIF, 9, "center")
        document.end_page()
        progress(number / len(pages))
    return document.finish(), document.pages


_Block = tuple[str, PlannedVisit | None]


def _pages(visits: Sequence[PlannedVisit]) -> list[list[_Block]]:
    """What stands on each page: headings of villages (None), and the visits below them; no heading stands alone."""
    room = _PAGE[1] - _TOP - _BOTTOM - _HEAD
    pages: list[list[_Block]] = [[]]
    used = 0.0
    for village, here in by_village(visits):
        for place, visit in enumerate(here):
            height = _height(visit)
            heading = _VILLAGE if place == 0 else 0.0
            if used + heading + height > room and pages[-1]:
                pages.append([])
                used, heading = 0.0, _VILLAGE  # the village is told anew on another page
            if heading:
                pages[-1].append((village if place == 0 else f"{village}（续）", None))
            pages[-1].append((village, visit))
            used += heading + height
    return pages


def _told(visit: PlannedVisit) -> list[tuple[str, str]]:
    """Captions and texts above the lines that are written on."""
    found = [
        ("住址", visit.address), ("电话", "　".join(filter(None, (visit.telephone, visit.family)))), ("上次", visit.last),
        ("约定", visit.agreed), ("要办", visit.due),
    ]  # fmt: skip
    return [(caption, text) for caption, text in found if text]


def _lines(text: str, width: float) -> list[str]:
    found = layout([Span(text, SANS)], _SIZE, width)
    lines = ["".join(span.text for span in line.spans) for line in found]
    if len(lines) > _TOLD_LINES:
        lines = [*lines[: _TOLD_LINES - 1], lines[_TOLD_LINES - 1].rstrip()[:-1] + "…"]
    return lines


def _text_width() -> float:
    return _WIDTH - _CODE - 4 * _PAD - 9 * mm


def _height(visit: PlannedVisit) -> float:
    told = sum(len(_lines(text, _text_width())) for _, text in _told(visit)) * _LEADING
    above = max(_NAME + told + _PAD, _CODE + 2 * _PAD)
    return above + _WRITTEN * _WRITTEN_STEP + _FOOT + 2 * mm


def _draw_head(document: Document, title: str, about: str, number: int, pages: int) -> float:
    top = _PAGE[1] - _TOP
    middle = _LEFT + _WIDTH / 2
    with document.heading():
        document.put(middle, top - 8 * mm, title, TITLE, fitted_size(title, TITLE, 18, _WIDTH, 11), "center")
    document.put(_LEFT, top - 17 * mm, about, SERIF, fitted_size(about, SERIF, 9.5, _WIDTH - 34 * mm, 6))
    document.put(_LEFT + _WIDTH, top - 17 * mm, f"第 {number} 页，共 {pages} 页", SERIF, 9, "right")
    return top - _HEAD + 2 * mm


def _draw_visit(document: Document, visit: PlannedVisit, top: float) -> float:
    """Draw a visit below a height; return the height below it."""
    height = _height(visit) - 2 * mm
    low = top - height
    document.box(_LEFT, low, _WIDTH, height, line=0.7)
    left = _LEFT + _PAD
    document.put(left, top - 5.4 * mm, visit.name, SANS_BOLD, 12)
    document.put(
        left + 30 * mm, top - 5.2 * mm, visit.about, SANS, fitted_size(visit.about, SANS, 9, 100 * mm, 6), colour=_GREY
    )
    draw_qr(document, visit.code, _LEFT + _WIDTH - _CODE - _PAD, top - _CODE - _PAD, _CODE)
    y = top - _NAME
    for caption, text in _told(visit):
        for place, line in enumerate(_lines(text, _text_width())):
            y -= _LEADING
            if place == 0:
                document.put(left, y + 3, caption, SANS, _SIZE, colour=_GREY)
            document.put(left + 9 * mm, y + 3, line, SANS, _SIZE)
    written = low + _FOOT + _WRITTEN * _WRITTEN_STEP
    document.put(left, written - _WRITTEN_STEP + 2, "情况", SANS, _SIZE, colour=_GREY)
    for place in range(1, _WRITTEN + 1):
        line_y = written - place * _WRITTEN_STEP
        document.rule(left + (9 * mm if place == 1 else 0), line_y, _LEFT + _WIDTH - _PAD, line_y, 0.25, _GREY)
    document.put(left, low + 2.8 * mm, _OUTCOMES, SANS, _SIZE)
    document.put(_LEFT + 98 * mm, low + 2.8 * mm, "下次约定", SANS, _SIZE)
    document.rule(_LEFT + 113 * mm, low + 2.2 * mm, _LEFT + 133 * mm, low + 2.2 * mm, 0.25, _GREY)
    document.put(_LEFT + 135 * mm, low + 2.8 * mm, "本人签名", SANS, _SIZE)
    document.rule(_LEFT + 150 * mm, low + 2.2 * mm, _LEFT + _WIDTH - _PAD, low + 2.2 * mm, 0.25, _GREY)
    return low - 2 * mm

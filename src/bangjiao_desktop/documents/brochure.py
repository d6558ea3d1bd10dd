"""The brochure on paper: an A4 sheet folded in three, or an A5 booklet imposed for the saddle."""

from collections.abc import Sequence
from dataclasses import dataclass

from bangjiao_desktop.documents.brochure_columns import (
    BLUE,
    INK,
    Draw,
    Panel,
    SetPassage,
    fill_panels,
    fit,
    panel_drawer,
    set_sections,
)
from bangjiao_desktop.documents.brochure_text import Section
from bangjiao_desktop.documents.setting.canvas import Colour, Document, mm
from bangjiao_desktop.documents.setting.icons import draw_icon
from bangjiao_desktop.documents.setting.pictures import draw_picture, picture
from bangjiao_desktop.documents.setting.typography import (
    SANS,
    SANS_BOLD,
    SERIF_BOLD,
    Span,
    fitted_size,
    layout,
    text_width,
)
from bangjiao_desktop.domain.errors import InvalidInputError

_PALE: Colour = (0.91, 0.945, 0.985)
_STREET: Colour = (1.0, 1.0, 1.0)
_GREY: Colour = (0.4, 0.43, 0.47)
_WHITE: Colour = (1.0, 1.0, 1.0)
_AMBER: Colour = (0.93, 0.6, 0.13)
_SHEET = (297.0, 210.0)
# Letter fold: the flap that goes inside is 3 mm narrower.
_WIDE, _FLAP = 100.0, 97.0
_A5 = (148.5, 210.0)


@dataclass(frozen=True)
class Brochure:
    """What the brochure holds.

    Attributes:
        cover: title, subtitle and a few words.
        sections: in the order they are read.
        reach: how to reach the office, on the back.
        places: "name｜address｜telephone" in its bullets, drawn as a little map.
        office: name on the cover.
        logo: the office's own emblem.
    """

    cover: Section
    sections: tuple[Section, ...]
    reach: Section
    places: Section
    office: str
    logo: bytes | None = None


def draw_trifold(brochure: Brochure) -> bytes:
    """Return two A4 pages in landscape: outside (flap, back, cover) and inside; turn over the short edge.

    Raises:
        InvalidInputError: more text than fits at a legible size.
    """
    document = Document(brochure.cover.title, (_SHEET[0] * mm, _SHEET[1] * mm))
    edge, top, bottom = 7.5, 12.0, 11.0
    height = _SHEET[1] - top - bottom
    measure = _FLAP - 2 * edge  # one measure for all panels, so that text can run on from one to the next
    inside = [Panel((x + (width - measure) / 2) * mm, bottom * mm, measure * mm, height * mm)
              for x, width in ((0.0, _WIDE), (_WIDE, _WIDE), (2 * _WIDE, _FLAP))]  # fmt: skip
    flap = Panel(edge * mm, bottom * mm, measure * mm, height * mm)
    columns, _ = fit(brochure.sections, [*inside, flap])
    draws = [panel_drawer(column, panel) for column, panel in zip(columns, [*inside, flap], strict=True)]
    document.bookmark("外页")
    draws[3](document)
    _back(document, brochure, _FLAP * mm, _WIDE * mm)
    _cover(document, brochure, (_FLAP + _WIDE) * mm, _WIDE * mm)
    _fold_marks(document, (_FLAP, _FLAP + _WIDE))
    document.end_page()
    document.bookmark("内页")
    for draw in draws[:3]:
        draw(document)
    _fold_marks(document, (_WIDE, 2 * _WIDE))
    document.end_page()
    return document.finish()


def draw_booklet(brochure: Brochure, *, imposed: bool = True) -> bytes:
    """Return the A5 booklet: cover, contents, sections, places, back.

    Args:
        brochure: what it holds.
        imposed: two pages on each side of A4 in the order of a stapled booklet (turn over the short edge), or the A5
            pages one after the other.

    Raises:
        InvalidInputError: a section is longer than its pages.
    """
    pages = _booklet_pages(brochure)
    while len(pages) % 4:
        pages.insert(len(pages) - 1, _notes_page)
    size = (_A5[0] * mm, _A5[1] * mm)
    if not imposed:
        document = Document(brochure.cover.title, size)
        for number, page in enumerate(pages, start=1):
            page(document)
            _page_number(document, number, len(pages))
            document.end_page()
        return document.finish()
    document = Document(brochure.cover.title, (_SHEET[0] * mm, _SHEET[1] * mm))
    for left, right in imposition(len(pages)):
        for place, number in ((0.0, left), (_A5[0] * mm, right)):
            document.canvas.saveState()
            document.canvas.translate(place, 0)
            pages[number - 1](document)
            _page_number(document, number, len(pages))
            document.canvas.restoreState()
        document.end_page()
    return document.finish()


def imposition(pages: int) -> list[tuple[int, int]]:
    """Return the page numbers (left, right) of each side of a stapled booklet, front and back of sheet after sheet.

    Args:
        pages: a multiple of 4.
    """
    sides: list[tuple[int, int]] = []
    for sheet in range(pages // 4):
        sides.append((pages - 2 * sheet, 2 * sheet + 1))
        sides.append((2 * sheet + 2, pages - 2 * sheet - 1))
    return sides


# cover, back, places


def _cover(document: Document, brochure: Brochure, x: float, width: float, height: float = _SHEET[1] * mm) -> None:
    """A quiet cover: a blue field with the title, a drawn home and path, the office's name."""
    document.box(x, height * 0.42, width, height * 0.58, fill=BLUE, line=None)
    middle = x + width / 2
    if brochure.logo is not None:
        side = 18 * mm
        document.box(middle - side / 2, height * 0.86, side, side, fill=_WHITE, line=None, radius=3 * mm)
        draw_picture(document, picture(brochure.logo), middle - side * 0.42, height * 0.86 + side * 0.08, side * 0.84,
                     side * 0.84)  # fmt: skip
    else:
        draw_icon(document, "scale", middle - 8 * mm, height * 0.865, 16 * mm, _WHITE)
    title = brochure.cover.title
    size = fitted_size(title, SERIF_BOLD, 30, width - 16 * mm, 16)
    with document.heading():
        document.put(middle, height * 0.755, title, SERIF_BOLD, size, "center", _WHITE)
    y = height * 0.695
    texts = [passage.text for passage in brochure.cover.passages]
    if texts:
        document.put(middle, y, texts[0], SANS, fitted_size(texts[0], SANS, 13, width - 16 * mm, 9), "center", _WHITE)
    _landscape(document, x, height * 0.42, width)
    y = height * 0.36
    for text in texts[1:]:
        lines = layout([Span(text, SANS)], 10, width - 24 * mm)
        y = document.put_lines(x + 12 * mm, y, lines, 10, 16, width - 24 * mm, "justify", _GREY) - 4
    document.rule(middle - 12 * mm, 27 * mm, middle + 12 * mm, 27 * mm, 1.2, _AMBER)
    size = fitted_size(brochure.office, SANS_BOLD, 14, width - 16 * mm, 9)
    document.put(middle, 18 * mm, brochure.office, SANS_BOLD, size, "center", BLUE)


def _landscape(document: Document, x: float, y: float, width: float) -> None:
    """Hills, a house, a path that leads to it."""
    canvas = document.canvas
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(x, y, width, 60 * mm)
    canvas.clipPath(clip, stroke=0, fill=0)
    for colour, rise, shift in (((0.24, 0.49, 0.75), 17, 0.15), ((0.42, 0.63, 0.84), 11, 0.62)):
        canvas.setFillColorRGB(*colour)
        path = canvas.beginPath()
        path.moveTo(x, y)
        path.curveTo(
            x + width * shift, y + rise * 2 * mm, x + width * (shift + 0.25), y + rise * mm, x + width, y + 4 * mm
        )
        path.lineTo(x + width, y)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
    canvas.setFillColorRGB(*_AMBER)
    canvas.circle(x + width * 0.8, y + 34 * mm, 6 * mm, stroke=0, fill=1)
    canvas.setFillColorRGB(*_WHITE)
    path = canvas.beginPath()
    path.moveTo(x + width * 0.3, y)
    path.curveTo(x + width * 0.36, y + 5 * mm, x + width * 0.52, y + 5 * mm, x + width * 0.5, y + 11 * mm)
    path.lineTo(x + width * 0.53, y + 11 * mm)
    path.curveTo(x + width * 0.58, y + 5 * mm, x + width * 0.46, y + 4 * mm, x + width * 0.46, y)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
    draw_icon(document, "house", x + width * 0.515 - 7 * mm, y + 9.5 * mm, 14 * mm, _WHITE)


def _back(document: Document, brochure: Brochure, x: float, width: float) -> None:
    """The back panel: the map of places, and how to reach the office."""
    edge = 7.5 * mm
    inner = width - 2 * edge
    top = _SHEET[1] * mm - 12 * mm
    y = _places(document, brochure.places, x + edge, top, inner, 62 * mm)
    panel = Panel(x + edge, 11 * mm, inner, y - 16 * mm)
    columns, _ = fit([brochure.reach], [panel])
    panel_drawer(columns[0], panel)(document)


def _places(document: Document, places: Section, x: float, top: float, width: float, height: float) -> float:
    """A map-like box with a numbered pin for each place, and the list of places below; return where it ends."""
    size = 9.0
    draw_icon(document, places.icon or "pin", x, top - 15, 15, BLUE)
    with document.heading("H2"):
        document.put(x + 19, top - 12, places.title, SANS_BOLD, 12.5, colour=BLUE)
    y = top - 20
    entries = [_entry(passage.text) for passage in places.passages if passage.kind == "bullet"][:8]
    _streets(document, x, y - height * 0.62, width, height * 0.62, len(entries))
    y -= height * 0.62 + 4 * mm
    for number, (name, address, telephone) in enumerate(entries, start=1):
        _pin(document, x + 2.4 * mm, y - 1.1 * mm, number, 2.2 * mm)
        left = x + 6.5 * mm
        phone = text_width(telephone, SANS_BOLD, size)
        fitted = fitted_size(name, SANS_BOLD, size, width - 9 * mm - phone, 6)
        document.put(left, y - 2.2 * mm, name, SANS_BOLD, fitted, colour=INK)
        document.put(x + width, y - 2.2 * mm, telephone, SANS_BOLD, size, "right", BLUE)
        y -= 4.3 * mm
        if address:
            small = fitted_size(address, SANS, 8, width - 6.5 * mm, 5.5)
            document.put(left, y - 1.8 * mm, address, SANS, small, colour=_GREY)
            y -= 4.0 * mm
        y -= 1.0 * mm
    return y


def _entry(text: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in text.replace("|", "｜").split("｜")]
    name, address, telephone = (*parts, "", "")[:3]
    return name, "" if address == "请填写地址" else address, telephone


def _streets(document: Document, x: float, y: float, width: float, height: float, pins: int) -> None:
    """Streets as on a town map; it shows that the places are near, not where they are to the metre."""
    document.box(x, y, width, height, fill=_PALE, line=None, radius=2 * mm)
    for share in (0.3, 0.72):
        document.rule(x + 1 * mm, y + height * share, x + width - 1 * mm, y + height * share, 4.5, _STREET)
    for share in (0.22, 0.52, 0.8):
        document.rule(x + width * share, y + 1 * mm, x + width * share, y + height - 1 * mm, 4.5, _STREET)
    document.rule(x + width * 0.05, y + 2 * mm, x + width * 0.95, y + height - 3 * mm, 2.4, _STREET)
    spots = ((0.36, 0.5), (0.12, 0.82), (0.64, 0.86), (0.9, 0.5), (0.66, 0.44), (0.14, 0.14), (0.4, 0.14), (0.9, 0.12))
    for number in range(1, pins + 1):
        across, up = spots[number - 1]
        _pin(document, x + width * across, y + height * up, number, 3.2 * mm if number == 1 else 2.6 * mm)


def _pin(document: Document, x: float, y: float, number: int, radius: float) -> None:
    colour = _AMBER if number == 1 else BLUE
    document.canvas.setFillColorRGB(*colour)
    document.canvas.circle(x, y, radius, stroke=0, fill=1)
    size = radius * 1.25
    document.put(x, y - size * 0.36, str(number), SANS_BOLD, size, "center", _WHITE)


def _fold_marks(document: Document, places: Sequence[float]) -> None:
    for place in places:
        for start, stop in ((0.0, 4.0), (_SHEET[1] - 4.0, _SHEET[1])):
            document.rule(place * mm, start * mm, place * mm, stop * mm, 0.25, (0.6, 0.6, 0.6))


# the booklet


def _booklet_pages(brochure: Brochure) -> list[Draw]:
    """The pages at the largest size that needs no more sheets than the usual one."""
    pages = _pages_at(brochure, 10.5)
    sheets = -(-len(pages) // 4)
    for step in range(1, 9):
        larger = _pages_at(brochure, 10.5 + step * 0.25)
        if -(-len(larger) // 4) > sheets:
            break
        pages = larger
    return pages


def _pages_at(brochure: Brochure, size: float) -> list[Draw]:
    edge, top, bottom = 14.0, 16.0, 17.0
    panel = Panel(edge * mm, bottom * mm, (_A5[0] - 2 * edge) * mm, (_A5[1] - top - bottom) * mm)
    starts: list[tuple[str, int]] = []
    pages: list[list[SetPassage]] = []
    for section in brochure.sections:
        columns = fill_panels(set_sections([section], size, panel.width), [panel] * 4)
        if columns is None:
            raise InvalidInputError(f"宣传册“{section.title}”一节太长，请删减。")
        for column in columns:
            if not column:
                continue
            used = sum(one.height for one in column)
            if pages and column[0].heading and sum(one.height for one in pages[-1]) + used + size <= panel.height:
                pages[-1].extend(column)
            else:
                pages.append(list(column))
            if column[0].heading:
                starts.append((section.title, len(pages) + 2))  # after the cover and the contents
    bodies = [panel_drawer(page, panel) for page in pages]

    def cover(document: Document) -> None:
        document.bookmark(brochure.cover.title)
        _cover(document, brochure, 0, _A5[0] * mm)

    def places(document: Document) -> None:
        width = (_A5[0] - 2 * edge) * mm
        y = _places(document, brochure.places, edge * mm, (_A5[1] - top) * mm, width, 80 * mm)
        rest = Panel(edge * mm, bottom * mm, width, y - (bottom + 6) * mm)
        columns, _ = fit([brochure.reach], [rest])
        panel_drawer(columns[0], rest)(document)

    starts.append((brochure.places.title, len(pages) + 3))

    def contents(document: Document) -> None:
        _contents(document, starts, edge)

    return [cover, contents, *bodies, places, _back_cover(brochure)]


def _contents(document: Document, starts: Sequence[tuple[str, int]], edge: float) -> None:
    y = (_A5[1] - 26) * mm
    with document.heading("H2"):
        document.put(edge * mm, y, "目　录", SERIF_BOLD, 20, colour=BLUE)
    y -= 14 * mm
    right = (_A5[0] - edge) * mm
    for title, number in starts:
        document.put(edge * mm, y, title, SANS, 12, colour=INK)
        document.put(right, y, str(number), SANS, 12, "right", INK)
        start, stop = edge * mm + text_width(title, SANS, 12) + 6, right - 20
        dots = "·" * max(0, int((stop - start) / text_width("·", SANS, 9)))
        document.put(start, y, dots, SANS, 9, colour=_GREY)
        y -= 10.5 * mm


def _back_cover(brochure: Brochure) -> Draw:
    def draw(document: Document) -> None:
        width, height = _A5[0] * mm, _A5[1] * mm
        document.box(0, 0, width, height, fill=BLUE, line=None)
        document.put(width / 2, height * 0.55, brochure.office, SANS_BOLD, fitted_size(brochure.office, SANS_BOLD, 18,
                     width - 24 * mm, 11), "center", _WHITE)  # fmt: skip
        y = height * 0.55 - 12 * mm
        for passage in brochure.reach.passages[1:]:
            text = passage.text
            document.put(width / 2, y, text, SANS, fitted_size(text, SANS, 11, width - 20 * mm, 7), "center", _WHITE)
            y -= 8 * mm

    return draw


def _notes_page(document: Document) -> None:
    """A page to write on fills the sheet."""
    edge = 14 * mm
    y = (_A5[1] - 26) * mm
    document.put(edge, y, "备　忘", SANS_BOLD, 14, colour=BLUE)
    while y > 32 * mm:
        y -= 10 * mm
        document.rule(edge, y, _A5[0] * mm - edge, y, 0.35, (0.75, 0.78, 0.82))


def _page_number(document: Document, number: int, pages: int) -> None:
    if 1 < number < pages:
        document.put(_A5[0] / 2 * mm, 9 * mm, f"— {number} —", SANS, 9, "center", _GREY)

"""Pages composed before they are drawn, so that a catalogue can name page numbers that come after it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bangjiao_desktop.documents.setting.canvas import Document, mm
from bangjiao_desktop.documents.setting.pictures import Picture, draw_picture
from bangjiao_desktop.documents.setting.typography import SERIF

Draw = Callable[[Document], object]
A4 = (210 * mm, 297 * mm)


@dataclass(frozen=True)
class Margins:
    """White edges in points: left (the binding side), right, top, bottom."""

    left: float
    right: float
    top: float
    bottom: float


# 左侧装订边 25 mm (DOMAIN.md §7); letters after GB/T 9704: 天头 37 mm, 订口 28 mm, 版心 156×225 mm.
DOSSIER = Margins(25 * mm, 17 * mm, 20 * mm, 20 * mm)
LETTER = Margins(28 * mm, 26 * mm, 37 * mm, 35 * mm)
# 信函格式: the red rule takes the top, the text may run lower.
RED_LETTER = Margins(28 * mm, 26 * mm, 37 * mm, 25 * mm)


class Flow:
    """Pages in the making: what is drawn on each, and how much room is left on the last.

    Args:
        size: of the pages in points.
        margins: white edges.
    """

    def __init__(self, size: tuple[float, float] = A4, margins: Margins = DOSSIER) -> None:
        self.size, self.margins = size, margins
        self.pages: list[list[Draw]] = []
        self.y = 0.0
        self.new_page()

    @property
    def left(self) -> float:
        """Left edge of the text."""
        return self.margins.left

    @property
    def width(self) -> float:
        """Width of the text."""
        return self.size[0] - self.margins.left - self.margins.right

    @property
    def room(self) -> float:
        """Height left on the page."""
        return self.y - self.margins.bottom

    @property
    def full(self) -> float:
        """Height of an empty page."""
        return self.size[1] - self.margins.top - self.margins.bottom

    @property
    def fresh(self) -> bool:
        """Whether nothing stands on the page yet."""
        return self.room >= self.full - 0.01

    def new_page(self) -> None:
        """Go on at the top of another page."""
        self.pages.append([])
        self.y = self.size[1] - self.margins.top

    def need(self, height: float) -> None:
        """Go to another page unless so much room is left (or the page is empty anyway)."""
        if self.room < height - 0.01 and not self.fresh:
            self.new_page()

    def add(self, draw: Draw) -> None:
        """Draw something on the page that is open."""
        self.pages[-1].append(draw)


def picture_flow(images: Sequence[Picture], caption: str) -> Flow:
    """Return pages that each hold one scan, as large as the margins allow."""
    flow = Flow()
    for number, image in enumerate(images):
        if number:
            flow.new_page()
        label = caption if len(images) == 1 else f"{caption}（{number + 1}/{len(images)}）"
        flow.add(_scan(flow, image, label))
        flow.y = flow.margins.bottom
    return flow


def _scan(flow: Flow, image: Picture, label: str) -> Draw:
    left, width, bottom, height = flow.left, flow.width, flow.margins.bottom, flow.full - 8 * mm

    def draw(document: Document) -> None:
        document.put(left, bottom + height + 3 * mm, label, SERIF, 9, colour=(0.35, 0.35, 0.35))
        draw_picture(document, image, left, bottom, width, height)

    return draw


def draw_flow(document: Document, flow: Flow, first_number: int | None, *, outer: bool = False) -> None:
    """Draw the pages of a flow.

    Args:
        document: drawn on.
        flow: composed.
        first_number: of its first page, printed as “— 1 —”; None for none.
        outer: page numbers at the outer edge (GB/T 9704: odd right, even left) instead of the middle.
    """
    for place, page in enumerate(flow.pages):
        document.start_page(flow.size)
        for draw in page:
            draw(document)
        if first_number is not None:
            number = first_number + place
            left, right = flow.margins.left, flow.size[0] - flow.margins.right
            text = f"— {number} —"
            if outer:
                y = flow.margins.bottom - 7 * mm - 14
                if number % 2:
                    document.put(right - 14, y, text, SERIF, 14, "right")
                else:
                    document.put(left + 14, y, text, SERIF, 14)
            else:
                document.put((left + right) / 2, flow.margins.bottom - 9 * mm, text, SERIF, 10.5, "center")
        document.end_page()

"""Sets the brochure's sections into columns: sizes that fit, headings that stay with what follows, icons and marks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bangjiao_desktop.documents.brochure_text import Passage, Section
from bangjiao_desktop.documents.setting.canvas import Colour, Document
from bangjiao_desktop.documents.setting.icons import draw_icon
from bangjiao_desktop.documents.setting.typography import SANS, SANS_BOLD, Line, Span, layout
from bangjiao_desktop.domain.errors import InvalidInputError

BLUE: Colour = (0.122, 0.373, 0.659)
INK: Colour = (0.13, 0.15, 0.18)
_SIZES = tuple(10.5 - step * 0.25 for step in range(19))  # 10.5 down to 6.0 points
Draw = Callable[[Document], None]


@dataclass(frozen=True)
class Panel:
    """A column of text: place and size in points."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class SetPassage:
    """A passage or heading set for a size: its lines, height above it, mark in front."""

    lines: tuple[Line, ...]
    size: float
    leading: float
    before: float
    indent: float
    mark: str = ""
    icon: str = ""
    heading: bool = False

    @property
    def height(self) -> float:
        """Height with what stands above it."""
        return self.before + len(self.lines) * self.leading


def fit(sections: Sequence[Section], panels: Sequence[Panel]) -> tuple[list[list[SetPassage]], float]:
    """Set the sections into the panels at the largest size at which they all fit."""
    for size in _SIZES:
        columns = fill_panels(set_sections(sections, size, panels[0].width), panels)
        if columns is not None:
            return columns, size
    raise InvalidInputError("宣传册的文字太多，用最小的字也放不下。请删减几段，或改用 A5 小册子。")


def set_sections(sections: Sequence[Section], size: float, width: float) -> list[SetPassage]:
    """Set headings and passages at a size (points) into a measure (points)."""
    found: list[SetPassage] = []
    for section in sections:
        found.append(_heading(section, size, width))
        found.extend(_passage(one, size, width) for one in section.passages)
    return found


def _heading(section: Section, size: float, width: float) -> SetPassage:
    large = size * 1.35
    lines = layout([Span(section.title, SANS_BOLD, BLUE)], large, width - large * 1.6)
    return SetPassage(tuple(lines), large, large * 1.4, size * 1.1, large * 1.6, icon=section.icon, heading=True)


def _passage(passage: Passage, size: float, width: float) -> SetPassage:
    bold = passage.kind == "heading"
    spans = [Span(one.text, SANS_BOLD if one.bold or bold else SANS) for one in passage.words]
    mark = "•" if passage.kind == "bullet" else f"{passage.number}." if passage.kind == "number" else ""
    indent = size * 1.1 if mark else 0.0
    lines = layout(spans, size, width - indent)
    return SetPassage(tuple(lines), size, size * 1.48, size * 0.3, indent, mark)


def fill_panels(sets: Sequence[SetPassage], panels: Sequence[Panel]) -> list[list[SetPassage]] | None:
    """Fill panels one after the other; a heading stays with two lines of what follows. None if it does not fit."""
    columns: list[list[SetPassage]] = [[] for _ in panels]
    place, room = 0, panels[0].height
    for number, one in enumerate(sets):
        rest = one
        while True:
            before = rest.before if columns[place] else 0.0
            needed = before + len(rest.lines) * rest.leading
            if rest.heading and number + 1 < len(sets):
                following = sets[number + 1]
                needed_with = needed + following.before + min(2, len(following.lines)) * following.leading
            else:
                needed_with = needed
            if needed_with <= room + 0.01:
                columns[place].append(rest)
                room -= needed
                break
            fitting = 0 if rest.heading else int((room - before) // rest.leading)
            if fitting >= 2 and len(rest.lines) - fitting >= 2:
                columns[place].append(_part(rest, rest.lines[:fitting]))
                rest = _part(rest, rest.lines[fitting:], continued=True)
            place += 1
            if place == len(panels):
                return None
            room = panels[place].height
            if not columns[place] and len(rest.lines) * rest.leading > room:
                return None
    return columns


def _part(one: SetPassage, lines: tuple[Line, ...], *, continued: bool = False) -> SetPassage:
    return SetPassage(
        lines, one.size, one.leading, one.before, one.indent, "" if continued else one.mark, one.icon, one.heading
    )


def panel_drawer(column: Sequence[SetPassage], panel: Panel) -> Draw:
    """Return what draws a column into its panel."""

    def draw(document: Document) -> None:
        y = panel.y + panel.height
        for place, one in enumerate(column):
            y -= one.before if place else 0.0
            base = y - one.size * 1.05
            if one.heading:
                side = one.size * 1.25
                if one.icon:
                    draw_icon(document, one.icon, panel.x, base - one.size * 0.22, side, BLUE)
                with document.heading("H2"):
                    document.put_lines(panel.x + one.indent, base, one.lines, one.size, one.leading, panel.width)
                rule = y - len(one.lines) * one.leading + one.size * 0.08
                document.rule(panel.x, rule, panel.x + panel.width, rule, 0.6, BLUE)
            else:
                if one.mark:
                    document.put(panel.x, base, one.mark, SANS_BOLD, one.size, colour=BLUE)
                width = panel.width - one.indent
                document.put_lines(panel.x + one.indent, base, one.lines, one.size, one.leading, width, "justify", INK)
            y -= len(one.lines) * one.leading

    return draw

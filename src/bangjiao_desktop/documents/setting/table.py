"""What all tables on paper share: heads of several levels, cells with text that fits, blanks struck out."""

from collections.abc import Sequence
from dataclasses import dataclass

from bangjiao_desktop.documents.setting.canvas import Colour, Document, mm
from bangjiao_desktop.documents.setting.typography import SANS_BOLD, Align, Span, fitted_size, layout

HEAD_FILL: Colour = (0.94, 0.94, 0.94)
_PADDING = 1.2 * mm


@dataclass(frozen=True)
class Head:
    """A column's headings from the top; equal neighbours on one level are joined."""

    titles: tuple[str, ...]
    width: float


def head_levels(heads: Sequence[Head]) -> int:
    """Return how many levels the heads have."""
    return max(len(head.titles) for head in heads)


def draw_head(
    document: Document, x: float, top: float, heads: Sequence[Head], height: float, *, size: float = 9.0,
    face: str = SANS_BOLD,
) -> float:  # fmt: skip
    """Draw the heads of a table; return the line below them.

    Args:
        document: drawn on.
        x: left edge.
        top: upper edge.
        heads: one for each column; fewer titles than levels: the lowest reaches down to the line.
        height: of all levels together.
        size: of the type, made smaller where a title does not fit.
        face: of the type.
    """
    levels = head_levels(heads)
    step = height / levels
    total = sum(head.width for head in heads)
    document.box(x, top - height, total, height, fill=HEAD_FILL, line=None)
    lefts = [x]
    for head in heads:
        lefts.append(lefts[-1] + head.width)
    for level in range(levels):
        first = 0
        while first < len(heads):
            last = first
            if level < len(heads[first].titles) - 1:
                wanted = heads[first].titles[: level + 1]
                while (
                    last + 1 < len(heads)
                    and heads[last + 1].titles[: level + 1] == wanted
                    and level < len(heads[last + 1].titles) - 1
                ):
                    last += 1
            if level < len(heads[first].titles):
                lowest = level == len(heads[first].titles) - 1
                bottom = top - height if lowest else top - step * (level + 1)
                left, right, upper = lefts[first], lefts[last + 1], top - step * level
                draw_centred(
                    document, left, bottom, right - left, upper - bottom, heads[first].titles[level], face, size
                )
                document.rule(left, bottom, right, bottom)
                if last + 1 < len(heads):
                    document.rule(right, upper, right, bottom)
            first = last + 1
    return top - height


def draw_centred(
    document: Document, x: float, y: float, width: float, height: float, text: str, face: str, size: float,
    *, smallest: float = 5.0,
) -> None:  # fmt: skip
    """Draw text in the middle of a cell, on several lines and smaller where it must."""
    draw_cell(document, x, y, width, height, text, face, size, "center", smallest=smallest)


def draw_cell(
    document: Document, x: float, y: float, width: float, height: float, text: str, face: str, size: float,
    align: Align = "left", *, smallest: float = 5.0, padding: float = _PADDING,
) -> None:  # fmt: skip
    """Draw text inside a cell, in its middle from top to bottom; smaller type before anything is cut off."""
    if not text:
        return
    room = width - 2 * padding
    if "\n" not in text:
        one_line = fitted_size(text, face, size, room, size * 0.86)
        lines = layout([Span(text, face)], one_line, room)
        if len(lines) == 1:
            size = one_line
    lines = layout([Span(text, face)], size, room)
    while size > smallest and (len(lines) * size * 1.25 > height - 1 or any(line.width > room + 0.1 for line in lines)):
        size = max(smallest, size * 0.94)
        lines = layout([Span(text, face)], size, room)
    leading = size * 1.25
    base = y + height / 2 + leading * (len(lines) - 1) / 2 - size * 0.36
    document.put_lines(x + padding, base, lines, size, leading, room, align)


def strike(document: Document, x: float, y: float, width: float, height: float) -> None:
    """Strike a blank cell out, so that nothing can be written into it later."""
    document.rule(x + 1.5, y + height - 1.5, x + width - 1.5, y + 1.5, 0.35)

"""The setting of Chinese text: widths, fallback character by character, line breaking, justification."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from reportlab.pdfbase import pdfmetrics

from bangjiao_desktop.documents.setting.faces import (
    BODY,
    HEADING,
    KAI,
    SANS,
    SANS_BOLD,
    SERIF,
    SERIF_BOLD,
    TITLE,
    chain,
    characters,
    font,
    latin_font,
    rare_fonts,
)

__all__ = [
    "BODY", "HEADING", "KAI", "MISSING", "SANS", "SANS_BOLD", "SERIF", "SERIF_BOLD", "TITLE", "Line", "Span",
    "fitted_size", "font", "layout", "missing", "runs", "text_width", "wrap",
]  # fmt: skip

# What GB printing puts where a character cannot be had; never an empty box.
MISSING = "〓"
_NO_START = frozenset("，。、；：？！）》〉」』】〕”’％…—·,.;:?!)]}%‰℃〞〗～")
_NO_END = frozenset("（《〈「『【〔“‘([{￥$＄〝〖№")
_NEVER_APART = ("——", "……", "——", "～～")
_LATIN_EXTRA = frozenset("“”‘’…—·")  # Chinese marks that Latin fonts have too, narrow

Align = Literal["left", "right", "center", "justify"]


@dataclass(frozen=True)
class Span:
    """A stretch of text in one face and colour."""

    text: str
    face: str
    colour: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Line:
    """A set line.

    Attributes:
        spans: what stands on it.
        width: natural width in points.
        ends: whether a paragraph ends here (it is not justified).
    """

    spans: tuple[Span, ...]
    width: float
    ends: bool

    @property
    def text(self) -> str:
        """The line's characters."""
        return "".join(span.text for span in self.spans)


@lru_cache(maxsize=65536)
def runs(text: str, face: str) -> tuple[tuple[str, str], ...]:
    """Split a text into (registered font, characters): each character from the first font that has it.

    What no font of this computer has comes out as 〓, so that nobody takes it for a blank.
    """
    fonts = chain(face)
    latin = latin_font(face)
    first = characters(fonts[0])
    if latin is None and all(ord(one) in first for one in text):
        return ((fonts[0], text),) if text else ()
    found: list[tuple[str, str]] = []
    for one in text:
        name, shown = _place(one, fonts, latin)
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + shown)
        else:
            found.append((name, shown))
    return tuple(found)


def _place(one: str, fonts: tuple[str, ...], latin: str | None) -> tuple[str, str]:
    point = ord(one)
    if latin is not None and point < 0x2000 and one not in _LATIN_EXTRA and point in characters(latin):
        return latin, one
    for name in fonts:
        if point in characters(name):
            return name, one
    for name in rare_fonts():
        if point in characters(name):
            return name, one
    if one in "\t\u3000\xa0" or one.isspace():
        return fonts[0], " "
    return next(name for name in fonts if ord(MISSING) in characters(name)), MISSING


def missing(text: str, face: str = SERIF) -> list[str]:
    """Return the characters no font of this computer can print."""
    return [one for one in dict.fromkeys(text) if one != MISSING and not one.isspace()
            and _place(one, chain(face), None)[1] == MISSING]  # fmt: skip


@lru_cache(maxsize=65536)
def _width(text: str, face: str) -> float:
    """Width at one point."""
    total = 0.0
    for name, part in runs(text, face):
        metrics = pdfmetrics.getFont(name).face
        widths, default = metrics.charWidths, metrics.defaultWidth
        total += sum(widths.get(ord(one), default) for one in part)
    return total / 1000


def text_width(text: str, face: str, size: float) -> float:
    """Return the width of a text in points."""
    return _width(text, face) * size


def fitted_size(text: str, face: str, size: float, width: float, smallest: float) -> float:
    """Return the largest size up to `size` at which a text fits `width`, not below `smallest`."""
    natural = text_width(text, face, size)
    return size if natural <= width else max(smallest, size * width / natural)


def wrap(text: str, face: str, size: float, width: float) -> list[str]:
    """Break a text into lines no wider than `width` points (see `layout`)."""
    return [line.text for line in layout([Span(text, face)], size, width)]


def layout(spans: Sequence[Span], size: float, width: float, *, indent: float = 0.0) -> list[Line]:
    """Break text into lines no wider than `width` points.

    No line begins with a closing mark nor ends with an opening one; dashes and dots of two characters stay
    together; Latin words and numbers stay whole where they fit on a line. ReportLab's own CJK wrapping lets
    closing marks hang into the margin, cuts words and numbers, and knows one font a paragraph: so it is not used.

    Args:
        spans: the text; a newline ends a paragraph.
        size: in points.
        width: of a full line.
        indent: of the first line of every paragraph.
    """
    lines: list[Line] = []
    current: list[tuple[str, Span]] = []
    used, room = 0.0, width - indent

    def close(*, ends: bool) -> None:
        nonlocal current, used, room
        while current and current[-1][0] == " ":
            used -= text_width(" ", current[-1][1].face, size)
            current.pop()
        lines.append(Line(_joined(current), max(0.0, used), ends))
        current, used, room = [], 0.0, width - (indent if ends else 0.0)

    for unit in _units(spans):
        if unit[0][0] == "\n":
            close(ends=True)
            continue
        if unit[0][0] == " " and not current:
            continue
        taken = sum(text_width(text, span.face, size) for text, span in unit)
        if current and used + taken > room + 0.01:
            close(ends=False)
            if unit[0][0] == " ":
                continue
        for text, span in unit:
            rest = text
            while used + text_width(rest, span.face, size) > room + 0.01 and len(rest) > 1:
                fitting = _fitting(rest, span.face, size, room - used)
                current.append((rest[:fitting], span))
                used += text_width(rest[:fitting], span.face, size)
                rest = rest[fitting:]
                close(ends=False)
            current.append((rest, span))
            used += text_width(rest, span.face, size)
    close(ends=True)
    return lines


def _fitting(text: str, face: str, size: float, width: float) -> int:
    """How many characters fit a line, at least one; no closing mark is left to begin the next."""
    total, count = 0.0, 0
    for one in text:
        total += text_width(one, face, size)
        if total > width + 0.01:
            break
        count += 1
    while 1 < count < len(text) and (text[count] in _NO_START or text[count - 1] in _NO_END):
        count -= 1
    return max(1, count)


def _joined(pieces: list[tuple[str, Span]]) -> tuple[Span, ...]:
    found: list[Span] = []
    for text, span in pieces:
        if found and (found[-1].face, found[-1].colour) == (span.face, span.colour):
            found[-1] = Span(found[-1].text + text, span.face, span.colour)
        else:
            found.append(Span(text, span.face, span.colour))
    return tuple(found)


def _units(spans: Sequence[Span]) -> list[list[tuple[str, Span]]]:
    """Split text into what stands on one line; marks are held to what they may not leave, across spans as well."""
    units: list[list[tuple[str, Span]]] = []
    for span in spans:
        for text in _split(span.text):
            last = units[-1][-1][0] if units else "\n"
            if last[-1] not in " \n" and (text[0] in _NO_START or last[-1] in _NO_END):
                units[-1].append((text, span))
            else:
                units.append([(text, span)])
    return units


@lru_cache(maxsize=8192)
def _split(text: str) -> tuple[str, ...]:
    pieces: list[str] = []
    for character in text:
        last = pieces[-1][-1] if pieces else ""
        if character == "\n" or character == " " or last in ("", "\n", " "):
            pieces.append(character)
        elif (
            character in _NO_START
            or last in _NO_END
            or (_is_word(character) and _is_word(last))
            or last + character in _NEVER_APART
        ):
            pieces[-1] += character
        else:
            pieces.append(character)
    return tuple(pieces)


def _is_word(character: str) -> bool:
    return character.isascii() and not character.isspace()

"""Fonts and the setting of Chinese text: which faces, how wide, where a line breaks."""

from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from bangjiao_desktop.domain.resources import resource_path

SANS, SANS_BOLD, SERIF, SERIF_BOLD = "NotoSansSC", "NotoSansSC-Bold", "NotoSerifSC", "NotoSerifSC-Bold"
_FILES = {
    SANS: "NotoSansSC-Regular.ttf",
    SANS_BOLD: "NotoSansSC-Bold.ttf",
    SERIF: "NotoSerifSC-Regular.ttf",
    SERIF_BOLD: "NotoSerifSC-Bold.ttf",
}
_NO_START = "，。、；：？！）》〉」』】〕”’％%…—·,.;:?!)]}"
_NO_END = "（《〈「『【〔“‘([{"


@cache
def font(name: str) -> str:
    """Register a face with ReportLab (parsed once a process) and return its name."""
    pdfmetrics.registerFont(TTFont(name, str(resource_path("fonts", _FILES[name]))))
    return name


def text_width(text: str, face: str, size: float) -> float:
    """Return the width of a text in points."""
    return float(pdfmetrics.stringWidth(text, font(face), size))


def wrap(text: str, face: str, size: float, width: float) -> list[str]:
    """Break a text into lines no wider than `width` points.

    No line begins with a closing mark nor ends with an opening one; Latin words and numbers stay whole
    where they fit on a line.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for whole in _pieces(paragraph):
            piece = whole
            if line and text_width(line + piece, face, size) > width:
                lines.append(line.rstrip())
                line = ""
            while text_width(piece, face, size) > width and len(piece) > 1:
                fitting = next(
                    count for count in range(len(piece), 0, -1)
                    if count == 1 or text_width(piece[:count], face, size) <= width
                )  # fmt: skip
                lines.append(piece[:fitting])
                piece = piece[fitting:]
            line += piece if line or piece != " " else ""
        lines.append(line.rstrip())
    return lines


def fitted_size(text: str, face: str, size: float, width: float, smallest: float) -> float:
    """Return the largest size up to `size` at which a text fits `width`, not below `smallest`."""
    natural = text_width(text, face, size)
    return size if natural <= width else max(smallest, size * width / natural)


def _pieces(text: str) -> list[str]:
    """Split a text where a line may break."""
    pieces: list[str] = []
    for character in text:
        joined = bool(pieces) and (
            character in _NO_START or pieces[-1][-1] in _NO_END or (_is_word(character) and _is_word(pieces[-1][-1]))
        )
        if joined:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _is_word(character: str) -> bool:
    return character.isascii() and not character.isspace()

"""Drawn icons for cards and brochures: lines in a square of 24 units, so that they are sharp at any size."""

from collections.abc import Callable

from reportlab.pdfgen.canvas import Canvas

from bangjiao_desktop.documents.setting.canvas import Colour, Document

_Draw = Callable[[Canvas], None]


def draw_icon(document: Document, name: str, x: float, y: float, side: float, colour: Colour) -> None:
    """Draw an icon with its lower left corner at (x, y); lengths in points."""
    canvas = document.canvas
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(side / 24, side / 24)
    canvas.setStrokeColorRGB(*colour)
    canvas.setFillColorRGB(*colour)
    canvas.setLineWidth(1.7)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    _ICONS[name](canvas)
    canvas.restoreState()


def icon_names() -> tuple[str, ...]:
    """Return the names of the icons."""
    return tuple(_ICONS)


def _lines(canvas: Canvas, *points: tuple[float, float], closed: bool = False) -> None:
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    if closed:
        path.close()
    canvas.drawPath(path, stroke=1, fill=0)


def _house(canvas: Canvas) -> None:
    _lines(canvas, (2, 11), (12, 21), (22, 11))
    _lines(canvas, (5, 13), (5, 3), (19, 3), (19, 13))
    _lines(canvas, (10, 3), (10, 9), (14, 9), (14, 3))


def _hand(canvas: Canvas) -> None:
    """A heart over an open hand."""
    path = canvas.beginPath()
    path.moveTo(12, 12)
    path.curveTo(6, 16, 7, 21, 10, 21)
    path.curveTo(11.3, 21, 12, 20, 12, 19)
    path.curveTo(12, 20, 12.7, 21, 14, 21)
    path.curveTo(17, 21, 18, 16, 12, 12)
    canvas.drawPath(path, stroke=1, fill=0)
    _lines(canvas, (2, 9), (6, 9), (10, 7), (15, 7), (14, 5), (10, 5))
    _lines(canvas, (14, 5), (21, 9))
    _lines(canvas, (21, 9), (15, 2.5), (6, 2.5), (2, 4))


def _medical(canvas: Canvas) -> None:
    canvas.roundRect(3, 3, 18, 18, 3, stroke=1, fill=0)
    _lines(canvas, (12, 7), (12, 17))
    _lines(canvas, (7, 12), (17, 12))


def _work(canvas: Canvas) -> None:
    canvas.roundRect(2.5, 4, 19, 12.5, 2, stroke=1, fill=0)
    _lines(canvas, (8.5, 16.5), (8.5, 20), (15.5, 20), (15.5, 16.5))
    _lines(canvas, (2.5, 10.5), (21.5, 10.5))
    _lines(canvas, (12, 9), (12, 12))


def _shield(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.moveTo(12, 22)
    path.curveTo(9, 20, 6, 19, 3.5, 19)
    path.lineTo(3.5, 11)
    path.curveTo(3.5, 6, 8, 3, 12, 2)
    path.curveTo(16, 3, 20.5, 6, 20.5, 11)
    path.lineTo(20.5, 19)
    path.curveTo(18, 19, 15, 20, 12, 22)
    canvas.drawPath(path, stroke=1, fill=0)
    _lines(canvas, (8, 12), (11, 9), (16.5, 15))


def _book(canvas: Canvas) -> None:
    _lines(canvas, (12, 4), (12, 19))
    for side in (-1, 1):
        path = canvas.beginPath()
        path.moveTo(12, 19)
        path.curveTo(12 + side * 3, 20.5, 12 + side * 7, 20.5, 12 + side * 10, 19)
        path.lineTo(12 + side * 10, 5)
        path.curveTo(12 + side * 7, 6, 12 + side * 3, 6, 12, 4)
        canvas.drawPath(path, stroke=1, fill=0)


def _scale(canvas: Canvas) -> None:
    _lines(canvas, (12, 3), (12, 21))
    _lines(canvas, (7, 3), (17, 3))
    _lines(canvas, (4, 18), (20, 18))
    for x in (5, 19):
        _lines(canvas, (x - 3.3, 10), (x, 18), (x + 3.3, 10))
        canvas.arc(x - 3.4, 7, x + 3.4, 13, 180, 180)


def _handshake(canvas: Canvas) -> None:
    """Two people at a table: mediation."""
    for x in (6, 18):
        canvas.circle(x, 18, 2.8, stroke=1, fill=0)
        _lines(canvas, (x - 4, 8), (x - 4, 11), (x - 2, 13), (x + 2, 13), (x + 4, 11), (x + 4, 8))
    _lines(canvas, (1.5, 7), (22.5, 7))
    _lines(canvas, (5, 7), (5, 2.5))
    _lines(canvas, (19, 7), (19, 2.5))


def _phone(canvas: Canvas) -> None:
    canvas.roundRect(6.5, 2, 11, 20, 2.4, stroke=1, fill=0)
    _lines(canvas, (10.5, 5), (13.5, 5))
    _lines(canvas, (10.5, 19), (13.5, 19))


def _pin(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.moveTo(12, 2)
    path.curveTo(9, 7, 5, 10, 5, 15)
    path.curveTo(5, 19, 8.2, 22, 12, 22)
    path.curveTo(15.8, 22, 19, 19, 19, 15)
    path.curveTo(19, 10, 15, 7, 12, 2)
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.circle(12, 15, 2.8, stroke=1, fill=0)


def _card(canvas: Canvas) -> None:
    canvas.roundRect(2, 5, 20, 14, 2, stroke=1, fill=0)
    canvas.circle(8, 13.5, 2.2, stroke=1, fill=0)
    canvas.arc(4.6, 6.5, 11.4, 11.5, 20, 140)
    for y in (14.5, 11.5, 8.5):
        _lines(canvas, (14, y), (19, y))


def _school(canvas: Canvas) -> None:
    _lines(canvas, (1.5, 15), (12, 20.5), (22.5, 15), (12, 9.5), closed=True)
    _lines(canvas, (6, 12.5), (6, 7), (12, 4), (18, 7), (18, 12.5))
    _lines(canvas, (22.5, 15), (22.5, 8))


def _coins(canvas: Canvas) -> None:
    canvas.circle(12, 12, 9.5, stroke=1, fill=0)
    _lines(canvas, (8, 17.5), (12, 12.5), (16, 17.5))
    _lines(canvas, (12, 12.5), (12, 6))
    _lines(canvas, (8.5, 12), (15.5, 12))
    _lines(canvas, (8.5, 9), (15.5, 9))


def _clock(canvas: Canvas) -> None:
    canvas.circle(12, 12, 9.5, stroke=1, fill=0)
    _lines(canvas, (12, 18), (12, 12), (16, 9.5))


_ICONS: dict[str, _Draw] = {
    "house": _house, "hand": _hand, "medical": _medical, "work": _work, "shield": _shield, "book": _book,
    "scale": _scale, "mediation": _handshake, "phone": _phone, "pin": _pin, "card": _card, "school": _school,
    "coins": _coins, "clock": _clock,
}  # fmt: skip

"""Envelopes after GB/T 1416: squares for the post code, the receiver in the middle, the sender at the lower right."""

from collections.abc import Sequence

from bangjiao_desktop.documents.setting.canvas import Colour, Document, mm
from bangjiao_desktop.documents.setting.typography import BODY, SANS, SANS_BOLD, Span, fitted_size, layout
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.letters import ENVELOPES, Address, Envelope

_RED: Colour = (0.8, 0.1, 0.1)
_SQUARE, _STEP = (8.0, 9.0), 10.0


def draw_envelopes(envelopes: Sequence[Envelope], size: str, *, squares: bool = True) -> bytes:
    """Draw envelopes, one a page.

    Args:
        envelopes: receiver and sender of each.
        size: a name of `ENVELOPES`.
        squares: draw the squares and the stamp's place (off for printed envelopes).

    Raises:
        InvalidInputError: there is no such size, or nothing to print.
    """
    if size not in ENVELOPES:
        raise InvalidInputError(f"没有名为“{size}”的信封。可用：{'、'.join(ENVELOPES)}。")
    if not envelopes:
        raise InvalidInputError("没有可以打印的信封：请先填写对方单位。")
    _, width, height = ENVELOPES[size]
    document = Document("信封", (width * mm, height * mm))
    for envelope in envelopes:
        _draw(document, envelope, width, height, squares=squares)
        document.end_page()
    return document.finish()


def _draw(document: Document, envelope: Envelope, width: float, height: float, *, squares: bool) -> None:
    left, top = 12.0, height - 12.0
    if squares:
        for place in range(6):
            x = left + place * _STEP
            document.box(x * mm, (top - _SQUARE[1]) * mm, _SQUARE[0] * mm, _SQUARE[1] * mm, line=0.8, colour=_RED)
        document.box((width - 32) * mm, (height - 30) * mm, 20 * mm, 20 * mm, line=0.5, colour=_RED)
        document.put((width - 22) * mm, (height - 19) * mm, "贴　邮", SANS, 9, "center", _RED)
        document.put((width - 22) * mm, (height - 24) * mm, "票　处", SANS, 9, "center", _RED)
    for place, digit in enumerate(envelope.receiver.post_code[:6]):
        x = (left + place * _STEP + _SQUARE[0] / 2) * mm
        document.put(x, (top - _SQUARE[1] + 2.3) * mm, digit, SANS_BOLD, 15, "center")
    middle = height * 0.53
    start = width * 0.2
    room = (width - start - 20) * mm
    _block(document, envelope.receiver, start, middle, room)
    sender = envelope.sender
    text = "　".join(filter(None, (sender.address, sender.name)))
    size = fitted_size(text, BODY, 11, (width - 45) * mm, 7)
    document.put((width - 12) * mm, 18 * mm, text, BODY, size, "right")
    if sender.post_code:
        document.put((width - 12) * mm, 11 * mm, f"邮政编码　{sender.post_code}", BODY, 10, "right")


def _block(document: Document, address: Address, x: float, y: float, room: float) -> None:
    if address.address:
        lines = layout([Span(address.address, BODY)], 14, room)[:2]
        document.put_lines(x * mm, (y + 11) * mm, lines, 14, 19, room)
    size = fitted_size(address.name, SANS_BOLD, 20, room, 11)
    document.put(x * mm, (y - 6) * mm, address.name, SANS_BOLD, size)
    if address.person:
        document.put((x + 20) * mm, (y - 17) * mm, f"{address.person}　收", BODY, 14)
    else:
        document.put((x + 20) * mm, (y - 17) * mm, "（收）", BODY, 14)

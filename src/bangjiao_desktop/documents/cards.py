"""Contact cards on sheets: each different card is drawn once and placed as often as needed."""

from collections.abc import Sequence

import segno
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from bangjiao_desktop.documents.canvas import Document
from bangjiao_desktop.documents.typography import SANS, SANS_BOLD, fitted_size, font, text_width, wrap
from bangjiao_desktop.domain.cards import LEGAL_AID, CardSheet, ContactCard

_ACCENT = (0.122, 0.373, 0.659)
_GREY = (0.35, 0.38, 0.42)
_CROP_LENGTH, _CROP_GAP = 5.0, 1.5


def draw_cards(cards: Sequence[ContactCard], sheet: CardSheet) -> bytes:
    """Return the sheets as one PDF, cards from left to right and top to bottom.

    Args:
        cards: one for each copy.
        sheet: page, grid and margins in millimetres.
    """
    document = Document(cards[0].title if cards else "联系卡", (sheet.page[0] * mm, sheet.page[1] * mm))
    canvas = document.canvas
    names: dict[ContactCard, str] = {}
    for card in cards:
        if card not in names:
            names[card] = f"card{len(names)}"
            canvas.beginForm(names[card], 0, 0, sheet.card[0] * mm, sheet.card[1] * mm)
            _draw_card(canvas, card, sheet.card[0], sheet.card[1])
            canvas.endForm()
    for start in range(0, len(cards), sheet.capacity):
        if sheet.crop:
            _draw_crop_marks(canvas, sheet)
        for place, card in enumerate(cards[start : start + sheet.capacity]):
            x, y = position(sheet, place)
            canvas.saveState()
            canvas.translate(x * mm, y * mm)
            canvas.doForm(names[card])
            canvas.restoreState()
        canvas.showPage()
    return document.finish()


def position(sheet: CardSheet, place: int) -> tuple[float, float]:
    """Return the lower left corner of a card in millimetres from the page's lower left corner."""
    row, column = divmod(place, sheet.columns)
    x = sheet.margin[0] + column * (sheet.card[0] + sheet.gap[0])
    top = sheet.margin[1] + row * (sheet.card[1] + sheet.gap[1])
    return x, sheet.page[1] - top - sheet.card[1]


def _draw_card(canvas: Canvas, card: ContactCard, width: float, height: float) -> None:
    """Draw one card with its lower left corner at the origin; lengths in millimetres, scaled for larger cards."""
    scale = min(width / 90, height / 54)
    canvas.setFillColorRGB(*_ACCENT)
    band = 11.5 * scale
    canvas.rect(0, (height - band) * mm, width * mm, band * mm, stroke=0, fill=1)
    canvas.setFillGray(1)
    left = 6 * scale
    canvas.setFont(font(SANS_BOLD), 13 * scale)
    canvas.drawString(left * mm, (height - 7.9 * scale) * mm, card.title)
    canvas.setFont(font(SANS), 7.5 * scale)
    canvas.drawRightString((width - left) * mm, (height - 7.5 * scale) * mm, "有事找我们，依法帮您办")
    code = 24 * scale
    _draw_qr(canvas, card.vcard(), width - left - code, 9.5 * scale + 3, code)
    canvas.setFillColorRGB(*_GREY)
    canvas.setFont(font(SANS), 5.6 * scale)
    canvas.drawCentredString((width - left - code / 2) * mm, 8.6 * scale * mm, "扫码存入通讯录")
    text_right = width - left - code - 3 * scale
    y = height - band - 7 * scale
    canvas.setFillGray(0.1)
    size = fitted_size(card.office, SANS_BOLD, 12.5 * scale, (text_right - left) * mm, 7 * scale)
    canvas.setFont(font(SANS_BOLD), size)
    canvas.drawString(left * mm, y * mm, card.office)
    y -= 6.6 * scale
    for label, value in (("联系人", card.caseworker), ("电　话", card.telephone)):
        _draw_field(canvas, label, value, left, y, text_right, scale)
        y -= 5.4 * scale
    _draw_address(canvas, card.address, left, y, text_right, scale)
    canvas.setFillColorRGB(*_ACCENT)
    canvas.setFont(font(SANS_BOLD), 8.5 * scale)
    canvas.drawString(left * mm, 3.8 * scale * mm, f"法律援助热线　{LEGAL_AID}")


def _draw_field(canvas: Canvas, label: str, value: str, left: float, y: float, right: float, scale: float) -> None:
    size = 8.5 * scale
    canvas.setFillColorRGB(*_GREY)
    canvas.setFont(font(SANS), size)
    canvas.drawString(left * mm, y * mm, label)
    start = left * mm + text_width(label, SANS, size) + 2 * mm * scale
    if not value:
        canvas.setStrokeColorRGB(*_GREY)
        canvas.setLineWidth(0.4)
        canvas.line(start, (y - 0.8 * scale) * mm, right * mm, (y - 0.8 * scale) * mm)
        return
    canvas.setFillGray(0.1)
    canvas.setFont(font(SANS), fitted_size(value, SANS, size, right * mm - start, 5 * scale))
    canvas.drawString(start, y * mm, value)


def _draw_address(canvas: Canvas, address: str, left: float, y: float, right: float, scale: float) -> None:
    size, label = 8.0 * scale, "地　址"
    if not address:
        _draw_field(canvas, label, "", left, y, right, scale)
        return
    canvas.setFillColorRGB(*_GREY)
    canvas.setFont(font(SANS), 8.5 * scale)
    canvas.drawString(left * mm, y * mm, label)
    start = left * mm + text_width(label, SANS, 8.5 * scale) + 2 * mm * scale
    lines = wrap(address, SANS, size, right * mm - start)
    while len(lines) > 2 and size > 5 * scale:
        size *= 0.94
        lines = wrap(address, SANS, size, right * mm - start)
    canvas.setFillGray(0.1)
    canvas.setFont(font(SANS), size)
    for place, line in enumerate(lines[:3]):
        canvas.drawString(start, (y - place * 4.0 * scale) * mm, line)


def _draw_qr(canvas: Canvas, content: str, x: float, y: float, side: float) -> None:
    """Draw a QR code as one path, dark modules of a row merged into runs."""
    code = segno.make(content.encode(), error="m", micro=False, mode="byte")
    matrix = code.matrix
    module = side / len(matrix)
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        start = 0
        while start < len(modules):
            if not modules[start]:
                start += 1
                continue
            stop = start
            while stop < len(modules) and modules[stop]:
                stop += 1
            bottom = y + side - (row + 1) * module
            # a hair of overlap, so that no viewer shows white lines between rows
            path.rect((x + start * module) * mm, bottom * mm, (stop - start) * module * mm, module * mm * 1.02)
            start = stop
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)


def _draw_crop_marks(canvas: Canvas, sheet: CardSheet) -> None:
    """Marks in the margins where the cards are cut, clear of the cards themselves."""
    canvas.setStrokeGray(0)
    canvas.setLineWidth(0.25)
    x_edges = {sheet.margin[0] + column * (sheet.card[0] + sheet.gap[0]) + side * sheet.card[0]
               for column in range(sheet.columns) for side in (0, 1)}  # fmt: skip
    y_edges = {sheet.margin[1] + row * (sheet.card[1] + sheet.gap[1]) + side * sheet.card[1]
               for row in range(sheet.rows) for side in (0, 1)}  # fmt: skip
    left, right, top, bottom = min(x_edges), max(x_edges), min(y_edges), max(y_edges)
    height = sheet.page[1]
    for x in x_edges:
        for edge, sign in ((top, -1), (bottom, 1)):
            canvas.line(x * mm, (height - edge - sign * _CROP_GAP) * mm, x * mm,
                        (height - edge - sign * (_CROP_GAP + _CROP_LENGTH)) * mm)  # fmt: skip
    for y in y_edges:
        for edge, sign in ((left, -1), (right, 1)):
            canvas.line((edge + sign * _CROP_GAP) * mm, (height - y) * mm,
                        (edge + sign * (_CROP_GAP + _CROP_LENGTH)) * mm, (height - y) * mm)  # fmt: skip

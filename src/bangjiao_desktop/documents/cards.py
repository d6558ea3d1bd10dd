"""Contact cards on sheets, front and back: each different card is drawn once and placed as often as needed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bangjiao_desktop.documents.setting.canvas import BLACK, Colour, Document, mm
from bangjiao_desktop.documents.setting.icons import draw_icon
from bangjiao_desktop.documents.setting.pictures import draw_picture, draw_qr, picture
from bangjiao_desktop.documents.setting.typography import (
    SANS,
    SANS_BOLD,
    SERIF_BOLD,
    Line,
    Span,
    fitted_size,
    layout,
    text_width,
)
from bangjiao_desktop.domain.cards import HELPLINES, LEGAL_AID, CardOptions, CardSheet, ContactCard

_BLUE: Colour = (0.122, 0.373, 0.659)
_GREEN: Colour = (0.08, 0.36, 0.30)
_GREY: Colour = (0.35, 0.38, 0.42)
_INK: Colour = (0.1, 0.1, 0.1)
_WHITE: Colour = (1.0, 1.0, 1.0)
_CROP_LENGTH, _CROP_GAP = 5.0, 1.5
_MOTTO = "有事找我们，依法帮您办"
_ACCENTS = {"band": _BLUE, "side": _GREEN, "plain": BLACK}
BAND = 11.5
_SMALLER_CODE = 0.86
_TIGHT = 1.15  # of the size, from line to line where room is short
_LEAST = 6.0  # points: what is smaller is not read on a card


def draw_cards(cards: Sequence[ContactCard], sheet: CardSheet, options: CardOptions = CardOptions()) -> bytes:
    """Return the sheets as one PDF, cards from left to right and top to bottom.

    With `duplex` every sheet of fronts is followed by its sheet of backs.

    Args:
        cards: one for each copy.
        sheet: page, grid and margins in millimetres.
        options: design, sides, first place, offsets.

    Raises:
        InvalidInputError: the options do not fit the sheet, or the logo is no picture.
    """
    options.check(sheet)
    document = Document(cards[0].title if cards else "联系卡", (sheet.page[0] * mm, sheet.page[1] * mm))
    painter = _Painter(document, sheet, options)
    fronts = {card: f"front{number}" for number, card in enumerate(dict.fromkeys(cards))}
    for card, name in fronts.items():
        with document.form(name, sheet.card[0] * mm, sheet.card[1] * mm):
            painter.front(card)
    backs: dict[ContactCard, str] = {}
    if options.duplex is not None:
        for number, card in enumerate(fronts):
            backs[card] = f"back{number}"
            with document.form(backs[card], sheet.card[0] * mm, sheet.card[1] * mm):
                painter.back(card)
    places = [None] * (options.start - 1) + list(cards)
    for start in range(0, len(places), sheet.capacity):
        page = places[start : start + sheet.capacity]
        painter.side(page, fronts, back=False)
        if options.duplex is not None:
            painter.side(page, backs, back=True)
    return document.finish()


@dataclass(frozen=True)
class _Row:
    """A line of a card: its label, where its text begins (mm), the type and the lines of it; whether nothing was cut."""

    label: str
    start: float
    size: float
    lines: Sequence[Line]
    whole: bool
    spacing: float = 1.3

    @property
    def leading(self) -> float:
        """Millimetres from line to line."""
        return self.size * self.spacing / mm


class _Painter:
    """Draws cards of one design on one kind of sheet; lengths in millimetres, scaled for larger cards."""

    def __init__(self, document: Document, sheet: CardSheet, options: CardOptions) -> None:
        self._document, self._sheet, self._options = document, sheet, options
        self._width, self._height = sheet.card
        self._scale = min(self._width / 90, self._height / 54)
        self._accent = _ACCENTS[options.design]
        self._logo = None if options.logo is None else picture(options.logo)

    # sheets

    def side(self, page: Sequence[ContactCard | None], names: dict[ContactCard, str], *, back: bool) -> None:
        """Draw one side of a sheet."""
        document, sheet, canvas = self._document, self._sheet, self._document.canvas
        duplex = self._options.duplex
        offset = self._options.back_offset if back else self._options.offset
        canvas.saveState()
        canvas.translate(offset[0] * mm, offset[1] * mm)
        if sheet.crop and not back:
            self._crop_marks()
        for place, card in enumerate(page):
            if card is None:
                continue
            x, y = sheet.back_position(place, duplex) if back and duplex else sheet.position(place)
            canvas.saveState()
            if back and duplex == "short":
                canvas.translate((x + self._width) * mm, (y + self._height) * mm)
                canvas.rotate(180)
            else:
                canvas.translate(x * mm, y * mm)
            if not back:
                self._bleed(sheet.bleeds(place))
            canvas.doForm(names[card])
            canvas.restoreState()
        canvas.restoreState()
        document.end_page()

    def _bleed(self, edges: tuple[float, float, float, float]) -> None:
        """Colour beyond the cut, so that no white line shows where the knife is a hair off."""
        left, right, up, down = edges
        band = BAND * self._scale
        if self._options.design == "band" and any(edges):
            self._fill(-left, self._height - band, self._width + left + right, band + up, self._accent)
        elif self._options.design == "side" and any(edges):
            self._fill(-left, -down, left + band, self._height + up + down, self._accent)

    def _fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self._document.box(x * mm, y * mm, width * mm, height * mm, fill=colour, line=None)

    def _crop_marks(self) -> None:
        """Marks in the margins where the cards are cut, clear of the cards and their bleed."""
        sheet, document = self._sheet, self._document
        gap = max(_CROP_GAP, sheet.bleed + 0.5)
        x_edges = {sheet.margin[0] + column * (sheet.card[0] + sheet.gap[0]) + side * sheet.card[0]
                   for column in range(sheet.columns) for side in (0, 1)}  # fmt: skip
        y_edges = {sheet.margin[1] + row * (sheet.card[1] + sheet.gap[1]) + side * sheet.card[1]
                   for row in range(sheet.rows) for side in (0, 1)}  # fmt: skip
        left, right, top, bottom = min(x_edges), max(x_edges), min(y_edges), max(y_edges)
        height = sheet.page[1]
        for x in x_edges:
            for edge, sign in ((top, -1), (bottom, 1)):
                start, stop = (height - edge - sign * one for one in (gap, gap + _CROP_LENGTH))
                document.rule(x * mm, start * mm, x * mm, stop * mm, 0.25)
        for y in y_edges:
            for edge, sign in ((left, -1), (right, 1)):
                start, stop = (edge + sign * one for one in (gap, gap + _CROP_LENGTH))
                document.rule(start * mm, (height - y) * mm, stop * mm, (height - y) * mm, 0.25)

    # cards

    def front(self, card: ContactCard) -> None:
        """Draw a card's front with its lower left corner at the origin."""
        {"band": self._band, "side": self._side, "plain": self._plain}[self._options.design](card)

    def _band(self, card: ContactCard) -> None:
        band, s = BAND * self._scale, self._scale
        self._fill(0, self._height - band, self._width, band, self._accent)
        left = 6 * s
        if self._logo is not None:
            self._emblem(left, self._height - band + 1.6 * s, band - 3.2 * s)
            self._text(left + band - 1.5 * s, self._height - 7.9 * s, card.title, SANS_BOLD, 13, colour=_WHITE)
        else:
            self._text(left, self._height - 7.9 * s, card.title, SANS_BOLD, 13, colour=_WHITE)
        self._text(self._width - left, self._height - 7.5 * s, _MOTTO, SANS, 7.5, "right", _WHITE)
        self._body(card, left, self._height - band - 7 * s)

    def _side(self, card: ContactCard) -> None:
        bar, s = BAND * self._scale, self._scale
        self._fill(0, 0, bar, self._height, self._accent)
        if self._logo is not None:
            self._emblem(1.6 * s, self._height - bar + 1.6 * s, bar - 3.2 * s)
        else:
            draw_icon(
                self._document, "scale", 2.2 * s * mm, (self._height - bar + 2 * s) * mm, (bar - 4.4 * s) * mm, _WHITE
            )
        left = bar + 4 * s
        self._text(left, self._height - 8 * s, card.title, SANS_BOLD, 13, colour=self._accent)
        self._document.rule(left * mm, (self._height - 10.2 * s) * mm, (self._width - 5 * s) * mm,
                            (self._height - 10.2 * s) * mm, 0.6, self._accent)  # fmt: skip
        self._body(card, left, self._height - 16 * s)

    def _plain(self, card: ContactCard) -> None:
        s, document = self._scale, self._document
        document.box(2.5 * s * mm, 2.5 * s * mm, (self._width - 5 * s) * mm, (self._height - 5 * s) * mm, line=0.9)
        document.box(3.3 * s * mm, 3.3 * s * mm, (self._width - 6.6 * s) * mm, (self._height - 6.6 * s) * mm, line=0.3)
        left = 7 * s
        start = left
        if self._logo is not None:
            self._emblem(left, self._height - 12.4 * s, 7.5 * s)
            start += 9 * s
        self._text(start, self._height - 10.5 * s, card.title, SERIF_BOLD, 13)
        self._text(self._width - left, self._height - 10.2 * s, _MOTTO, SANS, 6.5, "right", _GREY)
        document.rule(left * mm, (self._height - 13 * s) * mm, (self._width - left) * mm,
                      (self._height - 13 * s) * mm, 0.5)  # fmt: skip
        self._body(card, left, self._height - 18.4 * s, foot=5.2)

    def _body(self, card: ContactCard, left: float, y: float, *, foot: float = 3.8) -> None:
        """Office, lines, QR code and legal aid; y is the base line of the office's name."""
        s, document = self._scale, self._document
        right = self._width - 6 * s
        code, bottom = min(24 * s, y - 8.6 * s - 1), (foot + 4.2) * s
        rows, step, whole = self._arranged(card.lines, left, y, bottom, right - code - 3 * s)
        if not whole:  # a somewhat smaller code leaves more room
            code *= _SMALLER_CODE
            rows, step, _ = self._arranged(card.lines, left, y, bottom, right - code - 3 * s)
        draw_qr(document, card.vcard(), (right - code) * mm, (y + 4.5 * s - code) * mm, code * mm)
        self._text(right - code / 2, y + 4.5 * s - code - 2.6 * s, "扫码存入通讯录", SANS, 5.6, "center", _GREY)
        text_right = right - code - 3 * s
        size = fitted_size(card.office, SANS_BOLD, 12.5 * s, (text_right - left) * mm, _LEAST)
        document.put(left * mm, y * mm, card.office, SANS_BOLD, size, colour=_INK)
        y -= step * 1.18
        for row in rows:
            self._put_row(row, left, y, text_right)
            y -= step + max(0, len(row.lines) - 1) * row.leading
        self._text(left, foot * s, f"法律援助热线　{LEGAL_AID}", SANS_BOLD, 8.5, colour=self._accent)

    def _arranged(
        self, lines: Sequence[tuple[str, str]], left: float, y: float, bottom: float, right: float
    ) -> tuple[list["_Row"], float, bool]:
        """The card's lines between the office's name and the foot, as loose as they can be.

        Long names and addresses wrap; they become no smaller than can be read and never reach the QR code.

        Returns:
            The rows, the address last; the step from row to row; whether nothing had to be cut.
        """
        s, count = self._scale, len(lines)
        room = y - bottom
        for most, squeezed in ((2, False), (2, True), (1, True)):
            rows = [self._row(label, value, left, right, 8.5 * s, most) for label, value in lines[:-1]]
            if squeezed:
                rows = [replace(row, spacing=_TIGHT) for row in rows]
            more = sum((len(row.lines) - 1) * row.leading for row in rows if row.lines)
            step = min(5.4 * s, (room - more) / (count + 0.9))
            address = self._address(*lines[-1], left, right, room - more - step * (count + 0.18))
            if squeezed:
                address = replace(self._row(*lines[-1], left, right, 8.0 * s, 3), spacing=_TIGHT)
                below = max(0, len(address.lines) - 1) * address.leading
                step = min(5.4 * s, (room - more - below) / (count + 0.18))
            if address.whole and step >= _LEAST * _TIGHT / mm:
                return [*rows, address], step, all(row.whole for row in rows)
        step = min(5.4 * s, (room - more) / (count + 0.9))
        return [*rows, self._address(*lines[-1], left, right, room - more - step * (count + 0.18))], step, False

    def _row(self, label: str, value: str, left: float, right: float, size: float, most: int) -> "_Row":
        """A line of the card in as many lines of type as it needs, at most `most`."""
        start = left + text_width(label, SANS, max(8.5 * self._scale, _LEAST)) / mm + 2 * self._scale
        if not value:
            return _Row(label, start, size, [], whole=True)
        width = (right - start) * mm
        size = max(size, _LEAST)
        one = fitted_size(value, SANS, size, width, max(_LEAST, 0.75 * size))
        if text_width(value, SANS, one) <= width:
            return _Row(label, start, one, layout([Span(value, SANS)], one, width), whole=True)
        lines = layout([Span(value, SANS)], size, width)
        while size > _LEAST and len(lines) > most:
            size = max(_LEAST, size * 0.94)
            lines = layout([Span(value, SANS)], size, width)
        if len(lines) <= most:
            return _Row(label, start, size, lines, whole=True)
        names, space, number = value.rpartition("　")  # a telephone behind names is never cut
        names, number = (names, space + number) if space else (value, "")
        kept = len(names)
        while len(lines) > most and kept > 1:
            kept -= 1
            lines = layout([Span(f"{names[:kept].rstrip('、，（ ')}…{number}", SANS)], size, width)
        return _Row(label, start, size, lines, whole=False)

    def _address(self, label: str, address: str, left: float, right: float, room: float) -> "_Row":
        """The address, smaller and on up to three lines where the room below it allows."""
        size = max(8.0 * self._scale, _LEAST)
        row = self._row(label, address, left, right, size, 1)
        if not address:
            return row
        width = (right - row.start) * mm
        lines = layout([Span(address, SANS)], size, width)
        while size > _LEAST and ((len(lines) - 1) * size * 1.3 > max(room, 0) * mm or len(lines) > 3):
            size = max(_LEAST, size * 0.94)
            lines = layout([Span(address, SANS)], size, width)
        if (len(lines) - 1) * size * 1.3 <= max(room, 0) * mm and len(lines) <= 3:
            return _Row(label, row.start, size, lines, whole=True)
        return self._row(label, address, left, right, _LEAST, 1 + int(max(room, 0) * mm / (_LEAST * 1.3)))

    def _put_row(self, row: "_Row", left: float, y: float, right: float) -> None:
        s, document = self._scale, self._document
        document.put(left * mm, y * mm, row.label, SANS, max(8.5 * s, _LEAST), colour=_GREY)
        if not row.lines:
            document.rule(row.start * mm, (y - 0.8 * s) * mm, right * mm, (y - 0.8 * s) * mm, 0.4, _GREY)
            return
        width = (right - row.start) * mm
        document.put_lines(row.start * mm, y * mm, row.lines, row.size, row.leading * mm, width, colour=_INK)

    def back(self, card: ContactCard) -> None:
        """Draw a card's back: service numbers open to everybody, office hours, room for a note."""
        s, document = self._scale, self._document
        left, right = 6 * s, self._width - 6 * s
        y = self._height - 7.5 * s
        self._text(left, y, "常用服务电话", SANS_BOLD, 10, colour=self._accent)
        document.rule(left * mm, (y - 2.2 * s) * mm, right * mm, (y - 2.2 * s) * mm, 0.6, self._accent)
        y -= 7.4 * s
        step = min(5.6 * s, (y - 11 * s) / len(HELPLINES))
        for number, meaning in HELPLINES:
            self._text(left, y, number, SANS_BOLD, 9, colour=_INK)
            self._text(left + 14 * s, y, meaning, SANS, 8, colour=_INK)
            y -= step
        if card.hours:
            text = f"办公时间　{card.hours}"
            size = fitted_size(text, SANS, 7.5 * s, (right - left) * mm, 5 * s)
            document.put(left * mm, 8.6 * s * mm, text, SANS, size, colour=_GREY)
        self._text(left, 4.2 * s, "备注", SANS, 7.5, colour=_GREY)
        document.rule((left + 9 * s) * mm, 3.6 * s * mm, right * mm, 3.6 * s * mm, 0.35, _GREY)

    def _emblem(self, x: float, y: float, side: float) -> None:
        assert self._logo is not None
        self._document.box(x * mm, y * mm, side * mm, side * mm, fill=_WHITE, line=None, radius=side * 0.12 * mm)
        inset = side * 0.08
        draw_picture(self._document, self._logo, (x + inset) * mm, (y + inset) * mm, (side - 2 * inset) * mm,
                     (side - 2 * inset) * mm)  # fmt: skip

    def _text(
        self, x: float, y: float, text: str, face: str, size: float, align: str = "left", colour: Colour = _INK
    ) -> None:
        self._document.put(x * mm, y * mm, text, face, size * self._scale, align, colour)  # type: ignore[arg-type]


def draw_calibration(page: tuple[float, float] = (210.0, 297.0)) -> bytes:
    """Return two pages (front and back) with rulers at the paper's edges, to read off what a printer is off by.

    Args:
        page: width and height in millimetres.
    """
    document = Document("打印校准页", (page[0] * mm, page[1] * mm))
    for side in ("正面", "背面"):
        _draw_rulers(document, page)
        lines = (
            f"打印校准页（{side}）",
            "1. 打印时在打印机设置里选“实际大小”（100%），不要“适合页面”。",
            "2. 看左边和上边的刻度：纸边落在几，就是离纸边几毫米；0 刻度应正好在纸边。",
            "3. 用直尺量十字：中心应距左边 50.0 毫米、距上边 50.0 毫米。",
            "4. 十字偏右几毫米，左右偏移就填负几；偏下几毫米，上下偏移就填正几。",
            "5. 双面打印的，对着光看两面的十字是否重合，背面偏移另填。",
            "6. 在“打印 → 联系卡 → 打印机校准”里填好保存，再打一张核对，误差应在 0.5 毫米以内。",
        )
        for number, text in enumerate(lines):
            face, size = (SANS_BOLD, 15) if number == 0 else (SANS, 10.5)
            document.put(28 * mm, (page[1] - 80 - number * 8) * mm, text, face, size)
        document.box(55 * mm, 60 * mm, 100 * mm, 100 * mm, line=0.5)
        document.put(105 * mm, 107 * mm, "这个方框应为 100.0 × 100.0 毫米", SANS, 10, "center", _GREY)
        document.end_page()
    return document.finish()


def _draw_rulers(document: Document, page: tuple[float, float]) -> None:
    width, height = page
    for step in range(41):
        length = 6 if step % 10 == 0 else 4 if step % 5 == 0 else 2.5
        document.rule(step * mm, (height - 67) * mm, step * mm, (height - 67 + length) * mm, 0.25)
        document.rule(100 * mm, (height - step) * mm, (100 + length) * mm, (height - step) * mm, 0.25)
        if step % 10 == 0 and step:
            document.put(step * mm, (height - 71) * mm, str(step), SANS, 7, "center")
            document.put(107 * mm, (height - step) * mm - 2.5, str(step), SANS, 7)
    for x, y in ((50, 50), (width - 50, 50), (50, height - 50), (width - 50, height - 50)):
        document.rule((x - 6) * mm, (height - y) * mm, (x + 6) * mm, (height - y) * mm, 0.25)
        document.rule(x * mm, (height - y - 6) * mm, x * mm, (height - y + 6) * mm, 0.25)
        document.canvas.circle(x * mm, (height - y) * mm, 3 * mm, stroke=1, fill=0)

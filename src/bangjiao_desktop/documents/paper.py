"""Composes a paper of the dossier or a letter (domain.papers) into pages: tables, texts, blanks for handwriting."""

from collections.abc import Sequence
from typing import Any

from bangjiao_desktop.documents.setting.canvas import Colour, Document, mm
from bangjiao_desktop.documents.setting.flow import LETTER, RED_LETTER, Draw, Flow
from bangjiao_desktop.documents.setting.pictures import draw_picture, picture
from bangjiao_desktop.documents.setting.table import draw_cell, draw_centred
from bangjiao_desktop.documents.setting.typography import (
    BODY,
    HEADING,
    SANS,
    SANS_BOLD,
    TITLE,
    Line,
    Span,
    fitted_size,
    layout,
    text_width,
)
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.papers import Block, Filling, Paper

_SIZE, _LABEL = 10.5, 10.0
_LEADING = _SIZE * 1.45
_PAD = 1.6 * mm
_ROW = 9.0 * mm
_LABEL_WIDTH = 25.0 * mm
_SIDE_WIDTH = 11.0 * mm
_RULED = 8.0 * mm
_GREY: Colour = (0.6, 0.6, 0.6)
_RED: Colour = (0.85, 0.05, 0.05)
_PHOTO = (28.0 * mm, 36.0 * mm)
_SPARE, _MOST_STRETCH = 12.0 * mm, 60.0 * mm
_LETTER_LEADINGS = (28.0, 26.5, 25.0, 24.0, 23.0)


def compose(paper: Paper, filling: Filling, red_head: str = "") -> Flow:
    """Return the pages of one paper.

    Args:
        paper: its definition.
        filling: the data; what is blank is left to be written by hand.
        red_head: the unit's name over a letter, in red; "" for none.
    """
    if paper.style == "letter":
        margins = RED_LETTER if red_head else LETTER
        for leading in _LETTER_LEADINGS:  # closer lines before the signature stands alone on a second page
            flow = Flow(margins=margins)
            _Letter(flow, paper, filling, red_head, leading).compose()
            if len(flow.pages) == 1:
                return flow
        flow = Flow(margins=margins)
        _Letter(flow, paper, filling, red_head, _LETTER_LEADINGS[0]).compose()
        return flow
    flow = Flow()
    _Form(flow, paper, filling).compose()
    texts = sum(block.kind == "text" for block in paper.blocks)
    if len(flow.pages) == 1 and texts and flow.room > _SPARE:
        stretch = min(_MOST_STRETCH, (flow.room - 3 * mm) / texts)  # a form fills its page
        flow = Flow()
        _Form(flow, paper, filling, stretch).compose()
    return flow


class _Form:
    """A paper made of tables."""

    def __init__(self, flow: Flow, paper: Paper, filling: Filling, stretch: float = 0.0) -> None:
        self._flow, self._paper, self._filling, self._stretch = flow, paper, filling, stretch

    def compose(self) -> None:
        flow = self._flow
        self._head()
        for block in self._paper.blocks:
            {"grid": self._grid, "text": self._text, "table": self._table, "prose": self._prose,
             "sign": self._sign, "note": self._note}[block.kind](block)  # fmt: skip
        flow.y = min(flow.y, flow.size[1])

    def _head(self) -> None:
        flow, paper = self._flow, self._paper
        y = flow.y - 22
        size = fitted_size(paper.title, TITLE, 20, flow.width, 12)
        middle = flow.left + flow.width / 2

        def title(document: Document) -> None:
            with document.heading():
                document.put(middle, y, paper.title, TITLE, size, "center")

        flow.add(title)
        flow.y = y - 8 * mm
        left, right = self._filling.fill(paper.left), self._filling.fill(paper.right)
        if left or right:
            base = flow.y
            room = flow.width / 2 - 2 * mm
            flow.add(
                lambda document: document.put(flow.left, base, left, BODY, fitted_size(left, BODY, _SIZE, room, 6))
            )
            flow.add(
                lambda document: document.put(
                    flow.left + flow.width, base, right, BODY, fitted_size(right, BODY, _SIZE, room, 6), "right"
                )
            )
            flow.y -= 2.2 * mm

    # tables of label and value

    def _grid(self, block: Block) -> None:
        rows: Sequence[Sequence[Sequence[Any]]] = block.values["rows"]
        label = float(block.values.get("label_width", _LABEL_WIDTH / mm)) * mm
        with_photo = bool(block.values.get("photo", False))
        width = self._flow.width - (_PHOTO[0] if with_photo else 0)
        heights = [self._row_height(row, width, label) for row in rows]
        if with_photo and sum(heights) < _PHOTO[1]:
            heights = [height * _PHOTO[1] / sum(heights) for height in heights]
        if with_photo:
            self._flow.need(sum(heights))
            self._photo(sum(heights))
        for row, height in zip(rows, heights, strict=True):
            self._flow.need(height)
            self._grid_row(row, width, label, height)

    def _widths(self, row: Sequence[Sequence[Any]], width: float, label: float) -> list[float]:
        """Width of each value: equal shares, or by the weights given."""
        weights = [float(cell[2]) if len(cell) > 2 else 1.0 for cell in row]
        room = width - label * len(row)
        return [room * weight / sum(weights) for weight in weights]

    def _row_height(self, row: Sequence[Sequence[Any]], width: float, label: float) -> float:
        tallest = _ROW
        for cell, value_width in zip(row, self._widths(row, width, label), strict=True):
            lines = layout([Span(self._filling.text(cell[1]), BODY)], _SIZE, value_width - 2 * _PAD)
            tallest = max(tallest, len(lines) * _LEADING + 2 * _PAD)
        return tallest

    def _grid_row(self, row: Sequence[Sequence[Any]], width: float, label: float, height: float) -> None:
        flow = self._flow
        x, y = flow.left, flow.y - height
        for cell, value_width in zip(row, self._widths(row, width, label), strict=True):
            self._label(x, y, label, height, str(cell[0]))
            self._value(x + label, y, value_width, height, self._filling.text(cell[1]))
            x += label + value_width
        flow.y = y

    def _label(self, x: float, y: float, width: float, height: float, text: str) -> None:
        def draw(document: Document) -> None:
            document.box(x, y, width, height, fill=(0.96, 0.96, 0.96), line=0.5)
            draw_centred(document, x, y, width, height, text, SANS, _LABEL)

        self._flow.add(draw)

    def _value(self, x: float, y: float, width: float, height: float, text: str) -> None:
        def draw(document: Document) -> None:
            document.box(x, y, width, height, line=0.5)
            draw_cell(document, x, y, width, height, text, BODY, _SIZE, padding=_PAD)

        self._flow.add(draw)

    def _photo(self, height: float) -> None:
        flow = self._flow
        x, y, width = flow.left + flow.width - _PHOTO[0], flow.y - height, _PHOTO[0]
        content = self._filling.photo
        image = None
        if content is not None:
            try:
                image = picture(content)
            except InvalidInputError:
                image = None  # a broken photo leaves the place to glue one on

        def draw(document: Document) -> None:
            document.box(x, y, width, height, line=0.5)
            if image is None:
                draw_centred(document, x, y, width, height, "照\n\n片", BODY, _SIZE)
            else:
                draw_picture(document, image, x + 1 * mm, y + 1 * mm, width - 2 * mm, height - 2 * mm)

        flow.add(draw)

    # long texts

    def _text(self, block: Block) -> None:
        """A side label and a long text; it runs on over pages, and a blank one is ruled for handwriting."""
        flow = self._flow
        values = block.values
        height = float(values.get("height", 20)) * mm + self._stretch
        label = str(values["label"])
        side = float(values.get("label_width", 0)) * mm or (_SIDE_WIDTH if height >= 22 * mm else _LABEL_WIDTH)
        written = self._filling.text(values.get("field", "")) or self._filling.fill(values.get("text", ""))
        sign = self._filling.fill(values.get("sign", ""))
        foot = 9 * mm if sign else 0.0
        measure = flow.width - side - 2 * _PAD
        lines = layout([Span(written, BODY)], _SIZE, measure) if written else []
        needed = max(height, len(lines) * _LEADING + 2 * _PAD + foot)
        if flow.room < min(needed, 3 * _LEADING + 2 * _PAD + foot, height) or (
            needed <= height and flow.room < height and height <= flow.full
        ):
            flow.need(flow.room + 1)
        while True:
            if needed <= flow.room + 0.01:
                self._text_part(
                    label, side, lines, max(height, needed), sign, ruled=not written and not values.get("blank", False)
                )
                return
            fitting = max(1, int((flow.room - 2 * _PAD) // _LEADING))
            part, lines = lines[:fitting], lines[fitting:]
            self._text_part(label, side, part, flow.room, "", ruled=False)
            flow.new_page()
            height = 3 * _LEADING
            needed = max(height, len(lines) * _LEADING + 2 * _PAD + foot)

    def _text_part(
        self, label: str, side: float, lines: Sequence[Line], height: float, sign: str, *, ruled: bool
    ) -> None:
        flow = self._flow
        x, y, width = flow.left, flow.y - height, flow.width
        flow.y = y
        narrow = side < 15 * mm
        shown = "\n".join(label) if narrow and len(label) * _LABEL * 1.25 < height - 6 else label
        self._label(x, y, side, height, shown)

        def draw(document: Document) -> None:
            document.box(x + side, y, width - side, height, line=0.5)
            measure = width - side - 2 * _PAD
            top = y + height - _PAD - _SIZE
            document.put_lines(x + side + _PAD, top, lines, _SIZE, _LEADING, measure, "justify")
            foot = 9 * mm if sign else 0.0
            if ruled:
                line = y + height - _RULED
                while line > y + foot + 1.5 * mm:
                    document.rule(x + side + _PAD, line, x + width - _PAD, line, 0.25, _GREY)
                    line -= _RULED
            if sign:
                size = fitted_size(sign, BODY, _SIZE, measure, 7)
                document.put(x + width - _PAD - 2 * mm, y + 3 * mm, sign, BODY, size, "right")

        flow.add(draw)

    # lists of records

    def _table(self, block: Block) -> None:
        flow, values = self._flow, block.values
        columns: Sequence[Sequence[Any]] = values["columns"]
        weights = [float(column[2]) if len(column) > 2 else 1.0 for column in columns]
        widths = [flow.width * weight / sum(weights) for weight in weights]
        rows = [[row.get(column[1], "") for column in columns] for row in self._filling.lists.get(values["source"], ())]
        blank = max(0, int(values.get("blank", 0)) - len(rows))
        rows += [[""] * len(columns)] * blank
        heading = str(values.get("heading", ""))
        self._flow.need(_ROW * (3 if heading else 2))
        if heading:
            self._heading_row(heading)
        self._table_heads(columns, widths)
        for row in rows:
            height = max(7.5 * mm, *(
                len(layout([Span(text, BODY)], _SIZE, width - 2 * _PAD)) * _LEADING + 1.6 * _PAD
                for text, width in zip(row, widths, strict=True)
            ))  # fmt: skip
            height = min(height, flow.full - 4 * _ROW)
            if flow.room < height:
                flow.new_page()
                if heading:
                    self._heading_row(f"{heading}（续）")
                self._table_heads(columns, widths)
            x, y = flow.left, flow.y - height
            for text, width in zip(row, widths, strict=True):
                self._value(x, y, width, height, text)
                x += width
            flow.y = y

    def _heading_row(self, text: str) -> None:
        flow = self._flow
        x, y, width = flow.left, flow.y - 8 * mm, flow.width

        def draw(document: Document) -> None:
            document.box(x, y, width, 8 * mm, fill=(0.96, 0.96, 0.96), line=0.5)
            draw_centred(document, x, y, width, 8 * mm, text, SANS_BOLD, _LABEL)

        flow.add(draw)
        flow.y = y

    def _table_heads(self, columns: Sequence[Sequence[Any]], widths: Sequence[float]) -> None:
        flow = self._flow
        x, y = flow.left, flow.y - 7.5 * mm
        for column, width in zip(columns, widths, strict=True):
            self._label(x, y, width, 7.5 * mm, str(column[0]))
            x += width
        flow.y = y

    # running text, signatures, notes

    def _prose(self, block: Block) -> None:
        size = float(block.values.get("size", 12))
        set_prose(self._flow, self._filling.fill(str(block.values["text"])), size, size * 1.62)
        self._flow.y -= 2 * mm

    def _sign(self, block: Block) -> None:
        flow = self._flow
        rows: Sequence[Sequence[str]] = block.values["rows"]
        flow.need(len(rows) * 9 * mm + 2 * mm)
        y = flow.y - 8.5 * mm
        for row in rows:
            share = flow.width / len(row)
            for place, text in enumerate(row):
                x, base, shown = flow.left + place * share, y, self._filling.fill(text)
                flow.add(_written(x, base, shown))
            y -= 9 * mm
        flow.y = y + 4 * mm

    def _note(self, block: Block) -> None:
        flow = self._flow
        lines = layout([Span(self._filling.fill(str(block.values["text"])), BODY)], 9, flow.width)
        flow.need(len(lines) * 13 + 2 * mm)
        x, y, width = flow.left, flow.y - 5 * mm, flow.width
        flow.add(lambda document: document.put_lines(x, y, lines, 9, 13, width))
        flow.y = y - len(lines) * 13


def _written(x: float, y: float, text: str) -> Draw:
    return lambda document: document.put(x, y, text, BODY, _SIZE)


class _Letter:
    """An official letter after GB/T 9704: 小标宋 title of 22 points, text of 16, 28 points from line to line."""

    def __init__(self, flow: Flow, paper: Paper, filling: Filling, red_head: str, leading: float) -> None:
        self._flow, self._paper, self._filling, self._red_head = flow, paper, filling, red_head
        self._leading = leading

    def compose(self) -> None:
        flow, filling = self._flow, self._filling
        if self._red_head:
            self._head()
        number = filling.fill(self._paper.right)
        base = flow.y - 16
        flow.add(lambda document: document.put(flow.left + flow.width, base, number, BODY, 16, "right"))
        flow.y = base - 32
        lines = layout([Span(self._paper.title, TITLE)], 22, flow.width)
        top, left, width = flow.y, flow.left, flow.width

        def title(document: Document) -> None:
            with document.heading():
                document.put_lines(left, top, lines, 22, 32, width, "center")

        flow.add(title)
        flow.y = top - len(lines) * 32 - 12
        recipient = filling.fill(self._paper.recipient)
        if recipient:
            y = flow.y
            flow.add(lambda document: document.put(left, y, f"{recipient}：", BODY, 16))
            flow.y -= 12
        text = "\n".join(filling.fill(str(block.values["text"])).strip() for block in self._paper.blocks)
        body, _, last = text.rpartition("\n")
        set_prose(flow, body, 16, self._leading)
        # the last paragraph goes with the signature, which never stands on a page without text
        tail = layout([Span(last, BODY)], 16, flow.width, indent=32)
        flow.need(len(tail) * self._leading + self._signed_height)
        set_prose(flow, last, 16, self._leading)
        self._signature()

    @property
    def _signed_height(self) -> float:
        return 3.2 * self._leading

    def _head(self) -> None:
        """The unit's name in red and the red double rule of a letter (信函格式)."""
        flow, name = self._flow, self._red_head
        top = flow.size[1] - 30 * mm
        page_middle = flow.size[0] / 2
        size = fitted_size(name, TITLE, 34, 170 * mm, 18)
        spread = min(10.0, max(0.0, (150 * mm - text_width(name, TITLE, size)) / max(1, len(name) - 1)))

        def draw(document: Document) -> None:
            width = text_width(name, TITLE, size) + spread * (len(name) - 1)
            document.canvas.saveState()
            line = layout([Span(name, TITLE)], size, 1000)[0]
            item_x = page_middle - width / 2
            document.canvas.translate(item_x, top - size)
            spaced = Line(line.spans, width - spread * (len(name) - 1), ends=False)
            document.put_line(0, 0, spaced, size, width, "justify", _RED)
            document.canvas.restoreState()
            edge = 20 * mm
            document.rule(edge, top - size - 4 * mm, flow.size[0] - edge, top - size - 4 * mm, 2.4, _RED)
            document.rule(edge, top - size - 5.3 * mm, flow.size[0] - edge, top - size - 5.3 * mm, 0.7, _RED)

        flow.add(draw)
        flow.y = top - size - 12 * mm

    def _signature(self) -> None:
        flow = self._flow
        step = self._leading
        right = flow.left + flow.width
        y = flow.y - 2 * step
        unit, day = self._filling.text("office.name"), self._filling.text("today")
        half = max(text_width(unit, BODY, 16), text_width(day, BODY, 16)) / 2
        middle = right - 4 * 16 - half  # 成文日期右空四字
        flow.add(lambda document: document.put(middle, y, unit, BODY, 16, "center"))
        flow.add(lambda document: document.put(middle, y - step, day, BODY, 16, "center"))
        flow.y = y - 2 * step


def set_prose(flow: Flow, text: str, size: float, leading: float) -> None:
    """Set running text, paragraph by paragraph; "# " begins a heading, an empty line leaves half a line."""
    indent = 2 * size
    for paragraph in text.strip().split("\n"):
        if not paragraph.strip():
            if not flow.fresh:
                flow.y -= leading / 3
            continue
        heading = paragraph.startswith("# ")
        face = HEADING if heading else BODY
        lines = layout([Span(paragraph.removeprefix("# "), face)], size, flow.width, indent=indent)
        if heading:
            flow.need(3 * leading)
        start = 0
        while start < len(lines):
            fitting = int(flow.room // leading)
            if fitting < 1:
                flow.new_page()
                continue
            if start == 0 and fitting == 1 and len(lines) > 2:  # no first line of a paragraph alone
                flow.new_page()
                continue
            part = lines[start : start + fitting]
            flow.add(_set_lines(flow, part, size, leading, indent if start == 0 else 0.0))
            flow.y -= len(part) * leading
            start += len(part)


def _set_lines(flow: Flow, lines: Sequence[Line], size: float, leading: float, indent: float) -> Draw:
    """Lines of one paragraph on one page, the first moved in."""
    x, y, width = flow.left, flow.y - size * 1.1, flow.width

    def draw(document: Document) -> None:
        for place, line in enumerate(lines):
            shift = indent if place == 0 else 0.0
            document.put_line(x + shift, y - place * leading, line, size, width - shift, "justify")

    return draw

"""One figure over many periods, drawn as bars that can be pointed at, chosen by keys and opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from bangjiao_desktop.domain.indicators import Figure
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.ui.kit import theme

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 28, 26
_STEPS = (1, 2, 5)
_LINES = 4
_LEAST_LABEL = 46  # pixels a year's number takes, with room beside it


@dataclass(frozen=True)
class Bar:
    """What one bar shows: its period, the figure (None: a rate of nobody) and how it is written."""

    period: Period
    value: Figure
    text: str


class YearsChart(QWidget):
    """Bars of a figure, oldest first. Arrow keys, Home and End choose one; a click, Enter or Space opens it.

    Signals:
        opened: place of the bar whose people are wanted.
        moved: place of the bar chosen now.
    """

    opened = Signal(int)
    moved = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.bars: list[Bar] = []
        self.chosen = -1
        self._title = ""
        self._rate = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_bars(self, title: str, bars: Sequence[Bar], *, rate: bool) -> None:
        """Show bars of a figure; the period chosen stays, else the last is. A `rate` is drawn up to 100 %."""
        before = self.bars[self.chosen].period.key if self.chosen >= 0 else ""
        self._title, self._rate = title, rate
        self.bars = list(bars)
        kept = (place for place, bar in enumerate(self.bars) if bar.period.key == before)
        self.choose(next(kept, len(self.bars) - 1))

    def choose(self, place: int) -> None:
        """Choose a bar; nothing is opened."""
        self.chosen = max(-1, min(place, len(self.bars) - 1))
        if self.chosen < 0:
            self.setAccessibleName(f"{self._title}历年图，没有可显示的数")
        else:
            bar = self.bars[self.chosen]
            self.setAccessibleName(f"{self._title}历年图：{bar.period.label} {bar.text}，左右键换期，回车看名单")
        self.moved.emit(self.chosen)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(560, 260)

    def place_at(self, x: float) -> int:
        """Return the place of the bar whose column holds a point, -1 beside them."""
        area = self._area()
        if not self.bars or not area.left() <= x < area.right():
            return -1
        return int((x - area.left()) / (area.width() / len(self.bars)))

    def column(self, place: int) -> QRectF:
        """Return the whole column of a bar, as high as the chart."""
        area = self._area()
        width = area.width() / max(1, len(self.bars))
        return QRectF(area.left() + width * place, area.top(), width, area.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self.place_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.choose(place)
            self.opened.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        over = self.place_at(event.position().x()) >= 0
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        ways = {Qt.Key.Key_Left: self.chosen - 1, Qt.Key.Key_Right: self.chosen + 1, Qt.Key.Key_Home: 0,
                Qt.Key.Key_End: len(self.bars) - 1}  # fmt: skip
        key = Qt.Key(event.key())
        if key in ways and self.bars:
            self.choose(max(0, ways[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.chosen >= 0:
            self.opened.emit(self.chosen)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tell the exact figure of the bar under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.place_at(event.pos().x())
            if place >= 0:
                bar = self.bars[place]
                QToolTip.showText(event.globalPos(), f"{bar.period.label}　{self._title} {bar.text}", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.figure_font())
        if self.bars:
            highest = self._draw_scale(painter)
            for place in range(len(self.bars)):
                self._draw_bar(painter, place, highest)
            self._draw_years(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.theme().colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1), 4, 4)
        painter.end()

    def _area(self) -> QRectF:
        return QRectF(_LEFT, _TOP, max(1, self.width() - _LEFT - _RIGHT), max(1, self.height() - _TOP - _BOTTOM))

    def _step(self) -> Decimal:
        """Between two lines of the scale: 1, 2 or 5 times a power of ten, at most so many lines; rates in quarters."""
        if self._rate:
            return Decimal("0.25")
        highest = max((Decimal(one.value) for one in self.bars if one.value is not None), default=Decimal(0))
        power = Decimal(1)
        while True:
            for step in _STEPS:
                if power * step * _LINES >= highest:
                    return power * step
            power *= 10

    def _draw_scale(self, painter: QPainter) -> Decimal:
        """Draw the lines of the scale; return what the highest stands for."""
        area, step, colours = self._area(), self._step(), theme.theme()
        for line in range(_LINES + 1):
            y = area.bottom() - area.height() * line / _LINES
            painter.setPen(QPen(colours.colour("line"), 1))
            painter.drawLine(int(area.left()), int(y), int(area.right()), int(y))
            painter.setPen(colours.colour("muted"))
            text = f"{line * 25}%" if self._rate else str(int(step * line))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 10, _LEFT - 8, 20), right, text)
        return step * _LINES

    def _draw_bar(self, painter: QPainter, place: int, highest: Decimal) -> None:
        bar, column, colours = self.bars[place], self.column(place), theme.theme()
        width = min(32.0, max(2.0, column.width() * 0.66))
        left = column.center().x() - width / 2
        height = 0.0 if bar.value is None else column.height() * min(1.0, float(Decimal(bar.value) / highest))
        strong = place == self.chosen
        if strong:
            shade = colours.colour("accent")
            shade.setAlpha(28)
            painter.fillRect(column, shade)
        colour = colours.colour("accent")
        if not strong:
            colour.setAlpha(150)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if height:
            painter.drawRect(QRectF(left, column.bottom() - height, width, height))
        self._draw_text(painter, bar, column, column.bottom() - height - 20, strong=strong)

    def _draw_text(self, painter: QPainter, bar: Bar, column: QRectF, y: float, *, strong: bool) -> None:
        """The figure above its bar, where there is room; of the chosen one in any case; a small dash where there is none."""
        usual, small = theme.figure_font(), theme.figure_font()
        if bar.value is None and not strong:
            small.setPixelSize(max(8, painter.fontInfo().pixelSize() * 6 // 10))
            painter.setFont(small)
        wide = painter.fontMetrics().horizontalAdvance(bar.text) + 4
        if strong or wide <= column.width():
            painter.setPen(theme.theme().colour("text" if strong else "muted"))
            x = min(max(column.center().x() - wide / 2, 0.0), float(self.width() - wide))
            painter.drawText(QRectF(x, y, wide, 18), Qt.AlignmentFlag.AlignCenter, bar.text)
        painter.setFont(usual)

    def _draw_years(self, painter: QPainter) -> None:
        """The number of each year below its first bar, as many as have room."""
        painter.setPen(theme.theme().colour("muted"))
        free = -1.0
        for place, bar in enumerate(self.bars):
            first = place == 0 or self.bars[place - 1].period.first.year != bar.period.first.year
            column = self.column(place)
            if first and column.left() >= free:
                last = place
                while last + 1 < len(self.bars) and self.bars[last + 1].period.first.year == bar.period.first.year:
                    last += 1
                span = column.united(self.column(last))
                if span.width() < _LEAST_LABEL and len(self.bars) > place + 1 and place == 0:
                    continue  # a year cut off at the left
                box = QRectF(span.center().x() - 30, span.bottom() + 4, 60, 18)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(bar.period.first.year))
                free = span.center().x() + _LEAST_LABEL / 2

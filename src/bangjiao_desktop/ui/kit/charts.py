"""Small charts drawn with the theme's colours: a rate against its target, a line of scores, a row of bars.

pyqtgraph would bring numpy (60 MB installed, 0.2 s to load) for a few strokes; see README.
"""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from bangjiao_desktop.ui.kit import theme


class RateBar(QWidget):
    """A rate as a bar with a mark at its target; a click or Enter asks for the people behind it.

    Args:
        title: what the rate is.
        target: 0–1.

    Signals:
        clicked: somebody wants to see who is behind it.
    """

    clicked = Signal()

    def __init__(self, title: str, target: float | None) -> None:
        super().__init__()
        self._title = title
        self._target = target
        self._rate: float | None = None
        self._text = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(52)

    def set_target(self, target: float | None) -> None:
        """Change what should be reached; None for no mark."""
        self._target = target
        self.update()

    def show_rate(self, rate: float | None, done: int, due: int) -> None:
        """Show a rate (None: nobody is due) with its numerator and denominator."""
        self._rate = rate
        shown = "—" if rate is None else f"{rate:.2%}"
        self._text = f"{shown}　{done}/{due}"
        target = "" if self._target is None else f"，目标 {self._target:.0%}"
        self.setAccessibleName(f"{self._title} {self._text}{target}，回车看名单")
        self.setToolTip(f"{self._title} {self._text}{target}。点一下看背后的人。")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(220, 52)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.theme()
        met = self._rate is None or self._target is None or self._rate >= self._target
        strong = QFont(theme.figure_font())
        strong.setBold(True)
        painter.setFont(strong)
        painter.setPen(colours.colour("text"))
        top = QRectF(0, 2, self.width(), 20)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(theme.figure_font())
        painter.setPen(colours.colour("text" if met else "overdue"))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._text)
        bar = QRectF(0, 28, self.width(), 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("line"))
        painter.drawRoundedRect(bar, 4, 4)
        if self._rate is not None:
            painter.setBrush(colours.colour("done" if met else "overdue"))
            painter.drawRoundedRect(QRectF(0, 28, self.width() * min(1.0, self._rate), 8), 4, 4)
        if self._target is not None:
            place = min(self.width() - 1.0, self.width() * self._target)
            painter.setPen(QPen(colours.colour("text"), 2))
            painter.drawLine(QPointF(place, 25), QPointF(place, 39))
        if self.hasFocus():
            painter.setPen(QPen(colours.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1), 4, 4)
        painter.end()


class ScoreLine(QWidget):
    """Scores of assessments over time, with the bands behind them."""

    def __init__(self) -> None:
        super().__init__()
        self._points: list[tuple[date, int, str]] = []
        self._bands: list[tuple[int, str, str]] = []
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scores(self, points: Sequence[tuple[date, int, str]], bands: Sequence[tuple[int, str, str]]) -> None:
        """Show scores.

        Args:
            points: day, score, band's label; in order of days.
            bands: upper limit, label, tone; low to high.
        """
        self._points, self._bands = list(points), list(bands)
        told = "；".join(f"{day} {score} 分 {label}" for day, score, label in points)
        self.setAccessibleName(f"评估得分变化：{told}" if told else "还没有评估")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(480, 150)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not self._points or not self._bands:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.figure_font())
        colours = theme.theme()
        area = QRectF(92, 12, self.width() - 124, self.height() - 42)
        highest = self._bands[-1][0]

        def height(score: float) -> float:
            return area.bottom() - area.height() * score / highest

        lower = 0
        for upto, label, tone in self._bands:
            fill = colours.colour(tone)
            fill.setAlpha(28)
            painter.fillRect(QRectF(area.left(), height(upto), area.width(), height(lower) - height(upto)), fill)
            painter.setPen(colours.colour(tone))
            middle = (height(upto) + height(lower)) / 2
            painter.drawText(
                QRectF(0, middle - 10, 84, 20), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label
            )
            lower = upto
        first, last = self._points[0][0].toordinal(), self._points[-1][0].toordinal()
        span = max(1, last - first)

        def place(day: date) -> float:
            share = 0.5 if last == first else (day.toordinal() - first) / span
            return area.left() + 20 + (area.width() - 40) * share

        marks = [QPointF(place(day), height(score)) for day, score, _ in self._points]
        painter.setPen(QPen(colours.colour("accent"), 2))
        painter.drawPolyline(QPolygonF(marks))
        last_label = -1000.0
        for mark, (day, score, _) in zip(marks, self._points, strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("accent"))
            painter.drawEllipse(mark, 4, 4)
            painter.setPen(colours.colour("text"))
            painter.drawText(QRectF(mark.x() - 24, mark.y() - 22, 48, 16), Qt.AlignmentFlag.AlignCenter, str(score))
            if mark.x() - last_label >= 78:
                painter.setPen(colours.colour("muted"))
                painter.drawText(
                    QRectF(mark.x() - 40, area.bottom() + 6, 80, 18), Qt.AlignmentFlag.AlignCenter, day.isoformat()
                )
                last_label = mark.x()
        painter.end()

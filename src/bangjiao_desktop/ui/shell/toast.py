"""A short message that lies over nothing one reads or works at, and goes away by itself; with an action one can click."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QHideEvent, QRegion, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QWidget,
)

from bangjiao_desktop.ui.kit.theme import GRID

_SHOWN_MILLISECONDS = 6000
_IN_THE_WAY_MILLISECONDS = 3000
_READ_MILLISECONDS = 180  # a character takes that long to be read without haste
_LOOK_MILLISECONDS = 300  # a page shows its rows when they are read, after it came to the front
_WORKED = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox)  # never covered while there is room elsewhere

Calm = tuple[QRect, int]  # a place in the window, and the least width of a message there


class Toast(QFrame):
    """The message of a window; a new one takes the place of the old.

    Args:
        parent: the window it floats over.
        aside: what it keeps off, even where that is empty.
        calm: where in the window it is in nobody's way as things lie now, the calmest first, each with how wide it is
            there at least; where it fits into none it looks for a place itself.
    """

    def __init__(
        self, parent: QWidget, aside: QWidget | None = None, calm: Callable[[], Sequence[Calm]] = tuple
    ) -> None:
        super().__init__(parent)
        self._aside, self._calm = aside, calm
        self.setProperty("role", "toast")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4 * GRID, GRID, 2 * GRID, GRID)
        self._label = QLabel()
        self._action = QPushButton()
        layout.addWidget(self._label)
        layout.addWidget(self._action)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MILLISECONDS)
        self._look.timeout.connect(self.settle)
        self._do: Callable[[], object] | None = None
        self._action.clicked.connect(self._act)
        parent.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def say(
        self,
        text: str,
        action: str = "",
        do: Callable[[], object] | None = None,
        milliseconds: int = _SHOWN_MILLISECONDS,
    ) -> None:
        """Show a message for a while, a shorter one where it hides something; with an action if there is one."""
        self._label.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._do = do
        free = self._place()
        self.show()
        self.raise_()
        lasts = max(milliseconds, self._needed())
        self._timer.start(lasts if free else min(lasts, self._soon()))

    def forget(self) -> None:
        """Lock: the message goes, and what it would take back."""
        self._timer.stop()
        self.hide()
        self._do = None
        self._label.clear()

    def settle(self) -> None:
        """Find another place if something lies under it now, and go sooner where there is none; not from under the hand."""
        if self.isVisible() and not self.underMouse() and not self._place(stay=True):
            self._timer.start(min(self._timer.remainingTime(), self._soon()))

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Nothing is looked for while it is not seen."""
        self._look.stop()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """What lies under it is looked at as long as it is seen; a window that is locked hides it with itself."""
        self._look.start()
        super().showEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Find another place in a window of another size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _act(self) -> None:
        self.hide()
        if self._do is not None:
            self._do()

    def _soon(self) -> int:
        """How long it stays where it hides something: till it is read; what can be taken back is offered as long as ever."""
        return max(_IN_THE_WAY_MILLISECONDS if self._do is None else _SHOWN_MILLISECONDS, self._needed())

    def _needed(self) -> int:
        """How long it takes to be read."""
        return _READ_MILLISECONDS * len(self.text)

    def _place(self, *, stay: bool = False) -> bool:
        """Go to the calm place; else to the foot of the window, or as near to it as nothing is hidden.

        Whether nothing is hidden where it goes.

        Args:
            stay: where it is now is as good if nothing is hidden there.
        """
        parent = self.parentWidget()
        if parent is None or self._fits_calm():
            return True
        seen = list(self._lying_under(parent))
        worked = [QRect(one.mapTo(parent, QPoint()), one.size()) for one in seen if isinstance(one, _WORKED)]
        read = [_place_in(parent, one, part) for one in seen for part in _filled(one)]
        if self._aside is not None:
            read.append(_place_in(parent, self._aside, self._aside.rect()))
        foot = QPoint((parent.width() - self.width()) // 2, parent.height() - self.height() - 6 * GRID)
        for taken in ([*worked, *read], worked):
            places = self._places(parent, taken)
            place = self.pos() if stay and places.contains(self.pos()) else _nearest(foot, places)
            if place is not None:
                self.move(place)
                return taken is not worked
        self.move(foot)
        return False

    def _fits_calm(self) -> bool:
        """Go to a calm place if all words fit there, in two lines at most; else be as wide as the words."""
        self._be_wide(0)
        between = self.width() - self._label.sizeHint().width()
        for number, (room, least) in enumerate(self._calm()):
            self._be_wide(0)
            if self.width() > room.width() and number:  # lines are broken only where nothing else is left
                self._be_wide(room.width() - between)
            if self.width() <= room.width() and self.height() <= room.height():
                self.resize(max(self.width(), least), self.height())
                self.move(room.right() + 1 - self.width(), room.center().y() - self.height() // 2)
                return True
        self._be_wide(0)
        most = 0 if (parent := self.parentWidget()) is None else parent.width() - 8 * GRID
        if self.width() > most > between:
            self._be_wide(most - between)
        return False

    def _be_wide(self, words: int) -> None:
        """Be as wide as the words and the action need; or give the words so many pixels and as many lines as it takes."""
        layout = self.layout()
        assert layout is not None
        wrapped = words > 0
        self._label.setWordWrap(wrapped)
        self._label.setMinimumSize(0, 0)  # first: its hints look at it
        if wrapped:
            self._label.setMinimumSize(words, self._label.heightForWidth(words))
        layout.setContentsMargins(4 * GRID, GRID // 2 if wrapped else GRID, 2 * GRID, GRID // 2 if wrapped else GRID)
        layout.activate()
        self.resize(self.sizeHint())

    def _places(self, parent: QWidget, taken: list[QRect]) -> QRegion:
        """Where its upper left corner can be without touching what is taken."""
        width, height = self.width() + GRID, self.height() + GRID
        found = QRegion(parent.rect().adjusted(GRID, GRID, -width, -height))
        for one in taken:
            if not one.isEmpty():
                found = found.subtracted(QRegion(one.adjusted(-width, -height, GRID, GRID)))
        return found

    def _lying_under(self, parent: QWidget) -> Iterator[QWidget]:
        """What is seen in the window beside this; what is hidden (another page) is not gone into."""
        for one in parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if one is not self and one.isVisible() and not one.isWindow():
                yield one
                yield from self._lying_under(one)


def _place_in(parent: QWidget, one: QWidget, part: QRect) -> QRect:
    """Return what is seen of a part of a widget, as its window measures: what is scrolled away is in nobody's way."""
    within: QWidget | None = one
    while within is not None and within is not parent:
        part = (part & within.rect()).translated(within.pos())
        within = within.parentWidget()
    return part


def _nearest(wanted: QPoint, places: QRegion) -> QPoint | None:
    """Return the place nearest to the one that is wanted, None if there is none."""
    found = [
        QPoint(max(one.left(), min(wanted.x(), one.right())), max(one.top(), min(wanted.y(), one.bottom())))
        for one in places  # type: ignore[attr-defined]  # it goes through its rectangles; the stubs do not say so
    ]
    return min(found, key=lambda one: (one - wanted).manhattanLength(), default=None)


def _filled(one: QWidget) -> list[QRect]:
    """Return the parts of a widget that hold something to read: rows, words, a drawing; empty ground is free."""
    if isinstance(one, QHeaderView):
        return [one.rect()]
    if isinstance(one, QAbstractItemView):
        return [_rows(one)]
    if isinstance(one, QLabel):
        return [_words(one)]
    if isinstance(one, QFrame | QTabWidget):
        return [one.rect()] if isinstance(one, QAbstractScrollArea) and not isinstance(one, QScrollArea) else []
    return [one.rect()] if type(one).paintEvent is not QWidget.paintEvent else []


def _rows(view: QAbstractItemView) -> QRect:
    """Return where the rows of a list or table are, as far as the view shows them."""
    shown, rows = view.viewport().geometry(), view.model().rowCount() if view.model() is not None else 0
    if not rows:
        return QRect()
    last = view.visualRect(view.model().index(rows - 1, 0))
    if last.isValid():
        shown.setBottom(min(shown.bottom(), shown.top() + last.bottom()))
    return shown


def _words(shown: QLabel) -> QRect:
    """Return where the words or the picture of a label are."""
    if not shown.text():
        return QRect() if shown.pixmap().isNull() else shown.rect()
    flags = shown.alignment().value | (Qt.TextFlag.TextWordWrap.value if shown.wordWrap() else 0)
    return shown.fontMetrics().boundingRect(shown.contentsRect(), flags, shown.text())

"""Widgets in a line as long as there is room, on further lines where there is not: nothing is squeezed or cut."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QWidget

from bangjiao_desktop.ui.kit.theme import GRID

_Line = list[tuple[QLayoutItem, int]]  # items and the width of each


@dataclass(frozen=True)
class _Placed:
    """The lines of a width: what lies left and right in each."""

    left: list[_Line]
    right: list[_Line]


class WholeLine(QLabel):
    """Words in one line where there is room for it, in more where there is not; for a `WrapRow`.

    Args:
        text: the words.
        role: of the theme, as of any label.
        selectable: whether the mouse may select them.
    """

    def __init__(self, text: str = "", role: str = "", *, selectable: bool = False) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        if role:
            self.setProperty("role", role)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as all the words in one line; Qt would break them into a block."""
        words = self.fontMetrics().size(0, self.text())
        around = self.contentsMargins()
        return words + QSize(around.left() + around.right() + 2, around.top() + around.bottom())


class WrapRow(QLayout):
    """A row that wraps.

    What lies at the end stays in the first line, at its right; what no longer fits beside it goes to lines below. Where
    not even the first widget fits beside the end, that goes to a line of its own below the others.

    Args:
        *widgets: from left to right.
        end: at the right.
    """

    def __init__(self, *widgets: QWidget, end: tuple[QWidget, ...] = ()) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._wraps = len(widgets)
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(2 * GRID)
        for one in (*widgets, *end):
            self.addWidget(one)

    def add(self, widget: QWidget) -> None:
        """Take another widget, behind those that wrap."""
        self.addWidget(widget)
        self._items.insert(self._wraps, self._items.pop())
        self._wraps += 1

    # what a layout of Qt must say

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        """Take another widget."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many widgets there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 (Qt asks beyond the last)
        """Return a widget's item, None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # noqa: N802 (as above)
        """Let a widget go."""
        if not 0 <= index < len(self._items):
            return None
        self._wraps -= index < self._wraps
        return self._items.pop(index)

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        """Nowhere: it is as high as its lines."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """The narrower, the more lines."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return how high all lines are."""
        placed = self._lines(width)
        heights = [_height(left + right) for left, right in zip(placed.left, placed.right, strict=True)]
        return sum(heights) + self.spacing() * max(0, len(heights) - 1)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Everything in one line."""
        seen = [(item, item.sizeHint().width()) for item in self._seen()]
        return QSize(self._width(seen), _height(seen))

    def minimumSize(self) -> QSize:  # noqa: N802
        """As wide as the widest widget, or the end, needs."""
        widths = [item.minimumSize().width() for item in self._seen(end=False)]
        ends = [(item, item.sizeHint().width()) for item in self._seen(end=True)]
        return QSize(max([*widths, self._width(ends)]), self.sizeHint().height())

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        """Put every widget in its place."""
        super().setGeometry(rect)
        placed, top = self._lines(rect.width()), rect.top()
        for left, right in zip(placed.left, placed.right, strict=True):
            height = _height(left + right)
            self._put(left, QPoint(rect.left(), top), height)
            self._put(right, QPoint(rect.left() + rect.width() - self._width(right), top), height)
            top += height + self.spacing()

    # reckoning

    def _seen(self, *, end: bool | None = None) -> list[QLayoutItem]:
        part = self._items if end is None else self._items[self._wraps :] if end else self._items[: self._wraps]
        return [item for item in part if not item.isEmpty() and not _says_nothing(item.widget())]

    def _width(self, line: _Line) -> int:
        return sum(width for _, width in line) + self.spacing() * max(0, len(line) - 1)

    def _lines(self, width: int) -> _Placed:
        ends: _Line = [(item, item.sizeHint().width()) for item in self._seen(end=True)]
        rest = self._seen(end=False)
        room = width - self._width(ends) - (self.spacing() if ends else 0)
        beside = not ends or not rest or self._fits_in(rest[0], room)
        left: list[_Line] = []
        right: list[_Line] = []
        while rest or not left:
            first = beside and not left
            line = self._line(rest, room if first else width)
            del rest[: len(line)]
            left.append(line)
            right.append(ends if first else [])
        if not beside:
            left.append([])
            right.append(ends)
        return _Placed(left, right)

    @staticmethod
    def _fits_in(item: QLayoutItem, room: int) -> bool:
        """Whether a widget fits, as it is or itself wrapped, if half of it at least stays in a line."""
        wanted = item.sizeHint().width()
        return wanted <= room or (
            item.hasHeightForWidth() and wanted <= 2 * room and item.minimumSize().width() <= room
        )

    def _line(self, items: list[QLayoutItem], room: int) -> _Line:
        """What of the items fits in a line; the first is always taken."""
        line: _Line = []
        for item in items:
            wanted = item.sizeHint().width()
            if line and self._width(line) + self.spacing() + wanted > room:
                break
            line.append((item, min(wanted, max(room, item.minimumSize().width()))))
        return line

    def _put(self, line: _Line, place: QPoint, height: int) -> None:
        for item, width in line:
            own = _height([(item, width)])
            item.setGeometry(QRect(place + QPoint(0, (height - own) // 2), QSize(width, own)))
            place += QPoint(width + self.spacing(), 0)


def _says_nothing(widget: QWidget | None) -> bool:
    return isinstance(widget, QLabel) and not widget.text() and widget.pixmap().isNull()


def _height(line: _Line) -> int:
    return max((_item_height(item, width) for item, width in line), default=0)


def _item_height(item: QLayoutItem, width: int) -> int:
    if item.hasHeightForWidth() and width < item.sizeHint().width():
        return item.heightForWidth(width)
    return item.sizeHint().height()

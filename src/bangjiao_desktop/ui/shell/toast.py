"""A short message at the foot of the window that goes away by itself, with an action one can click."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from bangjiao_desktop.ui.kit.theme import GRID

_SHOWN_MILLISECONDS = 6000
_WORKED = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox)  # never covered while there is room elsewhere


class Toast(QFrame):
    """The message of a window; a new one takes the place of the old.

    Args:
        parent: the window it floats over.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "toast")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        self._label = QLabel()
        self._action = QPushButton()
        layout.addWidget(self._label)
        layout.addWidget(self._action)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
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
        """Show a message for a while, with an action if there is one."""
        self._label.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._do = do
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start(milliseconds)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Stay at the foot of the window."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _act(self) -> None:
        self.hide()
        if self._do is not None:
            self._do()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        foot, step = parent.height() - self.height() - 6 * GRID, GRID
        middle, right = (parent.width() - self.width()) // 2, parent.width() - self.width() - 6 * GRID
        taken = self._taken(parent)
        places = (QPoint(x, y) for y in range(foot, parent.height() // 3, -step) for x in (middle, right))
        free = (one for one in places if not any(QRect(one, self.size()).intersects(other) for other in taken))
        self.move(next(free, QPoint(middle, foot)))

    def _taken(self, parent: QWidget) -> list[QRect]:
        """Where in the window something is pressed or typed."""
        return [
            QRect(one.mapTo(parent, QPoint(0, 0)), one.size())
            for one in parent.findChildren(QWidget)
            if isinstance(one, _WORKED) and one.isVisible() and one.window() is parent and not self.isAncestorOf(one)
        ]

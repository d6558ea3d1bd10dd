"""A heading with a few points below it, each on its own: what a dialog tells before it asks."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from bangjiao_desktop.ui.kit.parts import label
from bangjiao_desktop.ui.kit.theme import GRID


class Points(QWidget):
    """Points that hang from their dots; a single one has none.

    Args:
        head: the heading.
        points: a sentence each.
    """

    def __init__(self, head: str, points: Sequence[str] = ()) -> None:
        super().__init__()
        self.head = label(head, "strong")
        self._points: Sequence[str] = ()
        self._list: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GRID)
        self._layout.addWidget(self.head)
        self.say(points)

    def say(self, points: Sequence[str]) -> None:
        """Tell other points."""
        if self._list is not None:
            self._layout.removeWidget(self._list)
            self._list.hide()
            self._list.deleteLater()
        self._points = tuple(points)
        self._list = QWidget()
        rows = QGridLayout(self._list)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(2 * GRID)
        rows.setVerticalSpacing(GRID)
        rows.setColumnStretch(1, 1)
        for number, text in enumerate(self._points):
            line = label(text)
            line.setWordWrap(True)
            rows.addWidget(line, number, 1)
            if len(self._points) > 1:
                rows.addWidget(label("·", "muted"), number, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(self._list)
        self._list.show()  # else it counts for nothing until the next turn, and who asks how high it is gets it wrong

    def text(self) -> str:
        """Return the points, a line each."""
        return "\n".join(self._points)

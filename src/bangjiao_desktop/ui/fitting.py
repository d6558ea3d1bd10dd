"""Windows that fit the screen: 1366×768 scaled to 150 % leaves 910×512 for everything, frame and task bar included."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_FRAME = QSize(16, 48)  # what a window manager puts around a window


def room(widget: QWidget) -> QSize:
    """Return how large a window may be on the screen of a widget, without its frame."""
    return widget.screen().availableGeometry().size() - _FRAME


def fit(window: QWidget, width: int, height: int) -> None:
    """Give a window the wanted size as far as the screen has room."""
    window.resize(QSize(width, height).boundedTo(room(window)))


class FittingArea(QScrollArea):
    """A scroll area that asks for what its contents want: it scrolls only where the screen has no more room.

    Args:
        contents: what lies in it.
    """

    def __init__(self, contents: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(contents)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As large as the contents."""
        inside = self.widget()
        return super().sizeHint() if inside is None else inside.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As wide as the contents need, and a few lines high."""
        inside = self.widget()
        return QSize(0 if inside is None else inside.minimumSizeHint().width(), 80)

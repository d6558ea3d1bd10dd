"""Windows that fit the screen: 1366×768 scaled to 150 % leaves 910×512 for everything, frame and task bar included."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_FRAME = QSize(16, 48)  # what a window manager puts around a window


def free(widget: QWidget) -> QRect:
    """Return the part of the screen a widget is on that no task bar covers."""
    screen = QGuiApplication.screenAt(widget.geometry().center()) or widget.screen()
    return screen.availableGeometry()


def room(widget: QWidget) -> QSize:
    """Return how large a window may be on the screen of a widget, without its frame."""
    return free(widget).size() - _FRAME


def fit(window: QWidget, width: int, height: int) -> None:
    """Give a window the wanted size as far as the screen has room."""
    window.resize(QSize(width, height).boundedTo(room(window)))


def keep_inside(window: QWidget) -> None:
    """Make a window smaller and move it as far as is needed for it and its frame to lie on the screen."""
    if window.isMaximized() or window.isFullScreen():
        return
    place = free(window)
    window.resize(window.size().boundedTo(place.size() - _FRAME))
    most = place.size() - _FRAME - window.size()
    window.move(
        place.left() + min(max(window.x() - place.left(), 0), max(most.width(), 0)),
        place.top() + min(max(window.y() - place.top(), 0), max(most.height(), 0)),
    )


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

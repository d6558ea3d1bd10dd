"""Locks the window when nobody has touched it for a while, or at Ctrl+L, whatever lies over it.

Keys and the mouse are watched where they come in: at the windows of the screen. A filter on the whole application would
be asked about every event of every widget, ten thousand times while one form is made, which took longer than making it.
"""

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget

from bangjiao_desktop.ui.kit.preferences import Preferences

MINUTES = 10
CHOICES = (5, 10, 20, 30)
_ACTIVITY = frozenset((QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel))


class IdleLock(QObject):
    """Counts the time since the last key or mouse.

    Args:
        window: what is to be locked; while it is disabled, nothing counts as work.
        preferences: where the time is kept.

    Signals:
        elapsed: the time is up.
        pressed: Ctrl+L, also in a dialog, where a shortcut of the window would not be heard.
    """

    elapsed = Signal()
    pressed = Signal()

    def __init__(self, window: QWidget, preferences: Preferences) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._since = QElapsedTimer()  # the timer itself is coarse: it may be half a minute off
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self.elapsed)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.focusWindowChanged.connect(self._watch)  # a dialog has the keys before anything is pressed in it
        self._watch()
        self._restart()

    @property
    def minutes(self) -> int:
        """After how long."""
        return int(self._preferences.get("idle_minutes", MINUTES))

    @property
    def untouched(self) -> float:
        """Seconds since the last key or mouse."""
        return self._since.elapsed() / 1000

    def set_minutes(self, minutes: int) -> None:
        """Choose and remember the time."""
        self._preferences.set("idle_minutes", minutes)
        self._restart()

    def stop(self) -> None:
        """Watch no longer: the window is closed."""
        self.timer.stop()
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.focusWindowChanged.disconnect(self._watch)
        for window in QGuiApplication.topLevelWindows():
            window.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Any key or mouse puts the lock off."""
        if event.type() not in _ACTIVITY or not self._window.isEnabled():
            return False  # thousands while a window opens
        self._restart()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and _is_lock(event):
            QTimer.singleShot(0, self, self.pressed.emit)  # not within the event: locking waits for the password
            return True
        return False

    def _watch(self, _: object = None) -> None:
        for window in QGuiApplication.topLevelWindows():
            window.installEventFilter(self)  # once, however often it is asked for

    def _restart(self) -> None:
        self._since.start()
        self.timer.start(self.minutes * 60_000)


def _is_lock(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_L and event.modifiers() == Qt.KeyboardModifier.ControlModifier

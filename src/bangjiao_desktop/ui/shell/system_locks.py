"""Hears from the system when the window is to be locked: sleep, its own screen lock, another user, and a clock that leapt.

Linux: logind and the desktop's screen saver over D-Bus; where there is no bus, nothing is heard. Windows: session and
power messages. A timer that does not run while the computer sleeps cannot lock it, so the wall clock is compared, too.
"""

import ctypes
import sys
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import SLOT, QAbstractNativeEventFilter, QCoreApplication, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtDBus import QDBusConnection  # not in the program for Windows

LEAP_SECONDS = 60.0
_LOOK_MILLISECONDS = 15_000
_LOGIN = "org.freedesktop.login1"
_SCREEN_SAVERS = (
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.cinnamon.ScreenSaver",
)
_SESSION_CHANGE, _POWER, _SUSPEND = 0x02B1, 0x0218, 4  # winuser.h
_LEFT = (2, 4, 7)  # WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOCK


class SystemLocks(QObject):
    """Listens as long as the window lives.

    Args:
        window: the main window.

    Signals:
        wanted: the window is to be locked, and put away before this returns where it can be.
    """

    wanted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._seen = time.time()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self._messages: _Messages | None = None
        if sys.platform == "win32":
            self._messages = _Messages(self, int(window.winId()))
        else:
            from PySide6.QtDBus import QDBusConnection

            self.listen(QDBusConnection.systemBus(), QDBusConnection.sessionBus())

    def listen(self, system: "QDBusConnection", session: "QDBusConnection") -> None:
        """Hear what the system's and the desktop's bus tell."""
        told: Any = SLOT("told(bool)")  # a text, whatever the stubs say of it
        locked: Any = SLOT("locked()")
        if system.isConnected():
            system.connect(_LOGIN, "", f"{_LOGIN}.Manager", "PrepareForSleep", self, told)
            system.connect(_LOGIN, "", f"{_LOGIN}.Session", "Lock", self, locked)
        if session.isConnected():
            for name in _SCREEN_SAVERS:
                session.connect("", "", name, "ActiveChanged", self, told)

    def look(self) -> None:
        """Compare the wall clock: the computer slept, or stood still."""
        before, self._seen = self._seen, time.time()
        if self._seen - before > _LOOK_MILLISECONDS / 1000 + LEAP_SECONDS:
            self.wanted.emit()

    def stop(self) -> None:
        """Hear nothing any more: the window is closed."""
        self._timer.stop()
        if self._messages is not None:
            self._messages.stop()

    @Slot(bool)
    def told(self, on: bool) -> None:
        """The computer goes to sleep, or the screen is locked; False for the end of either."""
        if on:
            self.wanted.emit()

    @Slot()
    def locked(self) -> None:
        """The session is locked, also because another user comes to the screen."""
        self.wanted.emit()


class _Messages(QAbstractNativeEventFilter):
    """Windows: what it tells the window of sessions and power."""

    def __init__(self, heard: SystemLocks, window: int) -> None:
        super().__init__()
        self._heard, self._window = heard, window
        self._windll: Any = getattr(ctypes, "windll")  # noqa: B009 (there on Windows alone)
        self._windll.wtsapi32.WTSRegisterSessionNotification(ctypes.c_void_p(window), 0)
        application = QCoreApplication.instance()
        assert application is not None
        application.installNativeEventFilter(self)

    def nativeEventFilter(self, kind: Any, message: Any) -> Any:  # noqa: N802
        """Lock at the messages that somebody leaves the screen or the computer sleeps."""
        told = ctypes.cast(int(message), ctypes.POINTER(_Message)).contents
        leaves = told.message == _SESSION_CHANGE and told.w in _LEFT
        if leaves or (told.message == _POWER and told.w == _SUSPEND):
            self._heard.wanted.emit()
        return False, 0

    def stop(self) -> None:
        """Hear nothing any more."""
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self)
        self._windll.wtsapi32.WTSUnRegisterSessionNotification(ctypes.c_void_p(self._window))


class _Message(ctypes.Structure):
    """MSG of winuser.h, as far as it is looked at."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("message", ctypes.c_uint),
        ("w", ctypes.c_size_t),
        ("l", ctypes.c_ssize_t),
    )

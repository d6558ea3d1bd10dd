"""Hears from the system when the window is to be locked: sleep, its own screen lock, another user, and a clock that leapt.

Windows tells the window of sessions and power. A timer that does not run while the computer sleeps cannot lock it, so
the wall clock is compared, too, everywhere. On Linux that is all: logind and the desktop's screen saver are not heard.
"""

import ctypes
import sys
import time
from typing import Any

from PySide6.QtCore import QAbstractNativeEventFilter, QCoreApplication, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

LEAP_SECONDS = 60.0
_LOOK_MILLISECONDS = 15_000
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

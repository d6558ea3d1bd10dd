"""Keeps the program's windows out of screenshots and recordings, as a setting, where the system can (Windows 10 and later).

A camera, or whoever has taken the computer over as its administrator, sees them all the same.
"""

import ctypes
import sys
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from bangjiao_desktop.ui.kit.preferences import Preferences

PREFERENCE = "hidden_from_captures"
_SHOWN, _BLACK, _LEFT_OUT = 0x00, 0x01, 0x11  # winuser.h: WDA_NONE, WDA_MONITOR, WDA_EXCLUDEFROMCAPTURE


def offered() -> bool:
    """Tell whether the system can do it."""
    return sys.platform == "win32"


class Captures(QObject):
    """Does as the setting says with every window, also one shown later; costs nothing while it is off.

    Args:
        preferences: what this computer remembers.
        parent: as long as which it lives: the main window.
    """

    def __init__(self, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._preferences = preferences
        if self.hidden:
            self._watch()

    @property
    def hidden(self) -> bool:
        """Whether windows are kept out of captures."""
        return offered() and bool(self._preferences.get(PREFERENCE, False))

    def hide(self, hidden: bool) -> None:
        """Choose, for this computer; holds at once for the windows that are open."""
        self._preferences.set(PREFERENCE, hidden)
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self)
        if hidden:
            self._watch()
        for window in QApplication.topLevelWidgets():
            if window.isVisible():
                _tell(window, hidden=hidden)

    def _watch(self) -> None:
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Tell the system of a window that is shown."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            _tell(watched, hidden=True)
        return False


def _tell(window: QWidget, *, hidden: bool) -> None:
    """Tell Windows; one before 10 version 2004 shows a black picture instead of what lies behind."""
    windll: Any = getattr(ctypes, "windll")  # noqa: B009 (there on Windows alone)
    handle = ctypes.c_void_p(int(window.winId()))
    for wanted in (_LEFT_OUT, _BLACK) if hidden else (_SHOWN,):
        if windll.user32.SetWindowDisplayAffinity(handle, wanted):
            return

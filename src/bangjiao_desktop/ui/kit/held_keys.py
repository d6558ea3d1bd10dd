"""Keys that are pressed while a dialog is being made belong to the dialog: they are kept for it, none goes astray."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

_KEYS = frozenset((QEvent.Type.KeyPress, QEvent.Type.KeyRelease))


class HeldKeys(QObject):
    """Keeps the keys of one window from `hold` until `give`.

    Args:
        window: where they are typed meanwhile.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._keys: list[QKeyEvent] = []

    def hold(self) -> None:
        """From now on."""
        handle = self._window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)  # once, however often it is asked for

    def give(self, heir: QWidget) -> None:
        """Type what was kept into another window, which is shown by now; from now on keys go where they are typed."""
        if not isValid(self._window):
            return  # closed meanwhile
        handle, meant = self._window.windowHandle(), heir.windowHandle()
        if handle is not None:
            handle.removeEventFilter(self)
        keys, self._keys = self._keys, []
        for one in keys:
            if meant is not None:
                QCoreApplication.sendEvent(meant, one)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep keys; what would be a shortcut of the window is a key as others. One held down counts once."""
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() not in _KEYS:
            return False
        if not event.isAutoRepeat():
            self._keys.append(QKeyEvent(event.type(), event.key(), event.modifiers(), event.text()))
        return True

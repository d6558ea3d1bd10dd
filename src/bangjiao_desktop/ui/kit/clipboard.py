"""What leaves by the clipboard: rows only for who may export, each time audited; numbers and rows do not stay there.

A clipboard is read by every program of the computer, kept by the system's history, and in some offices shared with
another computer. So rows and numbers that were copied here are taken off it after a minute, on locking and at the end,
if they are still what lies there; and they ask the system not to keep them. What is cut or copied without a number
(a sentence of a form) stays: it may be on its way to another field.
"""

import hashlib
import re
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QByteArray, QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background

CLEARED_MILLISECONDS = 60_000
_NUMBER = re.compile(r"\d{7,}|(?:\d[- ]?){10,}")
_WINDOWS = 'application/x-qt-windows-mime;value="{}"'
_NOT_KEPT = {  # learn.microsoft.com: Clipboard Formats, “Cloud Clipboard and Clipboard History Formats”; KDE's Klipper
    _WINDOWS.format("ExcludeClipboardContentFromMonitorProcessing"): b"\x01\x00\x00\x00",
    _WINDOWS.format("CanIncludeInClipboardHistory"): b"\x00\x00\x00\x00",
    _WINDOWS.format("CanUploadToCloudClipboard"): b"\x00\x00\x00\x00",
    "x-kde-passwordManagerHint": b"secret",
}


class Clipboard(QObject):
    """Watches what this program puts on the clipboard.

    Signals:
        refused: a sentence: rows were not copied.
    """

    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._session: Session | None = None
        self._where: Callable[[], str] = str
        self._put: bytes | None = None  # digest of what is to be taken off again
        self._putting = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        QGuiApplication.clipboard().dataChanged.connect(self._changed)

    def use(self, session: Session, where: Callable[[], str]) -> None:
        """From now on rows are copied for this session's user, if they may, and audited.

        Args:
            session: the user's.
            where: tells what page is seen.
        """
        self._session, self._where = session, where

    def leave(self) -> None:
        """The window is closed."""
        self.clear()
        self._session, self._where = None, str

    def copy_rows(self, owner: QObject, text: str, rows: int) -> None:
        """Put rows on the clipboard once they stand in the audit trail; `refused` tells why not."""
        if self._session is None:
            self._keep_for_a_minute(text)
            return
        from bangjiao_desktop.services.people import copying

        task = background.save(owner, copying.note_copy, self._session, self._where(), rows)
        task.then(lambda _: self._keep_for_a_minute(text)).fails(self.refused.emit).at_once()

    def clear(self) -> None:
        """Take rows and numbers off the clipboard, if they still lie there."""
        self._timer.stop()
        put, self._put = self._put, None
        if put is not None and _digest(QGuiApplication.clipboard().text()) == put:
            self._set(QMimeData())

    def take(self) -> str:
        """Take off whatever this program put there; return it if it is to come back after the lock (no number in it)."""
        self.clear()
        clipboard = QGuiApplication.clipboard()
        if not clipboard.ownsClipboard():
            return ""
        text = clipboard.text()
        self._set(QMimeData())
        return text

    def give_back(self, text: str) -> None:
        """Put back what `take` returned, unless something else was copied meanwhile."""
        if text and not QGuiApplication.clipboard().text():
            QGuiApplication.clipboard().setText(text)

    def _keep_for_a_minute(self, text: str) -> None:
        mime = QMimeData()
        mime.setText(text)
        for kind, value in _NOT_KEPT.items():
            mime.setData(kind, QByteArray(value))
        self._set(mime)
        self._put = _digest(text)
        self._timer.start(CLEARED_MILLISECONDS)

    def _set(self, mime: QMimeData) -> None:
        self._putting = True
        try:
            QGuiApplication.clipboard().setMimeData(mime)
        finally:
            self._putting = False

    def _changed(self) -> None:
        """Somebody copied something: a number of ours (from a field or a label) is treated as rows are."""
        if self._putting:
            return
        clipboard = QGuiApplication.clipboard()
        text = clipboard.text() if clipboard.ownsClipboard() else ""
        if _NUMBER.search(text):
            self._keep_for_a_minute(text)
        else:
            self._timer.stop()
            self._put = None


@cache
def clipboard() -> Clipboard:
    """Return the one watch of the program."""
    return Clipboard()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

"""What a lock does behind the door: work ends, the ledger is closed, its keys and everything read of it leave the memory.

The windows are hidden at once (`locking.Hidden`). The rest waits for what is under way: reads are cancelled, a save or an
import, which somebody started and waits for, may finish for a while, then it is cancelled, too. Who comes back before that
goes on as if nothing had been. Whatever fails here is logged, and the ledger is closed all the same.
"""

import sys
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from bangjiao_desktop.services.base import scrubbing
from bangjiao_desktop.services.base.log import log_bug
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.clipboard import clipboard
from bangjiao_desktop.ui.shell import stash, stash_words
from bangjiao_desktop.ui.shell.locking import Hidden, is_of_door

if TYPE_CHECKING:
    from bangjiao_desktop.ui.kit.pdf_view import PdfView
    from bangjiao_desktop.ui.shell.main_window import MainWindow

LONG_SECONDS = 600.0  # what was started by name may take so long; locked at the screen it is all the while
SHORT_SECONDS = 10.0
AT_ONCE_MILLISECONDS = 3000  # the system is about to sleep: it waits five seconds at most
_LOOK_MILLISECONDS = 200
_SCRUB_MILLISECONDS = 300


class PuttingAway(QObject):
    """One lock of one window.

    Args:
        window: what is locked.
        hidden: its windows, hidden already.
    """

    def __init__(self, window: "MainWindow", hidden: Hidden) -> None:
        super().__init__(window)
        self._window, self._hidden = window, hidden
        self._kept: Any = None  # a keepsake, for the session alone to open
        self._stash: stash.Stash | None = None
        self._timers: list[tuple[QTimer, int]] = []
        self._since = time.monotonic()
        self._clipboard = clipboard().take()
        window.toast.forget()
        window.undoing.forget()
        background.stop_reading()
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MILLISECONDS)
        self._look.timeout.connect(self.look)
        self._look.start()
        self._scrub = QTimer(self, singleShot=True, interval=_SCRUB_MILLISECONDS)
        self._scrub.timeout.connect(_scrub)

    @property
    def done(self) -> bool:
        """Whether the ledger is closed and everything put away."""
        return self._kept is not None

    def look(self) -> None:
        """Put away as soon as nothing is under way, or it took too long."""
        if self.done:
            return
        waited = time.monotonic() - self._since
        if background.idle():
            self._put_away()
        elif waited >= (LONG_SECONDS if background.long_work() else SHORT_SECONDS):
            self.at_once()

    def at_once(self) -> None:
        """Put away now: what is under way is cancelled; what does not end meanwhile finds the ledger closed."""
        if not self.done:
            background.stop_everything(AT_ONCE_MILLISECONDS)
            _one_turn()  # those that ended are told
            self._put_away()

    def bring_back(self, fresh: Session) -> bool:
        """Go on with what the password opened; False if what was put away cannot be opened any more."""
        self._look.stop()
        self._scrub.stop()
        if self._kept is None:
            fresh.close()  # it only proved the password; the window's own session goes on
        else:
            content = self._window.session.take_back(fresh, self._kept)
            if content is None:
                return False
            if self._stash is not None:
                self._stash.put_back(content)
            for timer, left in self._timers:
                if isValid(timer):
                    _go_on(timer, left)
            for one in _with_documents():
                one.bring_back()
            # what others did meanwhile; the vault is opened for it, too, which the page in front needs next
            background.call(self._window, self._window.session.look_for_changes).fails(lambda _: None)
        # It stays with its window, empty: deleted later, from within the lock, it took the lock of Python with it.
        clipboard().give_back(self._clipboard)
        return True

    def stop(self) -> None:
        """The program is left at the lock: nothing more is done."""
        self._look.stop()
        self._scrub.stop()
        self._stash, self._timers = None, []

    def _put_away(self) -> None:
        self._look.stop()
        content = b""
        self._hidden.remember_typed()
        try:
            self._timers = _stopped_timers()
            for one in _with_documents():
                one.put_away()
            content = self._take()
        except Exception:
            log_bug()
        self._kept = self._window.session.put_away(content)
        del content
        QPixmapCache.clear()
        background.stop_everything(AT_ONCE_MILLISECONDS)  # threads end, and with them what the C library keeps for each
        self._scrub.start()

    def _take(self) -> bytes:
        scrubbing.empty_caches()  # before the program's own tables are told from what was read
        spared = stash.of_program()
        widgets = [one for one in QApplication.allWidgets() if isValid(one) and not is_of_door(one)]
        made = stash.Stash(spared)
        stash_words.look_at(made, widgets)
        roots = stash.window_objects(spared)
        made.look_into(one for one in roots if not (isinstance(one, QWidget) and isValid(one) and is_of_door(one)))
        content = made.take()
        self._stash = made
        return content


def _one_turn() -> None:
    """Let what waits be done.

    `processEvents` would not do: in PySide 6.9 a fault in a method that Qt calls (a cell of a model) is kept until it
    returns, and every later one takes Python's lock once more than it gives it back.
    """
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    loop.exec()


def _stopped_timers() -> list[tuple[QTimer, int]]:
    """Stop the timers of everything hidden; each with what was left of it in milliseconds."""
    found = {
        id(timer): timer
        for window in QApplication.topLevelWidgets()
        if isValid(window) and not is_of_door(window)
        for timer in window.findChildren(QTimer)
        if timer.isActive() and not isinstance(timer.parent(), PuttingAway)
    }
    stopped = []
    for timer in found.values():
        stopped.append((timer, timer.remainingTime()))
        timer.stop()
    return stopped


def _go_on(timer: QTimer, left: int) -> None:
    if not timer.isSingleShot():
        timer.start()
        return
    whole = timer.interval()
    timer.start(max(0, left))
    timer.timeout.connect(lambda: timer.setInterval(whole), Qt.ConnectionType.SingleShotConnection)


def _with_documents() -> list["PdfView"]:
    module = sys.modules.get("bangjiao_desktop.ui.kit.pdf_view")  # where nothing was shown there is none
    return [] if module is None else [one for one in QApplication.allWidgets() if isinstance(one, module.PdfView)]


def _scrub() -> None:
    try:
        scrubbing.empty_caches()
        scrubbing.scrub()
    except Exception:
        log_bug()

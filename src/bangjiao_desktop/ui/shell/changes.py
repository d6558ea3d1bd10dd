"""Changes of the ledger, whoever made them, as one signal on the window's thread."""

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from bangjiao_desktop.domain.changes import LedgerChange, unknown_change
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background

_MILLISECONDS = 3_000


class Changes(QObject):
    """Hears what the session changes, and looks for what others change while the window is the active one.

    A new day changes what is due and how long things stand, too: it is told as a change of which nothing is known.

    Args:
        session: whose ledger.
        parent: the main window.

    Signals:
        changed: a LedgerChange, after it is kept; always later than the call that made it, never inside it.
    """

    changed = Signal(object)
    _heard = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._day = session.today()
        self._task: background.Task[None] | None = None
        self._heard.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._end = session.subscribe(self._hear)
        self._timer = QTimer(self)
        self._timer.setInterval(_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def watch(self, *, active: bool) -> None:
        """Look now and every few seconds while the window is active; a window behind others is looked at later."""
        if active:
            self.look()
            self._timer.start()
        else:
            self._timer.stop()

    def look(self) -> None:
        """Look whether somebody else changed the ledger, off the window's thread."""
        if self._day != self._session.today():
            self._day = self._session.today()
            self.changed.emit(unknown_change(0))
        if self._task is not None or not self._session.is_open:
            return  # the first picture does not wait for the vault
        self._task = background.call(self, self._session.look_for_changes).anyway(self._looked)
        self._task.fails(lambda _: None)  # what is wrong with the ledger is said by what reads it

    def stop(self) -> None:
        """Hear and look no longer: the window is closed."""
        self._timer.stop()
        self._end()

    def _hear(self, change: LedgerChange) -> None:
        self._heard.emit(change)

    def _take(self, change: LedgerChange) -> None:
        self.changed.emit(change)

    def _looked(self) -> None:
        self._task = None

"""Sees that a session ends where it should: the account was taken away, or its role became another."""

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from bangjiao_desktop.domain.errors import AccountGoneError
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background

_MILLISECONDS = 30_000  # services that write, print or export look by themselves, each time


class SessionWatch(QObject):
    """Looks at the user's account every half minute, off the UI thread, and hears what services find in between.

    Args:
        session: whose account.
        parent: the main window.

    Signals:
        ended: a sentence: the user may not go on with this window.
    """

    ended = Signal(str)
    _heard = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._authority = session.authority()
        self._over = False
        # Services tell it in their own thread, and inside a transaction, which has to end first.
        self._heard.connect(self._end, Qt.ConnectionType.QueuedConnection)
        session.on_end = self._heard.emit
        self._timer = QTimer(self)
        self._timer.setInterval(_MILLISECONDS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Read the account as it stands now."""
        task = background.run(lambda progress: self._session.authority())
        task.succeeded.connect(self._compare)
        task.failed.connect(self._failed)

    def stop(self) -> None:
        """Watch no longer: the window is closed."""
        self._over = True
        self._timer.stop()
        self._session.on_end = None

    def _compare(self, found: object) -> None:
        if found != self._authority:
            self._end("您的角色或权限刚刚被更改，请重新登录。")

    def _failed(self, text: str, error: object) -> None:
        if isinstance(error, AccountGoneError):
            self._end(text)

    def _end(self, text: str) -> None:
        if not self._over:
            self.stop()
            self.ended.emit(text)

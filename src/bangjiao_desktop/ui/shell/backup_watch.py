"""Keeps the ledger safe without being asked: a backup a day, and a word when none has left this computer for long."""

from datetime import date

from PySide6.QtCore import QObject, QTimer, Signal

from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background

_FIRST_MILLISECONDS, _AGAIN_MILLISECONDS = 20_000, 3_600_000


class BackupWatch(QObject):
    """Backs up once a day while the window is open, off the UI thread.

    Args:
        session: whose ledger; the user may back up.
        parent: the main window.

    Signals:
        overdue: a sentence: no backup has left this computer for long; told once a day.
        failed: a sentence: the day's backup could not be written.
    """

    overdue = Signal(str)
    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._told: date | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self._timer.start(_FIRST_MILLISECONDS)

    def look(self) -> None:
        """Back up if the day has no backup yet, then see how old the last one elsewhere is."""
        today = self._session.today()

        def work(progress: Progress) -> str:
            from bangjiao_desktop.services.upkeep import backups

            backups.back_up_daily(self._session, today)
            return backups.reminder(self._session, today)

        self._timer.start(_AGAIN_MILLISECONDS)
        task = background.run(work)
        task.succeeded.connect(self._remind)
        task.failed.connect(self._tell)

    def stop(self) -> None:
        """Watch no longer: the window is closed."""
        self._timer.stop()

    def _remind(self, text: str) -> None:
        if text and self._told != self._session.today():
            self._told = self._session.today()
            self.overdue.emit(text)

    def _tell(self, text: str, _: object) -> None:
        if self._told != self._session.today():
            self._told = self._session.today()
            self.failed.emit(text)

"""Keeps the ledger safe without being asked: a backup a day, each month the newest tried, a word when none left this computer."""

from datetime import date
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from bangjiao_desktop.services.base.low_priority import at_leisure
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.preferences import BACKUP_PLACE, Preferences

_FIRST_MILLISECONDS, _AGAIN_MILLISECONDS = 20_000, 3_600_000


class BackupWatch(QObject):
    """Backs up once a day while the window is open, off the UI thread.

    Args:
        session: whose ledger; the user may back up.
        preferences: know the folder elsewhere that was backed up to.
        parent: the main window.

    Signals:
        overdue: a sentence: no backup has left this computer for long; told once a day.
        failed: a sentence: the day's backup could not be written.
        tried: sentences: a backup was tried and is not as it should be; what to do.
    """

    overdue = Signal(str)
    failed = Signal(str)
    tried = Signal(str)

    def __init__(self, session: Session, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._preferences = preferences
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

            at_leisure(lambda: backups.back_up_daily(self._session, today))
            return backups.reminder(self._session, today)

        self._timer.start(_AGAIN_MILLISECONDS)
        task = background.run(work)
        task.succeeded.connect(self._remind)
        task.failed.connect(self._tell)
        task.ended.connect(self._try)

    def stop(self) -> None:
        """Watch no longer: the window is closed."""
        self._timer.stop()

    def _try(self) -> None:
        """Try the newest backups, if it is time; given up when the window closes, and done the next time."""
        if not self._timer.isActive():
            return
        kept = self._preferences.get(BACKUP_PLACE)
        stick = Path(kept) if kept else None

        def work(progress: Progress) -> str:
            from bangjiao_desktop.services.upkeep import backup_trials

            made = at_leisure(lambda: backup_trials.try_due(self._session, stick, progress))
            return "　".join(text for one in made if (text := one.fault or one.remark))

        task = background.run(work)
        task.succeeded.connect(self._tell_trial)
        task.failed.connect(self._tell)

    def _tell_trial(self, text: str) -> None:
        if text:
            self.tried.emit(f"试开备份：{text}")

    def _remind(self, text: str) -> None:
        if text and self._told != self._session.today():
            self._told = self._session.today()
            self.overdue.emit(text)

    def _tell(self, text: str, _: object) -> None:
        if self._told != self._session.today():
            self._told = self._session.today()
            self.failed.emit(text)

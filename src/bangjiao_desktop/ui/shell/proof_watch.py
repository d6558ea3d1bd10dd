"""Proves the ledger without being asked: soon after it was opened what is new, once a month everything; at leisure."""

from PySide6.QtCore import QObject, QTimer, Signal

from bangjiao_desktop.domain.errors import CancelledError, KnownError
from bangjiao_desktop.services.base.low_priority import at_leisure
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep import verification
from bangjiao_desktop.services.upkeep.verification import Verdict
from bangjiao_desktop.ui.kit import background

_FIRST_MILLISECONDS, _AGAIN_MILLISECONDS = 6_000, 3_600_000


class ProofWatch(QObject):
    """Proves what is new at opening, and each day a window stays open; given up by a lock, and done the next hour.

    Args:
        session: whose ledger.
        parent: the main window.

    Signals:
        found: a verdict that is not good.
    """

    found = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._opened = True
        self._task: background.Task[Verdict | None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self._timer.start(_FIRST_MILLISECONDS)

    def look(self) -> None:
        """Prove what is new, if that was not done since the window was opened, or today."""
        self._timer.start(_AGAIN_MILLISECONDS)
        session, opened = self._session, self._opened

        def prove(progress: Progress) -> Verdict | None:
            last = None if opened else verification.last_proof(session)
            if last is not None and last.proven_on == session.today():
                return None
            return verification.verify_new(session, progress)

        def work(progress: Progress) -> Verdict | None:
            try:
                return at_leisure(lambda: prove(progress))
            except CancelledError:
                raise
            except KnownError:
                _ = session.ledger  # locked meanwhile: a LockedError, and nothing is wrong
                return None  # what keeps it from being read is told by what a person does with it, or by the next proof

        self._task = background.run(work, owner=self).then(self._tell)

    def stop(self) -> None:
        """Watch no longer: the window is closed."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()

    def _tell(self, made: Verdict | None) -> None:
        self._opened = False
        if made is not None and not made.good:
            self.found.emit(made)

"""A file on its way in: read once, tried again after each answer, then imported; all off the window's thread."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from bangjiao_desktop.domain.import_choices import NO_CHOICES, ImportChoices
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.exchange.import_ledger import ColumnsMissingError, Incoming, import_file, read_file
from bangjiao_desktop.services.exchange.import_result import ImportResult
from bangjiao_desktop.ui.kit import background

FIRST, AGAIN, FINAL = "first", "again", "final"
"""Ways of running: the first look at a file, a trial after an answer, the import itself."""


@dataclass(frozen=True)
class Asked:
    """What a reading is asked with."""

    choices: ImportChoices = NO_CHOICES
    source: str | None = None
    office: str = ""


class ImportRun(QObject):
    """Reads and imports one file.

    Args:
        session: the user's.
        parent: whose it is.

    Signals:
        started: a reading begins: FIRST, AGAIN or FINAL.
        progressed: fraction and what is done.
        read: the result and how it was run; only the newest answer's.
        lacking: the file lacks a column (ColumnsMissingError).
        failed: a sentence, and how it was run.
        cancelled: how it was run; the answers are those of the result before.
    """

    started = Signal(str)
    progressed = Signal(float, str)
    read = Signal(object, str)
    lacking = Signal(object)
    failed = Signal(str, str)
    cancelled = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._path: Path | None = None
        self._incoming: Incoming | None = None
        self._task: background.Task[Any] | None = None
        self.way = FIRST
        self.number = 0  # the ledger's change number before the newest trial began to read it
        self.offices: tuple[str, ...] = ()  # of the ledger, when the newest trial or import had ended
        self._newer = False
        self._remind_from: date | None = None
        self._good = Asked()
        self.asked = Asked()

    @property
    def busy(self) -> bool:
        """Whether a reading is under way."""
        return self._task is not None

    @property
    def importing(self) -> bool:
        """Whether the import itself is under way."""
        return self.busy and self.way == FINAL

    @property
    def choices(self) -> ImportChoices:
        """The answers so far."""
        return self.asked.choices

    def look_at(self, path: Path, office: str) -> None:
        """Read a file and say what importing it would do."""
        if self.busy:
            return
        self._path, self._incoming = path, None
        self.asked = self._good = Asked(office=office)
        self._start(FIRST)

    def ask_again(self, asked: Asked) -> None:
        """Try again with other answers; a trial under way gives way to it."""
        if self._path is None or self.importing:
            return
        self.asked = asked
        if self._task is not None:
            self._newer = True
            self._task.cancel()
        else:
            self._start(AGAIN)

    def import_now(self, remind_from: date | None = None) -> None:
        """Import with the answers of the result that is shown.

        Args:
            remind_from: the day from which offices are reminded that get people for the first time.
        """
        if self._path is not None and not self.busy:
            self._remind_from = remind_from
            self._start(FINAL)

    def cancel(self) -> None:
        """Stop what is under way."""
        self._newer = False
        if self._task is not None:
            self._task.cancel()

    def forget(self) -> None:
        """Let go of the file."""
        self._path = self._incoming = None
        self.asked = self._good = Asked()

    def _start(self, way: str) -> None:
        path, incoming, asked, session = self._path, self._incoming, self.asked, self._session
        assert path is not None
        self.way, self._newer = way, False

        def work(progress: Progress) -> tuple[Incoming, ImportResult | ColumnsMissingError]:
            progress(0.0, "读取文件")
            self.number = session.change_number()
            whole = incoming or read_file(session, path)
            try:
                result = import_file(
                    session, whole, office=asked.office or None, dry_run=way != FINAL, choices=asked.choices,
                    source=asked.source, progress=progress, remind_from=self._remind_from,
                )  # fmt: skip
            except ColumnsMissingError as error:
                return whole, error
            finally:
                self.offices = office_names(session)
            return whole, result

        task = self._task = background.run(work, what="导入")
        task.progressed.connect(self.progressed)
        # each of these tells nobody anything if a newer answer came meanwhile
        task.succeeded.connect(self._succeeded)
        task.failed.connect(self._failed)
        task.cancelled.connect(self._cancelled)
        self.started.emit(way)

    def _again(self) -> bool:
        self._task = None
        if not self._newer:
            return False
        self._start(FIRST if self._incoming is None else AGAIN)
        return True

    def _succeeded(self, found: tuple[Incoming, Any]) -> None:
        self._incoming = found[0]
        if self._again():
            return
        if isinstance(found[1], ColumnsMissingError):
            self._good = self.asked
            self.lacking.emit(found[1])
            return
        self._good = self.asked
        self.read.emit(found[1], self.way)

    def _failed(self, text: str, _: object) -> None:
        if not self._again():
            self.asked = self._good
            self.failed.emit(text, self.way)

    def _cancelled(self) -> None:
        if not self._again():
            self.asked = self._good
            self.cancelled.emit(self.way)


def office_names(session: Session) -> tuple[str, ...]:
    """Return the names of the offices; not on the window's thread."""
    return tuple(one.name for one in session.offices())

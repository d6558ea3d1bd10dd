"""A paper goes out of the print centre: saved or printed, noted in trail and history, cards entered as handed out."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import Printed, PrintRequest
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.printer import PrintedOn, print_in_background
from bangjiao_desktop.ui.printing.handing_out import hand_out_if_wanted


class GoingOut(QObject):
    """Puts out one paper at a time, off the window's thread.

    Args:
        session: the user's.
        page: window of the questions.

    Signals:
        said: a short message.
        begun: a paper is on its way.
        progressed: how far it is, 0–1.
        failed: a sentence.
        noted: it stands in the history.
        ended: however it went.
    """

    said = Signal(str)
    begun = Signal()
    progressed = Signal(float)
    failed = Signal(str)
    noted = Signal()
    ended = Signal()

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._page = session, page
        self._task: background.Task[Any] | None = None

    @property
    def under_way(self) -> bool:
        """Whether a paper is on its way."""
        return self._task is not None

    def cancel(self) -> None:
        """Stop: nothing more is printed; a file that waits for another write is not written."""
        if self._task is not None:
            self._task.cancel()

    def save(self, request: PrintRequest, printed: Printed, path: Path) -> None:
        """Write a paper as PDF; the file and its line in the history both, or neither."""
        task = background.save(self, printing.note_output, self._session, request, printed, "pdf", path=path)
        task.waiting.connect(self.said)
        task.cancelled.connect(lambda: self.said.emit("已取消，没有保存"))
        task.then(lambda _: self._saved(printed, path)).fails(self.said.emit).anyway(self._end)
        self._task = task
        task.at_once()
        if not task.told:
            self.begun.emit()

    def print_on(self, request: PrintRequest, printed: Printed, printer: QPrinter) -> None:
        """Print a paper on a printer."""
        task = print_in_background(printed.content, printer, printed.title)
        task.progressed.connect(lambda part, _: self.progressed.emit(part))
        task.then(lambda where: self._printed(request, printed, where)).fails(self.failed.emit).anyway(self._end)
        self._task = task
        self.begun.emit()

    def _end(self) -> None:
        if self._task is not None:
            self._task = None
            self.ended.emit()

    def _saved(self, printed: Printed, path: Path) -> None:
        self._end()
        self.noted.emit()
        self._hand_out(printed)
        self.said.emit(f"已保存 {path.name}（未加密，请妥善保管）")

    def _printed(self, request: PrintRequest, printed: Printed, where: PrintedOn) -> None:
        note = background.save(
            self, printing.note_output, self._session, request, printed, "printer", copies=where.copies,
            printer=where.printer,
        )  # fmt: skip
        note.waiting.connect(self.said)
        note.then(lambda _: self.noted.emit()).fails(self.said.emit).at_once()
        self._end()
        self._hand_out(printed)
        self.said.emit(f"已送到打印机“{where.printer}”" if where.printer else "已打印")

    def _hand_out(self, printed: Printed) -> None:
        if printed.cards_for and self._session.may(Permission.RECORD_WORK):
            hand_out_if_wanted(self._session, printed, self._page, self.said.emit)

"""What a file wrote into the ledger, in one part or several, and taking all of it back."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.exchange.import_result import ImportResult
from bangjiao_desktop.services.exchange.import_undo import undo
from bangjiao_desktop.ui.exchange.import_run import ImportRun
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.question import goes_on


class ImportUndo(QObject):
    """Keeps what the file imported last wrote, and takes it back when one of its buttons is pressed.

    Args:
        session: the user's.
        run: nothing is taken back while it imports.
        beside: the button beside the outcome of a file: seen only where that file is the one imported last.
        start: the button of the page where a file is chosen.
        parent: over which the question is asked.

    Signals:
        undone: number of rows that were taken back.
        said: a short message.
    """

    undone = Signal(int)
    said = Signal(str)

    def __init__(
        self, session: Session, run: ImportRun, beside: QPushButton, start: QPushButton, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._run, self._over = session, run, parent
        self._beside, self._start = beside, start
        self._parts: list[tuple[int, int]] = []
        self._another = True
        self.written = 0
        self.under_way = False
        for one in (beside, start):
            one.clicked.connect(self._ask)

    @property
    def parts(self) -> int:
        """In how many parts the file imported last was written, 0 if nothing is to be taken back."""
        return len(self._parts)

    @property
    def of_this_file(self) -> bool:
        """Whether the file that is looked at has written something."""
        return bool(self._parts) and not self._another

    def look_at_another(self) -> None:
        """Another file is looked at: what it will write is no part of the last one."""
        self._another = True

    def keep_part(self, result: ImportResult) -> None:
        """Note what was written, so that it can be taken back with the other parts of its file."""
        if self._another:
            self._parts, self.written, self._another = [], 0, False
        if result.entries is not None:
            self._parts.append(result.entries)
            self.written += result.written
            self._let(True)

    def show(self) -> None:
        """Offer to take back what was imported last, unless another file is looked at."""
        self._beside.setVisible(self.of_this_file)
        self._start.setVisible(bool(self._parts))

    def _ask(self) -> None:
        """Ask before all that was written is taken back; whoever answers without reading keeps it."""
        if not self._may():
            return
        told, more = f"撤销这次导入写入的 {self.written} 行？", "台账回到导入之前的样子。"
        if goes_on(self._over, "撤销这次导入", told, "不撤销", f"撤销 {self.written} 行", more=more):
            self._undo()

    def _may(self) -> bool:
        return bool(self._parts) and not self.under_way and not self._run.importing

    def _undo(self) -> None:
        """Take back all parts of the file imported last, after other writes."""
        if not self._may():  # an import may have begun while it was asked
            return
        self.under_way = True
        self._let(False)
        task = background.save(self._over, undo, self._session, tuple(self._parts))
        task.cancelled.connect(self._given_up)
        task.then(self._undone).fails(self._not_undone).at_once()

    def _undone(self, rows: int) -> None:
        self.under_way = False
        self._parts, self.written = [], 0
        self.show()
        self.undone.emit(rows)
        self.said.emit(f"已撤销这次导入，撤回 {rows} 行")

    def _given_up(self) -> None:
        self.under_way = False
        self._let(True)

    def _not_undone(self, text: str) -> None:
        self.under_way = False  # its button stays off: what was changed since will not be unchanged
        self.said.emit(text)

    def _let(self, possible: bool) -> None:
        for one in (self._beside, self._start):
            one.setEnabled(possible)

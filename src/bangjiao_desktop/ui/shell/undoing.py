"""刚才做的: what this window wrote since it was unlocked and can take back, by Ctrl+Z or from a list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

_MOST = 50


@dataclass(frozen=True)
class Done:
    """Something that was written.

    Attributes:
        at: when.
        text: what, in words.
        undo: takes it back, and says so; refuses where somebody built upon it.
    """

    at: datetime
    text: str
    undo: Callable[[], object]


class Undoing(QObject):
    """What can be taken back, the latest last.

    Args:
        clock: for the time of each.
        parent: the window.

    Signals:
        said: a sentence.
        changed: something was added or taken back.
    """

    said = Signal(str)
    changed = Signal()

    def __init__(self, clock: Clock, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._clock, self._window = clock, parent
        self.done: list[Done] = []

    def add(self, text: str, undo: Callable[[], object]) -> Callable[[], None]:
        """Remember something; return what takes it back, once."""
        one = Done(self._clock.now(), text, undo)
        self.done = [*self.done, one][-_MOST:]
        self.changed.emit()
        return lambda: self.take_back(one)

    def take_back(self, one: Done) -> None:
        """Take something back; what was taken back already is not again."""
        if one in self.done:
            self.done.remove(one)
            self.changed.emit()
            one.undo()

    def undo_last(self) -> None:
        """Ctrl+Z: take the latest back."""
        if self.done:
            self.take_back(self.done[-1])
        else:
            self.said.emit("没有可以撤销的")

    def forget(self) -> None:
        """Lock: who comes in next may be somebody else."""
        self.done = []
        self.changed.emit()

    def show(self) -> None:
        """Show the list."""
        UndoDialog(self, self._window).open()


class UndoDialog(QDialog):
    """The list, the latest first, each with a way to take it back."""

    def __init__(self, undoing: Undoing, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._undoing = undoing
        self._shown: list[Done] = []
        self.setWindowTitle("刚才做的")
        self.model = RowsModel(("时间", "做了什么"))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("刚才做的")
        self.table.setColumnWidth(0, 90)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.set_empty_state(EmptyState("history", "还没有做什么", "登记、修改、删除以后，可以在这里撤销"))
        self.undo_button = button("撤销选中的", "primary", "只撤销选中的这一件（回车）；之后别人又改过的不能撤销")
        close = button("关闭")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label("刚才做的", "title"))
        layout.addWidget(label("这次打开以来，本窗口登记、修改、删除的；锁定或退出后清空，都已记入操作记录。", "muted"))
        layout.addWidget(self.table, 1)
        layout.addLayout(row(None, close, self.undo_button))
        self.undo_button.clicked.connect(self.undo)
        self.table.opened.connect(lambda _: self.undo())
        close.clicked.connect(self.reject)
        undoing.changed.connect(self.load)
        self.finished.connect(self.deleteLater)
        self.load()
        fit(self, 620, 420)

    def load(self) -> None:
        """Show what there is."""
        self._shown = self._undoing.done[::-1]
        self.model.show([(f"{one.at:%H:%M:%S}", one.text) for one in self._shown])
        self.undo_button.setEnabled(bool(self._shown))
        if self._shown:
            self.table.selectRow(0)

    def undo(self) -> None:
        """Take the chosen one back."""
        chosen = self.table.selected_rows()
        if chosen:
            self._undoing.take_back(self._shown[chosen[0]])

"""What was printed: when, by whom, how many; any of it can be made again from the ledger."""

import uuid
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bangjiao_desktop.domain.audience import Chosen
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import PrintedBefore
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

_PAGE = 200


class PrintHistory(QWidget):
    """The history.

    Args:
        session: the user's.

    Attributes:
        may_record: whether the user may record visits.

    Signals:
        again: a `PrintedBefore` is to be printed once more.
        walked: the keys of the people of a 走访单, whose visits are to be recorded.
        said: a short message.
    """

    again = Signal(object)
    walked = Signal(tuple)
    said = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.may_record = False
        self.lines: list[PrintedBefore] = []
        self.model = RowsModel(("时间", "打印件", "对象", "方式", "人数", "页数", "份数", "用户"), figures=(4, 5, 6))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("打印历史")
        self.table.set_empty_state(
            EmptyState("history", "还没有打印过", "在“打印”里打印或存成 PDF 的都记在这里，可以再打一次；报表见“统计”")
        )
        for number, width in enumerate((140, 150, 230, 80, 56, 56, 56, 100)):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        again, self._more = button("再打印", "primary", "按当时的选择，用现在的数据重新生成"), button("更早的")
        self.record = button("登记这张走访单…", tip="走访回来，照这张单子上的人一起登记，每人写自己的内容和结果")
        self.record.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.addWidget(self.table, 1)
        about = label(
            "这里只记打印了什么、为谁打印，不留打印件本身；再打印时按现在的数据重新生成，报出的报表除外。", "muted"
        )
        about.setWordWrap(True)
        foot = row(about, self._more, self.record, again)
        foot.setStretch(0, 1)
        layout.addLayout(foot)
        again.clicked.connect(self._again)
        self.record.clicked.connect(self._record)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self._more.clicked.connect(self._read_on)
        self.table.opened.connect(lambda _: self._again())

    def load(self) -> None:
        """Read anew; what is shown stays until it is there."""
        self._ask(None)

    def _read_on(self) -> None:
        self._ask(self.lines[-1].at if self.lines else None)

    def _ask(self, before: datetime | None) -> None:
        read = background.latest(self, "lines", printing.history, self._session, before, _PAGE)
        read.then(lambda found: self._take(found, on=before is not None)).fails(self.said.emit)
        if not read.anyway(lambda: self._more.setEnabled(True)).at_once().told:
            self._more.setEnabled(False)

    def _take(self, found: list[PrintedBefore], *, on: bool) -> None:
        self.lines = [*self.lines, *found] if on else found
        self._more.setVisible(len(found) == _PAGE)
        self.model.show(
            [
                (f"{one.at:%Y-%m-%d %H:%M}", one.title, one.whom, one.way, str(one.people or ""), str(one.pages), str(one.copies),
                 one.printed_by)
                for one in self.lines
            ]
        )  # fmt: skip

    def _walked(self) -> tuple[uuid.UUID, ...]:
        """The people of the 走访单 that is chosen; nobody where it is none, or its people were not chosen one by one."""
        chosen = self.table.selected_rows()
        request = self.lines[chosen[0]].request if chosen and chosen[0] < len(self.lines) else None
        if request is None or request.kind != "visits" or not isinstance(request.audience, Chosen):
            return ()
        return request.audience.people

    def _offer(self) -> None:
        self.record.setVisible(bool(self._walked()) and self.may_record)

    def _record(self) -> None:
        self.walked.emit(self._walked())

    def _again(self) -> None:
        chosen = self.table.selected_rows()
        if chosen:
            self.again.emit(self.lines[chosen[0]])
        else:
            self.said.emit("请先选中一行")

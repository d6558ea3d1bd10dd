"""What was deleted of a person: a list, and bringing back what is chosen in it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bangjiao_desktop.domain.clock import local_time
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.work import Deleted
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView

ATTACHMENT = "attachment"


class DeletedPanel(QWidget):
    """Deleted records and attachments of one person.

    Args:
        session: the user's.

    Signals:
        restore_wanted: kind and key of what is to come back.
    """

    restore_wanted = Signal(str, object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._shown: Sequence[Deleted] = ()
        self.model = RowsModel(("删除时间", "类别", "内容"))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("删除的记录")
        self.table.set_empty_state(EmptyState("check-circle-outline", "没有删除过记录", ""))
        for number, width in enumerate((150, 130, 420)):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.restore = button("恢复", "primary", "恢复选中的记录")
        self.restore.setVisible(session.may(Permission.DELETE))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addLayout(row(label("删除的记录保留 30 天，可以恢复。", "muted"), None, self.restore))
        self.table.act_on_rows(self.restore)
        self.restore.clicked.connect(self._restore)
        self.table.opened.connect(lambda _: self.restore.click())

    def show_deleted(self, deleted: Sequence[Deleted]) -> None:
        """Show what was deleted, in this order; of one thing alone there is nothing to choose."""
        self._shown = deleted
        self.model.show([(f"{local_time(one.at):%Y-%m-%d %H:%M}", name_of(one.kind), one.brief) for one in deleted])
        if len(deleted) == 1:
            self.table.selectRow(0)

    def _restore(self) -> None:
        for one in [self._shown[number] for number in self.table.selected_rows()]:
            self.restore_wanted.emit(one.kind, one.id)


def name_of(kind: str) -> str:
    """Return what a deleted record of a kind is called."""
    return "附件" if kind == ATTACHMENT else kind_of(kind).title

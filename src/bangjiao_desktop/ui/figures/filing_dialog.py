"""Before 报出: one list of what is empty, does not hold or is left over; nothing is frozen until it is confirmed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from bangjiao_desktop.services.figures.filing_review import LEVELS, FilingReview
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import EmptyState, button, field, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID


class FilingDialog(QDialog):
    """Shows what was found and asks whether to report.

    Args:
        found: what stands against it.
        period: its name.
        correcting: the period was reported already; a reason is asked for.
        parent: the page.

    Signals:
        confirmed: report, with the reason of a correction.
        form_wanted: the number of a form to look at; the dialog is closed.
    """

    confirmed = Signal(str)
    form_wanted = Signal(str)

    def __init__(self, found: FilingReview, period: str, *, correcting: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("更正已报出的报表" if correcting else "报出")
        self._found = found
        self.model = RowsModel(("要看的", "报表", "是什么"))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("报出前的检查")
        self.table.set_empty_state(
            EmptyState("check-circle-outline", "没有发现问题", "手工表已填，审核关系成立，没有漏办的人")
        )
        for number, width in enumerate((130, 120, 520)):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.model.show([(LEVELS[one.level], one.number, one.text) for one in found.concerns])
        self.reason = QLineEdit()
        self.reason.setMaxLength(200)
        self.reason.setPlaceholderText("随报表留存")
        self.message = label("", "error")
        self._back = button("返回核对", "" if not found.concerns else "primary")
        words = ("更正" if correcting else "报出") if not found.concerns else ("仍然更正" if correcting else "仍然报出")
        self._go = button(words, "" if found.concerns else "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label(f"{period}的 {found.forms} 张报表", "title"))
        count = f"报出前请看这 {len(found.concerns)} 处（双击一行看那张表）。" if found.concerns else ""
        about = label(f"{count}报出后数字冻结，随时可以按报出时的样子再打印；以后的改动显示为差异，可以更正。", "muted")
        about.setWordWrap(True)
        layout.addWidget(about)
        layout.addWidget(self.table, 1)
        if correcting:
            layout.addWidget(field("更正原因", self.reason))
        layout.addWidget(self.message)
        layout.addLayout(row(None, self._back, self._go))
        for one in (self._back, self._go):
            one.setAutoDefault(True)
        (self._back if found.concerns else self._go).setDefault(True)
        self._correcting = correcting
        self._back.clicked.connect(self.reject)
        self._go.clicked.connect(self.confirm)
        self.table.opened.connect(lambda index: self._show_form(index.row()))
        fit(self, 840, 480)
        (self.reason if correcting else self._back if found.concerns else self._go).setFocus()

    def confirm(self) -> None:
        """Report; a correction says why."""
        reason = self.reason.text().strip()
        if self._correcting and not reason:
            self.message.setText("请写明更正原因。")
            self.reason.setFocus()
            return
        self.confirmed.emit(reason)
        self.accept()

    def _show_form(self, number: int) -> None:
        self.form_wanted.emit(self._found.concerns[number].number)
        self.reject()

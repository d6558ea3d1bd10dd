"""What changed since a period was reported: each cell that differs, and the people or records behind it."""

import uuid
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QSplitter, QVBoxLayout, QWidget

from bangjiao_desktop.services.figures.filings import Difference, Involved
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import EmptyState, allow, button, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID


class DifferencesDialog(QDialog):
    """Differences above, who is behind the selected one below.

    Args:
        differences: from services.figures.filings.
        period: name of the period.
        parent: the window.

    Signals:
        person_opened: key of a person.
    """

    person_opened = Signal(object)

    def __init__(self, differences: Sequence[Difference], period: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("报出后的变化")
        self.differences = list(differences)
        self._involved: tuple[Involved, ...] = ()
        self.model = RowsModel(("报表", "行次", "指标", "列", "报出数", "现在", "涉及"), figures=(1, 4, 5, 6))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("变化")
        self.people_model = RowsModel(("姓名", "公民身份号码", "日期", "变化"))
        self.people = TableView()
        self.people.setModel(self.people_model)
        self.people.setAccessibleName("背后的人")
        self.people.set_empty_state(
            EmptyState(
                "account-question-outline", "没有涉及具体的人", "手工填报、按公式计算的数，或没有报出过的一期的数"
            )
        )
        for table, widths in ((self.table, (70, 50, 220, 130, 90, 90, 60)), (self.people, (120, 190, 110, 300))):
            for number, width in enumerate(widths):
                table.setColumnWidth(number, width)
            table.horizontalHeader().setStretchLastSection(True)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.table)
        splitter.addWidget(self.people)
        close, self.opened = button("关闭"), button("打开这个人", "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        layout.addWidget(label(f"{period}报出以后，有 {len(self.differences)} 个数变了", "title"))
        layout.addWidget(splitter, 1)
        layout.addLayout(row(None, close, self.opened))
        self.model.show(
            [
                (one.number, str(one.line), one.label, one.column, one.filed, one.now, _count(one))
                for one in self.differences
            ]
        )
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_people())
        self.people.opened.connect(lambda _: self._open())
        self.people.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self.opened.setDefault(True)
        self.opened.clicked.connect(self._open)
        close.clicked.connect(self.reject)
        fit(self, 860, 600)
        if self.differences:
            self.table.selectRow(0)

    def _show_people(self) -> None:
        chosen = self.table.selected_rows()
        self._involved = self.differences[chosen[0]].involved if chosen else ()
        self.people_model.show([(one.name, one.identity_number, one.day, one.change) for one in self._involved])
        self._offer()

    def _person(self) -> uuid.UUID | None:
        """Return who would be opened."""
        chosen = self.people.selected_rows() or ([0] if len(self._involved) == 1 else [])
        return self._involved[chosen[0]].person_id if chosen else None

    def _offer(self) -> None:
        allow(self.opened, self.people if self._involved else self.table, allowed=self._person() is not None)

    def _open(self) -> None:
        person = self._person()
        if person is not None:
            self.person_opened.emit(person)
            self.accept()


def _count(one: Difference) -> str:
    """How many are behind it; a dash where it is not known who (another period's figure, one that was typed)."""
    return str(len(one.involved)) if one.involved else "—"

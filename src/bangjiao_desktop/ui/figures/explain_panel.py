"""The people or records behind one figure, at the right of the statistics."""

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bangjiao_desktop.domain.indicators import figure_text, indicators
from bangjiao_desktop.services.figures.statistics import Explanation
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID


class ExplainPanel(QWidget):
    """What stands behind a figure.

    Signals:
        person_opened: key of a person.
        closed: the panel is put away.
    """

    person_opened = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._found: Explanation | None = None
        self.model = RowsModel(())
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("指标背后的人或记录")
        self.table.set_empty_state(EmptyState("format-list-bulleted", "这一指标为零", "没有符合口径的人或记录"))
        self.table.horizontalHeader().setResizeContentsPrecision(60)  # the first rows decide, not thousands
        self._title = label("", "strong")
        self._definition = label("", "muted")
        self._definition.setWordWrap(True)
        self.count = label("", "muted")
        close = button("收起", "link")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(row(self._title, None, close))
        layout.addWidget(self._definition)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.count)
        close.clicked.connect(self.closed)
        self.table.opened.connect(self._open)

    def show_explanation(
        self, found: Explanation, told: tuple[tuple[str, ...], list[tuple[str, ...]]], period: str, office: str
    ) -> None:
        """Show what is behind a figure; `told` are headings and cells (services' explanation_cells), made before."""
        self._found = found
        indicator = indicators()[found.key]
        self._title.setText(f"{indicator.label}　{figure_text(found.key, found.value)}")
        self._definition.setText(f"{office}，{period}。{indicator.definition}。")
        headers, cells = told
        self.model.show(cells, headers)
        self.table.resizeColumnsToContents()
        unit = "人" if found.subject == "person" else "条记录"
        summed = "" if found.subject == "person" else f"，合计 {found.total}"
        self.count.setText(
            f"共 {len(found.rows)} {unit}{summed}。" + ("回车或双击打开此人。" if self._people() else "")
        )

    def _people(self) -> bool:
        return bool(self._found and self._found.rows and self._found.rows[0].person)

    def _open(self, index: QModelIndex) -> None:
        if self._found is not None and (person := self._found.rows[index.row()].person):
            self.person_opened.emit(person)

"""列: which columns of a table are seen, in a panel that stays open while one ticks, and goes back to how it was at first."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from bangjiao_desktop.ui.kit.fitting import room
from bangjiao_desktop.ui.kit.parts import button, row
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

_WIDTH, _LINE, _HIGHEST = 240, 26, 460


class ColumnsPanel(QFrame):
    """A tick for each column; closed by Esc or a click beside it.

    Args:
        table: whose columns.
        headers: their headings.
        widths: of each at first, and whether it is seen at first.
        changed: called after each tick.
        fixed: columns that are always seen.
    """

    def __init__(
        self, table: TableView, headers: Sequence[str], widths: Sequence[tuple[int, bool]],
        changed: Callable[[], object], fixed: Sequence[int] = (),
    ) -> None:  # fmt: skip
        super().__init__(table, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self._table, self._widths, self._changed = table, tuple(widths), changed
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(GRID)
        self.ticks: list[QCheckBox] = []
        for number, header in enumerate(headers):
            tick = QCheckBox(header)
            tick.setChecked(not table.isColumnHidden(number))
            tick.setEnabled(number not in fixed)
            tick.toggled.connect(lambda on, number=number: self._show(number, shown=on))
            self.ticks.append(tick)
            lines.addWidget(tick)
        lines.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        area.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        self.default = button("恢复默认", "link", "列、宽度和先后都和刚装好时一样")
        self.default.clicked.connect(self.restore)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
        layout.addWidget(area, 1)
        layout.addLayout(row(self.default, None))
        self.resize(_WIDTH, min(_HIGHEST, len(headers) * _LINE + 60, room(table).height()))

    def open_at(self, place: QPoint) -> None:
        """Show the panel with its right upper corner at a place of the screen, or its left one where there is no room."""
        left = place.x() - self.width()
        self.move(left if left >= 0 else place.x(), place.y())
        self.show()
        self.ticks[0].setFocus()

    def restore(self) -> None:
        """Show what is shown at first, as wide and in the order it is then."""
        header = self._table.horizontalHeader()
        for number, (width, shown) in enumerate(self._widths):
            header.moveSection(header.visualIndex(number), number)
            header.resizeSection(number, width)
            self.ticks[number].setChecked(shown)
            self._table.setColumnHidden(number, not shown)
        self._changed()

    def _show(self, number: int, *, shown: bool) -> None:
        self._table.setColumnHidden(number, not shown)
        if shown:  # else it would come up far right, out of sight
            model = self._table.model()
            line = max(0, self._table.currentIndex().row())
            self._table.scrollTo(model.index(line, number))
        self._changed()

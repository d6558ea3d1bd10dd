"""What a province pack would change, before it is taken."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from bangjiao_desktop.domain.definition_kinds import KINDS
from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep import province_packs
from bangjiao_desktop.services.upkeep.province_packs import Pack
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import button, label, row, save_keys
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID


class PackDialog(QDialog):
    """Shows a pack that was found whole, and takes it.

    Args:
        session: the user's.
        pack: as it was read.
        before: name of the pack it takes the place of, "" for none.
        parent: the window.

    Signals:
        taken: the pack is in force.
    """

    taken = Signal()

    def __init__(self, session: Session, pack: Pack, before: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("导入省级方案包")
        self._session, self._pack = session, pack
        counts = {
            name: sum(item.change == change for item in pack.items) for change, name in province_packs.CHANGES.items()
        }
        told = "，".join(f"{name} {number} 项" for name, number in counts.items() if number)
        place = f"代替现有的“{before}”。" if before and before != pack.label else ""
        head = label(f"{told}。{place}本局自己改过的仍以本局为准。", "muted")
        head.setWordWrap(True)
        self.model = RowsModel(("种类", "名称", "变化"))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("方案包的内容")
        self.table.setColumnWidth(0, 130)
        self.table.setColumnWidth(1, 330)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.model.show(
            [(KINDS[item.kind].label, item.title, province_packs.CHANGES[item.change]) for item in pack.items]
        )
        self.fault = label("", "error")
        self.fault.setWordWrap(True)
        self.take_button, close = button("导入", "primary"), button("取消")
        self.take_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label(pack.label, "title"))
        layout.addWidget(head)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.fault)
        layout.addLayout(row(None, close, self.take_button))
        self.take_button.clicked.connect(self.take)
        save_keys(self, self.take_button)
        close.clicked.connect(self.reject)
        fit(self, 640, 520)

    def take(self) -> None:
        """Take the pack, off the window's thread."""
        self.take_button.setEnabled(False)
        task = background.save(self, province_packs.take_pack, self._session, self._pack)
        task.then(self._done).refused(self._refused).at_once()

    def _done(self, _: object) -> None:
        self.taken.emit()
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self.take_button.setEnabled(True)
        self.fault.setText(error.message)

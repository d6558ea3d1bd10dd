"""What a province pack would change, before it is taken; and what goes, before one is taken out."""

from abc import abstractmethod
from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from bangjiao_desktop.domain.definition_kinds import KINDS
from bangjiao_desktop.domain.errors import KnownError, StaleError
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep import province_packs
from bangjiao_desktop.services.upkeep.province_packs import Pack
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import button, label, row, save_keys
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

_OWN_STAYS = "本局自己改过的仍以本局为准。"


class PackListing(QDialog):
    """Shows a pack and what becomes of each of its definitions, and does it.

    Args:
        session: the user's.
        pack: as it was read.
        before: name of the pack it takes the place of, "" for none.
        parent: the window.

    Signals:
        taken: it is done.
    """

    taken = Signal()
    words: Mapping[str, str]

    def __init__(self, session: Session, pack: Pack, before: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._session, self._pack, self._before = session, pack, before
        self._title, self._head = label("", "title"), label("", "muted")
        self._title.setWordWrap(True)
        self._head.setWordWrap(True)
        self.model = RowsModel(("种类", "名称", "变化"))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("方案包的内容")
        self.table.setColumnWidth(0, 130)
        self.table.setColumnWidth(1, 330)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.fault = label("", "error")
        self.fault.setWordWrap(True)
        self.take_button, self.close_button = button("导入", "primary"), button("取消")
        self.saving = Saving(self, self.take_button, self.close_button, (), self.fault.setText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._title)
        layout.addWidget(self._head)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.fault)
        layout.addLayout(row(None, self.close_button, self.take_button))
        self.take_button.clicked.connect(self.take)
        self.close_button.clicked.connect(self.reject)
        self.begin()
        self.show_pack(pack)
        fit(self, 640, 520)

    @abstractmethod
    def begin(self) -> None:
        """Set the words of the dialog."""

    @abstractmethod
    def told(self, counts: str) -> str:
        """Return what stands above the list."""

    @abstractmethod
    def take(self) -> None:
        """Do it, off the window's thread."""

    @abstractmethod
    def read_anew(self) -> "background.Task[Pack]":
        """Ask for the pack again: somebody else took another one."""

    def show_pack(self, pack: Pack) -> None:
        """Show a pack and what becomes of each of its definitions."""
        self._pack = pack
        counts = {name: sum(item.change == change for item in pack.items) for change, name in self.words.items()}
        self._title.setText(pack.label)
        self._head.setText(self.told("，".join(f"{name} {number} 项" for name, number in counts.items() if number)))
        self.model.show([(KINDS[item.kind].label, item.title, self.words[item.change]) for item in pack.items])

    def reject(self) -> None:
        """Close; what is being saved is waited for."""
        if not self.saving.holds_open():
            super().reject()

    def _done(self, _: object) -> None:
        self.taken.emit()
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self.fault.setText(error.message)
        if isinstance(error, StaleError):
            self._before = str(error.current.get("pack", ""))
            self.read_anew().then(self._show_anew).fails(self.fault.setText).at_once()

    def _show_anew(self, pack: Pack) -> None:
        self.show_pack(pack)
        again = f"上面已按现在的重新列出，再按一次“{self.take_button.text()}”。"
        self.fault.setText(f"省级方案刚被别人换过，您的操作没有进行。{again}")


class PackDialog(PackListing):
    """Shows a pack that was found whole, and takes it.

    Args:
        session: the user's.
        pack: as it was read.
        before: name of the pack it takes the place of, "" for none.
        parent: the window.
    """

    words = province_packs.CHANGES

    def begin(self) -> None:
        """Set the words of the dialog."""
        self.setWindowTitle("导入省级方案包")
        self.take_button.setDefault(True)
        save_keys(self, self.take_button)

    def told(self, counts: str) -> str:
        """Return what stands above the list."""
        place = f"代替现有的“{self._before}”。" if self._before and self._before != self._pack.label else ""
        return f"{counts}。{place}{_OWN_STAYS}"

    def take(self) -> None:
        """Take the pack, off the window's thread."""
        self.fault.setText("")
        self.saving.write(self._done, self._refused, province_packs.take_pack, self._session, self._pack)

    def read_anew(self) -> "background.Task[Pack]":
        """Ask for the pack again: somebody else took another one."""
        return background.call(self, province_packs.compared, self._session, self._pack)


class RemovePackDialog(PackListing):
    """Asks before a pack is taken out, naming what becomes of each of its definitions.

    Args:
        session: the user's.
        pack: as `province_packs.standing` told it.
        parent: the window.
    """

    words = province_packs.AFTER

    def __init__(self, session: Session, pack: Pack, parent: QWidget | None) -> None:
        super().__init__(session, pack, "", parent)

    def begin(self) -> None:
        """Leaving it is what Enter does."""
        self.setWindowTitle("移除省级方案包")
        self.take_button.setText("移除")
        self.close_button.setText("不移除")
        self.close_button.setDefault(True)

    def told(self, counts: str) -> str:
        return f"移除后：{counts}。已上报的报表不变；要用时可以再导入。"

    def take(self) -> None:
        """Take the pack out, off the window's thread."""
        self.fault.setText("")
        self.saving.write(self._done, self._refused, province_packs.remove_pack, self._session, self._pack)

    def read_anew(self) -> "background.Task[Pack]":
        return background.call(self, province_packs.standing, self._session)

    def _show_anew(self, pack: Pack) -> None:
        super()._show_anew(pack)
        self.take_button.setEnabled(bool(pack.label))

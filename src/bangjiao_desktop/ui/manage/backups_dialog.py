"""How safe the ledger is: its backups, when the last ones were tried and what came of it, and a way to one complete file."""

from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import AttachmentsLostError, KnownError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.services.base.low_priority import at_leisure
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep import backup_trials, backups
from bangjiao_desktop.services.upkeep.backup_trials import Safety, Trial
from bangjiao_desktop.services.upkeep.whole_backup import Restored
from bangjiao_desktop.ui.door.lost_attachments import wishes_without
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import button, label, row, set_role
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

_GOOD = "数据库、操作记录、附件都完好"


class BackupsDialog(QDialog):
    """Shows the backups of a ledger and how the last trials went.

    Args:
        session: the user's, who may back up.
        stick: folder of the last backup elsewhere, None if none was made from this computer.
        parent: the main window.
    """

    def __init__(self, session: Session, stick: Path | None, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._session, self._stick = session, stick
        self._safety: Safety | None = None
        self.setWindowTitle("备份情况")
        self.own, self.outside, self.said = label("正在查看……"), label(""), label("", "muted")
        for one in (self.own, self.outside, self.said):
            one.setWordWrap(True)
        self.model = RowsModel(("备份", "做的时间", "大小", "附件"))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("台账文件夹里的备份")
        for column, width in enumerate((300, 150, 90)):
            self.table.setColumnWidth(column, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.try_button = button("现在试开", "", "把最近的备份当场打开，逐页检查；插着 U 盘就连 U 盘上的一起")
        self.save_button = button("另存为一个完整文件…", "", "连同附件写成一个文件，可以拷到 U 盘或交给别的单位")
        self.close_button = button("关闭", "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label("备份情况", "title"))
        layout.addWidget(self.own)
        layout.addWidget(self.outside)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.said)
        layout.addLayout(row(self.try_button, self.save_button, None, self.close_button))
        self.try_button.clicked.connect(self.try_now)
        self.save_button.clicked.connect(self.choose_place)
        self.close_button.clicked.connect(self.accept)
        self.close_button.setDefault(True)
        fit(self, 720, 480)
        self._look()

    def try_now(self) -> None:
        """Try the newest backup, and that on the stick if it is plugged in."""
        stick = self._stick

        def work(progress: Progress) -> None:
            def trials() -> None:
                backup_trials.try_own(self._session, progress)
                if stick is not None:
                    backup_trials.try_outside(self._session, stick, progress)

            at_leisure(trials)

        self._set_busy("正在试开备份……")
        background.run(work, owner=self).then(lambda _: self.said.setText("")).fails(self.said.setText).anyway(
            self._look
        )

    def choose_place(self) -> None:
        """Ask where the chosen backup is to be written, complete."""
        name = self._chosen()
        if name is None:
            self.said.setText("请先在上面选一份备份。")
            return
        suggested = Path(self._stick or Path.home()) / f"{Path(name).stem}-完整{BACKUP_SUFFIX}"
        place, _ = QFileDialog.getSaveFileName(self, "另存为一个完整文件", str(suggested), f"备份 (*{BACKUP_SUFFIX})")
        if place:
            self.save_complete(name, Path(place))

    def save_complete(self, name: str, target: Path, *, without_lost: bool = False) -> None:
        """Write a backup into one complete file; without attachments that are lost only if that is wished."""

        def work(_: Progress) -> Restored:
            return backups.save_complete(self._session, name, target, without_lost=without_lost)

        def refused(error: KnownError) -> None:
            self._set_busy("", busy=False)
            self.said.setText(error.message)
            if isinstance(error, AttachmentsLostError) and wishes_without(self, error):
                self.save_complete(name, target, without_lost=True)

        self._set_busy("正在另存……")
        task = background.run(work, owner=self)
        task.then(lambda _: self._saved(target)).refused(refused)

    def _saved(self, target: Path) -> None:
        self._set_busy(f"已另存为 {target.name}：一个文件，附件都在里面，口令与台账相同。", busy=False)

    def _look(self) -> None:
        def read() -> tuple[Safety, list[str], list[str]]:
            found = backup_trials.safety(self._session)
            own, outside = (
                [] if one is None else backup_trials.lost_names(self._session, one)
                for one in (found.own, found.outside)
            )
            return found, own, outside

        background.latest(self, "safety", read).then(lambda found: self._show(*found)).fails(self.own.setText).at_once()

    def _show(self, found: Safety, lost: list[str], lost_outside: list[str]) -> None:
        self._safety = found
        newest = found.kept[0] if found.kept else None
        made = "还没有" if newest is None else f"{_time(newest.made)}（{newest.name}）"
        _tell(self.own, f"上次备份：{made}", found.own, lost)
        day = "还没有" if found.outside_on is None else found.outside_on.isoformat()
        _tell(self.outside, f"上次备份到 U 盘：{day}", found.outside, lost_outside)
        self.model.show(
            [
                (one.name, _time(one.made), _size(one.size), "在旁边（共用）" if one.daily else "在文件里")
                for one in found.kept
            ]
        )
        if found.kept and self._chosen() is None:
            self.table.selectRow(0)
        self._set_busy(self.said.text(), busy=False)

    def _chosen(self) -> str | None:
        index = self.table.currentIndex()
        if self._safety is None or not index.isValid() or index.row() >= len(self._safety.kept):
            return None
        return self._safety.kept[index.row()].name

    def _set_busy(self, text: str, *, busy: bool = True) -> None:
        self.said.setText(text)
        for one in (self.try_button, self.save_button):
            one.setEnabled(not busy and bool(self._safety and self._safety.kept))


def _tell(line: QLabel, head: str, trial: Trial | None, lost: list[str]) -> None:
    if trial is None:
        line.setText(f"{head}。还没有试开过。")
        set_role(line, "role", "")
        return
    named = f"（{'、'.join(lost[:5])}{'等' if len(lost) > 5 else ''}）" if lost else ""
    result = (
        f"试开不成：{trial.fault}{named}" if trial.fault else f"{trial.remark}{named}" if trial.remark else f"{_GOOD}。"
    )
    line.setText(f"{head}。{trial.on} 试开 {trial.file}：{result}")
    set_role(line, "role", "error" if trial.fault else "")


def _time(made: datetime | None) -> str:
    return "—" if made is None else f"{made:%Y-%m-%d %H:%M}"


def _size(size: int) -> str:
    return f"{max(1, size >> 20)} MB"

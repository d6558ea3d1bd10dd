"""Restoring a backup into a new folder, also when a backup file is double-clicked."""

from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QMessageBox, QVBoxLayout, QWidget

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.domain.errors import AttachmentsLostError, KnownError
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.base.places import free_place_in, require_good_place, suggested_place
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.services.upkeep.backups import Restored
from bangjiao_desktop.ui.door.lost_attachments import wishes_without
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button, field, label, row
from bangjiao_desktop.ui.kit.theme import GRID


class RestoreDialog(QDialog):
    """Asks where to, and for a password of then, with which the restored ledger is opened and checked.

    `folder` is the restored vault once accepted, `session` is open on it if a password was given.

    Args:
        file: the backup.
        parent: window of the question.
        clock: for the name of the new folder.
    """

    def __init__(self, file: Path, parent: QWidget | None = None, clock: Clock = COMPUTER) -> None:
        super().__init__(parent)
        self._clock = clock
        self._file = file
        self.folder: Path | None = None
        self.session: Session | None = None
        self._busy = False
        self.setWindowTitle("从备份恢复")
        self.setMinimumWidth(560)
        suggested = suggested_place()
        self.place = QLineEdit(str(suggested.with_name(f"{suggested.name}-恢复{clock.today():%Y%m%d}")))
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMaxLength(200)
        self.error = label("", "error")
        self.error.setWordWrap(True)
        self.start = button("恢复", "primary")
        self.start.setDefault(True)
        choose, leave = button("选择…"), button("取消")
        line = QWidget()
        line.setLayout(row(self.place, choose))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6 * GRID, 5 * GRID, 6 * GRID, 5 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label("从备份恢复", "title"))
        about = label(
            f"备份文件：{file.name}\n恢复到一个新文件夹，不会动现有的台账。填上备份那时的口令，恢复后当场打开，逐页检查。",
            "muted",
        )
        about.setWordWrap(True)
        layout.addWidget(about)
        layout.addWidget(field("恢复到（新的或空的文件夹）", line))
        layout.addWidget(
            field(
                "备份那时的口令（任一用户的，或恢复密钥；不填就只看文件完不完整，打开时再问；每日自动备份要填）",
                self.password,
            )
        )
        layout.addWidget(self.error)
        layout.addLayout(row(None, leave, self.start))
        choose.clicked.connect(self._choose)
        leave.clicked.connect(self.reject)
        self.start.clicked.connect(lambda: self.restore())
        self.place.textEdited.connect(lambda _: self.error.setText(""))

    def restore(self, *, without_lost: bool = False) -> None:
        """Unpack off the UI thread; a fault is said and nothing is left. Attachments that lack are given up only on wish."""
        try:
            folder = require_good_place(Path(self.place.text().strip()))
        except KnownError as error:
            self.error.setText(error.message)
            return
        self._set_busy(True)
        self.error.setText("")
        file, secret = self._file, self.password.text() or None

        def work(progress: Progress) -> tuple[Restored, Session | None]:
            made = backups.restore(file, folder, None, secret, without_lost=without_lost, clock=self._clock)
            return made, None if made.opened is None else entrance.enter(folder, made.opened)

        task = background.run(work)
        task.succeeded.connect(lambda found: self._restored(*found))
        task.refused(self._refused)

    def _restored(self, made: Restored, session: Session | None) -> None:
        self.folder, self.session = made.folder, session
        self.password.clear()
        self._set_busy(False)
        if made.broken_entry is not None:
            QMessageBox.warning(
                self, "操作记录被改动过",
                f"已恢复，数据库各页完好；但操作记录第 {made.broken_entry} 条在备份之前就被改动过。",
            )  # fmt: skip
        if made.manifest_fault:
            QMessageBox.warning(self, "备份清单不对", f"已恢复，数据库各页完好；但{made.manifest_fault}。")
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self._set_busy(False)
        self.error.setText(error.message)
        if isinstance(error, AttachmentsLostError) and wishes_without(self, error):
            self.restore(without_lost=True)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.setEnabled(not busy)
        self.start.setText("正在恢复……" if busy else "恢复")

    def reject(self) -> None:
        """Esc and the cross: not while the backup is unpacked, which takes seconds."""
        if not self._busy:
            super().reject()

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "选择一个文件夹")
        if name:
            self.place.setText(str(free_place_in(Path(name), f"台账-恢复{self._clock.today():%Y%m%d}")))

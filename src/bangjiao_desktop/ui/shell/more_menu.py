"""更多: the look, the idle time, one's password, backup, checking, another vault, manual and about."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.preferences import BACKUP_PLACE, Preferences
from bangjiao_desktop.ui.shell import captures
from bangjiao_desktop.ui.shell.idle_lock import CHOICES, IdleLock

if TYPE_CHECKING:
    from bangjiao_desktop.services.upkeep.verification import Verdict


class MoreMenu(QMenu):
    """What is wanted now and then, from anywhere.

    Args:
        session: the user's.
        preferences: what this computer remembers.
        idle: whose time is chosen here.
        may_back_up: whether the user's role allows it (the vault is not opened for this).
        parent: the main window.

    Signals:
        dark_wanted: dark (True) or light.
        other_wanted: another vault.
        manual_wanted: the manual.
        person_wanted: the page of a person (uuid.UUID).
        said: a short message.
    """

    dark_wanted = Signal(bool)
    other_wanted = Signal()
    manual_wanted = Signal()
    person_wanted = Signal(object)
    done_wanted = Signal()
    said = Signal(str)

    def __init__(
        self, session: Session, preferences: Preferences, idle: IdleLock, parent: QWidget, *, may_back_up: bool
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._preferences = preferences
        self._window = parent
        self.addAction("刚才做的…\tCtrl+Z 撤销最近一件", self.done_wanted.emit)
        self.addSeparator()
        self._switch("深色外观", self.dark_wanted.emit, on=theme.theme().dark)
        self._add_idle(idle)
        self.addSeparator()
        self._switch(
            "打开程序时先看台账",
            lambda on: preferences.set("start_page", "ledger" if on else "today"),
            on=preferences.get("start_page") == "ledger",
        )
        if captures.offered():
            hiding = captures.Captures(preferences, self)
            self._switch("截屏、录屏时不显示本程序", hiding.hide, on=hiding.hidden)
        self.addSeparator()
        self.addAction("更换我的口令…", self._change_password)
        if may_back_up:
            self.addAction("备份到 U 盘…", self.back_up_outside)
            self.addAction("立即备份", self._back_up)
            self.addAction("备份情况…", self.show_backups)
        self.addAction("核验台账…", lambda: self.show_proof())
        self.addAction("换一个台账…", self.other_wanted.emit)
        self.addSeparator()
        self.addAction("使用手册\tF1", self.manual_wanted.emit)
        self.addAction("关于", lambda: self.show_about())

    def verify_pages(self) -> None:
        """Check the seals of all pages of the database off the UI thread; only faults are told."""
        background.run(self._verify_pages).failed.connect(self._tell_damage)

    def show_proof(self, made: "Verdict | None" = None) -> None:
        """Show the proof of the ledger; with what one in the background came to, if it did."""
        from bangjiao_desktop.ui.manage import proof_dialog

        proof_dialog.show_proof(self._session, self._window, self.person_wanted.emit, made)

    def _verify_pages(self, _: Progress) -> bool:
        from bangjiao_desktop.services.upkeep import backups

        return backups.verify_pages(self._session)

    def back_up_outside(self) -> None:
        """Ask for a folder, best on a stick, and back up into it."""
        from bangjiao_desktop.services.base.disks import sticks

        found = sticks()
        name = QFileDialog.getExistingDirectory(
            self._window, "备份到哪里（选 U 盘）", str(found[0] if found else Path.home())
        )
        if name:
            self._back_up_to(Path(name))

    def show_backups(self) -> None:
        """Show the backups and what came of trying them."""
        from bangjiao_desktop.ui.manage.backups_dialog import BackupsDialog

        stick = self._preferences.get(BACKUP_PLACE)
        BackupsDialog(self._session, Path(stick) if stick else None, self._window).open()

    def show_about(self, tab: str = "版本") -> None:
        """Tell what the program is."""
        from bangjiao_desktop.ui.shell.about_dialog import AboutDialog

        dialog = AboutDialog(self._session.folder, self._window)
        dialog.show_tab(tab)
        dialog.open()

    def _switch(self, text: str, act: Callable[[bool], object], *, on: bool) -> None:
        action = self.addAction(text)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(act)

    def _add_idle(self, idle: IdleLock) -> None:
        menu = self.addMenu("无操作多久后锁定")
        group = QActionGroup(menu)
        for minutes in CHOICES:
            action = menu.addAction(f"{minutes} 分钟")
            action.setCheckable(True)
            action.setChecked(minutes == idle.minutes)
            action.triggered.connect(lambda _=False, minutes=minutes: idle.set_minutes(minutes))
            group.addAction(action)

    def _change_password(self) -> None:
        from bangjiao_desktop.ui.manage.password_dialogs import PasswordDialog

        dialog = PasswordDialog(self._session, self._window)
        dialog.accepted.connect(lambda: self.said.emit("口令已更换"))
        dialog.open()

    def _back_up(self) -> None:
        self._back_up_to(None)

    def _back_up_to(self, folder: Path | None) -> None:
        def work(progress: Progress) -> str:
            from bangjiao_desktop.services.base.disks import same_disk
            from bangjiao_desktop.services.upkeep import backups

            path = backups.back_up(self._session, folder)
            if folder is None:
                return f"已备份到 {path.parent.name}/{path.name}，在台账文件夹里；请再备份到 U 盘"
            if same_disk(folder, self._session.folder):
                return f"已备份为 {path.name}。它和台账在同一个磁盘上，硬盘坏了两份都没有，请再备份到 U 盘"
            return f"已备份为 {path.name}，可以拔出 U 盘，锁好"

        self.said.emit("正在备份……")
        task = background.run(work)
        task.succeeded.connect(self.said.emit)
        if folder is not None:
            task.succeeded.connect(lambda _: self._preferences.set(BACKUP_PLACE, str(folder)))
        task.failed.connect(self._tell_fault)

    # slots of this menu, not lambdas: they end with it

    def _tell_fault(self, text: str, _: object) -> None:
        self.said.emit(text)

    def _tell_damage(self, text: str, _: object) -> None:
        QMessageBox.critical(self._window, "台账损坏", text)

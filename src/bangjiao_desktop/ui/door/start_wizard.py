"""The first start: make a ledger step by step, open one that is there, restore a backup, or try a demo."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.door.recovery_page import RecoveryPage
from bangjiao_desktop.ui.door.start_pages import DonePage, Page, PlacePage, UnitPage, UserPage, WelcomePage
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fitting import FittingArea, fit
from bangjiao_desktop.ui.kit.parts import button, label, row, set_role
from bangjiao_desktop.ui.kit.theme import GRID

if TYPE_CHECKING:
    from bangjiao_desktop.ui.exchange.import_page import ImportPage

_STEPS = ("开始", "存放位置", "单位", "用户与口令", "恢复密钥", "导入台账", "完成")
WELCOME, PLACE, UNIT, USER, RECOVERY, IMPORT, DONE = range(7)
DEMO_PASSWORD = "yanshi-2026"  # noqa: S105 (the demo is fiction; its password is shown on the screen)


class StartWizard(QDialog):
    """Chooses or makes a vault; `folder` is the one chosen, `session` is open if it is new.

    Signals:
        help_wanted: F1 was pressed; whoever shows the wizard shows the manual.
    """

    help_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.session: Session | None = None
        self.setWindowTitle("安置帮教工作台")
        self.stack = QStackedWidget()
        self.welcome, self.place, self.unit, self.user = WelcomePage(), PlacePage(), UnitPage(), UserPage()
        self.recovery, self.done_page = RecoveryPage(), DonePage()
        self._import: ImportPage | None = None
        self._importing = QWidget()
        QVBoxLayout(self._importing).setContentsMargins(0, 0, 0, 0)
        self.back = button("上一步")
        self.skip = button("以后再导入", "link", "不导入，进入下一步；以后在“导入”页随时可做")
        self.next = button("下一步", "primary")
        self._demo = False
        self._steps = [label(text, "step") for text in _STEPS]
        self._busy = False
        self._rows = 0
        self._pages: tuple[Page | None, ...] = (
            self.welcome, self.place, self.unit, self.user, self.recovery, None, self.done_page,
        )  # fmt: skip
        self._build()
        self._connect()
        fit(self, 920, 620)
        self.go(WELCOME)

    def go(self, step: int) -> None:
        """Show a step."""
        self.stack.setCurrentIndex(step)
        for number, one in enumerate(self._steps):
            set_role(one, "state", "now" if number == step else "past" if number < step else "")
        self.back.setVisible(step in (PLACE, UNIT, USER) or (step == DONE and not self._demo))
        self.back.setEnabled(True)
        self.next.setVisible(step != WELCOME)
        self.next.setText({USER: "新建台账", DONE: "进入台账"}.get(step, "下一步"))
        self.next.setEnabled(step != RECOVERY or self.recovery.proven)
        self.skip.setVisible(step == IMPORT)
        (self.welcome.new if step == WELCOME else self.next).setDefault(True)
        page = self._page
        if page is not None and page.first is not None:
            page.first.setFocus()
        elif step == DONE:
            self.next.setFocus()
        if step == IMPORT:
            self._follow_import()

    @property
    def _page(self) -> Page | None:
        """The step that is seen; None for the import, which is a page of the window."""
        return self._pages[self.stack.currentIndex()]

    def forward(self) -> None:
        """Leave a step: what was typed is checked first."""
        step = self.stack.currentIndex()
        if self._busy or not self.next.isEnabled():
            return
        if step == USER:
            self._make()
        elif step == RECOVERY:
            self._show_import()
        elif step == IMPORT:
            self._leave_import()
        elif step == DONE:
            self.accept()
        elif self._page is not None and self._page.check():
            self.go(step + 1)

    def start_demo(self) -> None:
        """Make the demo ledger, off the UI thread, and go to the end."""
        from bangjiao_desktop.services.base.places import suggested_demo_place
        from bangjiao_desktop.services.demo import demo

        folder = suggested_demo_place()
        self._set_busy("正在生成演示台账……")
        task = background.run(
            lambda progress: demo.make(folder, entrance.DEFAULT_USER, DEMO_PASSWORD, progress=progress)
        )
        task.progressed.connect(lambda fraction, text: self.welcome.show_progress(fraction, text))
        task.succeeded.connect(lambda made: self._demo_made(folder, made[0]))
        task.failed.connect(lambda text, _: self._refused(text))

    def _build(self) -> None:
        side = QFrame()
        side.setProperty("role", "side")
        side.setFixedWidth(148)
        steps = QVBoxLayout(side)
        steps.setContentsMargins(4 * GRID, 6 * GRID, 3 * GRID, 4 * GRID)
        steps.setSpacing(3 * GRID)
        for one in self._steps:
            steps.addWidget(one)
        steps.addStretch(1)
        steps.addWidget(label("按 F1 看手册", "muted"))
        right = QWidget()
        layout = QVBoxLayout(right)
        layout.setContentsMargins(7 * GRID, 6 * GRID, 7 * GRID, 4 * GRID)
        layout.addWidget(self.stack, 1)
        layout.addLayout(row(self.back, None, self.skip, self.next))
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(side)
        whole.addWidget(right, 1)
        for page in self._pages:
            self.stack.addWidget(
                FittingArea(page or self._importing)
            )  # one for each: a step scrolls only if it is itself too high

    def _connect(self) -> None:
        self.welcome.new.clicked.connect(lambda: self.go(PLACE))
        self.welcome.existing.clicked.connect(self._choose_existing)
        self.welcome.restore.clicked.connect(self._choose_backup)
        self.welcome.demo.clicked.connect(self.start_demo)
        self.back.clicked.connect(lambda: self.go(self.stack.currentIndex() - 1))
        self.next.clicked.connect(self.forward)
        self.skip.clicked.connect(self._skip_import)
        self.recovery.proven_changed.connect(self.next.setEnabled)
        for page in (self.place, self.unit, self.user, self.recovery):
            page.entered.connect(self.forward)
        QShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents), self, self.help_wanted.emit)

    def _choose_existing(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "打开台账文件夹")
        if name:
            self.open_existing(Path(name))

    def open_existing(self, folder: Path) -> None:
        """Take a vault that is there; anything else is said."""
        try:
            entrance.users(folder)
        except KnownError as error:
            self.welcome.say(error.message)
            return
        self.folder = folder
        self.accept()

    def _choose_backup(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选择备份文件", "", "台账备份 (*.bjbak)")
        if name:
            self.restore_from(Path(name))

    def restore_from(self, file: Path) -> None:
        """Restore a backup into a new folder and take that."""
        from bangjiao_desktop.ui.door.restore_dialog import RestoreDialog

        dialog = RestoreDialog(file, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.folder, self.session = dialog.folder, dialog.session
            self.accept()

    def _make(self) -> None:
        if not self.user.check():
            return
        folder, bureau, offices = self.place.folder, self.unit.bureau_name, self.unit.office_names
        user, secret = self.user.user_name, self.user.password.text()
        self._set_busy("")
        task = background.run(lambda progress: entrance.create(folder, bureau, offices, user, secret))
        task.succeeded.connect(lambda made: self._made(folder, made))
        task.failed.connect(lambda text, _: self._refused(text))

    def _made(self, folder: Path, made: tuple[Session, str]) -> None:
        self._busy = False
        self.folder, self.session = folder, made[0]
        self.user.clear()
        self.recovery.show_key(made[1], self.unit.bureau_name, folder)
        self.done_page.tell(folder, self.user.user_name)
        self.go(RECOVERY)

    def _demo_made(self, folder: Path, session: Session) -> None:
        self._busy = False
        self.folder, self.session, self._demo = folder, session, True
        self.done_page.tell_demo(folder, entrance.DEFAULT_USER, DEMO_PASSWORD)
        self.go(DONE)

    def _refused(self, text: str) -> None:
        self._busy = False
        for one in (self.next, self.back, self.welcome):
            one.setEnabled(True)
        if self._page is not None:
            self._page.say(text)

    def _set_busy(self, text: str) -> None:
        self._busy = True
        self.next.setEnabled(False)
        self.back.setEnabled(False)
        if text:
            self.welcome.setEnabled(False)
            self.welcome.show_progress(0, text)

    def _show_import(self) -> None:
        from bangjiao_desktop.ui.exchange.import_page import ImportPage

        assert self.session is not None
        self.recovery.forget()
        page = self._import = ImportPage(self.session)
        page.said.connect(lambda text: QMessageBox.information(self, "导入", text))
        page.imported.connect(self._imported)
        page.undone.connect(self._undone)
        page.show_ledger.connect(self._leave_import)
        page.moved.connect(self._follow_import)
        inside, layout = page.layout(), self._importing.layout()
        assert inside is not None
        assert layout is not None
        inside.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(page)
        self.go(IMPORT)

    @property
    def _importer(self) -> "ImportPage":
        """The page of the import, from the recovery key's step on."""
        assert self._import is not None
        return self._import

    def _imported(self) -> None:
        result = self._importer.result
        assert result is not None
        self._rows += sum(one.added + one.updated for one in result.counts.values())

    def _undone(self, rows: int) -> None:
        self._rows = max(0, self._rows - rows)

    def _follow_import(self) -> None:
        """The button of the step that is seen is the one Enter presses; passing over it is never that."""
        if self.stack.currentIndex() != IMPORT:
            return
        self._importer.outcome.to_ledger.hide()  # the wizard's own button leads on
        wanted, busy = self._importer.first_button(), self._importer.busy
        self.skip.setText("不再导入，下一步" if self._rows else "以后再导入")
        self.skip.setVisible(wanted is not None)
        self.next.setVisible(wanted is None and not busy)
        first = wanted or self.next
        first.setDefault(True)
        if self._importer.first_table() is not None:
            self._importer.focus_first()
        else:
            (self._importer if busy else first).setFocus()

    def _skip_import(self) -> None:
        if self._importer.may_be_left():
            self._leave_import()

    def _leave_import(self) -> None:
        if self._importer.busy:
            return
        result = self._importer.result
        self.done_page.tell_imported(
            self._rows,
            tried=result is not None,
            refused=result.refused_rows if result is not None else 0,
            questions=self._importer.outcome.answers.model.open if result is not None else 0,
        )
        self.go(DONE)

    def reject(self) -> None:
        """Leaving: a ledger whose recovery key was not kept is asked about, an import under way is finished first."""
        if self._busy or (self._import is not None and self._import.busy):
            return
        if self.session is None:
            super().reject()
            return
        if self.stack.currentIndex() == RECOVERY and not self.recovery.may_be_left(
            "恢复密钥只显示这一次。现在离开而没有记下它，口令一旦忘记，台账就再也打不开。"
        ):
            return
        self.recovery.forget()
        self.accept()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """The cross in the corner is as Esc."""
        if self.isVisible():
            self.reject()
        event.setAccepted(not self.isVisible())

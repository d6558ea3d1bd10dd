"""The first start: open a ledger that is there, or make a new one and hand over its recovery key."""

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.services import session as sessions
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.ui import background
from bangjiao_desktop.ui.parts import button, field, label, row
from bangjiao_desktop.ui.theme import GRID


class StartDialog(QDialog):
    """Chooses or makes a vault; `folder` is the one chosen, `session` is open if it is new."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.session: Session | None = None
        self.setWindowTitle("安置帮教工作台")
        self.setMinimumWidth(520)
        self.stack = QStackedWidget()
        self.place = QLineEdit()
        self.bureau = QLineEdit()
        self.offices = QPlainTextEdit()
        self.user = QLineEdit(sessions.DEFAULT_USER)
        self.password = QLineEdit()
        self.repeated = QLineEdit()
        self.error = label("", "error")
        self.recovery_key = label("", "title", selectable=True)
        self.kept = QCheckBox("我已抄写或打印恢复密钥，并锁好")
        self.make = button("新建", "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6 * GRID, 5 * GRID, 6 * GRID, 5 * GRID)
        layout.addWidget(self.stack)
        for page in (self._welcome(), self._new(), self._handover()):
            self.stack.addWidget(page)

    def _welcome(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label("安置帮教工作台", "title"))
        layout.addWidget(label("台账加密保存在一个文件夹里，只有知道口令的人能打开。", "muted"))
        existing, new = button("打开已有台账…"), button("新建台账", "primary")
        layout.addLayout(row(new, existing, None))
        layout.addStretch(1)
        existing.clicked.connect(self._choose_existing)
        new.clicked.connect(lambda: self.stack.setCurrentIndex(1))
        return page

    def _new(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label("新建台账", "title"))
        choose = button("选择…")
        choose.clicked.connect(self._choose_place)
        place = QWidget()
        place.setLayout(row(self.place, choose))
        self.place.setText(str(Path.home() / "安置帮教台账"))
        self.bureau.setPlaceholderText("例：某某区司法局")
        self.offices.setPlaceholderText("一行一个，例：某某司法所")
        self.offices.setFixedHeight(84)
        self.offices.setTabChangesFocus(True)
        for one in (self.password, self.repeated):
            one.setEchoMode(QLineEdit.EchoMode.Password)
        self.error.setWordWrap(True)
        for caption, widget in (
            ("存放在（空文件夹；不要放在网盘同步或临时文件夹）", place), ("司法局", self.bureau),
            ("司法所", self.offices), ("您的用户名", self.user), ("口令（至少8位）", self.password),
            ("再输入一次口令", self.repeated),
        ):  # fmt: skip
            layout.addWidget(field(caption, widget))
        layout.addWidget(self.error)
        back = button("返回")
        layout.addLayout(row(back, None, self.make))
        back.clicked.connect(lambda: self.stack.setCurrentIndex(0))
        self.make.clicked.connect(self.make_vault)
        return page

    def _handover(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label("请保管好恢复密钥", "title"))
        about = label("忘记口令时，只有它能打开台账。它只显示这一次，程序里不留底。请抄写或打印后锁进保险柜。", "muted")
        about.setWordWrap(True)
        layout.addWidget(about)
        layout.addWidget(self.recovery_key)
        copy, go = button("复制"), button("进入台账", "primary")
        go.setEnabled(False)
        layout.addWidget(self.kept)
        layout.addLayout(row(copy, None, go))
        layout.addStretch(1)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.recovery_key.text()))
        self.kept.toggled.connect(go.setEnabled)
        go.clicked.connect(self.accept)
        return page

    def _choose_existing(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "打开台账文件夹")
        if name:
            self.folder = Path(name)
            self.accept()

    def _choose_place(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "选择一个空文件夹")
        if name:
            self.place.setText(name)

    def make_vault(self) -> None:
        """Make the vault off the UI thread."""
        names = [line.strip() for line in self.offices.toPlainText().splitlines() if line.strip()]
        if self.password.text() != self.repeated.text():
            self.error.setText("两次输入的口令不一致。")
            return
        if not self.user.text().strip():
            self.error.setText("请填写用户名。")
            return
        self.make.setEnabled(False)
        folder, bureau, user, secret = (
            Path(self.place.text()),
            self.bureau.text(),
            self.user.text().strip(),
            self.password.text(),
        )
        task = background.run(lambda progress: sessions.create(folder, bureau, names, user, secret))
        task.succeeded.connect(lambda made: self._made(folder, made))
        task.failed.connect(lambda text, _: self._refused(text))

    def _refused(self, text: str) -> None:
        self.make.setEnabled(True)
        self.error.setText(text)

    def _made(self, folder: Path, made: tuple[Session, str]) -> None:
        self.folder, self.session = folder, made[0]
        self.recovery_key.setText(made[1])
        self.password.clear()
        self.repeated.clear()
        self.stack.setCurrentIndex(2)

    def reject(self) -> None:
        """Leaving after the vault was made keeps it; the key was shown."""
        if self.session is not None:
            self.accept()
        else:
            super().reject()

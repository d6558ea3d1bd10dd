"""The door: user and password, a hint when Caps Lock is on, the growing delay after wrong passwords."""

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import KnownError, WrongPasswordError
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button, field, label, row
from bangjiao_desktop.ui.kit.theme import GRID

_SLOW_MILLISECONDS = 3000
_SLOW = "正在打开，请稍候。升级后第一次打开要先备份、再换成新版的格式，台账大时要几分钟；请不要关机。"


class UnlockDialog(QDialog):
    """Asks for the password of a vault.

    Args:
        folder: the vault.
        parent: the main window when it was locked.
        user: who is signed in, when the window was locked; only they (or the recovery key) open it again.
        may_leave: asked before the locked program is left; Esc then does nothing, so that nothing typed is lost.

    Signals:
        unlocked: the session.
    """

    unlocked = Signal(object)

    def __init__(
        self,
        folder: Path,
        parent: QWidget | None = None,
        user: str | None = None,
        may_leave: Callable[[QWidget], bool] | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._may_leave = may_leave
        self.session: Session | None = None
        self._busy = False
        self.setWindowTitle("打开台账" if may_leave is None else "已锁定")
        self.user = QComboBox()
        for name in entrance.users(folder):
            if user in (None, name):
                self.user.addItem(name)
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMaxLength(200)
        self.hint = label("大写锁定（Caps Lock）已打开", "")
        self.hint.setProperty("tone", "soon")
        self.hint.hide()
        self.error = label("", "error")
        self.error.setWordWrap(True)
        self.slow = label(_SLOW, "muted")
        self.slow.setWordWrap(True)
        self.slow.hide()
        self.open_button = button("打开", "primary")
        self.open_button.setDefault(True)
        leave = button("退出" if parent is None else "取消", tip="" if may_leave is None else "关闭程序")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6 * GRID, 5 * GRID, 6 * GRID, 5 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label("安置帮教工作台" if may_leave is None else "已锁定，请输入口令继续", "title"))
        place = label(f"台账文件夹：{folder}", "muted")
        place.setWordWrap(True)
        layout.addWidget(place)
        layout.addWidget(field("用户", self.user))
        layout.addWidget(field("口令（也可输入恢复密钥）", self.password))
        layout.addWidget(self.hint)
        layout.addWidget(self.error)
        layout.addWidget(self.slow)
        layout.addLayout(row(None, leave, self.open_button))
        self.setMinimumWidth(420)
        self._timer = QTimer(self)
        self._timer.setInterval(250)
        self._timer.timeout.connect(self._count_down)
        self._long = QTimer(self, singleShot=True, interval=_SLOW_MILLISECONDS)
        self._long.timeout.connect(self._say_slow)
        self.open_button.clicked.connect(self.try_password)
        self.password.textEdited.connect(self._typed)
        leave.clicked.connect(self.reject)
        self.password.installEventFilter(self)
        self.password.setFocus()
        self.user.currentIndexChanged.connect(lambda _: self._count_down())
        self.password.textChanged.connect(self._let_recovery_key_in)
        if self._waiting() > 0:
            self._count_down()

    def try_password(self) -> None:
        """Open the vault off the UI thread; the answer comes back as a signal."""
        if self._busy or not self.open_button.isEnabled():
            return
        if not self.password.text():
            self.error.setText("请输入口令。")
            return
        folder, user, secret = self._folder, self.user.currentText(), self.password.text()
        self._busy = True
        self.open_button.setEnabled(False)
        self.open_button.setText("正在打开……")
        self.error.setText("")
        self._long.start()
        task = background.run(lambda progress: entrance.unlock(folder, user, secret))
        task.succeeded.connect(self._opened)
        task.failed.connect(self._refused)

    def _say_slow(self) -> None:
        self.slow.show()
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _no_longer_slow(self) -> None:
        self._long.stop()
        self.slow.hide()

    def reject(self) -> None:
        """Leaving; a locked program is asked first."""
        if self._may_leave is None or self._may_leave(self):
            super().reject()
        else:
            self.password.setFocus()  # the next thing is the password, not the button that was pressed

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Esc leaves a program that is being opened, never one that is locked."""
        if self._may_leave is None or not event.matches(QKeySequence.StandardKey.Cancel):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """The window's own cross is as 退出."""
        if self.isVisible():
            self.reject()
        event.setAccepted(not self.isVisible())

    def _typed(self) -> None:
        """What was said of the password before goes, but not how long to wait."""
        if not self._timer.isActive():
            self.error.setText("")

    def _opened(self, session: Session) -> None:
        self._no_longer_slow()
        self.session = session
        self.password.clear()
        self.unlocked.emit(session)
        self.accept()

    def _refused(self, text: str, error: object) -> None:
        self._busy = False
        self._no_longer_slow()
        self.open_button.setText("打开")
        self.open_button.setEnabled(True)
        self.error.setText(text)
        self.password.selectAll()
        self.password.setFocus()
        if isinstance(error, WrongPasswordError) and self._waiting() > 0:  # not of a wrong recovery key: it has its own
            self._count_down()

    def _count_down(self) -> None:
        if self._busy:
            return
        waiting = self._waiting()
        if waiting > 0:
            remark = entrance.unlock_remark(self._folder, self.user.currentText())
            self.error.setText(f"口令连续输错，请 {entrance.waiting_text(waiting)}后再试；恢复密钥不用等。{remark}")
            self._timer.start()
            self._let_recovery_key_in()
        else:
            self._timer.stop()
            self.open_button.setEnabled(True)
            self.error.setText("")

    def _let_recovery_key_in(self) -> None:
        """While passwords have to wait, the recovery key has not: it has a counter of its own."""
        if self._timer.isActive() and not self._busy:
            self.open_button.setEnabled(entrance.looks_like_recovery_key(self.password.text()))

    def _waiting(self) -> float:
        try:
            return entrance.unlock_wait(self._folder, self.user.currentText())
        except KnownError as error:  # the key file went while the dialog is open
            self.error.setText(error.message)
            return 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Watch the keyboard for Caps Lock."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            state = _caps_lock(event)
            if state is not None:
                self.hint.setVisible(state)
        return super().eventFilter(watched, event)


def _caps_lock(event: QKeyEvent) -> bool | None:
    """Whether Caps Lock is on: asked from Windows, told from a letter's case elsewhere; None if unknown."""
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.user32.GetKeyState(0x14) & 1)
    letter = event.text()
    if len(letter) == 1 and letter.isascii() and letter.isalpha():
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return letter.isupper() != shifted
    return None

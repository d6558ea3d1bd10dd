"""Starts the window: scheme, vault, unlocking, the lock after idle time; our bugs go to the log."""

import gc
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from bangjiao_desktop import __version__
from bangjiao_desktop.domain.errors import AccountGoneError, KnownError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.base.log import log_bug
from bangjiao_desktop.services.base.process_guard import password_of_environment
from bangjiao_desktop.services.base.scrubbing import wipe_what_is_freed
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.kit.theme import theme
from bangjiao_desktop.ui.shell.locking import Hidden, may_leave, of_door
from bangjiao_desktop.ui.shell.main_window import MainWindow
from bangjiao_desktop.ui.shell.putting_away import PuttingAway
from bangjiao_desktop.ui.shell.session_watch import SessionWatch
from bangjiao_desktop.ui.shell.system_locks import SystemLocks
from bangjiao_desktop.ui.shell.window_lock import WindowLock


class Program:
    """The program from start to end: which vault, who, which window.

    Args:
        preferences: what this computer remembers.
    """

    def __init__(self, preferences: Preferences) -> None:
        self.preferences = preferences
        self.window: MainWindow | None = None
        self._lock: WindowLock | None = None
        self._folder: Path | None = None
        self._locked = False
        self._away: PuttingAway | None = None

    def start(self, folder: Path | None, session: Session | None = None) -> bool:
        """Open the window on a vault; False if the user left or it cannot be opened.

        Args:
            folder: the vault, or a backup to restore first; default the last vault, else the first-start wizard.
            session: open already, if the vault is new.
        """
        kept = self.preferences.get("last_vault")
        if folder is None and isinstance(kept, str) and (Path(kept) / "keys.json").exists():
            folder = Path(kept)
        try:
            if folder is None or folder.suffix.lower() == BACKUP_SUFFIX:
                folder, session = self._choose(folder)
            if folder is None:
                return False
            entrance.users(folder)
            self._lock = WindowLock(folder)
            self._lock.acquire()
            session = session or self._unlock(folder)
            if session is None:
                return False
            self._folder = folder
            self._show(session)
        except KnownError as error:
            if session is not None:
                session.close()
            self.stop()
            QMessageBox.critical(None, "打不开台账", error.message)
            return False
        self.preferences.set("last_vault", str(folder.absolute()))
        return True

    def stop(self) -> None:
        """Close the vault and give its lock back."""
        if self.window is not None:
            self._session_watch.stop()
            self._system_locks.stop()
            background.wait_for_all()
            self.window.session.close()
            self.window = None
            helped = sys.modules.get("bangjiao_desktop.ui.shell.help_window")
            if helped is not None:  # somebody asked for help
                helped.forget_help()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def lock(self) -> None:
        """Hide everything and ask for the password again; then everything is there as it was, with what is typed."""
        if self.window is None or self._folder is None or self._locked:
            return
        self._locked = True
        QApplication.setQuitOnLastWindowClosed(False)
        hidden = Hidden()
        session, whole = None, False
        try:
            away = self._away = PuttingAway(self.window, hidden)
            away.look()
            session = self._ask_again(self._folder, self.window.session.user, hidden)
            whole = session is not None and _brought_back(away, session)
        finally:
            self._locked, self._away = False, None
            hidden.end()
            QApplication.setQuitOnLastWindowClosed(True)
        if session is None:
            away.stop()
            if away.done:
                self.window.leave_locked()
            QApplication.quit()
        elif whole:
            hidden.show()
            self._session_watch.look()
        else:
            self.leave("锁定期间台账换了密钥，锁定前打开的窗口恢复不了，请重新登录。")

    def lock_at_once(self) -> None:
        """The system locks its screen, changes the user or goes to sleep: everything is put away before that."""
        if self._away is not None:
            self._away.at_once()
        elif self.window is not None:
            QTimer.singleShot(0, self.window, self.lock)
            QTimer.singleShot(0, self.window, self.lock_at_once)

    def _ask_again(self, folder: Path, user: str, hidden: Hidden) -> Session | None:
        """Ask the locked user for the password; None if they leave, which is asked about if something is not saved."""
        from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog

        while True:
            try:
                dialog = UnlockDialog(folder, user=user, may_leave=lambda parent: not hidden.typed or may_leave(parent))
            except KnownError as error:
                if not _try_again(error.message) and (not hidden.typed or may_leave(None)):
                    return None
                continue
            of_door(dialog)
            opened = dialog.exec() == QDialog.DialogCode.Accepted
            session, dialog.session = dialog.session, None
            dialog.deleteLater()
            if session is not None and not opened:
                session.close()
            return session if opened else None

    def change_vault(self) -> None:
        """Leave this vault for another; leaving the question, or one that cannot be opened, leads back to this one."""
        window, before = self.window, self._folder
        if window is None or not window.close():
            return
        QApplication.setQuitOnLastWindowClosed(False)
        self.stop()
        try:
            folder, session = self._choose()
            opened = folder is not None and self.start(folder, session)
            opened = opened or (before is not None and self.start(before))
        finally:
            QApplication.setQuitOnLastWindowClosed(True)
        if not opened:
            QApplication.quit()

    def leave(self, text: str) -> None:
        """The session is over (the account was taken away or changed): to the door, which ends the program if left.

        Args:
            text: why.
        """
        window, folder = self.window, self._folder
        if window is None or folder is None:
            return
        if self._locked:  # the lock's own door first, which a removed user does not pass
            QTimer.singleShot(1000, window, lambda: self.leave(text))
            return
        QApplication.setQuitOnLastWindowClosed(False)
        try:
            for widget in QApplication.topLevelWidgets():
                if isinstance(widget, QDialog | MainWindow):
                    widget.hide()
            window.stop_watching()
            self.stop()
            window.deleteLater()
            QMessageBox.warning(None, "已退出台账", text)
            opened = self.start(folder)
        finally:
            QApplication.setQuitOnLastWindowClosed(True)
        if not opened:
            QApplication.quit()

    def _choose(self, backup: Path | None = None) -> tuple[Path | None, Session | None]:
        if backup is not None:
            from bangjiao_desktop.ui.door.restore_dialog import RestoreDialog

            restoring = RestoreDialog(backup)
            restoring.exec()
            return restoring.folder, restoring.session
        from bangjiao_desktop.ui.door.start_wizard import StartWizard
        from bangjiao_desktop.ui.shell.help_window import show_help

        wizard = StartWizard()
        wizard.help_wanted.connect(lambda: show_help("first-day", wizard))
        wizard.exec()
        return wizard.folder, wizard.session

    def _unlock(self, folder: Path) -> Session | None:
        given = password_of_environment()
        if given is not None:
            return entrance.unlock(folder, None, given)
        from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog

        dialog = UnlockDialog(folder)
        session = dialog.session if dialog.exec() == QDialog.DialogCode.Accepted else None
        return session if session is None or _own_password(session) else None

    def _show(self, session: Session) -> None:
        window = MainWindow(session, self.preferences)
        window.lock_wanted.connect(self.lock)
        window.other_wanted.connect(self.change_vault)
        start = str(self.preferences.get("start_page", "today"))
        window.load()
        window.show()
        self.window = window
        window.get_ready("today" if start == "today" else "")
        QTimer.singleShot(0, window.put_icons)
        QTimer.singleShot(1500, lambda: window.more.verify_pages())
        window.keep_tidy()
        window.keep_proven()
        window.keep_backed_up()
        if session.greeting:
            QTimer.singleShot(600, window, lambda: window.say(session.greeting))
        if session.clock_fault:
            QTimer.singleShot(900, window, lambda: QMessageBox.warning(window, "请核对电脑的时钟", session.clock_fault))
        self._system_locks = SystemLocks(window)
        self._system_locks.wanted.connect(self.lock_at_once)
        self._session_watch = SessionWatch(session, window)
        self._session_watch.ended.connect(self.leave)
        if session.upgraded_from is not None:
            QTimer.singleShot(400, lambda: _tell_upgrade(window, session))
        known = self.preferences.get("version")
        if known not in (None, __version__):
            QTimer.singleShot(2500, lambda: window.tell_new_version(__version__))
        self.preferences.set("version", __version__)
        self._watch = QTimer(window)
        self._watch.setInterval(30_000)
        self._watch.timeout.connect(self._look_for_new_version)
        self._watch.start()

    def _look_for_new_version(self) -> None:
        """A package that was upgraded under the running window: what it loads from now on would not fit."""
        from bangjiao_desktop.services.base import about

        version = about.replaced_by()
        if version is not None and self.window is not None:
            self._watch.stop()
            self.window.say(f"程序已升级到 {version}，请保存手头的内容，关闭窗口后重新打开。")


def _own_password(session: Session) -> bool:
    """Let a user change a password that somebody else knows or that is too old; False, and closed, if they do not."""
    if not session.password_due:
        return True
    from bangjiao_desktop.ui.manage.password_dialogs import PasswordDialog

    if PasswordDialog(session, None, session.password_due).exec() == QDialog.DialogCode.Accepted:
        return True
    session.close()
    return False


def _brought_back(away: PuttingAway, session: Session) -> bool:
    try:
        return away.bring_back(session)
    except Exception:
        log_bug()
        return False


def _try_again(text: str) -> bool:
    box = QMessageBox(QMessageBox.Icon.Critical, "打不开台账", text)
    again = box.addButton("再试一次", QMessageBox.ButtonRole.AcceptRole)
    box.addButton("退出", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(again)
    of_door(box)
    box.exec()
    return box.clickedButton() is again


def _tell_upgrade(window: MainWindow, session: Session) -> None:
    backup = session.upgraded_from
    if backup is not None:
        QMessageBox.information(
            window, "台账格式已更新",
            f"台账已更新到当前版本的格式，内容没有变化。\n\n更新前的完整备份：{backup.parent.name}/{backup.name}\n"
            "需要退回旧版本的程序时，用它“从备份恢复”。",
        )  # fmt: skip


def make_application() -> QApplication:
    """Return the QApplication with the program's name, language and scheme."""
    QGuiApplication.setApplicationName("bangjiao")
    QGuiApplication.setApplicationDisplayName("安置帮教工作台")
    QGuiApplication.setDesktopFileName("cn.bangjiao.Desktop")
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setWindowIcon(QIcon(str(resource_path("icons", "app.png"))))
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    translator = QTranslator(application)
    if translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)
    return application


def run_window(folder: Path | None) -> int:
    """Open the window and stay until it is closed; return the exit code."""
    wipe_what_is_freed()
    application = make_application()
    preferences = Preferences()
    theme().apply(application, dark=bool(preferences.get("dark", False)))
    sys.excepthook = _log_bug
    program = Program(preferences)
    if not program.start(folder):
        return 1
    gc.freeze()
    gc.enable()
    try:
        return int(application.exec())
    finally:
        program.stop()


def _log_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault in a slot is told; a bug is logged without its values, told in one sentence; the window goes on."""
    if isinstance(error, KnownError):  # the world's fault in a place that did not look for it
        if not isinstance(error, AccountGoneError):  # the door is on its way
            QMessageBox.warning(None, "没有完成", error.message)
        return
    try:
        raise error.with_traceback(trace)
    except BaseException:
        log_bug()
    if QApplication.instance() is not None:
        QMessageBox.warning(None, "程序出错", background.BUG)

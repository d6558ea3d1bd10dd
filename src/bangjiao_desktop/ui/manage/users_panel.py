"""用户: who may open the ledger and what each may do; passwords and the recovery key."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.roles import PERMISSIONS, Permission, Role
from bangjiao_desktop.services.base import account_states, accounts
from bangjiao_desktop.services.base.account_states import AccountState, KeyState
from bangjiao_desktop.services.base.accounts import UserInfo
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button, label, row, set_role
from bangjiao_desktop.ui.kit.question import goes_on
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.manage.password_dialogs import PasswordRuleDialog, ResetDialog
from bangjiao_desktop.ui.manage.rekey_dialog import RekeyDialog
from bangjiao_desktop.ui.manage.user_dialog import GONE, UserDialog, role_label

if TYPE_CHECKING:
    from bangjiao_desktop.ui.door.recovery_dialog import RecoveryDialog

_REASONS = 3
_REKEY = "请按“更换台账密钥…”，以前抄走的旧密钥就打不开以后的内容。"
_OFFER = (
    "此人可能留有旧的密钥文件和口令。更换台账密钥以后，那些旧的打不开此后的内容；别的窗口要重新打开台账。现在更换吗？"
)
_STRANGE = "的角色不是程序写的，现在登录不了。请所长按“修改…”重新选角色，再核验台账。"

_TELEPHONE = 3  # column: nothing stands in it, and its room is for the keys'


class UsersPanel(QWidget):
    """The users of the vault.

    Args:
        session: a chief's or administrator's.

    Signals:
        said: a short message.
    """

    said = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.users: list[UserInfo] = []
        self.model = RowsModel(
            ("用户名", "角色", "所在司法所", "电话", "查看封存档案", "上次登录", "输错口令", "口令与密钥"), figures=(6,)
        )
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("用户")
        for number, width in enumerate((120, 90, 130, 120, 100, 130, 70)):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        add, change = button("新增用户…", "primary"), button("修改…")
        password, remove, recovery = button("重设口令…"), button("停用…"), button("更换恢复密钥…")
        rekey, rule, roles = button("更换台账密钥…"), button("口令规定…"), button("角色权限…")
        for one in (recovery, rekey):
            one.setVisible(session.may(Permission.RECOVERY_KEY) and session.has_keys)
        self.notice = label("")
        set_role(self.notice, "tone", "soon")
        self.notice.setWordWrap(True)
        self.notice.hide()
        self.fault = label("", "error")
        self.fault.setWordWrap(True)
        self._stop = button("不等了")
        held = (self.table, change, password, recovery, rekey, rule, add)
        self.saving = Saving(self, remove, self._stop, held, self._say)
        self._say("")
        self._key: RecoveryDialog | None = None
        self._rekey: RekeyDialog | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.notice)
        layout.addWidget(self.table, 1)
        layout.addLayout(row(None, remove, password, change, add))
        layout.addLayout(row(roles, rule, None, recovery, rekey))
        told = row(self.fault, self._stop)
        told.setStretchFactor(self.fault, 1)
        layout.addLayout(told)
        add.clicked.connect(self.add)
        change.clicked.connect(self.change)
        password.clicked.connect(self.reset_password)
        remove.clicked.connect(self.remove)
        recovery.clicked.connect(self.new_recovery_key)
        rekey.clicked.connect(self.rekey)
        rule.clicked.connect(lambda: self._open(PasswordRuleDialog(self._session, self), "口令规定已保存"))
        roles.clicked.connect(lambda: RolesDialog(self).open())
        self._stop.clicked.connect(self.saving.holds_open)
        self.table.opened.connect(lambda _: self.change())

    def load(self) -> None:
        """Read the users anew, off the window's thread."""
        task = background.latest(self, "users", _read, self._session)
        task.then(self._show).fails(self.said.emit).at_once()

    def _show(self, found: tuple[list[UserInfo], list[OfficeInfo], KeyState]) -> None:
        self.users, known, state = found
        offices = {None: "全局", **{office.id: office.name for office in known}}
        self.model.show(
            [
                (one.name, role_label(one.role), offices.get(one.office_id, GONE), one.telephone,
                 "是" if one.sees_sealed else "", *_told(state.users.get(one.name)))
                for one in self.users
            ]
        )  # fmt: skip
        self.table.setColumnHidden(_TELEPHONE, not any(one.telephone for one in self.users))
        notices = list(state.notices)
        if strange := [one.name for one in self.users if one.role is None]:
            notices.append(f"{account_states.some(strange)}{_STRANGE}")
        if state.rekey_for:
            more = f"等 {len(state.rekey_for)} 项" if len(state.rekey_for) > _REASONS else ""
            notices.append(f"上次换密钥以后{'、'.join(state.rekey_for[:_REASONS])}{more}。{_REKEY}")
        many = len(notices) > 1
        self.notice.setText(
            "\n".join((f"有 {len(notices)} 件事要办：", *(f"{number}. {one}" for number, one in enumerate(notices, 1))))
            if many
            else "".join(f"注意：{one}" for one in notices)
        )
        self.notice.setToolTip(
            "\n".join(("封存档案没有加密的备份：", *state.clear_backups)) if state.clear_backups else ""
        )
        self.notice.setVisible(bool(notices))

    def add(self) -> None:
        """Make a user."""
        self._open(UserDialog(self._session, None, self), "已新增用户")

    def change(self) -> None:
        """Change the selected user."""
        chosen = self._selected()
        if chosen is not None:
            dialog = UserDialog(self._session, chosen, self)
            self._open(dialog, "已保存", lambda: self._offer_rekey() if dialog.takes_authority else None)

    def reset_password(self) -> None:
        """Give the selected user a new password."""
        chosen = self._selected()
        if chosen is not None:
            self._open(ResetDialog(self._session, chosen, self), f"已重设“{chosen.name}”的口令", self._offer_rekey)

    def remove(self) -> None:
        """Take the selected user out, after asking."""
        chosen = self._selected()
        if chosen is None:
            return
        told = f"停用“{chosen.name}”后，其口令不能再打开台账；做过的事仍在操作记录里。"
        if goes_on(self, "停用用户", told, "不停用", "停用", loses=False):
            self._write(lambda _: self._removed(chosen.name), accounts.remove, self._session, chosen)

    def _removed(self, name: str) -> None:
        self._done(f"已停用“{name}”")
        self._offer_rekey()

    def rekey(self) -> None:
        """Give the ledger new keys."""
        dialog = self._rekey = RekeyDialog(self._session, self)
        dialog.finished.connect(lambda _: self.load())
        dialog.open()

    def _offer_rekey(self) -> None:
        """Ask whether the ledger is to get new keys now: somebody may hold a copy of the old ones."""
        if not self._session.may(Permission.RECOVERY_KEY):
            return
        if goes_on(self, "更换台账密钥", _OFFER, "以后再换", "现在更换…", loses=False):
            self.rekey()

    def new_recovery_key(self) -> None:
        """Make a new recovery key and show it once."""
        told = "新密钥只显示这一次，请抄下或打印后锁进保险柜。旧密钥随即作废。"
        if goes_on(self, "更换恢复密钥", told, "不更换", "更换", loses=False):
            self._write(self._show_key, accounts.new_recovery_key, self._session)

    def _show_key(self, made: str) -> None:
        from bangjiao_desktop.ui.door.recovery_dialog import RecoveryDialog

        dialog = self._key = RecoveryDialog(
            made, self._session.bureau_name(), self._session.folder, self, self._session.clock
        )
        dialog.accepted.connect(lambda: self.said.emit("恢复密钥已更换"))
        dialog.open()

    def may_leave(self) -> bool:
        """Whether the window may close: a new key that is shown only once must be written down first."""
        if self._rekey is not None and self._rekey.under_way:
            return False
        return not self.saving.under_way and (self._key is None or not self._key.isVisible() or self._key.close())

    def _write(self, done: Callable[[Any], object], function: Callable[..., Any], *arguments: Any) -> None:
        """Save off the window's thread; the buttons are grey meanwhile, and what it waits for is said below them."""
        self._say("")
        self.saving.write(done, self._refused, function, *arguments)

    def _say(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
        self._stop.setVisible(bool(text) and self.saving.under_way)

    def _done(self, told: str) -> None:
        self.said.emit(told)
        self.load()

    def _refused(self, error: KnownError) -> None:
        self._say(error.message)
        self.load()  # somebody else may have changed the user

    def _open(self, dialog: QDialog, done: str, then: Callable[[], object] | None = None) -> None:
        dialog.accepted.connect(self.load)
        if then is not None:
            dialog.accepted.connect(lambda: QTimer.singleShot(0, self, then))
        dialog.accepted.connect(lambda: self.said.emit(done))
        dialog.open()

    def _selected(self) -> UserInfo | None:
        chosen = self.table.selected_rows()
        if not chosen:
            self.said.emit("请先选中一位用户")
            return None
        return self.users[chosen[0]]


class RolesDialog(QDialog):
    """What each role may do."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("各角色可以做的事")
        self.table = TableView()
        self._model = RowsModel(("可以做的事", *code_table("role").labels))
        self._model.show(roles_table())
        self.table.setModel(self._model)
        self.table.setAccessibleName("角色权限表")
        self.table.setColumnWidth(0, 240)
        close = button("关闭")
        close.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addLayout(row(None, close))
        self.resize(720, 440)  # fits a small screen at 150 %


def _read(session: Session) -> tuple[list[UserInfo], list[OfficeInfo], KeyState]:
    return accounts.users(session), session.offices(), account_states.key_state(session)


def _told(state: AccountState | None) -> tuple[str, str, str]:
    """When a user came in last, wrong passwords since, what keys or password want."""
    if state is None:
        return "", "", ""
    last = "还没有" if state.last is None else f"{state.last:%Y-%m-%d %H:%M}"
    return last, f"{state.failures} 次" if state.failures else "", state.remark


def roles_table() -> Sequence[tuple[str, ...]]:
    """Return the table of permissions as it is shown: what, and a mark for each role."""
    codes = code_table("role").codes
    return [
        (permission.value, *("✓" if Role(code) in allowed else "" for code in codes))
        for permission, allowed in PERMISSIONS.items()
    ]

"""用户: who may open the ledger and what each may do; passwords and the recovery key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QGridLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import InvalidRecordError, KnownError
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.passwords import password_fault, strength
from bangjiao_desktop.domain.roles import PERMISSIONS, Permission, Role
from bangjiao_desktop.services.base import accounts
from bangjiao_desktop.services.base.accounts import UserInfo
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog
from bangjiao_desktop.ui.kit.parts import button, label, row, set_role
from bangjiao_desktop.ui.kit.question import goes_on
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

if TYPE_CHECKING:
    from bangjiao_desktop.ui.door.recovery_dialog import RecoveryDialog

GONE = "（原来的司法所，已不在单位名单中）"
_STRENGTH = (("", ""), ("一般", "soon"), ("较好", "done"), ("很好", "done"))


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
        self.model = RowsModel(("用户名", "角色", "所在司法所", "查看封存档案", "电话"))
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("用户")
        for number, width in enumerate((140, 110, 160, 110, 140)):
            self.table.setColumnWidth(number, width)
        self._roles = TableView()
        self._roles_model = RowsModel(("可以做的事", *code_table("role").labels))
        self._roles_model.show(roles_table())
        self._roles.setModel(self._roles_model)
        self._roles.setAccessibleName("角色权限表")
        self._roles.setColumnWidth(0, 240)
        add, change = button("新增用户…", "primary"), button("修改…")
        password, remove, recovery = button("重设口令…"), button("停用…"), button("更换恢复密钥…")
        recovery.setVisible(session.may(Permission.RECOVERY_KEY))
        self.fault = label("", "error")
        self.fault.setWordWrap(True)
        self._stop = button("不等了")
        held = (self.table, change, password, recovery, add)
        self.saving = Saving(self, remove, self._stop, held, self._say)
        self._say("")
        self._key: RecoveryDialog | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.table, 1)
        layout.addLayout(row(recovery, None, remove, password, change, add))
        told = row(self.fault, self._stop)
        told.setStretchFactor(self.fault, 1)
        layout.addLayout(told)
        layout.addWidget(label("各角色可以做的事", "strong"))
        layout.addWidget(self._roles, 2)
        add.clicked.connect(self.add)
        change.clicked.connect(self.change)
        password.clicked.connect(self.reset_password)
        remove.clicked.connect(self.remove)
        recovery.clicked.connect(self.new_recovery_key)
        self._stop.clicked.connect(self.saving.holds_open)
        self.table.opened.connect(lambda _: self.change())

    def load(self) -> None:
        """Read the users anew, off the window's thread."""
        task = background.latest(self, "users", _read, self._session)
        task.then(self._show).fails(self.said.emit).at_once()

    def _show(self, found: tuple[list[UserInfo], list[OfficeInfo]]) -> None:
        self.users, known = found
        offices = {None: "全局", **{office.id: office.name for office in known}}
        roles = code_table("role")
        self.model.show(
            [
                (one.name, roles.label(one.role.value), offices.get(one.office_id, GONE), "是" if one.sees_sealed else "", one.telephone)
                for one in self.users
            ]
        )  # fmt: skip

    def add(self) -> None:
        """Make a user."""
        self._open(UserDialog(self._session, None, self), "已新增用户")

    def change(self) -> None:
        """Change the selected user."""
        chosen = self._selected()
        if chosen is not None:
            self._open(UserDialog(self._session, chosen, self), "已保存")

    def reset_password(self) -> None:
        """Give the selected user a new password."""
        chosen = self._selected()
        if chosen is not None:
            self._open(ResetDialog(self._session, chosen, self), f"已重设“{chosen.name}”的口令")

    def remove(self) -> None:
        """Take the selected user out, after asking."""
        chosen = self._selected()
        if chosen is None:
            return
        told = f"停用“{chosen.name}”后，其口令不能再打开台账；做过的事仍在操作记录里。"
        if goes_on(self, "停用用户", told, "不停用", "停用", loses=False):
            self._write(lambda _: self._done(f"已停用“{chosen.name}”"), accounts.remove, self._session, chosen)

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

    def _open(self, dialog: QDialog, done: str) -> None:
        dialog.accepted.connect(self.load)
        dialog.accepted.connect(lambda: self.said.emit(done))
        dialog.open()

    def _selected(self) -> UserInfo | None:
        chosen = self.table.selected_rows()
        if not chosen:
            self.said.emit("请先选中一位用户")
            return None
        return self.users[chosen[0]]


class UserDialog(FaultDialog):
    """A new user, or a known one's role, office and authority."""

    def __init__(self, session: Session, user: UserInfo | None, parent: QWidget | None) -> None:
        super().__init__("新增用户" if user is None else f"修改用户“{user.name}”", parent)
        self._session = session
        self._user = user
        self.name = QLineEdit()
        self.role = ValueCombo((Role(one.code), one.label) for one in code_table("role").entries)
        self.office = ValueCombo(
            [(None, "全局（不限一个所）"), *((one.id, one.name) for one in session.offices())],
            unknown=GONE,
        )
        self.sealed = QCheckBox("可查看封存的未成年人档案")
        self.telephone = QLineEdit()
        self.password = PasswordLine(lambda: self.name.text())
        if user is None:
            self.ask("name", "用户名", self.name)
            self.role.setCurrentIndex(1)
        else:
            self.role.set_value(user.role)
            self.office.set_value(user.office_id)
            self.sealed.setChecked(user.sees_sealed)
            self.telephone.setText(user.telephone)
        self.ask("role", "角色", self.role)
        self.ask("office_id", "所在司法所", self.office)
        self.ask("telephone", "联系电话", self.telephone)
        self.ask("sees_sealed", "", self.sealed)
        if user is None:
            self.ask("password", "首次口令（请当面告知，并让其尽快更换）", self.password)
        self.finish("保存")

    def write(self) -> Callable[[], object]:
        role = Role(self.role.value())  # Qt gives the plain text back
        given = {
            "office_id": self.office.value(),
            "sees_sealed": self.sealed.isChecked(),
            "telephone": self.telephone.text(),
        }
        if self._user is None:
            name, password = self.name.text(), self.password.text()
            return lambda: accounts.add(self._session, name, role, password, **given)
        user = self._user
        return lambda: accounts.change(self._session, user, role=role, **given)

    def take_note(self, current: Mapping[str, object]) -> Sequence[tuple[str, str]]:
        assert self._user is not None
        self._user = replace(self._user, revision=int(str(current["revision"])))
        roles, sealed = code_table("role"), bool(current["sees_sealed"])
        found = []
        if current["role"] != Role(self.role.value()).value:
            found.append(("角色", roles.label(str(current["role"]))))
        if current["office_id"] != self.office.value():
            place = self.office.place_of(current["office_id"])
            found.append(("所在司法所", self.office.itemText(place) if place >= 0 else GONE))
        if current["telephone"] != self.telephone.text().strip():
            found.append(("联系电话", str(current["telephone"])))
        if sealed != self.sealed.isChecked():
            found.append((self.sealed.text(), "是" if sealed else "否"))
        return found


class ResetDialog(FaultDialog):
    """A new password for a user who forgot theirs."""

    def __init__(self, session: Session, user: UserInfo, parent: QWidget | None) -> None:
        super().__init__(f"重设“{user.name}”的口令", parent)
        self._session = session
        self._user = user
        self.password = PasswordLine(lambda: user.name)
        self.ask("password", "新口令", self.password)
        self.finish("重设")

    def write(self) -> Callable[[], object]:
        return partial(accounts.reset_password, self._session, self._user, self.password.text())


class PasswordDialog(FaultDialog):
    """Changing one's own password; the recovery key serves where the old one was forgotten."""

    def __init__(self, session: Session, parent: QWidget | None) -> None:
        super().__init__("更换我的口令", parent)
        self._session = session
        self.old = QLineEdit()
        self.old.setEchoMode(QLineEdit.EchoMode.Password)
        self.new = PasswordLine(lambda: session.user)
        self.again = QLineEdit()
        self.again.setEchoMode(QLineEdit.EchoMode.Password)
        self.ask("old", "原口令（忘记了可填打印的恢复密钥）", self.old)
        self.ask("new", "新口令", self.new)
        self.ask("again", "再输入一次", self.again)
        self.finish("更换")

    def write(self) -> Callable[[], object]:
        if self.new.text() != self.again.text():
            raise InvalidRecordError({"again": "两次输入的口令不一致"})
        return partial(accounts.change_own_password, self._session, self.old.text(), self.new.text())


class PasswordLine(QWidget):
    """A line for a new password that says how strong it is."""

    def __init__(self, user: Any) -> None:
        super().__init__()
        self._user = user
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self._said = label("", "field")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.edit, 0, 0)
        layout.addWidget(self._said, 1, 0)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._judge)

    def text(self) -> str:
        """Return what was typed."""
        return self.edit.text()

    def _judge(self, typed: str) -> None:
        user = self._user()
        fault = password_fault(typed, user) if typed else None
        text, tone = _STRENGTH[strength(typed, user)] if typed else ("", "")
        self._said.setText(fault or (f"强度：{text}" if text else ""))
        set_role(self._said, "tone", "overdue" if fault else tone)


def _read(session: Session) -> tuple[list[UserInfo], list[OfficeInfo]]:
    return accounts.users(session), session.offices()


def roles_table() -> Sequence[tuple[str, ...]]:
    """Return the table of permissions as it is shown: what, and a mark for each role."""
    codes = code_table("role").codes
    return [
        (permission.value, *("✓" if Role(code) in allowed else "" for code in codes))
        for permission, allowed in PERMISSIONS.items()
    ]

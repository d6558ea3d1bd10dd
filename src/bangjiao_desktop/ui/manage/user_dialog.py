"""A new user, or a known one's role, office and authority."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.roles import Role, holds_sealed_key, known_role
from bangjiao_desktop.services.base import accounts, password_rules
from bangjiao_desktop.services.base.accounts import UserInfo
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog
from bangjiao_desktop.ui.kit.value_combo import ValueCombo
from bangjiao_desktop.ui.manage.password_dialogs import PasswordLine

GONE = "（原来的司法所，已不在单位名单中）"
UNKNOWN_ROLE = "未知角色"
_CHOOSE = "现在的角色不是程序写的，请重新选择"


def role_label(role: Role | None) -> str:
    """Return what a role is called; a role the program does not know is called that."""
    return UNKNOWN_ROLE if role is None else code_table("role").label(role.value)


class UserDialog(FaultDialog):
    """A new user, or a known one's role, office and authority."""

    def __init__(self, session: Session, user: UserInfo | None, parent: QWidget | None) -> None:
        super().__init__("新增用户" if user is None else f"修改用户“{user.name}”", parent)
        self._session = session
        self._user = user
        self.name = QLineEdit()
        self.role = ValueCombo(
            ((Role(one.code), one.label) for one in code_table("role").entries), unknown=UNKNOWN_ROLE
        )
        self.office = ValueCombo(
            [(None, "全局（不限一个所）"), *((one.id, one.name) for one in session.offices())],
            unknown=GONE,
        )
        self.sealed = QCheckBox("可查看封存的未成年人档案")
        self.telephone = QLineEdit()
        self.password = PasswordLine(lambda: self.name.text(), password_rules.rule(session))
        if user is None:
            self.ask("name", "用户名", self.name)
            self.role.setCurrentIndex(1)
        else:
            self.role.set_value(user.role)
            self.office.set_value(user.office_id)
            self.sealed.setChecked(user.sees_sealed)
            self.telephone.setText(user.telephone)
        self.ask("role", "角色", self.role)
        if user is not None and user.role is None:
            self.faults["role"].setText(_CHOOSE)
            self.faults["role"].show()
        self.ask("office_id", "所在司法所", self.office)
        self.ask("telephone", "联系电话", self.telephone)
        self.ask("sees_sealed", "", self.sealed)
        if user is None:
            self.ask("password", "首次口令（请当面告知；其第一次登录时须自己更换）", self.password)
        self.finish("保存")

    @property
    def takes_authority(self) -> bool:
        """Whether what is asked for takes the sight of sealed files, or a chief's place, away."""
        if self._user is None:
            return False
        role = known_role(self.role.value())
        was = self._user.role is None or holds_sealed_key(self._user.role, sees_sealed=self._user.sees_sealed)
        return was and not holds_sealed_key(role, sees_sealed=self.sealed.isChecked())

    def write(self) -> Callable[[], object]:
        role = known_role(self.role.value())  # Qt gives the plain text back
        if role is None:
            raise InvalidRecordError({"role": _CHOOSE})
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
        sealed = bool(current["sees_sealed"])
        found = []
        if known_role(current["role"]) is not known_role(self.role.value()):
            found.append(("角色", role_label(known_role(current["role"]))))
        if current["office_id"] != self.office.value():
            place = self.office.place_of(current["office_id"])
            found.append(("所在司法所", self.office.itemText(place) if place >= 0 else GONE))
        if current["telephone"] != self.telephone.text().strip():
            found.append(("联系电话", str(current["telephone"])))
        if sealed != self.sealed.isChecked():
            found.append((self.sealed.text(), "是" if sealed else "否"))
        return found

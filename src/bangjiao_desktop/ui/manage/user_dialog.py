"""A new user, or a known one's role, office and authority."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.roles import Role, holds_sealed_key
from bangjiao_desktop.services.base import accounts, password_rules
from bangjiao_desktop.services.base.accounts import UserInfo
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog
from bangjiao_desktop.ui.kit.value_combo import ValueCombo
from bangjiao_desktop.ui.manage.password_dialogs import PasswordLine

GONE = "（原来的司法所，已不在单位名单中）"


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
        role = Role(self.role.value())
        was = holds_sealed_key(self._user.role, sees_sealed=self._user.sees_sealed)
        return was and not holds_sealed_key(role, sees_sealed=self.sealed.isChecked())

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

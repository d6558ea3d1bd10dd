"""Passwords: a line that says how good one is, one's own, another's, and the bureau's rule for all."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QGridLayout, QLineEdit, QSpinBox, QWidget

from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.passwords import PasswordRule, password_fault, strength
from bangjiao_desktop.services.base import accounts, password_rules
from bangjiao_desktop.services.base.accounts import UserInfo
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog
from bangjiao_desktop.ui.kit.parts import label, set_role
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

_STRENGTH = (("", ""), ("一般", "soon"), ("较好", "done"), ("很好", "done"))
_KINDS = (
    (2, "字母、数字、符号中的至少两种"),
    (3, "字母、数字、符号三种都要有"),
    (4, "大写、小写字母、数字、符号四种都要有"),
)


class ResetDialog(FaultDialog):
    """A new password for a user who forgot theirs."""

    def __init__(self, session: Session, user: UserInfo, parent: QWidget | None) -> None:
        super().__init__(f"重设“{user.name}”的口令", parent)
        self._session = session
        self._user = user
        rule = password_rules.rule(session)
        self.password = PasswordLine(lambda: user.name, rule)
        self.ask("password", "新口令", self.password)
        self.finish("重设")

    def write(self) -> Callable[[], object]:
        return partial(accounts.reset_password, self._session, self._user, self.password.text())


class PasswordDialog(FaultDialog):
    """Changing one's own password; the recovery key serves where the old one was forgotten.

    Args:
        session: whose.
        parent: the window.
        why: a sentence, where it has to be changed before anything else.
    """

    def __init__(self, session: Session, parent: QWidget | None, why: str = "") -> None:
        super().__init__("更换我的口令", parent)
        self._session = session
        rule = password_rules.rule(session)
        if why:
            told = label(why, "strong")
            told.setWordWrap(True)
            self.body.addWidget(told)
        self.old = QLineEdit()
        self.old.setEchoMode(QLineEdit.EchoMode.Password)
        self.new = PasswordLine(lambda: session.user, rule)
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
    """A line for a new password that says what it must be, and how strong it is.

    Args:
        user: gives the name of whose it is.
        rule: in force.
    """

    def __init__(self, user: Callable[[], str], rule: PasswordRule) -> None:
        super().__init__()
        self._user = user
        self._rule = rule
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self._said = label(rule.text(), "field")
        self._said.setWordWrap(True)
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
        fault = password_fault(typed, user, self._rule) if typed else None
        text, tone = _STRENGTH[strength(typed, user, self._rule)] if typed else ("", "")
        self._said.setText(fault or (f"强度：{text}" if text else self._rule.text()))
        set_role(self._said, "tone", "overdue" if fault else tone)


class PasswordRuleDialog(FaultDialog):
    """The bureau's rule for passwords; nobody goes below the program's own."""

    def __init__(self, session: Session, parent: QWidget | None) -> None:
        super().__init__("口令规定", parent)
        self._session = session
        rule = password_rules.rule(session)
        self.length, self.reuse, self.days = _number(8, 32, " 位"), _number(0, 10, " 个"), _number(0, 730, " 天")
        self.reuse.setSpecialValueText("不限")
        self.days.setSpecialValueText("不限")
        self.kinds = ValueCombo(_KINDS)
        self.length.setValue(rule.length)
        self.kinds.set_value(rule.kinds)
        self.reuse.setValue(rule.reuse)
        self.days.setValue(rule.days)
        told = label(
            "等保 2.0 要求口令有复杂度并定期更换。改了以后，现在的口令在下次更换前照用，用满期限的登录时须先更换。",
            "field",
        )
        told.setWordWrap(True)
        self.body.addWidget(told)
        self.ask("length", "至少几位", self.length)
        self.ask("kinds", "由哪几种字符组成", self.kinds)
        self.ask("reuse", "不能与最近几个用过的口令相同", self.reuse)
        self.ask("days", "多少天更换一次", self.days)
        self.finish("保存")

    def write(self) -> Callable[[], object]:
        rule = PasswordRule(self.length.value(), int(self.kinds.value()), self.reuse.value(), self.days.value())
        return partial(password_rules.save_rule, self._session, rule)


def _number(least: int, most: int, unit: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setSuffix(unit)
    return box

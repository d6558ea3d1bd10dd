"""单位与规则: the bureau, its offices and their telephones, and the reminder rules in force with their source."""

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from bangjiao_desktop.domain.codes import division_name
from bangjiao_desktop.domain.duties import DutyRule
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID

_PRINTED = (
    ("post_code", "邮政编码", "6 位，印在信封上"), ("office_hours", "办公时间", "如 工作日 8:30—12:00，13:30—17:00"),
    ("mediator", "人民调解员", "印在联系卡和宣传册上"), ("mediator_telephone", "调解电话", ""),
)  # fmt: skip
_EVERY = {"month": "每月一次", "quarter": "每季度一次", "half": "每半年一次"}


class SettingsPanel(QWidget):
    """Settings of the bureau.

    Args:
        session: the user's.

    Signals:
        said: a short message.
    """

    said = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.offices: list[OfficeInfo] = []
        self.rules: tuple[DutyRule, ...] = ()
        self._bureau = label("", "strong")
        self.office_model = RowsModel(("司法所", "电话", "地址", "办公时间", "调解员"))
        self.office_table = TableView()
        self.office_table.setModel(self.office_model)
        self.office_table.setAccessibleName("司法所")
        for number, width in enumerate((150, 140, 330, 260)):
            self.office_table.setColumnWidth(number, width)
        self.office_table.horizontalHeader().setStretchLastSection(True)
        self.rule_model = RowsModel(("事项", "规则", "期限", "提前提醒", "启用", "出处"))
        self.rule_table = TableView()
        self.rule_table.setModel(self.rule_model)
        self.rule_table.setAccessibleName("提醒规则")
        for number, width in enumerate((190, 280, 110, 80, 56, 420)):
            self.rule_table.setColumnWidth(number, width)
        papers = button("打印设置…", tip="单位标志、身份证号隐去中段、水印")
        bureau, add, change, rule = (
            button("修改司法局…"),
            button("新增司法所…"),
            button("修改司法所…"),
            button("修改规则…"),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(row(self._bureau, None, papers, bureau, change, add))
        layout.addWidget(
            label("电话、地址、办公时间、调解员印在联系卡、函件和宣传册上，电话和地址也写进卡上的二维码。", "muted")
        )
        layout.addWidget(self.office_table, 1)
        layout.addLayout(
            row(
                label("提醒规则", "strong"),
                label("省市规定不同的，改期限和提前天数；规则和出处随程序更新。", "muted"),
                None,
                rule,
            )
        )
        layout.addWidget(self.rule_table, 2)
        bureau.clicked.connect(self.edit_bureau)
        papers.clicked.connect(self.edit_papers)
        add.clicked.connect(lambda: self.edit_office(None))
        change.clicked.connect(self._change_office)
        rule.clicked.connect(self._change_rule)
        self.office_table.opened.connect(lambda _: self._change_office())
        self.rule_table.opened.connect(lambda _: self._change_rule())
        may = session.may(Permission.SETTINGS)
        for one in (bureau, add, change, rule):
            one.setVisible(may)
        papers.setVisible(may and session.may(Permission.PRINT))

    def load(self) -> None:
        """Read the settings anew."""
        name, code = settings.bureau(self._session)
        place = division_name(code) if code else ""
        self._bureau.setText(f"{name}　{place}" if place else name)
        self.offices = self._session.offices()
        self.office_model.show(
            [(one.name, one.telephone, one.address, one.office_hours, one.mediator) for one in self.offices]
        )
        if not self._session.may(Permission.SEE_PEOPLE):
            return
        self.rules = duties.rules_in_force(self._session)
        self.rule_model.show(
            [
                (one.title, one.rule, limit_text(one), f"{one.warn} 天", "是" if one.enabled else "否", one.source)
                for one in self.rules
            ]
        )

    def edit_bureau(self) -> None:
        """Change the bureau's name and division."""
        self._open(BureauDialog(self._session, self))

    def edit_papers(self) -> None:
        """Change what stands on all papers."""
        from bangjiao_desktop.ui.manage.paper_settings_dialog import PaperSettingsDialog

        self._open(PaperSettingsDialog(self._session, self))

    def edit_office(self, office: OfficeInfo | None) -> None:
        """Change an office, or make one."""
        self._open(OfficeEditDialog(self._session, office, self))

    def _change_office(self) -> None:
        chosen = self.office_table.selected_rows()
        if chosen:
            self.edit_office(self.offices[chosen[0]])
        else:
            self.said.emit("请先选中一个司法所")

    def open_rule(self, key: str) -> None:
        """Open the numbers of a rule by its key."""
        rule = next((one for one in self.rules if one.key == key), None)
        if rule is None:
            self.said.emit("这条规则现在不在用，请改它的文字")
        else:
            self._open(RuleDialog(self._session, rule, self))

    def _change_rule(self) -> None:
        chosen = self.rule_table.selected_rows()
        if not self._session.may(Permission.SETTINGS):
            return
        if chosen:
            self._open(RuleDialog(self._session, self.rules[chosen[0]], self))
        else:
            self.said.emit("请先选中一条规则")

    def _open(self, dialog: QDialog) -> None:
        dialog.accepted.connect(self.load)
        dialog.accepted.connect(lambda: self.said.emit("已保存"))
        dialog.open()


def limit_text(rule: DutyRule) -> str:
    """Return a rule's term in words."""
    if rule.every:
        return _EVERY[rule.every]
    if rule.workdays is not None:
        return f"{rule.workdays} 个工作日"
    if rule.months is not None:
        return f"{rule.months} 个月"
    if rule.subject == "office":
        return f"期末后 {rule.day[0]} 天"
    return f"{rule.days} 天" if rule.days else "当日"


class BureauDialog(FaultDialog):
    """The bureau's name and division code."""

    def __init__(self, session: Session, parent: QWidget | None) -> None:
        super().__init__("司法局", parent)
        self._session = session
        name, code = settings.bureau(session)
        self.name, self.code = QLineEdit(name), QLineEdit(code)
        self.code.setPlaceholderText("6 位，如 330411；决定用哪个省的提醒规则")
        self.ask("name", "名称", self.name)
        self.ask("division_code", "行政区划代码（GB/T 2260）", self.code)
        self.finish()

    def write(self) -> Callable[[], object]:
        return partial(settings.save_bureau, self._session, self.name.text(), self.code.text())


class OfficeEditDialog(FaultDialog):
    """An office's name, telephone and address."""

    def __init__(self, session: Session, office: OfficeInfo | None, parent: QWidget | None) -> None:
        super().__init__("新增司法所" if office is None else "修改司法所", parent)
        self._session = session
        self._office = office
        self.name = QLineEdit(office.name if office else "")
        self.telephone = QLineEdit(office.telephone if office else "")
        self.address = QLineEdit(office.address if office else "")
        self.telephone.setMaxLength(40)
        self.address.setMaxLength(200)
        self.printed = {name: QLineEdit(getattr(office, name) if office else "") for name, _, _ in _PRINTED}
        for name, caption, widget in (
            ("name", "名称", self.name), ("telephone", "电话", self.telephone), ("address", "地址", self.address),
        ):  # fmt: skip
            self.ask(name, caption, widget)
        for name, caption, hint in _PRINTED:
            self.printed[name].setPlaceholderText(hint)
            self.printed[name].setMaxLength(40 if "telephone" in name else 60)
            self.ask(name, caption, self.printed[name])
        self.finish()

    def write(self) -> Callable[[], object]:
        told = (self.name.text(), self.telephone.text(), self.address.text())
        printed = {name: edit.text() for name, edit in self.printed.items()}
        if self._office is None:
            return partial(settings.add_office, self._session, *told, printed)
        return partial(settings.save_office, self._session, self._office, *told, printed)


class RuleDialog(FaultDialog):
    """A rule's numbers for this bureau."""

    def __init__(self, session: Session, rule: DutyRule, parent: QWidget | None) -> None:
        super().__init__(rule.title, parent)
        self._session = session
        self._rule = rule
        told = label(f"{rule.rule}\n出处：{rule.source}", "muted")
        told.setWordWrap(True)
        self.body.addWidget(told)
        self.enabled = QCheckBox("启用这条提醒")
        self.enabled.setChecked(rule.enabled)
        self.numbers: dict[str, QSpinBox] = {}
        for name, caption in (
            ("days", "期限（天）"),
            ("workdays", "期限（工作日）"),
            ("months", "期限（月）"),
            ("warn", "提前提醒（天）"),
            ("within", "只提醒起算日在多少天以内的"),
        ):
            value: Any = getattr(rule, name)
            if value is not None:
                spin = QSpinBox()
                spin.setRange(0, 3650)
                spin.setValue(value)
                self.numbers[name] = spin
                self.ask(name, caption, spin)
        self.body.addWidget(self.enabled)
        back = button("恢复默认", "link")
        back.clicked.connect(self._reset)
        self.body.addLayout(row(back, None))
        self.finish()

    def write(self) -> Callable[[], object]:
        known = {one.name for one in fields(DutyRule)}
        numbers: dict[str, Any] = {name: spin.value() for name, spin in self.numbers.items() if name in known}
        numbers["enabled"] = self.enabled.isChecked()
        return partial(duties.change_rule, self._session, self._rule.key, numbers)

    def _reset(self) -> None:
        self.saving.write(lambda _: self.accept(), self._refused, duties.change_rule, self._session, self._rule.key, {})

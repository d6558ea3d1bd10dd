"""The dialogs of 单位与规则: the bureau, an office, the numbers of a rule; who saves second is told what stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QCheckBox, QLineEdit, QSpinBox, QWidget

from bangjiao_desktop.domain.duties import DutyRule
from bangjiao_desktop.domain.duty_reader import MOST
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog
from bangjiao_desktop.ui.kit.parts import button, label, row

_PRINTED = (
    ("post_code", "邮政编码", "6 位，印在信封上"), ("office_hours", "办公时间", "如 工作日 8:30—12:00，13:30—17:00"),
    ("mediator", "人民调解员", "印在联系卡和宣传册上"), ("mediator_telephone", "调解电话", ""),
)  # fmt: skip
_NUMBERS = (
    ("days", "期限（天）"), ("workdays", "期限（工作日）"), ("months", "期限（月）"), ("warn", "提前提醒（天）"),
    ("within", "只提醒起算日在多少天以内的"), ("attempts", "连续几次没有见到本人"),
)  # fmt: skip


def _differing(
    captions: Sequence[tuple[str, str]], mine: Mapping[str, QLineEdit], current: Mapping[str, object]
) -> list[tuple[str, str]]:
    """Caption and value of what stands in the ledger where another is typed."""
    now = {name: str(current.get(name, "")) for name, _ in captions}
    return [(caption, now[name]) for name, caption in captions if mine[name].text().strip() != now[name]]


class BureauDialog(FaultDialog):
    """The bureau's name and division code."""

    def __init__(self, session: Session, parent: QWidget | None) -> None:
        super().__init__("司法局", parent)
        self._session = session
        known = settings.bureau(session)
        self._seen = known.revision
        self.name, self.code = QLineEdit(known.name), QLineEdit(known.division_code)
        self.code.setPlaceholderText("6 位，如 330411；决定用哪个省的提醒规则")
        self.ask("name", "名称", self.name)
        self.ask("division_code", "行政区划代码（GB/T 2260）", self.code)
        self.finish()

    def write(self) -> Callable[[], object]:
        return partial(settings.save_bureau, self._session, self.name.text(), self.code.text(), self._seen)

    def take_note(self, current: Mapping[str, object]) -> Sequence[tuple[str, str]]:
        self._seen = int(str(current["revision"]))
        captions = (("name", "名称"), ("division_code", "行政区划代码"))
        return _differing(captions, {"name": self.name, "division_code": self.code}, current)


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

    def take_note(self, current: Mapping[str, object]) -> Sequence[tuple[str, str]]:
        assert self._office is not None
        self._office = replace(self._office, revision=int(str(current["revision"])))
        captions = [("name", "名称"), ("telephone", "电话"), ("address", "地址")]
        captions += [(name, caption) for name, caption, _ in _PRINTED]
        mine = {"name": self.name, "telephone": self.telephone, "address": self.address, **self.printed}
        return _differing(captions, mine, current)


class RuleDialog(FaultDialog):
    """A rule's numbers for this bureau.

    Args:
        session: the user's.
        rule: as it is in force.
        seen: revision of the bureau's own text of it as it was read, 0 for none.
        parent: the window.
    """

    def __init__(self, session: Session, rule: DutyRule, seen: int, parent: QWidget | None) -> None:
        super().__init__(rule.title, parent)
        self._session = session
        self._rule, self._seen = rule, seen
        told = label(f"{rule.rule}\n出处：{rule.source}", "muted")
        told.setWordWrap(True)
        self.body.addWidget(told)
        self.enabled = QCheckBox("启用这条提醒")
        self.enabled.setChecked(rule.enabled)
        self.numbers: dict[str, QSpinBox] = {}
        for name, caption in _NUMBERS:
            value: int | None = getattr(rule, name)
            counts = name == "attempts"  # asked of the rule about attempts alone, and none would be no rule
            if value is not None and (value or not counts):
                spin = QSpinBox()
                spin.setRange(int(counts), MOST)
                spin.setValue(value)
                self.numbers[name] = spin
                self.ask(name, caption, spin)
        self.body.addWidget(self.enabled)
        back = button("恢复默认", "link")
        back.clicked.connect(self._reset)
        self.body.addLayout(row(back, None))
        self.finish()

    def write(self) -> Callable[[], object]:
        numbers: dict[str, int | bool] = {name: spin.value() for name, spin in self.numbers.items()}
        numbers["enabled"] = self.enabled.isChecked()
        return partial(duties.change_rule, self._session, self._rule.key, numbers, self._seen)

    def take_note(self, current: Mapping[str, object]) -> Sequence[tuple[str, str]]:
        self._seen = int(str(current.get("revision", 0)))
        now = definitions.numbers(str(current.get("text", "")))
        if not now:
            return (("这条规则", "没有本局的数字，已恢复默认"),)
        captions = dict(_NUMBERS)
        found = [
            (captions[name], str(now[name]))
            for name, spin in self.numbers.items()
            if name in now and now[name] != spin.value()
        ]
        enabled = bool(now.get("enabled", True))
        return [*found, *([("启用", "是" if enabled else "否")] if enabled != self.enabled.isChecked() else [])]

    def _reset(self) -> None:
        numbers: dict[str, int | bool] = {}
        self.saving.write(
            lambda _: self.accept(), self._refused,
            duties.change_rule, self._session, self._rule.key, numbers, self._seen,
        )  # fmt: skip

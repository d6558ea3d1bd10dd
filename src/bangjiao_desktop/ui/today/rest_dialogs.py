"""推迟、不适用、从哪一天起提醒: the dialogs by which duties are laid to rest."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from bangjiao_desktop.domain.duties import Duty
from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.kinds.duty_decision import NOT_AT_ALL, NOT_THIS_TIME, POSTPONED
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import duty_decisions
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog
from bangjiao_desktop.ui.kit.fields import DateField, FieldError, TextField
from bangjiao_desktop.ui.kit.parts import label

_USUAL = 7  # days something is put off by, unless another day is given
_REASONS = ("住院", "外出务工", "在外地，已电话联系", "暂时联系不上，已安排查找", "本人要求改期", "建账前已办，未登记")


class RestDialog(FaultDialog):
    """Asks what is decided about duties instead of doing them.

    Args:
        session: the user's.
        duties: which.
        reasons: written before, the most frequent first.
        parent: the window.

    Signals:
        decided: what was decided, in words, and the decisions' keys and revisions.
    """

    decided = Signal(str, object)

    def __init__(
        self, session: Session, duties: Sequence[Duty], reasons: Sequence[str], parent: QWidget | None
    ) -> None:
        super().__init__("推迟或不适用", parent)
        self._session, self._duties = session, tuple(duties)
        self._made: Mapping[uuid.UUID, int] = {}
        told = label(_told(duties), "muted")
        told.setWordWrap(True)
        self.body.addWidget(told)
        self.ways = {
            POSTPONED: QRadioButton("推迟到下面这一天，到那天再提醒"),
            NOT_THIS_TIME: QRadioButton("这一次不适用；定期的，下一次照常提醒"),
            NOT_AT_ALL: QRadioButton("这一期帮教里都不适用，以后不再提醒"),
        }
        choices, inside = QWidget(), QButtonGroup(self)
        layout = QVBoxLayout(choices)
        layout.setContentsMargins(0, 0, 0, 0)
        for one in self.ways.values():
            inside.addButton(one)
            layout.addWidget(one)
        self.ways[POSTPONED].setChecked(True)
        self.ask("decision", "怎样处理", choices)
        self.until = DateField("推迟到的日期", session.clock)
        self.until.set_value(session.today() + timedelta(days=_USUAL))
        self.ask("until", "推迟到", self.until)
        self.reason = TextField("必填，如 住院、外出务工；记入操作记录")
        self.reason.suggest(tuple(dict.fromkeys((*reasons, *_REASONS))))
        self.ask("reason", "原因", self.reason)
        self.finish("确定")
        for one in self.ways.values():
            one.toggled.connect(self._allow)
        self.accepted.connect(lambda: self.decided.emit(self._words, self._made))
        self.finished.connect(self.deleteLater)
        self.reason.setFocus()

    @property
    def way(self) -> str:
        """The code of what is decided."""
        return next(code for code, one in self.ways.items() if one.isChecked())

    def write(self) -> Callable[[], object]:
        until: date | None = None
        if self.way == POSTPONED:
            try:
                until = self.until.value()
            except FieldError as error:
                raise InvalidRecordError({"until": error.message}) from error
        what = f"已推迟到 {until}" if until is not None else "已标为不适用"
        again = self.way == NOT_THIS_TIME and any(one.rule.again for one in self._duties)
        self._words = f"{what}：{_called(self._duties)}{'，下一次照常提醒' if again else ''}"
        way, reason = self.way, self.reason.value()

        def work() -> None:
            self._made = duty_decisions.decide(self._session, self._duties, way, until, reason)

        return work

    def _allow(self) -> None:
        self.until.setEnabled(self.way == POSTPONED)


class BeginDialog(FaultDialog):
    """Asks from which day offices are reminded of what is due.

    Args:
        session: the user's.
        offices: key → name of those it is said of.
        day: as it is; None for always: today is offered.
        parent: the window.
    """

    def __init__(
        self, session: Session, offices: Mapping[uuid.UUID, str], day: date | None, parent: QWidget | None
    ) -> None:
        super().__init__("从哪一天起提醒", parent)
        self._session, self._offices = session, offices
        told = label(
            "这一天以前到期、当时没有登记的，收进“建账前”一行，不再标红，可成批补登记或写明原因不适用；"
            "定期的（走访、评估、反馈……）从这一天起另计下一次。留空则从头提醒。", "muted",
        )  # fmt: skip
        told.setWordWrap(True)
        self.body.addWidget(told)
        whose = label(f"适用于：{'、'.join(offices.values())}", "muted")
        whose.setWordWrap(True)
        self.body.addWidget(whose)
        self.day = DateField("从哪一天起提醒", session.clock)
        self.day.set_value(day or session.today())
        self.ask("day", "从哪一天起提醒", self.day)
        self.finish()
        self.finished.connect(self.deleteLater)

    def write(self) -> Callable[[], object]:
        try:
            day = self.day.value()
        except FieldError as error:
            raise InvalidRecordError({"day": error.message}) from error
        return partial(duty_decisions.remind_from, self._session, tuple(self._offices), day)


def _called(duties: Sequence[Duty]) -> str:
    """What is decided about, in a few words."""
    titles = tuple(dict.fromkeys(one.rule.title for one in duties))
    if len(duties) > 1:
        return f"{titles[0]} {len(duties)} 项" if len(titles) == 1 else f"{len(duties)} 项"
    [only] = duties
    return only.title if only.rule.subject == "office" else f"{only.subject.name} {only.title}"


def _told(duties: Sequence[Duty]) -> str:
    """What is decided about, as the dialog's head says it."""
    if len(duties) == 1:
        return f"{_called(duties)}（{duties[0].due} 到期）"
    names = tuple(dict.fromkeys(one.subject.name or one.subject.office_name for one in duties))
    several = f"{'、'.join(names[:5])}{f' 等 {len(names)} 人' if len(names) > 5 else ''}"
    return f"{_called(duties)}：{several}"

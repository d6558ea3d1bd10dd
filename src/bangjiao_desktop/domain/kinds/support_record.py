"""Support records (帮教记录): what was said and seen, and what counts as having met somebody."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.codes import MET, code_table
from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record, Situation, is_blank, joined

FACE_TO_FACE = ("01", "02")
"""Methods that see somebody: home visit, talk."""
_POSTPONED = "05"
_HOME_VISIT, _UNREACHED = "01", "04"
_TRIED = {"01": "上门", "02": "约谈", "03": "电话", "04": "视频"}
"""Method → what was tried, in a word before what came of it."""


def has_met(outcome: str | None) -> bool:
    """Tell whether a contact with this outcome counts as assistance: the person was met; an empty one says the same."""
    return not outcome or outcome == MET


def attempt(method: str, outcome: str | None) -> str:
    """Return what was tried and what came of it in a word: 上门未遇到, 电话不通.

    Args:
        method: code of support_method.
        outcome: code of support_outcome; not one that met somebody.
    """
    came, tried = code_table("support_outcome").label(outcome), _TRIED.get(method, "")
    return came if came.startswith(tried) else f"{tried}{came}"


@dataclass(frozen=True, kw_only=True)
class SupportRecord(Record):
    """A support record (帮教记录): visit, talk, call, video, other."""

    KIND: ClassVar[Facts] = Facts(
        "support_record",
        "帮教记录",
        day="happened_on",
        summary=("method", "content"),
        match=("happened_on", "method", "worker"),
        tone="done",
        after_release=True,
        together=True,
    )

    happened_on: date | None = fields.day(required=True, past=True, begins="today")
    method: str = fields.code("support_method", required=True, begins="01")
    form: str | None = fields.choice("support_form", begins="01")
    worker: str = fields.text(begins="user")
    place: str = fields.text()
    content: str = fields.note()
    abnormal: bool = fields.flag()
    present: str = fields.text()
    mood: str | None = fields.choice("mood")
    fears: str = fields.codes("fear")
    needs_noticed: str = fields.codes("need_kind")
    measures: str = fields.note()
    effect: str = fields.text()
    next_on: date | None = fields.day(after="happened_on")
    outcome: str | None = fields.choice("support_outcome", begins=MET, blank_tells=True)

    @property
    def met(self) -> bool:
        """Whether the person was met: only then it counts as assistance (DOMAIN.md §5)."""
        return has_met(self.outcome)

    def faults(self, seen: Situation) -> dict[str, str]:
        """A home visit or a talk without anything said or seen is none: it would count in the assistance rate."""
        missed = (
            not self.met and self.outcome in code_table("support_outcome").codes
        )  # a word nobody knows excuses nothing
        if not missed and self.method in FACE_TO_FACE and is_blank(self.content):
            return {"content": f"请写明{self.word('method')}内容"}
        return {}

    def doubts(self, seen: Situation) -> dict[str, str]:
        """Something abnormal that nobody did anything about; put off without a day."""
        doubts: dict[str, str] = {}
        if self.abnormal and is_blank(self.measures):
            doubts["measures"] = "有异常时请写明处理情况"
        if self.outcome == _POSTPONED and self.next_on is None:
            doubts["next_on"] = "改期的请写明约定的日期，到期会提醒"
        if self.method == _HOME_VISIT and self.outcome == _UNREACHED:
            doubts["outcome"] = "走访的结果写了电话不通：打电话没有打通的，方式请选“电话”；到了没人的选“未遇到”"
        return doubts

    def sort(self) -> str:
        """How it was done, and what came of it where that was not a meeting."""
        return joined(self.word("method"), "" if self.met else self.word("outcome"))

    def events(self, today: date) -> tuple[Event, ...]:
        """How and where, then what was said."""
        heading = joined(self.word("method"), self.word("form"), self.place)
        details = (
            self.content, f"处理：{self.measures}" if self.measures else "",
            f"四怕：{self.word('fears')}" if self.fears else "", f"下次：{self.next_on}" if self.next_on else "",
            f"帮教人：{self.worker}" if self.worker else "",
        )  # fmt: skip
        marks = ("" if self.met else self.word("outcome"), "异常" if self.abnormal else "")
        told = self._event(heading, *details, alarming=self.abnormal, mark="、".join(filter(None, marks)))
        return (told if self.met else replace(told, tone="soon"),)

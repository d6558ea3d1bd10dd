"""Needs of a person and what was done for them (帮扶需求)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Effect, Ensured, Facts, Once, Record, Situation, Subject

_WAITING, _UNDER_WAY = ("01", "02"), "03"
_OPEN, _CLOSED = (*_WAITING, _UNDER_WAY), ("04", "05", "06")


@dataclass(frozen=True, kw_only=True)
class Need(Record):
    """One of the four needs of a person and how far it is met (帮扶需求); one of a kind for each person."""

    KIND: ClassVar[Facts] = Facts(
        "need",
        "帮扶需求",
        day="since_on",
        summary=("kind", "status"),
        match=("kind",),
        tone="soon",
        once=Once(
            ("person_id", "kind"),
            "kind",
            "此人已有“{word}”一项，请打开那一项修改",
            "此人的这项需求已有一行，一人每项只能有一行",
        ),
    )

    kind: str = fields.code("need_kind", required=True)
    status: str = fields.code("need_status", required=True, begins="02")
    since_on: date | None = fields.day(required=True, past=True, begins="today")
    closed_on: date | None = fields.day(past=True, after="since_on")
    content: str = fields.note()

    def faults(self, seen: Situation) -> dict[str, str]:
        """Closed has a day, open has none."""
        if self.status in _CLOSED and self.closed_on is None:
            return {"closed_on": "需求已了结，请填写了结日期"}
        if self.status in _OPEN and self.closed_on is not None:
            return {"closed_on": "需求还没有了结，不应填了结日期"}
        return {}


@dataclass(frozen=True, kw_only=True)
class NeedAction(Record):
    """Something done for a need (帮扶措施)."""

    KIND: ClassVar[Facts] = Facts(
        "need_action",
        "帮扶措施",
        day="acted_on",
        summary=("kind", "content"),
        match=("acted_on", "kind"),
        tone="soon",
        after_release=True,
        together=True,
    )

    acted_on: date | None = fields.day(required=True, past=True, begins="today")
    kind: str = fields.code("need_kind", required=True)
    content: str = fields.note(required=True)
    worker: str = fields.text(begins="user")
    result: str = fields.text()

    def follows(self, person: Subject | None) -> tuple[Effect, ...]:
        """The need is under way: opened where there is none, taken up where it waited."""
        if person is None:
            return ()
        need = Need(
            person_id=person.id, office_id=person.office_id, kind=self.kind, status=_UNDER_WAY, since_on=self.acted_on
        )
        return (Ensured(need, ("kind",), {"status": (_WAITING, _UNDER_WAY)}),)

"""Assistance commissioned to or by another district (委托帮教)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Beginning, Facts, Record, Subject
from bangjiao_desktop.domain.periods import period_of


@dataclass(frozen=True, kw_only=True)
class Commission(Record):
    """Assistance commissioned to or by another district (委托帮教)."""

    KIND: ClassVar[Facts] = Facts(
        "commission",
        "委托帮教",
        day="commissioned_on",
        summary=("direction", "counterpart"),
        match=("commissioned_on",),
    )

    commissioned_on: date | None = fields.day(required=True, past=True, begins="today")
    direction: str = fields.code("commission_direction", required=True, begins="01")
    counterpart: str = fields.text(required=True)
    lead: str | None = fields.choice("commission_lead", begins="02")
    contact: str = fields.text()
    telephone: str = fields.telephone()
    letter_number: str = fields.text()
    ended_on: date | None = fields.day(after="commissioned_on")
    content: str = fields.note()


@dataclass(frozen=True, kw_only=True)
class CommissionReport(Record):
    """Information returned for a commission, once a quarter (委托反馈)."""

    KIND: ClassVar[Facts] = Facts(
        "commission_report",
        "委托帮教反馈",
        day="reported_on",
        summary=("period",),
        match=("period",),
    )

    reported_on: date | None = fields.day(required=True, past=True, begins="today")
    period: str = fields.text(required=True)
    worker: str = fields.text(begins="user")
    content: str = fields.note(required=True)

    @classmethod
    def begins(cls, person: Subject | None, seen: Beginning) -> dict[str, Any]:
        """The quarter that runs."""
        return {"period": period_of(seen.today).key}

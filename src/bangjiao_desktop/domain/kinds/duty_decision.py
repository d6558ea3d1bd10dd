"""What was decided about a duty instead of doing it (提醒处理): put off to a day, or said not to apply, with the reason."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record, Situation, joined

POSTPONED, NOT_THIS_TIME, NOT_AT_ALL = "01", "02", "03"


@dataclass(frozen=True, kw_only=True)
class DutyDecision(Record):
    """A duty put off or said not to apply, by whoever answers for it; taken back by deleting it.

    `rule` and `counted_from` tell which duty (domain.duty_rest): the key of its rule, and the day it is counted from or
    the period of a report. `record_key` is the key of the need, notice or loss it follows from, "" for none.
    """

    KIND: ClassVar[Facts] = Facts(
        "duty_decision",
        "提醒处理",
        day="decided_on",
        summary=("title", "decision"),
        about="maybe",
        from_duty=True,
        fixed=("title", "due_on", "rule", "counted_from", "record_key"),
    )

    decided_on: date | None = fields.day(required=True, past=True, begins="today")
    title: str = fields.text(required=True)
    due_on: date | None = fields.day(required=True)
    decision: str = fields.code("duty_decision", required=True)
    until: date | None = fields.day(after="decided_on")
    reason: str = fields.note(required=True)
    worker: str = fields.text(begins="user")
    rule: str = fields.text(required=True)
    counted_from: str = fields.text(required=True)
    record_key: str = fields.text()

    def faults(self, seen: Situation) -> dict[str, str]:
        """What is put off is put off to a day that comes; what does not apply has none."""
        if self.decision == POSTPONED and self.until is None:
            return {"until": "推迟的请写推迟到哪一天"}
        if self.decision != POSTPONED and self.until is not None:
            return {"until": "只有推迟的才写日期"}
        if self.until is not None and self.decided_on is not None and self.until <= self.decided_on:
            return {"until": f"要晚于决定的那天（{self.decided_on}）"}
        return {}

    def said(self) -> str:
        """Return what was decided, in words: 推迟到 2026-12-31."""
        return f"推迟到 {self.until}" if self.decision == POSTPONED else self.word("decision")

    def events(self, today: date) -> tuple[Event, ...]:
        """What was not done, till when, and why."""
        return (self._event(f"提醒处理：{self.said()}", self.title, self.reason, joined("决定人", self.worker)),)

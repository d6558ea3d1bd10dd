"""What takes a person off the register (解除与变动)."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Once, Record, Situation

AT_TERM_END, DIED, TAKEN_OVER = "01", "02", "04"
_OF_RELEASED = ("01", "03")
"""Codes of change_reason: the term is over; another district has taken over."""


@dataclass(frozen=True, kw_only=True)
class RegisterChange(Record):
    """What takes a person off the register (变动); a release has at most one that is not deleted.

    Attributes:
        episode_id: the release it ends (帮教期次).
    """

    KIND: ClassVar[Facts] = Facts(
        "register_change",
        "解除与变动",
        day="changed_on",
        summary=("reason",),
        match=("episode_id",),
        tone="sealed",
        decided=True,
        once=Once(
            ("person_id", "episode_id"),
            "changed_on",
            "这一期帮教已有一条解除或变动记录，一期只能有一条；请修改原来那条",
            "此人这一期已有一条变动，一期只能有一条",
        ),
    )

    changed_on: date | None = fields.day(required=True, past=True, from_handover=True, begins="today")
    reason: str = fields.code("change_reason", required=True, begins="01")
    review: str = fields.note()
    opinion: str = fields.note()
    approval: str = fields.text()
    approver: str = fields.text()
    approved_on: date | None = fields.day()
    destination: str = fields.text()
    episode_id: uuid.UUID | None = None

    def row(self) -> dict[str, Any]:
        """What a new row of its table says; it points to the release it ends."""
        return {**super().row(), "episode_id": self.episode_id}

    def faults(self, seen: Situation) -> dict[str, str]:
        """Who is still in prison has no term that ends, and cannot go to prison again."""
        if self.reason in _OF_RELEASED and seen.person is not None and seen.person.release_date is None:
            return {"reason": "此人还在押，没有期满解除或收监可登记；死亡、转出或其他变动可以登记"}
        return {}

    def doubts(self, seen: Situation) -> dict[str, str]:
        """A discharge at the end of the term, before it; some offices count it to the day before its anniversary."""
        until = None if seen.person is None else seen.person.term_end
        if self.reason != AT_TERM_END or until is None or self.changed_on is None:
            return {}
        if self.changed_on < until - timedelta(days=1):
            return {"changed_on": f"帮教期限到 {until} 为止，期满解除早于这一天，请核对日期和原因"}
        return {}

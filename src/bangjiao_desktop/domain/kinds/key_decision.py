"""Decisions whether somebody is a key person (重点认定)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from bangjiao_desktop.domain.key_person import met_criteria, open_criteria, suggested_risk
from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import (
    Beginning,
    Effect,
    Facts,
    PersonChanged,
    Record,
    Situation,
    Subject,
    is_blank,
)


@dataclass(frozen=True, kw_only=True)
class KeyDecision(Record):
    """A decision whether somebody is a key person (重点认定)."""

    KIND: ClassVar[Facts] = Facts(
        "key_decision",
        "重点认定",
        day="decided_on",
        summary=("decision",),
        match=("decided_on",),
        tone="overdue",
        decided=True,
    )

    decided_on: date | None = fields.day(required=True, past=True, begins="today")
    criteria: str = fields.text()
    suggested: str | None = fields.choice("risk")
    decision: str = fields.code("risk", required=True)
    reason: str = fields.note()
    decided_by: str = fields.text(begins="user")

    @classmethod
    def begins(cls, person: Subject | None, seen: Beginning) -> dict[str, Any]:
        """What the criteria say of the person, and what they leave open."""
        if person is None:
            return {}
        values = person.values()
        suggested = suggested_risk(values, seen.criteria)
        undecided = (f"{name}（待认定）" for name in open_criteria(values, seen.criteria))
        return {
            "criteria": "、".join((*met_criteria(values, seen.criteria), *undecided)),
            "suggested": suggested,
            "decision": suggested,
        }

    def faults(self, seen: Situation) -> dict[str, str]:
        """Who decides otherwise than suggested says why."""
        if self.suggested and self.decision != self.suggested and is_blank(self.reason):
            return {"reason": "认定结果与系统建议不同，请写明理由"}
        return {}

    def follows(self, person: Subject | None) -> tuple[Effect, ...]:
        """The decision sets the person's risk."""
        if person is None:
            return ()
        return (PersonChanged({"risk": self.decision}),)

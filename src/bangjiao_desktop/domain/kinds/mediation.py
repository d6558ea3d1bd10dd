"""Disputes mediated (调解) and whom they are about."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Numbering, Once, Record, Situation


@dataclass(frozen=True, kw_only=True)
class Mediation(Record):
    """A dispute accepted for mediation (调解)."""

    KIND: ClassVar[Facts] = Facts(
        "mediation",
        "调解",
        day="accepted_on",
        summary=("dispute_type", "parties"),
        match=("number",),
        about="nobody",
        once=Once(("number",), "number", "编号“{word}”已用过", "编号“{word}”已有一行"),
        number=Numbering("TJ", at="begin"),
    )

    number: str = fields.text(required=True)
    accepted_on: date | None = fields.day(required=True, past=True, begins="today")
    dispute_type: str = fields.text()
    parties: str = fields.text()
    involves_nonlocal: bool = fields.flag()
    mediation_method: str = fields.text()
    closed_on: date | None = fields.day(past=True, after="accepted_on")
    outcome: str | None = fields.choice("mediation_result")
    found_on: date | None = fields.day(past=True)
    mediators: str = fields.text()
    agreement_number: str = fields.text()
    fulfilment: str | None = fields.choice("fulfilment")
    referred_to: str = fields.text()
    content: str = fields.note()

    def faults(self, seen: Situation) -> dict[str, str]:
        """A result and the day of closing belong together."""
        faults: dict[str, str] = {}
        if self.outcome and self.closed_on is None:
            faults["closed_on"] = "已有结果，请填写结案日期"
        if self.closed_on is not None and not self.outcome:
            faults["outcome"] = "已结案，请选择结果"
        return faults

    def called(self) -> str:
        """Number, day, what it is about."""
        return f"{self.number} {self.accepted_on} {self.dispute_type}".strip()


@dataclass(frozen=True, kw_only=True)
class MediationParty(Record):
    """A person whom a dispute is about (调解涉及人员)."""

    KIND: ClassVar[Facts] = Facts(
        "mediation_party",
        "涉及的调解",
        summary=("side",),
        match=("mediation_id",),
    )

    mediation_id: uuid.UUID | None = fields.reference("mediation", required=True)
    side: str | None = fields.choice("mediation_side")
    content: str = fields.text()

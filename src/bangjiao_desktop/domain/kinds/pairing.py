"""Pairings with their agreements (帮教结对)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Record


@dataclass(frozen=True, kw_only=True)
class Pairing(Record):
    """A pairing with its agreement (帮教结对、责任书)."""

    KIND: ClassVar[Facts] = Facts(
        "pairing",
        "帮教结对与协议",
        day="signed_on",
        summary=("helper",),
        match=("signed_on", "helper"),
    )

    signed_on: date | None = fields.day(required=True, past=True, begins="today")
    helper: str = fields.text(required=True)
    helper_kind: str | None = fields.choice("member_kind")
    telephone: str = fields.telephone()
    number: str = fields.text()
    ended_on: date | None = fields.day(after="signed_on")
    content: str = fields.note()

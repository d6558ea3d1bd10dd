"""Relief (救助)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Record


@dataclass(frozen=True, kw_only=True)
class Relief(Record):
    """A grant of relief (救助); the amount is kept in fen."""

    KIND: ClassVar[Facts] = Facts(
        "relief",
        "救助",
        day="granted_on",
        summary=("kind", "amount_fen"),
        match=("granted_on", "kind"),
        tone="soon",
        after_release=True,
        together=True,
    )

    granted_on: date | None = fields.day(required=True, past=True, begins="today")
    kind: str = fields.code("relief_kind", required=True)
    amount_fen: int | None = fields.money()
    agency: str = fields.text()

"""Mandatory escorts (必接必送)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Record, Situation


@dataclass(frozen=True, kw_only=True)
class Escort(Record):
    """A mandatory escort (必接必送) and who took part."""

    KIND: ClassVar[Facts] = Facts(
        "escort",
        "必接必送交接",
        day="escorted_on",
        summary=("staff", "place"),
        match=("escorted_on",),
        tone="accent",
    )

    escorted_on: date | None = fields.day(required=True, past=True, begins="today")
    place: str = fields.text()
    staff: str = fields.text(required=True, begins="user")
    relatives: str = fields.text()
    headcount: int | None = fields.count()
    clock: str = fields.text()
    signed: bool = fields.flag()
    content: str = fields.note()

    def faults(self, seen: Situation) -> dict[str, str]:
        """Nobody is met at the gate before the release."""
        release = None if seen.person is None else seen.person.release_date
        if release is not None and self.escorted_on is not None and self.escorted_on < release:
            return {"escorted_on": f"接送日期不能早于释放日期（{release}）"}
        return {}

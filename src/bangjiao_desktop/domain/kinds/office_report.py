"""Reports sent upwards (上报记录)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Beginning, Facts, Record, Subject
from bangjiao_desktop.domain.periods import period_of


@dataclass(frozen=True, kw_only=True)
class OfficeReport(Record):
    """A report or list sent upwards (上报记录)."""

    KIND: ClassVar[Facts] = Facts(
        "office_report",
        "上报记录",
        day="filed_on",
        summary=("kind", "period"),
        match=("kind", "period", "office"),
        about="nobody",
    )

    filed_on: date | None = fields.day(required=True, past=True, begins="today")
    kind: str = fields.code("office_report", required=True)
    period: str = fields.text(required=True)
    worker: str = fields.text(begins="user")
    content: str = fields.text()

    @classmethod
    def begins(cls, person: Subject | None, seen: Beginning) -> dict[str, Any]:
        """The quarter that is over."""
        return {"period": period_of(seen.today).previous().key}

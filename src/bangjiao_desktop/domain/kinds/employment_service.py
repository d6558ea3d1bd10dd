"""Help with finding work (就业服务)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Record


@dataclass(frozen=True, kw_only=True)
class EmploymentService(Record):
    """Registration as unemployed, training, a job recommended (就业服务)."""

    KIND: ClassVar[Facts] = Facts(
        "employment_service",
        "就业服务",
        day="served_on",
        summary=("kind", "agency"),
        match=("served_on", "kind"),
        after_release=True,
        together=True,
    )

    served_on: date | None = fields.day(required=True, past=True, begins="today")
    kind: str = fields.code("employment_service", required=True)
    agency: str = fields.text()
    content: str = fields.text()
    result: str = fields.text()

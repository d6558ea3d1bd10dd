"""Bases and employers who take people (安置单位)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Record


@dataclass(frozen=True, kw_only=True)
class Host(Record):
    """A transitional base or an employer who takes people (安置单位)."""

    KIND: ClassVar[Facts] = Facts(
        "host",
        "安置基地与用人单位",
        day="since_on",
        summary=("name", "kind"),
        match=("name",),
        about="nobody",
        reckoned={"occupied": "现有人数"},
    )

    name: str = fields.text(required=True)
    kind: str = fields.code("host_kind", required=True)
    capacity: int | None = fields.count()
    address: str = fields.text()
    contact: str = fields.text()
    telephone: str = fields.telephone()
    since_on: date | None = fields.day(begins="today")
    ended_on: date | None = fields.day(after="since_on")
    content: str = fields.note()

"""Members of a person's support group (帮教小组)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Record


@dataclass(frozen=True, kw_only=True)
class GroupMember(Record):
    """A member of a person's support group (帮教小组)."""

    KIND: ClassVar[Facts] = Facts(
        "group_member",
        "帮教小组成员",
        day="joined_on",
        summary=("name", "kind"),
        match=("name",),
    )

    name: str = fields.name(required=True)
    kind: str | None = fields.choice("member_kind")
    telephone: str = fields.telephone()
    joined_on: date | None = fields.day(past=True, begins="today")
    sex: str | None = fields.choice("sex")
    post: str = fields.text()
    left_on: date | None = fields.day(after="joined_on")

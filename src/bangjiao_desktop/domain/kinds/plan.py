"""Plans of assistance (帮教方案)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Record


@dataclass(frozen=True, kw_only=True)
class Plan(Record):
    """A plan of assistance (帮教方案); `forms` are codes of support_form joined by commas."""

    KIND: ClassVar[Facts] = Facts(
        "plan",
        "帮教方案",
        day="made_on",
        summary=("goals",),
        match=("made_on",),
    )

    made_on: date | None = fields.day(required=True, past=True, begins="today")
    goals: str = fields.note(required=True)
    forms: str = fields.codes("support_form")
    measures: str = fields.note()
    worker: str = fields.text(begins="user")
    review_on: date | None = fields.day(after="made_on")
    review: str = fields.note()

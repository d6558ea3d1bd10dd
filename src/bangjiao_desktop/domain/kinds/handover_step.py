"""Steps of the handover (衔接事项)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Facts, Record


@dataclass(frozen=True, kw_only=True)
class HandoverStep(Record):
    """A step of the handover: village told, file made, agreement signed, absence reported (衔接事项)."""

    KIND: ClassVar[Facts] = Facts(
        "handover_step",
        "衔接事项",
        day="done_on",
        summary=("kind",),
        match=("kind", "done_on"),
        together=True,
    )

    done_on: date | None = fields.day(required=True, past=True, begins="today")
    kind: str = fields.code("handover_step", required=True)
    worker: str = fields.text(begins="user")
    content: str = fields.note()

"""Activities (活动) and who took part in them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Effect, Facts, Numbering, Once, Record, Recounted, Subject


@dataclass(frozen=True, kw_only=True)
class Activity(Record):
    """A training, guidance, job fair, legal education or work inside a prison (活动)."""

    KIND: ClassVar[Facts] = Facts(
        "activity",
        "活动",
        day="held_on",
        summary=("kind", "title"),
        match=("held_on", "kind", "title", "office"),
        about="nobody",
        number=Numbering("HD", at="save"),
    )

    held_on: date | None = fields.day(required=True, begins="today")
    kind: str = fields.code("activity_kind", required=True)
    title: str = fields.text()
    attendance: int | None = fields.count()
    returnees: int | None = fields.count()
    intents: int | None = fields.count()
    number: str = fields.text()
    place: str = fields.text()
    organiser: str = fields.text()
    prison: str = fields.text()
    books: int | None = fields.count()
    consultations: int | None = fields.count()
    videos: int | None = fields.count()
    content: str = fields.note()

    def called(self) -> str:
        """Day, sort, title."""
        return f"{self.held_on} {self.word('kind')} {self.title}".strip()

    def recounted(self, pointing: Sequence["Participation"]) -> dict[str, Any]:
        """At least those took part whose names are recorded."""
        found: dict[str, Any] = {}
        intents = sum(one.intent for one in pointing)
        if (self.returnees or 0) < len(pointing):
            found["returnees"] = len(pointing)
        if (self.intents or 0) < intents:
            found["intents"] = intents
        return found


@dataclass(frozen=True, kw_only=True)
class Participation(Record):
    """A person who took part in an activity (参加活动)."""

    KIND: ClassVar[Facts] = Facts(
        "participation",
        "参加活动",
        summary=("employer",),
        match=("activity_id",),
        once=Once(("person_id", "activity_id"), "activity_id", "此人已登记参加这次活动", "此人参加这次活动已有一行"),
        together=True,
    )

    activity_id: uuid.UUID | None = fields.reference("activity", required=True)
    intent: bool = fields.flag()
    employer: str = fields.text()
    content: str = fields.text()

    def follows(self, person: Subject | None) -> tuple[Effect, ...]:
        """The activity counts those who are recorded, and has a number others can point to."""
        if self.activity_id is None:
            return ()
        return (Recounted("activity", self.activity_id, by="participation", through="activity_id"),)

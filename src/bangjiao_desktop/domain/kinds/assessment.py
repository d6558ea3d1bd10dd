"""Filled assessment forms (评估)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record


@dataclass(frozen=True, kw_only=True)
class Assessment(Record):
    """A filled assessment form (评估); `answers` is "item=points" joined by semicolons."""

    KIND: ClassVar[Facts] = Facts(
        "assessment",
        "评估",
        day="assessed_on",
        summary=("occasion", "band"),
        match=("assessed_on", "form"),
        tone="accent",
        asked=True,
    )

    assessed_on: date | None = fields.day(required=True, past=True, begins="today")
    form: str = fields.text(required=True)
    occasion: str = fields.code("assessment_occasion", required=True)
    answers: str = fields.text()
    score: int | None = fields.count()
    band: str = fields.text()
    assessor: str = fields.text(begins="user")
    content: str = fields.note()

    def events(self, today: date) -> tuple[Event, ...]:
        """The band, then the form and the points."""
        return (self._event(f"评估：{self.band or '—'}", self.form, f"{self.score} 分"),)

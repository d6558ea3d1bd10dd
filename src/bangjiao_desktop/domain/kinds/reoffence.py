"""Crimes and offences after release (重新犯罪)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record


@dataclass(frozen=True, kw_only=True)
class Reoffence(Record):
    """A crime or offence after release (重新犯罪)."""

    KIND: ClassVar[Facts] = Facts(
        "reoffence",
        "重新犯罪",
        day="happened_on",
        summary=("reoffence_class", "offence"),
        match=("happened_on", "reoffence_class"),
        tone="overdue",
        after_release=True,
    )

    happened_on: date | None = fields.day(required=True, past=True)
    reoffence_class: str = fields.code("reoffence_class", required=True)
    offence: str = fields.text()
    outcome: str = fields.text()

    def events(self, today: date) -> tuple[Event, ...]:
        """What was committed, always alarming."""
        return (self._event("重新" + self.word("reoffence_class"), self.offence, self.outcome, alarming=True),)

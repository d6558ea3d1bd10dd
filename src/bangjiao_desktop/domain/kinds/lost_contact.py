"""People missed or lost from sight, and looking for them (脱管漏管)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record, Situation

_FOUND, _MISSED = "02", "01"


@dataclass(frozen=True, kw_only=True)
class LostContact(Record):
    """A person missed (漏管) or lost from sight (脱管), until found."""

    KIND: ClassVar[Facts] = Facts(
        "lost_contact",
        "脱管漏管",
        day="found_on",
        summary=("kind", "outcome"),
        match=("found_on",),
        tone="overdue",
    )

    found_on: date | None = fields.day(required=True, past=True, begins="today")
    kind: str = fields.code("lost_kind", required=True, begins="02")
    last_seen: str = fields.note()
    reported_on: date | None = fields.day(past=True)
    ended_on: date | None = fields.day(past=True, after="found_on")
    outcome: str | None = fields.choice("lost_outcome", begins="01")

    def faults(self, seen: Situation) -> dict[str, str]:
        """Who was found was found on a day."""
        return {"ended_on": "已经找到的，请填写结束日期"} if self.outcome == _FOUND and self.ended_on is None else {}

    def holds_on(self, day: date) -> bool:
        """Tell whether they are not found on a day."""
        begun = self.found_on is not None and self.found_on <= day
        return begun and (self.ended_on is None or self.ended_on > day)

    def standing(self) -> str:
        """Return what the person is called meanwhile: 漏管 was never handed over, 失联 was lost since."""
        return "漏管" if self.kind == _MISSED else "失联"

    def events(self, today: date) -> tuple[Event, ...]:
        """Alarming until it has ended."""
        return (self._event(self.word("kind"), self.brief(), alarming=self.ended_on is None),)


@dataclass(frozen=True, kw_only=True)
class SearchStep(Record):
    """A step in looking for somebody lost from sight (查找记录)."""

    KIND: ClassVar[Facts] = Facts(
        "search_step",
        "查找记录",
        day="searched_on",
        summary=("way",),
        match=("searched_on", "way"),
        tone="soon",
    )

    searched_on: date | None = fields.day(required=True, past=True, begins="today")
    way: str = fields.text(required=True)
    worker: str = fields.text(begins="user")
    content: str = fields.note()

"""People who declared that they do not want assistance (拒绝帮教).

Assistance cannot be forced (DOMAIN.md §3): who refuses is recorded, the village and the family are told, and the person
is asked again each half-year, until they take it back.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record, Situation, is_blank


@dataclass(frozen=True, kw_only=True)
class Refusal(Record):
    """A declaration that somebody does not want assistance, from the day it was made until it is withdrawn."""

    KIND: ClassVar[Facts] = Facts(
        "refusal",
        "拒绝帮教",
        day="refused_on",
        summary=("content",),
        match=("refused_on",),
        tone="soon",
        after_release=True,
    )

    refused_on: date | None = fields.day(required=True, past=True, begins="today")
    written: bool = fields.flag()
    village_told_on: date | None = fields.day(past=True, after="refused_on")
    family_told_on: date | None = fields.day(past=True, after="refused_on")
    asked_on: date | None = fields.day(past=True, after="refused_on")
    withdrawn_on: date | None = fields.day(past=True, after="refused_on")
    worker: str = fields.text(begins="user")
    content: str = fields.note()

    def faults(self, seen: Situation) -> dict[str, str]:
        """Who took it back is not asked again afterwards."""
        if self.withdrawn_on is not None and self.asked_on is not None and self.asked_on > self.withdrawn_on:
            return {"asked_on": f"撤回（{self.withdrawn_on}）以后不再征询，请核对日期"}
        return {}

    def doubts(self, seen: Situation) -> dict[str, str]:
        """What is only said is easily denied."""
        return {} if self.written or not is_blank(self.content) else {"written": "没有书面声明，请补做或写明情况"}

    def holds_on(self, day: date) -> bool:
        """Tell whether they refuse on a day."""
        begun = self.refused_on is not None and self.refused_on <= day
        return begun and (self.withdrawn_on is None or self.withdrawn_on > day)

    def standing(self) -> str:
        """Return what the person is called meanwhile."""
        return "拒绝帮教"

    def events(self, today: date) -> tuple[Event, ...]:
        """The declaration with who was told of it; its end on a day of its own."""
        told = (
            "书面声明" if self.written else "口头表示",
            f"告知村（居） {self.village_told_on}" if self.village_told_on else "",
            f"告知家属 {self.family_told_on}" if self.family_told_on else "",
            f"再次征询 {self.asked_on}" if self.asked_on else "", self.content,
        )  # fmt: skip
        declared = self._event("拒绝帮教", *told)
        if self.withdrawn_on is None:
            return (declared,)
        kind = self.KIND
        taken_back = Event(self.withdrawn_on, kind.name, "撤回拒绝，恢复帮教", "", False, self.id, "done", kind.name)
        return (declared, taken_back)

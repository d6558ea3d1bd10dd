"""Placements (安置)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record


@dataclass(frozen=True, kw_only=True)
class Placement(Record):
    """A placement (安置); `on_roster` marks the one that stands in the person's line of the 人员 sheet."""

    KIND: ClassVar[Facts] = Facts(
        "placement",
        "安置",
        day="placed_on",
        summary=("kind", "employer"),
        match=("placed_on", "kind"),
        tone="done",
        after_release=True,
        on_line=True,
    )

    placed_on: date | None = fields.day(required=True, past=True, begins="today")
    kind: str = fields.code("placement_kind", required=True)
    employer: str = fields.text()
    ended_on: date | None = fields.day(after="placed_on")
    on_roster: bool = False

    def row(self) -> dict[str, Any]:
        """Its row also says whether it stands in the person's own line."""
        return {**Record.row(self), "on_roster": self.on_roster}

    def events(self, today: date) -> tuple[Event, ...]:
        """Its beginning, and its end where it has ended."""
        began = self._event(f"安置：{self.word('kind')}", self.employer)
        if self.ended_on is None:
            return (began,)
        ended = replace(
            began, on=self.ended_on, kind="placement_end", title=f"安置结束：{self.word('kind')}", tone="sealed"
        )
        return (began, ended)

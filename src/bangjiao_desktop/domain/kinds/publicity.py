"""Cards, brochures and books: what came in, what was handed out (宣传品)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.kinds import fields
from bangjiao_desktop.domain.kinds.record import Event, Facts, Record


@dataclass(frozen=True, kw_only=True)
class Handout(Record):
    """Cards, brochures or law books handed out (发放), to a person or at large."""

    KIND: ClassVar[Facts] = Facts(
        "handout",
        "发放",
        day="handed_on",
        summary=("kind", "copies"),
        about="maybe",
        together=True,
    )

    handed_on: date | None = fields.day(required=True, past=True, begins="today")
    kind: str = fields.code("publicity_kind", required=True)
    copies: int | None = fields.count(required=True, begins="1")
    title: str = fields.text()

    def events(self, today: date) -> tuple[Event, ...]:
        """What, and how many."""
        return (self._event("发放" + self.word("kind"), self.title, f"{self.copies} 份"),)


@dataclass(frozen=True, kw_only=True)
class StockMovement(Record):
    """Cards, brochures or books that came into stock (宣传品入库)."""

    KIND: ClassVar[Facts] = Facts(
        "stock_movement",
        "宣传品入库",
        day="moved_on",
        summary=("kind", "copies"),
        match=("moved_on", "kind", "title", "office"),
        about="nobody",
    )

    moved_on: date | None = fields.day(required=True, past=True, begins="today")
    kind: str = fields.code("publicity_kind", required=True)
    title: str = fields.text()
    copies: int | None = fields.count(required=True)
    source: str = fields.text()

"""One release of a person and the assistance after it (帮教期次). DOMAIN.md §1, §5."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS, Person, Status
from bangjiao_desktop.domain.kinds.record import Record

State = Status


@dataclass(frozen=True, kw_only=True)
class Episode:
    """A release as the ledger keeps it, with what ended it.

    Attributes:
        number: which of the person's it is, 1, 2, …
        release: the person as this release has them: its own data, standing and end of term in a person's fields.
        changed_on, reason: the day it ended and the code of change_reason; None for one still open.
        records_from, records_until: the days whose records belong to it, the second day not included.
    """

    FIELDS: ClassVar[tuple[str, ...]] = Person.OF_EPISODE

    id: uuid.UUID
    revision: int
    person_id: uuid.UUID
    number: int
    release: Person
    changed_on: date | None
    reason: str | None
    records_from: date
    records_until: date

    def has(self, day: date | None) -> bool:
        """Tell whether a record of that day belongs to it; one without a day belongs to each."""
        return day is None or self.records_from <= day < self.records_until

    def state(self, on: date) -> State:
        """Return how it stands on a day."""
        if self.changed_on is not None and self.changed_on <= on:
            return "closed"
        if self.release.release_date is None:
            return "imprisoned"
        if self.release.release_date > on:
            return "expected"
        if self.release.handover_date is None or self.release.handover_date > on:
            return "pending"
        end = self.release.term_end
        return "overdue" if end is not None and end <= on else "registered"

    def called(self, on: date) -> str:
        """Return it in a few words: 第1期 2021–2023 收监."""
        begun = self.release.release_date
        years = "" if begun is None else str(begun.year)
        if begun is not None:
            if self.changed_on is None:
                years += "–"
            elif self.changed_on.year != begun.year:
                years += f"–{self.changed_on.year}"
        state = self.state(on)
        word = self._left() if state == "closed" else STATUS_LABELS[state]
        return " ".join(part for part in (f"第{self.number}期", years, word) if part)

    def _left(self) -> str:
        word = code_table("change_reason").label(self.reason) if self.reason else ""
        return {"重新犯罪收监": "收监", "期满解除": "解除"}.get(word, word)


_BEFORE_RELEASE = ("release_notice", "handover_step")
"""Kinds of what is told and found out before a release."""


def episode_of(record: Record, episodes: Sequence[Episode]) -> Episode | None:
    """Return the release a record belongs to (DOMAIN.md §5); None for one without a day, which belongs to each.

    That is the last release by then; of a reoffence the last before that day; of a change the one it ended; of what is
    told before a release the one that is to come.

    Args:
        record: about the person.
        episodes: all of the person's, the first first.
    """
    day = record.day
    if day is None:
        return None
    kind = record.KIND.name
    place = next((number for number, one in enumerate(episodes) if one.has(day)), None)
    if place is None:
        return None
    found = episodes[place]
    if kind == "register_change" and found.changed_on != day:
        return next((one for one in episodes if one.changed_on == day), found)
    if kind == "reoffence" and place > 0 and found.release.release_date == day:
        return episodes[place - 1]
    over = found.changed_on is not None and found.changed_on <= day
    if kind in _BEFORE_RELEASE and over and place + 1 < len(episodes):
        return episodes[place + 1]
    return found

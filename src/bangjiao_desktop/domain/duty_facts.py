"""What duties are reckoned from: whom they can be about, and the dates of each person's file (store.reads.duties).

Dates are ISO texts ("" for none): they compare as they are. A person is there with the release that is open, and with
what was done since it.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

# The dates each subject offers to `from`, `done` and `since`; store.reads.duties answers them under these names.
EVENTS: dict[str, tuple[str, ...]] = {
    "person": (
        "release", "handover", "term_end", "notice", "told", "filed", "agreed", "reported", "escort", "decided", "support",
        "visit", "home_visit", "promised", "assessed", "placed", "card", "brochure", "book",
    ),
    "notice": ("received",),
    "need": ("touched",),
    "lost": ("searched",),
    "commission": ("returned",),
    "transfer": ("proposed",),
    "refusal": ("declared", "asked", "told", "written"),
    "unmet": ("attempted", "told"),
    "office": (),
}  # fmt: skip


class DutySubject(NamedTuple):
    """Whom or what a duty is about (a named tuple, as the duty is).

    Attributes:
        id: key of the person, or of the office; None for a sealed file that must not be seen.
        office_id, office_name: who is responsible.
        identity_number, name, caseworker, sealed, risk: of the person; an office has its name alone.
        record_id: key of the notice, need, loss, commission, move or refusal it is about; None for others.
        label: what that is called; of somebody who was not met, what was tried; of an office, the period.
    """

    id: uuid.UUID | None
    office_id: uuid.UUID
    identity_number: str
    name: str
    caseworker: str
    sealed: bool
    risk: str
    office_name: str = ""
    record_id: uuid.UUID | None = None
    label: str = ""

    @classmethod
    def of(
        cls, facts: Sequence[Any], key: uuid.UUID, office_id: uuid.UUID, office_name: str,
        record_id: uuid.UUID | None = None, label: str = "",
    ) -> "DutySubject":  # fmt: skip
        """Return the person of a tuple of facts (PERSON_FACTS), whose keys are as the driver has them."""
        number, name, caseworker, sealed, risk = facts[2 : len(HEAD)]
        return cls(key, office_id, number, name, caseworker, bool(sealed), risk, office_name, record_id, label)


class OtherFacts(NamedTuple):
    """A notice, need, loss, commission or refusal duties follow from, or that somebody was not met.

    Attributes:
        about: the person, and the record.
        handover: the day the person was handed over, "" for none.
        since: the day of the first of its events (EVENTS).
        further: its other events, by name.
        attempts: of somebody who was not met: the days it was tried since they were met last, the first first.
    """

    about: DutySubject
    handover: str
    since: str
    further: Mapping[str, str] = MappingProxyType({})
    attempts: tuple[str, ...] = ()

    def day(self, event: str) -> str:
        """Return the day of an event, "" for none."""
        return self.further.get(event, self.since)


class OfficeFacts(NamedTuple):
    """An office, for its reports.

    Attributes:
        about: the office.
        pending: people not handed over.
        filed: (report code, period key) of what it filed.
    """

    about: DutySubject
    pending: int
    filed: Collection[tuple[str, str]]


# What duties show of a person, what key-person criteria ask, and then the dates: the order of a tuple of facts.
HEAD = ("id", "office_id", "identity_number", "name", "caseworker", "sealed", "risk")
CRITERIA = ("sanwu", "recidivist", "drug_history", "mental_disorder", "prison_warning", "offence")
PERSON_FACTS = (*HEAD, *CRITERIA, "escort_required", "minor_unsealed", "residence", *EVENTS["person"])
PLACES = {name: place for place, name in enumerate(PERSON_FACTS)}


def _as_it_is(key: Any) -> Any:
    return key


@dataclass(frozen=True)
class Facts:
    """What duties are reckoned from.

    Attributes:
        people: one tuple for everybody not off the register, in the order of PERSON_FACTS: their open release, and
            only what was done since it (before it, what was done for it).
        others: subject of EVENTS → what is known of each.
        offices: all of them, or the one that is asked for.
        key: makes a UUID of the keys in `people`: tens of thousands are only compared, those of a duty are told.
        further: (event of BY_METHOD, methods) → place in a tuple, where rules count by other methods than the
            column of that name does.
    """

    people: Sequence[Sequence[Any]]
    others: Mapping[str, Sequence[OtherFacts]]
    offices: Sequence[OfficeFacts]
    key: Callable[[Any], Any] = _as_it_is
    further: Mapping[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)

    def place(self, event: str, methods: tuple[str, ...]) -> int:
        """Return the place of an event in a person's tuple as a rule that counts these methods counts it; -1 for none."""
        return self.further.get((event, methods), PLACES.get(event, -1))

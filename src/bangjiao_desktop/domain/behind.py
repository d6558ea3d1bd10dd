"""Who or what stands behind a figure: people and records as explanations show them."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from bangjiao_desktop.domain.kinds.record import Record

Amount = int | Decimal


@dataclass(frozen=True, kw_only=True)
class PersonBehind:
    """A person behind a figure; of a sealed file that must not be seen only its office and what it counts is told.

    Attributes:
        id: the key; None for such a sealed file, as is everything else that is not told.
        office_name: of the office that counts it: the one responsible on the day the figure looks at.
        episode: which of their releases it is about, 1, 2, … (帮教期次); None of a sealed file that must not be seen.
        episodes: how many they have; None as well.
        changed_on, reason: the day they left the register and the code of change_reason; None for who is on it.
        counted: whether the numerator of a rate counts them too; None where the figure is no rate.
    """

    id: uuid.UUID | None = None
    name: str
    identity_number: str = ""
    sex: str | None = None
    birth_date: date | None = None
    telephone: str | None = None
    release_date: date | None = None
    handover_date: date | None = None
    term_end: date | None = None
    risk: str | None = None
    category: str | None = None
    caseworker: str | None = None
    sealed: bool
    changed_on: date | None = None
    reason: str | None = None
    episode: int | None = None
    episodes: int | None = None
    office_name: str
    counted: bool | None = None

    @classmethod
    def kept(cls, row: dict[str, Any]) -> Self:
        """Return the person of a row that has these columns; the row is given away, not copied (`Record.kept`)."""
        made = object.__new__(cls)
        object.__setattr__(made, "__dict__", row)
        return made

    @property
    def release(self) -> str:
        """Which release in words, "" for who has one only."""
        return f"第{self.episode}期" if (self.episodes or 0) > 1 else ""

    @property
    def amount(self) -> Amount:
        """What the person adds to a figure of people."""
        return 1

    @property
    def person(self) -> uuid.UUID | None:
        """The key of the person, None where it is not told."""
        return self.id


@dataclass(frozen=True, kw_only=True)
class RecordBehind:
    """A record behind a figure; of a sealed file that must not be seen only its office and what it adds is told.

    Attributes:
        record: as its table keeps it; None for such a sealed file.
        office_id, office_name: of the office it belongs to.
        person_name, identity_number: of whom it is about; None for a kind that is about nobody, or where nobody is named.
        person_sealed: their file is sealed.
        amount: what it adds to the figure, 1 for a count.
        counted: whether the numerator of a rate counts it too; None where the figure is no rate.
    """

    record: Record | None
    office_id: uuid.UUID
    office_name: str
    person_name: str | None = None
    identity_number: str | None = None
    person_sealed: bool = False
    amount: Amount = 1
    counted: bool | None = None

    @property
    def id(self) -> uuid.UUID | None:
        """The key of the record, None where it is not told."""
        return None if self.record is None else self.record.id

    @property
    def person(self) -> uuid.UUID | None:
        """The key of whom it is about, None for nobody and where it is not told."""
        return None if self.record is None else self.record.person_id

    @property
    def name(self) -> str:
        """Whom it is about, or what it is called."""
        return str(self.person_name or getattr(self.record, "title", "") or getattr(self.record, "number", "") or "")


Behind = PersonBehind | RecordBehind

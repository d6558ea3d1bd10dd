"""What a list of work records is asked for: which kind, which of them, in which order."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Self

from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.layout import Kind
from bangjiao_desktop.domain.sight import SEALED_NAME, typed_texts, unnamed_person

UNDO_DAYS = 30


@dataclass(frozen=True)
class WorkFilter:
    """Which records are listed.

    Attributes:
        kind: the kind of record (domain.layout).
        text: typed: a person's name, pinyin, number; or a word in the record's own texts.
        office_id: one office; None for all.
        first, last: days the record's own day lies between, both included.
        codes: field → code (or True/False for a flag).
        person_id: only this person's.
        withheld: records the law seals of itself, too (domain.withheld).
    """

    kind: str
    text: str = ""
    office_id: uuid.UUID | None = None
    first: date | None = None
    last: date | None = None
    codes: Mapping[str, Any] = field(default_factory=dict)
    person_id: uuid.UUID | None = None
    withheld: bool = False


@dataclass(frozen=True)
class WorkSort:
    """A field of the kind, "person_name" or "office"; "" for the record's own day."""

    column: str = ""
    descending: bool = True


@dataclass(frozen=True)
class Deleted:
    """A record that can be brought back: its kind (or "attachment"), key, when it was deleted (UTC), what it said."""

    kind: str
    id: uuid.UUID
    at: datetime
    brief: str


@dataclass(frozen=True, kw_only=True)
class ListedRecord:
    """A record as lists show it, as it may be seen.

    Attributes:
        id, revision: of the record.
        record: itself, with what its reference points to.
        office_name: of the office it belongs to.
        deleted_at: when it was deleted (UTC); None for a live one.
        person_name, identity_number: of whom it is about; None for nobody, and where they were deleted.
        person_sealed: whether their file is sealed.
        sort_value: what it is sorted by.
        occupied: how many people are placed with an employer.
    """

    id: uuid.UUID
    revision: int
    record: Record
    office_name: str
    deleted_at: datetime | None = None
    person_name: str | None = None
    identity_number: str | None = None
    person_sealed: bool | None = None
    sort_value: Any = None
    occupied: int = 0

    @classmethod
    def kept(cls, told: dict[str, Any]) -> Self:
        """Return the record of a list of which this is told; it is given away, not copied (`Record.kept`)."""
        made = object.__new__(cls)
        object.__setattr__(made, "__dict__", told)
        return made

    @property
    def person_id(self) -> uuid.UUID | None:
        """Whom it is about."""
        return self.record.person_id


def unnamed_record(row: ListedRecord) -> ListedRecord:
    """Return a record of a list that leaves the program; that of a sealed file without whom it is about."""
    if isinstance(row.record, Person):
        return replace(row, record=unnamed_person(row.record), sort_value="") if row.record.sealed else row
    if not row.person_sealed:
        return row
    hidden: dict[str, Any] = dict.fromkeys(typed_texts() & row.record.specs().keys(), "")
    record = replace(row.record, **hidden, person_id=None)
    return replace(row, record=record, person_name=SEALED_NAME, identity_number="", sort_value="")


@dataclass(frozen=True)
class WorkPage:
    """Some records of a list, and where the next page begins."""

    rows: list[ListedRecord]
    following: tuple[Any, uuid.UUID] | None


def sort_field(kind: Kind) -> str:
    """Return the field a kind is ordered by at first."""
    return kind.day or "created_at"

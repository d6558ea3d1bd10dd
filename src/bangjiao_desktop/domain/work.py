"""What a list of work records is asked for: which kind, which of them, in which order."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bangjiao_desktop.domain.layout import Kind

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
    """

    kind: str
    text: str = ""
    office_id: uuid.UUID | None = None
    first: date | None = None
    last: date | None = None
    codes: Mapping[str, Any] = field(default_factory=dict)
    person_id: uuid.UUID | None = None


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


@dataclass(frozen=True)
class WorkPage:
    """Rows (every column of the record, person_name, identity_number, person_sealed, office_name), and what follows."""

    rows: list[dict[str, Any]]
    following: tuple[Any, uuid.UUID] | None


def sort_field(kind: Kind) -> str:
    """Return the field a kind is ordered by at first."""
    return kind.day or "created_at"

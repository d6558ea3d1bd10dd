"""What the ledger is asked for and what it answers: filter, order, page, the states of a person."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from bangjiao_desktop.domain.kinds.person import PersonLine, Status
from bangjiao_desktop.domain.ledger_columns import ColumnFilter
from bangjiao_desktop.domain.roles import Role

Apart = Literal["refused", "lost"]
APART_LABELS: dict[Apart, str] = {"refused": "拒绝帮教", "lost": "失联（脱管漏管）"}
"""Who stands apart from the others, whatever their state."""


# The columns the ledger can be sorted by; `store.reads.ledger` says what stands behind each.
SORTABLE = (
    "name", "identity_number", "birth_date", "sex", "release_date", "term_end", "risk", "category", "caseworker",
    "offence", "prison", "residence_address", "residence_type", "handover_date", "handover_mode", "office",
)  # fmt: skip
PAGE = 150
FIRST_PAGE = 60  # rows of the first look: more than any screen shows


BACKUP_SUFFIX = ".bjbak"  # a backup: one file with the encrypted database and the key file


@dataclass(frozen=True)
class LedgerFilter:
    """Which people are shown.

    Attributes:
        text: typed in the search box: name, pinyin, initials, identity number, telephone, address, notes.
        office_id: one office; None for all.
        status: "imprisoned" 在押, "expected" 待释放, "pending" 未衔接, "registered" 在册, "overdue" 到期未解除, "closed" 已解除或变动.
        risk: code of risk; None for all.
        residence_type: code of residence_type; None for all.
        without_card: only people on the register who never got a contact card.
        apart: "refused" only who declared that they do not want assistance, "lost" only who is missed or lost from sight;
            None for all.
        again: only who was released more than once (再次释放).
        chapter: code of offence_chapter of the latest offence; None for all.
        people: only these, whatever else is asked; None for all.
        on: the day on which the status is asked; None for the day of who asks (`store` wants one).
        columns: what single columns must be.
    """

    text: str = ""
    office_id: uuid.UUID | None = None
    status: Status | None = None
    risk: str | None = None
    residence_type: str | None = None
    without_card: bool = False
    apart: Apart | None = None
    again: bool = False
    people: tuple[uuid.UUID, ...] | None = None
    on: date | None = None
    chapter: str | None = None
    columns: tuple[ColumnFilter, ...] = ()

    def dated(self, today: date) -> "LedgerFilter":
        """Return the filter with the day it asks about: its own, or today."""
        return self if self.on is not None else replace(self, on=today)

    @property
    def day(self) -> date:
        """The day it asks about; a filter that reaches the store has one."""
        assert self.on is not None, "LedgerFilter.dated was not called"
        return self.on


@dataclass(frozen=True)
class LedgerSort:
    """A column of `SORTABLE` and the direction."""

    column: str = "release_date"
    descending: bool = True


@dataclass(frozen=True)
class LedgerPage:
    """People, and where the next page begins (None at the end)."""

    rows: list[PersonLine]
    following: tuple[Any, uuid.UUID] | None


@dataclass(frozen=True)
class OfficeInfo:
    """An office as the other rooms see it: key, name and what stands on its cards, letters and brochures.

    Attributes:
        remind_from: the day from which it is reminded of what is due; None for always, and where nobody asked for it.
        revision: of its row as it was read; 0 where nobody asked for it.
    """

    id: Any
    name: str
    telephone: str
    address: str
    post_code: str = ""
    office_hours: str = ""
    mediator: str = ""
    mediator_telephone: str = ""
    remind_from: date | None = field(default=None, compare=False)
    revision: int = field(default=0, compare=False)


@dataclass(frozen=True)
class FirstLook:
    """What the window shows first: bureau, offices, the user's role and authority, the first page of the ledger.

    Attributes:
        change_number: of the ledger as it was read; 0 where it is not known.
    """

    bureau: str
    offices: tuple[OfficeInfo, ...]
    page: LedgerPage
    role: Role
    sees_sealed: bool
    change_number: int = 0

"""Overviews for the window: everybody against the four needs, calendar, stock, what was done lately."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bangjiao_desktop.domain.acts import ACTIONS
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.layout import kind_of, ledger_kinds
from bangjiao_desktop.domain.overview import CalendarEntry, NeedsLine
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.arguments import rows_wanted
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.store.reads import overview as store
from bangjiao_desktop.store.reads import reads, records
from bangjiao_desktop.store.writes import audit


@dataclass(frozen=True)
class Recent:
    """Something recorded lately: when (local time), by whom, what, about whom (key for opening)."""

    at: datetime
    account: str
    text: str
    person_id: uuid.UUID | None


@dataclass(frozen=True)
class NeedsPage:
    """One page of people with their needs, and where the next goes on; None if there is none."""

    rows: list[NeedsLine]
    following: tuple[date, str, uuid.UUID] | None


@needs(Permission.SEE_PEOPLE)
def needs_page(
    session: Session, *, office_id: uuid.UUID | None = None, kind: str = "", open_only: bool = True,
    after: tuple[date, str, uuid.UUID] | None = None, limit: int = 150,
) -> NeedsPage:  # fmt: skip
    """Return people with their four needs (store.reads.overview.needs_page), who is stuck longest first."""
    if kind not in ("", *code_table("need_kind").codes):
        raise InvalidInputError(f"没有代码为“{kind}”的需求。")
    wanted = store.NeedsFilter(session.today(), office_id, kind, open_only)
    with session.ledger.read() as connection:
        return NeedsPage(*store.needs_page(connection, sight_of(session), wanted, after, rows_wanted(limit)))


@needs(Permission.SEE_PEOPLE)
def needs_summary(session: Session, office_id: uuid.UUID | None = None) -> dict[tuple[str, str], int]:
    """Return (kind of need, status) → number of people on the register, sealed files counted."""
    with session.ledger.read() as connection:
        return store.needs_summary(connection, store.NeedsFilter(session.today(), office_id))


@needs(Permission.SEE_PEOPLE)
def calendar(session: Session, first: date, last: date, office_id: uuid.UUID | None = None) -> list[CalendarEntry]:
    """Return releases and ends of terms between two days."""
    with session.ledger.read() as connection:
        return store.calendar(connection, sight_of(session), first, last, office_id)


@needs(Permission.SEE_PEOPLE)
def stock(session: Session, office_id: uuid.UUID | None = None) -> dict[str, tuple[int, int]]:
    """Return kind of publicity → (came in, handed out since)."""
    with session.ledger.read() as connection:
        return store.stock(connection, office_id)


@needs(Permission.SEE_PEOPLE)
def recent(session: Session, limit: int = 12) -> list[Recent]:
    """Return what was recorded lately about people, the latest first; sealed files only to those with authority."""
    models = {sheet.key for sheet in ledger_kinds()}
    since = session.today() - timedelta(days=60)
    sight, limit = sight_of(session), rows_wanted(limit)
    with session.ledger.read() as connection:
        entries = [
            entry
            for entry in audit.entries(connection, first=since, limit=limit * 8)
            if entry["subject"] in models and entry["action"] in ("insert", "update", "delete", "restore")
        ]
        owners = records.owners(connection, ((entry["subject"], entry["subject_id"]) for entry in entries))
        names = reads.open_names(connection, sight, set(owners.values()))
    found: list[Recent] = []
    for entry in entries:
        person_id = owners.get((entry["subject"], entry["subject_id"]))
        if person_id is None or person_id not in names:
            continue
        what = f"{ACTIONS[entry['action']]}{kind_of(entry['subject']).title}"
        at = datetime.fromisoformat(entry["at"]).astimezone()
        found.append(Recent(at, entry["account"], f"{names[person_id]} · {what}", person_id))
    return found[:limit]

"""Overviews over the whole ledger: everybody against the four needs, what stands in the calendar, stock, hosts."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Date, Select, and_, case, func, literal, or_, select, tuple_

from bangjiao_desktop.domain.overview import CalendarEntry, NeedsLine, NeedState
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.store.reads.register import registered_on, with_change
from bangjiao_desktop.store.tables.casework_models import Host, Need, NeedAction, StockMovement
from bangjiao_desktop.store.tables.models import Handout, Office, Person, Placement, RegisterChange
from bangjiao_desktop.store.writes.dialect import unsealed

Query = Select[*tuple[Any, ...]]
NeedsPlace = tuple[date, str, uuid.UUID]
_KINDS = "1234"
_OPEN = ("02", "03")
_NEVER = date(9999, 12, 31)


@dataclass(frozen=True)
class NeedsFilter:
    """Which people stand in the overview.

    Attributes:
        office_id: one office; None for all.
        kind: people with this need open; "" for any.
        open_only: only people with an open need.
        on: the day.
    """

    on: date
    office_id: uuid.UUID | None = None
    kind: str = ""
    open_only: bool = True


def needs_page(
    connection: Connection, sight: Sight, wanted: NeedsFilter, after: NeedsPlace | None, limit: int
) -> tuple[list[NeedsLine], NeedsPlace | None]:
    """Return people on the register with their four needs, who is stuck longest first; sealed files only with authority.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen.
        wanted: which people.
        after: what the page before gave beside its rows; None for the first.
        limit: rows at most.

    Returns:
        The rows, and where the next page goes on; None where there is none.
    """
    acted = (
        select(NeedAction.person_id, NeedAction.kind, func.max(NeedAction.acted_on).label("acted_on"))
        .where(NeedAction.deleted_at.is_(None))
        .group_by(NeedAction.person_id, NeedAction.kind)
        .subquery()
    )
    touched = case((acted.c.acted_on > Need.since_on, acted.c.acted_on), else_=Need.since_on)
    by_kind: list[ColumnElement[Any]] = []
    for code in _KINDS:
        is_kind = Need.kind == code
        by_kind += [
            func.max(case((is_kind, Need.status))).label(f"status_{code}"),
            func.max(case((is_kind, Need.since_on))).label(f"since_{code}"),
            func.max(case((is_kind, acted.c.acted_on))).label(f"acted_{code}"),
        ]
    stuck = func.min(case((Need.status.in_(_OPEN), touched)), type_=Date())
    needs = (
        select(Need.person_id, *by_kind, stuck.label("stuck_since"))
        .select_from(
            Need.__table__.outerjoin(acted, and_(acted.c.person_id == Need.person_id, acted.c.kind == Need.kind))
        )
        .where(Need.deleted_at.is_(None))
        .group_by(Need.person_id)
        .subquery()
    )
    columns = [column for column in needs.c if column.name != "person_id"]
    statement = (
        select(
            Person.id,
            Person.name,
            Person.name_pinyin,
            Person.caseworker,
            Person.risk,
            Person.sealed,
            Office.name.label("office_name"),
            *columns,
        )
        .select_from(_registered_source().outerjoin(needs, needs.c.person_id == Person.id))
        .where(Person.deleted_at.is_(None), registered_on(wanted.on))
    )
    if not sight.sealed:
        statement = statement.where(Person.sealed.is_(False))
    if wanted.office_id is not None:
        statement = statement.where(Person.office_id == wanted.office_id)
    if wanted.kind:
        statement = statement.where(needs.c[f"status_{wanted.kind}"].in_(_OPEN))
    elif wanted.open_only:
        statement = statement.where(needs.c.stuck_since.is_not(None))
    # who is stuck nowhere comes last: a keyset cannot compare with NULL
    key = func.coalesce(needs.c.stuck_since, literal(_NEVER, needs.c.stuck_since.type))
    named = func.coalesce(unsealed(Person.name_pinyin.expression), "")
    if after is not None:
        day, name, identifier = after
        here = tuple_(literal(day, needs.c.stuck_since.type), literal(name), literal(identifier, Person.id.type))
        statement = statement.where(tuple_(key, named, Person.id) > here)
    order = (key, named, Person.id)
    found = [dict(row) for row in connection.execute(statement.order_by(*order).limit(limit + 1)).mappings()]
    rows, last = found[:limit], found[limit - 1] if len(found) > limit else None
    following = None if last is None else (last["stuck_since"] or _NEVER, last["name_pinyin"], last["id"])
    return [_needs_line(sight.row(row)) for row in rows], following


def _needs_line(row: dict[str, Any]) -> NeedsLine:
    needs = {
        code: NeedState(row[f"status_{code}"], row[f"since_{code}"], row[f"acted_{code}"])
        for code in _KINDS
        if row[f"status_{code}"] is not None
    }
    return NeedsLine(
        row["id"], row["name"], row["caseworker"], row["office_name"], row["risk"], row["sealed"], needs,
        row["stuck_since"],
    )  # fmt: skip


def needs_summary(connection: Connection, wanted: NeedsFilter) -> dict[tuple[str, str], int]:
    """Return (kind, status) → number of people on the register."""
    statement = (
        select(Need.kind, Need.status, func.count())
        .select_from(_registered_source().join(Need, Need.person_id == Person.id))
        .where(Person.deleted_at.is_(None), Need.deleted_at.is_(None), registered_on(wanted.on))
        .group_by(Need.kind, Need.status)
    )
    if wanted.office_id is not None:
        statement = statement.where(Person.office_id == wanted.office_id)
    return {(row[0], row[1]): row[2] for row in connection.execute(statement)}


def calendar(
    connection: Connection, sight: Sight, first: date, last: date, office_id: uuid.UUID | None
) -> list[CalendarEntry]:
    """Return the releases and ends of terms between two days, by day and name."""
    found: list[CalendarEntry] = []
    wanted: tuple[tuple[Literal["release", "term_end"], Any, ColumnElement[bool]], ...] = (
        ("release", Person.release_date, or_(Person.handover_date.is_(None), Person.handover_date >= first)),
        ("term_end", Person.term_end, Person.handover_date.is_not(None)),
    )
    for kind, day, condition in wanted:
        statement = (
            select(day.label("on"), Person.id, Person.name, Person.sealed, Office.name.label("office_name"))
            .select_from(_registered_source())
            .where(
                Person.deleted_at.is_(None), RegisterChange.changed_on.is_(None), day.between(first, last), condition
            )
        )
        if not sight.sealed:
            statement = statement.where(Person.sealed.is_(False))
        if office_id is not None:
            statement = statement.where(Person.office_id == office_id)
        found.extend(
            CalendarEntry(kind=kind, **sight.row(dict(row))) for row in connection.execute(statement).mappings()
        )
    return sorted(found, key=lambda one: (one.on, one.name))


def stock(connection: Connection, office_id: uuid.UUID | None) -> dict[str, tuple[int, int]]:
    """Return kind of publicity → copies that came in, copies handed out since the first came in."""
    came = select(StockMovement.kind, func.sum(StockMovement.copies), func.min(StockMovement.moved_on)).where(
        StockMovement.deleted_at.is_(None)
    )
    if office_id is not None:
        came = came.where(StockMovement.office_id == office_id)
    found: dict[str, tuple[int, int]] = {}
    for kind, copies, since in connection.execute(came.group_by(StockMovement.kind)):
        given = select(func.coalesce(func.sum(Handout.copies), 0)).where(
            Handout.deleted_at.is_(None), Handout.kind == kind, Handout.handed_on >= since
        )
        if office_id is not None:
            given = given.where(Handout.office_id == office_id)
        found[kind] = (int(copies or 0), int(connection.execute(given).scalar_one()))
    return found


def host_occupancy(connection: Connection, on: date) -> dict[str, int]:
    """Return name of a base or employer → people placed there on a day."""
    statement = (
        select(Host.name, func.count(func.distinct(Placement.person_id)))
        .select_from(Host.__table__.join(Placement.__table__, Placement.employer == Host.name))
        .where(
            Host.deleted_at.is_(None), Placement.deleted_at.is_(None), Placement.placed_on <= on,
            or_(Placement.ended_on.is_(None), Placement.ended_on > on),
        )
        .group_by(Host.name)
    )  # fmt: skip
    return {row[0]: row[1] for row in connection.execute(statement)}


def _registered_source() -> Any:
    return with_change(Person.__table__.join(Office.__table__, Office.id == Person.office_id))

"""The columns of the ledger in SQL: what a cell holds, what a filter of a column asks, which values there are."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, not_, or_, select, true

from bangjiao_desktop.domain.ledger_columns import FLAGS, TYPED, ColumnFilter, require_filtered, require_values
from bangjiao_desktop.store.reads.contacts import met
from bangjiao_desktop.store.reads.register import of_latest_release
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables.models import Office, Person, Placement, RegisterChange, SupportRecord
from bangjiao_desktop.store.writes.dialect import unsealed

_ESCAPE = "\\"


@lru_cache(maxsize=8)
def status_on(on: date) -> ColumnElement[str]:
    """Return how a person stands on a day (domain.kinds.person.Status); joined are their change and nothing else."""
    return case(
        (RegisterChange.changed_on <= on, "closed"),
        (Person.release_date.is_(None), "imprisoned"),
        (Person.release_date > on, "expected"),
        (or_(Person.handover_date.is_(None), Person.handover_date > on), "pending"),
        (Person.term_end <= on, "overdue"),
        else_="registered",
    )


def last_support() -> ColumnElement[Any]:
    """Return the day somebody was met last in their latest release."""
    return (
        select(func.max(SupportRecord.happened_on))
        .where(SupportRecord.person_id == Person.id, SupportRecord.deleted_at.is_(None), met)
        .where(of_latest_release(SupportRecord.happened_on))
        .scalar_subquery()
    )


def placement_on(on: date) -> ColumnElement[Any]:
    """Return the code of the placement in force on a day, in the latest release."""
    return (
        select(Placement.kind)
        .where(
            Placement.person_id == Person.id,
            Placement.deleted_at.is_(None),
            of_latest_release(Placement.placed_on),
            Placement.placed_on <= on,
            or_(Placement.ended_on.is_(None), Placement.ended_on > on),
        )
        .order_by(Placement.placed_on.desc(), Placement.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def cell(column: str, on: date) -> ColumnElement[Any]:
    """Return what a column of the ledger holds, as it can be compared where files are sealed.

    Args:
        column: of domain.ledger_columns.FILTERED.
        on: the day.

    Raises:
        InvalidInputError: it is not filtered.
    """
    require_filtered(column)
    match column:
        case "status":
            return status_on(on)
        case "last_support_on":
            return last_support()
        case "placement_kind":
            return placement_on(on)
        case "office_name":
            return Office.name.expression
    return unsealed(Person.__table__.c[column])


def asked(wanted: ColumnFilter, on: date, veil: Veil | None) -> ColumnElement[bool]:
    """Return the condition of a filter; cells whose text is hidden from who asks are let through by none.

    Raises:
        InvalidInputError: the column is not filtered, or has no such values.
    """
    require_values(wanted)
    held = cell(wanted.column, on)
    sort = require_filtered(wanted.column)
    nothing = held.is_(None) if sort == "days" or wanted.column in FLAGS else or_(held.is_(None), held == "")
    found: list[ColumnElement[bool]] = []
    if sort == "values":
        values = [one for one in wanted.values if one != ""]
        if values:
            found.append(held.in_(values))
        if "" in wanted.values:
            found.append(nothing)
    if wanted.first is not None or wanted.last is not None:
        ends = [] if wanted.first is None else [held >= wanted.first]
        found.append(and_(*ends, *([] if wanted.last is None else [held <= wanted.last])))
    if wanted.holds and (sort == "words" or wanted.column in TYPED):
        found.append(holds(held, wanted.holds))
    if wanted.empty:
        found.append(nothing)
    condition = or_(*found) if found else false()
    return and_(condition, not_(hidden(wanted.column, veil)))


def holds(held: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    """Return the condition that a text holds some words, whatever signs are among them; of no words, nothing."""
    if not words:
        return true()
    sought = words.replace(_ESCAPE, _ESCAPE * 2).replace("%", _ESCAPE + "%").replace("_", _ESCAPE + "_")
    return held.like(f"%{sought}%", escape=_ESCAPE)


def hidden(column: str, veil: Veil | None) -> ColumnElement[bool]:
    """Return the condition that a cell's text is hidden from who asks."""
    known = Person.__table__.c.get(column)
    return false() if veil is None or not veil.active or known is None else veil.tells(known)

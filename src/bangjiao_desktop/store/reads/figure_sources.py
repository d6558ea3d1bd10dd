"""Releases and records in SQL as a day sees them (DOMAIN.md §5): who is registered, what holds, which release a record is of.

A condition over `Episode` and `Standing` chooses one standing of each release; `people_source` and `record_source` are what
figures and explanations read from.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, or_

from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import Handout, OfficeRow, Person, Relief, Reoffence, SupportRecord

Condition = ColumnElement[bool]
Query = Select[*tuple[Any, ...]]


def registered_on(day: date) -> Condition:
    """在册: handed over by the end of the day, and no change by the end of the day."""
    return and_(Episode.handover_date <= day, or_(Episode.changed_on.is_(None), Episode.changed_on > day))


def held_on(day: Any) -> Condition:
    """The standing of a day: a date, or a column of the record or the episode."""
    return and_(Standing.valid_from <= day, Standing.valid_until > day)


held_when_left = or_(
    and_(  # the day before the change
        Episode.changed_on > Episode.handover_date,
        Standing.valid_from < Episode.changed_on,
        Standing.valid_until >= Episode.changed_on,
    ),
    and_(or_(Episode.handover_date.is_(None), Episode.changed_on <= Episode.handover_date),
         held_on(func.coalesce(Episode.handover_date, Episode.changed_on))),
)  # fmt: skip
"""The standing of the day before somebody left, not before the handover."""


def within(day: Any) -> Condition:
    """A record of that day belongs to the episode."""
    return and_(Episode.records_from <= day, Episode.records_until > day)


def within_or_without(day: Any) -> Condition:
    """A record of that day belongs to the episode; one without a day belongs to each."""
    return or_(day.is_(None), within(day))


def people_source() -> FromClause:
    """Return people with their episodes and the standings of these; a condition chooses one standing of each."""
    mine = and_(Person.id == Episode.person_id, Person.deleted_at.is_(None))
    return releases().join(Person.__table__, mine)


def releases() -> FromClause:
    """Episodes with their standings; both are deleted and come back with their person (`Writer`), who is not asked."""
    return Episode.__table__.join(
        Standing.__table__, and_(Standing.episode_id == Episode.id, Standing.deleted_at.is_(None))
    )


def owner_of(model: type[OfficeRow]) -> type[OfficeRow]:
    """Return the table that tells the office a record counts for: of those about people, the standing of its day."""
    return Standing if hasattr(model, "person_id") and model is not Handout else model


RECORD_DAYS: dict[type[OfficeRow], Any] = {
    SupportRecord: SupportRecord.happened_on, Relief: Relief.granted_on, Reoffence: Reoffence.happened_on,
    Handout: Handout.handed_on,
}  # fmt: skip
"""The day of a record, which tells the episode and the standing it belongs to."""


def record_source(model: type[OfficeRow], *, named: bool = False) -> FromClause:
    """Return the records of a table; those about people with them, their episode and the standing of their day.

    Args:
        model: the table.
        named: take only records that name somebody, of a table where they need not.
    """
    source = records_of_releases(model, named=named)
    if owner_of(model) is not Standing and not named:
        return source
    return source.join(Person.__table__, and_(Person.id == Episode.person_id, Person.deleted_at.is_(None)))


def records_of_releases(model: type[OfficeRow], *, named: bool = False) -> FromClause:
    """Return what `record_source` does without the people: to count, nobody needs to be asked for."""
    table: FromClause = model.__table__  # type: ignore[attr-defined]
    if owner_of(model) is not Standing and not named:
        return table
    day = RECORD_DAYS[model]
    belongs = within(day)
    if model is Reoffence:  # the last episode released before that day (DOMAIN.md §5)
        belongs = and_(Episode.records_from < day, Episode.records_until >= day)
    mine = and_(table.c.person_id == Episode.person_id, Episode.deleted_at.is_(None), belongs)
    standing = and_(Standing.episode_id == Episode.id, Standing.deleted_at.is_(None), held_on(day))
    return table.join(Episode.__table__, mine).join(Standing.__table__, standing)


def live(model: type[OfficeRow]) -> Condition:
    """Return the condition that a record was not deleted."""
    return model.deleted_at.is_(None)

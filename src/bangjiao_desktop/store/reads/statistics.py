"""Official figures in SQL, counted by office: a handful of grouped queries from `store.reads.figure_definitions`.

`store.reads.explanations` selects the rows behind one key with the very same condition.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import CTE, Column, ColumnElement, Connection, FromClause, and_, case, func, literal_column, select
from sqlalchemy.sql import visitors

from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.rates import yuan
from bangjiao_desktop.store.reads.figure_definitions import (
    PeopleByRecords,
    PeopleFigure,
    PeriodDefinitions,
    RecordFigure,
    definitions_of,
    people_by_record_keys,
    placement_keys,
)
from bangjiao_desktop.store.reads.figure_sources import (
    Condition,
    Query,
    live,
    owner_of,
    people_source,
    record_source,
    records_of_releases,
    registered_on,
    releases,
)
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import Office, Person, Placement

Counts = dict[str, int | Decimal]


def figures_by_office(
    connection: Connection,
    period: Period,
    office_id: uuid.UUID | None = None,
    wanted: Collection[str] | None = None,
    before: Mapping[uuid.UUID, Counts] | None = None,
) -> dict[uuid.UUID, Counts]:
    """Return every count and amount of a period for each office (rates are formed by the caller).

    Args:
        connection: from `Ledger.read()`.
        period: first and last day included.
        office_id: one office only; default all.
        wanted: keys of the counts asked for; default all. Tables that none of them needs are not read.
        before: the counts of the period that ends the day before this one begins, where they are known: its end is the
            beginning of this one, the same people on the same day.

    Returns:
        Office key → indicator key → int, or Decimal yuan for amounts; offices with nothing have zeros.
    """
    definitions = definitions_of(period)

    def asked(key: str) -> bool:
        return wanted is None or key in wanted

    known = before is not None and all("reg.end" in counts for counts in before.values())
    of_people = {
        key: one for key, one in definitions.people.items() if asked(key) and not (known and key == "reg.begin")
    }
    of_records = {key: one for key, one in definitions.records.items() if asked(key)}
    by_records = [key for key in people_by_record_keys() if asked(key)]
    placed = [key for key in placement_keys() if asked(key)]
    offices = select(Office.id).where(Office.deleted_at.is_(None))
    if office_id is not None:
        offices = offices.where(Office.id == office_id)
    empty: Callable[[], Counts] = lambda: dict.fromkeys(  # noqa: E731 (a fresh dictionary for every office)
        [*of_people, *of_records, *by_records, *placed], 0
    )
    result = {identifier: empty() for identifier in connection.execute(offices).scalars()}

    def add(statement: Query, keys: list[str]) -> None:
        for office, *values in connection.execute(statement):
            if office in result:
                result[office].update(zip(keys, (value or 0 for value in values), strict=True))

    def put(statement: Query, key: Callable[[Any], str]) -> None:
        for office, value, number in connection.execute(statement):
            if office in result and key(value) in result[office]:
                result[office][key(value)] = number

    alike: defaultdict[int, list[str]] = defaultdict(list)
    for key, one in of_people.items():
        alike[id(one.at)].append(key)
    for keys in alike.values():
        add(_counted([of_people[key] for key in keys], office_id), keys)
    for model, named in dict.fromkeys((one.model, one.named) for one in of_records.values()):
        chosen = {key: one for key, one in of_records.items() if (one.model, one.named) == (model, named)}
        owner = owner_of(model)
        statement = select(owner.office_id, *(_aggregate(figure) for figure in chosen.values()))
        statement = statement.select_from(records_of_releases(model, named=named))
        statement = statement.where(live(model), definitions.counted(model))
        add(_grouped(statement, owner, office_id), list(chosen))
    for name, having in definitions.people_by_records.items():
        if any(key == name or (having.split is not None and key.startswith(name)) for key in by_records):
            put(_people_of(definitions, having, office_id), name.__add__)
    if placed:
        put(_placements(definitions, office_id), lambda kind: f"place.by.{kind}")
    if before is not None and known and asked("reg.begin"):
        for office, counts in result.items():
            counts["reg.begin"] = before[office]["reg.end"] if office in before else 0
    if "relief.amount" in of_records:
        for counts in result.values():
            counts["relief.amount"] = yuan(int(counts["relief.amount"]))
    return result


def figures_of_periods(
    connection: Connection,
    periods: Iterable[Period],
    office_id: uuid.UUID | None = None,
    wanted: Collection[str] | None = None,
) -> Iterator[dict[uuid.UUID, Counts]]:
    """Give the counts of each period in turn, as `figures_by_office`; what follows from the one before is not read again.

    Args:
        connection: from `Ledger.read()`.
        periods: in order.
        office_id: one office only; default all.
        wanted: keys of the counts asked for; default all.
    """
    asked = None if wanted is None else {*wanted, *(["reg.end"] if "reg.begin" in wanted else [])}
    last: tuple[Period, dict[uuid.UUID, Counts]] | None = None
    for period in periods:
        before = last[1] if last is not None and last[0].last == period.eve else None
        counts = figures_by_office(connection, period, office_id, asked, before)
        last = period, counts
        yield counts


def total(counts: Mapping[uuid.UUID, Counts]) -> Counts:
    """Add up the counts of offices (people and records belong to one office each, so sums are exact)."""
    summed: Counts = {}
    for one in counts.values():
        for key, value in one.items():
            summed[key] = summed.get(key, 0) + value
    return summed


def in_force(figure: PeopleFigure) -> Condition:
    """Return the condition that an episode counts, with the standing whose office counts it."""
    return and_(Episode.deleted_at.is_(None), figure.at, figure.condition)


def _counted(figures: list[PeopleFigure], office_id: uuid.UUID | None) -> Query:
    """Count figures that count at the same standing."""
    told = any(Person.__table__ in _tables(one.condition) for one in figures)
    statement = select(
        Standing.office_id, *(func.sum(case((one.condition, 1), else_=0)) for one in figures)
    ).select_from(people_source() if told else releases())
    return _grouped(statement.where(Episode.deleted_at.is_(None), figures[0].at), Standing, office_id)


def _tables(condition: Condition) -> set[Any]:
    return {element.table for element in visitors.iterate(condition) if isinstance(element, Column)}


def _aggregate(figure: RecordFigure) -> ColumnElement[Any]:
    amount: Any = 1 if figure.amount is None else func.coalesce(figure.amount, 0)
    return func.sum(case((figure.condition, amount), else_=0))


def _grouped(statement: Query, owner: Any, office_id: uuid.UUID | None) -> Query:
    if office_id is not None:
        statement = statement.where(owner.office_id == office_id)
    return statement.group_by(owner.office_id)


def latest_placements(definitions: PeriodDefinitions) -> Query:
    """Placements in force at the end of the period, ranked within each episode, the latest first."""
    rank = func.row_number().over(partition_by=Episode.id, order_by=(Placement.placed_on.desc(), Placement.id.desc()))
    mine = and_(Placement.person_id == Episode.person_id, definitions.placement_in_force())
    return select(Episode.id.label("episode_id"), Placement.kind, rank.label("rank")).select_from(
        Episode.__table__.join(Placement.__table__, mine)
    ).where(Episode.deleted_at.is_(None), registered_on(definitions.period.last))  # fmt: skip


def _placements(definitions: PeriodDefinitions, office_id: uuid.UUID | None) -> Query:
    latest = _once(latest_placements(definitions))
    rows = (
        select(Standing.office_id, latest.c.kind.label("split"))
        .select_from(releases().join(latest, latest.c.episode_id == Episode.id))
        .where(in_force(definitions.people["place.due"]), latest.c.rank == 1)
    )
    return _numbers(rows, office_id)


def _people_of(definitions: PeriodDefinitions, figure: PeopleByRecords, office_id: uuid.UUID | None) -> Query:
    """Office, split value ("" without), number of people."""
    latest = _once(figure.latest())
    split = literal_column("''") if figure.split is None else latest.c[figure.split.key]
    rows = (
        select(Standing.office_id, split.label("split"))
        .select_from(releases().join(latest, _is_latest(latest)))
        .where(Episode.deleted_at.is_(None), definitions.at_end_or_leaving())
    )
    return _numbers(rows, office_id)


def _numbers(rows: Query, office_id: uuid.UUID | None) -> Query:
    """Count rows of office and value; first found, then grouped, else SQLite goes through all standings by their office."""
    if office_id is not None:
        rows = rows.where(Standing.office_id == office_id)
    found = _once(rows)
    return select(found.c.office_id, found.c.split, func.count()).group_by(found.c.office_id, found.c.split)


def _once(statement: Query) -> CTE:
    """Read a statement once, before what is joined with it: a server without counts of its tables reads it row by row."""
    return statement.cte().prefix_with("MATERIALIZED")


def _is_latest(latest: FromClause) -> Condition:
    return and_(latest.c.episode_id == Episode.id, latest.c.rank == 1)


def people_having(definitions: PeriodDefinitions, figure: PeopleByRecords) -> tuple[FromClause, Condition]:
    """Return source and condition of the people a figure of people by their records counts."""
    latest = _once(figure.latest())
    source = people_source().join(latest, _is_latest(latest))
    return source, and_(Episode.deleted_at.is_(None), definitions.at_end_or_leaving())


__all__ = [
    "Condition", "PeopleByRecords", "PeopleFigure", "PeriodDefinitions", "Query", "RecordFigure", "figures_by_office",
    "figures_of_periods",    "in_force", "latest_placements", "live", "owner_of", "people_by_record_keys", "people_having", "people_source",
    "placement_keys", "record_source", "total",
]  # fmt: skip

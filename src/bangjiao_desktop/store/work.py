"""Lists of work records page by page: filter, search and sort in SQL for every kind of record."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Select,
    Table,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.domain.work import WorkFilter, WorkPage, WorkSort, sort_field
from bangjiao_desktop.store.models import Office, Person
from bangjiao_desktop.store.records import MODELS
from bangjiao_desktop.store.search_index import matching

Query = Select[*tuple[Any, ...]]
_FIRST_DAY = date(1, 1, 1)
_REMEMBERED = 2000  # records looked at for suggestions: what was typed years ago is no help
_SEARCHED = ("text", "note", "name", "telephone")


def work_page(
    connection: Connection,
    wanted: WorkFilter,
    sort: WorkSort,
    after: tuple[Any, uuid.UUID] | None = None,
    limit: int = 150,
) -> WorkPage:
    """Return one page of records.

    Args:
        connection: from `Vault.read()`.
        wanted: the filter.
        sort: the order; ties are broken by key.
        after: `following` of the page before; None for the first.
        limit: rows at most.
    """
    table = _table(wanted.model)
    key = _sort_key(table, wanted.model, sort.column)
    statement = _conditions(_select(table, key.label("sort_value")), table, wanted)
    if after is not None:
        here, there = tuple_(key, table.c.id), tuple_(literal(after[0]), literal(after[1], table.c.id.type))
        statement = statement.where(here < there if sort.descending else here > there)
    order = (key.desc(), table.c.id.desc()) if sort.descending else (key, table.c.id)
    result = connection.execute(statement.order_by(*order).limit(limit + 1))
    names = tuple(result.keys())
    rows = [dict(zip(names, row, strict=True)) for row in result]
    more = len(rows) > limit
    rows = rows[:limit]
    return WorkPage(rows, (rows[-1]["sort_value"], rows[-1]["id"]) if more else None)


def work_count(connection: Connection, wanted: WorkFilter) -> int:
    """Return how many records a filter lets through."""
    table = _table(wanted.model)
    statement = _conditions(select(func.count()).select_from(_source(table)), table, wanted)
    return int(connection.execute(statement).scalar_one())


def work_row(connection: Connection, model: str, identifier: uuid.UUID) -> dict[str, Any] | None:
    """Return one record as in `work_page`, deleted or not; None if there is none."""
    table = _table(model)
    row = connection.execute(_select(table).where(table.c.id == identifier)).mappings().one_or_none()
    return None if row is None else dict(row)


def deleted_rows(
    connection: Connection, person_id: uuid.UUID, models: Iterable[str], since: datetime
) -> list[dict[str, Any]]:
    """Return the records of a person deleted since a time, the latest first; `model` says the kind of each."""
    found: list[dict[str, Any]] = []
    for model in models:
        table = _table(model)
        rows = connection.execute(
            select(table).where(table.c.person_id == person_id, table.c.deleted_at >= since)
        ).mappings()
        found.extend({**row, "model": model} for row in rows)
    return sorted(found, key=lambda row: row["deleted_at"], reverse=True)


def texts_before(connection: Connection, model: str, field: str, limit: int = 40) -> list[str]:
    """Return the texts most often typed in a field of the latest records, for suggestions."""
    table = _table(model)
    latest = select(table.c[field].label("typed")).where(table.c.deleted_at.is_(None)).order_by(table.c.id.desc())
    typed = latest.limit(_REMEMBERED).subquery().c.typed
    rows = connection.execute(
        select(typed).where(typed != "").group_by(typed).order_by(func.count().desc(), typed).limit(limit)
    )
    return [row[0] for row in rows]


def oldest_undo(now: datetime, days: int) -> datetime:
    """Return the time before which deleted records are not brought back any more."""
    return now - timedelta(days=days)


def _table(model: str) -> Table:
    table = MODELS[model].__table__
    assert isinstance(table, Table)
    return table


def _source(table: Table) -> FromClause:
    source = table.join(Office.__table__, Office.id == table.c.office_id)
    if "person_id" in table.c:
        people = and_(Person.id == table.c.person_id, Person.deleted_at.is_(None))
        source = source.outerjoin(Person.__table__, people)
    return source


def _select(table: Table, *extra: ColumnElement[Any]) -> Query:
    person = (
        [
            Person.name.label("person_name"), Person.identity_number.label("identity_number"),
            Person.sealed.label("person_sealed"), Person.handover_date.label("person_handover_date"),
        ]
        if "person_id" in table.c
        else []
    )  # fmt: skip
    columns: list[Any] = [*table.c, Office.name.label("office_name"), *person, *extra]
    return select(*columns).select_from(_source(table))


def _sort_key(table: Table, model: str, name: str) -> ColumnElement[Any]:
    """The value rows are ordered by; a nullable one sorts as the lowest, since a keyset cannot compare with NULL."""
    if name == "person_name" and "person_id" in table.c:
        return func.coalesce(Person.name_pinyin, "")
    if name == "office":
        return Office.name.expression
    column = table.c[name or sort_field(kind_of(model))]
    if not column.nullable:
        return column
    lowest: Any = -1
    if isinstance(column.type, Date):
        lowest = _FIRST_DAY
    elif column.type.python_type is str:
        lowest = ""
    return func.coalesce(column, lowest)


def _conditions(statement: Query, table: Table, wanted: WorkFilter) -> Query:
    statement = statement.where(table.c.deleted_at.is_(None))
    personal = "person_id" in table.c
    if personal:
        open_ = or_(table.c.person_id.is_(None), Person.sealed.is_(False), literal(wanted.sealed))
        statement = statement.where(open_)
        if not table.c.person_id.nullable:
            statement = statement.where(Person.id.is_not(None))
    if wanted.office_id is not None:
        statement = statement.where(table.c.office_id == wanted.office_id)
    if wanted.person_id is not None:
        statement = statement.where(table.c.person_id == wanted.person_id)
    day = kind_of(wanted.model).day
    if day and wanted.first is not None:
        statement = statement.where(table.c[day] >= wanted.first)
    if day and wanted.last is not None:
        statement = statement.where(table.c[day] <= wanted.last)
    for name, value in wanted.codes.items():
        column = table.c[name]
        statement = statement.where(column.is_(value) if isinstance(column.type, Boolean) else column == value)
    text = wanted.text.strip()
    if text:
        words = [
            table.c[column.field].contains(text, autoescape=True)
            for column in kind_of(wanted.model).columns
            if column.type in _SEARCHED
        ]
        if personal:
            words.append(Person.id.in_(select(Person.id).where(matching(text))))
        statement = statement.where(or_(*words))
    return statement

"""Lists of work records page by page: filter, search and sort in SQL for every kind of record."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Select,
    String,
    Table,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from bangjiao_desktop.domain.codes import MET, OFFENCE
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.domain.search import search_text
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.domain.work import ListedRecord, WorkFilter, WorkPage, WorkSort, sort_field
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.reads.records import MODELS, sealed_of
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables.models import Office, Person, Reoffence
from bangjiao_desktop.store.tables.sealable import SEALABLE
from bangjiao_desktop.store.writes.dialect import unsealed
from bangjiao_desktop.store.writes.search_index import Unindexed, matching, unindexed

Query = Select[*tuple[Any, ...]]
_FIRST_DAY = date(1, 1, 1)
_REMEMBERED = 2000  # records looked at for suggestions: what was typed years ago is no help
_SEARCHED = ("text", "note", "name", "telephone")
_MET = ("support_record", "outcome", MET)  # what is asked for, and an empty one says the same (DOMAIN.md §1)
_BESIDE = ("office_name", "sort_value")
_BESIDE_PERSON = (*_BESIDE, "person_name", "identity_number", "person_sealed")


def work_page(
    connection: Connection,
    sight: Sight,
    wanted: WorkFilter,
    sort: WorkSort,
    after: tuple[Any, uuid.UUID] | None = None,
    limit: int = 150,
) -> WorkPage:
    """Return one page of records.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen; records of sealed files are left out without it.
        wanted: the filter.
        sort: the order; ties are broken by key.
        after: `following` of the page before; None for the first.
        limit: rows at most.
    """
    table = _table(wanted.kind)
    veil = Veil(connection, sight, table)
    key = _sort_key(table, wanted.kind, sort.column, veil)
    apart = unindexed(connection, sight)
    statement = _conditions(_select(table, key.label("sort_value")), table, sight, wanted, veil, apart)
    if after is not None:
        here, there = tuple_(key, table.c.id), tuple_(literal(after[0]), literal(after[1], table.c.id.type))
        statement = statement.where(here < there if sort.descending else here > there)
    order = (key.desc(), table.c.id.desc()) if sort.descending else (key, table.c.id)
    result = connection.execute(statement.order_by(*order).limit(limit + 1))
    names = tuple(result.keys())
    rows = [dict(zip(names, row, strict=True)) for row in result.all()]
    more = len(rows) > limit
    rows = rows[:limit]
    following = (rows[-1]["sort_value"], rows[-1]["id"]) if more else None
    if not veil.clear:
        rows = [veil.row(row) for row in rows]
    return WorkPage([_listed(wanted.kind, row) for row in rows], following)


def work_count(connection: Connection, sight: Sight, wanted: WorkFilter) -> int:
    """Return how many records a filter lets through."""
    table = _table(wanted.kind)
    statement = _conditions(
        select(func.count()).select_from(_source(table)), table, sight, wanted, Veil(connection, sight, table),
        unindexed(connection, sight),
    )  # fmt: skip
    return int(connection.execute(statement).scalar_one())


def work_row(connection: Connection, sight: Sight, kind: str, identifier: uuid.UUID) -> ListedRecord | None:
    """Return one record as in `work_page`, deleted or not; None if there is none.

    Raises:
        NotPermittedError: it belongs to a sealed file that must not be seen.
    """
    table = _table(kind)
    row = connection.execute(_select(table).where(table.c.id == identifier)).mappings().one_or_none()
    if row is None:
        return None
    # asked apart: a deleted person is not joined, and the file stays sealed
    sight.require(not sight.sealed and records.is_sealed(connection, kind, identifier))
    return _listed(kind, Veil(connection, sight, table).row(row))


def _listed(kind: str, row: dict[str, Any]) -> ListedRecord:
    known_kind = record_class(kind)
    told = {"id": row["id"], "revision": row["revision"], "deleted_at": row["deleted_at"]}
    for name in _BESIDE if known_kind.KIND.about == "nobody" else _BESIDE_PERSON:
        if name in row:
            told[name] = row.pop(name)
    told["record"] = known_kind.kept(row)
    return ListedRecord.kept(told)


def texts_before(connection: Connection, sight: Sight, kind: str, field: str, limit: int = 40) -> list[str]:
    """Return the texts most often typed in a field of the latest records, for suggestions.

    Nothing of what was typed in sealed files, nor about sealed people, that must not be seen.

    Raises:
        InvalidInputError: there is no such field, or it holds no text.
    """
    table = _table(kind)
    if field not in table.c or not isinstance(table.c[field].type, String):
        raise InvalidInputError(f"“{kind_of(kind).name}”没有名为“{field}”的文字项。")
    latest = (
        select(unsealed(table.c[field]).label("typed")).where(table.c.deleted_at.is_(None)).order_by(table.c.id.desc())
    )
    if not sight.sealed:
        latest = latest.where(~sealed_of(table), ~Veil(connection, sight, table).hides(table.c[field]))
    typed = latest.limit(_REMEMBERED).subquery().c.typed
    rows = connection.execute(
        select(typed).where(typed != "").group_by(typed).order_by(func.count().desc(), typed).limit(limit)
    )
    return [str(sight.value(field, row[0])) for row in rows]


def oldest_undo(now: datetime, days: int) -> datetime:
    """Return the time before which deleted records are not brought back any more."""
    return now - timedelta(days=days)


def _table(kind: str) -> Table:
    found = MODELS.get(kind)
    if found is None:
        raise InvalidInputError(f"没有名为“{kind}”的记录种类。")
    table = found.__table__
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
            Person.sealed.label("person_sealed"),
        ]
        if "person_id" in table.c
        else []
    )  # fmt: skip
    columns: list[Any] = [*table.c, Office.name.label("office_name"), *person, *extra]
    return select(*columns).select_from(_source(table))


def _sort_key(table: Table, kind: str, name: str, veil: Veil) -> ColumnElement[Any]:
    """The value rows are ordered by; a nullable one sorts as the lowest, since a keyset cannot compare with NULL."""
    if name == "person_name" and "person_id" in table.c:
        return func.coalesce(unsealed(Person.name_pinyin.expression), "")
    if name == "office":
        return Office.name.expression
    name = name or sort_field(kind_of(kind))
    if name not in table.c:
        raise InvalidInputError(f"“{kind_of(kind).name}”不能按“{name}”排序。")
    column = table.c[name]
    if isinstance(column.type, String) and veil.active:
        told = func.coalesce(unsealed(column), "")
        return case((veil.hides(column), ""), else_=told)  # the order would tell the text
    if isinstance(column.type, SEALABLE):
        return func.coalesce(unsealed(column), "")
    if not column.nullable:
        return column
    lowest: Any = -1
    if isinstance(column.type, Date):
        lowest = _FIRST_DAY
    elif column.type.python_type is str:
        lowest = ""
    return func.coalesce(column, lowest)


def _conditions(
    statement: Query, table: Table, sight: Sight, wanted: WorkFilter, veil: Veil, apart: Unindexed | None
) -> Query:
    statement = statement.where(table.c.deleted_at.is_(None))
    if table.name == Reoffence.__tablename__ and not wanted.withheld:
        statement = statement.where(table.c.reoffence_class != OFFENCE)
    personal = "person_id" in table.c
    if table.name == Person.__tablename__ and not sight.sealed:
        statement = statement.where(~sealed_of(table))
    if personal:
        open_ = or_(table.c.person_id.is_(None), Person.sealed.is_(False), literal(sight.sealed))
        statement = statement.where(open_)
        if not table.c.person_id.nullable:
            statement = statement.where(Person.id.is_not(None))
    if wanted.office_id is not None:
        statement = statement.where(table.c.office_id == wanted.office_id)
    if wanted.person_id is not None:
        if not personal:
            raise InvalidInputError(f"“{kind_of(wanted.kind).name}”不按人登记，不能按人员筛选。")
        statement = statement.where(table.c.person_id == wanted.person_id)
    day = kind_of(wanted.kind).day
    if day and wanted.first is not None:
        statement = statement.where(table.c[day] >= wanted.first)
    if day and wanted.last is not None:
        statement = statement.where(table.c[day] <= wanted.last)
    for name, value in wanted.codes.items():
        if name not in table.c:
            raise InvalidInputError(f"“{kind_of(wanted.kind).name}”没有名为“{name}”的项，不能按它筛选。")
        column = table.c[name]
        same = column.is_(value) if isinstance(column.type, Boolean) else column == value
        statement = statement.where(or_(same, column.is_(None)) if (wanted.kind, name, value) == _MET else same)
    text = search_text(wanted.text)
    if text:
        # a hidden text must not be found by asking for it
        words: list[ColumnElement[bool]] = [
            and_(unsealed(table.c[column.field]).contains(text, autoescape=True), ~veil.hides(table.c[column.field]))
            for column in kind_of(wanted.kind).columns
            if column.type in _SEARCHED
        ]
        if personal:
            words.append(
                Person.id.in_(
                    select(Person.id).where(
                        matching(text, veil.tells(Person.__table__.c.remarks) if veil.active else None, apart)
                    )
                )
            )
        statement = statement.where(or_(*words))
    return statement

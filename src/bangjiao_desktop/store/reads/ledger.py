"""The ledger page by page: filter, search and sort in SQL, a few hundred rows at a time by keyset."""

import re
import uuid
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import Any, get_args

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    Table,
    and_,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects import sqlite

from bangjiao_desktop.domain.errors import InvalidInputError, NotPermittedError
from bangjiao_desktop.domain.kinds.person import ListedPerson, Status
from bangjiao_desktop.domain.ledger import FIRST_PAGE, Apart, LedgerFilter, LedgerPage, LedgerSort
from bangjiao_desktop.domain.ledger_columns import TYPED, ColumnValue
from bangjiao_desktop.domain.search import search_words
from bangjiao_desktop.domain.sight import EVERYTHING, Sight
from bangjiao_desktop.store.reads.contacts import lost_on, refuses_on
from bangjiao_desktop.store.reads.ledger_columns import (
    asked,
    cell,
    hidden,
    holds,
    last_support,
    placement_on,
    status_on,
)
from bangjiao_desktop.store.reads.register import of_latest_release, with_change
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables.casework_models import LostContact, Refusal
from bangjiao_desktop.store.tables.models import Handout, Office, Person, RegisterChange
from bangjiao_desktop.store.vault.opening import NOT_OF_A_LINE, page_of
from bangjiao_desktop.store.writes.dialect import unsealed
from bangjiao_desktop.store.writes.search_index import Unindexed, matching, unindexed

Query = Select[*tuple[Any, ...]]
After = tuple[Any, uuid.UUID] | None
_FIRST_DAY = date(1, 1, 1)


def _sort_keys(*, sealed: bool) -> dict[str, ColumnElement[Any]]:
    """The columns people are sorted by; with `sealed` those of sealed people, too, whom no index keeps in order.

    Nullable columns sort by a value that stands for "none", since a keyset cannot compare with NULL.
    """
    birth = Person.birth_date.expression
    return {
        "name": _text(Person.name_pinyin) if sealed else Person.name_pinyin.expression,
        "identity_number": _text(Person.identity_number) if sealed else Person.identity_number.expression,
        "birth_date": func.coalesce(unsealed(birth) if sealed else birth, _FIRST_DAY),
        "sex": Person.sex.expression,
        "release_date": Person.release_date.expression,
        "term_end": Person.term_end.expression,
        "risk": Person.risk.expression,
        "category": Person.category.expression,
        "caseworker": _text(Person.caseworker),
        "offence": Person.offence.expression,
        "prison": _text(Person.prison),
        "residence_address": _text(Person.residence_address),
        "residence_type": func.coalesce(Person.residence_type, ""),
        "handover_date": func.coalesce(Person.handover_date, _FIRST_DAY),
        "handover_mode": func.coalesce(Person.handover_mode, ""),
        "office": Office.name.expression,
    }


def _text(column: Any) -> ColumnElement[Any]:
    return func.coalesce(unsealed(column), "")


SORT_KEYS, _SORT_KEYS_SEALED = _sort_keys(sealed=False), _sort_keys(sealed=True)
_UNKNOWN_YET = ("release_date", "term_end")
"""Columns that are empty for who is still in prison, and that an index keeps in order."""


def ledger_page(
    connection: Connection,
    sight: Sight,
    wanted: LedgerFilter,
    sort: LedgerSort,
    after: After = None,
    limit: int = 150,
) -> LedgerPage:
    """Return one page of people.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen; sealed files are left out without it.
        wanted: the filter.
        sort: the order; ties are broken by key.
        after: `following` of the page before; None for the first.
        limit: rows at most.

    Returns:
        The people, and where the next page begins.
    """
    veil, apart = _veil(connection, sight), unindexed(connection, sight)
    rows: list[dict[str, Any]] = []
    for dated, begin in _stretches(sort, after):
        statement = _page_statement(sight, wanted, sort, begin, limit - len(rows), veil, dated=dated, apart=apart)
        result = connection.execute(statement)
        names = tuple(result.keys())
        rows += [dict(zip(names, row, strict=True)) for row in result]
        if len(rows) > limit:
            break
    hides = veil.active or not sight.numbers
    return page_of(rows, limit, veil.row if hides else None)


def _stretches(sort: LedgerSort, after: After) -> list[tuple[bool | None, After]]:
    """The parts of an order to be read one after another: (with a value or without; None for both, after what).

    A day that is not known yet is lower than any, and neither a keyset nor an index in order goes across: those without
    are a part of their own.
    """
    if sort.column not in _UNKNOWN_YET:
        return [(None, after)]
    order = (True, False) if sort.descending else (False, True)
    if after is None:
        return [(part, None) for part in order]
    begun = order.index(after[0] is not None)
    return [(order[begun], after), *((part, None) for part in order[begun + 1 :])]


def _veil(connection: Connection, sight: Sight) -> Veil:
    table = Person.__table__
    assert isinstance(table, Table)
    return Veil(connection, sight, table)


def _page_statement(
    sight: Sight,
    wanted: LedgerFilter,
    sort: LedgerSort,
    after: After,
    limit: int,
    veil: Veil | None = None,
    *,
    dated: bool | None = None,
    apart: Unindexed | None = None,
) -> Query:
    key = (SORT_KEYS if apart is None else _SORT_KEYS_SEALED).get(sort.column)
    if key is None:
        raise InvalidInputError(f"人员名单不能按“{sort.column}”排序。")
    # The page is chosen first, its derived columns (last visit, placement) are looked up for its rows only.
    chosen = _conditions(select(Person.id, key.label("sort_value")).select_from(_source()), sight, wanted, veil, apart)
    if dated is not None:
        chosen = chosen.where(key.is_not(None) if dated else key.is_(None))
    if after is not None and after[0] is None:
        chosen = chosen.where(Person.id < after[1] if sort.descending else Person.id > after[1])
    elif after is not None:
        here, there = tuple_(key, Person.id), tuple_(literal(after[0]), literal(after[1], Person.id.type))
        chosen = chosen.where(here < there if sort.descending else here > there)
    order = (key.desc(), Person.id.desc()) if sort.descending else (key, Person.id)
    page = chosen.order_by(*order).limit(limit + 1).subquery()
    joined = _source().join(page, page.c.id == Person.id)
    statement = select(*_line(wanted.day), page.c.sort_value).select_from(joined)
    ordered = (page.c.sort_value.desc(), Person.id.desc()) if sort.descending else (page.c.sort_value, Person.id)
    return statement.order_by(*ordered)


@lru_cache(maxsize=8)
def _line(on: date) -> tuple[ColumnElement[Any], ...]:
    """The columns of a person as a line of the ledger, on a day; made once: a page is read at every key of a search."""
    return (
        *(column for column in Person.__table__.c if column.name not in NOT_OF_A_LINE),
        Office.name.label("office_name"), status_on(on).label("status"), RegisterChange.changed_on.expression,
        RegisterChange.reason.expression, last_support().label("last_support_on"),
        placement_on(on).label("placement_kind"),
    )  # fmt: skip


def first_page_sql() -> str:
    """Return the first page of the unfiltered ledger as SQL for `store.vault.opening` (first_page.sql, see there).

    Its parameters are :today and :sealed (whether sealed files are shown).
    """
    statement = _page_statement(EVERYTHING, LedgerFilter(on=date.min), LedgerSort(), None, FIRST_PAGE)
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    text = str(compiled)
    for name, value in compiled.params.items():
        known = {one: f"'{one}'" for one in get_args(Status)}
        given = (
            ":sealed"
            if isinstance(value, bool)
            else ":today"
            if isinstance(value, date)
            else known.get(str(value), str(value))
        )
        text = re.sub(rf":{name}\b", given, text)
    return text + "\n"


def ledger_count(connection: Connection, sight: Sight, wanted: LedgerFilter) -> int:
    """Return how many people a filter lets through."""
    veil, apart = _veil(connection, sight), unindexed(connection, sight)
    statement = _conditions(select(func.count()).select_from(_source()), sight, wanted, veil, apart)
    return int(connection.execute(statement).scalar_one())


def column_values(
    connection: Connection, sight: Sight, wanted: LedgerFilter, column: str, limit: int, holding: str = ""
) -> list[ColumnValue]:
    """Return the values of a column and how many people have each, the most frequent first; hidden texts are left out.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen.
        wanted: the filter; what it asks of this column itself does not count.
        column: of domain.ledger_columns.FILTERED.
        limit: values at most.
        holding: only values that hold this, of a column people type in.
    """
    veil, apart = _veil(connection, sight), unindexed(connection, sight)
    others = replace(wanted, columns=tuple(one for one in wanted.columns if one.column != column))
    held = func.nullif(cell(column, wanted.day), "") if _is_text(column) else cell(column, wanted.day)
    chosen = _conditions(
        select(held.label("value"))
        .select_from(_source())
        .where(not_(hidden(column, veil)), holds(cell(column, wanted.day), holding if column in TYPED else "")),
        sight,
        others,
        veil,
        apart,
    ).subquery()
    counted = func.count()
    statement = select(chosen.c.value, counted).group_by(chosen.c.value).order_by(counted.desc(), chosen.c.value)
    return [
        ColumnValue("" if value is None else value, people)
        for value, people in connection.execute(statement.limit(limit))
    ]


def _is_text(column: str) -> bool:
    known = Person.__table__.c.get(column)
    return known is not None and isinstance(known.type, String)


def person_row(connection: Connection, sight: Sight, identifier: uuid.UUID, on: date) -> ListedPerson | None:
    """Return one person, None if there is none.

    Raises:
        NotPermittedError: the file is sealed and must not be seen.
    """
    row = connection.execute(person_statement(identifier, on)).mappings().one_or_none()
    if row is None:
        return None
    sight.require(row["sealed"])
    return ListedPerson.of(_veil(connection, sight).row(dict(row)))


def person_statement(identifier: uuid.UUID, on: date) -> Query:
    """Return the statement for one person's row as in `ledger_page`; who runs it looks whether the file is sealed."""
    return (
        select(
            Person.__table__,
            Office.name.label("office_name"),
            status_on(on).label("status"),
            RegisterChange.changed_on,
            RegisterChange.reason,
        )
        .select_from(_source())
        .where(Person.id == identifier, Person.deleted_at.is_(None))
    )


def open_person(connection: Connection, sight: Sight, identifier: uuid.UUID, on: date) -> ListedPerson | None:
    """Return one person as `person_row`; None also for a sealed file that must not be seen."""
    try:
        return person_row(connection, sight, identifier, on)
    except NotPermittedError:
        return None


@cache
def _source() -> FromClause:
    return with_change(Person.__table__.join(Office.__table__, Office.id == Person.office_id))


def _conditions(
    statement: Query, sight: Sight, wanted: LedgerFilter, veil: Veil | None, apart: Unindexed | None
) -> Query:
    statement = statement.where(Person.deleted_at.is_(None), or_(Person.sealed.is_(False), literal(sight.sealed)))
    if search_words(wanted.text):
        hidden = veil.tells(Person.__table__.c.remarks) if veil is not None and veil.active else None
        statement = statement.where(matching(wanted.text, hidden, apart))
    if wanted.people is not None:
        statement = statement.where(Person.id.in_(wanted.people))
    if wanted.office_id is not None:
        statement = statement.where(Person.office_id == wanted.office_id)
    if wanted.risk is not None:
        statement = statement.where(Person.risk == wanted.risk)
    if wanted.residence_type is not None:
        statement = statement.where(Person.residence_type == wanted.residence_type)
    if wanted.chapter is not None:
        statement = statement.where(Person.offence_chapter == wanted.chapter)
    if wanted.without_card:
        given = exists().where(
            Handout.person_id == Person.id, Handout.kind == "01", Handout.deleted_at.is_(None),
            of_latest_release(Handout.handed_on),
        )  # fmt: skip
        statement = statement.where(~given, Person.handover_date <= wanted.day, RegisterChange.changed_on.is_(None))
    if wanted.again:
        statement = statement.where(Person.episode_number > 1)
    if wanted.apart is not None:
        statement = statement.where(_apart(wanted.apart, wanted.day))
    for one in wanted.columns:
        if one.asks:
            statement = statement.where(asked(one, wanted.day, veil))
    if wanted.status == "registered":
        statement = statement.where(status_on(wanted.day).in_(("registered", "overdue")))
    elif wanted.status is not None:
        statement = statement.where(status_on(wanted.day) == wanted.status)
    return statement


def _apart(which: Apart, on: date) -> ColumnElement[bool]:
    """Who refuses assistance, or is missed or lost from sight, since their latest release; not who left meanwhile."""
    told = (
        exists().where(Refusal.person_id == Person.id, refuses_on(on), of_latest_release(Refusal.refused_on))
        if which == "refused"
        else exists().where(LostContact.person_id == Person.id, lost_on(on), of_latest_release(LostContact.found_on))
    )
    return and_(told, status_on(on) != "closed")


def card_rows(connection: Connection, sight: Sight, wanted: LedgerFilter) -> list[tuple[uuid.UUID, uuid.UUID, str]]:
    """Return key, office key and caseworker for each person of a filter, by office, caseworker and name."""
    statement = _conditions(
        select(Person.id, Person.office_id, Person.caseworker).select_from(_source()),
        sight,
        wanted,
        _veil(connection, sight),
        unindexed(connection, sight),
    )
    order = (Office.position, unsealed(Person.caseworker), unsealed(Person.name_pinyin), Person.id)
    rows = connection.execute(statement.order_by(*order))
    return [(row[0], row[1], row[2]) for row in rows]

"""Plain reads of whole rows: people by identity number, records of people, offices, settings."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    String,
    and_,
    case,
    cast,
    false,
    func,
    insert,
    select,
    update,
)

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.store.tables.casework_models import (
    Assessment,
    Attachment,
    Commission,
    CommissionReport,
    DutyDecision,
    EmploymentService,
    Escort,
    HandoverStep,
    Host,
    KeyDecision,
    LostContact,
    MediationParty,
    Need,
    NeedAction,
    OfficeReport,
    Pairing,
    Participation,
    Plan,
    Refusal,
    ReleaseNotice,
    SearchStep,
    StockMovement,
    Transfer,
)
from bangjiao_desktop.store.tables.episode_models import Standing
from bangjiao_desktop.store.tables.models import (
    Account,
    Activity,
    Base,
    Bureau,
    GroupMember,
    Handout,
    Mediation,
    Office,
    Person,
    Placement,
    RegisterChange,
    Relief,
    Reoffence,
    Setting,
    SupportRecord,
)
from bangjiao_desktop.store.tables.print_models import FormFiling, PrintJob
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.writes.sealed_numbers import Numbers
from bangjiao_desktop.store.writes.search_index import NOT_INDEXED

MODELS: dict[str, type[Base]] = {
    model.__tablename__: model
    for model in (
        Bureau, Office, Account, Person, GroupMember, SupportRecord, Placement, Relief, Reoffence, RegisterChange, Standing,
        Activity, Mediation, Handout, Assessment, Attachment, Commission, CommissionReport, DutyDecision, EmploymentService, Escort, HandoverStep, Host, KeyDecision, LostContact, MediationParty, Need, NeedAction, OfficeReport, Pairing, Participation, Plan, Refusal, ReleaseNotice, SearchStep, StockMovement, Transfer, FormFiling, PrintJob,
    )
}  # fmt: skip
Row = dict[str, Any]
"""A whole row of a table, column → value: what the import compares by the ten thousand, what offices and accounts are read
as. Records and people are handed up as their kinds (`kept`, `kept_with`, `kept_by_key`, and what asks with a `Sight`)."""
R = TypeVar("R", bound=Record)
_CHUNK = 500
_WHOLE_TABLE_FROM = 4000


def live_rows(
    connection: Connection, model: type[Base], people: Sequence[uuid.UUID] | None = None, **values: Any
) -> Iterator[Row]:
    """Yield the rows of a table that are not deleted, in the order they were made.

    Args:
        connection: from `Ledger.read()` or `Ledger.write()`.
        model: the table.
        people: only records of these people (and, where a record may have none, those without).
        values: only records that have these.
    """
    table = model.__table__
    given = [table.c[name] == value for name, value in values.items()]
    statement = select(table).where(table.c.deleted_at.is_(None), *given).order_by(table.c.id)
    if people is None or len(people) >= _WHOLE_TABLE_FROM:
        # of this statement alone: told to the connection, it would hold for everything after it
        yield from _rows(connection.execute(statement, execution_options={"stream_results": True}))
        return
    for chunk in _chunks(people):
        yield from _rows(connection.execute(statement.where(table.c.person_id.in_(chunk))))
    if table.c.person_id.nullable:
        yield from _rows(connection.execute(statement.where(table.c.person_id.is_(None))))


def rows_with(connection: Connection, model: type[Base], **values: Any) -> list[Row]:
    """Return the live rows that have these values, in the order they were made."""
    table = model.__table__
    given = [table.c[name] == value for name, value in values.items()]
    statement = select(table).where(table.c.deleted_at.is_(None), *given).order_by(table.c.id)
    return list(_rows(connection.execute(statement)))


def kept(connection: Connection, kind: type[R], identifier: uuid.UUID) -> R:
    """Return one record as the ledger keeps it, deleted or not.

    Raises:
        InvalidInputError: there is none.
    """
    return kind.of(row(connection, MODELS[kind.KIND.name], identifier))


def kept_with(connection: Connection, kind: type[R], /, **values: Any) -> list[R]:
    """Return the live records of a kind that have these values, in the order they were made."""
    return [kind.of(one) for one in rows_with(connection, MODELS[kind.KIND.name], **values)]


def kept_by_key(connection: Connection, kind: type[R], identifiers: Iterable[uuid.UUID]) -> dict[uuid.UUID, R]:
    """Return records of a kind by their keys, deleted ones too."""
    return {key: kind.of(one) for key, one in rows_by_key(connection, MODELS[kind.KIND.name], identifiers).items()}


def _rows(result: CursorResult[*tuple[Any, ...]]) -> Iterator[Row]:
    names = tuple(result.keys())
    for row in result:
        yield dict(zip(names, row, strict=False))


def people_by_identity(connection: Connection, numbers: Iterable[str]) -> dict[str, Row]:
    """Return people by identity number, those that are in the ledger."""
    found: dict[str, Row] = {}
    wanted = set(numbers)
    for chunk in _chunks(wanted):
        rows = connection.execute(
            select(Person.__table__).where(Person.identity_number.in_(chunk), Person.deleted_at.is_(None))
        )
        found.update((row["identity_number"], row) for row in _rows(rows))
    left = wanted - found.keys()
    sealed = _sealed_rows(connection) if left else []
    found.update((row["identity_number"], row) for row in sealed if row["identity_number"] in left)
    if any(type(row["identity_number"]) is SealedText for row in sealed):
        by_key = {row["id"]: row for row in sealed}
        known = Numbers(connection).known(sorted(wanted - found.keys()))
        found.update((number, by_key[key]) for number, key in known.items())
    return found


def _sealed_rows(connection: Connection) -> list[Row]:
    """The sealed people who are in the ledger; in a vault alone, where SQL does not find them by what tells of them."""
    if connection.dialect.name != "sqlite":
        return []
    table = Person.__table__
    sealed = select(table).where(NOT_INDEXED, table.c.sealed.is_(True), table.c.deleted_at.is_(None))
    return list(_rows(connection.execute(sealed.order_by(table.c.id))))


def people_by_key(connection: Connection, keys: Iterable[uuid.UUID]) -> list[dict[str, Any]]:
    """Return people by their keys, those that are in the ledger."""
    table = Person.__table__
    found: list[dict[str, Any]] = []
    for chunk in _chunks(keys):
        found.extend(
            _rows(connection.execute(select(table).where(table.c.id.in_(chunk), table.c.deleted_at.is_(None))))
        )
    return found


def roster_lines(connection: Connection, people: Sequence[uuid.UUID]) -> Iterator[Row]:
    """Yield the placements of people's own lines, in the order they were made: key, person, day, kind and revision."""
    table = Placement.__table__
    asked = (table.c.id, table.c.person_id, table.c.placed_on, table.c.kind, table.c.revision)
    statement = select(*asked).where(table.c.deleted_at.is_(None), table.c.on_roster.is_(True)).order_by(table.c.id)
    if len(people) >= _WHOLE_TABLE_FROM:
        yield from _rows(connection.execute(statement))
        return
    for chunk in _chunks(people):
        yield from _rows(connection.execute(statement.where(table.c.person_id.in_(chunk))))


def numbers_like(connection: Connection, head: str) -> list[str]:
    """Return the identity numbers in use (also of deleted people) that begin like this, e.g. 临时03-."""
    table = Person.__table__
    found = connection.execute(select(table.c.identity_number).where(table.c.identity_number.startswith(head)))
    return list(found.scalars())


def has_provisional(connection: Connection) -> bool:
    """Tell whether anybody in the ledger has a provisional number."""
    table = Person.__table__
    statement = select(table.c.id).where(table.c.identity_number.startswith("临时"), table.c.deleted_at.is_(None))
    return connection.execute(statement.limit(1)).first() is not None


def provisional_people(connection: Connection) -> list[Row]:
    """Return the people in the ledger who have a provisional number."""
    table = Person.__table__
    statement = select(table).where(table.c.identity_number.startswith("临时"), table.c.deleted_at.is_(None))
    return [dict(one) for one in connection.execute(statement.order_by(table.c.id)).mappings()]


def changes_of(connection: Connection, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, Row]:
    """Return the register change that ended the latest release of each of these people, where one did."""
    change, person = RegisterChange.__table__, Person.__table__
    latest = (
        select(change).join(person, person.c.episode_id == change.c.episode_id).where(change.c.deleted_at.is_(None))
    )
    found: dict[uuid.UUID, Row] = {}
    if len(people) >= _WHOLE_TABLE_FROM:
        return {row["person_id"]: row for row in _rows(connection.execute(latest))}
    for chunk in _chunks(people):
        rows = _rows(connection.execute(latest.where(change.c.person_id.in_(chunk))))
        found.update((row["person_id"], row) for row in rows)
    return found


def people_named(connection: Connection, names: Iterable[str]) -> list[Row]:
    """Return the people in the ledger who have one of these names."""
    table = Person.__table__
    found: list[Row] = []
    names = set(names)
    for chunk in _chunks(sorted(names)):
        statement = select(table).where(table.c.name.in_(chunk), table.c.deleted_at.is_(None)).order_by(table.c.id)
        found.extend(dict(one) for one in connection.execute(statement).mappings())
    known = {row["id"] for row in found}
    return found + [row for row in _sealed_rows(connection) if row["name"] in names and row["id"] not in known]


def offices(connection: Connection, *, deleted: bool = False) -> list[Row]:
    """Return the offices in the order they were made; `deleted`: those that are no more, too."""
    table = Office.__table__
    wanted = select(table) if deleted else select(table).where(table.c.deleted_at.is_(None))
    rows = connection.execute(wanted.order_by(table.c.position, table.c.id))
    return [dict(row) for row in rows.mappings()]


def office_by_name(connection: Connection, name: str) -> Row:
    """Return an office by its name.

    Raises:
        InvalidInputError: there is none; lists those there are.
    """
    known = offices(connection)
    for office in known:
        if office["name"] == name:
            return office
    names = "、".join(office["name"] for office in known)
    raise InvalidInputError(f"没有名为“{name}”的司法所。现有：{names}。")


def office_in_use(connection: Connection, identifier: uuid.UUID) -> bool:
    """Tell whether any live row belongs to an office."""
    return any(
        exists(connection, model, None, office_id=identifier)
        for model in MODELS.values()
        if "office_id" in model.__table__.c and "deleted_at" in model.__table__.c
    )


def bureau(connection: Connection) -> Row:
    """Return the bureau of the vault."""
    return dict(connection.execute(select(Bureau.__table__).limit(1)).mappings().one())


@cache
def lengths(kind: str) -> Mapping[str, int]:
    """Return the most characters each text column of a kind of record can hold."""
    found: dict[str, int] = {}
    for column in MODELS[kind].__table__.columns:
        longest = getattr(column.type, "length", None)
        if longest is not None and column.type.python_type is str:
            found[column.name] = longest
    return found


def exists(connection: Connection, model: type[Base], but: uuid.UUID | None, **values: Any) -> bool:
    """Tell whether a live row (other than `but`) has these values."""
    table = model.__table__
    statement = select(table.c.id).where(
        table.c.deleted_at.is_(None), *(table.c[name] == value for name, value in values.items())
    )
    if but is not None:
        statement = statement.where(table.c.id != but)
    return connection.execute(statement.limit(1)).first() is not None


def owners(
    connection: Connection, rows: Iterable[tuple[str, uuid.UUID | None]]
) -> dict[tuple[str, uuid.UUID], uuid.UUID]:
    """Return for rows (kind and key, deleted ones too) the person each is about; of people themselves their own key.

    One statement for each kind and some hundred rows; what is about nobody is left out.
    """
    wanted: dict[str, set[uuid.UUID]] = {}
    for kind, identifier in rows:
        if identifier is not None and kind in MODELS:
            wanted.setdefault(kind, set()).add(identifier)
    found: dict[tuple[str, uuid.UUID], uuid.UUID] = {}
    for kind, keys in wanted.items():
        table = MODELS[kind].__table__
        if kind == Person.__tablename__:
            found.update(((kind, key), key) for key in keys)
        elif "person_id" in table.c:
            for chunk in _chunks(keys):
                about = select(table.c.id, table.c.person_id).where(
                    table.c.id.in_(chunk), table.c.person_id.is_not(None)
                )
                found.update(((kind, key), person) for key, person in connection.execute(about))
    return found


def sealed_of(table: Any) -> ColumnElement[bool]:
    """Return the condition that a person, or the person a record is about, has a sealed file; false for others."""
    if "sealed" in table.c and table.name == Person.__tablename__:
        return and_(table.c.sealed.is_(True))
    if "person_id" not in table.c:
        return false()
    sealed = select(Person.id).where(Person.sealed.is_(True))
    return and_(table.c.person_id.is_not(None), table.c.person_id.in_(sealed))


def sealed_people(connection: Connection) -> frozenset[uuid.UUID]:
    """Return the keys of the people whose file is sealed."""
    return frozenset(connection.execute(select(Person.id).where(Person.sealed.is_(True))).scalars())


def is_sealed(connection: Connection, kind: str, identifier: uuid.UUID | None) -> bool:
    """Tell whether a person, or the person a record is about, has a sealed file."""
    table = MODELS[kind].__table__
    people = kind == Person.__tablename__
    if not people and "person_id" not in table.c:
        return False
    key = table.c.id if people else table.c.person_id
    owner = select(key).where(table.c.id == identifier).scalar_subquery()
    return bool(connection.execute(select(Person.sealed).where(Person.id == owner)).scalar_one_or_none())


def deleted_by_name(connection: Connection, model: type[Base], name: str) -> Row | None:
    """Return the deleted row of a name, None if there is none."""
    table = model.__table__
    statement = select(table).where(table.c.name == name, table.c.deleted_at.is_not(None)).limit(1)
    found = connection.execute(statement).mappings().one_or_none()
    return None if found is None else dict(found)


def rows_by_key(connection: Connection, model: type[Base], identifiers: Iterable[uuid.UUID]) -> dict[uuid.UUID, Row]:
    """Return rows by their keys, deleted ones too."""
    table = model.__table__
    found: dict[uuid.UUID, Row] = {}
    for chunk in _chunks(identifiers):
        found.update(
            (one["id"], dict(one)) for one in connection.execute(select(table).where(table.c.id.in_(chunk))).mappings()
        )
    return found


def row(connection: Connection, model: type[Base], identifier: uuid.UUID) -> Row:
    """Return one row by its key.

    Raises:
        InvalidInputError: there is none.
    """
    table = model.__table__
    found = connection.execute(select(table).where(table.c.id == identifier)).mappings().one_or_none()
    if found is None:
        raise InvalidInputError("这条记录已不在台账中。")
    return dict(found)


def used_columns(
    connection: Connection, model: type[Base], names: Sequence[str], *, with_sealed: bool
) -> set[str] | None:
    """Return those of the columns that say something (not empty, not zero, not no); None if there is no row at all.

    Args:
        connection: from `Ledger.read()`.
        model: the table.
        names: of columns.
        with_sealed: whether rows about sealed juvenile files count.
    """
    table = model.__table__
    told = [
        func.max(case((func.coalesce(cast(table.c[name], String), "").not_in(("", "0", "false")), 1), else_=0))
        for name in names
    ]
    statement = select(func.count(), *told).where(table.c.deleted_at.is_(None))
    if not with_sealed:
        statement = statement.where(~sealed_of(table))
    count, *used = connection.execute(statement).one()
    return {name for name, says in zip(names, used, strict=True) if says} if count else None


def numbers(connection: Connection, model: type[Base]) -> dict[uuid.UUID, str]:
    """Return the number (编号) of every live row that has one."""
    table = model.__table__
    rows = connection.execute(select(table.c.id, table.c.number).where(table.c.deleted_at.is_(None)))
    return {row[0]: row[1] for row in rows if row[1]}


def name_of_account(connection: Connection, identifier: uuid.UUID) -> str:
    """Return the name of an account, also of one that was taken away."""
    return connection.execute(select(Account.name).where(Account.id == identifier)).scalar_one_or_none() or "？"


def setting(connection: Connection, name: str) -> Any:
    """Return a setting, None if it was never stored."""
    value = connection.execute(select(Setting.value).where(Setting.name == name)).scalar_one_or_none()
    return None if value is None else json.loads(value)


def store_setting(connection: Connection, name: str, value: Any) -> None:
    """Store a setting (any JSON value)."""
    text = json.dumps(value, ensure_ascii=False)
    done = connection.execute(update(Setting).where(Setting.name == name).values(value=text))
    if not done.rowcount:
        connection.execute(insert(Setting).values(name=name, value=text))


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk

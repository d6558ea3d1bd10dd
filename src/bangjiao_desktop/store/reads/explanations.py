"""Who or what stands behind a figure: the rows of one key, selected with the very condition that counts it."""

import uuid
from collections.abc import Iterable

from sqlalchemy import Connection, FromClause, Table, and_, func, select

from bangjiao_desktop.domain.behind import Behind, PersonBehind, RecordBehind
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.rates import yuan
from bangjiao_desktop.domain.sight import EVERYTHING, SEALED_NAME, Sight
from bangjiao_desktop.store.reads.figure_definitions import RecordFigure, definitions_of, placement_keys
from bangjiao_desktop.store.reads.figure_sources import Condition, owner_of, people_source, record_source
from bangjiao_desktop.store.reads.records import MODELS, Row
from bangjiao_desktop.store.reads.statistics import in_force, latest_placements, people_having
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import Handout, Office, Person, Relief

_BESIDE = ("office_name", "person_name", "identity_number", "person_sealed", "amount", "counted")  # of a record


def explain(
    connection: Connection, sight: Sight, period: Period, key: str, office_id: uuid.UUID | None = None
) -> tuple[str, list[Behind]]:
    """Return the subject ("person" or a table's name) and who or what is behind one count, as it may be seen.

    Of a sealed file that must not be seen only its office and what it counts is told, behind all the others.

    Raises:
        KeyError: the key is no count of the catalogue.
    """
    subject, rows = _explain(connection, period, key, office_id)
    return subject, _seen(connection, sight, subject, rows)


def explain_rate(
    connection: Connection, sight: Sight, period: Period, numerator: str, denominator: Iterable[str],
    office_id: uuid.UUID | None = None,
) -> tuple[str, list[Behind]]:  # fmt: skip
    """Return the subject and who or what is in the denominator of a rate, as `explain`; each tells whether it counts.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen.
        period: whose figures.
        numerator: key of the count above the line.
        denominator: keys of the counts that together stand below it.
        office_id: one office; None for all.

    Raises:
        KeyError: a key is no count of the catalogue.
    """
    subject, above = _explain(connection, period, numerator, office_id)
    inside = {_one(row) for row in above}
    rows: list[Row] = []
    for part in denominator:
        subject, found = _explain(connection, period, part, office_id)
        rows.extend({**row, "counted": _one(row) in inside} for row in found)
    return subject, _seen(connection, sight, subject, rows)


def _seen(connection: Connection, sight: Sight, subject: str, rows: list[Row]) -> list[Behind]:
    """Rows behind a figure as they may be seen (see `explain`)."""
    if sight == EVERYTHING:
        return [_behind(subject, row) for row in rows]
    table = MODELS[subject].__table__
    assert isinstance(table, Table)
    veil = Veil(connection, sight, table)
    if sight.sealed:
        return [_behind(subject, veil.row(row)) for row in rows]
    open_ = [_behind(subject, veil.row(row)) for row in rows if not _is_sealed(row)]
    return open_ + [_counted(subject, row) for row in rows if _is_sealed(row)]


def _one(row: Row) -> tuple[object, object]:
    """What a row counts: a record, or an episode of a person."""
    return row["id"], row.get("episode")


def _is_sealed(row: Row) -> bool:
    return bool(row.get("sealed") or row.get("person_sealed"))


def _behind(subject: str, row: Row) -> Behind:
    if subject == Person.__tablename__:
        return PersonBehind.kept(row)
    beside = {name: row.pop(name) for name in _BESIDE if name in row}
    return RecordBehind(record=record_class(subject).kept(row), office_id=row["office_id"], **beside)


def _counted(subject: str, row: Row) -> Behind:
    """A sealed file that must not be seen: its office, and what it counts."""
    office, counted = row["office_name"], row.get("counted")
    if subject == Person.__tablename__:
        return PersonBehind(name=SEALED_NAME, sealed=True, office_name=office, counted=counted)
    return RecordBehind(
        record=None, office_id=row["office_id"], office_name=office, person_name=SEALED_NAME, identity_number="",
        person_sealed=True, amount=row["amount"], counted=counted,
    )  # fmt: skip


def _explain(connection: Connection, period: Period, key: str, office_id: uuid.UUID | None) -> tuple[str, list[Row]]:
    definitions = definitions_of(period)
    if key in definitions.people:
        return "person", _people(connection, office_id, people_source(), in_force(definitions.people[key]))
    if key in placement_keys():
        latest = latest_placements(definitions).subquery()
        source = people_source().join(latest, latest.c.episode_id == Episode.id)
        chosen = and_(latest.c.rank == 1, latest.c.kind == key.removeprefix("place.by."))
        return "person", _people(connection, office_id, source, in_force(definitions.people["place.due"]), chosen)
    by_records = definitions.of_people_by_records(key)
    if by_records is not None:
        return "person", _people(connection, office_id, *people_having(definitions, by_records))
    figure = definitions.records[key]
    return _records(connection, office_id, figure, definitions.records_behind(figure))


def _people(
    connection: Connection, office_id: uuid.UUID | None, source: FromClause, *conditions: Condition
) -> list[Row]:
    """The people, each with the episode that counts and the standing of the day it counts at."""
    statement = (
        select(
            Person.id, Person.name, Person.identity_number, Person.sex, Person.birth_date, Person.telephone,
            Episode.release_date, Episode.handover_date, Episode.term_end, Standing.risk, Episode.category,
            Standing.caseworker, Person.sealed, Episode.changed_on, Episode.change_reason.label("reason"),
            Episode.number.label("episode"), Person.episode_number.label("episodes"), Office.name.label("office_name"),
        )
        .select_from(source.join(Office, Office.id == Standing.office_id))
        .where(*conditions)
    )  # fmt: skip
    if office_id is not None:
        statement = statement.where(Standing.office_id == office_id)
    rows = connection.execute(statement.order_by(Episode.release_date.desc(), Person.id)).mappings()
    return [dict(row) for row in rows]


def _records(
    connection: Connection, office_id: uuid.UUID | None, figure: RecordFigure, behind: Condition
) -> tuple[str, list[Row]]:
    model = figure.model
    table = model.__table__  # type: ignore[attr-defined]
    owner = owner_of(model)
    columns = [column for column in table.c if column.name not in ("created_at", "updated_at", "deleted_at")]
    statement = select(*columns, Office.name.label("office_name")).where(behind)
    source = record_source(model, named=figure.named).join(Office, Office.id == owner.office_id)
    if hasattr(model, "person_id"):
        statement = statement.add_columns(
            Person.name.label("person_name"), Person.identity_number, Person.sealed.label("person_sealed")
        )
        if model is Handout and not figure.named:
            source = source.outerjoin(Person, Person.id == Handout.person_id)
    if figure.amount is not None:
        statement = statement.add_columns(func.coalesce(figure.amount, 0).label("amount"))
    if office_id is not None:
        statement = statement.where(owner.office_id == office_id)
    rows = connection.execute(statement.select_from(source).order_by(table.c.id)).mappings()
    found = [{"amount": 1, **row} for row in rows]
    if figure.amount is Relief.amount_fen:
        found = [{**row, "amount": yuan(row["amount"])} for row in found]
    return str(table.name), found


__all__ = ["explain", "explain_rate"]

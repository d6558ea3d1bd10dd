"""Recording work: reading, saving, deleting and bringing back every kind of record (domain.layout)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.layout import kind_of, ledger_kinds
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.withheld import is_withheld
from bangjiao_desktop.domain.work import UNDO_DAYS, WorkFilter, WorkPage, WorkSort
from bangjiao_desktop.services.base.arguments import rows_wanted
from bangjiao_desktop.services.base.definitions import in_force_on
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import note_withheld, require_withheld, sight_of
from bangjiao_desktop.services.records import register_changes as changes
from bangjiao_desktop.services.records import work_effects
from bangjiao_desktop.services.records.writing import person_of, required, seen_stale, write_record
from bangjiao_desktop.store.reads import overview, records
from bangjiao_desktop.store.reads import work as store
from bangjiao_desktop.store.writes.writer import Writer

_REFERRED = {column.table for sheet in ledger_kinds() for column in sheet.columns if column.type == "reference"}


@needs(Permission.SEE_PEOPLE)
def page(
    session: Session,
    wanted: WorkFilter,
    sort: WorkSort = WorkSort(),
    after: tuple[Any, uuid.UUID] | None = None,
    limit: int = 150,
) -> WorkPage:
    """Return one page of a list of records, with what their references point to."""
    kind, sight, limit = kind_of(wanted.kind), sight_of(session), rows_wanted(limit)
    if wanted.withheld:
        require_withheld(session)
        if after is None:
            note_withheld(session, where=kind.key)
    with session.ledger.read() as connection:
        found = store.work_page(connection, sight, wanted, sort, after, limit)
        pointed = work_effects.pointing(connection, sight, kind.key, [row.record for row in found.rows])
        pairs = zip(found.rows, pointed, strict=True)
        rows = [row if one is row.record else replace(row, record=one) for row, one in pairs]
        if "occupied" in kind.record.KIND.reckoned:
            occupied = overview.host_occupancy(connection, session.today())
            rows = [replace(row, occupied=occupied.get(row.record.word("name"), 0)) for row in rows]
    return replace(found, rows=rows)


@needs(Permission.SEE_PEOPLE)
def count(session: Session, wanted: WorkFilter) -> int:
    """Return how many records a filter lets through."""
    if wanted.withheld:
        require_withheld(session)
    with session.ledger.read() as connection:
        return store.work_count(connection, sight_of(session), wanted)


@needs(Permission.SEE_PEOPLE)
def read(session: Session, kind: str, identifier: uuid.UUID) -> Record:
    """Return one record as it stands now, with what its reference points to.

    Raises:
        InvalidInputError: it is gone.
        NotPermittedError: it belongs to a sealed file.
    """
    known_kind, sight = kind_of(kind), sight_of(session)
    with session.ledger.read() as connection:
        row = store.work_row(connection, sight, kind, identifier)
        if row is None or row.deleted_at is not None:
            raise InvalidInputError("这条记录已被删除。")
        [found] = work_effects.pointing(connection, sight, known_kind.key, [row.record])
    if is_withheld(found):
        require_withheld(session)
        note_withheld(session, found.person_id)
    return found


@needs(Permission.SEE_PEOPLE)
def blank(
    session: Session, kind: str, person_id: uuid.UUID | None = None, preset: Mapping[str, Any] | None = None
) -> Record:
    """Return what a new record begins with: defaults of its kind, what follows from the person, the preset.

    It was not checked, and the ledger has it not: what is still to be typed is empty.

    Args:
        session: who begins it.
        kind: its name.
        person_id: whom it is about; None for nobody yet.
        preset: field → value, whatever else it begins with.
    """
    known_kind = kind_of(kind)
    values: dict[str, Any] = {}
    for column in known_kind.columns:
        if column.default == "today":
            values[column.field] = session.today()
        elif column.default == "user":
            values[column.field] = session.user
        elif column.default:
            values[column.field] = int(column.default) if column.type == "count" else column.default
    with session.ledger.read() as connection:
        person, _ = person_of(connection, session, person_id)
        values |= work_effects.begin(
            connection, known_kind, person, session.today(), in_force_on(connection, session).criteria
        )
        offices = records.offices(connection)
    values["person_id"] = person_id
    values["office_id"] = person.office_id if person else (offices[0]["id"] if offices else None)
    if person and person.caseworker and "worker" in values:
        values["worker"] = person.caseworker
    return known_kind.record.of(values | dict(preset or {}))


@needs(Permission.SEE_PEOPLE)
def suggestions(session: Session, kind: str, field: str) -> list[str]:
    """Return texts typed before in a field, the most frequent first."""
    with session.ledger.read() as connection:
        return store.texts_before(connection, sight_of(session), kind_of(kind).key, field)


@needs(Permission.SEE_PEOPLE)
def references(session: Session, kind: str) -> list[tuple[uuid.UUID, str]]:
    """Return the records a reference can point to, with what they are called, the latest first."""
    if kind not in _REFERRED:
        raise InvalidInputError(f"没有别的记录会引用“{kind_of(kind).name}”。")
    with session.ledger.read() as connection:
        found = store.work_page(connection, sight_of(session), WorkFilter(kind), WorkSort(), None, 300).rows
    return [(row.id, row.record.called()) for row in found]


@needs(Permission.RECORD_WORK)
def save(
    session: Session,
    kind: str,
    values: Mapping[str, Any],
    *,
    identifier: uuid.UUID | None = None,
    revision: int | None = None,
    knowing: bool = True,
) -> uuid.UUID:
    """Save a new record, or a changed one with the revision it was read with; return its key.

    What follows from it is done in the same transaction (services.records.work_effects): a transfer moves the person,
    a decision sets the risk.

    Args:
        session: who saves.
        kind: its name.
        values: field → typed value, with person_id and office_id.
        identifier: of a known record.
        revision: read with it.
        knowing: whoever saves knows what is doubtful; else that is raised first.

    Raises:
        InvalidRecordError: with a sentence for each field.
        DoubtfulRecordError: something new is doubtful, and `knowing` is not set.
        StaleRecordError: someone else saved first; carries the record as it stands.
        NotPermittedError: the role may not, or the file is sealed.
    """
    known_kind = required(kind, session)
    with session.ledger.write() as connection:
        return write_record(
            connection, session, known_kind, values, identifier=identifier, revision=revision, knowing=knowing
        )


@needs(Permission.DELETE)
def delete(session: Session, kind: str, identifier: uuid.UUID, revision: int) -> None:
    """Delete a record; it can be brought back from the person's page for 30 days.

    Raises:
        StaleRecordError: someone else saved it first.
    """
    required(kind, session)
    with session.ledger.write() as connection:
        _delete_row(session, connection, kind, identifier, revision)


@needs(Permission.DELETE)
def restore(session: Session, kind: str, identifier: uuid.UUID) -> None:
    """Bring a deleted record back.

    Raises:
        InvalidInputError: it was deleted more than 30 days ago, or another took its place.
    """
    required(kind, session)
    with session.ledger.write() as connection:
        _restore_row(session, connection, kind, identifier)


@needs(Permission.DELETE)
def delete_all(session: Session, kind: str, keys: Mapping[uuid.UUID, int]) -> None:
    """Delete several records of a kind, all or none, as `delete` does.

    Args:
        session: who deletes.
        kind: its name.
        keys: key → the revision it was read with.

    Raises:
        StaleRecordError: someone else saved one of them first; nothing was deleted.
    """
    required(kind, session)
    with session.ledger.write() as connection:
        for identifier, revision in keys.items():
            _delete_row(session, connection, kind, identifier, revision)


@needs(Permission.DELETE)
def restore_all(session: Session, keys: Sequence[tuple[str, uuid.UUID]]) -> None:
    """Bring several deleted records (kind and key) back, all or none, as `restore` does.

    Raises:
        InvalidInputError: one cannot come back; nothing was changed.
    """
    for model in {model for model, _ in keys}:
        required(model, session)
    with session.ledger.write() as connection:
        for model, identifier in keys:
            _restore_row(session, connection, model, identifier)


def _delete_row(session: Session, connection: Any, kind: str, identifier: uuid.UUID, revision: int) -> None:
    """Delete a record within a transaction that was begun (see `delete`)."""
    store.work_row(connection, sight_of(session), kind, identifier)  # refuses a sealed file
    if kind == RegisterChange.KIND.name:
        changes.require_last(connection, identifier)
    try:
        Writer(connection, session.user).delete(records.MODELS[kind], identifier, revision)
    except StaleRecordError as error:
        raise seen_stale(connection, session, kind, error) from error


def _restore_row(session: Session, connection: Any, kind: str, identifier: uuid.UUID) -> None:
    """Bring a record back within a transaction that was begun (see `restore`)."""
    row = store.work_row(connection, sight_of(session), kind, identifier)
    if row is None or row.deleted_at is None:
        return
    if row.deleted_at < store.oldest_undo(session.clock.stamp(), UNDO_DAYS):
        raise InvalidInputError(f"这条记录删除已超过 {UNDO_DAYS} 天，不能恢复。")
    faults = work_effects.twice(connection, row.record, identifier)
    if faults:
        raise InvalidInputError("不能恢复：" + "；".join(faults.values()))
    Writer(connection, session.user).restore(records.MODELS[kind], identifier, row.revision)

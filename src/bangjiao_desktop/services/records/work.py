"""Recording work: reading, saving, deleting and bringing back every kind of record (domain.layout)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.kinds.person import ListedPerson, Person
from bangjiao_desktop.domain.kinds.record import Record, Situation
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.kinds.transfer import Transfer
from bangjiao_desktop.domain.layout import Kind, kind_of, ledger_kinds
from bangjiao_desktop.domain.record_checks import check_record, require_known, wrong_types
from bangjiao_desktop.domain.roles import Permission, require
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.domain.withheld import is_withheld
from bangjiao_desktop.domain.work import UNDO_DAYS, WorkFilter, WorkPage, WorkSort
from bangjiao_desktop.services.base.arguments import read_revision, rows_wanted
from bangjiao_desktop.services.base.definitions import in_force_on
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import note_withheld, require_withheld, sight_of
from bangjiao_desktop.services.base.typed import kept_record, typed_record
from bangjiao_desktop.services.records import register_changes as changes
from bangjiao_desktop.services.records import transfers, work_effects
from bangjiao_desktop.store.reads import ledger, overview, records
from bangjiao_desktop.store.reads import work as store
from bangjiao_desktop.store.reads.episodes import in_episode
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
        person, _ = _person(session, connection, person_id)
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
    known_kind = _required(session, kind)
    if known_kind.of_people:
        raise InvalidInputError("人员的基本情况不作为工作记录保存。")
    if wrong := wrong_types(known_kind, values):
        raise InvalidRecordError(wrong)
    with session.ledger.write() as connection:
        person, left_on = _person(session, connection, values.get("person_id"))
        if known_kind.needs_person and person is None:
            raise InvalidRecordError({"person_id": "请选择人员"})
        if identifier is not None:
            values = _as_kept(session, connection, known_kind, values, identifier)
        offices = {office["id"]: str(office["name"]) for office in records.offices(connection)}
        office_id = values.get("office_id") or (None if person is None else person.office_id) or next(iter(offices))
        record = typed_record(known_kind, {**values, "office_id": office_id})
        several = person is not None and person.episode_number > 1
        person, left_on = _of_its_release(session, connection, person, record, left_on)
        later: dict[str, str] = {}
        if isinstance(record, RegisterChange) and person is not None:
            episode_id = person.episode_id if identifier is None else changes.episode_ended_by(connection, identifier)
            record = replace(record, episode_id=episode_id)
            later = changes.overlapping(connection, record)
        if isinstance(record, Transfer):
            record, later = transfers.answered(connection, session, record, person, identifier)
        seen = Situation(
            session.today(), person, records.lengths(kind), tuple(offices.values()), left_on, identifier is not None,
            follows=True, released_again=changes.released_after(connection, person) if several else None,
        )  # fmt: skip
        checked = check_record(record, seen)
        faults = checked.faults or later or work_effects.twice(connection, record, identifier)
        if faults:
            raise InvalidRecordError(faults)
        if not knowing:
            stored = None if identifier is None else store.work_row(connection, EVERYTHING, kind, identifier)
            known = {} if stored is None else check_record(stored.record, seen).remarks
            require_known(checked.remarks, known)
        if office_id not in offices:
            raise InvalidRecordError({"office_id": "请选择责任单位"})
        try:
            return _write(
                Writer(connection, session.user),
                connection,
                kept_record(known_kind, record),
                person,
                identifier,
                revision,
            )
        except StaleRecordError as error:
            raise _seen_stale(session, connection, kind, error) from error


def _required(session: Session, kind: str) -> Kind:
    """The kind, whose records this user may write."""
    known_kind = kind_of(kind)
    if known_kind.record.KIND.of_release:
        raise InvalidInputError("履历请在人员页的“履历”里修改、补录或删除。")
    if known_kind.record.KIND.decided:
        require(session.role, Permission.DECIDE)
    return known_kind


def _as_kept(
    session: Session, connection: Any, kind: Kind, values: Mapping[str, Any], identifier: uuid.UUID
) -> Mapping[str, Any]:
    """The values with what was hidden from the user, and came back untouched, as the ledger keeps it."""
    shown = store.work_row(connection, sight_of(session), kind.key, identifier)
    whole = store.work_row(connection, EVERYTHING, kind.key, identifier)
    if shown is None or whole is None:
        return values
    seen, kept = shown.record.values(), whole.record.values()
    hidden = {name for name in seen if seen[name] != kept[name] and name in values}
    changed = sorted(name for name in hidden if values[name] != seen[name])
    if changed:
        raise InvalidRecordError(dict.fromkeys(changed, "这一项里有对您隐去的内容，需由所长修改"))
    return {**values, **{name: kept[name] for name in hidden}}


def _seen_stale(session: Session, connection: Any, kind: str, error: StaleRecordError) -> StaleRecordError:
    """Return the fault of a stale save with the other's record as it may be seen."""
    identifier = None if error.current is None else error.current.id
    seen = None if identifier is None else store.work_row(connection, sight_of(session), kind, identifier)
    return StaleRecordError(error.message, None if seen is None or seen.deleted_at is not None else seen.record)


def _person(session: Session, connection: Any, person_id: uuid.UUID | None) -> tuple[ListedPerson | None, date | None]:
    """Whom a record is about, as they may be seen, and the day they left the register."""
    found = None if person_id is None else ledger.person_row(connection, sight_of(session), person_id, session.today())
    return (None, None) if found is None else (found, found.changed_on)


def _of_its_release(
    session: Session, connection: Any, person: ListedPerson | None, record: Record, left_on: date | None
) -> tuple[ListedPerson | None, date | None]:
    """Whom a record is about as they are in the release it belongs to (DOMAIN.md §5), and the day that ended."""
    if person is None:
        return None, left_on
    found = in_episode(connection, sight_of(session), person, record.day)
    return found, found.changed_on


def _write(
    writer: Writer,
    connection: Any,
    record: Record,
    person: Person | None,
    identifier: uuid.UUID | None,
    revision: int | None,
) -> uuid.UUID:
    model = records.MODELS[record.KIND.name]
    record = work_effects.numbered(connection, record)
    before = None if identifier is None else work_effects.as_kept(connection, record, identifier)
    if identifier is None:
        [identifier] = writer.insert(model, [record.row()])
    else:
        changes = {**record.values(), "office_id": record.office_id}
        writer.update(model, identifier, read_revision(revision), changes)
    work_effects.follow(writer, connection, record, person, identifier, before)
    return identifier


@needs(Permission.DELETE)
def delete(session: Session, kind: str, identifier: uuid.UUID, revision: int) -> None:
    """Delete a record; it can be brought back from the person's page for 30 days.

    Raises:
        StaleRecordError: someone else saved it first.
    """
    _required(session, kind)
    with session.ledger.write() as connection:
        _delete_row(session, connection, kind, identifier, revision)


@needs(Permission.DELETE)
def restore(session: Session, kind: str, identifier: uuid.UUID) -> None:
    """Bring a deleted record back.

    Raises:
        InvalidInputError: it was deleted more than 30 days ago, or another took its place.
    """
    _required(session, kind)
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
    _required(session, kind)
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
        _required(session, model)
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
        raise _seen_stale(session, connection, kind, error) from error


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

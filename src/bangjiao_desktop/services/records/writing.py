"""Writing one record inside a transaction that was begun: its check, what follows from it, what others made of it."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.kinds.person import ListedPerson, Person
from bangjiao_desktop.domain.kinds.record import Record, Situation
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.kinds.transfer import Transfer
from bangjiao_desktop.domain.layout import Kind, kind_of
from bangjiao_desktop.domain.record_checks import check_record, require_known, wrong_types
from bangjiao_desktop.domain.roles import Permission, require
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.services.base.arguments import read_revision
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.base.typed import kept_record, typed_record
from bangjiao_desktop.services.records import register_changes as changes
from bangjiao_desktop.services.records import transfers, work_effects
from bangjiao_desktop.store.reads import ledger, records
from bangjiao_desktop.store.reads import work as store
from bangjiao_desktop.store.reads.episodes import in_episode
from bangjiao_desktop.store.writes.writer import Writer


def required(kind: str, session: Session) -> Kind:
    """Return the kind, whose records this user may write.

    Raises:
        InvalidInputError: its records are kept with a release.
        NotPermittedError: only those who decide write them.
    """
    known_kind = kind_of(kind)
    if known_kind.record.KIND.of_release:
        raise InvalidInputError("履历请在人员页的“履历”里修改、补录或删除。")
    if known_kind.record.KIND.decided:
        require(session.role, Permission.DECIDE)
    return known_kind


def write_record(
    connection: Any,
    session: Session,
    kind: Kind,
    values: Mapping[str, Any],
    *,
    identifier: uuid.UUID | None = None,
    revision: int | None = None,
    knowing: bool = True,
) -> uuid.UUID:
    """Write a new record, or a changed one, with what follows from it; return its key. As `work.save`, of which it is the inside.

    Args:
        connection: from `Ledger.write()`; where this raises, the transaction has to be given up.
        session: who saves.
        kind: from `required`.
        values: field → typed value, with person_id and office_id.
        identifier: of a known record.
        revision: read with it.
        knowing: whoever saves knows what is doubtful; else that is raised first.

    Raises:
        KnownError: as of `work.save`.
    """
    if kind.of_people:
        raise InvalidInputError("人员的基本情况不作为工作记录保存。")
    if wrong := wrong_types(kind, values):
        raise InvalidRecordError(wrong)
    person, left_on = person_of(connection, session, values.get("person_id"))
    if kind.needs_person and person is None:
        raise InvalidRecordError({"person_id": "请选择人员"})
    if identifier is not None:
        values = _as_kept(session, connection, kind, values, identifier)
    offices = {office["id"]: str(office["name"]) for office in records.offices(connection)}
    office_id = values.get("office_id") or (None if person is None else person.office_id) or next(iter(offices))
    record = typed_record(kind, {**values, "office_id": office_id})
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
        session.today(), person, records.lengths(kind.key), tuple(offices.values()), left_on, identifier is not None,
        follows=True, released_again=changes.released_after(connection, person) if several else None,
    )  # fmt: skip
    checked = check_record(record, seen)
    faults = checked.faults or later or work_effects.twice(connection, record, identifier)
    if faults:
        raise InvalidRecordError(faults)
    if not knowing:
        stored = None if identifier is None else store.work_row(connection, EVERYTHING, kind.key, identifier)
        known = {} if stored is None else check_record(stored.record, seen).remarks
        require_known(checked.remarks, known)
    if office_id not in offices:
        raise InvalidRecordError({"office_id": "请选择责任单位"})
    try:
        return _write(
            Writer(connection, session.user),
            connection,
            kept_record(kind, record),
            person,
            identifier,
            revision,
        )
    except StaleRecordError as error:
        raise seen_stale(connection, session, kind.key, error) from error


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


def seen_stale(connection: Any, session: Session, kind: str, error: StaleRecordError) -> StaleRecordError:
    """Return the fault of a stale save with the other's record as it may be seen."""
    identifier = None if error.current is None else error.current.id
    seen = None if identifier is None else store.work_row(connection, sight_of(session), kind, identifier)
    return StaleRecordError(error.message, None if seen is None or seen.deleted_at is not None else seen.record)


def person_of(
    connection: Any, session: Session, person_id: uuid.UUID | None
) -> tuple[ListedPerson | None, date | None]:
    """Return whom a record is about, as they may be seen, and the day they left the register; (None, None) for nobody."""
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

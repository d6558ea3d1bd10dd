"""Writing one person inside a transaction that was begun: the check, what stays hidden, what is kept by days."""

import contextlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.identity_number import IdentityNumberError, parse_identity_number
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.record import Situation
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.domain.record_checks import check_record, require_known, wrong_types
from bangjiao_desktop.domain.roles import Permission, require
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.services.base.arguments import read_revision
from bangjiao_desktop.services.base.provisional import take_provisional_number
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.base.typed import as_kept, looked_at_as_typed, typed_record
from bangjiao_desktop.services.people.episodes import overlapping
from bangjiao_desktop.services.records.transfers import fault_of_office
from bangjiao_desktop.store.reads import ledger, reads, records
from bangjiao_desktop.store.reads.episodes import episodes_of, standings_of
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.writes.standings import stand, told_later
from bangjiao_desktop.store.writes.writer import Writer


def write_person(
    connection: Any,
    session: Session,
    values: Mapping[str, Any],
    *,
    identifier: uuid.UUID | None = None,
    revision: int | None = None,
    knowing: bool = True,
    since: date | None = None,
) -> uuid.UUID:
    """Write a person inside a transaction that was begun: the inside of `save_person`, which see.

    Args:
        connection: from `Ledger.write()`; where this raises, the transaction has to be given up.
        session: who saves.
        values: as of `save_person`, and so are the others.
        identifier: of a known person.
        revision: read with it.
        knowing: whoever saves knows what is doubtful.
        since: from which day what is kept by days holds.

    Raises:
        KnownError: as of `save_person`.
    """
    kind = kind_of("person")
    names = tuple(PersonRecord.specs())
    if wrong := wrong_types(kind, values):
        raise InvalidRecordError(wrong)
    complete = {name: as_kept(kind, name, values.get(name)) for name in names}
    with contextlib.suppress(IdentityNumberError):
        complete["identity_number"] = parse_identity_number(complete["identity_number"]).value
    complete = PersonRecord.completed(complete)
    today = session.today()
    current = None if identifier is None else ledger.person_row(connection, sight_of(session), identifier, today)
    if identifier is not None and current is None:
        raise InvalidInputError("这个人已不在台账中。")
    if values.get("office_id") not in {office["id"] for office in records.offices(connection)}:
        raise InvalidRecordError({"office_id": "请选择责任单位"})
    hidden: dict[str, Any] = {}
    if identifier is not None and current is not None:
        hidden = _hidden(connection, identifier, current, names, today)
        changed = [name for name in hidden if complete[name] != as_kept(kind, name, getattr(current, name))]
        if changed:
            raise InvalidRecordError(dict.fromkeys(changed, "这一项里有对您隐去的内容，需由所长修改"))
        complete |= hidden
    take_provisional_number(connection, complete, values["office_id"], current.identity_number if current else "")
    waits = complete["release_date"] is None and current is not None and current.in_prison
    seen = Situation(
        today, lengths=records.lengths("person"), left_on=current.changed_on if current else None, follows=True,
        imprisoned=bool(values.get("imprisoned", waits)),
    )  # fmt: skip
    typed = {name: values[name] for name in looked_at_as_typed(kind) if values.get(name) and name not in hidden}
    checked = check_record(typed_record(kind, complete | typed), seen)
    faults = checked.faults
    if current is not None and complete["release_date"] != current.release_date:
        faults = {**_moved(connection, current, complete["release_date"]), **faults}
    if current is not None and values.get("office_id") != current.office_id:
        faults |= {"office_id": told} if (told := fault_of_office(connection, session)) else {}
    if any(
        complete[name] != (PersonRecord.empty(name) if current is None else getattr(current, name))
        for name in PersonRecord.OF_SEALING
    ):
        require(session.role, Permission.SEAL)
    if "identity_number" not in faults and records.exists(
        connection, Person, identifier, identity_number=complete["identity_number"]
    ):
        known = reads.person_by_number(connection, sight_of(session), complete["identity_number"])
        faults["identity_number"] = (
            "台账中已有这个公民身份号码的人；如系再次释放，请到此人页面按“再次衔接”"
            if known
            else "这个公民身份号码需由所长处理"
        )
    held: dict[str, Any] = {}
    if since is not None and current is not None:
        wanted = complete | {"office_id": values.get("office_id")}
        names_changed = (name for name in PersonRecord.OF_STANDING if wanted[name] != getattr(current, name))
        held = {name: wanted[name] for name in names_changed if name not in hidden}
        if reason := _since_fault(since, current, today) or _told_later(connection, current, since, held):
            faults["since"] = reason
    if faults:
        raise InvalidRecordError(faults)
    if not knowing:
        require_known(checked.remarks, {} if current is None else check_record(current, seen).remarks)
    complete["office_id"] = values["office_id"]
    writer = Writer(connection, session.user)
    if current is not None:
        complete |= {name: getattr(current, name) for name in held}
    if identifier is None:
        return writer.insert(Person, [complete])[0]
    try:
        writer.update(Person, identifier, read_revision(revision), complete)
    except StaleRecordError as error:
        now = ledger.person_row(connection, sight_of(session), identifier, today)
        raise StaleRecordError(error.message, now) from error
    if since is not None and current is not None and current.episode_id is not None:
        stand(writer, connection, current.episode_id, since, held)
    return identifier


def _moved(connection: Any, person: ListedPerson, release: date | None) -> dict[str, str]:
    """Why the latest release of a person cannot be on another day."""
    held = standings_of(connection, EVERYTHING, person.id)
    releases = episodes_of(connection, EVERYTHING, person, held)
    place = next((number for number, one in enumerate(releases) if one.id == person.episode_id), None)
    return {} if place is None else overlapping(releases, place, release, held.get(releases[place].id, []))


def _told_later(connection: Any, person: ListedPerson, since: date, held: Mapping[str, Any]) -> str:
    """Why values cannot hold from a day till now: from a later day on something else was recorded."""
    later = None if person.episode_id is None else told_later(connection, person.episode_id, since, held)
    return "" if later is None else f"从 {later[0]} 起履历另有记录，请选那一天以后，或到“履历”里改"


def _since_fault(since: date, person: ListedPerson | None, today: date) -> str:
    """Why something cannot hold from a day on, "" if it can."""
    if since > today:
        return "起始日期不能晚于今天"
    if person is not None and person.release_date is not None and since < person.release_date:
        return f"起始日期不能早于释放日期（{person.release_date}）；原来就录错的请选“更正”"
    return ""


def _hidden(
    connection: Any, identifier: uuid.UUID, seen: ListedPerson, names: Iterable[str], today: date
) -> dict[str, Any]:
    """What of a person's data is hidden from the user, as the ledger keeps it."""
    kept = ledger.person_row(connection, EVERYTHING, identifier, today)
    return {name: getattr(kept, name) for name in names if getattr(kept, name) != getattr(seen, name)}

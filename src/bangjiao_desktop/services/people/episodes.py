"""A person's releases (帮教期次) and what holds of each from a day on (履历): reading, 再次衔接, putting right."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bangjiao_desktop.domain.episodes import BEGINNING, FOREVER, fault_between, fault_moving
from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError, StaleError
from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.record import Situation
from bangjiao_desktop.domain.kinds.register_change import DIED
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.domain.record_checks import check_record, require_known, wrong_types
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.domain.work import UNDO_DAYS
from bangjiao_desktop.services.base.arguments import read_revision
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.base.typed import as_kept, typed_record
from bangjiao_desktop.services.people.hidden import standing_as_kept, unhidden
from bangjiao_desktop.services.records.transfers import fault_of_office
from bangjiao_desktop.store.reads import episodes as reads
from bangjiao_desktop.store.reads import ledger, records
from bangjiao_desktop.store.reads.work import oldest_undo, work_row
from bangjiao_desktop.store.tables import episode_models as tables
from bangjiao_desktop.store.writes.standings import move_first, offices_held, stand
from bangjiao_desktop.store.writes.writer import Writer

_CARRIED = ("office_id", "residence_type", "caseworker", "village", "prior_convictions")
"""What a new release begins with from the one before."""
_GONE, _NO_RELEASE = "这个人已不在台账中。", "这一期帮教已不在台账中。"


@dataclass(frozen=True)
class History:
    """A person's releases and the standings of each, the first first.

    Attributes:
        person: as they may be seen, with the latest release.
        episodes: the releases.
        standings: key of a release → what held of it.
        offices: key → name.
    """

    person: ListedPerson
    episodes: list[Episode]
    standings: Mapping[uuid.UUID, list[Standing]]
    offices: Mapping[uuid.UUID, str]


@needs(Permission.SEE_PEOPLE)
def history(session: Session, person_id: uuid.UUID) -> History:
    """Return the releases of a person.

    Raises:
        InvalidInputError: the person is not in the ledger.
        NotPermittedError: the file is sealed and the user has no authority.
    """
    with session.ledger.read() as connection:
        person = _person(session, connection, person_id)
        offices = {row["id"]: str(row["name"]) for row in records.offices(connection)}
        held = reads.standings_of(connection, sight_of(session), person_id)
        episodes = reads.episodes_of(connection, sight_of(session), person, held)
        return History(person, episodes, held, offices)


@needs(Permission.SEE_PEOPLE)
def blank_again(session: Session, person_id: uuid.UUID) -> dict[str, Any]:
    """Return the values the next release of a person begins with: what carries over, else what a new person begins with.

    Raises:
        InvalidInputError: as `history`; or the latest release has not ended yet.
    """
    with session.ledger.read() as connection:
        person = _person(session, connection, person_id)
    if person.changed_on is None:
        raise InvalidInputError(fault_between(person.episode_number, person.release_date, None, None) + "。")
    specs = PersonRecord.specs()
    begun = {name: specs[name].begins or PersonRecord.empty(name) for name in PersonRecord.OF_EPISODE}
    begun |= {"risk": specs["risk"].begins}
    return begun | {name: getattr(person, name) for name in _CARRIED}


@needs(Permission.EDIT_PEOPLE)
def begin_again(session: Session, person_id: uuid.UUID, values: Mapping[str, Any], *, knowing: bool = True) -> None:
    """Begin the next release of a person (再次衔接): the past one stays as it was.

    Args:
        session: who does it.
        person_id: whose.
        values: field → value of `Person.OF_EPISODE` and `Person.OF_STANDING`; `imprisoned` for who has no day of release
            yet.
        knowing: whoever saves knows what is doubtful; else that is raised first.

    Raises:
        InvalidRecordError: with a sentence for each field; the release before has not ended, or ends later.
        DoubtfulRecordError: something is doubtful, and `knowing` is not set.
    """
    kind = kind_of("person")
    if wrong := wrong_types(kind, values):
        raise InvalidRecordError(wrong)
    own = (*PersonRecord.OF_EPISODE, *PersonRecord.OF_STANDING)
    today = session.today()
    with session.ledger.write() as connection:
        person = _person(session, connection, person_id)
        given = {name: as_kept(kind, name, values.get(name)) for name in own if name != "office_id"}
        complete = PersonRecord.completed({**person.values(), **given})
        checked = check_record(
            typed_record(kind, complete),
            Situation(
                today, lengths=records.lengths("person"), follows=True, imprisoned=bool(values.get("imprisoned"))
            ),
        )
        faults = {name: reason for name, reason in checked.faults.items() if name in (*own, "imprisoned")}
        between = fault_between(person.episode_number, person.release_date, person.changed_on, complete["release_date"])
        if not between and person.reason == DIED:
            between = f"第{person.episode_number}期因死亡离册（{person.changed_on}），请核对是不是同一个人"
        if between:
            faults["release_date"] = between
        if values.get("office_id") not in {office["id"] for office in records.offices(connection)}:
            faults["office_id"] = "请选择责任单位"
        if faults:
            raise InvalidRecordError(faults)
        if not knowing:
            require_known({name: told for name, told in checked.remarks.items() if name in own}, {})
        complete["office_id"] = values["office_id"]
        complete |= _carried_whole(connection, person, complete, today)
        add_release(Writer(connection, session.user), person_id, person.episode_number + 1, complete)


def _carried_whole(connection: Any, person: ListedPerson, values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """What a release takes over from the one before and was hidden from the user, as the ledger keeps it."""
    kept = ledger.person_row(connection, EVERYTHING, person.id, today)
    return {
        name: getattr(kept, name)
        for name in PersonRecord.OF_STANDING
        if values[name] == getattr(person, name) != getattr(kept, name)
    }


def add_release(writer: Writer, person_id: uuid.UUID, number: int, values: Mapping[str, Any]) -> None:
    """Write a release and the standing it begins with.

    Args:
        writer: of the transaction.
        person_id: whose.
        number: which it is.
        values: of `Person.OF_EPISODE` and `Person.OF_STANDING`, checked.
    """
    from uuid_utils.compat import uuid7

    key, release = uuid7(), values["release_date"] or FOREVER
    begins = values["release_date"] or BEGINNING  # as `store.writes.episodes.begin`: moved once there is a day
    owner = {"person_id": person_id, "office_id": values["office_id"]}
    episode = {name: values[name] for name in PersonRecord.OF_EPISODE}
    standing = {name: values[name] for name in PersonRecord.OF_STANDING}
    days = {"valid_from": release, "valid_until": FOREVER}
    writer.insert_together(
        (tables.Episode,
         [{"id": key, **owner, **episode, "number": number, "records_from": release, "records_until": FOREVER}]),
        (tables.Standing, [{**owner, "episode_id": key, "from_date": begins, **standing, **days}]),
    )  # fmt: skip


@needs(Permission.EDIT_PEOPLE)
def save_episode(
    session: Session, person_id: uuid.UUID, values: Mapping[str, Any],
    *, identifier: uuid.UUID, revision: int | None, knowing: bool = True,
) -> None:  # fmt: skip
    """Put right what was recorded of a past release (更正): its dates, offence, sentence, prison, handover.

    Args:
        session: who does it.
        person_id: whose.
        values: field → value of `Person.OF_EPISODE`; others are left as they are. `imprisoned` as in `begin_again`.
        identifier: of the release.
        revision: read with it.
        knowing: whoever saves knows what is doubtful; else that is raised first.

    Raises:
        InvalidRecordError: with a sentence for each field; it would overlap the release before or after.
        DoubtfulRecordError: something new is doubtful, and `knowing` is not set.
        StaleRecordError: somebody else changed this release first; carries it as it stands.
    """
    kind = kind_of("person")
    if wrong := wrong_types(kind, values):
        raise InvalidRecordError(wrong)
    own = PersonRecord.OF_EPISODE
    with session.ledger.write() as connection:
        person = _person(session, connection, person_id)
        releases = reads.episodes_of(connection, sight_of(session), person)
        place = next((number for number, one in enumerate(releases) if one.id == identifier), None)
        if place is None:
            raise InvalidInputError(_NO_RELEASE)
        known = releases[place]
        given = {name: as_kept(kind, name, values[name]) for name in own if name in values}
        whole = reads.episodes_of(connection, EVERYTHING, person)[place].release.values()
        given, hidden = unhidden(given, known.release.values(), whole)
        complete = PersonRecord.completed({**whole, **given})
        waits = complete["release_date"] is None and known.release.release_date is None
        seen = Situation(
            session.today(), lengths=records.lengths("person"), left_on=known.changed_on, follows=True,
            imprisoned=bool(values.get("imprisoned", waits)),
        )  # fmt: skip
        checked = check_record(typed_record(kind, complete), seen)
        faults = {name: reason for name, reason in checked.faults.items() if name in (*own, "imprisoned")}
        held = reads.standings_of(connection, sight_of(session), person_id).get(identifier, [])
        faults |= overlapping(releases, place, complete["release_date"], held) | hidden
        if faults:
            raise InvalidRecordError(faults)
        if not knowing:
            before = check_record(known.release, seen).remarks
            require_known({name: told for name, told in checked.remarks.items() if name in own}, before)
        writer = Writer(connection, session.user)
        try:
            writer.update(tables.Episode, identifier, read_revision(revision), {name: complete[name] for name in given})
        except StaleError as error:
            raise StaleRecordError(error.message, as_person(known)) from error
        move_first(writer, connection, identifier, known.release.release_date, complete["release_date"])


@needs(Permission.EDIT_PEOPLE)
def save_standing(
    session: Session, person_id: uuid.UUID, values: Mapping[str, Any],
    *, identifier: uuid.UUID | None = None, revision: int | None = None, episode_id: uuid.UUID | None = None,
) -> None:  # fmt: skip
    """Put a standing right, or add one that was forgotten.

    A new one changes what later ones only carried along, as `store.writes.standings.stand`.

    Args:
        session: who does it.
        person_id: whose.
        values: from_date and fields of `Person.OF_STANDING`.
        identifier: of a known standing; None for a new one.
        revision: read with it.
        episode_id: of a new one; None for the latest release.

    Raises:
        InvalidRecordError: with a sentence for each field.
        StaleRecordError: somebody else changed it first.
    """
    kind = kind_of("standing")
    if wrong := wrong_types(kind, values):
        raise InvalidRecordError(wrong)
    with session.ledger.write() as connection:
        person = _person(session, connection, person_id)
        seen = reads.standings_of(connection, sight_of(session), person_id)
        episode_id = next(
            (key for key, some in seen.items() for one in some if one.id == identifier),
            episode_id or person.episode_id,
        )
        releases = {one.id: one for one in reads.episodes_of(connection, sight_of(session), person, seen)}
        if episode_id is None or episode_id not in releases:
            raise InvalidInputError(_NO_RELEASE)
        held = seen[episode_id], reads.standings_of(connection, EVERYTHING, person_id)[episode_id]
        whole, hidden = standing_as_kept(values, *held, identifier)
        record = typed_record(kind, {**whole, "person_id": person_id, "episode_id": episode_id})
        assert isinstance(record, Standing)
        checked = check_record(
            record, Situation(session.today(), releases[episode_id].release, records.lengths("standing"), follows=True)
        )
        faults = checked.faults | hidden
        begun = next((one.from_date for one in seen[episode_id] if one.id == identifier), None)
        if begun == BEGINNING and values.get("from_date") == BEGINNING:  # of who is in prison: from the release on
            faults.pop("from_date", None)
            record = replace(record, from_date=BEGINNING)
        if record.office_id not in {office["id"] for office in records.offices(connection)}:
            faults["office_id"] = "请选择责任单位"
        if any(one.from_date == record.from_date and one.id != identifier for one in seen[episode_id]):
            faults["from_date"] = "这一天已有一条履历，请修改那一条"
        if faults:
            raise InvalidRecordError(faults)
        told = {name: getattr(record, name) for name in PersonRecord.OF_STANDING}
        writer = Writer(connection, session.user)
        before = offices_held(connection, episode_id)
        if identifier is None:
            assert record.from_date is not None
            stand(writer, connection, episode_id, record.from_date, told)
        else:
            writer.update(tables.Standing, identifier, read_revision(revision), {"from_date": record.from_date, **told})
        if reason := _fault_of_moving(connection, session, episode_id, before):
            same = record.office_id in {one.office_id for one in held[1]}
            raise InvalidRecordError({"from_date" if same else "office_id": reason})


@needs(Permission.EDIT_PEOPLE)
def remove_standing(session: Session, person_id: uuid.UUID, identifier: uuid.UUID, revision: int) -> None:
    """Take away a standing that was recorded by mistake: what was before goes on holding.

    Raises:
        InvalidInputError: it is the only one of its release.
        StaleRecordError: somebody else changed it first.
    """
    with session.ledger.write() as connection:
        _person(session, connection, person_id)
        mine = next(
            (
                some
                for some in reads.standings_of(connection, sight_of(session), person_id).values()
                if any(one.id == identifier for one in some)
            ),
            [],
        )
        if len(mine) < 2:
            raise InvalidInputError("一期至少要有一条履历，不能删除；录错的请修改。")
        of = mine[0].episode_id
        assert of is not None
        before = offices_held(connection, of)
        Writer(connection, session.user).delete(tables.Standing, identifier, read_revision(revision))
        if reason := _fault_of_moving(connection, session, of, before):
            raise InvalidInputError(f"删除后，这段时间改由别的司法所负责。{reason}。")


@needs(Permission.EDIT_PEOPLE)
def restore_standing(session: Session, person_id: uuid.UUID, identifier: uuid.UUID) -> None:
    """Bring a standing back that was taken away.

    Raises:
        InvalidInputError: it was taken away long ago, or another holds from its day on.
    """
    with session.ledger.write() as connection:
        person = _person(session, connection, person_id)
        row = work_row(connection, sight_of(session), Standing.KIND.name, identifier)
        if row is None or not isinstance(row.record, Standing) or row.record.person_id != person.id:
            raise InvalidInputError("这条履历已不在台账中。")
        if row.deleted_at is None:
            return
        if row.deleted_at < oldest_undo(session.clock.stamp(), UNDO_DAYS):
            raise InvalidInputError(f"这条履历删除已超过 {UNDO_DAYS} 天，不能恢复。")
        of, day = row.record.episode_id, row.record.from_date
        held = [] if of is None else reads.standings_of(connection, sight_of(session), person_id).get(of, [])
        if of is None or not held:
            raise InvalidInputError(_NO_RELEASE)
        if any(one.from_date == day for one in held):
            raise InvalidInputError(f"不能恢复：从 {day} 起已有另一条履历。")
        before = offices_held(connection, of)
        Writer(connection, session.user).restore(tables.Standing, identifier, row.revision)
        if reason := _fault_of_moving(connection, session, of, before):
            raise InvalidInputError(f"恢复后，这段时间改由别的司法所负责。{reason}。")


def _fault_of_moving(
    connection: Any, session: Session, episode_id: uuid.UUID, before: Sequence[tuple[date, uuid.UUID]]
) -> str:
    """Why a history may not be left as it was just made, "" if it may: the transaction is given up then.

    Whoever works for one office hands people over by a transfer: no row of the history may change who is responsible on
    any day (`fault_of_office`).
    """
    return "" if offices_held(connection, episode_id) == before else fault_of_office(connection, session)


def as_person(episode: Episode) -> PersonRecord:
    """Return a release as a form of a person's fields edits it: with its own key and revision."""
    return replace(episode.release, id=episode.id, revision=episode.revision)


def overlapping(
    releases: Sequence[Episode], place: int, release: date | None, held: Sequence[Standing]
) -> dict[str, str]:
    """Return field → why a release cannot be on a day: beside the one before, what ended it, what changed within it.

    Args:
        releases: all of the person's, the first first.
        place: of the one in question among them.
        release: its day; None for who is still in prison.
        held: its standings, the first first.
    """
    known, before = releases[place], None
    if place:
        one = releases[place - 1]
        assert one.release.release_date is not None
        before = (one.number, one.release.release_date, one.changed_on)
    days = [one.from_date for one in held[1:] if one.from_date is not None]
    told = fault_moving(release, known.changed_on, days, before)
    return {"release_date": told} if told else {}


def _person(session: Session, connection: Any, person_id: uuid.UUID) -> ListedPerson:
    found = ledger.person_row(connection, sight_of(session), person_id, session.today())
    if found is None:
        raise InvalidInputError(_GONE)
    return found


__all__ = [
    "History",
    "add_release",
    "as_person",
    "begin_again",
    "blank_again",
    "history",
    "remove_standing",
    "restore_standing",
    "save_episode",
    "save_standing",
]

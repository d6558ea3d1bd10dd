"""The releases of a person and what held of each from which day on (帮教期次、履历)."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.orm import aliased

from bangjiao_desktop.domain.episodes import BEGINNING, FOREVER
from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.store.reads.veil import Veil
from bangjiao_desktop.store.tables import episode_models as tables
from bangjiao_desktop.store.tables.models import Base, Office, Person, RegisterChange
from bangjiao_desktop.store.writes.episodes import table_of

_CHUNK = 500
_BESIDE = ("created_at", "updated_at", "deleted_at", "valid_from", "valid_until")


def standings_of(connection: Connection, sight: Sight, person_id: uuid.UUID) -> dict[uuid.UUID, list[Standing]]:
    """Return the standings of each of a person's releases, the first first.

    Args:
        connection: from `Ledger.read()` or `Ledger.write()`.
        sight: what may be seen; whether the person's own file is open was asked before.
        person_id: whose.
    """
    table = table_of(tables.Standing)
    seen = _veil(connection, sight, tables.Standing)
    statement = select(table).where(table.c.person_id == person_id, table.c.deleted_at.is_(None))
    found: defaultdict[uuid.UUID, list[Standing]] = defaultdict(list)
    for row in connection.execute(statement.order_by(table.c.from_date)).mappings():
        found[row["episode_id"]].append(Standing.of({k: v for k, v in seen(dict(row)).items() if k not in _BESIDE}))
    return dict(found)


def episodes_of(
    connection: Connection, sight: Sight, person: PersonRecord, held: Mapping[uuid.UUID, list[Standing]] | None = None
) -> list[Episode]:
    """Return the releases of a person, the first first, each with the latest of its standings.

    Args:
        connection: from `Ledger.read()` or `Ledger.write()`.
        sight: what may be seen.
        person: as they may be seen.
        held: `standings_of` them, where these were read already.
    """
    assert person.id is not None
    table = table_of(tables.Episode)
    standings = standings_of(connection, sight, person.id) if held is None else held
    seen = _veil(connection, sight, tables.Standing)
    statement = select(table).where(table.c.person_id == person.id, table.c.deleted_at.is_(None))
    rows = connection.execute(statement.order_by(table.c.number)).mappings()
    return [_episode(seen(dict(row)), person, standings.get(row["id"], [])) for row in rows]


def releases_of(connection: Connection, people: Sequence[ListedPerson]) -> dict[uuid.UUID, list[Episode]]:
    """Return the releases of people, the first first, without what held of each: for lists.

    Args:
        connection: from `Ledger.read()`.
        people: as they may be seen.
    """
    rows = rows_of(connection, [one.id for one in people])
    return {one.id: [_episode(row, one, []) for row in rows.get(one.id, [])] for one in people}


def rows_of(connection: Connection, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Return the rows of the releases of people, for who imports: the first first."""
    table = table_of(tables.Episode)
    found: defaultdict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    for begin in range(0, len(people), _CHUNK):
        statement = select(table).where(
            table.c.person_id.in_(people[begin : begin + _CHUNK]), table.c.deleted_at.is_(None)
        )
        result = connection.execute(statement.order_by(table.c.person_id, table.c.number))
        names = tuple(result.keys())
        for values in result:
            row = dict(zip(names, values, strict=True))
            found[row["person_id"]].append(row)
    return dict(found)


def standing_rows_of(connection: Connection, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Return the rows of the standings of people by release, for who imports: the first first."""
    table = table_of(tables.Standing)
    found: defaultdict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    for begin in range(0, len(people), _CHUNK):
        statement = select(table).where(
            table.c.person_id.in_(people[begin : begin + _CHUNK]), table.c.deleted_at.is_(None)
        )
        for row in connection.execute(statement.order_by(table.c.episode_id, table.c.from_date)).mappings():
            found[row["episode_id"]].append(dict(row))
    return dict(found)


def last_held(
    connection: Connection, people: Sequence[uuid.UUID], fields: Iterable[str]
) -> dict[uuid.UUID, dict[str, Any]]:
    """Return some fields of the last standing of each release of people, by release, for who imports."""
    table = table_of(tables.Standing)
    asked = ("episode_id", *fields)
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for begin in range(0, len(people), _CHUNK):
        statement = select(*(table.c[name] for name in asked)).where(
            table.c.person_id.in_(people[begin : begin + _CHUNK]), table.c.deleted_at.is_(None),
            table.c.valid_until == FOREVER,
        )  # fmt: skip
        found.update((values[0], dict(zip(asked, values, strict=True))) for values in connection.execute(statement))
    return found


def histories(
    connection: Connection, sight: Sight, people: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[dict[str, Any], list[dict[str, Any]]]]]:
    """Return for each of these people their releases, the first first, each with the rows of its standings.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen; texts that tell of sealed people are hidden.
        people: whose files may be seen.
    """
    hide, told = (_veil(connection, sight, one) for one in (tables.Episode, tables.Standing))
    standings = standing_rows_of(connection, people)
    return {
        person: [(hide(row), [told(one) for one in standings.get(row["id"], [])]) for row in rows]
        for person, rows in rows_of(connection, people).items()
    }


def _veil(connection: Connection, sight: Sight, model: type[Base]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    veil = Veil(connection, sight, table_of(model))
    return (lambda row: row) if veil.clear else veil.row


def any_changed(connection: Connection) -> bool:
    """Tell whether anything ever changed within a release, or held from another day than its own: 履历 has rows then."""
    standing, episode = tables.Standing, tables.Episode
    told = or_(standing.valid_from > BEGINNING, standing.from_date != episode.release_date)
    statement = select(standing.id).join(episode, episode.id == standing.episode_id)
    return connection.execute(statement.where(standing.deleted_at.is_(None), told).limit(1)).first() is not None


def any_in_prison(connection: Connection, *, with_sealed: bool) -> bool:
    """Tell whether anybody has a release without a day (在押); `with_sealed`: those of sealed files count."""
    episode = tables.Episode
    statement = select(episode.id).join(Person, Person.id == episode.person_id)
    statement = statement.where(episode.deleted_at.is_(None), episode.release_date.is_(None))
    if not with_sealed:
        statement = statement.where(Person.sealed.is_(False))
    return connection.execute(statement.limit(1)).first() is not None


def in_episode(connection: Connection, sight: Sight, person: ListedPerson, day: date | None) -> ListedPerson:
    """Return a person as they are in the release that a day belongs to: its dates, its end, what held of it last.

    Args:
        connection: from `Ledger.read()` or `Ledger.write()`.
        sight: what may be seen.
        person: as the ledger lists them, with their latest release.
        day: of a record; None belongs to the latest.
    """
    if person.episode_number == 1 or day is None:
        return person
    found = next((one for one in episodes_of(connection, sight, person) if one.has(day)), None)
    if found is None or found.id == person.episode_id:
        return person
    office = connection.execute(select(Office.name).where(Office.id == found.release.office_id)).scalar_one()
    return replace(in_release(person, found), office_name=office)


def in_release(person: ListedPerson, episode: Episode) -> ListedPerson:
    """Return a person as one of their releases has them.

    Args:
        person: as the ledger lists them, with their latest release.
        episode: the release.
    """
    if episode.id == person.episode_id:
        return person
    own = {
        name: getattr(episode.release, name)
        for name in (*PersonRecord.OF_EPISODE, *PersonRecord.OF_STANDING, "term_end")
    }
    return replace(
        person, **own, changed_on=episode.changed_on, reason=episode.reason,
        episode_id=episode.id, episode_number=episode.number,
    )  # fmt: skip


def ended_by(connection: Connection, change_id: uuid.UUID) -> uuid.UUID | None:
    """Return the key of the release a register change ended."""
    statement = select(RegisterChange.episode_id).where(RegisterChange.id == change_id)
    return connection.execute(statement).scalar_one_or_none()


def following(connection: Connection, episode_id: uuid.UUID) -> tuple[int, date] | None:
    """Return number and release of the one after a release, None if it is the last (or the next has no date yet)."""
    own, next_ = aliased(tables.Episode), aliased(tables.Episode)
    statement = (
        select(next_.number, next_.release_date)
        .join(own, own.person_id == next_.person_id)
        .where(own.id == episode_id, next_.deleted_at.is_(None), next_.number > own.number)
        .order_by(next_.number)
        .limit(1)
    )
    found = connection.execute(statement).one_or_none()
    return None if found is None or found.release_date is None else (found.number, found.release_date)


def standings_by_release(found: Iterable[Standing]) -> dict[uuid.UUID, list[Standing]]:
    """Return standings by the key of their release, the first first."""
    made: defaultdict[uuid.UUID, list[Standing]] = defaultdict(list)
    for one in sorted(found, key=lambda standing: standing.from_date or BEGINNING):
        if one.episode_id is not None:
            made[one.episode_id].append(one)
    return dict(made)


def as_told(
    rows: Iterable[Mapping[str, Any]], person: PersonRecord, standings: Mapping[uuid.UUID, Sequence[Standing]]
) -> list[Episode]:
    """Return the releases of some rows of a person, the first first.

    Args:
        rows: of the table, as they may be seen.
        person: as they may be seen.
        standings: key of a release → what held of it, the first first.
    """
    ordered = sorted(rows, key=lambda row: int(row["number"]))
    return [_episode(dict(row), person, list(standings.get(row["id"], ()))) for row in ordered]


def _episode(row: dict[str, Any], person: PersonRecord, standings: list[Standing]) -> Episode:
    own = {name: row[name] for name in (*PersonRecord.OF_EPISODE, "term_end")}
    held = {name: getattr(standings[-1], name) for name in PersonRecord.OF_STANDING} if standings else {}
    whole = {**person.values(), "id": person.id, "revision": person.revision, **own, **held}
    return Episode(
        id=row["id"], revision=row["revision"], person_id=row["person_id"], number=row["number"],
        release=PersonRecord.of(whole), changed_on=row["changed_on"], reason=row["change_reason"],
        records_from=row["records_from"], records_until=row["records_until"],
    )  # fmt: skip


def risk_since(connection: Connection, risk: str, on: date) -> dict[uuid.UUID, date]:
    """Return person → the day from which their risk holds, of those who have it and had another one in the same release.

    Args:
        connection: from `Ledger.read()`.
        risk: code of the risk.
        on: what holds from a later day does not count.
    """
    person, standing = table_of(Person), table_of(tables.Standing)
    statement = (
        select(person.c.id, func.max(standing.c.valid_until))
        .join_from(person, standing, standing.c.episode_id == person.c.episode_id)
        .where(
            person.c.risk == risk, person.c.deleted_at.is_(None), standing.c.deleted_at.is_(None),
            standing.c.valid_until <= on, standing.c.risk != risk,
        )
        .group_by(person.c.id)
    )  # fmt: skip
    return {row[0]: row[1] for row in connection.execute(statement)}


__all__ = [
    "any_changed",
    "any_in_prison",
    "as_told",
    "ended_by",
    "episodes_of",
    "following",
    "histories",
    "in_episode",
    "in_release",
    "releases_of",
    "risk_since",
    "rows_of",
    "standing_rows_of",
    "standings_by_release",
    "standings_of",
]

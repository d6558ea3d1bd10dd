"""Keeps what follows from episodes and standings (domain.episodes): their days, and the copy a person's row carries.

The truth of a release stands in `episode`, of what holds from a day in `standing`, of what ended an episode in
`register_change`. `settle` reckons everything else from them and writes what differs; `Writer` calls it after each write
that can move it, in the same transaction. None of this leaves an audit entry: it follows from what has one.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update
from uuid_utils.compat import uuid7

from bangjiao_desktop.domain.episodes import BEGINNING, FOREVER, in_order, spans
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.offences import chapter_of
from bangjiao_desktop.domain.terms import TermRule, term_end
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import Base, Person, RegisterChange
from bangjiao_desktop.store.writes.bulk import insert_rows
from bangjiao_desktop.store.writes.moment import clock_of

Values = Mapping[str, Any]
Row = dict[str, Any]
_CHUNK = 500
_FROM_EPISODE = (*PersonRecord.OF_EPISODE, "term_end", "offence_chapter")
_FROM_STANDING = PersonRecord.OF_STANDING
COPIED = frozenset((*_FROM_EPISODE, *_FROM_STANDING))
"""Columns of a person's row that are those of the latest episode and its latest standing."""


def table_of(model: type[Base]) -> Table:
    """Return the table of a model."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def begin(connection: Connection, people: Sequence[Row]) -> None:
    """Give new people the episode and the standing their own row tells; points their row to the episode.

    Args:
        connection: from `Ledger.write()`.
        people: complete rows, inserted already, with `episode_id` made by `point`.
    """
    episodes, standings = [], []
    for row in people:
        house = {name: row[name] for name in ("created_at", "updated_at", "revision", "deleted_at")}
        owner = {"person_id": row["id"], "office_id": row["office_id"]}
        episodes.append({
            "id": row["episode_id"], **owner, **{name: row[name] for name in _FROM_EPISODE if name in row}, "number": 1,
            "changed_on": None, "change_reason": None, "records_from": BEGINNING, "records_until": FOREVER, **house,
        })  # fmt: skip
        standings.append({
            "id": uuid7(), **owner, "episode_id": row["episode_id"], "from_date": row["release_date"] or BEGINNING,
            **{name: row[name] for name in _FROM_STANDING if name in row}, "valid_from": BEGINNING,
            "valid_until": FOREVER, **house,
        })  # fmt: skip
    insert_rows(connection, table_of(Episode), episodes)
    insert_rows(connection, table_of(Standing), standings)


def point(people: Iterable[Row]) -> None:
    """Make the key of the episode each of these new people begins with."""
    for row in people:
        row["episode_id"] = uuid7()


def correct(connection: Connection, person: Values, changed: Values) -> None:
    """Put right what a person's row says of its latest episode and standing, where these are kept.

    A value that was recorded wrongly was wrong for as long as it stood: it is put right in every standing of the episode
    back to the day it came about.

    Args:
        connection: from `Ledger.write()`.
        person: the row before.
        changed: column → new value.
    """
    now = clock_of(connection).stamp()
    of_episode = {name: changed[name] for name in _FROM_EPISODE if name in changed}
    if of_episode:
        table = table_of(Episode)
        connection.execute(
            update(table)
            .where(table.c.id == person["episode_id"])
            .values(**of_episode, updated_at=now, revision=table.c.revision + 1)
        )
    standing = table_of(Standing)
    if "release_date" in changed:  # what held from the release on does so from the right one
        connection.execute(
            update(standing)
            .where(
                standing.c.episode_id == person["episode_id"],
                standing.c.from_date == (person["release_date"] or BEGINNING),
            )
            .values(from_date=changed["release_date"] or BEGINNING, updated_at=now, revision=standing.c.revision + 1)
        )
    of_standing = {name: changed[name] for name in _FROM_STANDING if name in changed}
    if not of_standing:
        return
    rows = connection.execute(
        select(standing)
        .where(standing.c.episode_id == person["episode_id"], standing.c.deleted_at.is_(None))
        .order_by(standing.c.from_date.desc())
    ).mappings()
    going = set(of_standing)
    for row in rows:
        going = {name for name in going if row[name] == person[name]}
        if not going:
            break
        connection.execute(
            update(standing)
            .where(standing.c.id == row["id"])
            .values(**{name: of_standing[name] for name in going}, updated_at=now, revision=row["revision"] + 1)
        )


def settle(
    connection: Connection,
    people: Iterable[uuid.UUID],
    terms: Mapping[str, TermRule],
    moved: Callable[[Row, Row], None] = lambda _before, _after: None,
) -> None:
    """Reckon all that follows from the episodes, standings and changes of some people, and write what differs.

    Args:
        connection: from `Ledger.write()`.
        people: their keys.
        terms: the terms in force.
        moved: told each person's row whose copy changed, before and after.
    """
    wanted = iter(dict.fromkeys(people))
    while chunk := list(islice(wanted, _CHUNK)):
        _settle(connection, chunk, terms, moved)


def latest_by_day(connection: Connection, people: Iterable[uuid.UUID]) -> Callable[[uuid.UUID, date], uuid.UUID | None]:
    """Return what tells the episode of a person that a day belongs to (DOMAIN.md §5: the last released by then)."""
    table = table_of(Episode)
    found: defaultdict[uuid.UUID, list[tuple[date, date, uuid.UUID]]] = defaultdict(list)
    wanted = iter(dict.fromkeys(people))
    while chunk := list(islice(wanted, _CHUNK)):
        statement = select(table.c.person_id, table.c.records_from, table.c.records_until, table.c.id)
        statement = statement.where(table.c.person_id.in_(chunk), table.c.deleted_at.is_(None))
        for row in connection.execute(statement):
            found[row.person_id].append((row.records_from, row.records_until, row.id))

    def known(person: uuid.UUID, day: date) -> uuid.UUID | None:
        return next((key for first, until, key in found[person] if first <= day < until), None)

    return known


def differing(
    connection: Connection, people: Sequence[uuid.UUID], terms: Mapping[str, TermRule]
) -> list[tuple[str, Row, Row]]:
    """Return which rows of some people (500 at most) are not what follows from the others: table, row, what it should be.

    Nothing is written: so the columns that have no entry of their own are proven.
    """
    found = zip((Episode, Standing, Person), _reckoned(connection, people, terms), strict=True)
    return [(model.__tablename__, row, changed) for model, rows in found for row, changed in rows]


def _settle(
    connection: Connection,
    people: Sequence[uuid.UUID],
    terms: Mapping[str, TermRule],
    moved: Callable[[Row, Row], None],
) -> None:
    new_episodes, new_standings, new_people = _reckoned(connection, people, terms)
    _write(connection, Episode, new_episodes)
    _write(connection, Standing, new_standings)
    _write(connection, Person, new_people, revise=True)
    for before, changed in new_people:
        moved(before, {**before, **changed})


def _reckoned(
    connection: Connection, people: Sequence[uuid.UUID], terms: Mapping[str, TermRule]
) -> tuple[list[tuple[Row, Row]], list[tuple[Row, Row]], list[tuple[Row, Row]]]:
    """The rows of episodes, standings and people that differ from what follows, each with what it should be."""
    person = table_of(Person)
    episodes, standings = _by(connection, Episode, people, "person_id"), _by(connection, Standing, people, "episode_id")
    changes = _by(connection, RegisterChange, people, "episode_id")
    rows = connection.execute(select(person).where(person.c.id.in_(people))).mappings().all()
    new_episodes: list[tuple[Row, Row]] = []
    new_standings: list[tuple[Row, Row]] = []
    new_people: list[tuple[Row, Row]] = []
    for row in rows:
        mine = episodes.get(row["id"], [])
        if not mine:
            continue  # a deleted person
        ordered = [mine[place] for place in in_order(one["release_date"] for one in mine)]
        days = spans([one["release_date"] or FOREVER for one in ordered])
        for number, (one, (first, until)) in enumerate(zip(ordered, days, strict=True), start=1):
            own = sorted(standings.get(one["id"], []), key=lambda standing: standing["from_date"])
            held = spans([standing["from_date"] for standing in own])
            for standing, (begins, ends) in zip(own, held, strict=True):
                _differing(new_standings, standing, {"valid_from": begins, "valid_until": ends})
            change = next(iter(changes.get(one["id"], [])), None)
            release = one["release_date"]
            derived = {
                "offence_chapter": chapter_of(one["offence"]), "number": number, "records_from": first, "records_until": until,
                "term_end": None if release is None else term_end(release, one["category"], terms),
                "changed_on": None if change is None else change["changed_on"],
                "change_reason": None if change is None else change["reason"],
            }  # fmt: skip
            if own:
                derived["office_id"] = own[-1]["office_id"]
            _differing(new_episodes, one, derived)
        last = ordered[-1]
        latest = max(standings.get(last["id"], []), key=lambda standing: standing["from_date"], default=None)
        copy = {name: last[name] for name in _FROM_EPISODE} | {"episode_id": last["id"], "episode_number": len(ordered)}
        copy["offence_chapter"] = chapter_of(last["offence"])
        copy["term_end"] = (
            None if last["release_date"] is None else term_end(last["release_date"], last["category"], terms)
        )
        if latest is not None:
            copy |= {name: latest[name] for name in _FROM_STANDING}
        _differing(new_people, dict(row), copy)
    return new_episodes, new_standings, new_people


def _by(connection: Connection, model: type[Base], people: Sequence[uuid.UUID], key: str) -> dict[uuid.UUID, list[Row]]:
    """The live rows of some people, by person or by episode."""
    table = table_of(model)
    found: defaultdict[uuid.UUID, list[Row]] = defaultdict(list)
    statement = select(table).where(table.c.person_id.in_(people), table.c.deleted_at.is_(None)).order_by(table.c.id)
    for row in connection.execute(statement).mappings():
        found[row[key]].append(dict(row))
    return found


def _differing(into: list[tuple[Row, Row]], row: Row, wanted: Row) -> None:
    changed = {name: value for name, value in wanted.items() if row[name] != value}
    if changed:
        into.append((row, changed))


def _write(
    connection: Connection, model: type[Base], changes: Sequence[tuple[Row, Row]], *, revise: bool = False
) -> None:
    """Write what differs, those with the same columns together; what ended comes before what is open."""
    table = table_of(model)
    alike: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row, changed in changes:
        alike[tuple(sorted(changed))].append(
            {f"to_{name}": value for name, value in changed.items()} | {"of": row["id"]}
        )
    now = clock_of(connection).stamp()
    for names, rows in alike.items():
        values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in names}
        if revise:
            values |= {"revision": table.c.revision + 1, "updated_at": now}
        rows.sort(key=lambda one: one.get("to_changed_on") is None)
        connection.execute(update(table).where(table.c.id == bindparam("of")).values(**values), rows)


__all__ = ["COPIED", "begin", "correct", "latest_by_day", "point", "settle", "table_of"]

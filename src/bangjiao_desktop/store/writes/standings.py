"""A value that holds from a day on: a standing is begun, and those after it take it over as far as nothing else was said."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from bangjiao_desktop.domain.episodes import BEGINNING, offices_in_time
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.store.tables.episode_models import Standing
from bangjiao_desktop.store.writes.episodes import table_of
from bangjiao_desktop.store.writes.writer import Writer

Values = Mapping[str, Any]


def stand(writer: Writer, connection: Connection, episode_id: uuid.UUID, since: date, values: Values) -> bool:
    """Let values hold for an episode from a day on (DOMAIN.md §5: 从某日起变了).

    Later standings that only carried the value before along carry the new one; where a later one said otherwise, that
    stays. A day before the first standing means from the beginning; so does any day of who is still in prison.

    Args:
        writer: of the transaction.
        connection: of the transaction.
        episode_id: whose.
        since: the first day.
        values: column of `Person.OF_STANDING` → value.

    Returns:
        Whether anything changed.
    """
    rows = _standings(connection, episode_id)
    if rows[0]["from_date"] == BEGINNING:  # still in prison, counted nowhere: what changes is as if it had been so
        since = BEGINNING
    current = _of_day(rows, since)
    changed = {name: value for name, value in values.items() if current[name] != value}
    if not changed:
        return False
    if current["from_date"] >= since:
        writer.update(Standing, current["id"], current["revision"], changed)
    else:
        carried = {name: current[name] for name in PersonRecord.OF_STANDING} | changed
        owner = {"person_id": current["person_id"], "episode_id": episode_id}
        days = {"from_date": since, "valid_from": since, "valid_until": current["valid_until"]}
        writer.insert(Standing, [{**owner, **carried, **days}])
    going = dict(changed)
    for row in rows[rows.index(current) + 1 :]:
        going = {name: value for name, value in going.items() if row[name] == current[name]}
        if not going:
            break
        writer.update(Standing, row["id"], row["revision"], going)
    return True


def holding(connection: Connection, episode_id: uuid.UUID, on: date) -> Values:
    """Return the standing of an episode on a day, the first one for a day before it."""
    return _of_day(_standings(connection, episode_id), on)


def offices_held(connection: Connection, episode_id: uuid.UUID) -> list[tuple[date, uuid.UUID]]:
    """Return which office is responsible for an episode from which day on, the first from the beginning."""
    return offices_in_time((one["from_date"], one["office_id"]) for one in _standings(connection, episode_id))


def told_later(
    connection: Connection, episode_id: uuid.UUID, since: date, names: Collection[str]
) -> tuple[date, str] | None:
    """Return the first day after `since` from which one of these columns says something else than then, and which does.

    None where none does.

    A value that is to hold from `since` till now would end there: what was said of a later day stays (`stand`).
    """
    rows = _standings(connection, episode_id)
    then = _of_day(rows, since)
    later = (row for row in rows if row["from_date"] > since)
    return next(((row["from_date"], name) for row in later for name in names if row[name] != then[name]), None)


def move_first(
    writer: Writer, connection: Connection, episode_id: uuid.UUID, before: date | None, release: date | None
) -> None:
    """Let what held from a release on do so from the right day of it, where that was put right.

    Args:
        writer: of the transaction.
        connection: of the transaction.
        episode_id: the release.
        before: its day as it was recorded; None for none.
        release: its day.
    """
    first = _standings(connection, episode_id)[0]
    if before != release and first["from_date"] == (before or BEGINNING):
        writer.update(Standing, first["id"], first["revision"], {"from_date": release or BEGINNING})


def _of_day(rows: Sequence[dict[str, Any]], on: date) -> dict[str, Any]:
    begun = [row for row in rows if row["from_date"] <= on]
    return begun[-1] if begun else rows[0]


def _standings(connection: Connection, episode_id: uuid.UUID) -> list[dict[str, Any]]:
    table = table_of(Standing)
    statement = select(table).where(table.c.episode_id == episode_id, table.c.deleted_at.is_(None))
    return [dict(row) for row in connection.execute(statement.order_by(table.c.from_date)).mappings()]

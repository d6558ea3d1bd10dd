"""Earlier releases and further standings for a ledger that was invented (`demo.make` gives everybody one of each).

A share of the people was released once before: handed over, visited for some years, taken back to prison; the release
the ledger had becomes their second. Standings are added, on days of either release, until there are as many as asked.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, select
from uuid_utils.compat import uuid7

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.terms import term_rules
from bangjiao_desktop.services.base.bulk import collection_paused
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import Office, RegisterChange, SupportRecord
from bangjiao_desktop.store.writes.bulk import insert_rows
from bangjiao_desktop.store.writes.episodes import settle, table_of

EVERY = 84  # days between two visits
_TAKEN_BACK = "03"
_BATCH = 2000

Row = dict[str, Any]


def add_histories(session: Session, *, again: float = 0.3, standings: int = 60_000, seed: int = 3) -> tuple[int, int]:
    """Give a share of the people an earlier release, and standings until there are so many.

    Args:
        session: of an invented ledger whose people have one release each.
        again: share of people released before, 0–1.
        standings: how many there are afterwards, if there is room for them.
        seed: of the random numbers.

    Returns:
        How many releases and standings the ledger holds then.
    """
    chance = random.Random(seed)
    with collection_paused(), session.ledger.write() as connection:
        known = _rows(connection, Episode)
        latest = {row["episode_id"]: row for row in _rows(connection, Standing)}
        chosen = [row for row in known if row["release_date"] is not None and chance.random() < again]
        earlier = [_earlier(chance, row) for row in chosen]
        first = [
            _standing(latest[row["id"]], one, one["release_date"]) for row, one in zip(chosen, earlier, strict=True)
        ]
        insert_rows(connection, table_of(Episode), earlier)
        insert_rows(connection, table_of(Standing), first)
        insert_rows(connection, table_of(RegisterChange), [_change(one) for one in earlier])
        insert_rows(connection, table_of(SupportRecord), [row for one in earlier for row in _visits(chance, one)])
        held = [*latest.values(), *first]
        offices = [row["id"] for row in _rows(connection, Office)]
        further = _further(chance, held, [*known, *earlier], offices, standings - len(held))
        insert_rows(connection, table_of(Standing), further)
        people = [row["person_id"] for row in known]
        for start in range(0, len(people), _BATCH):
            settle(connection, people[start : start + _BATCH], term_rules())
    with session.ledger.read() as connection:
        return _count(connection, Episode), _count(connection, Standing)


def _rows(connection: Connection, model: Any) -> list[Row]:
    table: Table = table_of(model)
    statement = select(table).where(table.c.deleted_at.is_(None)).order_by(table.c.id)
    return [dict(row) for row in connection.execute(statement).mappings()]


def _count(connection: Connection, model: Any) -> int:
    table = table_of(model)
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _earlier(chance: random.Random, row: Row) -> Row:
    """The release before: some years, then taken back to prison half a year to two years before the one there is."""
    back = row["release_date"] - timedelta(days=chance.randint(180, 730))
    release = back - timedelta(days=chance.randint(60, 1400))
    return {
        **row, "id": uuid7(), "number": 1, "release_date": release, "term_end": None,
        "handover_date": release + timedelta(days=chance.randint(0, 9)), "handover_mode": "06",
        "escort_required": False, "changed_on": back, "change_reason": _TAKEN_BACK,
        "records_from": date(1900, 1, 1), "records_until": row["release_date"],
    }  # fmt: skip


def _standing(like: Row, episode: Row, day: date) -> Row:
    return {**like, "id": uuid7(), "episode_id": episode["id"], "person_id": episode["person_id"], "from_date": day}


def _change(episode: Row) -> Row:
    house = {name: episode[name] for name in ("created_at", "updated_at", "revision", "deleted_at")}
    owner = {"office_id": episode["office_id"], "person_id": episode["person_id"], "episode_id": episode["id"]}
    return {"id": uuid7(), **owner, "changed_on": episode["changed_on"], "reason": _TAKEN_BACK, **house}


def _visits(chance: random.Random, episode: Row) -> Iterator[Row]:
    day = episode["handover_date"] + timedelta(days=chance.randint(1, 7))
    while day < episode["changed_on"]:
        house = {name: episode[name] for name in ("created_at", "updated_at", "revision", "deleted_at")}
        owner = {"id": uuid7(), "office_id": episode["office_id"], "person_id": episode["person_id"]}
        contact = {"method": chance.choice(("01", "01", "02", "03")), "form": chance.choice(("01", "02", "03", "04"))}
        yield {
            **owner, "happened_on": day, **contact, "worker": "", "place": "", "content": "本人在家，情绪平稳。",
            "abnormal": False, "fears": "", "outcome": "02" if chance.random() < 0.05 else None, **house,
        }  # fmt: skip
        day += timedelta(days=EVERY + chance.randint(-9, 5))


def _further(chance: random.Random, held: list[Row], episodes: list[Row], offices: list[Any], wanted: int) -> list[Row]:
    """Standings that change the office, the risk or the household type on some day of their release."""
    by_episode = {row["id"]: row for row in episodes}
    taken = {(row["episode_id"], row["from_date"]) for row in held}
    made: list[Row] = []
    for _ in range(20 * max(0, wanted)):
        if len(made) >= wanted:
            break
        like = chance.choice(held)
        episode = by_episode[like["episode_id"]]
        if episode["release_date"] is None:
            continue
        last = episode["changed_on"] or episode["release_date"] + timedelta(days=1500)
        day = episode["release_date"] + timedelta(days=chance.randint(1, max(1, (last - episode["release_date"]).days)))
        if (episode["id"], day) in taken:
            continue
        taken.add((episode["id"], day))
        row = _standing(like, episode, day)
        row["office_id"] = chance.choice(offices) if chance.random() < 0.4 else like["office_id"]
        row["risk"] = chance.choice((codes.KEY_RISK, codes.GENERAL_RISK))
        row["residence_type"] = codes.NONLOCAL if chance.random() < 0.3 else codes.LOCAL
        made.append(row)
    return made

"""The marks of a transaction: which rows it wrote and the digest of each as it then was, packed to be signed and kept."""

from collections.abc import Iterator
from typing import Any

from bangjiao_desktop.store.vault.trail.rows import DIGEST, Marked

GONE = bytes(DIGEST)
"""The mark of a row that was removed."""
_TOUCHED = "bangjiao_touched"
_NOTED = (
    'CREATE TEMP TRIGGER "bangjiao_{moment}_{place}" AFTER {moment} ON main."{table}" BEGIN '
    'INSERT OR IGNORE INTO bangjiao_touched VALUES ({place}, {which}."{key}"); END'
)


def watch(raw: Any, tables: tuple[Marked, ...]) -> None:
    """Let a connection note each row that any statement writes, by triggers that only this connection has.

    Asked again, it notes those of the tables given last, and nothing of a transaction that was given up.
    """
    before = raw.execute("SELECT name FROM sqlite_temp_master WHERE type = 'trigger' AND name LIKE 'bangjiao_%'")
    for (name,) in before.fetchall():
        raw.execute(f'DROP TRIGGER temp."{name}"')
    raw.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {_TOUCHED} (place INTEGER, key, PRIMARY KEY (place, key)) WITHOUT ROWID"
    )
    raw.execute(f"DELETE FROM {_TOUCHED}")  # noqa: S608
    for place, table in enumerate(tables):
        for moment, which in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            raw.execute(_NOTED.format(moment=moment, place=place, table=table.name, which=which, key=table.key))


def taken(raw: Any, tables: tuple[Marked, ...]) -> bytes:
    """Return the marks of the rows noted since the transaction began, packed; and forget them."""
    places = raw.execute(f"SELECT place, count(*) FROM {_TOUCHED} GROUP BY place").fetchall()  # noqa: S608
    if not places:
        return b""
    packed = []
    for place, count in places:
        table = tables[place]
        found = raw.execute(
            f'SELECT {table.columns} FROM {_TOUCHED} AS noted JOIN main."{table.name}" AS row '  # noqa: S608
            f'ON row."{table.key}" = noted.key WHERE noted.place = ?',
            (place,),
        )
        digests = [(row[0], table.digest(row)) for row in found]
        if len(digests) < count:
            there = {key for key, _ in digests}
            noted = raw.execute(f"SELECT key FROM {_TOUCHED} WHERE place = ?", (place,))  # noqa: S608
            digests += [(key, GONE) for (key,) in noted if key not in there]
        packed.append(pack(table.name, digests))
    raw.execute(f"DELETE FROM {_TOUCHED}")  # noqa: S608
    return b"".join(packed)


def of_everything(raw: Any, tables: tuple[Marked, ...]) -> bytes:
    """Return the marks of every row there is, packed: where a vault comes to be signed, or to a new schema."""
    packed = []
    for table in tables:
        found = raw.execute(f'SELECT {table.columns} FROM main."{table.name}" AS row')  # noqa: S608
        digests = [(row[0], table.digest(row)) for row in found]
        if digests:
            packed.append(pack(table.name, digests))
    return b"".join(packed)


def pack(table: str, digests: list[tuple[Any, bytes]]) -> bytes:
    """Return the marks of a table as they are kept: name, count, then key and digest of each row."""
    name = table.encode()
    parts = [bytes((len(name),)), name, len(digests).to_bytes(4, "big")]
    for key, digest in digests:
        plain = key.encode() if isinstance(key, str) else bytes(key)
        parts += (bytes((len(plain),)), plain, digest)
    return b"".join(parts)


def unpacked(marks: bytes) -> Iterator[tuple[str, list[tuple[bytes, bytes]]]]:
    """Yield each table with key and digest of its rows.

    Raises:
        ValueError: these are no marks.
    """
    place, end = 0, len(marks)
    try:
        while place < end:
            length = marks[place]
            name = marks[place + 1 : place + 1 + length].decode()
            place += 1 + length
            count = int.from_bytes(marks[place : place + 4], "big")
            place += 4
            rows = []
            for _ in range(count):
                length = marks[place]
                cut = place + 1 + length
                digest = marks[cut : cut + DIGEST]
                if len(digest) != DIGEST:
                    raise ValueError("cut short")
                rows.append((marks[place + 1 : cut], digest))
                place = cut + DIGEST
            yield name, rows
    except IndexError as error:
        raise ValueError("cut short") from error

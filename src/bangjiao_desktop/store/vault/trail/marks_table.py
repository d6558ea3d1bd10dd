"""The marks of all signatures in a table of the connection's own, so that a proof finds those of a row together."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from bangjiao_desktop.store.vault.trail.marks import unpacked

_TABLE = "bangjiao_marks"
Mark = tuple[int, bytes]
"""Number of a signature, and the digest."""


class MarksTable:
    """Marks by table and row.

    Args:
        raw: the driver's connection.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._places: dict[str, int] = {}
        self.broken: list[int] = []
        self.drop()
        raw.execute(
            f"CREATE TEMP TABLE {_TABLE} (place INTEGER, key BLOB, number INTEGER, digest BLOB, "
            "PRIMARY KEY (place, key, number)) WITHOUT ROWID"
        )

    def keep(self, number: int, packed: bytes) -> None:
        """Take in the marks of a signature; one that is no marks is noted as broken."""
        try:
            for table, rows in unpacked(packed):
                place = self._places.setdefault(table, len(self._places))
                self._raw.executemany(
                    f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?, ?, ?)",  # noqa: S608 (own name)
                    ((place, key, number, digest) for key, digest in sorted(rows)),
                )
        except ValueError:
            self.broken.append(number)

    @property
    def tables(self) -> list[str]:
        """Names of the tables that have marks."""
        return list(self._places)

    def of(self, table: str) -> Iterator[tuple[bytes, list[Mark]]]:
        """Yield each row of a table with its marks, the oldest first; rows in the order of their keys."""
        rows = self._raw.execute(
            f"SELECT key, number, digest FROM {_TABLE} WHERE place = ? ORDER BY key, number",  # noqa: S608 (own name)
            (self._places.get(table, -1),),
        )
        key: bytes | None = None
        found: list[Mark] = []
        for this, number, digest in rows:
            if this != key:
                if key is not None:
                    yield key, found
                key, found = this, []
            found.append((number, digest))
        if key is not None:
            yield key, found

    def drop(self) -> None:
        """Take the table away."""
        self._raw.execute(f"DROP TABLE IF EXISTS {_TABLE}")


@contextmanager
def marks_on(connection: Connection) -> Iterator[MarksTable]:
    """Give the table of a proof; where that is stopped amid its reading the connection goes with the table."""
    made = MarksTable(connection.connection.driver_connection)
    try:
        yield made
    except BaseException:
        connection.invalidate()  # statements are open that hold the table; no other way ends them here
        raise
    made.drop()

"""Copies the database of an open connection into a file: one state of the ledger, read beside whoever writes.

It does what sqlcipher_export does, with three differences: everything is read in one transaction, a row keeps its
hidden number, and the bytes of attachments may be replaced by what tells where they lie.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as driver

CONTENT_TABLE, CONTENT_KEY, CONTENT = "attachment_content", "attachment_id", "content"
_BEFORE = (
    "PRAGMA foreign_keys = OFF",  # of what is copied as it is, nothing is asked
    "PRAGMA ignore_check_constraints = ON",
    "PRAGMA main.cache_size = -16384",
    "PRAGMA copy.cache_size = -16384",
    "PRAGMA copy.journal_mode = OFF",  # a copy that fails is thrown away
    "PRAGMA copy.synchronous = OFF",
    "PRAGMA writable_schema = ON",  # the statistics of tables, virtual tables
)
_MADE = re.compile(r"CREATE (TABLE|INDEX|UNIQUE INDEX) ")


@dataclass(frozen=True)
class Head:
    """The newest entry of the audit trail in a copy.

    Attributes:
        sequence: its number, 0 if there is none.
        link: its seal (32 bytes), empty if there is none.
        anchor: what the audit trail wants kept outside of the ledger, empty if it wants nothing.
    """

    sequence: int
    link: bytes
    anchor: str = ""


def copy_ledger(
    connection: driver.Connection,
    path: Path,
    instead: Callable[[bytes], bytes] | None = None,
    anchor: Callable[[driver.Connection], str] | None = None,
) -> Head:
    """Copy the ledger into an encrypted file under the same key, which no statement has to name.

    Args:
        connection: of its own, as `store.vault.opening` gives it, outside of a transaction; to be closed afterwards.
        path: a new or an empty file.
        instead: gives for the bytes of an attachment what stands in their place; None to keep them.
        anchor: asked of the connection while it sees what is copied; None if nothing is to be asked.

    Returns:
        The newest entry of the audit trail at the moment of the copy.

    Raises:
        sqlcipher3 errors, for `faults.translated`; the file is of no use then.
    """
    connection.execute("ATTACH DATABASE ? AS copy", (str(path),))  # without KEY: that of the main database
    for line in _BEFORE:
        connection.execute(line)
    connection.execute("BEGIN")
    try:
        for [made] in _listed(connection, "sql", "type = 'table' AND rootpage > 0 AND name <> 'sqlite_sequence'"):
            connection.execute(_in_copy(made))
        for [name] in _listed(connection, "name", "type = 'table' AND rootpage > 0"):
            _copy_table(connection, name, instead)
        for [made] in _listed(connection, "sql", "type = 'index' AND sql IS NOT NULL"):
            connection.execute(_in_copy(made))
        connection.execute(
            "INSERT INTO copy.sqlite_master SELECT type, name, tbl_name, rootpage, sql FROM main.sqlite_master "
            "WHERE type IN ('view', 'trigger') OR (type = 'table' AND rootpage = 0)"
        )
        last = connection.execute(
            "SELECT sequence, entry_hash FROM main.audit_entry ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        sequence, link = (0, b"") if last is None else last
        head = Head(sequence, link, "" if anchor is None else anchor(connection))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("DETACH DATABASE copy")
    return head


def _listed(connection: driver.Connection, column: str, condition: str) -> list[tuple[str]]:
    statement = f"SELECT {column} FROM main.sqlite_master WHERE {condition} ORDER BY rowid"  # noqa: S608 (our own words)
    return list(connection.execute(statement))


def _in_copy(made: str) -> str:
    return _MADE.sub(r"CREATE \1 copy.", made, count=1)


def _copy_table(connection: driver.Connection, name: str, instead: Callable[[bytes], bytes] | None) -> None:
    if name == CONTENT_TABLE and instead is not None:
        _copy_contents(connection, instead)
        return
    table = '"' + name.replace('"', '""') + '"'
    columns = [
        f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_xinfo({table})") if row[6] == 0
    ]  # those that are reckoned are reckoned again
    [without] = connection.execute(
        "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", (name,)
    ).fetchone()
    if not without:
        columns.insert(0, "rowid")
    names = ", ".join(columns)
    connection.execute(f"INSERT INTO copy.{table} ({names}) SELECT {names} FROM main.{table}")  # noqa: S608 (quoted)


def _copy_contents(connection: driver.Connection, instead: Callable[[bytes], bytes]) -> None:
    rows = connection.execute(f"SELECT rowid, {CONTENT_KEY}, {CONTENT} FROM main.{CONTENT_TABLE}")  # noqa: S608
    connection.executemany(
        f"INSERT INTO copy.{CONTENT_TABLE} (rowid, {CONTENT_KEY}, {CONTENT}) VALUES (?, ?, ?)",  # noqa: S608
        ((number, key, instead(content)) for number, key, content in rows),
    )

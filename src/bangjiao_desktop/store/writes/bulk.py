"""Inserting many rows at once: with SQLite straight to the driver, the values converted as SQLAlchemy would."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert

_DIRECT_FROM = 200


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns.

    SQLAlchemy's own way with many rows takes each value through three layers; for the hundreds of thousands of
    an import that is a second and more. A server is told to count a table that so many came to: what it believes empty
    it reads row by row, in queries that join four tables minutes long.
    """
    if not rows:
        return
    if connection.dialect.name != "sqlite" or len(rows) < _DIRECT_FROM:
        connection.execute(insert(table), list(rows))
        if connection.dialect.name == "postgresql" and len(rows) >= _DIRECT_FROM:
            connection.exec_driver_sql(f'ANALYZE "{table.name}"')
        return
    names = list(rows[0])
    processors = []
    for name in names:
        kind = table.c[name].type
        processors.append((name, kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)))
    values = [
        tuple(row[name] if convert is None else convert(row[name]) for name, convert in processors) for row in rows
    ]
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', values)  # noqa: S608 (own names)

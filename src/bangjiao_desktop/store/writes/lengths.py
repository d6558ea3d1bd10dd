"""Holds texts to the length of their column on both databases: SQLite keeps any length, PostgreSQL fails without a word.

Who writes has checked before (domain/kinds); this is the last door, so that what one ledger takes the other takes, too.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import String, Table

from bangjiao_desktop.domain.errors import InvalidInputError


def require_lengths(table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Refuse rows with a text that is longer than its column.

    Raises:
        InvalidInputError: names the table's column and how much it takes.
    """
    limits = _limits(table)
    for row in rows:
        for name, longest in limits:
            value = row.get(name)
            if value and len(value) > longest:
                raise InvalidInputError(f"“{table.name}.{name}”有 {len(value)} 个字，最多 {longest} 个字；没有保存。")


@cache
def _limits(table: Table) -> tuple[tuple[str, int], ...]:
    return tuple(
        (column.name, column.type.length)
        for column in table.columns
        if isinstance(column.type, String) and column.type.length is not None
    )

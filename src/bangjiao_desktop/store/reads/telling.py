"""Which rows of a table tell of a sealed person, where the database cannot ask Python (PostgreSQL).

SQL narrows the rows down: their texts, folded and without gaps, hold one of the keys. The pattern of domain.veiling,
which alone decides, is then tried on those few.
"""

import re
import uuid
from collections.abc import Iterable

from sqlalchemy import ARRAY, Connection, String, Table, Text, any_, func, literal, or_, select

from bangjiao_desktop.domain.veiling import Key, bare, folding


def telling_rows(
    connection: Connection, table: Table, columns: Iterable[str], names: re.Pattern[str], keys: Iterable[Key]
) -> dict[str, set[uuid.UUID]]:
    """Return for each column the keys of the rows whose text there tells of somebody.

    Args:
        connection: from `Ledger.read()`.
        table: of the records, or of people.
        columns: texts of the table.
        names: what finds sealed people (domain.veiling.telling).
        keys: what it was made of.
    """
    texts = [table.c[name] for name in columns if isinstance(table.c[name].type, String)]
    found: dict[str, set[uuid.UUID]] = {column.name: set() for column in texts}
    parts = sorted({re.sub(r"([\\%_])", r"\\\1", bare(characters)) for _kind, characters in keys})
    looked_for = any_(literal([f"%{part}%" for part in parts], ARRAY(Text)))
    doubtful = or_(*(func.translate(column, *folding()).like(looked_for) for column in texts))
    for identifier, *values in connection.execute(select(table.c.id, *texts).where(doubtful)):
        for column, value in zip(texts, values, strict=True):
            if value and names.search(value):
                found[column.name].add(identifier)
    return found

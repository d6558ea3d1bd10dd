"""Records about nobody in particular that name a sealed person: whose names, which records, in SQL and in rows.

The parties of a mediation are free text, and so are the texts of activities and places of work. Who may not see
sealed files gets them with the names hidden, and finds none of them by such a name.
"""

import re
import uuid
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, Table, exists, false, or_, select, union

from bangjiao_desktop.domain.sight import SEALED_NAME, Sight, names_pattern
from bangjiao_desktop.store.casework_models import MediationParty
from bangjiao_desktop.store.models import Mediation, Person

_WHOLE = ("parties", "content")  # of a mediation that is linked to a sealed person: however the text calls him


def sealed_names(connection: Connection, sight: Sight) -> re.Pattern[str] | None:
    """Return what finds the names and former names of sealed people in a text; None if there is nothing to hide."""
    if sight.sealed:
        return None
    rows = connection.execute(select(Person.name, Person.former_name).where(Person.sealed.is_(True)))
    return names_pattern(name for row in rows for name in row)


def linked_mediations(connection: Connection, sight: Sight) -> frozenset[uuid.UUID]:
    """Return the keys of the mediations a sealed person takes part in who must not be seen."""
    return frozenset() if sight.sealed else frozenset(connection.execute(_linked()).scalars())


class Veil:
    """Hides what records of one table say of sealed people.

    Args:
        connection: from `Vault.read()`.
        sight: what may be seen.
        table: of the records.
    """

    def __init__(self, connection: Connection, sight: Sight, table: Table) -> None:
        self._sight = sight
        personal = "person_id" in table.c and not table.c.person_id.nullable
        self._names = None if personal else sealed_names(connection, sight)
        self._linked: frozenset[uuid.UUID] = frozenset()
        if self._names is not None and table.name == Mediation.__tablename__:
            self._linked = linked_mediations(connection, sight)

    def row(self, row: Any) -> dict[str, Any]:
        """Return a record as it may be seen."""
        found = self._sight.row(row, self._names)
        if found.get("id") in self._linked:
            found |= {name: SEALED_NAME for name in _WHOLE if found.get(name)}
        return found

    def text(self, text: str) -> str:
        """Return a text as it may be seen."""
        return str(self._sight.value("", text, self._names))

    def names(self, row: Any) -> bool:
        """Tell whether a record names somebody whose file must not be seen."""
        if self._names is None:
            return False
        return row.get("id") in self._linked or any(
            isinstance(value, str) and self._names.search(value) is not None for value in row.values()
        )


def veiled(table: Table, sight: Sight) -> ColumnElement[bool]:
    """Return the condition that a record about nobody names a sealed person who must not be seen."""
    if sight.sealed or ("person_id" in table.c and not table.c.person_id.nullable):
        return false()
    names = union(
        select(Person.name.label("name")).where(Person.sealed.is_(True), Person.name != ""),
        select(Person.former_name.label("name")).where(Person.sealed.is_(True), Person.former_name != ""),
    ).cte("sealed_name")
    texts = [column for column in table.c if isinstance(column.type, String) and column.type.length != 2]  # no codes
    found: ColumnElement[bool] = exists(select(names.c.name).where(or_(*(one.contains(names.c.name) for one in texts))))
    return or_(found, table.c.id.in_(_linked())) if table.name == Mediation.__tablename__ else found


def _linked() -> Any:
    return (
        select(MediationParty.mediation_id)
        .join(Person, Person.id == MediationParty.person_id)
        .where(Person.sealed.is_(True))
    )

"""What a transaction touches, gathered while it writes; the ledger tells it after the commit."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from bangjiao_desktop.domain.changes import LedgerChange

OPTION = "touched"  # among the execution options of a connection that writes


class Touched:
    """Gathers what one transaction touches.

    Attributes:
        before: the change number the transaction found, None as long as nothing was changed.
        number: that of its own newest change.
        first_entry: number of its first audit entry, None as long as there is none.
    """

    def __init__(self) -> None:
        self.before: int | None = None
        self.first_entry: int | None = None
        self.number = 0
        self._kinds: set[str] = set()
        self._people: set[uuid.UUID] = set()
        self._offices: set[uuid.UUID] = set()
        self._apart = False

    def note(self, kind: str, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        """Note rows of a kind as they stand now; no rows where it is about something else (a setting, an act)."""
        self._kinds.add(kind)
        told = False
        for row in rows:
            told = True
            person = row["id"] if kind == "person" else row.get("person_id")
            office = row["id"] if kind == "office" else row.get("office_id")
            if person is None:
                self._apart = True
            else:
                self._people.add(person)
            if office is not None:
                self._offices.add(office)
        self._apart = self._apart or not told

    @property
    def people(self) -> frozenset[uuid.UUID]:
        """Whom it touched."""
        return frozenset(self._people)

    def change(self) -> LedgerChange | None:
        """Return what is to be told; None if nothing was changed."""
        if self.before is None:
            return None
        return LedgerChange(
            frozenset(self._kinds), frozenset(self._people), frozenset(self._offices), self._apart, self.number, self.before
        )  # fmt: skip


def touched_by(connection: Connection) -> Touched:
    """Return what gathers for a connection; one that nobody asks, where the transaction is not the ledger's own."""
    found = connection.get_execution_options().get(OPTION)
    return found if isinstance(found, Touched) else Touched()

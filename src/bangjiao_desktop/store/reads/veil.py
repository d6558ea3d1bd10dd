"""Texts that tell of a sealed person where others are spoken of: whose, which records, in SQL and in rows.

The parties of a mediation are free text, and so are the texts of activities, of places of work, and of the records of
people whose file is open. Who may not see sealed files gets such a text hidden whole, and finds no record by it.

In records of open people a name that somebody with an open file bears too tells nothing and hides nothing; there the
identity number, telephones and addresses decide.
"""

import re
import uuid
from collections.abc import Mapping
from itertools import count
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Connection, String, Table, false, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bangjiao_desktop.domain.sight import SEALED_NAME, Sight
from bangjiao_desktop.domain.veiling import Key, telling
from bangjiao_desktop.store.reads.telling import telling_rows
from bangjiao_desktop.store.tables.casework_models import MediationParty
from bangjiao_desktop.store.tables.models import Mediation, Person
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.writes.sealed_keys import OWN, keys_of, sealed_people

_PATTERNS = "sealed_patterns"  # in a connection's info
_MOST_PATTERNS = 64  # sealing or renaming somebody makes a new one
_NUMBERED = count(1)
_WHOLE = ("parties", "content")  # of a mediation that is linked to a sealed person: however the text calls him
_NOTHING = re.compile(r"(?!)")  # finds nothing: there are sealed people, and none of them can be read


def sealed_names(connection: Connection, sight: Sight, *, personal: bool = False) -> re.Pattern[str] | None:
    """Return what finds sealed people in a text (domain.veiling); None if there is nothing to hide.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen.
        personal: the text is an open person's; see above.
    """
    keys = _sealed_keys(connection, sight, personal=personal)
    return None if keys is None else _telling(keys)


def _telling(keys: frozenset[Key]) -> re.Pattern[str]:
    return telling(keys) or _NOTHING


def _sealed_keys(connection: Connection, sight: Sight, *, personal: bool) -> frozenset[Key] | None:
    """What `sealed_names` looks for; None if there is nothing to hide."""
    if sight.sealed:
        return None
    people = sealed_people(connection)
    return keys_of(connection, people, personal=personal) if people else None


def sealed_patterns(connection: Connection, sight: Sight) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """Return what `sealed_names` finds in texts about nobody, and in those about an open person, read once for both."""
    people = [] if sight.sealed else sealed_people(connection)
    if not people:
        return None, None
    anybody, personal = (keys_of(connection, people, personal=one) for one in (False, True))
    return _telling(anybody), _telling(personal)


def veiled_person(sight: Sight, row: Mapping[str, Any], names: re.Pattern[str] | None) -> dict[str, Any]:
    """Return a person's own row as it may be seen; `names` finds sealed people in the texts of open ones."""
    if names is None or row.get("sealed"):
        return sight.row(row)
    return {name: sight.value(name, value, None if name in OWN else names) for name, value in row.items()}


def linked_mediations(connection: Connection, sight: Sight) -> frozenset[uuid.UUID]:
    """Return the keys of the mediations a sealed person takes part in who must not be seen."""
    return frozenset() if sight.sealed else frozenset(connection.execute(_linked()).scalars())


class Veil:
    """Hides what records of one table say of sealed people.

    Args:
        connection: from `Ledger.read()`.
        sight: what may be seen.
        table: of the records, or of people.
    """

    def __init__(self, connection: Connection, sight: Sight, table: Table) -> None:
        self._sight = sight
        self._table = table
        self._people = table.name == Person.__tablename__
        self.personal = self._people or ("person_id" in table.c and not table.c.person_id.nullable)
        self._connection = connection
        self._keys = _sealed_keys(connection, sight, personal=self.personal)
        self._names = None if self._keys is None else _telling(self._keys)
        self._in_sql = connection.dialect.name == "sqlite"
        self._known = "" if self._names is None or not self._in_sql else _made_known(connection, self._names)
        self._rows: dict[str, dict[str, set[uuid.UUID]]] = {}  # table → column → rows that tell
        self._linked: frozenset[uuid.UUID] = frozenset()
        if self._names is not None and table.name == Mediation.__tablename__:
            self._linked = linked_mediations(connection, sight)

    @property
    def active(self) -> bool:
        """Whether there is anything to hide."""
        return self._names is not None

    @property
    def clear(self) -> bool:
        """Whether rows are seen just as they are."""
        return self._sight.numbers and not self.active

    def row(self, row: Any) -> dict[str, Any]:
        """Return a record as it may be seen."""
        if self._people and self._names is not None:
            return veiled_person(self._sight, row, self._names)
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
            type(value) is SealedText or (isinstance(value, str) and self._names.search(value) is not None)
            for value in row.values()
        )

    def hides(self, column: Column[Any]) -> ColumnElement[bool]:
        """Return the condition that the text of a column is hidden; of records about nobody, that any of theirs is."""
        if self._names is None or (self._people and column.name in OWN):
            return false()
        if self.personal:
            return self.tells(column)
        found = or_(*(self.tells(one) for one in self._table.c if _is_text(one)))
        return or_(found, self._table.c.id.in_(_linked())) if self._table.name == Mediation.__tablename__ else found

    def tells(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that the text of this one column, of whichever table, tells of a sealed person."""
        if self._names is None or not _is_text(column):
            return false()
        if not self._in_sql:
            return self._told_by_rows(column)
        return _Telling(column, literal(self._known))

    def _told_by_rows(self, column: Column[Any]) -> ColumnElement[bool]:
        """The condition where SQL cannot ask Python: the rows that tell were looked up, once for each table."""
        table = column.table
        assert isinstance(table, Table)
        assert self._names is not None
        assert self._keys is not None
        if table.name not in self._rows:
            texts = [one.name for one in table.c if _is_text(one)]
            self._rows[table.name] = telling_rows(self._connection, table, texts, self._names, self._keys)
        return table.c.id.in_(self._rows[table.name][column.name])


class _Telling(FunctionElement[bool]):
    """Whether a text is found by a pattern that was made known to the connection."""

    type = Boolean()
    inherit_cache = True
    name = "tells_sealed"


@compiles(_Telling)
def _told(element: _Telling, compiler: Any, **options: Any) -> str:
    return f"(tells_sealed({compiler.process(element.clauses, **options)}) = 1)"


def _made_known(connection: Connection, names: re.Pattern[str]) -> str:
    """Let SQL search with a pattern; return what it is called there.

    SQLite's own way (REGEXP) would hand over the whole pattern, tens of thousands of characters, for every row.
    """
    patterns: dict[str, re.Pattern[str]] | None = connection.info.get(_PATTERNS)
    if patterns is None:
        known: dict[str, re.Pattern[str]] = {}
        connection.info[_PATTERNS] = patterns = known
        raw: Any = connection.connection.driver_connection
        raw.create_function(
            "tells_sealed", 2, lambda text, key: 0 if text is None else 1 if type(text) is bytes  # sealed itself
            else int(known[key].search(text) is not None),
        )  # fmt: skip
    key = next((key for key, one in patterns.items() if one is names), "")
    if not key:
        key = str(next(_NUMBERED))
        patterns[key] = names
        if len(patterns) > _MOST_PATTERNS:
            patterns.pop(next(iter(patterns)))
    return key


def _is_text(column: Column[Any]) -> bool:
    return isinstance(column.type, String) and column.type.length != 2  # no codes


def _linked() -> Any:
    return (
        select(MediationParty.mediation_id)
        .join(Person, Person.id == MediationParty.person_id)
        .where(Person.sealed.is_(True))
    )

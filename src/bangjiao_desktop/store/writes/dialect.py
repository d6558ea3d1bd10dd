"""The one switch between the two databases: expressions that SQLite and PostgreSQL say in different words.

Everything else in store is said in words both understand. The choice falls when a statement is compiled, so that who
writes a query need not know which ledger it goes to.
"""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bangjiao_desktop.store.tables.models import PersonSearch
from bangjiao_desktop.store.tables.sealable import SEALABLE, SealableDate

_ESCAPE = "/"


class _FoundByPart(FunctionElement[bool]):
    """Whether the search text of a person holds a part; through the trigram index of either database."""

    type = Boolean()
    inherit_cache = True
    name = "found_by_part"

    def self_group(self, against: object = None) -> "_FoundByPart":
        """Stand in a WHERE as it is: SQLAlchemy would ask whether it "= 1", and SQLite then looks at every row."""
        return self


def found_by_part(part: str) -> ColumnElement[bool]:
    """Return the condition on `PersonSearch` that its content holds a part, whatever its case.

    Args:
        part: three characters or more, as they are; nothing in it is a wildcard.
    """
    phrase = '"' + part.replace('"', '""') + '"'
    pattern = part
    for special in (_ESCAPE, "%", "_"):
        pattern = pattern.replace(special, _ESCAPE + special)
    return _FoundByPart(PersonSearch.search_id, PersonSearch.content, literal(phrase), literal(f"%{pattern}%"))


@compiles(_FoundByPart)
def _by_fts(element: _FoundByPart, compiler: Any, **options: Any) -> str:
    key, _content, phrase, _pattern = element.clauses
    told, typed = compiler.process(key, **options), compiler.process(phrase, **options)
    return f"{told} IN (SELECT rowid FROM person_fts WHERE person_fts MATCH {typed})"  # noqa: S608 (bound)


@compiles(_FoundByPart, "postgresql")
def _by_trigrams(element: _FoundByPart, compiler: Any, **options: Any) -> str:
    _key, content, _phrase, pattern = element.clauses
    return f"{compiler.process(content, **options)} ILIKE {compiler.process(pattern, **options)} ESCAPE '{_ESCAPE}'"


class _Steered(FunctionElement[str]):
    """A column SQLite must not choose an index for; the column itself on PostgreSQL, whose indexes are to be used."""

    type = String()
    inherit_cache = True
    name = "steered"


def off_the_index(column: Any) -> ColumnElement[Any]:
    """Return a column as a text, so that SQLite walks the table instead of an index of the column."""
    return _Steered(column)


@compiles(_Steered)
def _cast(element: _Steered, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS VARCHAR)"


@compiles(_Steered, "postgresql")
def _plain(element: _Steered, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


class _Unsealed(FunctionElement[Any]):
    """A column with its tokens opened, so that SQL can compare and sort by it; see `unsealed`."""

    inherit_cache = True
    name = "unsealed"

    def __init__(self, column: Any, place: Any) -> None:
        super().__init__(column, place)
        self.type = Date() if isinstance(column.type, SealableDate) else String()


def unsealed(column: Any) -> ColumnElement[Any]:
    """Return a column as SQL compares and sorts by it where rows may be sealed; NULL for what cannot be read.

    No index answers it: where there are many rows, only who sees sealed files asks so.
    """
    if not isinstance(column.type, SEALABLE):
        return column  # type: ignore[no-any-return]
    return _Unsealed(column, literal(column.type.place))


@compiles(_Unsealed)
def _as_it_is(element: _Unsealed, compiler: Any, **options: Any) -> str:
    column, _place = element.clauses
    return str(compiler.process(column, **options))


@compiles(_Unsealed, "sqlite")
def _opened(element: _Unsealed, compiler: Any, **options: Any) -> str:
    told, place = (compiler.process(one, **options) for one in element.clauses)
    return f"CASE typeof({told}) WHEN 'blob' THEN unsealed({place}, {told}) ELSE {told} END"

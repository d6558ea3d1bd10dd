"""Keeps what people are found by (store.tables.models.PersonSearch, PersonNameKey) and turns a typed text into SQL.

In a vault the index holds nothing of sealed people: they are few, and found by reading them (`Unindexed`).
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, insert, or_, select, text, union_all

from bangjiao_desktop.domain.pinyin import is_named, name_keys
from bangjiao_desktop.domain.search import search_words
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.domain.text import compact, name_variants
from bangjiao_desktop.store.tables.models import LONGEST_KEY, Person, PersonNameKey, PersonSearch
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.writes.bulk import insert_rows
from bangjiao_desktop.store.writes.dialect import found_by_part

_LAST = chr(0x10FFFF)
_PART = 3  # characters the index finds a part by
NOT_INDEXED = text("(person.sealed IS 1 OR typeof(person.remarks) = 'blob')")
"""In a vault: who is not in the index with all they have; the words of the index that answers it (migration 0016)."""
INDEXED = (
    "identity_number", "telephone", "household_place", "household_address", "residence_place",
    "residence_address", "remarks",
)  # fmt: skip
NAMES = ("name", "former_name")


def refresh(connection: Connection, people: Iterable[Mapping[str, Any]], *, fresh: bool = False) -> None:
    """Index people anew.

    Args:
        connection: inside a transaction.
        people: mappings with `id`, `office_id`, and the columns of `INDEXED` and `NAMES`.
        fresh: the people are new, nothing of them is indexed yet.
    """
    sealing = connection.dialect.name == "sqlite"
    if sealing and not fresh:
        people = list(people)
        remove(connection, [person["id"] for person in people])
    contents: list[dict[str, Any]] = []
    keys: list[tuple[str, uuid.UUID]] = []
    for person in people:
        if sealing and person["sealed"]:
            continue
        identifier: uuid.UUID = person["id"]
        content, found = indexed(person)
        keys.extend((key, identifier) for key in found)
        contents.append({"office_id": person["office_id"], "person_id": identifier, "content": content})
    if not contents:
        return
    if not fresh and not sealing:
        remove(connection, [row["person_id"] for row in contents])
    searched = PersonSearch.__table__
    assert isinstance(searched, Table)
    insert_rows(connection, searched, contents)
    if keys:
        _insert_keys(connection, keys)


def indexed(person: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return what a person is found by: the text looked through, and the keys of the names."""
    found: dict[str, None] = {}
    for field in NAMES:
        for key in name_keys(person.get(field) or "").keys:
            found[key[:LONGEST_KEY]] = None
    return "\n".join(_indexed(person)), tuple(found)


def _indexed(person: Mapping[str, Any]) -> list[str]:
    """The texts of a person that are searched for parts; not what tells of a sealed one."""
    return [str(person[field]) for field in INDEXED if person.get(field) and type(person[field]) is not SealedText]


def _insert_keys(connection: Connection, keys: list[tuple[str, uuid.UUID]]) -> None:
    """Insert name keys; with SQLite straight to the driver, since an import brings eight for every person."""
    if connection.dialect.name != "sqlite":
        connection.execute(insert(PersonNameKey), [{"name_key": key, "person_id": person} for key, person in keys])
        return
    # in the order of the table's key, so that its pages are written once
    rows = sorted((key, person.bytes) for key, person in keys)
    connection.exec_driver_sql("INSERT INTO person_name_key (name_key, person_id) VALUES (?, ?)", rows)


def remove(connection: Connection, people: Iterable[uuid.UUID]) -> None:
    """Take people out of the index."""
    for identifier in people:
        connection.execute(delete(PersonSearch).where(PersonSearch.person_id == identifier))
        connection.execute(delete(PersonNameKey).where(PersonNameKey.person_id == identifier))


class Unindexed:
    """The people the index of a vault does not hold, or not with all they are found by: read, and searched here.

    Nothing is read before a word is looked for, and no more than the word may stand in: what is sealed is opened cell
    by cell.

    Args:
        connection: from `Ledger.read()`, open as long as this is asked.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._there = connection.execute(select(Person.id).where(NOT_INDEXED).limit(1)).first() is not None
        self._told: dict[str, list[uuid.UUID]] = {}

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return self._there

    def matching(self, word: str) -> list[uuid.UUID]:
        """Return who is found by a word, as `matching` finds the others."""
        if word not in self._told:
            self._told[word] = list(dict.fromkeys((*self._named(word), *self._holding(compact(word).upper()))))
        return self._told[word]

    def _named(self, word: str) -> Iterator[uuid.UUID]:
        spellings = tuple(one.lower()[:LONGEST_KEY] for one in name_variants(word))
        for identifier, *names in self._read(NAMES):
            if any(is_named(one, spellings) for name in names if (one := _readable(name))):
                yield identifier

    def _holding(self, number: str) -> Iterator[uuid.UUID]:
        if len(number) >= _PART:
            part = number.lower()
            for identifier, *texts in self._read(INDEXED):
                if part in "\n".join(_readable(one) for one in texts).lower():
                    yield identifier
        elif number.isdigit():
            for identifier, own in self._read(("identity_number",)):
                if _readable(own).startswith(number) or _readable(own).endswith(number):
                    yield identifier

    def _read(self, names: Iterable[str]) -> Iterator[Sequence[Any]]:
        columns = Person.__table__.c
        told = (columns[name] for name in names)
        yield from self._connection.execute(select(columns.id, *told).where(NOT_INDEXED))


def unindexed(connection: Connection, sight: Sight) -> Unindexed | None:
    """Return whom the index does not hold, for who may see sealed files; None where there is nobody."""
    if not sight.sealed or connection.dialect.name != "sqlite":
        return None
    return Unindexed(connection) or None


def _readable(text: str | None) -> str:
    return "" if text is None or type(text) is SealedText else text


def matching(
    typed: str, hidden: ColumnElement[bool] | None = None, apart: Unindexed | None = None
) -> ColumnElement[bool]:
    """Return the condition on `Person` for a typed text; blanks separate words that must all match (domain.search).

    Args:
        typed: as it was typed.
        hidden: the condition that a person's remarks must not be seen, so that nobody is found by them.
        apart: whom the index does not hold.
    """
    conditions: list[ColumnElement[bool]] = []
    for word in search_words(typed):
        found: ColumnElement[bool] = Person.id.in_(_matching_word(word))
        if apart is not None and (others := apart.matching(word)):
            found = or_(found, Person.id.in_(others))
        conditions.append(found if hidden is None else found & (~hidden | _without_remarks(word)))
    result: ColumnElement[bool] = Person.id.is_not(None)
    for condition in conditions:
        result = result & condition
    return result


def _named(word: str) -> list[Select[Any]]:
    # lower() keeps rare characters; NFKC (compact) is right for numbers only
    return [
        select(PersonNameKey.person_id).where(PersonNameKey.name_key >= named, PersonNameKey.name_key < named + _LAST)
        for named in (spelling.lower()[:LONGEST_KEY] for spelling in name_variants(word))
    ]


def _without_remarks(word: str) -> ColumnElement[bool]:
    columns = Person.__table__.c
    told = (columns[name].contains(compact(word).upper(), autoescape=True) for name in INDEXED if name != "remarks")
    return or_(*(Person.id.in_(one) for one in _named(word)), *told)


def _matching_word(word: str) -> Select[Any]:
    parts = _named(word)
    number = compact(word).upper()
    if len(number) >= _PART:
        parts.append(select(PersonSearch.person_id).where(found_by_part(number)))
    elif number.isdigit():
        # one or two digits say nothing about a number but its beginning or end
        parts.append(
            select(Person.id).where(
                or_(Person.identity_number.like(f"{number}%"), Person.identity_number.like(f"%{number}"))
            )
        )
    joined = union_all(*parts).subquery()
    return select(joined.c[0])

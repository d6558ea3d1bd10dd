"""Keeps what people are found by (store.tables.models.PersonSearch, PersonNameKey) and turns a typed text into SQL."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, insert, or_, select, union_all

from bangjiao_desktop.domain.pinyin import name_keys
from bangjiao_desktop.domain.search import search_words
from bangjiao_desktop.domain.text import compact, name_variants
from bangjiao_desktop.store.tables.models import LONGEST_KEY, Person, PersonNameKey, PersonSearch
from bangjiao_desktop.store.writes.bulk import insert_rows
from bangjiao_desktop.store.writes.dialect import found_by_part

_LAST = chr(0x10FFFF)
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
    contents: list[dict[str, Any]] = []
    keys: list[tuple[str, uuid.UUID]] = []
    for person in people:
        identifier: uuid.UUID = person["id"]
        content, found = indexed(person)
        keys.extend((key, identifier) for key in found)
        contents.append({"office_id": person["office_id"], "person_id": identifier, "content": content})
    if not contents:
        return
    if not fresh:
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
    return "\n".join(str(person[field]) for field in INDEXED if person.get(field)), tuple(found)


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


def matching(text: str, hidden: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """Return the condition on `Person` for a typed text; blanks separate words that must all match (domain.search).

    Args:
        text: as it was typed.
        hidden: the condition that a person's remarks must not be seen, so that nobody is found by them.
    """
    conditions: list[ColumnElement[bool]] = []
    for word in search_words(text):
        found: ColumnElement[bool] = Person.id.in_(_matching_word(word))
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
    if len(number) >= 3:
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

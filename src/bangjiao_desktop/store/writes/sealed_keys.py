"""What sealed people are looked for by in the texts of others (domain.veiling), as far as this process can read who they are."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from bangjiao_desktop.domain.veiling import Key, name_keys, number_keys
from bangjiao_desktop.store.tables.models import Person
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.writes.search_index import NOT_INDEXED

# What says who an open person is; his name may be another's, his address his family's.
OWN = frozenset((
    "identity_number", "name", "name_pinyin", "former_name", "telephone", "family_telephone", "household_place",
    "household_address", "residence_place", "residence_address", "native_place", "caseworker", "sort_value",
))  # fmt: skip

WHO = (
    "name", "former_name", "identity_number", "telephone", "family_telephone", "household_address", "residence_address",
)  # fmt: skip
"""What a sealed person is looked for by."""


def sealed_people(connection: Connection) -> list[dict[str, Any]]:
    """Return what tells of the people whose file is sealed; a text that cannot be read is empty."""
    wanted = select(*(Person.__table__.c[name] for name in WHO)).where(Person.sealed.is_(True))
    if connection.dialect.name == "sqlite":
        wanted = wanted.where(NOT_INDEXED)
    found = connection.execute(wanted)
    return [
        {name: "" if type(value) is SealedText else value for name, value in row.items()} for row in found.mappings()
    ]


def keys_of(connection: Connection, people: list[dict[str, Any]], *, personal: bool) -> frozenset[Key]:
    """Return what people are looked for by.

    Args:
        connection: from `Ledger.read()`.
        people: from `sealed_people`.
        personal: in the texts of an open person: a name that somebody with an open file bears too tells nothing there.
    """
    names: set[Key] = set().union(*(_keys(name_keys, row) for row in people))
    if personal:
        kept = {row[name] for row in people for name in ("name", "former_name") if row[name]}
        shared = connection.execute(
            select(Person.name).where(Person.sealed.is_(False), Person.deleted_at.is_(None), Person.name.in_(kept))
        ).scalars()
        names -= set().union(*(name_keys({"name": name}) for name in shared))
    return frozenset(names.union(*(_keys(number_keys, row) for row in people)))


def _keys(made: Callable[[Mapping[str, Any]], set[Key]], person: Mapping[str, Any]) -> frozenset[Key]:
    return _keys_known(made, tuple(person.items()))


@lru_cache(maxsize=4096)
def _keys_known(made: Callable[[Mapping[str, Any]], set[Key]], person: tuple[tuple[str, Any], ...]) -> frozenset[Key]:
    return frozenset(made(dict(person)))

"""What follows from other rows, reckoned anew as the program does when it writes, and compared: copies, days, the search."""

import uuid
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, String, func, select, text

from bangjiao_desktop.domain.pinyin import syllables
from bangjiao_desktop.store.tables.models import LONGEST_PINYIN, Base, Person, PersonNameKey, PersonSearch
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, What
from bangjiao_desktop.store.writes import episodes, search_index
from bangjiao_desktop.store.writes.terms import terms_in_force

_CHUNK = 500


def compare(
    connection: Connection, findings: Findings, progress: Callable[[float], None], only: list[uuid.UUID] | None = None
) -> None:
    """Name every row whose copied or reckoned columns, or whose search, is not what follows from the others.

    Raises:
        TooManyError: too much is wrong.
    """
    people = only if only is not None else list(connection.execute(select(Person.id).order_by(Person.id)).scalars())
    terms = terms_in_force(connection)
    waiting = iter(people)
    done = 0
    while chunk := list(islice(waiting, _CHUNK)):
        progress(done / max(len(people), 1))
        done += len(chunk)
        for table, row, changed in episodes.differing(connection, chunk, terms):
            names = tuple(
                name for name in changed if not _is_late_term(table, name) and not _is_unread(row[name], changed[name])
            )
            if names:
                findings.add(Finding(What.FOLLOWS, table, row["id"], columns=names))
        _search(connection, chunk, findings)
    _nobody(connection, findings)


def _is_late_term(table: str, name: str) -> bool:
    """A term reckoned by rules that were in force when it was written; people's are reckoned anew with the rules."""
    return table == "episode" and name == "term_end"


def _is_unread(*values: Any) -> bool:
    """A text that is sealed, and cannot be read here, says nothing of what it should be."""
    return any(type(value) is SealedText for value in values)


def _search(connection: Connection, chunk: list[uuid.UUID], findings: Findings) -> None:
    told = func.typeof(Person.remarks, type_=String()) == "blob"  # what it says is not indexed
    people = connection.execute(select(Person.__table__, told.label("told")).where(Person.id.in_(chunk))).mappings()
    contents = {
        row.person_id: (row.office_id, row.content)
        for row in connection.execute(
            select(PersonSearch.person_id, PersonSearch.office_id, PersonSearch.content).where(
                PersonSearch.person_id.in_(chunk)
            )
        )
    }
    keys: dict[uuid.UUID, set[str]] = {}
    for name, person in connection.execute(
        select(PersonNameKey.name_key, PersonNameKey.person_id).where(PersonNameKey.person_id.in_(chunk))
    ):
        keys.setdefault(person, set()).add(name)
    for row in people:
        content, names = search_index.indexed(dict(row) | ({"remarks": ""} if row["told"] else {}))
        away = row["deleted_at"] is not None or row["sealed"]
        wanted = (None, set()) if away else ((row["office_id"], content), set(names))
        if (contents.get(row["id"]), keys.get(row["id"], set())) != wanted:
            findings.add(Finding(What.SEARCH, "person", row["id"]))
        if row["deleted_at"] is not None or _is_unread(row["name"], row["name_pinyin"]):
            continue
        if row["name_pinyin"] != "".join(syllables(row["name"]))[:LONGEST_PINYIN]:
            findings.add(Finding(What.FOLLOWS, "person", row["id"], columns=("name_pinyin",)))


def _nobody(connection: Connection, findings: Findings) -> None:
    """Name what is found by the search and is nobody."""
    for model in (PersonSearch, PersonNameKey):
        missing = select(model.person_id).where(model.person_id.not_in(select(Person.id))).distinct()
        for key in connection.execute(missing).scalars():
            findings.add(Finding(What.SEARCH, "person", key))
    # the index of parts (fts5) keeps the size of each text it holds: what has none is not found by a part
    unheld = "SELECT person_id FROM person_search WHERE search_id NOT IN (SELECT id FROM person_fts_docsize)"
    for key in connection.execute(text(unheld).columns(PersonSearch.person_id)).scalars():
        findings.add(Finding(What.SEARCH, "person", key))
    spare = "SELECT count(*) FROM person_fts_docsize WHERE id NOT IN (SELECT search_id FROM person_search)"
    if connection.execute(text(spare)).scalar_one():
        findings.add(Finding(What.SEARCH, "person"))


def defaults_of(models: Iterator[type[Base]] | None = None) -> dict[str, dict[str, Any]]:
    """Return what a row has in a column it was made without: table → column → value as the database keeps it."""
    found: dict[str, dict[str, Any]] = {}
    for table in Base.metadata.tables.values():
        own = found.setdefault(table.name, {})
        for column in table.c:
            argument = getattr(column.default, "arg", None)
            if argument is not None and not callable(argument):
                own[column.name] = int(argument) if isinstance(argument, bool) else argument
            elif column.server_default is not None:
                own[column.name] = str(getattr(column.server_default, "arg", ""))
    return found

"""Every change of office data goes through `Writer`: keys, times, revisions, audit and search index with it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, bindparam, select, update
from uuid_utils.compat import uuid7

from bangjiao_desktop.domain.errors import KnownError, StaleError
from bangjiao_desktop.domain.kinds.registry import KINDS
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.offences import chapter_of
from bangjiao_desktop.domain.pinyin import syllables
from bangjiao_desktop.domain.terms import TermRule, term_end
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import LONGEST_PINYIN, Base, Person, RegisterChange
from bangjiao_desktop.store.tables.tokens import SealedText
from bangjiao_desktop.store.writes import audit, episodes, search_index
from bangjiao_desktop.store.writes.audit_chain import Change, changes_something
from bangjiao_desktop.store.writes.bulk import insert_rows
from bangjiao_desktop.store.writes.lengths import require_lengths
from bangjiao_desktop.store.writes.moment import clock_of
from bangjiao_desktop.store.writes.terms import terms_in_force
from bangjiao_desktop.store.writes.touched import touched_by

Values = Mapping[str, Any]
_STALE = "这条记录刚被别人修改过，您的修改没有保存。请核对最新内容后再改。"
_SETTLED: tuple[type[Base], ...] = (
    Episode,
    Standing,
    RegisterChange,
)  # what moves a person's copy (store.writes.episodes)
_HOUSEKEEPING = ("created_at", "updated_at", "revision", "deleted_at")


class Writer:
    """Writes rows inside one transaction, leaves an audit entry for each, and notes what it touched (store.writes.touched).

    Args:
        connection: from `Ledger.write()`.
        account: who does it.
    """

    def __init__(self, connection: Connection, account: str) -> None:
        self._connection = connection
        self._account = account
        self._touched = touched_by(connection)

    def insert(self, model: type[Base], rows: Sequence[Values], *, summarised: bool = False) -> list[uuid.UUID]:
        """Insert rows (all with the same columns); return their new keys in order.

        Args:
            model: the table.
            rows: column → value.
            summarised: one audit entry for all rows instead of one each; only for invented (demo) data.

        Raises:
            InvalidInputError: a text is longer than its column (whoever writes has checked before).
        """
        keys = self._insert(model, rows, summarised=summarised)
        if model in _SETTLED:
            self._settle(row["person_id"] for row in rows)
        return keys

    def insert_together(self, *tables: tuple[type[Base], Sequence[Values]]) -> None:
        """Insert rows of several tables that only together are as they must be: a past release and what ended it.

        Args:
            tables: table and rows as for `insert`, in the order they are inserted.
        """
        for model, rows in tables:
            self._insert(model, rows)
        self._settle(row["person_id"] for model, rows in tables if model in _SETTLED for row in rows)

    def _insert(self, model: type[Base], rows: Sequence[Values], *, summarised: bool = False) -> list[uuid.UUID]:
        if not rows:
            return []
        table = _table(model)
        now = clock_of(self._connection).stamp()
        complete = [
            {"id": uuid7(), **row, "created_at": now, "updated_at": now, "revision": 1, "deleted_at": None}
            for row in rows
        ]
        if model is Person:
            terms = terms_in_force(self._connection)
            for row in complete:
                row.update(_derived(row, terms))
            episodes.point(complete)
        elif model is RegisterChange:
            complete = [{**row, "episode_id": key} for row, key in zip(complete, self._ended(complete), strict=True)]
        require_lengths(table, complete)
        insert_rows(self._connection, table, complete)
        self._touched.note(table.name, complete)
        if model is Person:
            episodes.begin(self._connection, complete)
            search_index.refresh(self._connection, complete, fresh=True)
        if summarised:
            self._act("insert", table.name, {"rows": len(complete)}, complete[0]["id"])
        else:
            audit.record(
                self._connection,
                self._account,
                (Change("insert", table.name, row["id"], {}, _told(row)) for row in complete),
            )
        return [row["id"] for row in complete]

    def update(self, model: type[Base], identifier: uuid.UUID, revision: int, changes: Values) -> None:
        """Change a row that still has the revision it was read with.

        Raises:
            StaleRecordError: someone else saved the record or person first; carries it as it stands.
            StaleError: as for a record, of what is none (an office, an account); carries its row.
        """
        self._change("update", model, identifier, revision, changes)

    def update_together(self, model: type[Base], changes: Sequence[tuple[Values, Values]]) -> None:
        """Change many rows of people at once; nothing but what follows from releases hangs on their table.

        Args:
            model: the table; not that of people.
            changes: each row as it was read in this transaction, and what changes in it.

        Raises:
            InvalidInputError: a text is longer than its column.
        """
        table, now = _table(model), clock_of(self._connection).stamp()
        alike: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for row, changed in changes:
            require_lengths(table, [changed])
            told = {f"to_{name}": value for name, value in changed.items()}
            alike[tuple(sorted(changed))].append({**told, "of": row["id"], "to_revision": row["revision"] + 1})
        for names, rows in alike.items():
            values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in (*names, "revision")}
            self._connection.execute(
                update(table).where(table.c.id == bindparam("of")).values(**values, updated_at=now), rows
            )
        self._touched.note(table.name, [one for row, changed in changes for one in (row, {**row, **changed})])
        audit.record(
            self._connection,
            self._account,
            (
                Change("update", table.name, row["id"], {name: row[name] for name in changed}, changed)
                for row, changed in changes
            ),
        )
        self._settle(row["person_id"] for row, _ in changes)

    def delete(self, model: type[Base], identifier: uuid.UUID, revision: int) -> None:
        """Mark a row as deleted.

        Raises:
            StaleRecordError, StaleError: as in `update`.
        """
        self._change("delete", model, identifier, revision, {"deleted_at": clock_of(self._connection).stamp()})

    def restore(self, model: type[Base], identifier: uuid.UUID, revision: int) -> None:
        """Bring a deleted row back.

        Raises:
            StaleRecordError, StaleError: as in `update`.
        """
        self._change("restore", model, identifier, revision, {"deleted_at": None})

    def act(self, action: str, subject: str, about: Values, subject_id: uuid.UUID | None = None) -> None:
        """Record an act that changes no row of its own: printing, exporting, showing a number, changing a setting."""
        if changes_something(action, subject):
            self._touched.note(subject)
        self._act(action, subject, about, subject_id)

    def _act(self, action: str, subject: str, about: Values, subject_id: uuid.UUID | None = None) -> None:
        audit.record(self._connection, self._account, [Change(action, subject, subject_id, {}, about)])

    def _change(self, action: str, model: type[Base], identifier: uuid.UUID, revision: int, changes: Values) -> None:
        table = _table(model)
        row = self._connection.execute(select(table).where(table.c.id == identifier)).mappings().one_or_none()
        if row is None or row["revision"] != revision or (action != "restore" and row["deleted_at"] is not None):
            raise _stale(table.name, row)
        changed = {name: value for name, value in changes.items() if row[name] != value}
        if not changed:
            return
        if model is Person and not changed.keys().isdisjoint(("name", "release_date", "category", "offence")):
            derived = _derived({**row, **changed}, terms_in_force(self._connection))
            changed |= {name: value for name, value in derived.items() if row[name] != value}
        require_lengths(table, [changed])
        done = self._connection.execute(
            update(table)
            .where(table.c.id == identifier, table.c.revision == revision)
            .values(**changed, updated_at=clock_of(self._connection).stamp(), revision=revision + 1)
        )
        if done.rowcount != 1:  # somebody else committed between our look and our change
            now = self._connection.execute(select(table).where(table.c.id == identifier)).mappings().one_or_none()
            raise _stale(table.name, now)
        if model is Person:
            self._person_changed(action, dict(row), changed)
        self._touched.note(table.name, (dict(row), {**row, **changed}))
        before = {name: row[name] for name in changed}
        audit.record(self._connection, self._account, [Change(action, table.name, identifier, before, changed)])
        if model in _SETTLED:
            self._settle([row["person_id"]])

    def _person_changed(self, action: str, row: dict[str, Any], changed: dict[str, Any]) -> None:
        """Let the episode, the standing and the search index follow a person's row."""
        identifier = row["id"]
        if action != "update":
            for model in (Episode, Standing):  # they go and come back with the person
                table = _table(model)
                mine = update(table).where(
                    table.c.person_id == identifier, table.c.deleted_at.is_not_distinct_from(row["deleted_at"])
                )
                self._connection.execute(mine.values(deleted_at=changed["deleted_at"]))
        elif not episodes.COPIED.isdisjoint(changed):
            episodes.correct(self._connection, row, changed)
            self._settle([identifier])
        if action == "delete":
            search_index.remove(self._connection, [identifier])
        elif action == "restore" or not changed.keys().isdisjoint(
            (*search_index.INDEXED, *search_index.NAMES, "office_id", "sealed")
        ):
            search_index.refresh(self._connection, [{**row, **changed}])

    def _settle(self, people: Iterable[uuid.UUID]) -> None:
        """Reckon what follows from episodes and standings; a person who moved is found in the new office."""

        def moved(before: dict[str, Any], after: dict[str, Any]) -> None:
            self._touched.note("person", (before, after))
            if before["office_id"] != after["office_id"]:
                search_index.refresh(self._connection, [after])

        episodes.settle(self._connection, people, terms_in_force(self._connection), moved)

    def _ended(self, changes: Sequence[Values]) -> list[uuid.UUID | None]:
        """The episode each of some register changes ends: the one it names, else the last released by its day."""
        people = [row["person_id"] for row in changes if row.get("episode_id") is None]
        known = episodes.latest_by_day(self._connection, people)
        return [row.get("episode_id") or known(row["person_id"], row["changed_on"]) for row in changes]


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _stale(kind: str, row: RowMapping | None) -> KnownError:
    """The fault of who saves what somebody else saved first, with what stands now."""
    record = KINDS.get(kind)
    if record is None:
        return StaleError(_STALE, dict(row or {}))
    return StaleRecordError(_STALE, None if row is None or row["deleted_at"] is not None else record.of(dict(row)))


def _derived(person: Values, terms: Mapping[str, TermRule]) -> dict[str, Any]:
    """The columns of a person that follow from others, and from the terms in force; nothing from what cannot be read."""
    readable = type(person["name"]) is not SealedText
    # it only puts names in order
    order = {"name_pinyin": "".join(syllables(person["name"]))[:LONGEST_PINYIN]} if readable else {}
    return {
        **order,
        "offence_chapter": chapter_of(person.get("offence") or ""),
        "term_end": None
        if person["release_date"] is None
        else term_end(person["release_date"], person["category"], terms),
    }


def _told(row: Values) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _HOUSEKEEPING and value not in (None, "")}

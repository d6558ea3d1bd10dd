"""Seals what a transaction of who has the sealed key wrote about sealed people, and opens what is sealed no longer.

Rows are written in the clear, as everything above knows them, and turned into tokens before the transaction is kept:
every text of a row about a sealed person (store.tables.sealable), the texts of others that tell of one (domain.veiling),
the content of attachments, and what audit entries say of any of these. What a session without the key writes about a
sealed person is swept by the next one that has it. All statements go to the driver: the values here are tokens.
"""

import hashlib
import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

from bangjiao_desktop.domain.veiling import telling
from bangjiao_desktop.store.tables.models import Base
from bangjiao_desktop.store.tables.sealable import sealed_columns
from bangjiao_desktop.store.tables.tokens import SealingKey, is_token, key_of, opened_or_none, place_of
from bangjiao_desktop.store.writes import audit, audit_chain, search_index
from bangjiao_desktop.store.writes.audit_chain import Change
from bangjiao_desktop.store.writes.sealed_keys import OWN, WHO, keys_of, sealed_people
from bangjiao_desktop.store.writes.sealed_numbers import PEPPER, PROVISIONAL, Numbers

_CHUNK = 400
_SWEPT, _FAR_BEHIND = "sealed_swept", 500  # the last entry that was swept; how many more may be looked at each time
_LINKED = ("parties", "content")  # of a mediation that a sealed person takes part in: however the text calls him
_MEDIATIONS = ("mediation", "mediation_party")
_NEVER = frozenset(("account", "account_key", "vault"))
"""Entries about accounts stay open: by them everybody proves who could do what, and names of accounts are not sealed."""
_NOBODY = re.compile(r"(?!)")
_SEALED = "SELECT id, revision FROM person WHERE (person.sealed IS 1 OR typeof(person.remarks) = 'blob') AND person.sealed IS 1"
_TOLD = (
    "SELECT subject, subject_id, CASE subject WHEN 'person' THEN \"before\" END, CASE subject WHEN 'person' THEN \"after\" END "
    "FROM audit_entry WHERE sequence >= ?"
)


class Known:
    """What a ledger's sealed people are looked for by, kept from one transaction to the next.

    Attributes:
        stamp: key and revision of those it is of.
        people: what tells of them (store.writes.sealed_keys).
        anybody: what finds them in a text about nobody.
    """

    def __init__(self) -> None:
        self.stamp: frozenset[tuple[bytes, int]] = frozenset()
        self.people: list[dict[str, Any]] = []
        self.anybody: re.Pattern[str] = _NOBODY


class Sweep:
    """Brings rows to what must be sealed of them.

    Args:
        connection: of the transaction; a vault's.
        key: the vault's sealed key.
        known: what an earlier one found out, and this one goes on with.

    Attributes:
        changed: how many rows, contents and entries were sealed or opened.
        all: whether the whole ledger was swept.
        turned: the rows that were changed by it, but for entries: table → keys.
    """

    def __init__(self, connection: Connection, key: SealingKey, known: Known) -> None:
        self._connection = connection
        self._raw: Any = connection.connection.driver_connection  # a save asks it half a dozen times
        self._key = key
        stamp = frozenset((row[0], row[1]) for row in self._read(_SEALED))
        self.sealed = frozenset(key for key, _ in stamp)
        self.changed = 0
        self.all = False
        self.turned: defaultdict[str, set[bytes]] = defaultdict(set)
        if known.stamp != stamp:
            known.people = sealed_people(connection) if stamp else []
            known.anybody = telling(keys_of(connection, known.people, personal=False)) or _NOBODY
            known.stamp = stamp
        self._people, self._anybody = known.people, known.anybody

    def written(self, first: int | None, people: Collection[uuid.UUID]) -> None:
        """Sweep what a transaction wrote.

        Args:
            first: its first audit entry; None if there is none: a setting is kept without.
            people: whom it touched.
        """
        if first is None:
            self._settings()
            return
        told = self._read(_TOLD, (first,))
        if any(subject == "person" and self._is_turned(*row) for subject, *row in told):
            self.whole()
            return
        if not self.sealed:
            return
        rows: defaultdict[str, set[bytes]] = defaultdict(set)
        for subject, key, *_ in told:
            rows[subject].update(() if key is None else (key,))
        own = {one.bytes for one in people} & self.sealed
        for table in tables():
            if keys := rows.get(table.name):
                self._rows(table, "id", keys)
            if own:
                self._rows(table, "id" if table.name == "person" else "person_id", own)
        if own or not rows.keys().isdisjoint(_MEDIATIONS):
            self._rows(Base.metadata.tables["mediation"], "id", self._linked)
        self._contents(own)
        if rows.keys() - _columns().keys():  # a setting is kept with an entry about no record
            self._settings()
        self._entries(first)

    def whole(self) -> None:
        """Sweep the whole ledger: somebody was sealed or unsealed, or nothing is known of what was swept before."""
        for table in tables():
            self._rows(table)
        self._contents(None)
        self._settings()
        self._entries(1)
        self.all = True

    def _tells(self, text: str, *, personal: bool) -> bool:
        """Whether a text tells of a sealed person; `personal`: one about an open person (domain.veiling)."""
        if self._anybody.search(text) is None:
            return False
        return not personal or self._personal.search(text) is not None

    @cached_property
    def _linked(self) -> frozenset[bytes]:
        """The mediations that a sealed person takes part in."""
        parties = self._found("SELECT mediation_id FROM mediation_party", "person_id", self.sealed)
        return frozenset(row[0] for row in parties)

    @cached_property
    def _personal(self) -> re.Pattern[str]:
        return telling(keys_of(self._connection, self._people, personal=True)) or _NOBODY

    def _is_turned(self, key: bytes, before: Any, after: Any) -> bool:
        """Whether an entry of a person seals or unseals a file, or changes what a sealed one is looked for by."""
        if isinstance(before, bytes):
            return False  # swept already
        if '"sealed":true' in after or '"sealed":' in before:
            return True
        return key in self.sealed and any(f'"{name}":' in after for name in WHO)

    def _rows(self, table: Table, column: str = "", keys: Iterable[bytes] | None = None) -> None:
        """Sweep the rows of a table; those with one of some keys in a column, default all."""
        names = _columns().get(table.name, ())
        if not names or (keys is not None and column not in table.c):
            return
        owner = "id" if table.name == "person" else "person_id" if "person_id" in table.c else "NULL"
        listed = ", ".join(f'"{name}"' for name in names)
        statement = f'SELECT id, {owner}, {listed} FROM "{table.name}"'  # noqa: S608 (own names)
        for row in self._found(statement, column, keys):
            self._row(table, names, row[0], row[1], row[2:])

    def _row(self, table: Table, names: Sequence[str], key: bytes, owner: bytes | None, values: Sequence[Any]) -> None:
        closed = owner in self.sealed
        people = table.name == "person"
        personal = people or ("person_id" in table.c and not table.c.person_id.nullable)
        linked = table.name == "mediation" and key in self._linked
        changes: dict[str, Any] = {}
        for name, value in zip(names, values, strict=True):
            if value is None or value == "" or (closed and type(value) is bytes):
                continue
            place = place_of(table.name, name)
            plain = self._plain(place, value)
            if plain is None:
                continue
            told = not (people and name in OWN) and (
                self._tells(plain, personal=personal) or (linked and name in _LINKED)
            )
            if closed and name == "identity_number" and plain.startswith(PROVISIONAL):
                continue
            if (closed or told) is not (type(value) is bytes):
                changes[name] = self._token(place, key, plain) if closed or told else plain
        if people:
            self._known(key, closed=closed, names=names, values=values, changes=changes)
        if changes:
            places = ", ".join(f'"{name}" = ?' for name in changes)
            self.turned[table.name].add(key)
            self._write(f'UPDATE "{table.name}" SET {places} WHERE id = ?', (*changes.values(), key))  # noqa: S608

    def _known(
        self, key: bytes, *, closed: bool, names: Sequence[str], values: Sequence[Any], changes: dict[str, Any]
    ) -> None:
        """Let the index, and what a sealed person is counted and met by, follow a person's row."""
        identifier = uuid.UUID(bytes=key)
        row = dict(zip(names, values, strict=True))
        if closed:
            if "identity_number" in changes or "birth_date" in changes:
                search_index.remove(self._connection, [identifier])
                number = row["identity_number"] if "identity_number" in changes else None
                born = row["birth_date"] if "birth_date" in changes else None
                if Numbers(self._connection).keep(key, number, born):
                    self.turned["setting"].add(PEPPER.encode())
                self.turned["sealed_person"].add(key)
            return
        if "identity_number" in changes or "birth_date" in changes:  # unsealed
            self._write("DELETE FROM sealed_person WHERE person_id = ?", (key,))
            self.turned["sealed_person"].add(key)
        if changes or is_token(row["remarks"]):
            for office in self._read("SELECT office_id FROM person WHERE id = ? AND deleted_at IS NULL", (key,)):
                now = row | changes
                now["remarks"] = "" if type(now["remarks"]) is bytes else now["remarks"]
                told = {"id": identifier, "office_id": uuid.UUID(bytes=office[0]), "sealed": False}
                search_index.refresh(self._connection, [now | told])

    def _contents(self, people: Collection[bytes] | None) -> None:
        """Sweep the content of attachments; of some people, default all."""
        place = place_of("attachment_content", "content")
        statement = (
            "SELECT attachment_id, person_id, substr(content, 1, 80) "
            "FROM attachment_content JOIN attachment ON attachment.id = attachment_id"
        )
        for key, owner, begin in self._found(statement, "person_id", people):
            closed = owner in self.sealed
            if closed is is_token(begin):
                continue
            [[content]] = self._read("SELECT content FROM attachment_content WHERE attachment_id = ?", (key,))
            now = self._key.seal(place, key, content) if closed else opened_or_none(place, content)
            if now is None:
                continue
            self.turned["attachment_content"].add(key)
            self._write("UPDATE attachment_content SET content = ? WHERE attachment_id = ?", (now, key))

    def _settings(self) -> None:
        """Sweep the settings: a filter somebody keeps may be a name."""
        place = place_of("setting", "value")
        for name, value in self._read("SELECT name, value FROM setting"):
            plain = self._plain(place, value)
            if plain is None:
                continue
            told = self._anybody.search(plain) is not None
            if told is not (type(value) is bytes):
                row = hashlib.sha256(name.encode()).digest()[:16]
                now = self._token(place, row, plain) if told else plain
                self.turned["setting"].add(name.encode())
                self._write("UPDATE setting SET value = ? WHERE name = ?", (now, name))

    def _entries(self, first: int) -> None:
        """Sweep what audit entries from a number on say."""
        statement = (
            'SELECT sequence, subject, subject_id, "before", "after", salt FROM audit_entry WHERE sequence >= ? '
            "ORDER BY sequence"
        )
        cursor = self._raw.execute(statement, (first,))
        while rows := cursor.fetchmany(5000):
            owners = self._owners(rows)
            for sequence, subject, key, before, after, salt in rows:
                if subject not in _NEVER:
                    owner, linked = owners.get((subject, key)), subject == "mediation" and key in self._linked
                    self._entry(sequence, owner, (before, after, salt), linked=linked)

    def _entry(self, sequence: int, owner: bytes | None, told: tuple[Any, Any, Any], *, linked: bool) -> None:
        row, is_sealed = sequence.to_bytes(16), type(told[0]) is bytes
        closed = owner in self.sealed or linked
        if closed and is_sealed:
            return
        places = [place_of("audit_entry", name) for name in ("before", "after", "salt")]
        plain = [self._plain(place, value) for place, value in zip(places[:2], told[:2], strict=True)]
        if None in plain:
            return
        wanted = closed or self._tells(f"{plain[0]}\n{plain[1]}", personal=owner is not None)
        if wanted is is_sealed:
            return
        salt = told[2]
        if wanted:
            values = [self._token(place, row, str(one)) for place, one in zip(places[:2], plain, strict=True)]
            now: tuple[Any, ...] = (*values, None if salt is None else self._token(places[2], row, salt.hex()))
        else:
            now = (*plain, None if salt is None else bytes.fromhex(str(self._plain(places[2], salt))))
        self._write('UPDATE audit_entry SET "before" = ?, "after" = ?, salt = ? WHERE sequence = ?', (*now, sequence))

    def _owners(self, rows: Sequence[Sequence[Any]]) -> dict[tuple[str, bytes], bytes]:
        """Whom the rows that entries speak of are about."""
        wanted: defaultdict[str, set[bytes]] = defaultdict(set)
        for row in rows:
            if row[2] is not None:
                wanted[row[1]].add(row[2])
        found: dict[tuple[str, bytes], bytes] = {(name, key): key for name, keys in wanted.items() if name == "person"
                                                 for key in keys}  # fmt: skip
        for table in Base.metadata.tables.values():
            if table.name in wanted and "person_id" in table.c:
                statement = f'SELECT id, person_id FROM "{table.name}"'  # noqa: S608 (own names)
                for key, owner in self._found(statement, "id", wanted[table.name]):
                    if owner is not None:
                        found[table.name, key] = owner
        return found

    def _found(self, statement: str, column: str, keys: Iterable[bytes] | None) -> Iterator[Sequence[Any]]:
        """Yield the rows of a statement without WHERE; those with one of some keys in a column, default all."""
        if keys is None:
            cursor = self._raw.execute(statement)
            while rows := cursor.fetchmany(_CHUNK):
                yield from rows
            return
        left = iter(keys)
        while chunk := list(islice(left, _CHUNK)):
            yield from self._read(f"{statement} WHERE {column} IN ({', '.join('?' * len(chunk))})", tuple(chunk))

    def _plain(self, place: str, value: Any) -> str | None:
        """A value as text; None if it is closed with another key, or was changed."""
        if type(value) is not bytes:
            return str(value)
        try:
            mine = is_token(value) and key_of(value) == self._key.name
            return self._key.open(place, value).decode() if mine else None
        except ValueError:
            return None

    def _token(self, place: str, row: bytes, plain: str) -> bytes:
        return self._key.seal(place, row, plain.encode())

    def _read(self, statement: str, values: tuple[Any, ...] = ()) -> Sequence[Sequence[Any]]:
        return self._raw.execute(statement, values).fetchall()  # type: ignore[no-any-return]

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        self._raw.execute(statement, values)
        self.changed += 1


@cache
def _columns() -> dict[str, tuple[str, ...]]:
    """What is sealed of each table, looked up once: every save asks."""
    return {table.name: names for table in Base.metadata.tables.values() if (names := sealed_columns(table))}


@cache
def tables() -> tuple[Table, ...]:
    """Return the tables whose rows are swept."""
    return tuple(Base.metadata.tables[name] for name in _columns())


def can_seal(connection: Connection) -> bool:
    """Tell whether the vault's schema knows sealing; one that is being made or is older does not yet."""
    known = "SELECT 1 FROM sqlite_master WHERE name = 'sealed_person'"
    return connection.exec_driver_sql(known).first() is not None


def caught_up(connection: Connection) -> bool:
    """Tell whether everything is swept: nobody is sealed and was, or no entry came since."""
    if connection.exec_driver_sql(_SEALED).first() is None:
        return True
    return _swept(connection) == audit.last_sequence(connection)


def catch_up(connection: Connection, key: SealingKey, account: str) -> bool:
    """Sweep what was written since the last time, and note how far; tell whether it was the first time.

    Args:
        connection: of a transaction of its own.
        key: the vault's sealed key.
        account: who does it.
    """
    swept, last = _swept(connection), audit.last_sequence(connection)
    sweep = Sweep(connection, key, Known())
    if swept is None:
        sweep.whole()
        connection.exec_driver_sql("INSERT INTO person_fts(person_fts) VALUES ('rebuild')")
    else:
        sweep.written(swept + 1, ())
    if swept is None or sweep.changed or last - swept >= _FAR_BEHIND:
        sweep.turned["setting"].add(_SWEPT.encode())
        tell(connection, account, sweep.turned)
        connection.exec_driver_sql(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_SWEPT, str(audit.last_sequence(connection))),
        )
    return swept is None


def tell(connection: Connection, account: str, turned: Mapping[str, Collection[bytes]]) -> None:
    """Record which rows sealing changed, so that a proof knows why they are not what their own entries left."""
    if turned:
        rows = {table: sorted(key.hex() for key in keys) for table, keys in turned.items()}
        about = {"rows": sum(map(len, rows.values())), "texts": rows}
        audit.record(connection, account, [Change(audit_chain.SEAL_TEXTS, "vault", None, {}, about)])


def _swept(connection: Connection) -> int | None:
    found = connection.exec_driver_sql("SELECT value FROM setting WHERE name = ?", (_SWEPT,)).fetchone()
    return int(found[0]) if found is not None and str(found[0]).isdigit() else None

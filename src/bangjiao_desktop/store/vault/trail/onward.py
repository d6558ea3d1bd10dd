"""A proof of what is new since the last one: new entries and signatures, the rows they wrote, and what is known elsewhere.

What was proven before is not looked at again: a row changed past the program, that the program did not write since, is
found by the next proof of everything.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import text

from bangjiao_desktop.store.vault.trail import anchored, chain, checkpoint, derived, schema_objects, sealed_acts
from bangjiao_desktop.store.vault.trail.anchored import Remark
from bangjiao_desktop.store.vault.trail.chain import Chain, Transaction
from bangjiao_desktop.store.vault.trail.checkpoint import Reached
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, TooManyError, What
from bangjiao_desktop.store.vault.trail.marks import unpacked
from bangjiao_desktop.store.vault.trail.marks_table import Mark, MarksTable, marks_on
from bangjiao_desktop.store.vault.trail.naming import OF_PERSON
from bangjiao_desktop.store.vault.trail.notes import Note
from bangjiao_desktop.store.vault.trail.proof import Progress, Proof, Provable
from bangjiao_desktop.store.vault.trail.replay import PROVEN, Replay
from bangjiao_desktop.store.vault.trail.rows import Marked, marked_tables
from bangjiao_desktop.store.vault.trail.unsealing import Opener

_STEP = 500


def prove_new(vault: Provable, proven: Reached, progress: Progress) -> Proof | None:
    """Look at what is new since a good proof.

    Args:
        vault: open.
        proven: how far that came.
        progress: told how far it is; what it raises stops the proof.

    Returns:
        None where everything must be proven: the ledger is not one that was proven so far, or its schema is a new one.

    Raises:
        VaultDamagedError, StorageError, VaultBusyError: it cannot be read.
    """
    kept = anchored.gather(vault.folder, vault.signer)
    read = (opener := Opener(vault.sealing_key)).read
    with vault.read() as connection:
        connection.execute(text("SELECT 1 FROM alembic_version"))  # one state of the ledger from here on
        raw: Any = connection.connection.driver_connection
        keys = anchored.key_state(vault.folder, raw)
        known = chain.known_at(raw, proven.signature, read) if checkpoint.is_in(raw, proven) else None
        if known is None or checkpoint.state_of(known) != proven.state:
            return None
        progress(0.1, "核对新的操作记录和签名")
        findings, remarks = Findings(), list[Remark]()
        written = 0
        with marks_on(connection) as marks, suppress(TooManyError):
            found = chain.since(
                raw, vault.signer.vault_id, known, findings, marks.keep,
                lambda part: progress(0.1 + 0.3 * part, "核对新的操作记录和签名"), read,
            )  # fmt: skip
            if any(one.note.begins for one in found.transactions):
                return None
            for number in marks.broken:
                findings.add(Finding(What.SIGNATURE, entry=number))
            anchored.compare(kept, keys, vault.signer, raw, found, findings, remarks)
            schema_objects.compare(raw, findings)
            sealed_acts.compare(raw, found.transactions, marks, findings)
            progress(0.4, "核对新写的内容")
            rows = _New(raw, proven, marks, findings, lambda part: progress(0.4 + 0.4 * part, "核对新写的内容"))
            replay = Replay(raw, rows.beginning(found), marks, findings, derived.defaults_of(), opener)
            written = len(rows.keys)
            rows.replayed(replay)
            for name in set(marks.tables) - set(rows.tables):
                findings.add(Finding(What.REMOVED, name))
            people = rows.people()
            derived.compare(connection, findings, lambda part: progress(0.8 + 0.2 * part, "核对推算的栏和检索"), people)
        count = int(raw.execute("SELECT count(*) FROM audit_entry").fetchone()[0])
        signatures = int(raw.execute("SELECT count(*) FROM audit_signature").fetchone()[0])
        reached = None if findings.found else checkpoint.here(raw, read)
        progress(1.0, "完成")
        return Proof(
            count, known.before, signatures, written, tuple(findings.found), tuple(remarks), reached, whole=False
        )  # fmt: skip


class _New:
    """The rows that were written since a proof.

    Args:
        raw: the driver's connection.
        proven: how far that came.
        marks: of the signatures since.
        findings: takes what is wrong.
        progress: told how far it is.

    Attributes:
        tables: those that bear marks, by name.
        keys: table and key of each row that was written since.
    """

    def __init__(
        self, raw: Any, proven: Reached, marks: MarksTable, findings: Findings, progress: Callable[[float], None]
    ) -> None:
        self._raw, self._proven, self._findings, self._progress = raw, proven, findings, progress
        self.tables = {one.name: one for one in marked_tables(raw)}
        self._marks: dict[tuple[str, bytes], list[Mark]] = {
            (name, key): found for name in marks.tables if name in self.tables for key, found in marks.of(name)
        }
        self.keys = list(self._marks)

    def beginning(self, found: Chain) -> Chain:
        """Return the chain with the proof itself as its first transaction: at it a row is what it was proven to be."""
        first = self._proven.entries + 1
        proof = Transaction(self._proven.signature, first, first - 1, "", "", Note(made=PROVEN))
        return Chain(found.entries, found.head, found.before, [proof, *found.transactions], found.authorities)

    def replayed(self, replay: Replay) -> None:
        """Look at each row, from what it is now back to what it was proven to be."""
        before = self._before()
        for place, ((name, key), marks) in enumerate(self._marks.items()):
            if place % _STEP == 0:
                self._progress(place / len(self._marks))
            known = before.get((name, key))
            proven = [] if known is None else [(self._proven.signature, known)]
            replay.row(self.tables[name], key, self._row(self.tables[name], key), [*proven, *marks])

    def people(self) -> list[uuid.UUID]:
        """Whose columns and search may have become others."""
        found = {key for name, key in self._marks if name == "person"}
        for name, key in self._marks:
            if name in OF_PERSON:
                row = self._raw.execute(f"SELECT person_id FROM {name} WHERE id = ?", (key,)).fetchone()  # noqa: S608
                found |= {bytes(row[0])} if row is not None else set()
        return sorted(uuid.UUID(bytes=one) for one in found)

    def _row(self, table: Marked, key: bytes) -> Any:
        asked = f'SELECT {table.columns} FROM main."{table.name}" AS row WHERE row."{table.key}" IN (?, ?)'  # noqa: S608
        return self._raw.execute(asked, (key, key.decode("utf-8", "replace"))).fetchone()

    def _before(self) -> Mapping[tuple[str, bytes], bytes]:
        """The mark each of the rows had when it was proven."""
        names = {name for name, _ in self._marks}
        found: dict[tuple[str, bytes], bytes] = {}
        for last, packed in self._packed() if names else ():
            self._progress(0.0)
            try:
                for table, rows in unpacked(packed):
                    if table in names:
                        found |= {(table, key): digest for key, digest in rows if (table, key) in self._marks}
            except ValueError:
                self._findings.add(Finding(What.SIGNATURE, entry=last))
        return found

    def _packed(self) -> Iterator[tuple[int, bytes]]:
        asked = "SELECT last, marks FROM audit_signature WHERE number <= ? AND marks <> x'' ORDER BY number"
        for last, packed in self._raw.execute(asked, (self._proven.signature,)):
            yield last, bytes(packed)

"""A proof of the whole ledger: trail, rows, what follows from them, triggers, and what is known of it elsewhere."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, text

from bangjiao_desktop.store.tables.tokens import SealingKey
from bangjiao_desktop.store.vault.trail import anchored, chain, checkpoint, derived, schema_objects, sealed_acts
from bangjiao_desktop.store.vault.trail.anchored import Remark
from bangjiao_desktop.store.vault.trail.checkpoint import Reached
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, TooManyError, What
from bangjiao_desktop.store.vault.trail.marks_table import marks_on
from bangjiao_desktop.store.vault.trail.replay import Replay
from bangjiao_desktop.store.vault.trail.rows import marked_tables
from bangjiao_desktop.store.vault.trail.signing import Signer
from bangjiao_desktop.store.vault.trail.unsealing import Opener

_SENSELESS = (ValueError, TypeError, LookupError, ArithmeticError)
Progress = Callable[[float, str], None]


class Provable(Protocol):
    """A vault as a proof needs it: where it lies, who verifies, and how it is read."""

    folder: Path

    @property
    def sealing_key(self) -> SealingKey | None:
        """What opens sealed files; None for who has no authority."""

    @property
    def signer(self) -> Signer:
        """Who verifies."""

    def read(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees one state of the ledger."""


@dataclass(frozen=True)
class Proof:
    """What a proof came to.

    Attributes:
        entries: of the audit trail.
        before: those of them written before signatures.
        signatures: how many there are.
        rows: how many were gone through.
        findings: what is not as it must be; empty where the ledger is proven.
        remarks: what is told beside, and is no fault.
        reached: how far the ledger had come; None where something was found.
        whole: everything was looked at, not only what came since the last time.
    """

    entries: int
    before: int
    signatures: int
    rows: int
    findings: Sequence[Finding]
    remarks: Sequence[Remark]
    reached: Reached | None
    whole: bool = True

    @property
    def good(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def prove(vault: Provable, progress: Progress, others: Sequence[Path] = ()) -> Proof:
    """Look at everything.

    Args:
        vault: open.
        progress: told how far it is; what it raises stops the proof.
        others: backups elsewhere, to be compared with.

    Raises:
        VaultDamagedError, StorageError, VaultBusyError: it cannot be read.
    """
    findings = Findings()
    signer, opener = vault.signer, Opener(vault.sealing_key)
    found: chain.Chain | None = None
    rows = 0
    remarks: list[Remark] = []
    kept = anchored.gather(vault.folder, signer, others)
    with vault.read() as connection:
        connection.execute(text("SELECT 1 FROM alembic_version"))  # one state of the ledger from here on
        raw: Any = connection.connection.driver_connection
        keys = anchored.key_state(vault.folder, raw)
        with marks_on(connection) as marks, suppress(TooManyError):
            found = chain.proven(
                raw,
                signer.vault_id,
                findings,
                marks.keep,
                lambda part: progress(0.25 * part, "核对操作记录和签名"),
                opener.read,
            )
            for number in marks.broken:
                findings.add(Finding(What.SIGNATURE, entry=number))
            anchored.compare(kept, keys, signer, raw, found, findings, remarks)
            schema_objects.compare(raw, findings)
            sealed_acts.compare(raw, found.transactions, marks, findings)
            replay = Replay(raw, found, marks, findings, derived.defaults_of(), opener)
            rows = replay.all(lambda part: progress(0.25 + 0.5 * part, "逐条核对台账内容"))
            try:
                derived.compare(connection, findings, lambda part: progress(0.75 + 0.25 * part, "核对推算的栏和检索"))
            except _SENSELESS:
                if not findings.found:
                    raise
                # a value that is none (a 99th of a month) was put there past the program: it is found already
        count = int(raw.execute("SELECT count(*) FROM audit_entry").fetchone()[0])
        if not rows:
            names = [one.name for one in marked_tables(raw)]
            rows = sum(raw.execute(f'SELECT count(*) FROM main."{one}"').fetchone()[0] for one in names)  # noqa: S608
        reached = None if findings.found else checkpoint.here(raw, opener.read)
    progress(1.0, "完成")
    signed = 0 if found is None else len(found.transactions)
    before = 0 if found is None else found.before
    return Proof(count, before, signed, rows, tuple(findings.found), tuple(remarks), reached)


def whose(vault: Provable, rows: Iterable[tuple[str, uuid.UUID]]) -> dict[uuid.UUID, uuid.UUID]:
    """Return which person's a row is, for what is told of it: key of the row → key of the person.

    Args:
        vault: open.
        rows: name of the table, key. One that is not there any more, or is about nobody, is left out.
    """
    found: dict[uuid.UUID, uuid.UUID] = {}
    with vault.read() as connection:
        raw: Any = connection.connection.driver_connection
        tables = {one.name: one for one in marked_tables(raw)}
        for name, key in rows:
            table = tables.get(name)
            if name == "person":
                found[key] = key
            elif table is not None and "person_id" in (*table.told, *table.rest):
                asked = f'SELECT person_id FROM main."{name}" WHERE "{table.key}" = ?'  # noqa: S608 (own names)
                row = raw.execute(asked, (key.bytes,)).fetchone()
                if row is not None and isinstance(row[0], bytes) and len(row[0]) == 16:
                    found[key] = uuid.UUID(bytes=row[0])
    return found


def named(vault: Provable, rows: Iterable[tuple[str, uuid.UUID]]) -> dict[uuid.UUID, str]:
    """Return the names of offices and accounts among some rows, which are on every page: key → name.

    Args:
        vault: open.
        rows: name of the table, key. One that is not there any more, or of another table, is left out.
    """
    found: dict[uuid.UUID, str] = {}
    with vault.read() as connection:
        raw: Any = connection.connection.driver_connection
        for name, key in rows:
            if name in ("office", "account"):
                row = raw.execute(f"SELECT name FROM main.{name} WHERE id = ?", (key.bytes,)).fetchone()  # noqa: S608 (own names)
                if row is not None and isinstance(row[0], str):
                    found[key] = row[0]
    return found


def when(vault: Provable, numbers: Sequence[int]) -> dict[int, tuple[datetime, str]]:
    """Return time and account of some entries, for what is told of them."""
    found: dict[int, tuple[datetime, str]] = {}
    with vault.read() as connection:
        for number in numbers:
            row = connection.execute(
                text("SELECT at, account FROM audit_entry WHERE sequence = :number"), {"number": number}
            ).first()
            if row is not None:
                found[number] = (datetime.fromisoformat(row[0]), row[1])
    return found

"""How each transaction of a vault ends: its rows marked, its entries signed; on the driver's connection, without SQLAlchemy."""

from dataclasses import dataclass
from typing import Any

from bangjiao_desktop.store.vault.trail import marks, notes
from bangjiao_desktop.store.vault.trail.notes import Columns, Note
from bangjiao_desktop.store.vault.trail.rows import Marked, marked_tables
from bangjiao_desktop.store.vault.trail.signing import Signed, Signer, digest_of
from bangjiao_desktop.store.writes.audit_chain import GENESIS

_INSERT = (
    "INSERT INTO audit_signature (first, last, account, public_key, signature, revision, marks, note) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_HEAD = "SELECT sequence, entry_hash FROM audit_entry ORDER BY sequence DESC LIMIT 1"
_KEYS = "account_key"


@dataclass(frozen=True)
class Seal:
    """What a transaction was signed with: all that proves how long the trail was, and its newest link.

    Attributes:
        signed: what was signed.
        public: the key.
        signature: over it.
    """

    signed: Signed
    public: bytes
    signature: bytes


def head_of(raw: Any) -> tuple[int, bytes]:
    """Return number and seal of the newest entry."""
    found = raw.execute(_HEAD).fetchone()
    return (0, GENESIS) if found is None else (int(found[0]), bytes(found[1]))


def is_signed(raw: Any) -> bool:
    """Tell whether a database knows signatures (from 0014 on)."""
    asked = "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = 'audit_signature'"
    return raw.execute(asked).fetchone() is not None


def watch_keys(raw: Any) -> tuple[Marked, ...]:
    """Let a connection on which somebody comes in note what it writes of accounts' keys; nothing else is written there."""
    if not is_signed(raw):
        return ()
    tables = tuple(one for one in marked_tables(raw) if one.name == _KEYS)
    marks.watch(raw, tables)
    return tables


class Course:
    """The course of one transaction, from its first statement to the signature.

    Args:
        raw: the driver's connection, in a transaction that writes.
        signer: who works.
        revision: the schema this program writes.
        tables: those watched on this connection.
        signed: the schema knows signatures; else nothing is marked, and `end` does nothing.
    """

    def __init__(
        self, raw: Any, signer: Signer, revision: str, tables: tuple[Marked, ...], *, signed: bool = True
    ) -> None:
        self._raw = raw
        self._signer = signer
        self._revision = revision
        self._tables = tables
        self._signed = signed
        self._began = head_of(raw)[0] if signed else 0

    def end(self) -> Seal | None:
        """Mark what was written and sign; None if nothing was.

        Rows without an entry are signed as they are, so that nobody's work is lost: a proof names them.
        """
        if not self._signed:
            return None
        marked = marks.taken(self._raw, self._tables) if self._tables else b""
        last, head = head_of(self._raw)
        if last == self._began and not marked:
            return None
        return self._sign(marked, Note(), (self._began + 1, last, head))

    def end_anew(self, came_from: str) -> Seal | None:
        """Mark every row there is and sign: the vault was just made (`came_from` is empty), or its schema is a new one.

        None where that schema knows no signatures yet.
        """
        if not is_signed(self._raw):
            return None
        tables = marked_tables(self._raw)
        last, head = head_of(self._raw)
        note = Note(
            made="" if came_from else self._revision,
            came_from=came_from,
            came_to=self._revision if came_from else "",
            tables={one.name: Columns(one.key, one.told, one.rest) for one in tables},
        )
        signed_to = self._raw.execute("SELECT max(last) FROM audit_signature").fetchone()[0]
        begins = self._upgrade_entry() if came_from else 1
        first = begins if signed_to is None else signed_to + 1
        return self._sign(marks.of_everything(self._raw, tables), note, (first, last, head))

    def _upgrade_entry(self) -> int:
        """The entry that tells of the upgrade: from it on everything is signed."""
        asked = "SELECT max(sequence) FROM audit_entry WHERE action = 'upgrade'"
        return int(self._raw.execute(asked).fetchone()[0] or head_of(self._raw)[0] + 1)

    def _sign(self, marked: bytes, note: Note, entries: tuple[int, int, bytes]) -> Seal:
        first, last, head = entries
        text = notes.written(note)
        signer = self._signer
        signed = Signed(
            signer.vault_id, self._revision, first, last, head, signer.user, digest_of(marked), digest_of(text)
        )
        signature = signer.sign(signed.message())
        self._raw.execute(_INSERT, (first, last, signer.user, signer.public, signature, self._revision, marked, text))
        return Seal(signed, signer.public, signature)

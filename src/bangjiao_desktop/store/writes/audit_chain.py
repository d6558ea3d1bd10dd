"""The links of the audit trail without a database: what an entry holds and how it is sealed by the one before.

The seal of an entry covers what it says (`before`, `after`) through a digest of its own, salted so that nobody can try
names against it: the texts of an entry about a sealed file, and their salt, are replaced by tokens,
and the chain stays whole for who cannot read them. Entries from before there was such a digest cover their texts
themselves; with tokens in them only who can read these can tell that they are as they were.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

GENESIS = bytes(32)
SALT = 16
Read = Callable[[int, str, bytes], str | None]
COLUMNS = (
    "sequence", "at", "account", "action", "subject", "subject_id", "before", "after", "previous_hash", "entry_hash",
    "salt", "content_hash",
)  # fmt: skip
# Acts after which every figure and every list is what it was before, and the subject of the history of prints.
QUIET_ACTS = (
    "preview", "print", "export", "show", "explain", "backup", "note_backup", "unlock", "unlock_recovery", "unlock_failed", "not_done",
    "change_password", "reset_password", "new_recovery_key", "look", "look_up", "keys", "old_keys", "rekey", "delete_backups",
    "upgrade", "keep_filter", "restore_backup", "seal_texts", "accept_ledger",
)  # fmt: skip
QUIET_SUBJECT = "print_job"
SEAL_TEXTS = "seal_texts"  # names the rows in which texts became tokens, or came from them


def changes_something(action: str, subject: str) -> bool:
    """Tell whether an entry is of a change of what the ledger holds; looking and printing are none."""
    return action not in QUIET_ACTS and subject != QUIET_SUBJECT


@dataclass(frozen=True)
class Change:
    """One change to be recorded.

    Attributes:
        action: "insert", "update", "delete", "restore", or an act such as "print", "export", "explain".
        subject: the table, or what the act was about.
        subject_id: the row, if it is one.
        before, after: the values that changed; plain values, dates and UUIDs.
    """

    action: str
    subject: str
    subject_id: uuid.UUID | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def written(moment: datetime) -> str:
    """Return a time, given with its zone, as entries write it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def links(last: tuple[int, bytes] | None, at: str, changes: Iterable[tuple[str, Change]]) -> list[dict[str, Any]]:
    """Return the entries that follow the last one.

    Args:
        last: number and seal of the last entry, None for the first of all.
        at: from `written`.
        changes: who, and what.
    """
    sequence, previous = last or (0, GENESIS)
    rows: list[dict[str, Any]] = []
    for account, change in changes:
        sequence += 1
        before = _encode(dict(change.before)) if change.before else "{}"
        after = _encode(dict(change.after))
        subject_id = "" if change.subject_id is None else change.subject_id.hex
        salt = os.urandom(SALT)
        digest = content_digest(salt, before, after)
        sealed = _seal(previous, sequence, at, account, (change.action, change.subject, subject_id, digest.hex()))
        values = (
            sequence, at, account, change.action, change.subject, change.subject_id, before, after, previous, sealed,
            salt, digest,
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, values, strict=True)))
        previous = sealed
    return rows


def selected(present: Collection[str]) -> str:
    """Return what SQL selects for `COLUMNS` from a table that may be older and have only some of them."""
    return ", ".join(f'"{name}"' if name in present else f'NULL AS "{name}"' for name in COLUMNS)


def content_digest(salt: bytes, before: str, after: str) -> bytes:
    """Return the digest of what an entry says, which its seal covers."""
    return hashlib.sha256(salt + before.encode() + b"\x1f" + after.encode()).digest()


def first_broken(rows: Iterable[Sequence[Any]], read: Read | None = None) -> int | None:
    """Return the number of the first entry whose seal is broken, None if the chain is whole.

    Args:
        rows: entries in order, each with the values of `COLUMNS`; keys as UUID or as 16 bytes.
        read: opens what is sealed (number of the entry, column, token); None for a token it has no key for. Without
            it what sealed entries say is not checked, only how they are linked.
    """
    previous = GENESIS
    for expected, row in enumerate(rows, start=1):
        sequence, linked, kept = row[0], bytes(row[8]), bytes(row[9])
        if sequence != expected or linked != previous or not holds(row, read):
            return expected
        previous = kept
    return None


def holds(row: Sequence[Any], read: Read | None = None) -> bool:
    """Tell whether an entry is what its own seal says; see `first_broken`."""
    sequence, at, account, action, subject, key, before, after, linked, kept, salt, digest = row
    subject_id = "" if key is None else key.hex if isinstance(key, uuid.UUID) else bytes(key).hex()
    told: dict[str, Any] | None = {"before": before, "after": after, "salt": salt}
    if isinstance(before, bytes):  # sealed
        names = ("before", "after", "salt")[: 2 if salt is None else 3]
        opened = {name: None if read is None else read(sequence, name, told[name]) for name in names if told}
        told = {"salt": None, **opened} if None not in opened.values() else None
    if digest is None:
        if told is None:
            return True
        contents: tuple[str, ...] = (str(told["before"]), str(told["after"]))
    else:
        if told is not None and content_digest(_raw(told["salt"]), told["before"], told["after"]) != digest:
            return False
        contents = (bytes(digest).hex(),)
    return _seal(bytes(linked), sequence, at, account, (action, subject, subject_id, *contents)) == bytes(kept)


def _raw(salt: Any) -> bytes:
    return bytes.fromhex(salt) if isinstance(salt, str) else bytes(salt)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode


def _seal(previous: bytes, sequence: int, at: str, account: str, change: tuple[str, ...]) -> bytes:
    content = "\x1f".join((str(sequence), at, account, *change))
    return hashlib.sha256(previous + content.encode()).digest()

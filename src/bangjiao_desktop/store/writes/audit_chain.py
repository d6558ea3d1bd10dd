"""The links of the audit trail without a database: what an entry holds and how it is sealed by the one before."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

GENESIS = bytes(32)
COLUMNS = (
    "sequence", "at", "account", "action", "subject", "subject_id", "before", "after", "previous_hash", "entry_hash",
)  # fmt: skip
# Acts after which every figure and every list is what it was before, and the subject of the history of prints.
QUIET_ACTS = (
    "preview", "print", "export", "show", "explain", "backup", "unlock", "unlock_recovery", "unlock_failed", "not_done",
    "change_password", "reset_password", "new_recovery_key", "look", "look_up",
)  # fmt: skip
QUIET_SUBJECT = "print_job"


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
        sealed = _seal(previous, sequence, at, account, (change.action, change.subject, subject_id, before, after))
        values = (
            sequence, at, account, change.action, change.subject, change.subject_id, before, after, previous, sealed,
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, values, strict=True)))
        previous = sealed
    return rows


def first_broken(rows: Iterable[Sequence[Any]]) -> int | None:
    """Return the number of the first entry whose seal is broken, None if the chain is whole.

    Args:
        rows: entries in order, each with the values of `COLUMNS`; keys as UUID or as 16 bytes.
    """
    previous = GENESIS
    for expected, (sequence, at, account, action, subject, key, before, after, linked, kept) in enumerate(
        rows, start=1
    ):
        subject_id = "" if key is None else key.hex if isinstance(key, uuid.UUID) else bytes(key).hex()
        sealed = _seal(previous, sequence, at, account, (action, subject, subject_id, before, after))
        if sequence != expected or bytes(linked) != previous or bytes(kept) != sealed:
            return expected
        previous = sealed
    return None


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode


def _seal(previous: bytes, sequence: int, at: str, account: str, change: tuple[str, str, str, str, str]) -> bytes:
    content = "\x1f".join((str(sequence), at, account, *change))
    return hashlib.sha256(previous + content.encode()).digest()

"""Entries of the audit trail as a proof reads them: what they tell, in the values the database keeps."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Read = Callable[[int, str, bytes], str | None]
"""Opens what is sealed (number of the entry, column, token); None for who has no key."""


@dataclass(frozen=True)
class Told:
    """An entry.

    Attributes:
        before, after: what it says; None where it is sealed and cannot be opened here.
    """

    sequence: int
    account: str
    action: str
    subject: str
    key: bytes | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def summarises(self) -> bool:
        """Whether it tells how many rows were written, not what they say."""
        return self.action == "insert" and self.after is not None and set(self.after) == {"rows"}


UNREADABLE = "?"
"""Stands in what an entry says that is neither sealed nor readable: no column is called so."""
COLUMNS = "sequence, account, action, subject, subject_id, before, after"


def told(row: Any, read: Read | None = None) -> Told:
    """Return an entry, selected by `COLUMNS`."""
    sequence, account, action, subject, key, before, after = row
    return Told(
        sequence, account, action, subject, None if key is None else bytes(key),
        _opened(sequence, "before", before, read), _opened(sequence, "after", after, read),
    )  # fmt: skip


def _opened(sequence: int, name: str, value: Any, read: Read | None) -> Mapping[str, Any] | None:
    if not isinstance(value, str):
        value = None if read is None or value is None else read(sequence, name, bytes(value))
    if value is None:
        return None
    if value == "{}":
        return {}
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {UNREADABLE: ""}  # it tells of nothing, and nothing is let pass for it


def kept_as(kind: str, value: Any) -> Any:
    """Return a value of an entry as the database keeps it.

    Args:
        kind: the declared type of the column.
        value: as the entry's JSON has it.
    """
    if value is None:
        return None
    if kind == "BOOLEAN":
        return int(value) if isinstance(value, bool) else value
    if kind == "BLOB":
        try:
            return uuid.UUID(str(value)).bytes
        except ValueError:
            return value
    if kind == "DATETIME" and isinstance(value, str):
        moment = value.replace("T", " ")
        return moment if "." in moment else f"{moment}.000000"
    return value

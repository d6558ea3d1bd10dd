"""What a proof finds, as data: which row, what about it, by which entry; told in words by services.upkeep.verification."""

import uuid
from dataclasses import dataclass
from enum import Enum


class What(Enum):
    """What is not as it must be."""

    # the trail
    LINK = "link"  # an entry is not what its seal says
    MISSING = "missing"  # numbers of entries are missing
    UNSIGNED = "unsigned"  # entries without a signature
    SIGNATURE = "signature"  # a signature that does not hold
    OVERLAP = "overlap"  # a signature for entries that another one is for
    NOTE = "note"  # a note that cannot be
    OTHERS = "others"  # entries in the name of another account
    KEY = "key"  # signed with a key that is not the account's
    INTRODUCED = "introduced"  # a key introduced by who may not
    NO_ACCOUNT = "no_account"  # an account that was not there then
    NOT_ALLOWED = "not_allowed"  # an act the role did not allow
    NO_ACT = "no_act"  # an act the program does not have
    UPGRADE = "upgrade"  # an upgrade that cannot have been
    # rows
    UNMARKED = "unmarked"
    REMOVED = "removed"
    PUT_BACK = "put_back"
    CHANGED = "changed"
    UNTOLD = "untold"  # marked and signed, but no entry tells of it
    DIFFERS = "differs"  # an entry tells something else
    FOLLOWS = "follows"  # what follows from other rows does not
    SEARCH = "search"
    SEALED = "sealed"  # a token of another place, or one that the key does not open
    SEALED_ACT = "sealed_act"  # an entry about a sealed file by who had no key of it
    ROLE_BEFORE = "role_before"  # an account that is more than the entries before signatures say
    # around
    TRIGGER = "trigger"
    SHORTER = "shorter"  # an anchor of a longer trail
    OTHER_HEAD = "other_head"  # an anchor of another trail
    ANCHOR = "anchor"  # an anchor that does not hold
    OWN_KEY = "own_key"  # the key of who verifies is not the one that is known
    KEY_FILE = "key_file"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be.

    Attributes:
        what: of which sort.
        table: of the row, "" where it is about no row.
        row: its key, None where it has none that is a UUID.
        entry: number of the entry it is about, or of the last one signed with the row; None where there is none.
        account: who signed, or whom it is about.
        columns: of the row.
        about: more, in the ledger's own words: a name of a trigger, a place of an anchor.
    """

    what: What
    table: str = ""
    row: uuid.UUID | None = None
    entry: int | None = None
    account: str = ""
    columns: tuple[str, ...] = ()
    about: str = ""


OF_ANCHORS = frozenset((What.SHORTER, What.OTHER_HEAD, What.ANCHOR))
"""What is found where an older or another copy of the ledger was put in its place."""


class TooManyError(Exception):
    """So much was found that looking on tells nothing more."""


class Findings:
    """Gathers findings.

    Args:
        most: so many are enough; None for one who wants none and never stops.

    Attributes:
        found: in the order they were found.
    """

    MOST = 2000

    def __init__(self, most: int | None = MOST) -> None:
        self.found: list[Finding] = []
        self._most = most

    def add(self, finding: Finding) -> None:
        """Keep one.

        Raises:
            TooManyError: there are enough.
        """
        if self._most is None:
            return
        self.found.append(finding)
        if len(self.found) >= self._most:
            raise TooManyError


def key_of(plain: bytes) -> uuid.UUID | None:
    """Return the key of a row as a UUID, None for one that is a text."""
    return uuid.UUID(bytes=plain) if len(plain) == 16 else None

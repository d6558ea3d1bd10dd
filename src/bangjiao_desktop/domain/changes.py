"""What a transaction changed, as it is told to whoever shows or prints something of it."""

import uuid
from dataclasses import dataclass

ANYTHING = "*"
EVERYTHING = frozenset({ANYTHING})


@dataclass(frozen=True)
class LedgerChange:
    """Something was changed in the ledger; told once, after it is kept for good.

    Attributes:
        kinds: kinds of record, tables (office, account, bureau) and other subjects of the audit trail that were
            changed; EVERYTHING where it is not known, because another window or the command did it.
        people: keys of the people whose own rows or records were changed.
        offices: keys of the offices of the rows changed, and offices changed themselves.
        apart: whether anything was changed that belongs to no person.
        number: the ledger's change number after it (see `Session.change_number`).
        before: the change number the transaction found; another one than was known means that somebody else wrote, too.
    """

    kinds: frozenset[str]
    people: frozenset[uuid.UUID] = frozenset()
    offices: frozenset[uuid.UUID] = frozenset()
    apart: bool = True
    number: int = 0
    before: int = 0

    @property
    def known(self) -> bool:
        """Whether it is known what was changed."""
        return ANYTHING not in self.kinds

    def concerns(self, kinds: frozenset[str]) -> bool:
        """Tell whether any of some kinds was changed, or may have been."""
        return not self.known or ANYTHING in kinds or not self.kinds.isdisjoint(kinds)

    def is_about(self, person: uuid.UUID) -> bool:
        """Tell whether a person was changed, or something that belongs to nobody and may stand on their page."""
        return not self.known or self.apart or person in self.people


def unknown_change(number: int) -> LedgerChange:
    """Return the notice that something was changed, nobody knows what.

    Args:
        number: the ledger's change number now.
    """
    return LedgerChange(EVERYTHING, number=number, before=number)

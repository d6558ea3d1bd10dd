"""Somebody else saved a record, or a person, first: the fault carries what they made of it."""

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.kinds.record import Record


class StaleRecordError(KnownError):
    """Someone else saved the record first.

    Args:
        message: sentence for the user.
        current: the record as it stands in the ledger, with its key and revision; None where it was deleted. `store`
            knows no user: a service gives the record as its user may see it.
    """

    def __init__(self, message: str, current: Record | None = None) -> None:
        super().__init__(message)
        self.current = current

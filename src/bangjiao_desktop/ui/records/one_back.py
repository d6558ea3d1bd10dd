"""Takes one saved record back: a new one goes, a changed one is as it was, unless somebody changed it since."""

import uuid
from collections.abc import Mapping
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.records import work


class OneBack:
    """What is taken back may be taken back further: a record that is as before counts as the revision it then had.

    Args:
        session: the user's.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._as_before: dict[tuple[uuid.UUID, int], int] = {}

    def delete(self, kind: str, key: uuid.UUID, revision: int) -> None:
        """Delete a record as it was made, off the window's thread.

        Raises:
            InvalidInputError: somebody changed it since.
        """
        work.delete(self._session, kind, key, self._now(kind, key, revision))

    def change(self, kind: str, key: uuid.UUID, values: Mapping[str, Any], revision: int) -> None:
        """Make a record what it was, off the window's thread.

        Args:
            kind: its name.
            key: of it.
            values: it had.
            revision: it had then; it was changed once since.

        Raises:
            InvalidInputError: somebody changed it since.
        """
        now = self._now(kind, key, revision + 1)
        work.save(self._session, kind, values, identifier=key, revision=now)
        self._as_before[key, now + 1] = revision

    def _now(self, kind: str, key: uuid.UUID, wanted: int) -> int:
        """The revision a record has now, where it is still as that revision left it."""
        now = counts_as = work.read(self._session, kind, key).revision or 0
        while (key, counts_as) in self._as_before:
            counts_as = self._as_before[key, counts_as]
        if counts_as != wanted:
            raise InvalidInputError("这条记录后来又改过，不能撤销。")
        return now

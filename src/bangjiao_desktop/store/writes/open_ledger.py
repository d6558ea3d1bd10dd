"""What a ledger in a file and one on a server do alike: the course of a transaction, authority, change number."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, text

from bangjiao_desktop.domain.changes import LedgerChange
from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.store.port import Ledger
from bangjiao_desktop.store.writes import audit, moment
from bangjiao_desktop.store.writes.authority import AUTHORITY, authority_of
from bangjiao_desktop.store.writes.touched import OPTION, Touched


class OpenLedger(Ledger):
    """An open ledger (store.port says what its attributes are); each kind says how it reads and begins a transaction.

    Args:
        user: the account at work.
    """

    def __init__(self, user: str) -> None:
        self.user = user
        self.clock: Clock = COMPUTER
        self.guard: Callable[[Connection], None] | None = None
        self.committed: Callable[[LedgerChange], None] | None = None

    @abstractmethod
    def begun(self, options: Mapping[str, Any]) -> AbstractContextManager[Connection]:
        """Give a connection with these execution options inside a transaction that nobody else writes beside.

        Raises:
            KnownError: every fault, in plain words; nothing was changed.
        """

    def ending(self, connection: Connection, touched: Touched) -> None:
        """Do what belongs to every transaction of this kind of ledger, before it is kept."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection inside a transaction that is kept whole or not at all; one writes at a time.

        Raises:
            StorageError, VaultBusyError, VaultDamagedError: nothing was changed.
        """
        touched = Touched()
        with self.begun({moment.OPTION: self.clock, OPTION: touched}) as connection:
            if self.guard is not None:
                self.guard(connection)
            yield connection
            self.ending(connection, touched)
        change = touched.change()
        if change is not None and self.committed is not None:
            self.committed(change)

    def authority(self, connection: Connection | None = None) -> tuple[Role, bool]:
        """Return the role of the user, and whether sealed files are shown, as they stand now.

        Args:
            connection: whose transaction is asked; default one of its own.

        Raises:
            AccountGoneError: the account was taken away.
        """
        if connection is None:
            with self.read() as own:
                return self.authority(own)
        return authority_of(connection.execute(text(AUTHORITY), {"name": self.user}).one_or_none(), self.user)

    def change_number(self) -> int:
        """Return the number of the newest change (`store.writes.audit.change_number`)."""
        with self.read() as connection:
            return audit.change_number(connection)

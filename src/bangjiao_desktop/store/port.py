"""The port of a ledger: what everything above asks of it, whether it is a file here or a schema on a server.

`store.vault.vault.Vault` keeps the ledger in an encrypted file, `store.server.server.Server` on a PostgreSQL. Services use
`read` and `write` and do not know which; what only one of them can do is a `Capability` that is asked for.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from bangjiao_desktop.domain.changes import LedgerChange
    from bangjiao_desktop.domain.clock import Clock
    from bangjiao_desktop.domain.roles import Role


class Capability(Enum):
    """What not every ledger offers; the value completes “这个台账在服务器上，…”."""

    BACKUP = "由服务器统一备份，不能在这里备份"
    KEYS = "用户的口令由服务器管理，不能在这里设"
    VERIFICATION = "数据库由服务器校验，不能在这里逐页校验"


class Ledger(Protocol):
    """An open ledger.

    Attributes:
        user: the account at work; stands in every audit entry.
        guard: called at the beginning of every transaction that writes; what it raises stops it.
        committed: told what a transaction changed, once it is kept; in the thread that wrote.
        clock: what time its rows and audit entries are written with.
    """

    user: str
    clock: Clock
    guard: Callable[[Connection], None] | None
    committed: Callable[[LedgerChange], None] | None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this ledger offers beyond reading and writing."""

    def read(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees one state of the ledger.

        Raises:
            KnownError: every fault of file, disk, server or network, in plain words.
        """

    def write(self) -> AbstractContextManager[Connection]:
        """Give a connection inside a transaction that is kept whole or not at all; one writes at a time.

        Raises:
            KnownError: as `read`; nothing was changed.
        """

    def authority(self, connection: Connection | None = None) -> tuple[Role, bool]:
        """Return the role of the user, and whether sealed files are shown, as they stand now.

        Args:
            connection: whose transaction is asked; default one of its own.

        Raises:
            AccountGoneError: the account was taken away.
        """

    def change_number(self) -> int:
        """Return the number of the newest change (`store.writes.audit.change_number`)."""

    def close(self) -> None:
        """Close every connection."""

"""What an open vault seals with: the key of who may see sealed files, held as long as the vault is open."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection

from bangjiao_desktop.domain.errors import StorageError, VaultBusyError
from bangjiao_desktop.store.tables.tokens import SealingKey, compared, hold, release
from bangjiao_desktop.store.vault.opening import connect
from bangjiao_desktop.store.writes.resealing import holds, reseal
from bangjiao_desktop.store.writes.sweep import Known, Sweep, can_seal, catch_up, caught_up, tell
from bangjiao_desktop.store.writes.touched import Touched

FOLD = "PRAGMA wal_checkpoint(TRUNCATE)"
Opened = Callable[[], AbstractContextManager[Connection]]


class Sealing:
    """Seals what an account with the key writes, at the end of each of its transactions (store.writes.sweep).

    Attributes:
        anew: whether the last transaction sealed what stood in the ledger before; the log beside it holds that still.
    """

    def __init__(self) -> None:
        self._key: SealingKey | None = None
        self._known = Known()
        self.anew = False
        self._in_schema = False

    def _can(self, connection: Connection) -> bool:
        """Whether the schema knows sealing; once it does it stays so."""
        self._in_schema = self._in_schema or can_seal(connection)
        return self._in_schema

    def take(self, key: bytes | None) -> bool:
        """Hold a key from now on; tell whether there was none before."""
        if key is None or self._key is not None:
            return False
        self._key = hold(key)
        return True

    def let_go(self) -> None:
        """Hold the key no longer."""
        key, self._key, self._known = self._key, None, Known()
        if key is not None:
            release(key)

    @property
    def key(self) -> SealingKey | None:
        """The key that is held, if one is."""
        return self._key

    def end(self, connection: Connection, touched: Touched, user: str) -> None:
        """Seal what a transaction wrote about sealed people, and tell in an entry which rows that was."""
        self.anew = False
        if self._key is not None and self._can(connection):
            sweep = Sweep(connection, self._key, self._known)
            sweep.written(touched.first_entry, touched.people)
            tell(connection, user, sweep.turned)
            self.anew = sweep.all

    def renew(self, connection: Connection, key: bytes, user: str) -> None:
        """Close everything with another key, in the transaction in which it is given out; it is held after the commit.

        Raises:
            StorageError: something that is sealed was changed, and is opened by no key.
        """
        if self._key is None or not can_seal(connection):
            return
        try:
            tell(connection, user, reseal(connection, self._key, SealingKey(key)))
        except ValueError as error:
            raise StorageError("封存档案里有内容被改动过，打不开，不能更换密钥。请先校验台账。") from error

    def require_renewed(self, connection: Connection) -> None:
        """Refuse to give out new keys as long as something is sealed with the old one: nobody could read it any more.

        Raises:
            StorageError: something is.
        """
        if self._key is not None and can_seal(connection) and holds(connection, self._key):
            raise StorageError("封存档案还没有用新密钥重新加密，不能更换密钥。台账没有改动。")

    def catch_up(self, read: Opened, write: Opened, user: str) -> None:
        """Seal what sessions without the key wrote about sealed people since this was last done; at the beginning all.

        Args:
            read: of the vault.
            write: of the vault.
            user: who does it.

        Raises:
            VaultDamagedError, StorageError, VaultBusyError: nothing was changed.
        """
        if self._key is None:
            return
        with read() as connection:
            if not can_seal(connection) or caught_up(connection):
                return
        with write() as connection:
            first = catch_up(connection, self._key, user)
        if first:  # what free pages hold of it, and the log
            fold(read, "VACUUM", FOLD)


def connected(path: Path, data_key: bytes) -> driver.Connection:
    """A connection that compares with what is sealed, and leaves nothing in the place of what was overwritten."""
    connection = connect(path, data_key)
    connection.execute("PRAGMA secure_delete = ON")
    connection.create_function("unsealed", 2, compared, deterministic=True)
    return connection


def fold(read: Opened, *statements: str) -> None:
    """Run statements that stand outside of transactions; where another program keeps the file, closing does it."""
    with suppress(StorageError, VaultBusyError), read() as connection:
        raw: Any = connection.connection.driver_connection
        for statement in statements:
            raw.execute(statement).fetchall()

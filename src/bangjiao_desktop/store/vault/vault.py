"""The vault: a folder with the encrypted database, the key file and the backups.

`Vault` opens the database with the keys of an account; `create_vault` and `open_vault` are the ways in. Reading and
writing go through `Ledger.read()` and `Ledger.write()`: connections whose errors are already in plain words.
"""

import contextlib
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import QueuePool

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.domain.errors import (
    InvalidInputError,
    StorageError,
    VaultDamagedError,
    VaultExistsError,
    VaultTooNewError,
)
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.passwords import password_fault
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.vault import keys, schema
from bangjiao_desktop.store.vault.backup_writing import BackedUp, copy_database, write_backup
from bangjiao_desktop.store.vault.door import unlock, unlock_wait
from bangjiao_desktop.store.vault.faults import DAMAGED, translated
from bangjiao_desktop.store.vault.keyring import KeyRing, new_pair, pair_of, with_account, with_boxes
from bangjiao_desktop.store.vault.opening import (
    BACKUPS,
    BUSY_MILLISECONDS,
    DATABASE,
    Entry,
    connect,
    require_vault,
    vault_users,
)
from bangjiao_desktop.store.vault.patience import patience
from bangjiao_desktop.store.writes.open_ledger import OpenLedger

_PATIENCE = "patience"  # in a connection's info: milliseconds it waits for another write


class Vault(OpenLedger):
    """An open vault: the ledger behind the port (store.port) as an encrypted file, with all capabilities.

    Args:
        folder: where it lies.
        ring: the keys of who opened it.
        user: the account that opened it; stands in every audit entry.

    Attributes:
        ring: as given.
        upgraded_from: the backup made before this opening brought an older vault up to date, else None.
    """

    def __init__(self, folder: Path, ring: KeyRing, user: str) -> None:
        super().__init__(user)
        self.folder = folder
        self.ring = ring
        self.entry = Entry(folder, user, ring)
        self.upgraded_from: Path | None = None
        self._engine = _engine(folder / DATABASE, ring.data)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Everything: the file is here."""
        return frozenset(Capability)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the ledger.

        Raises:
            VaultDamagedError, StorageError, VaultBusyError: in plain words.
        """
        with translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def begun(self, options: Mapping[str, Any]) -> Iterator[Connection]:
        """Yield a connection that holds the write lock of the file (`OpenLedger.begun`).

        Raises:
            VaultDamagedError, StorageError, VaultBusyError: nothing was changed.
        """
        with translated(), self._engine.connect() as plain:
            connection = plain.execution_options(writing=True, **options)
            with connection.begin():
                yield connection

    def verify_pages(self) -> None:
        """Check the seal (HMAC) of every page of the database.

        Raises:
            VaultDamagedError: a byte was changed.
        """
        with self.read() as connection:
            if connection.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall():
                raise VaultDamagedError(DAMAGED)

    def backup_to(self, path: Path) -> None:
        """Write a consistent encrypted copy of the database (same data key).

        Args:
            path: a new file.

        Raises:
            StorageError: it cannot be written.
        """
        try:
            copy_database(self.folder, self.ring.data, path)
        except OSError as error:
            raise StorageError(f"无法写入“{path.name}”：{reason(error)}。请检查磁盘空间和文件夹权限。") from error

    def backed_up(self) -> BackedUp:
        """Return what a backup is made of."""
        return BackedUp(self.folder, self.ring.data, self.clock.now())

    def close(self) -> None:
        """Close every connection; the write-ahead log is folded into the database."""
        with contextlib.suppress(driver.Error):
            self._engine.dispose()

    def add_user(self, user: str, password: str, *, sealed: bool = False) -> None:
        """Give a user a key slot and the keys, or a new password if there is one.

        Args:
            user: the name.
            password: the new one.
            sealed: whether the account has authority for sealed files.

        Raises:
            InvalidInputError: the password is too weak.
            StorageError: the key file cannot be written.
        """
        require_password(password, user)
        current = keys.read_key_file(self.folder)
        own = user == self.ring.user and self.ring.by == "password"
        pair = pair_of(self.ring.signing, self.ring.exchange) if own else new_pair()
        keys.write_key_file(
            self.folder, with_account(current, "password", user, password, pair, self.ring, sealed=sealed)
        )

    def set_authority(self, user: str, *, sealed: bool) -> None:
        """Give a user the key of sealed files, or take it away.

        Raises:
            StorageError: the key file cannot be written.
        """
        current = keys.read_key_file(self.folder)
        slot = current.slot("password", user)
        if slot is not None and not slot.is_old:
            keys.write_key_file(self.folder, with_boxes(current, slot, self.ring, sealed=sealed))

    def remove_user(self, user: str) -> None:
        """Take a user's key slot away: the password opens the vault no longer.

        Raises:
            StorageError: the key file cannot be written.
        """
        current = keys.read_key_file(self.folder)
        keys.write_key_file(self.folder, current.without("password", user))

    def set_recovery_key(self, recovery_key: str) -> None:
        """Put another recovery key in the place of the one before.

        Raises:
            StorageError: the key file cannot be written.
        """
        current = keys.read_key_file(self.folder)
        typed = keys.normalize_recovery_key(recovery_key)
        keys.write_key_file(
            self.folder, with_account(current, keys.RECOVERY, "", typed, new_pair(), self.ring, sealed=True)
        )


def require_password(password: str, user: str) -> None:
    """Refuse passwords that are too weak.

    Raises:
        InvalidInputError: says why.
    """
    keys.require_text(password)
    fault = password_fault(password, user)
    if fault is not None:
        raise InvalidInputError(f"{fault}。")


def create_vault(folder: Path, user: str, password: str, clock: Clock = COMPUTER) -> tuple[Vault, str]:
    """Make an empty vault and open it.

    Args:
        folder: must not exist, or be empty.
        user: name of the first user.
        password: one that domain.passwords lets through.
        clock: the vault's.

    Returns:
        The open vault and its recovery key, which is shown once and kept nowhere.

    Raises:
        VaultExistsError, InvalidInputError, StorageError: nothing is left behind.
    """
    require_password(password, user)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise VaultExistsError(f"“{folder}”已经存在且不是空文件夹，不能在这里新建台账。")
        existed = folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BACKUPS).mkdir(exist_ok=True)
        for one in (folder, folder / BACKUPS):
            keys.make_private(one)
    except OSError as error:
        raise StorageError(f"无法建立台账文件夹“{folder}”：{reason(error)}。") from error
    recovery_key, pair = keys.new_recovery_key(), new_pair()
    ring = KeyRing(os.urandom(32), os.urandom(32), pair.signing, pair.exchange, user)
    vault: Vault | None = None
    try:
        key_file = with_account(
            keys.KeyFile(str(uuid.uuid4()), ()), "password", user, password, pair, ring, sealed=True
        )
        typed = keys.normalize_recovery_key(recovery_key)
        key_file = with_account(key_file, keys.RECOVERY, "", typed, new_pair(), ring, sealed=True)
        keys.open_private(folder / DATABASE).close()  # its journals get the same rights
        vault = Vault(folder, ring, user)
        vault.clock = clock
        with vault.write() as connection:
            schema.migrate(connection)
        keys.write_key_file(folder, key_file)
    except BaseException:
        if vault is not None:
            vault.close()
        _remove(folder, existed)
        raise
    return vault, recovery_key


def open_vault(folder: Path, user: str, ring: KeyRing, clock: Clock = COMPUTER) -> Vault:
    """Open a vault with the keys of an account; an older one is backed up and migrated first.

    Raises:
        NotAVaultError, VaultTooNewError, VaultDamagedError, StorageError: nothing was changed.
    """
    require_vault(folder)
    vault = Vault(folder, ring, user)
    vault.clock = clock
    try:
        revision = _revision(vault)
        if revision not in schema.REVISIONS:
            raise VaultTooNewError(
                "这个台账由更新版本的程序写成，当前程序打不开它，也没有改动它。请安装新版本后再打开。"
            )
        if revision != schema.HEAD:
            name = f"before-migration-{revision}-{clock.now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:4]}{BACKUP_SUFFIX}"
            (folder / BACKUPS).mkdir(exist_ok=True)
            with vault.write() as connection:  # whoever opens it meanwhile waits here, and finds it done
                if _revision_by(connection) != schema.HEAD:
                    write_backup(vault.backed_up(), folder / BACKUPS / name)
                    schema.migrate(connection)
                    vault.upgraded_from = folder / BACKUPS / name
    except BaseException:
        vault.close()
        raise
    return vault


def _revision(vault: Vault) -> str:
    with vault.read() as connection:
        return _revision_by(connection)


def _revision_by(connection: Connection) -> str:
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _engine(path: Path, data_key: bytes) -> Engine:
    engine = create_engine(
        "sqlite://",
        module=driver,
        creator=lambda: connect(path, data_key),
        poolclass=QueuePool,
        pool_size=4,
        pool_reset_on_return="rollback",
        hide_parameters=True,  # no message of a fault holds what was written
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        if writing:
            _wait_at_most(connection, patience(BUSY_MILLISECONDS))
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _wait_at_most(connection: Connection, milliseconds: int) -> None:
    """Let a connection wait so long for another write; asked of the database only where it becomes another."""
    if connection.info.get(_PATIENCE, BUSY_MILLISECONDS) != milliseconds:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
        connection.info[_PATIENCE] = milliseconds


def _remove(folder: Path, existed: bool) -> None:
    with contextlib.suppress(OSError):
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", keys.KEY_FILE, f"{keys.KEY_FILE}.new"):
            (folder / name).unlink(missing_ok=True)
        (folder / BACKUPS).rmdir()
        if not existed:
            folder.rmdir()


__all__ = ["BACKUPS", "Vault", "create_vault", "open_vault", "unlock", "unlock_wait", "vault_users"]

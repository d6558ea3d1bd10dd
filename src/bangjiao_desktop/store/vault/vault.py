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
    KnownError,
    StorageError,
    VaultDamagedError,
    VaultExistsError,
    VaultTooNewError,
)
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.passwords import password_fault
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.tables.tokens import SealingKey
from bangjiao_desktop.store.vault import key_change, keys, schema
from bangjiao_desktop.store.vault.backup_writing import BackedUp, copy_database, write_backup
from bangjiao_desktop.store.vault.door import unlock, unlock_wait
from bangjiao_desktop.store.vault.faults import DAMAGED, translated
from bangjiao_desktop.store.vault.keyring import KeyRing, new_pair, with_account
from bangjiao_desktop.store.vault.new_keys import told
from bangjiao_desktop.store.vault.opening import (
    BACKUPS,
    BUSY_MILLISECONDS,
    DATABASE,
    Entry,
    require_vault,
    vault_users,
)
from bangjiao_desktop.store.vault.patience import patience
from bangjiao_desktop.store.vault.sealing import FOLD, Sealing, connected, fold
from bangjiao_desktop.store.vault.trail import anchors
from bangjiao_desktop.store.vault.trail.anchors import ANCHOR
from bangjiao_desktop.store.vault.trail.ledger_trail import LedgerTrail
from bangjiao_desktop.store.vault.trail.signing import Signer, signer_with
from bangjiao_desktop.store.writes import audit, moment
from bangjiao_desktop.store.writes.audit_chain import Change
from bangjiao_desktop.store.writes.open_ledger import OpenLedger
from bangjiao_desktop.store.writes.touched import Touched

_STAGED = "keys_staged"  # in a connection's info: whether a key file waits for the commit
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
        self._sealing = Sealing()
        self._sealing.take(ring.sealed)
        self._engine = _engine(folder / DATABASE, ring.data)
        self.vault_id = ""
        self._trail = LedgerTrail(folder, self._signer, schema.HEAD)

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
        with told(self.folder, self.ring), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def begun(self, options: Mapping[str, Any]) -> Iterator[Connection]:
        """Yield a connection that holds the write lock of the file (`OpenLedger.begun`).

        Raises:
            VaultDamagedError, StorageError, VaultBusyError: nothing was changed.
        """
        with told(self.folder, self.ring), self._engine.connect() as plain:
            watched = self._trail.watch(plain)
            connection = plain.execution_options(writing=True, **options)
            with connection.begin():
                course = self._trail.course(connection, watched)
                yield connection
                seal = course.end()
            self._trail.kept(seal, connection)

    @property
    def signer(self) -> Signer:
        """Who signs what is done here."""
        return self._trail.signer

    @property
    def sealing_key(self) -> SealingKey | None:
        """What opens sealed files; None for who has no authority."""
        return self._sealing.key

    def _signer(self) -> Signer:
        self.vault_id = self.vault_id or keys.read_key_file(self.folder).vault_id
        return signer_with(self.ring, self.vault_id)

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
        return BackedUp(self.folder, self.ring, self.clock.now(), self._anchor)

    def _anchor(self, raw: driver.Connection) -> str:
        found = anchors.newest(raw, self.signer.vault_id)
        return "" if found is None else found.text()

    def close(self) -> None:
        """Close every connection; the write-ahead log is folded into the database."""
        self._sealing.let_go()
        with contextlib.suppress(driver.Error):
            self._engine.dispose()

    def ending(self, connection: Connection, touched: Touched) -> None:
        """Seal what the transaction wrote about sealed people, as far as this account has the key."""
        self._sealing.end(connection, touched, self.user)

    def reseal(self, connection: Connection, key: bytes) -> None:
        """Close all that is sealed with a new key, in the transaction that gives it out (`Sealing.renew`)."""
        self._sealing.renew(connection, key, self.user)

    def sweep(self) -> None:
        """Seal what was written about sealed people without the key (`Sealing.catch_up`); what cannot be now, next time.

        A ledger that cannot be written, or is damaged, is opened to be read all the same.
        """
        with contextlib.suppress(KnownError):
            self._sealing.catch_up(self.read, self.write, self.user)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection as `OpenLedger.write`; a key file that was staged takes its place after the commit.

        An account that came in with a slot of format 1 gets its pair kept with the first thing it writes.

        Raises:
            NotAVaultError: the account has another pair.
            StorageError, VaultBusyError, VaultDamagedError: nothing was changed.
        """
        ring, staged = self.ring, False
        try:
            with super().write() as connection:
                try:
                    if ring.upgrade is not None:
                        ring = self.keep_pair(connection)
                    yield connection
                finally:
                    staged = connection.info.pop(_STAGED, False)
            if self._sealing.anew:
                fold(self.read, FOLD)
            self.take_up(ring)
        finally:
            if staged:
                self.settle_keys()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Yield a connection inside a transaction that brings the schema up; with it an account that has none gets its pair.

        It ends with all rows marked and signed.

        Raises:
            VaultDamagedError, StorageError, VaultBusyError: nothing was changed.
        """
        ring, staged = self.ring, False
        try:
            with translated(), self._engine.connect() as plain:
                connection = plain.execution_options(writing=True, **{moment.OPTION: self.clock})
                with connection.begin():
                    try:
                        found = _revision_by(connection) if _has_schema(connection) else ""
                        yield connection
                        if ring.upgrade is not None:
                            ring = self.keep_pair(connection)
                        seal = self._trail.anew(connection, found) if found != _revision_by(connection) else None
                    finally:
                        staged = connection.info.pop(_STAGED, False)
                self._trail.kept(seal, connection)
            self.take_up(ring)
        finally:
            if staged:
                self.settle_keys()

    def keep_pair(self, connection: Connection) -> KeyRing:
        """Keep the pair of an account that had none, in this transaction; return the ring as it is after the commit."""
        ring, made = key_change.upgraded(self.folder, self.raw(connection), self.ring, self.clock.stamp())
        connection.info[_STAGED] = True
        audit.record(connection, self.user, made)
        return ring

    def take_up(self, ring: KeyRing) -> None:
        """Work with the keys as they are now; that of the database stays the same."""
        self.ring = ring
        self.entry = Entry(self.folder, self.user, ring)
        if self._sealing.take(ring.sealed):
            self.sweep()

    def renew(self, ring: KeyRing) -> None:
        """Work on under new keys, that of the database among them."""
        self._engine.dispose()
        self._engine = _engine(self.folder / DATABASE, ring.data)
        self._sealing.let_go()
        self.take_up(ring)

    def key_file(self, connection: Connection) -> keys.KeyFile:
        """Return the key file as it stands in a transaction of `write`: in force, or staged already.

        Raises:
            NotAVaultError, StorageError: it cannot be read.
        """
        staged = key_change.waiting(self.folder) if connection.info.get(_STAGED, False) else None
        return staged or key_change.current(self.folder, self.raw(connection), self.ring.generation)

    def stage(self, connection: Connection, file: keys.KeyFile) -> None:
        """Let a key file take the place of the one before with this transaction.

        Raises:
            StorageError: it cannot be written.
        """
        if file.generation > keys.read_key_file(self.folder).generation:
            self._sealing.require_renewed(connection)
        connection.info[_STAGED] = True
        audit.record(connection, self.user, [key_change.stage(self.folder, file)])

    def settle_keys(self) -> None:
        """Let a key file that was kept take its place; where that cannot be done now, the next opening does it."""
        with contextlib.suppress(KnownError), translated(), self._engine.connect() as plain:
            connection = plain.execution_options(writing=True)
            with connection.begin():
                key_change.settle(self.folder, self.raw(connection), self.ring.generation)

    @staticmethod
    def raw(connection: Connection) -> Any:
        """Return the driver's connection below one of this vault."""
        return connection.connection.driver_connection


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
        vault.vault_id = key_file.vault_id
        with vault.migrating() as connection:
            schema.migrate(connection)
            if key_change.knows_keys(raw := vault.raw(connection)):
                made = [key_change.introduced(raw, slot, clock.stamp()) for slot in key_file.slots]
                audit.record(connection, user, [*made, key_change.entry_of(key_file)])
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
            with vault.migrating() as connection:  # whoever opens it meanwhile waits here, and finds it done
                found = _revision_by(connection)
                if found != schema.HEAD:
                    write_backup(vault.backed_up(), folder / BACKUPS / name)
                    schema.migrate(connection)
                    about = {"before": found, "after": schema.HEAD}
                    audit.record(connection, user, [Change("upgrade", "vault", None, {}, about)])
                    vault.upgraded_from = folder / BACKUPS / name
        vault.sweep()
    except BaseException:
        vault.close()
        raise
    return vault


def _revision(vault: Vault) -> str:
    with vault.read() as connection:
        return _revision_by(connection)


def _revision_by(connection: Connection) -> str:
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is None:
        raise VaultDamagedError("台账里没有版本记录：被绕过程序改动过。请从备份恢复，并保留这份台账查明原因。")
    return str(found)


def _has_schema(connection: Connection) -> bool:
    asked = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    return connection.exec_driver_sql(asked).first() is not None


def _engine(path: Path, data_key: bytes) -> Engine:
    engine = create_engine(
        "sqlite://",
        module=driver,
        creator=lambda: connected(path, data_key),
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
        for name in (
            *(f"{DATABASE}{end}" for end in ("", "-wal", "-shm")),
            keys.KEY_FILE,
            f"{keys.KEY_FILE}.new",
            ANCHOR,
        ):
            (folder / name).unlink(missing_ok=True)
        (folder / BACKUPS).rmdir()
        if not existed:
            folder.rmdir()


__all__ = ["BACKUPS", "Vault", "create_vault", "open_vault", "unlock", "unlock_wait", "vault_users"]

"""Opens a backup with the keys of the open ledger and looks at everything in it, as a restore would; writes nothing but aside."""

import contextlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.errors import BackupDamagedError, CancelledError, KnownError
from bangjiao_desktop.store.vault import backup_daily, backup_file, keys
from bangjiao_desktop.store.vault.attachment_store import AttachmentStore
from bangjiao_desktop.store.vault.backup_manifest import manifest_of
from bangjiao_desktop.store.vault.door import Opened
from bangjiao_desktop.store.vault.faults import translated
from bangjiao_desktop.store.vault.keyring import KeyRing, fits
from bangjiao_desktop.store.vault.opening import DATABASE, connect

_OPERATIONS = 20_000  # of the database between two steps


@dataclass(frozen=True)
class Tried:
    """What a trial showed.

    Attributes:
        fault: what is wrong, without a full stop; empty if all is as it was written.
        lost: attachments whose bytes the backup lacks.
    """

    fault: str
    lost: tuple[backup_daily.Lost, ...] = ()


def try_backup(file: Path, scratch: Path, ring: KeyRing, vault: Path, step: Callable[[], None]) -> Tried:
    """Open a backup of a vault aside and look at every part, page, entry and attachment.

    Args:
        file: the backup.
        scratch: an empty folder for what is unpacked, encrypted as the ledger.
        ring: of who has the ledger open.
        vault: the folder of the ledger.
        step: called now and then; what it raises stops it.

    Raises:
        CancelledError: of `step`.
        StorageError: the disk is full, or cannot be read.
        OSError: the folder aside cannot be written.
    """
    try:
        with backup_file.opened(file) as archive:
            fault = _manifest_fault(archive, ring.data, step)
            if fault:
                return Tried(fault)
            lost = _unpacked(file, archive, scratch, ring.data, step)
    except CancelledError:
        raise
    except KnownError as error:
        return Tried(error.message.removesuffix("。"))
    try:
        if keys.read_key_file(scratch).vault_id != keys.read_key_file(vault).vault_id:
            return Tried("密钥文件是另一个台账的")
        if not fits(keys.read_key_file(scratch), ring):
            return Tried("备份里的密钥文件打不开它的数据库")
        proof = backup_file.prove(scratch, file, Opened(ring, ()), step)
        if proof.broken_entry is not None:
            return Tried(f"操作记录第 {proof.broken_entry} 条被改动过")
        with translated():
            fault = _structure_fault(scratch, ring.data, step)
    except CancelledError:
        raise
    except KnownError as error:
        return Tried(error.message.removesuffix("。"))
    return Tried(fault, tuple(lost))


def _manifest_fault(archive: zipfile.ZipFile, data_key: bytes, step: Callable[[], None]) -> str:
    manifest = manifest_of(archive)
    if manifest is None or not manifest.parts:
        return ""  # of 0.1–0.3
    if not manifest.is_sealed_by(data_key):
        return "备份的清单被改动过，或不是用这个台账现在的密钥写的"
    return "" if backup_file.parts_of(archive, step) == manifest.parts else "备份里的文件和清单对不上"


def _unpacked(
    file: Path, archive: zipfile.ZipFile, scratch: Path, data_key: bytes, step: Callable[[], None]
) -> list[backup_daily.Lost]:
    backup_file.unpack(archive, scratch)
    lost: list[backup_daily.Lost] = []
    if backup_file.is_daily(archive):
        try:
            backup_daily.unpack_database(archive, scratch, data_key, step)
        except BackupDamagedError as error:
            raise backup_file.useless(file, error) from error
        store = AttachmentStore(file.parent, data_key)
        lost = backup_daily.lost_contents(scratch, store, data_key, fill=False, step=step)
    backup_file.require_structure(scratch, file)
    return lost


def _structure_fault(scratch: Path, data_key: bytes, step: Callable[[], None]) -> str:
    """Look whether the tables and their indexes hold together."""
    stopped: list[CancelledError] = []

    def go_on() -> int:
        try:
            step()
        except CancelledError as error:
            stopped.append(error)
        return int(bool(stopped))

    with contextlib.closing(connect(scratch / DATABASE, data_key)) as connection:
        connection.set_progress_handler(go_on, _OPERATIONS)
        try:
            [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
        except driver.OperationalError:
            if stopped:
                raise stopped[0] from None
            raise
    return "" if found == "ok" else "数据库的内部结构不对"

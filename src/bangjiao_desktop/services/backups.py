"""Backup, restore and verification of a vault."""

import shutil
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bangjiao_desktop.domain.errors import NotAVaultError, StorageError, VaultExistsError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.services.permissions import needs
from bangjiao_desktop.services.places import taken
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.store import audit
from bangjiao_desktop.store.keys import KEY_FILE, flush_to_disk
from bangjiao_desktop.store.opening import DATABASE
from bangjiao_desktop.store.vault import BACKUPS, write_backup
from bangjiao_desktop.store.writer import Writer


@needs(Permission.BACK_UP)
def back_up(session: Session, target: Path | None = None) -> Path:
    """Write a backup: one file with the encrypted database and the key file.

    Args:
        session: who backs up.
        target: a file, or a folder to put it in; default the vault's own backups folder.

    Returns:
        The file written.

    Raises:
        StorageError: the place cannot be written; nothing half-done is left.
    """
    folder = session.folder
    target = target or folder / BACKUPS
    if target.is_dir():
        target = target / f"bangjiao-{datetime.now():%Y%m%d-%H%M%S}{BACKUP_SUFFIX}"
    if target.exists():
        raise StorageError(f"备份文件 {target.name} 已存在，请换一个名字。")
    with session.vault.write() as connection:
        Writer(connection, session.user).act("backup", "vault", {})
    write_backup(session.vault, target)
    return target


def restore(file: Path, folder: Path) -> None:
    """Unpack a backup into a new vault folder; the passwords of the time of the backup open it.

    Raises:
        NotAVaultError: the file is no backup or is damaged.
        VaultExistsError: the folder exists and is not empty; a backup never overwrites a ledger.
        StorageError: the file cannot be read or the folder cannot be written; nothing half-done is left.
    """
    if taken(folder):
        raise VaultExistsError(f"“{folder}”已经存在且不是空文件夹。恢复不会覆盖已有台账，请换一个新文件夹。")
    there = folder.exists()
    try:
        with zipfile.ZipFile(file) as archive:
            if sorted(archive.namelist()) != sorted((DATABASE, KEY_FILE)) or archive.testzip() is not None:
                raise NotAVaultError(f"文件“{file.name}”不是本程序的备份，或已损坏。")
            try:
                (folder / BACKUPS).mkdir(parents=True)
                for name in (DATABASE, KEY_FILE):  # the key file last: without it the folder is no ledger
                    with archive.open(name) as source, (folder / name).open("wb") as target:
                        shutil.copyfileobj(source, target, 1 << 20)
                        flush_to_disk(target)
            except OSError as error:
                _take_away(folder, whole=not there)
                raise StorageError(f"无法恢复到“{folder}”：{reason(error)}。请检查磁盘空间和文件夹权限。") from error
    except FileNotFoundError:
        raise NotAVaultError(f"找不到备份文件“{file.name}”。") from None
    except (zipfile.BadZipFile, EOFError):
        raise NotAVaultError(f"文件“{file.name}”不是本程序的备份，或已损坏。") from None
    except OSError as error:
        raise StorageError(f"读不了备份文件“{file.name}”：{reason(error)}。") from error


def _take_away(folder: Path, *, whole: bool) -> None:
    """Leave the place of a restore that failed as it was."""
    if whole:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for name in (DATABASE, KEY_FILE):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / BACKUPS, ignore_errors=True)


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    Attributes:
        entries: entries of the audit trail.
        broken_entry: the first whose seal is broken, None if the chain is whole.
    """

    entries: int
    broken_entry: int | None


def verify_pages(session: Session) -> bool:
    """Check the seal of every page of the database only.

    Raises:
        VaultDamagedError: a byte of the database was changed.
    """
    session.vault.verify_pages()
    return True


def verify(session: Session) -> Verification:
    """Check the seal of every page of the database and every link of the audit chain.

    Raises:
        VaultDamagedError: a byte of the database was changed.
    """
    session.vault.verify_pages()
    with session.vault.read() as connection:
        return Verification(audit.count(connection), audit.verify(connection))

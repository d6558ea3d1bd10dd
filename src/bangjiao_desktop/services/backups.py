"""Backup, restore and verification of a vault."""

import contextlib
import re
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bangjiao_desktop.domain.errors import NotAVaultError, StorageError, VaultExistsError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX, LedgerFilter
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.services.permissions import needs
from bangjiao_desktop.services.places import taken
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.store import audit, ledger, records
from bangjiao_desktop.store.keys import KEY_FILE, flush_to_disk
from bangjiao_desktop.store.opening import DATABASE
from bangjiao_desktop.store.vault import BACKUPS, write_backup
from bangjiao_desktop.store.writer import Writer

_OUTSIDE = "backup-outside"
_DAILY = "auto-"
_DAYS, _MONTHS = 7, 6
_LONGEST = 7
_ROOM = 3  # sizes of the database that must be free: a copy, the file made of it, and something to work with


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
    if not target.resolve().is_relative_to(folder.resolve()):
        with session.vault.write() as connection:
            records.store_setting(connection, _OUTSIDE, date.today().isoformat())
    return target


@needs(Permission.BACK_UP)
def back_up_daily(session: Session, today: date) -> Path | None:
    """Write the day's backup into the ledger's own folder, unless there is one; older ones are thinned out.

    Args:
        session: who has the ledger open.
        today: the day.

    Returns:
        The file written; None if the day has one.

    Raises:
        StorageError: there is no room, or the folder cannot be written; what was there stays.
    """
    folder = session.folder / BACKUPS
    target = folder / f"{_DAILY}{today:%Y%m%d}{BACKUP_SUFFIX}"
    if target.exists():
        return None
    try:
        folder.mkdir(exist_ok=True)
        size = (session.folder / DATABASE).stat().st_size
        if shutil.disk_usage(folder).free < _ROOM * size:
            raise StorageError("磁盘空间不足，今天没有做自动备份。请清理磁盘，或按“更多 → 备份到 U 盘…”。")
    except OSError as error:
        raise StorageError(f"没有做自动备份：{reason(error)}。") from error
    write_backup(session.vault, target)
    for name in thinned_out([one.name for one in folder.glob(f"{_DAILY}*{BACKUP_SUFFIX}")]):
        with contextlib.suppress(OSError):
            (folder / name).unlink()
    return target


def thinned_out(names: Iterable[str]) -> list[str]:
    """Return which daily backups may go: all but the newest seven and the newest of each of the last six months.

    Args:
        names: of daily backups, which hold their day; others are left alone.
    """
    days = sorted((name for name in names if re.fullmatch(rf"{_DAILY}\d{{8}}\{BACKUP_SUFFIX}", name)), reverse=True)
    months = {name[len(_DAILY) :][:6]: name for name in reversed(days)}  # the newest of each stays
    kept = {*days[:_DAYS], *(months[month] for month in sorted(months, reverse=True)[:_MONTHS])}
    return [name for name in days if name not in kept]


@needs(Permission.BACK_UP)
def reminder(session: Session, today: date) -> str:
    """Return a sentence if no backup has left the ledger's own folder for more than seven days, else nothing.

    Args:
        session: who asks.
        today: the day.
    """
    with session.vault.read() as connection:
        found = records.setting(connection, _OUTSIDE)
        if found is None:
            people = ledger.ledger_count(connection, EVERYTHING, LedgerFilter())
            return "这个台账还没有备份到 U 盘" if people else ""
    days = (today - date.fromisoformat(found)).days
    return f"已有 {days} 天没有备份到 U 盘" if days > _LONGEST else ""


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
            except BaseException as error:
                _take_away(folder, whole=not there)
                if isinstance(error, OSError):
                    raise StorageError(
                        f"无法恢复到“{folder}”：{reason(error)}。请检查磁盘空间和文件夹权限。"
                    ) from error
                raise
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
        with contextlib.suppress(OSError):
            (folder / name).unlink()
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

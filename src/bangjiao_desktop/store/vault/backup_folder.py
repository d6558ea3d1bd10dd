"""The folder of a ledger's own backups: who may work in it, what its backups need, and what nobody needs any more."""

import contextlib
import itertools
import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.vault.attachment_store import ATTACHMENTS, collect
from bangjiao_desktop.store.vault.backup_manifest import Manifest, manifest_of
from bangjiao_desktop.store.vault.file_lock import lock_file, unlock_file
from bangjiao_desktop.store.vault.keys import KEY_FILE, open_private
from bangjiao_desktop.store.vault.opening import DATABASE

PACKED, SHARED = "ledger.pages", "attachments.txt"
"""In a daily backup: the database (`page_pack`), and the names of its attachments in the store, a line each, sorted."""
SCRATCH, UNFINISHED = ".bangjiao-", f"{BACKUP_SUFFIX}.new"
_LOCK = ".bangjiao.lock"
_LEFT_BEHIND = 3600.0  # seconds after which what a backup left is no longer being written
_PATIENCE = 20.0  # seconds to wait for another backup
_BROKEN = (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError)


def all_backups(folder: Path) -> list[Path]:
    """Return the backups in a folder, and those of another copy of the ledger that were put apart in folders of their own."""
    return sorted(one for pattern in ("", "*/") for one in folder.glob(f"{pattern}*{BACKUP_SUFFIX}") if one.is_file())


@contextmanager
def name_of_its_own(folder: Path, stem: str) -> Iterator[Path]:
    """Give a backup a name that none has, and none is being written under: the second of a second is “… (2)”.

    Args:
        folder: where it is to lie.
        stem: the name wished for, without its end.

    Raises:
        StorageError: the folder cannot be written.
    """
    target = _taken(folder, stem)
    try:
        yield target
    finally:
        with contextlib.suppress(OSError):  # after the backup was written it is there no more
            unfinished(target).unlink(missing_ok=True)


def unfinished(target: Path) -> Path:
    """Return the file a backup is while it is being written."""
    return target.with_name(f"{target.name}.new")


def _taken(folder: Path, stem: str) -> Path:
    """Take the first name that is free, by the file a backup is written as."""
    for number in itertools.count(1):
        target = folder / f"{stem}{'' if number == 1 else f' ({number})'}{BACKUP_SUFFIX}"
        try:
            open_private(unfinished(target)).close()
        except FileExistsError:
            continue
        except OSError as error:
            raise StorageError(f"无法写入备份：{reason(error)}。请检查磁盘空间和文件夹权限。") from error
        if not target.exists():
            return target
        unfinished(target).unlink()
    raise AssertionError("numbers do not end")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder: nobody else writes daily backups into it or takes attachments away; ends with the process.

    Raises:
        StorageError: another backup takes too long, or the folder cannot be written.
    """
    path = folder / _LOCK
    try:
        descriptor = _locked(path)
    except OSError as error:
        raise StorageError(f"无法写入备份文件夹“{folder}”：{reason(error)}。") from error
    if descriptor is None:
        raise StorageError("另一个窗口或命令正在这个文件夹里备份或恢复，请稍候再试。")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows keeps a file that is open: the next holder takes it away
            path.unlink()
        unlock_file(descriptor)
        os.close(descriptor)


def _locked(path: Path) -> int | None:
    """Open and lock the file that stands for a folder; None if somebody else holds it all the time."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if lock_file(descriptor, max(0.0, until - time.monotonic())):
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    return descriptor
            unlock_file(descriptor)  # that of a holder who took it away meanwhile
        os.close(descriptor)
    return None


def backup_order(path: Path) -> int | None:
    """Return the number of the newest audit entry when a backup was made; None if the file does not tell."""
    return place_in_order(path)[0]


def place_in_order(path: Path) -> tuple[int | None, int]:
    """Return a backup's place: number of its newest audit entry (None: it tells none), which daily backup it is (or 0)."""
    manifest = manifest_in(path)
    return (None, 0) if manifest is None else (manifest.order, manifest.number)


def manifest_in(path: Path) -> Manifest | None:
    """Return what a backup says of itself; None if it cannot be read or says nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            return manifest_of(archive)
    except _BROKEN:
        return None


def clear_leftovers(folder: Path) -> None:
    """Take away what backups that were killed left in a folder: copies of the whole database, not touched for an hour."""
    oldest = time.time() - _LEFT_BEHIND
    for pattern in (f"{SCRATCH}*", f"*{UNFINISHED}"):
        for one in folder.glob(pattern):
            with contextlib.suppress(OSError):
                if one.is_symlink() or one.name == _LOCK or one.stat().st_mtime > oldest:
                    continue
                if not one.is_dir():
                    one.unlink()
                elif all(inside.name.startswith((DATABASE, KEY_FILE, PACKED, SHARED)) for inside in one.iterdir()):
                    shutil.rmtree(one, ignore_errors=True)


def collect_attachments(folder: Path) -> int | None:
    """Take away the attachments that no backup of a folder needs; whoever calls holds the folder.

    Returns:
        How many files were taken away; None if nothing could be, because a backup does not tell what it needs: as long
        as one cannot be read, all it might need stays.
    """
    needed: set[str] = set()
    try:
        for one in folder.glob(f"*{BACKUP_SUFFIX}"):
            with zipfile.ZipFile(one) as archive:
                needed.update(shared_names(archive))
        return collect(folder / ATTACHMENTS, needed.__contains__)
    except _BROKEN:
        return None


def shared_names(archive: zipfile.ZipFile) -> list[str]:
    """Return the names (hexadecimal) of the attachments a backup needs from the store beside it; none for a complete one.

    Raises:
        zipfile.BadZipFile, OSError, ValueError: the list cannot be read.
    """
    if SHARED not in archive.namelist():
        return []
    return archive.read(SHARED).decode("ascii").split()

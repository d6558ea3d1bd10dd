"""Writing a backup: one file with the encrypted database and the key file; what killed ones left is cleared away."""

import contextlib
import shutil
import tempfile
import time
import zipfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.vault import keys
from bangjiao_desktop.store.vault.opening import DATABASE
from bangjiao_desktop.store.writes import audit

_SCRATCH, _UNFINISHED = ".bangjiao-", f"{BACKUP_SUFFIX}.new"
_LEFT_BEHIND = 3600.0  # seconds after which what a backup left is no longer being written


class BackedUp(Protocol):
    """What a backup is made of: an open vault."""

    folder: Path

    def read(self) -> AbstractContextManager[Connection]:
        """Yield a connection that sees one state of the ledger."""

    def backup_to(self, path: Path) -> None:
        """Write a consistent encrypted copy of the database."""


def write_backup(vault: BackedUp, target: Path) -> None:
    """Write a backup: one file with the encrypted database and the key file, openable with the passwords of now.

    The number of the newest audit entry stands in the file's comment: the order of backups, whatever the clock says.

    Raises:
        StorageError: it cannot be written; nothing half-done is left.
    """
    temporary = target.with_name(target.name + ".new")
    clear_leftovers(target.parent)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=_SCRATCH) as scratch:
            copy = Path(scratch) / DATABASE
            vault.backup_to(copy)  # encrypted as the vault itself
            with vault.read() as connection:
                order = audit.last_sequence(connection)
            temporary.unlink(missing_ok=True)
            with keys.open_private(temporary) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                archive.comment = str(order).encode()
                archive.write(copy, DATABASE)
                archive.write(vault.folder / keys.KEY_FILE, keys.KEY_FILE)
            with temporary.open("rb+") as file:
                keys.flush_to_disk(file)
            with zipfile.ZipFile(temporary) as archive:
                if archive.testzip() is not None:
                    temporary.unlink()
                    raise StorageError("备份写下去又读不出来，可能是 U 盘或磁盘坏了。请换一个再备份。")
        temporary.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StorageError(f"无法写入备份：{reason(error)}。请检查磁盘空间和文件夹权限。") from error


def backup_order(path: Path) -> int | None:
    """Return the number of the newest audit entry when a backup was made; None if the file does not tell."""
    try:
        with zipfile.ZipFile(path) as archive:
            return int(archive.comment)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return None


def clear_leftovers(folder: Path) -> None:
    """Take away what backups that were killed left in a folder: copies of the whole database, not touched for an hour."""
    oldest = time.time() - _LEFT_BEHIND
    for pattern in (f"{_SCRATCH}*", f"*{_UNFINISHED}"):
        for one in folder.glob(pattern):
            with contextlib.suppress(OSError):
                if one.is_symlink() or one.stat().st_mtime > oldest:
                    continue
                if not one.is_dir():
                    one.unlink()
                elif all(inside.name.startswith(DATABASE) for inside in one.iterdir()):
                    shutil.rmtree(one, ignore_errors=True)

"""Restoring a backup into a folder of its own: looked at, unpacked aside, proven with the password, then put in place."""

import contextlib
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from bangjiao_desktop.domain.errors import StorageError, VaultExistsError
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.vault import backup_file
from bangjiao_desktop.store.vault.backup_file import NAMES
from bangjiao_desktop.store.vault.door import Opened
from bangjiao_desktop.store.vault.keys import KEY_FILE, make_private
from bangjiao_desktop.store.vault.opening import DATABASE
from bangjiao_desktop.store.vault.opening import RESTORE_SCRATCH as _SCRATCH
from bangjiao_desktop.store.vault.vault import BACKUPS


@dataclass(frozen=True)
class Restored:
    """What came of a restore.

    Attributes:
        folder: the vault.
        opened: the way in that the password showed, for `session.enter`; None if none was given.
        broken_entry: the first entry of the audit trail that was changed, None if the chain is whole or unproven.
    """

    folder: Path
    opened: Opened | None
    broken_entry: int | None

    @property
    def proven(self) -> bool:
        """Whether every page and every audit entry was checked, which takes the password."""
        return self.opened is not None


def restore(file: Path, folder: Path, user: str | None = None, secret: str | None = None) -> Restored:
    """Unpack a backup into a new vault folder; the passwords of the time of the backup open it.

    Args:
        file: the backup.
        folder: new, empty, or left half-done by a restore of this backup that was killed.
        user: whose password is given; None for anybody's.
        secret: a password of then (or the recovery key); with it the ledger is opened and verified before it counts
            as restored. None checks only what can be seen without.

    Raises:
        NotAVaultError: the file is no backup or is damaged.
        WrongPasswordError, VaultTooNewError: the password or this program does not open it.
        VaultExistsError: the folder exists and is not empty; a backup never overwrites a ledger.
        StorageError: the file cannot be read or the folder cannot be written.
        Whatever was raised: nothing half-done is left.
    """
    with backup_file.opened(file) as archive:
        left = _left_behind(folder, archive)
        if left is None:
            raise VaultExistsError(f"“{folder}”已经存在且不是空文件夹。恢复不会覆盖已有台账，请换一个新文件夹。")
        there = folder.exists()
        scratch: Path | None = None
        placed = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _require_room(folder, backup_file.size_of(archive))
            scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=folder))
            backup_file.unpack(archive, scratch)
            backup_file.require_structure(scratch, file)
            proof = None if secret is None else backup_file.prove(scratch, file, user, secret)
            _put_in_place(scratch, folder)
            placed = True
        except OSError as error:
            raise StorageError(f"无法恢复到“{folder}”：{reason(error)}。请检查磁盘空间和文件夹权限。") from error
        finally:
            if scratch is not None:
                backup_file.take_away(scratch)
            if not placed:
                _leave_as_it_was(folder, there=there, half=left)
    for one in left:
        if one.name.startswith(_SCRATCH):
            backup_file.take_away(one)
    return Restored(folder, None, None) if proof is None else Restored(folder, proof.opened, proof.broken_entry)


def _left_behind(folder: Path, archive: zipfile.ZipFile) -> tuple[Path, ...] | None:
    """What a restore of this backup that was killed left in a folder; None if anything else lies there."""
    try:
        if not folder.exists():
            return ()
        found = tuple(folder.iterdir()) if folder.is_dir() else None
        if found is None:
            return None
        complete = 0
        for one in found:
            if one.is_symlink():
                return None
            if one.name in NAMES and one.is_file():
                if not backup_file.begins_as(archive, one.name, one):
                    return None
                complete += one.stat().st_size == archive.getinfo(one.name).file_size
            elif one.name == BACKUPS and one.is_dir():
                if any(one.iterdir()):
                    return None
            elif not (one.name.startswith(_SCRATCH) and one.is_dir()):
                return None
    except OSError:
        return None
    return None if complete == len(NAMES) else found


def _require_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise StorageError(
            f"磁盘空间不足，没有恢复到“{folder}”：要 {size >> 20} MB，只剩 {free >> 20} MB。请清理磁盘或换一个位置。"
        )


def _put_in_place(scratch: Path, folder: Path) -> None:
    (folder / BACKUPS).mkdir(exist_ok=True)
    for one in (folder, folder / BACKUPS):
        make_private(one)
    for name in NAMES:  # the key file last: until it is there the folder is no ledger
        (scratch / name).replace(folder / name)
    for name in NAMES:
        make_private(folder / name)


def _leave_as_it_was(folder: Path, *, there: bool, half: tuple[Path, ...]) -> None:
    """Take away what a restore that failed put into the folder."""
    before = {one.name for one in half}
    with contextlib.suppress(OSError):
        for name in (KEY_FILE, DATABASE):
            if name not in before:
                (folder / name).unlink(missing_ok=True)
        if BACKUPS not in before and (folder / BACKUPS).is_dir():
            (folder / BACKUPS).rmdir()
        if not there:
            folder.rmdir()

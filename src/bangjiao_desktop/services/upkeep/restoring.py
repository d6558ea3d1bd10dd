"""Restoring a backup into a folder of its own: looked at, unpacked aside, proven with the password, then put in place."""

import contextlib
import shutil
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.domain.errors import StorageError, VaultExistsError
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.services.upkeep.whole_backup import Restored, size_of, whole_again
from bangjiao_desktop.store.vault import backup_file
from bangjiao_desktop.store.vault.backup_file import NAMES
from bangjiao_desktop.store.vault.keys import KEY_FILE, flush_names, make_private, read_key_file
from bangjiao_desktop.store.vault.opening import BACKUPS, DATABASE
from bangjiao_desktop.store.vault.opening import RESTORE_SCRATCH as _SCRATCH
from bangjiao_desktop.store.vault.trail import anchors, checkpoint


def restore(
    file: Path,
    folder: Path,
    user: str | None = None,
    secret: str | None = None,
    *,
    without_lost: bool = False,
    clock: Clock = COMPUTER,
) -> Restored:
    """Unpack a backup into a new vault folder; the passwords of the time of the backup open it.

    Args:
        file: the backup; a daily one with the attachments beside it.
        folder: new, empty, or left half-done by a restore of this backup that was killed.
        user: whose password is given; None for anybody's.
        secret: a password of then (or the recovery key); with it the ledger is opened and verified before it counts
            as restored. None checks only what can be seen without; a daily backup cannot be read without.
        without_lost: go on without attachments whose bytes are gone; each is written into the audit trail.
        clock: for those entries.

    Raises:
        NotAVaultError: the file is no backup or is damaged.
        WrongPasswordError, VaultTooNewError: the password or this program does not open it.
        InvalidInputError: a daily backup without a password.
        AttachmentsLostError: bytes of attachments are gone or damaged, and it was not said to go on without.
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
            _require_room(folder, size_of(archive))
            scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=folder))
            made = whole_again(file, archive, scratch, user, secret, without_lost=without_lost, clock=clock)
            _put_in_place(scratch, folder)
            placed = True
            vault_id = read_key_file(folder).vault_id
            anchors.restored(vault_id, folder)
            checkpoint.forget(vault_id, folder)
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
    return replace(made, folder=folder)


def _left_behind(folder: Path, archive: zipfile.ZipFile) -> tuple[Path, ...] | None:
    """What a restore of this backup that was killed left in a folder; None if anything else lies there."""
    try:
        if not folder.exists():
            return ()
        found = tuple(folder.iterdir()) if folder.is_dir() else None
        if found is None:
            return None
        complete = 0
        placing = any(_was_placing(one, archive) for one in found)
        for one in found:
            if one.is_symlink():
                return None
            if one.name in NAMES and one.is_file():
                if placing and one.name == DATABASE:
                    continue
                if backup_file.is_daily(archive) or not backup_file.begins_as(archive, one.name, one):
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


def _was_placing(scratch: Path, archive: zipfile.ZipFile) -> bool:
    """Whether a folder is what a restore left that was killed between its two files: the key file still lies in it."""
    kept = scratch / KEY_FILE
    return (
        scratch.name.startswith(_SCRATCH)
        and not scratch.is_symlink()
        and kept.is_file()
        and not (scratch / DATABASE).exists()
        and backup_file.begins_as(archive, KEY_FILE, kept)
        and kept.stat().st_size == archive.getinfo(KEY_FILE).file_size
    )


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
        flush_names(folder)
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

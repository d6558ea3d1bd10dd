"""A backup made whole in a folder aside, complete or daily: for restoring it, and for writing it into one complete file."""

import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from bangjiao_desktop.domain.clock import COMPUTER, Clock
from bangjiao_desktop.domain.errors import AttachmentsLostError, BackupDamagedError, InvalidInputError, StorageError
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.reads import attachments
from bangjiao_desktop.store.vault import backup_daily, backup_file
from bangjiao_desktop.store.vault.attachment_store import ATTACHMENTS, AttachmentStore
from bangjiao_desktop.store.vault.backup_folder import SCRATCH
from bangjiao_desktop.store.vault.backup_manifest import Manifest, manifest_of
from bangjiao_desktop.store.vault.backup_writing import pack
from bangjiao_desktop.store.vault.door import Opened
from bangjiao_desktop.store.vault.keys import KEY_FILE
from bangjiao_desktop.store.vault.opening import DATABASE
from bangjiao_desktop.store.vault.vault import open_vault
from bangjiao_desktop.store.writes.writer import Writer


@dataclass(frozen=True)
class Restored:
    """What came of a restore.

    Attributes:
        folder: the vault.
        opened: the way in that the password showed, for `entrance.enter`; None if none was given.
        broken_entry: the first entry of the audit trail that was changed, None if the chain is whole or unproven.
        given_up: the attachments that are restored without their bytes, a line each.
        manifest_fault: what is wrong with what the backup says of itself, a sentence; empty if nothing is or it says nothing.
    """

    folder: Path
    opened: Opened | None
    broken_entry: int | None
    given_up: tuple[str, ...] = ()
    manifest_fault: str = ""

    @property
    def proven(self) -> bool:
        """Whether every page and every audit entry was checked, which takes the password."""
        return self.opened is not None


def size_of(archive: zipfile.ZipFile) -> int:
    """Return how many bytes a backup restores to."""
    manifest = manifest_of(archive)
    return max(backup_file.size_of(archive), 0 if manifest is None else manifest.size)


def whole_again(
    file: Path,
    archive: zipfile.ZipFile,
    scratch: Path,
    user: str | None,
    secret: str | Opened | None,
    *,
    without_lost: bool,
    clock: Clock,
) -> Restored:
    """Unpack a backup into a folder aside, put its attachments back, and prove it; arguments and errors as `restore`."""
    backup_file.unpack(archive, scratch)
    if not backup_file.is_daily(archive):
        backup_file.require_structure(scratch, file)
        if secret is None:
            return Restored(scratch, None, None)
        way = secret if isinstance(secret, Opened) else backup_file.unlock(scratch, user, secret)
        lost: list[backup_daily.Lost] = []
    else:
        backup_file.require_keys(scratch, file)
        if secret is None:
            raise InvalidInputError(
                f"“{file.name}”是每日自动备份，要用口令才解得开，没有恢复。请填备份那时的口令（或恢复密钥）。"
            )
        way = secret if isinstance(secret, Opened) else backup_file.unlock(scratch, user, secret)
        lost = _fill(file, archive, scratch, way, without_lost=without_lost)
        backup_file.require_structure(scratch, file)
    proof = backup_file.prove(scratch, file, way)
    if lost:
        _give_up(scratch, way, lost, clock)
    fault = manifest_fault(archive, way.ring.data)
    return Restored(scratch, way, proof.broken_entry, tuple(one.line for one in lost), fault)


def _fill(
    file: Path, archive: zipfile.ZipFile, scratch: Path, way: Opened, *, without_lost: bool
) -> list[backup_daily.Lost]:
    try:
        backup_daily.unpack_database(archive, scratch, way.ring.data)
    except BackupDamagedError as error:
        raise backup_file.useless(file, error) from error
    store = AttachmentStore(file.parent, way.ring.data)
    lost = backup_daily.lost_contents(scratch, store, way.ring.data, fill=True)
    if lost and not without_lost:
        raise AttachmentsLostError(
            f"备份“{file.name}”缺 {len(lost)} 件附件，没有恢复。每日备份的附件在它旁边的 {ATTACHMENTS} 文件夹里，"
            "请把整个 backups 文件夹放在一起再恢复，或换一个备份；确实找不回来，可以不要这些附件继续恢复，会记入操作记录。",
            tuple(one.line for one in lost),
        )
    return lost


def _give_up(scratch: Path, way: Opened, lost: list[backup_daily.Lost], clock: Clock) -> None:
    """Let a ledger do without the bytes of attachments; each is written into the audit trail."""
    vault = open_vault(scratch, way.user, way.ring, clock)
    try:
        with vault.write() as connection:
            writer = Writer(connection, way.user)
            for one in lost:
                attachments.forget_content(connection, one.id)
                writer.act("give_up", "attachment", {"title": one.title, "size": one.size}, one.id)
    finally:
        vault.close()


def manifest_fault(archive: zipfile.ZipFile, data_key: bytes) -> str:
    """Return what is wrong with what a backup says of itself; empty if nothing is, or it is of 0.1–0.3 and says nothing."""
    manifest = manifest_of(archive)
    if manifest is None or not manifest.parts:
        return ""
    if not manifest.is_sealed_by(data_key):
        return "备份的清单被改动过，或不是用这个台账的密钥写的"
    return "" if backup_file.parts_of(archive) == manifest.parts else "备份里的文件和清单对不上"


def write_complete(
    file: Path,
    target: Path,
    user: str | None,
    secret: str | Opened,
    *,
    without_lost: bool = False,
    clock: Clock = COMPUTER,
) -> Restored:
    """Write a kept backup into ONE complete file, proven on the way: for a stick, or for another office.

    Args:
        file: the backup.
        target: the complete backup; must not be there.
        user: whose password is given; None for anybody's.
        secret: a password of the time of the backup, or the recovery key of then; or the way in, of who has it open.
        without_lost: go on without attachments whose bytes are gone; each is written into the audit trail.
        clock: for those entries.

    Returns:
        What was found; `folder` is where the file lies.

    Raises:
        As `restoring.restore`; nothing half-done is left.
    """
    if target.exists():
        raise StorageError(f"备份文件 {target.name} 已存在，请换一个名字。")
    with backup_file.opened(file) as archive:
        told = manifest_of(archive) or Manifest(0)
        try:
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=SCRATCH) as folder:
                scratch = Path(folder)
                made = whole_again(file, archive, scratch, user, secret, without_lost=without_lost, clock=clock)
                assert made.opened is not None
                key = made.opened.ring.data

                def manifest(parts: dict[str, str]) -> Manifest:
                    size = (scratch / DATABASE).stat().st_size
                    return replace(told, number=0, size=size, parts=parts, seal="").sealed(key)

                pack(target, {DATABASE: scratch / DATABASE, KEY_FILE: scratch / KEY_FILE}, manifest)
        except OSError as error:
            raise StorageError(f"无法写入备份：{reason(error)}。请检查磁盘空间和文件夹权限。") from error
    return replace(made, folder=target.parent)

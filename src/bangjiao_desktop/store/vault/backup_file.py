"""A backup as a file: what may stand in it, unpacked without trust, and proven before anybody relies on it."""

import hashlib
import os
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from bangjiao_desktop.domain.errors import (
    KnownError,
    NotAVaultError,
    StorageError,
    VaultDamagedError,
    VaultTooNewError,
    WrongPasswordError,
)
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.vault import keyring, keys, schema
from bangjiao_desktop.store.vault.backup_folder import PACKED, SHARED
from bangjiao_desktop.store.vault.door import Opened
from bangjiao_desktop.store.vault.faults import DAMAGED, NOT_OURS, translated
from bangjiao_desktop.store.vault.opening import DATABASE, connect
from bangjiao_desktop.store.vault.page_seals import PAGE, require_encrypted
from bangjiao_desktop.store.writes import audit_chain

NAMES = (DATABASE, keys.KEY_FILE)  # the key file last: without it a folder is no ledger
_DAILY = (PACKED, keys.KEY_FILE, SHARED)
_LARGEST_KEYS = 1 << 20
_RATIO = 4  # encrypted pages cannot be packed; whoever packed a backup again gains next to nothing
_CHUNK = 1 << 20
_LENGTH_OF_COMMENT = struct.Struct("<H")  # the last field before the comment (APPNOTE 4.3.16)
_ENTRIES = 2000  # of the audit trail between two steps
_Row = TypeVar("_Row")
_BROKEN = (zipfile.BadZipFile, EOFError, zlib.error, struct.error, RuntimeError, ValueError, OverflowError)


@dataclass(frozen=True)
class Proof:
    """What the password showed of a backup.

    Attributes:
        opened: the way into the unpacked vault.
        broken_entry: the first entry of the audit trail whose seal is broken, None if the chain is whole.
    """

    opened: Opened
    broken_entry: int | None


@contextmanager
def opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """Yield a backup whose list of contents is what it should be: names, kinds and sizes; nothing is unpacked yet.

    Raises:
        NotAVaultError: it is no backup, is damaged, or would unpack to what no backup is.
        StorageError: it cannot be read.
    """
    try:
        archive = zipfile.ZipFile(file)
    except FileNotFoundError:
        raise NotAVaultError(f"找不到备份文件“{file.name}”。") from None
    except OSError as error:
        raise StorageError(f"读不了备份文件“{file.name}”：{reason(error)}。") from error
    except _BROKEN as error:
        raise _no_backup(file) from error
    with archive:
        _require_contents(archive, file)
        yield archive


def size_of(archive: zipfile.ZipFile) -> int:
    """Return how many bytes it unpacks to."""
    return sum(one.file_size for one in archive.infolist())


def is_daily(archive: zipfile.ZipFile) -> bool:
    """Tell whether it is a daily backup, whose attachments lie beside it, or a complete one."""
    return PACKED in archive.namelist()


def unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    """Write the files of a backup into a folder, readable by their owner only; of a daily one the key file alone.

    Raises:
        NotAVaultError: the archive is damaged.
        OSError: the folder cannot be written.
    """
    for name in NAMES if not is_daily(archive) else (keys.KEY_FILE,):
        with _content(archive, name) as source, keys.open_private(folder / name) as target:
            while piece := _read(archive, source, _CHUNK):  # to the end, where the sum is compared
                target.write(piece)
            keys.flush_to_disk(target)


@contextmanager
def content(archive: zipfile.ZipFile, name: str) -> Iterator[Callable[[int], bytes]]:
    """Yield what reads a file of a backup: as many bytes as asked, or what is left.

    Raises:
        NotAVaultError: the archive is damaged.
    """
    with _content(archive, name) as source:
        yield lambda size: _read(archive, source, size)


def parts_of(archive: zipfile.ZipFile, step: Callable[[], None] | None = None) -> dict[str, str]:
    """Return the digests of the files in a backup, as its manifest holds them.

    Raises:
        NotAVaultError: the archive is damaged.
    """
    found = {}
    for name in archive.namelist():
        digest = hashlib.sha256()
        with content(archive, name) as read:
            while piece := read(_CHUNK):
                digest.update(piece)
                if step is not None:
                    step()
        found[name] = digest.hexdigest()
    return found


def begins_as(archive: zipfile.ZipFile, name: str, path: Path) -> bool:
    """Tell whether a file is what a broken restore of this backup left: the beginning of the same content."""
    with _content(archive, name) as source, path.open("rb") as there:
        while piece := there.read(_CHUNK):
            if _read(archive, source, len(piece)) != piece:
                return False
    return True


def require_keys(folder: Path, file: Path) -> None:
    """Refuse a key file that is none.

    Raises:
        NotAVaultError: says how.
    """
    try:
        if not keys.read_key_file(folder).users:
            raise NotAVaultError("密钥文件 keys.json 中没有任何用户。")
    except NotAVaultError as error:
        raise useless(file, error) from error


def require_structure(folder: Path, file: Path) -> None:
    """Refuse what can be seen to be no ledger without a password.

    Args:
        folder: where the backup was unpacked.
        file: the backup, for its name.

    Raises:
        NotAVaultError: says which of its files is wrong and how.
    """
    require_keys(folder, file)
    try:
        require_encrypted(folder / DATABASE)
        if (folder / DATABASE).stat().st_size % PAGE:
            raise VaultDamagedError(NOT_OURS)
    except (NotAVaultError, VaultDamagedError) as error:
        raise useless(file, error) from error


def prove(folder: Path, file: Path, way: Opened, step: Callable[[], None] | None = None) -> Proof:
    """Check every page and every audit entry of an unpacked backup; changes nothing in it.

    Args:
        folder: where the backup was unpacked.
        file: the backup, for its name.
        way: in, from `unlock`.
        step: called now and then; what it raises stops it.

    Raises:
        NotAVaultError, VaultDamagedError, VaultTooNewError: with a sentence.
    """
    try:
        with translated():
            connection = connect(folder / DATABASE, way.ring.data)
            try:
                if connection.execute("PRAGMA cipher_integrity_check").fetchall():
                    raise VaultDamagedError(DAMAGED)
                [revision] = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                present = [row[1] for row in connection.execute("PRAGMA table_info(audit_entry)")]
                names = audit_chain.selected(present)
                entries = connection.execute(f"SELECT {names} FROM audit_entry ORDER BY sequence")  # noqa: S608
                broken = audit_chain.first_broken(_stepped(entries, step))
            finally:
                connection.close()
    except (NotAVaultError, VaultDamagedError) as error:
        raise useless(file, error) from error
    if revision not in schema.REVISIONS:
        raise VaultTooNewError(f"备份“{file.name}”由更新版本的程序写成，没有恢复。请安装新版本后再恢复。")
    return Proof(way, broken)


def _stepped(entries: Iterable[_Row], step: Callable[[], None] | None) -> Iterator[_Row]:
    for number, one in enumerate(entries):
        if step is not None and number % _ENTRIES == 0:
            step()
        yield one


def unlock(folder: Path, user: str | None, secret: str) -> Opened:
    """Return the way into an unpacked backup.

    Args:
        folder: where its key file was unpacked.
        user: whose password; None for anybody's.
        secret: a password of the time of the backup, or the recovery key of then.

    Raises:
        WrongPasswordError, NotAVaultError: with a sentence.
    """
    keys.require_text(secret)
    key_file = keys.read_key_file(folder)
    for slot in key_file.slots:
        if slot.kind == "password" and user in (None, slot.user):
            ring = keyring.turn(key_file, slot, secret)
            if ring is not None:
                return Opened(ring, ())
    recovery = key_file.slot(keys.RECOVERY, "")
    if recovery is not None and keys.looks_like_recovery_key(secret):
        ring = keyring.turn(key_file, recovery, keys.normalize_recovery_key(secret), user or key_file.users[0])
        if ring is not None:
            return Opened(ring, ())
    raise WrongPasswordError("口令打不开这个备份，没有恢复。要用备份那时的口令（或那时的恢复密钥）。")


def _require_contents(archive: zipfile.ZipFile, file: Path) -> None:
    listed = archive.infolist()
    if _is_cut_short(archive, file):
        raise _no_backup(file)
    if sorted(one.filename for one in listed) not in (sorted(NAMES), sorted(_DAILY)):
        raise _no_backup(file)
    for one in listed:
        if stat.S_IFMT(one.external_attr >> 16) not in (0, stat.S_IFREG):
            raise NotAVaultError(f"备份“{file.name}”里的 {one.filename} 不是文件，而是一个链接，没有恢复。")
        if one.flag_bits & 0x1 or one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _no_backup(file)
    packed, whole = sum(one.compress_size for one in listed), size_of(archive)
    too_many_keys = archive.getinfo(keys.KEY_FILE).file_size > _LARGEST_KEYS
    if too_many_keys or packed > file.stat().st_size or whole > _RATIO * packed + _LARGEST_KEYS:
        raise NotAVaultError(f"文件“{file.name}”解开后大得不合理，不是本程序的备份，没有恢复。")


def _is_cut_short(archive: zipfile.ZipFile, file: Path) -> bool:
    """Whether the end of the file is gone, where nothing but the manifest stands; zipfile reads over it."""
    with file.open("rb") as content:
        content.seek(-_LENGTH_OF_COMMENT.size - len(archive.comment), os.SEEK_END)
        [told] = _LENGTH_OF_COMMENT.unpack(content.read(_LENGTH_OF_COMMENT.size))
    return bool(told != len(archive.comment))


def _content(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return archive.open(name)
    except _BROKEN as error:
        raise _no_backup(Path(archive.filename or "")) from error


def _read(archive: zipfile.ZipFile, source: IO[bytes], size: int) -> bytes:
    try:
        return source.read(size)
    except _BROKEN as error:
        raise _no_backup(Path(archive.filename or "")) from error


def _no_backup(file: Path) -> NotAVaultError:
    return NotAVaultError(f"文件“{file.name}”不是本程序的备份，或已损坏。")


def useless(file: Path, error: KnownError) -> NotAVaultError:
    """The sentence about a ledger's file, said of a backup; what to do is another here."""
    what: Sequence[str] = re.split("[，。]请|。", error.message)
    return NotAVaultError(f"备份“{file.name}”用不了，没有恢复：{what[0]}。请换一个备份。")


def take_away(folder: Path) -> None:
    """Remove the scratch folder of a restore with what is in it."""
    with suppress(OSError):
        shutil.rmtree(folder)

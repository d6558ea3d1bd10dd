"""Writing a backup: one file with the encrypted database, the key file and the manifest.

A complete one holds everything, as 0.1–0.3 wrote it. In a daily one the database is packed small, and the bytes of
attachments stand beside it, in the store that all daily backups of the folder share; `backup_file` reads both.
"""

import contextlib
import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.vault import keys
from bangjiao_desktop.store.vault.attachment_store import AttachmentStore
from bangjiao_desktop.store.vault.backup_folder import PACKED, SCRATCH, SHARED, clear_leftovers, held, unfinished
from bangjiao_desktop.store.vault.backup_manifest import Manifest
from bangjiao_desktop.store.vault.faults import translated
from bangjiao_desktop.store.vault.keyring import KeyRing, fits
from bangjiao_desktop.store.vault.ledger_copy import CONTENT, CONTENT_TABLE, Head, copy_ledger
from bangjiao_desktop.store.vault.opening import DATABASE, connect
from bangjiao_desktop.store.vault.page_pack import pack_pages
from bangjiao_desktop.store.writes import audit_chain


@dataclass(frozen=True)
class BackedUp:
    """What a backup is made of.

    Attributes:
        folder: of the vault.
        ring: the keys of who backs up.
        now: the vault's time.
        anchor: gives what the audit trail wants kept outside of the ledger, asked of the connection of the copy.
    """

    folder: Path
    ring: KeyRing
    now: datetime
    anchor: Callable[[driver.Connection], str] | None = None

    @property
    def data_key(self) -> bytes:
        """32 bytes, open the database."""
        return self.ring.data


def write_backup(vault: BackedUp, target: Path) -> None:
    """Write a complete backup, openable with the passwords of now.

    Raises:
        StorageError: it cannot be written; nothing half-done is left.
    """
    with _said():
        _write(vault, target, None, 0)


def write_daily(vault: BackedUp, target: Path, number: int) -> None:
    """Write a daily backup; bytes of attachments go into the store beside it, unless they lie there already.

    Args:
        vault: what is backed up.
        target: the file, in the folder of the ledger's own backups.
        number: which of the daily backups it is.

    Raises:
        StorageError: it cannot be written; nothing half-done is left that the next would not take away.
    """
    with _said(), held(target.parent):
        _write(vault, target, AttachmentStore(target.parent, vault.data_key), number)


def keep_attachments(vault: BackedUp, store: AttachmentStore) -> None:
    """Keep the bytes of every attachment of the ledger that are not kept yet; whoever calls holds the folder.

    Raises:
        StorageError, VaultDamagedError: in plain words.
        OSError: a file cannot be written.
    """
    with translated(), contextlib.closing(connect(vault.folder / DATABASE, vault.data_key)) as connection:
        for [content] in connection.execute(f"SELECT {CONTENT} FROM {CONTENT_TABLE}"):  # noqa: S608 (our own names)
            store.keep(content)


def copy_database(
    folder: Path,
    data_key: bytes,
    path: Path,
    instead: Callable[[bytes], bytes] | None = None,
    anchor: Callable[[driver.Connection], str] | None = None,
) -> Head:
    """Copy the database of a vault into a new encrypted file (`ledger_copy`), beside whoever writes.

    Raises:
        StorageError, VaultDamagedError: in plain words; no file is left.
        OSError: of `instead`.
    """
    try:
        keys.open_private(path).close()
        with translated(), contextlib.closing(connect(folder / DATABASE, data_key)) as connection:
            return copy_ledger(connection, path, instead, anchor)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def pack(target: Path, files: Mapping[str, Path], manifest: Callable[[dict[str, str]], Manifest]) -> None:
    """Put files into one backup file, read it again, and only then give it its name.

    Args:
        target: the backup.
        files: name in it → file.
        manifest: makes the manifest of the digests of the parts.

    Raises:
        StorageError: what was written cannot be read.
        OSError: it cannot be written; nothing half-done is left.
    """
    temporary = unfinished(target)
    parts: dict[str, str] = {}
    try:
        temporary.unlink(missing_ok=True)
        with keys.open_private(temporary) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, path in files.items():
                archive.write(path, name)
                with path.open("rb") as part:
                    parts[name] = hashlib.file_digest(part, "sha256").hexdigest()
            archive.comment = manifest(parts).written()
        with temporary.open("rb+") as file:
            keys.flush_to_disk(file)
        with zipfile.ZipFile(temporary) as archive:
            if archive.testzip() is not None:
                raise StorageError("备份写下去又读不出来，可能是 U 盘或磁盘坏了。请换一个再备份。")
        temporary.replace(target)
        keys.flush_names(target.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _write(vault: BackedUp, target: Path, store: AttachmentStore | None, number: int) -> None:
    clear_leftovers(target.parent)
    shared: set[str] = set()
    beside = 0

    def instead(content: bytes) -> bytes:
        nonlocal beside
        assert store is not None
        name = store.keep(content)
        shared.add(name.hex())
        beside += len(content)
        return name

    with tempfile.TemporaryDirectory(dir=target.parent, prefix=SCRATCH) as scratch:
        copy = Path(scratch) / DATABASE
        head = copy_database(vault.folder, vault.data_key, copy, None if store is None else instead, vault.anchor)
        size = copy.stat().st_size + beside
        key_file = Path(scratch) / keys.KEY_FILE
        key_file.write_bytes((vault.folder / keys.KEY_FILE).read_bytes())
        if not fits(keys.read_key_file(key_file.parent), vault.ring):
            raise StorageError("台账的密钥刚刚换过，这次没有备份。请重新打开台账，再备份一次。")

        def manifest(parts: dict[str, str]) -> Manifest:
            made = audit_chain.written(vault.now)
            told = Manifest(head.sequence, number, size, head.link.hex(), made, parts, head.anchor)
            return told.sealed(vault.data_key)

        if store is None:
            pack(target, {DATABASE: copy, keys.KEY_FILE: key_file}, manifest)
            return
        packed, names = Path(scratch) / PACKED, Path(scratch) / SHARED
        with keys.open_private(packed) as file:
            pack_pages(copy, vault.data_key, file)
        copy.unlink()
        names.write_text("".join(f"{name}\n" for name in sorted(shared)), encoding="ascii")
        pack(target, {PACKED: packed, keys.KEY_FILE: key_file, SHARED: names}, manifest)


@contextlib.contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"无法写入备份：{reason(error)}。请检查磁盘空间和文件夹权限。") from error

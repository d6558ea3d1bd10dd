"""The bytes of attachments beside the daily backups: each kept once, however many backups need it.

A file is named by a keyed digest of what it holds and encrypted under a key of its own purpose; both keys come from the
data key of the ledger, so that names and files tell nothing to whoever has no password.
"""

import hmac
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from bangjiao_desktop.domain.errors import BackupDamagedError
from bangjiao_desktop.store.vault import keys

ATTACHMENTS = "attachments"
"""The folder beside the backups."""
NAME_BYTES = 32
UNFINISHED = ".new"
_NONCE, _TAG = 12, 16
BEYOND = _NONCE + _TAG
"""Bytes a file has beyond what it holds."""


def derived(data_key: bytes, purpose: str) -> bytes:
    """Return the key (32 bytes) for a purpose of backups."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, None, f"bangjiao backup {purpose}".encode()).derive(data_key)


class AttachmentStore:
    """The store beside the backups of a folder, open with a data key.

    Args:
        backups: the folder the backups lie in.
        data_key: 32 bytes.
    """

    def __init__(self, backups: Path, data_key: bytes) -> None:
        self.folder = backups / ATTACHMENTS
        self._name_key = derived(data_key, "attachment names")
        self._content_key = derived(data_key, "attachment contents")

    def name(self, content: bytes) -> bytes:
        """Return the name of what is kept (32 bytes), which the same content always gets."""
        return hmac.digest(self._name_key, content, "sha256")

    def path(self, name: bytes) -> Path:
        """Return where the file of a name lies."""
        return place_of(self.folder, name.hex())

    def keep(self, content: bytes) -> bytes:
        """Keep bytes if they are not kept yet; on the disk itself once this returns.

        Returns:
            Their name.

        Raises:
            OSError: they cannot be written; nothing under their name is half-done.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        name = self.name(content)
        path = self.path(name)
        if path.is_file() and path.stat().st_size == len(content) + BEYOND:
            return name
        for one in (self.folder, path.parent):
            if not one.is_dir():
                one.mkdir(parents=True, exist_ok=True)
                keys.make_private(one)
        unfinished = path.with_name(path.name + UNFINISHED)
        unfinished.unlink(missing_ok=True)
        nonce = os.urandom(_NONCE)
        with keys.open_private(unfinished) as file:
            file.write(nonce + AESGCM(self._content_key).encrypt(nonce, content, name))
            keys.flush_to_disk(file)
        unfinished.replace(path)
        keys.flush_names(path.parent)
        return name

    def content(self, name: bytes) -> bytes:
        """Return what is kept under a name.

        Raises:
            BackupDamagedError: the file is gone, cannot be read, or is not what was written.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            written = self.path(name).read_bytes()
            content = AESGCM(self._content_key).decrypt(written[:_NONCE], written[_NONCE:], name)
        except FileNotFoundError:
            raise BackupDamagedError("附件文件不见了") from None
        except (OSError, InvalidTag, ValueError):
            raise BackupDamagedError("附件文件已损坏") from None
        if not hmac.compare_digest(self.name(content), name):
            raise BackupDamagedError("附件文件已损坏")
        return content

    def forget(self, name: bytes) -> None:
        """Take a file away that is damaged, so that the next backup writes it anew.

        Raises:
            OSError: it cannot be taken away.
        """
        self.path(name).unlink(missing_ok=True)


def place_of(folder: Path, name: str) -> Path:
    """Return where a file lies in the folder of a store, by its name in hexadecimal."""
    return folder / name[:2] / name


def collect(folder: Path, needed: Callable[[str], bool]) -> int:
    """Take away what no backup needs, and what killed writers left; whoever calls holds the lock of the store.

    Args:
        folder: of the store.
        needed: tells whether a backup needs a name (hexadecimal).

    Returns:
        How many files were taken away.

    Raises:
        OSError: one cannot be taken away; those before are.
    """
    gone = 0
    for one in _files(folder):
        if one.name.endswith(UNFINISHED) or (len(one.name) == 2 * NAME_BYTES and not needed(one.name)):
            one.unlink(missing_ok=True)
            gone += 1
    return gone


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir() and not folder.is_symlink():
        for shelf in folder.iterdir():
            if len(shelf.name) == 2 and shelf.is_dir() and not shelf.is_symlink():
                yield from (one for one in shelf.iterdir() if one.is_file() and not one.is_symlink())

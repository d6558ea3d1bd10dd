"""Pages of an encrypted database packed small and back: deciphered, compressed, enciphered again; never plain on a disk.

Encrypted pages cannot be compressed, what they hold shrinks to a fifth. A pack is a row of pieces of 256 pages: the
length of the piece (4 bytes), a nonce (12), and AES-256-GCM over the compressed pages, with the number of the piece and
whether it is the last as associated data. How SQLCipher 4 ciphers a page: `page_seals`; AES-256-CBC with the IV (16 bytes)
before the seal, over the page without its last 80 bytes, of the first page without the salt.
"""

import hashlib
import hmac
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from bangjiao_desktop.domain.errors import BackupDamagedError, VaultDamagedError
from bangjiao_desktop.store.vault.attachment_store import derived
from bangjiao_desktop.store.vault.faults import DAMAGED
from bangjiao_desktop.store.vault.page_seals import PAGE, SALT, SEAL, seal_key

_PLAIN = b"SQLite format 3\0"
_IV = 16
_KEPT = PAGE - _IV - SEAL  # bytes of a page that hold something
_PAGES = 256  # of a piece
_NONCE, _TAG = 12, 16
_LENGTH = struct.Struct("<I")
_LARGEST = _PAGES * _KEPT + (1 << 16)


class Pages:
    """Ciphers and deciphers the pages of one database.

    Args:
        data_key: 32 bytes.
        salt: 16 bytes at the head of its file.
    """

    def __init__(self, data_key: bytes, salt: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.algorithms import AES

        self._key = AES(data_key)
        self._salt = salt
        self._seal_key = seal_key(data_key, salt)

    def plain(self, number: int, page: bytes) -> bytes:
        """Return what a page holds (4016 bytes), after its seal was compared.

        Raises:
            VaultDamagedError: it is not what was written.
        """
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        sealed, head = page[SALT if number == 1 else 0 : -SEAL], _PLAIN if number == 1 else b""
        if len(page) != PAGE or not hmac.compare_digest(self._seal(number, sealed), page[-SEAL:]):
            raise VaultDamagedError(DAMAGED)
        decipher = Cipher(self._key, CBC(sealed[-_IV:])).decryptor()
        return head + decipher.update(sealed[:-_IV]) + decipher.finalize()

    def page(self, number: int, plain: bytes) -> bytes:
        """Return the page of a database file for what it holds (4016 bytes)."""
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        initial = os.urandom(_IV)
        encipher = Cipher(self._key, CBC(initial)).encryptor()
        content = encipher.update(plain[SALT if number == 1 else 0 :]) + encipher.finalize()
        sealed = content + initial
        return (self._salt if number == 1 else b"") + sealed + self._seal(number, sealed)

    def _seal(self, number: int, sealed: bytes) -> bytes:
        return hmac.digest(self._seal_key, sealed + struct.pack("<I", number), hashlib.sha512)


def pack_pages(database: Path, data_key: bytes, target: IO[bytes]) -> None:
    """Pack the file of an encrypted database that nobody writes.

    Args:
        database: the file.
        data_key: 32 bytes.
        target: what is written to.

    Raises:
        VaultDamagedError: a page is not what was written.
        OSError: the one cannot be read or the other written.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(derived(data_key, "pages"))
    count = database.stat().st_size // PAGE
    with database.open("rb") as file:
        pages = Pages(data_key, file.read(SALT))
        file.seek(0)
        for piece, start in enumerate(range(0, count, _PAGES)):
            numbers = range(start + 1, min(start + _PAGES, count) + 1)
            content = b"".join(pages.plain(number, file.read(PAGE)) for number in numbers)
            nonce = os.urandom(_NONCE)
            bound = _bound(piece, last=numbers.stop > count)
            sealed = nonce + cipher.encrypt(nonce, zlib.compress(content, 1), bound)
            target.write(_LENGTH.pack(len(sealed)) + sealed)


def unpack_pages(
    source: Callable[[int], bytes], data_key: bytes, target: IO[bytes], step: Callable[[], None] | None = None
) -> None:
    """Write the file of an encrypted database from its pack.

    Args:
        source: gives the next bytes of the pack, as many as asked or what is left.
        data_key: 32 bytes.
        target: a new file.
        step: called now and then; what it raises stops it.

    Raises:
        BackupDamagedError: the pack is damaged, or of another data key.
        OSError: what is read or written fails.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(derived(data_key, "pages"))
    pages = Pages(data_key, os.urandom(SALT))
    piece, number, last = 0, 0, False
    while not last:
        if step is not None:
            step()
        sealed = _next(source)
        try:
            packed, last = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(piece, last=False)), False
        except InvalidTag:
            try:
                packed, last = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(piece, last=True)), True
            except InvalidTag:
                raise BackupDamagedError("数据库部分已损坏") from None
        content = zlib.decompressobj().decompress(packed, _PAGES * _KEPT)  # ours: what GCM let through
        for start in range(0, len(content), _KEPT):
            number += 1
            target.write(pages.page(number, content[start : start + _KEPT]))
        piece += 1
    if source(1):
        raise BackupDamagedError("数据库部分已损坏")


def _next(source: Callable[[int], bytes]) -> bytes:
    head = source(_LENGTH.size)
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    sealed = source(length) if _NONCE + _TAG < length <= _LARGEST else b""
    if not length or len(sealed) != length:
        raise BackupDamagedError("数据库部分已损坏")
    return sealed


def _bound(piece: int, *, last: bool) -> bytes:
    return f"{piece}|{int(last)}".encode()

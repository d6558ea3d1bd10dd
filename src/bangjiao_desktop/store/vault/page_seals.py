"""Looks at the pages of a SQLCipher database from outside, to say why it does not open: garbage, another key, damage.

SQLCipher 4: pages of 4096 bytes that end with 16 bytes of IV and an HMAC-SHA512 over content, IV and page number; the
HMAC's key comes from the database's key by two rounds of PBKDF2 with the salt at the head of the file, each byte ⊕ 0x3a.
"""

import hashlib
import hmac
import struct
from pathlib import Path

from bangjiao_desktop.domain.errors import KnownError, NotAVaultError, VaultDamagedError
from bangjiao_desktop.store.vault.faults import DAMAGED, EMPTY, FOREIGN, NOT_ENCRYPTED, NOT_OURS

PAGE, SEAL, SALT = 4096, 64, 16
_PLAIN = b"SQLite format 3\0"
_LOOKED_AT = 64  # pages, spread over the file


def require_encrypted(path: Path) -> None:
    """Refuse a database file that cannot be one of ours, whatever the key; reads only its head and size.

    Raises:
        NotAVaultError, VaultDamagedError: with a sentence.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if not size:
        raise VaultDamagedError(EMPTY)
    with path.open("rb") as file:
        head = file.read(PAGE)
    if head.startswith(_PLAIN):
        raise NotAVaultError(NOT_ENCRYPTED)
    if size < PAGE or len(set(head)) < 150:  # a page of random bytes holds some 256 kinds
        raise VaultDamagedError(NOT_OURS)


def why_not_opened(path: Path, data_key: bytes) -> KnownError:
    """Return what is wrong with a database that the key does not open."""
    try:
        require_encrypted(path)
        held = _sealed_pages(path, data_key)
    except KnownError as error:
        return error
    except OSError:
        return VaultDamagedError(DAMAGED)
    return VaultDamagedError(DAMAGED if held else FOREIGN)


def seal_key(data_key: bytes, salt: bytes) -> bytes:
    """Return the key (32 bytes) of the seals of a database's pages."""
    return hashlib.pbkdf2_hmac("sha512", data_key, bytes(byte ^ 0x3A for byte in salt), 2, 32)


def _sealed_pages(path: Path, data_key: bytes) -> int:
    """How many of the pages looked at bear the seal of this key."""
    count = path.stat().st_size // PAGE
    found = 0
    with path.open("rb") as file:
        salt = file.read(SALT)
        key = seal_key(data_key, salt)
        for number in range(1, count + 1, max(1, count // _LOOKED_AT)):
            file.seek((number - 1) * PAGE)
            page = file.read(PAGE)
            content = page[SALT if number == 1 else 0 : -SEAL]
            seal = hmac.new(key, content + struct.pack("<I", number), hashlib.sha512).digest()
            found += hmac.compare_digest(seal, page[-SEAL:])
    return found

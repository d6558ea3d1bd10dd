"""What is kept while the program is locked: enciphered, and opened by the keys that were dropped when it was.

A fresh key enciphers the content; that key is wrapped by the keys of the ring, each by itself: whoever comes back with
the same account has its exchange key also after the ledger got a new data key meanwhile, and the recovery key has the
data key. AES-256-GCM throughout.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from bangjiao_desktop.store.vault.keyring import KeyRing

_WHAT = b"bangjiao keepsake"


@dataclass(frozen=True, repr=False)
class Keepsake:
    """What was put away.

    Attributes:
        content: nonce and cipher text.
        wrapped: the key of the content, for each key of the ring: nonce and cipher text.
    """

    content: bytes
    wrapped: tuple[bytes, ...]

    def __repr__(self) -> str:
        """Return nothing of it."""
        return "Keepsake()"


def keep(content: bytes, ring: KeyRing) -> Keepsake:
    """Encipher something so that only this ring's owner, or the recovery key, brings it back."""
    key = os.urandom(32)
    return Keepsake(_closed(key, content), tuple(_closed(one, key) for one in _keys(ring)))


def give_back(kept: Keepsake, ring: KeyRing) -> bytes | None:
    """Return what was put away; None where none of the ring's keys is one it was put away with."""
    from cryptography.exceptions import InvalidTag

    for wrapped in kept.wrapped:
        for one in _keys(ring):
            try:
                return _opened(_opened(one, wrapped), kept.content)
            except InvalidTag:
                continue
    return None


def _keys(ring: KeyRing) -> Iterable[bytes]:
    return ring.data, ring.exchange


def _closed(key: bytes, content: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, content, _WHAT)


def _opened(key: bytes, kept: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key).decrypt(kept[:12], kept[12:], _WHAT)

"""Sealed values: what stands in the place of a text or a file that only who has the sealed key may read.

A token is the value under AES-256-GCM, bound to its table, column and row, so that none can be put in another's place. It
names the key it is closed with. The keys of this process are held here between opening and closing a ledger
(`hold`, `release`); without the key a text reads as `SealedText`, which writes back the token it came from. Loaded
without SQLAlchemy, as `store.vault.opening`; `cryptography` is loaded where it is used.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from bangjiao_desktop.domain.sight import SEALED_NAME

MAGIC = b"\x00bjseal\x01"
_KEY_ID, _ROW, _NONCE = 8, 16, 12
_HEAD = len(MAGIC) + _KEY_ID + _ROW
LEAST = _HEAD + _NONCE + 16


class SealedText(str):
    """What a sealed text reads as without its key.

    Attributes:
        token: what it came from, and what it is written as.
    """

    __slots__ = ("token",)
    token: bytes

    @classmethod
    def of(cls, token: bytes, shown: str = SEALED_NAME) -> "SealedText":
        """Return what stands for a token."""
        made = cls(shown)
        made.token = token
        return made


class SealingKey:
    """A key that seals: 32 bytes, never shown.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.name = hashlib.sha256(b"bangjiao sealed key" + key).digest()[:_KEY_ID]
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        """Return nothing of it."""
        return "SealingKey()"

    def seal(self, place: str, row: bytes, value: bytes) -> bytes:
        """Return the token of a value.

        Args:
            place: table and column, as `place_of` writes it.
            row: the key of the row, 16 bytes.
            value: what is sealed.
        """
        head, nonce = MAGIC + self.name + row, os.urandom(_NONCE)
        return head + nonce + self._cipher.encrypt(nonce, value, head + place.encode())

    def open(self, place: str, token: bytes) -> bytes:
        """Return what a token of this key holds.

        Raises:
            ValueError: it was changed, or is of another place.
        """
        from cryptography.exceptions import InvalidTag

        head, nonce = token[:_HEAD], token[_HEAD : _HEAD + _NONCE]
        try:
            return self._cipher.decrypt(nonce, token[_HEAD + _NONCE :], head + place.encode())
        except InvalidTag as error:
            raise ValueError("a sealed value was changed, or moved") from error


def place_of(table: str, column: str) -> str:
    """Return how a token names where it stands."""
    return f"{table}|{column}"


def is_token(value: object) -> bool:
    """Tell whether a value of the database is a token."""
    return type(value) is bytes and len(value) >= LEAST and value.startswith(MAGIC)


def row_of(token: bytes) -> bytes:
    """Return the key of the row a token was made for."""
    return token[len(MAGIC) + _KEY_ID : _HEAD]


def key_of(token: bytes) -> bytes:
    """Return the name of the key a token is closed with."""
    return token[len(MAGIC) : len(MAGIC) + _KEY_ID]


_held: dict[bytes, tuple[SealingKey, int]] = {}
_lock = Lock()


def hold(key: bytes) -> SealingKey:
    """Let this process read what a key seals, until it is released as often as it was held."""
    made = SealingKey(key)
    with _lock:
        known, count = _held.get(made.name, (made, 0))
        _held[made.name] = (known, count + 1)
    return known


def release(key: SealingKey) -> None:
    """Take back one `hold`; with the last, what the key seals cannot be read any more."""
    with _lock:
        _, count = _held.get(key.name, (key, 0))
        if count > 1:
            _held[key.name] = (key, count - 1)
        else:
            _held.pop(key.name, None)


@contextmanager
def held(key: bytes | None) -> Iterator[None]:
    """Let this process read what a key seals for a while; None for no key."""
    if key is None:
        yield
        return
    made = hold(key)
    try:
        yield
    finally:
        release(made)


def opened(place: str, token: bytes) -> bytes | None:
    """Return what a token holds, None without its key.

    Raises:
        ValueError: it was changed, or is of another place.
    """
    held = _held.get(key_of(token)) if is_token(token) else None
    return None if held is None else held[0].open(place, token)


def compared(place: str, token: bytes) -> str | None:
    """Return the text of a token for SQL, which knows this as `unsealed`; None without its key, or if it is no token."""
    found = opened_or_none(place, token)
    return None if found is None else found.decode()


def opened_or_none(place: str, token: bytes) -> bytes | None:
    """Return what a token holds; None without its key, or if it was changed or moved."""
    try:
        return opened(place, token)
    except ValueError:
        return None


def text_of(place: str, value: Any, shown: str = SEALED_NAME) -> Any:
    """Return a value of a text column as it reads: tokens opened, or what stands for them.

    One that was changed or moved stops no list: it reads as one without a key, and stays as it is.
    """
    if type(value) is not bytes:
        return value
    found = opened_or_none(place, value)
    return SealedText.of(value, shown) if found is None else found.decode()

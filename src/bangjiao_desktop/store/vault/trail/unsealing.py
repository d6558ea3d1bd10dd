"""What rows and entries hold sealed (store.tables.tokens), opened for a proof: for who has the key as it reads, else not."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from bangjiao_desktop.store.tables.models import Base
from bangjiao_desktop.store.tables.sealable import sealed_columns
from bangjiao_desktop.store.tables.tokens import SealingKey, is_token, key_of, place_of, row_of

_APART = {"setting": ("value",), "attachment_content": ("content",)}
_FILES = ("attachment_content",)


class UnreadError(Exception):
    """A value is sealed, and cannot be opened here."""


class Opener:
    """Opens what is sealed.

    Args:
        key: the sealed key; None for who verifies without it.
    """

    def __init__(self, key: SealingKey | None) -> None:
        self._key = key
        self._places = {table.name: sealed_columns(table) for table in Base.metadata.tables.values()} | _APART

    def read(self, sequence: int, column: str, token: bytes) -> str | None:
        """Return what an entry says (trail.entries.Read): None without the key, nothing for a token that is not its own."""
        if self._key is None:
            return None
        try:
            return str(self._opened("audit_entry", sequence.to_bytes(16), column, token))
        except UnreadError:
            return ""

    def plain(self, table: str, key: bytes, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with all that is sealed opened.

        Raises:
            UnreadError: that cannot be done here.
        """
        return {
            name: self._opened(table, _row(table, key), name, value) if is_token(value) else value
            for name, value in values.items()
        }

    def readable(self, table: str, key: bytes, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a row that can be read here."""
        found: dict[str, Any] = {}
        for name, value in values.items():
            try:
                found |= self.plain(table, key, {name: value})
            except UnreadError:
                continue
        return found

    def wrong(self, table: str, key: bytes, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the columns that hold a token of another row, or in a place for none; with the key also what it does not open."""
        return tuple(
            name for name, value in values.items() if type(value) is bytes and not self._fits(table, key, name, value)
        )  # fmt: skip

    def _fits(self, table: str, key: bytes, name: str, value: bytes) -> bool:
        may = name in self._places.get(table, ())
        if not is_token(value):
            return not may or table in _FILES
        if not may or row_of(value) != _row(table, key):
            return False
        if self._key is None:
            return True
        try:
            self._opened(table, _row(table, key), name, value)
        except UnreadError:
            return False
        return True

    def _opened(self, table: str, row: bytes, name: str, token: bytes) -> Any:
        if self._key is None or not is_token(token) or key_of(token) != self._key.name or row_of(token) != row:
            raise UnreadError
        try:
            found = self._key.open(place_of(table, name), token)
            return found if table in _FILES else found.decode()
        except ValueError:
            raise UnreadError from None


def _row(table: str, key: bytes) -> bytes:
    """The row a token is made for: a setting has a name for a key."""
    return sha256(key).digest()[:16] if table == "setting" else key

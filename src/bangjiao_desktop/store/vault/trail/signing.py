"""Signatures of transactions: what is signed, by whom, and whether a signature holds (Ed25519)."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from bangjiao_desktop.store.vault.keyring import KeyRing

RECOVERY = ""
"""The name under which the recovery key's own key is known."""


@dataclass(frozen=True, repr=False)
class Signer:
    """Who signs.

    Attributes:
        vault_id: of the vault, so that a signature holds in no other.
        user: the account at work.
        seed: of its Ed25519 key, 32 bytes.
        by_recovery: the user came in with the recovery key, whose key signs then.
    """

    vault_id: str
    user: str
    seed: bytes
    by_recovery: bool = False

    def __repr__(self) -> str:
        """Return nothing of the key."""
        return "Signer()"

    @property
    def name(self) -> str:
        """Under which name the key is known."""
        return RECOVERY if self.by_recovery else self.user

    @cached_property
    def _key(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        found: bytes = self._key.public_key().public_bytes_raw()
        return found

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        found: bytes = self._key.sign(message)
        return found


def signer_with(ring: KeyRing, vault_id: str) -> Signer:
    """Return who signs with an account's keys."""
    return Signer(vault_id, ring.user, ring.signing, ring.by == "recovery")


@dataclass(frozen=True)
class Signed:
    """What one signature is of.

    Attributes:
        vault_id: of the vault.
        revision: of the schema the marks were made under.
        first, last: numbers of the entries; the first is greater than the last where there are none.
        head: seal of the last entry, or of the one before the first.
        account: whose work it was.
        marks: SHA-256 of the packed marks.
        note: SHA-256 of the note.
    """

    vault_id: str
    revision: str
    first: int
    last: int
    head: bytes
    account: str
    marks: bytes
    note: bytes

    def message(self) -> bytes:
        """Return the bytes that are signed."""
        told = (
            "bangjiao trail 1", self.vault_id, self.revision, str(self.first), str(self.last), self.head.hex(),
            self.account, self.marks.hex(), self.note.hex(),
        )  # fmt: skip
        return "\x1f".join(told).encode("utf-8", "surrogatepass")


def digest_of(content: bytes | str) -> bytes:
    """Return the SHA-256 of marks or a note."""
    return sha256(content if isinstance(content, bytes) else content.encode()).digest()


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature is of this message by this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True

"""What an unlocked account holds, and how the keys of a vault reach it: two seeds of its own, and boxes for their owner.

A box is closed with the account's public exchange key (X25519 with an ephemeral key, HKDF-SHA256, AES-256-GCM) and bound
to vault, generation, account and key: whoever holds a key of the vault can give it to an account whose password nobody
else knows, and nobody can put a box in another's place or of an earlier generation. `cryptography` is loaded where it is used.
"""

import os
from dataclasses import dataclass, replace

from bangjiao_desktop.store.vault import keys
from bangjiao_desktop.store.vault.keys import Box, KeyFile, Slot, Which

SEED = 32


@dataclass(frozen=True, repr=False)
class KeyRing:
    """The keys of who came in; none of them is ever shown.

    Attributes:
        data: 32 bytes, open the database.
        sealed: 32 bytes, open what the law seals; None for who has no authority for it.
        signing: seed of the Ed25519 key that signs what the account does, 32 bytes.
        exchange: seed of the X25519 key that opens the account's boxes, 32 bytes.
        user: who came in.
        by: "password" or "recovery".
        upgrade: the slot with the two seeds, not kept yet, of who came in with a slot of format 1 (store.vault.key_change);
            else None.
        generation: how often the vault had got new keys when this one was opened, from 1 on.
    """

    data: bytes
    sealed: bytes | None
    signing: bytes
    exchange: bytes
    user: str
    by: str = "password"
    upgrade: Slot | None = None
    generation: int = 1

    @property
    def owner(self) -> tuple[str, str]:
        """Kind and user of the slot it came from."""
        return (keys.RECOVERY, "") if self.by == "recovery" else ("password", self.user)

    def __repr__(self) -> str:
        """Return whose it is, not what is on it."""
        return f"KeyRing({self.by})"


@dataclass(frozen=True, repr=False)
class Pair:
    """The two seeds of an account with their public keys, 32 bytes each."""

    signing: bytes
    exchange: bytes
    public_signing: bytes
    public_exchange: bytes

    def __repr__(self) -> str:
        """Return nothing of it."""
        return "Pair()"


def new_pair() -> Pair:
    """Return two random seeds."""
    return pair_of(os.urandom(SEED), os.urandom(SEED))


def pair_of(signing: bytes, exchange: bytes) -> Pair:
    """Return seeds with the public keys that belong to them."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return Pair(
        signing,
        exchange,
        Ed25519PrivateKey.from_private_bytes(signing).public_key().public_bytes_raw(),
        X25519PrivateKey.from_private_bytes(exchange).public_key().public_bytes_raw(),
    )


def new_slot(file: KeyFile, kind: str, user: str, secret: str, pair: Pair) -> Slot:
    """Return a slot that opens a pair with a password or recovery key."""
    content = pair.signing + pair.exchange
    slot = keys.wrap(content, file.vault_id, kind, user, secret, pair.public_signing, pair.public_exchange)
    return _vouched_for(file, slot, pair)


def is_vouched_for(file: KeyFile, slot: Slot) -> bool:
    """Tell whether the owner of the signing key says that the exchange key of a slot is theirs.

    Whose the signing key is, the ledger says; a key is put into no box for a slot that somebody else made.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(slot.signing).verify(slot.proof, _said_of(file, slot))
    except (InvalidSignature, ValueError):
        return False
    return True


def box(file: KeyFile, slot: Slot, which: Which, key: bytes) -> Box:
    """Put a key of the vault (32 bytes) into a box for whose slot this is."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    own, nonce = X25519PrivateKey.generate(), os.urandom(12)
    ephemeral = own.public_key().public_bytes_raw()
    secret = own.exchange(X25519PublicKey.from_public_bytes(slot.exchange))
    wrapped = AESGCM(_key(secret, ephemeral, slot.exchange)).encrypt(nonce, key, _bound(file, slot, which))
    return Box(which, slot.kind, slot.user, ephemeral, nonce, wrapped)


def taken_out(file: KeyFile, slot: Slot, which: Which, seed: bytes) -> bytes | None:
    """Return a key of the vault out of the box for whose slot this is.

    Args:
        file: with the boxes.
        slot: of the account.
        which: of the keys.
        seed: of the account's exchange key.

    Returns:
        32 bytes; None if there is no box, or it is not for this seed, vault, generation and account.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    found = file.box(which, slot)
    if found is None:
        return None
    own = X25519PrivateKey.from_private_bytes(seed)
    try:
        secret = own.exchange(X25519PublicKey.from_public_bytes(found.ephemeral))
        public = own.public_key().public_bytes_raw()
        opened = AESGCM(_key(secret, found.ephemeral, public))
        return opened.decrypt(found.nonce, found.wrapped, _bound(file, slot, which))
    except (InvalidTag, ValueError):  # ValueError: a public key of low order, as nobody's is
        return None


def turn(file: KeyFile, slot: Slot, secret: str, user: str | None = None) -> KeyRing | None:
    """Open a slot with a password or recovery key.

    Args:
        file: with slots and boxes.
        slot: which is tried.
        secret: the password or recovery key.
        user: who comes in, where the slot is the recovery key's; default whose slot it is.

    Returns:
        The keys; None if the secret is wrong, or the boxes are not this account's.
    """
    opened = keys.unwrap(slot, file.vault_id, secret)
    if opened is None:
        return None
    content, stretched = opened
    by = "recovery" if slot.kind == keys.RECOVERY else "password"
    name = slot.user if user is None else user
    if slot.is_old:
        pair = new_pair()
        fresh = _vouched_for(file, replace(slot, signing=pair.public_signing, exchange=pair.public_exchange), pair)
        upgrade = keys.fill(fresh, pair.signing + pair.exchange, file.vault_id, stretched)
        return KeyRing(content, None, pair.signing, pair.exchange, name, by, upgrade)
    pair = pair_of(content[:SEED], content[SEED:])
    data = taken_out(file, slot, Which.DATA, pair.exchange)
    if data is None or (slot.signing, slot.exchange) != (pair.public_signing, pair.public_exchange):
        return None
    sealed = taken_out(file, slot, Which.SEALED, pair.exchange)
    return KeyRing(data, sealed, pair.signing, pair.exchange, name, by, generation=file.generation)


def with_account(
    file: KeyFile, kind: str, user: str, secret: str, pair: Pair, ring: KeyRing, *, sealed: bool
) -> KeyFile:
    """Return the key file with an account's slot and boxes in the place of those before.

    Args:
        file: as it stands.
        kind: "password" or `keys.RECOVERY`.
        user: whose, empty for the recovery key.
        secret: the password or recovery key.
        pair: of the account.
        ring: of who gives the keys.
        sealed: whether the account may see sealed files; it gets that key as far as who gives it has it.
    """
    slot = new_slot(file, kind, user, secret, pair)
    return with_boxes(file.with_slot(slot), slot, ring, sealed=sealed)


def with_boxes(file: KeyFile, slot: Slot, ring: KeyRing, *, sealed: bool) -> KeyFile:
    """Return the key file with the boxes of an account as its authority says."""
    file = file.with_box(box(file, slot, Which.DATA, ring.data))
    file = file.without_box(Which.SEALED, slot.kind, slot.user)
    return file if ring.sealed is None or not sealed else file.with_box(box(file, slot, Which.SEALED, ring.sealed))


def fits(file: KeyFile, ring: KeyRing) -> bool:
    """Tell whether a key file gives its owner the data key of a ring; one without a box for that owner is not judged."""
    public = pair_of(ring.signing, ring.exchange).public_exchange
    own = [slot for slot in file.slots if not slot.is_old and slot.exchange == public]
    return all(taken_out(file, slot, Which.DATA, ring.exchange) == ring.data for slot in own)


def owners(file: KeyFile, which: Which) -> list[tuple[str, str]]:
    """Return kind and user of those who have a box with a key."""
    return [(one.kind, one.user) for one in file.boxes if one.which is which]


def _vouched_for(file: KeyFile, slot: Slot, pair: Pair) -> Slot:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return replace(slot, proof=Ed25519PrivateKey.from_private_bytes(pair.signing).sign(_said_of(file, slot)))


def _said_of(file: KeyFile, slot: Slot) -> bytes:
    return f"bangjiao exchange key|{file.vault_id}|{slot.kind}|{slot.user}|".encode() + slot.exchange


def _key(secret: bytes, ephemeral: bytes, public: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, None, b"bangjiao box" + ephemeral + public).derive(secret)


def _bound(file: KeyFile, slot: Slot, which: Which) -> bytes:
    return f"{file.vault_id}|{file.generation}|{slot.kind}|{slot.user}|{which.value}".encode()

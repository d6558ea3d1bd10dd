"""Checkpoints: up to where a trail was proven, kept on this computer, signed by who proved it.

A checkpoint holds numbers, digests and days, no name and nothing of a record; its place is told by digests of vault, folder
and account. Nobody but the account itself can write one that counts, so that nobody spares another a proof.
"""

import contextlib
import json
import shutil
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import platformdirs

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.store.vault.keys import write_atomically
from bangjiao_desktop.store.vault.trail.chain import Known, known_at
from bangjiao_desktop.store.vault.trail.entries import Read
from bangjiao_desktop.store.vault.trail.sealing import is_signed
from bangjiao_desktop.store.vault.trail.signing import Signer, holds

_FORMAT = 1
_WHAT = "bangjiao proof 1"


@dataclass(frozen=True)
class Reached:
    """A place in a trail.

    Attributes:
        signature: number of the last signature.
        seal: SHA-256 of that signature.
        entries: number of the last entry.
        head: its seal.
        state: digest of accounts and keys as they stood.
    """

    signature: int
    seal: bytes
    entries: int
    head: bytes
    state: bytes


@dataclass(frozen=True)
class Checkpoint:
    """Up to where a trail was proven, and when.

    Attributes:
        reached: the place.
        whole_on: day of the last proof of everything.
        proven_on: day of the last proof.
    """

    reached: Reached
    whole_on: date
    proven_on: date

    def message(self, vault_id: str, account: str) -> bytes:
        """Return the bytes that are signed."""
        at = self.reached
        told = (
            _WHAT, vault_id, account, str(at.signature), at.seal.hex(), str(at.entries), at.head.hex(), at.state.hex(),
            self.whole_on.isoformat(), self.proven_on.isoformat(),
        )  # fmt: skip
        return "\x1f".join(told).encode("utf-8", "surrogatepass")


def read(signer: Signer, folder: Path) -> Checkpoint | None:
    """Return the checkpoint of an account for a ledger, None if there is none that it signed with the key it has now."""
    try:
        told = json.loads(_place(signer, folder).read_text(encoding="utf-8"))
        if told["format"] != _FORMAT:
            return None
        at = Reached(
            int(told["signature"]), bytes.fromhex(told["seal"]), int(told["entries"]), bytes.fromhex(told["head"]),
            bytes.fromhex(told["state"]),
        )  # fmt: skip
        found = Checkpoint(at, date.fromisoformat(told["whole_on"]), date.fromisoformat(told["proven_on"]))
        signature = bytes.fromhex(told["signed"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None
    return found if holds(signer.public, signature, found.message(signer.vault_id, signer.name)) else None


def keep(made: Checkpoint, signer: Signer, folder: Path) -> None:
    """Keep a checkpoint; where that cannot be done everything is proven the next time."""
    at = made.reached
    told = {
        "format": _FORMAT, "signature": at.signature, "seal": at.seal.hex(), "entries": at.entries,
        "head": at.head.hex(), "state": at.state.hex(), "whole_on": made.whole_on.isoformat(),
        "proven_on": made.proven_on.isoformat(), "signed": signer.sign(made.message(signer.vault_id, signer.name)).hex(),
    }  # fmt: skip
    path = _place(signer, folder)
    with contextlib.suppress(OSError, StorageError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, json.dumps(told).encode())


def forget(vault_id: str, folder: Path) -> None:
    """Another ledger stands in a folder on purpose (a backup was restored there): what was proven there was another."""
    shutil.rmtree(_of_folder(vault_id, folder), ignore_errors=True)


def is_in(raw: Any, at: Reached) -> bool:
    """Tell whether a ledger has the place a checkpoint is of."""
    if not is_signed(raw):
        return False
    signed = raw.execute("SELECT signature, last FROM audit_signature WHERE number = ?", (at.signature,)).fetchone()
    head = raw.execute("SELECT entry_hash FROM audit_entry WHERE sequence = ?", (at.entries,)).fetchone()
    return (
        signed is not None
        and head is not None
        and sha256(bytes(signed[0])).digest() == at.seal
        and bytes(head[0]) == at.head
    )


def here(raw: Any, read: Read | None) -> Reached | None:
    """Return how far a ledger has come, None if nothing was signed yet.

    Args:
        raw: the driver's connection.
        read: opens what is sealed.
    """
    row = raw.execute("SELECT number, signature FROM audit_signature ORDER BY number DESC LIMIT 1").fetchone()
    known = None if row is None else known_at(raw, row[0], read)
    if known is None:
        return None
    return Reached(known.signature, sha256(bytes(row[1])).digest(), known.entries, known.head, state_of(known))


def state_of(known: Known) -> bytes:
    """Return the digest of accounts and keys; as good as random to who does not know the public keys."""
    stood = known.authorities
    told = (
        known.revision, known.before, sorted((key.hex(), _account(one)) for key, one in stood.accounts.items()),
        sorted((name, [key.hex() for key in keys]) for name, keys in stood.keys.items()), stood.waiting(),
    )  # fmt: skip
    return sha256(json.dumps(told).encode("utf-8", "surrogatepass")).digest()


def _account(one: dict[str, Any]) -> list[Any]:
    return [str(one.get("name")), str(one.get("role")), bool(one.get("sees_sealed")), one.get("deleted_at") is None]


def _place(signer: Signer, folder: Path) -> Path:
    return _of_folder(signer.vault_id, folder) / f"{_name(signer.name)}.json"


def _of_folder(vault_id: str, folder: Path) -> Path:
    state = Path(platformdirs.user_state_dir("bangjiao", appauthor=False)) / "proofs"
    return state / _name(vault_id) / _name(str(folder.resolve()))


def _name(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]

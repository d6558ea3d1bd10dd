"""Anchors: how long the trail was and its newest link, signed, kept where the ledger itself is not.

After each commit one stands beside the ledger (`anchor.json`) and one on this computer (by vault and folder, with the
program's state); a backup carries its own. Whoever cuts the trail's end off, wipes it, or puts an older ledger in its place
has to change all of them.
"""

import contextlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import platformdirs

from bangjiao_desktop.store.vault.trail.sealing import Seal, is_signed
from bangjiao_desktop.store.vault.trail.signing import Signed, digest_of, holds
from bangjiao_desktop.store.writes.audit_chain import GENESIS

ANCHOR = "anchor.json"
_FORMAT = 1
_SIZE = 2048
_REMEMBERED = 16
_ACCEPTED = ".accepted"
_WRITTEN: dict[
    Path, str
] = {}  # what this program wrote last where; as long as it stands there, nobody looks at it again


@dataclass(frozen=True)
class Anchor:
    """A link of the trail as it was signed.

    Attributes:
        signed: vault, length (`last`), head, account.
        public: key of who signed.
        signature: over it.
    """

    signed: Signed
    public: bytes
    signature: bytes

    @property
    def holds(self) -> bool:
        """Whether the signature is of what is said."""
        return holds(self.public, self.signature, self.signed.message())

    def text(self) -> str:
        """Return it as it is kept; no name of a person but the account's, which the anchor is signed for."""
        told = self.signed
        return json.dumps(
            {
                "format": _FORMAT, "vault": told.vault_id, "length": told.last, "head": told.head.hex(),
                "first": told.first, "revision": told.revision, "account": told.account, "marks": told.marks.hex(),
                "note": told.note.hex(), "key": self.public.hex(), "signature": self.signature.hex(),
            },
            ensure_ascii=False,
        )  # fmt: skip


def anchor_of(seal: Seal) -> Anchor:
    """Return the anchor of a transaction."""
    return Anchor(seal.signed, seal.public, seal.signature)


def read(text: str) -> Anchor | None:
    """Return an anchor that is kept, None if it is none."""
    try:
        told = json.loads(text)
        if told["format"] != _FORMAT:
            return None
        signed = Signed(
            str(told["vault"]), str(told["revision"]), int(told["first"]), int(told["length"]),
            bytes.fromhex(told["head"]), str(told["account"]), bytes.fromhex(told["marks"]),
            bytes.fromhex(told["note"]),
        )  # fmt: skip
        return Anchor(signed, bytes.fromhex(told["key"]), bytes.fromhex(told["signature"]))
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None


def keep(folder: Path, seal: Seal, raw: Any, written: dict[Path, str]) -> None:
    """Keep the anchor of a commit beside the ledger and on this computer; nothing is refused because of it.

    One that stands there and is no link of this trail is not lost for it: it is put aside, and a proof finds it.

    Args:
        folder: of the vault.
        seal: of the commit.
        raw: the driver's connection, after the commit.
        written: what was written last where while the vault was open: as long as it stands there, it is not looked at.
    """
    text = anchor_of(seal).text()
    for path in (folder / ANCHOR, _place(seal.signed.vault_id, folder)):
        before = _text(path)
        if before and before != written.get(path) and not _is_link(read(before), seal.signed, raw):
            _put(_doubt(path), before.encode())
        _put(path, text.encode())
        written[path] = text


def _is_link(anchor: Anchor | None, now: Signed, raw: Any) -> bool:
    """Whether an anchor is of an earlier link of the trail that has just grown."""
    if anchor is None or anchor.signed.vault_id != now.vault_id:
        return False
    return is_in(raw, anchor)


def is_in(raw: Any, anchor: Anchor) -> bool:
    """Tell whether a ledger has the link an anchor is of: its last entry, and the very signature."""
    told = anchor.signed
    if not is_signed(raw):
        return False
    signed = raw.execute(
        "SELECT 1 FROM audit_signature WHERE last = ? AND signature = ?", (told.last, anchor.signature)
    ).fetchone()
    head = raw.execute("SELECT entry_hash FROM audit_entry WHERE sequence = ?", (told.last,)).fetchone()
    return signed is not None and (told.last == 0 if head is None else bytes(head[0]) == told.head)


def differs(folder: Path, vault_id: str, raw: Any) -> bool:
    """Tell whether the ledger is not what was last written here: shorter, or another; asked on coming in.

    Args:
        folder: of the vault.
        vault_id: of the vault.
        raw: the driver's connection.
    """
    for path in (folder / ANCHOR, _place(vault_id, folder)):
        found = _kept(path)
        if found is not None and found.signed.vault_id == vault_id and not is_in(raw, found):
            return True
    return False


def beside(folder: Path) -> list[Anchor]:
    """Return the anchors beside a ledger: the newest, and one that was put aside; none that do not read."""
    return [one for one in (_kept(folder / ANCHOR), _kept(_doubt(folder / ANCHOR))) if one is not None]


def on_this_computer(vault_id: str, folder: Path) -> list[Anchor]:
    """Return what this computer remembers of the ledger in this folder; nothing if it never wrote there."""
    place = _place(vault_id, folder)
    return [one for one in (_kept(place), _kept(_doubt(place))) if one is not None]


def elsewhere(vault_id: str, folder: Path) -> list[Anchor]:
    """Return what this computer remembers of the same ledger in other folders: copies, or where it was before."""
    own = _place(vault_id, folder)
    with contextlib.suppress(OSError):
        found = (_kept(one) for one in sorted(own.parent.glob("*.json")) if one not in (own, _doubt(own)))
        return [one for one in found if one is not None]
    return []


def restored(vault_id: str, folder: Path) -> None:
    """Remember that another ledger stands in a folder on purpose (a backup was restored there): what was, was elsewhere."""
    place = _place(vault_id, folder)
    for path, name in ((place, "before"), (_doubt(place), "doubted")):
        with contextlib.suppress(OSError):
            path.replace(path.with_name(f"{place.stem}.{name}.json"))


def accepted(vault_id: str, folder: Path) -> None:
    """Forget what was put aside: the ledger as it stands was accepted, though it is not what was here before.

    Called after a commit, which puts aside what is no link of the trail; on this computer it is kept under another name.
    """
    with contextlib.suppress(OSError):
        _doubt(folder / ANCHOR).unlink(missing_ok=True)
    place = _doubt(_place(vault_id, folder))
    with contextlib.suppress(OSError):
        place.replace(place.with_suffix(_ACCEPTED))


def _kept(path: Path) -> Anchor | None:
    return read(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip()
    except (OSError, UnicodeDecodeError):
        return ""


def _doubt(path: Path) -> Path:
    """Where an anchor is put aside that is no link of the trail."""
    return path.with_name(f"{path.stem}.doubt{path.suffix}")


def _put(path: Path, content: bytes) -> None:
    """Write over what stands there, in one piece of a fixed size, since it is done after every commit.

    Nothing is flushed or renamed: after a power cut an older one may stand, or one that does not read, which counts as none.
    """
    try:
        _write(path, content)
    except FileNotFoundError:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, content)
    except OSError:
        return


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.write(handle, content.ljust(_SIZE))
    finally:
        os.close(handle)


@lru_cache(maxsize=8)
def _place(vault_id: str, folder: Path) -> Path:
    state = Path(platformdirs.user_state_dir("bangjiao", appauthor=False)) / "anchors"
    return state / _name(vault_id) / f"{_name(str(folder.resolve()))}.json"


def _name(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def newest(raw: Any, vault_id: str) -> Anchor | None:
    """Return the anchor of a ledger as a connection sees it, None if nothing was signed yet.

    Args:
        raw: the driver's connection.
        vault_id: of the vault.
    """
    if not is_signed(raw):
        return None
    row = raw.execute(
        "SELECT first, last, account, public_key, signature, revision, note, marks FROM audit_signature "
        "ORDER BY number DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    first, last, account, public, signature, revision, note, marked = row
    found = raw.execute("SELECT entry_hash FROM audit_entry WHERE sequence = ?", (last,)).fetchone()
    head = GENESIS if found is None else bytes(found[0])
    signed = Signed(vault_id, revision, first, last, head, account, digest_of(bytes(marked)), digest_of(note))
    return Anchor(signed, bytes(public), bytes(signature))

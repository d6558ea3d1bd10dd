"""New keys for a vault: a new data key and a new key of sealed files, so that nothing written since opens with the old.

It takes two steps, and whatever is killed when is finished or undone by whoever opens the vault next (`resume`):

1. The new key file waits beside the old one (store.vault.key_change), and the commit of its entry decides: before it
   nothing has happened, after it the vault gets the new keys.
2. SQLCipher writes every page anew under the new data key, in one transaction of the database itself (`PRAGMA rekey`),
   and the log is folded in; then the key file takes its place.

The pages are not exported into a file that takes the place of ledger.db: on Windows an open file is not replaced, and
the log belongs to the file by its name, so that a window that opens the old one between two steps would share it. Written
in place, other windows' next read or write finds pages their key does not open, and is told (store.vault.new_keys). New keys go to accounts that stand in the ledger, and of these to who is known to it by the public
keys of their slot: not to a slot that somebody put into the key file.
"""

import contextlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver

from bangjiao_desktop.domain.errors import InvalidInputError, NotAVaultError, StorageError, VaultDamagedError
from bangjiao_desktop.store.vault import key_change, keyring, keys
from bangjiao_desktop.store.vault.faults import translated
from bangjiao_desktop.store.vault.keyring import KeyRing
from bangjiao_desktop.store.vault.keys import KeyFile, Slot, Which
from bangjiao_desktop.store.vault.opening import DATABASE, connect
from bangjiao_desktop.store.writes.audit_chain import Read

_NO_SEALED = (
    "您手里没有封存档案的密钥，不能更换台账密钥。请由另一位有这把密钥的所长来换，或请其先登录一次，再由您来换。"
)
_NO_PAIR = "您的账户还没有自己的密钥，请重新登录一次，再更换台账密钥。"
_UNFINISHED = "台账正在更换密钥，还差最后一步，要由仍有账户的用户打开一次来完成。您的账户没有新的密钥。"
_NOT_NOW = "台账的密钥还没有换完：磁盘空间可能不足，或别的窗口正在写。台账没有损坏，请关掉别的窗口、清理磁盘后重新打开，程序会接着换完。"
_UNPROVEN = (
    "操作记录有很多处对不上，看不出谁的密钥是谁的，没有更换台账密钥。请先检查台账（bangjiao verify），并从备份恢复。"
)
_LIVE = "SELECT name FROM account WHERE deleted_at IS NULL ORDER BY created_at, id"


@dataclass(frozen=True)
class Recipients:
    """Who gets new keys.

    Attributes:
        slots: those of accounts the ledger knows by their public keys, and of the recovery key.
        lost: names of accounts that get none: they have no pair yet, or their slot is not the one the ledger knows.
        recovery: whether the recovery key of now opens the vault afterwards, too.
    """

    slots: tuple[Slot, ...]
    lost: tuple[str, ...]
    recovery: bool


def proven_keys(raw: Any, file: KeyFile, read: Read | None = None) -> dict[str, set[bytes]]:
    """Return whose public signing keys are whose as the signed trail proves it: name ("" the recovery key's) → keys.

    Whoever knows the data key can write rows and entries past the program, but signs them with no other's key.

    Args:
        raw: the driver's connection.
        file: the key file in force.
        read: opens what is sealed in the trail.

    Raises:
        InvalidInputError: too much of the trail is wrong to tell.
    """
    from bangjiao_desktop.store.vault.trail.chain import proven  # not at every start
    from bangjiao_desktop.store.vault.trail.findings import Findings, TooManyError

    try:
        chain = proven(raw, file.vault_id, Findings(), lambda _number, _marks: None, lambda _done: None, read)
    except TooManyError:
        raise InvalidInputError(_UNPROVEN) from None
    return {name: set(known) for name, known in chain.authorities.keys.items()}


def recipients(raw: Any, file: KeyFile, proved: Mapping[str, Collection[bytes]]) -> Recipients:
    """Return who gets new keys.

    Args:
        raw: the driver's connection.
        file: the key file in force.
        proved: from `proven_keys`.
    """
    names = [name for (name,) in raw.execute(_LIVE)]
    known = {
        (slot.kind, slot.user): slot
        for slot in file.slots
        if not slot.is_old and slot.signing in proved.get(slot.user, ()) and key_change.is_known(raw, file, slot)
    }
    slots = [known[slot] for slot in (("password", name) for name in names) if slot in known]
    first = [slot for slot in slots if slot.user == next(iter(file.users), None)]  # the vault's first user stays it
    recovery = known.get((keys.RECOVERY, ""))
    return Recipients(
        (*first, *(one for one in slots if one not in first), *(() if recovery is None else (recovery,))),
        tuple(name for name in names if ("password", name) not in known),
        recovery is not None,
    )


def renewed(raw: Any, file: KeyFile, ring: KeyRing, proved: Mapping[str, Collection[bytes]]) -> tuple[KeyFile, KeyRing]:
    """Return the key file with new keys, and the ring of who makes them.

    Args:
        raw: the driver's connection.
        file: the key file in force.
        ring: of who makes them.
        proved: from `proven_keys`.

    Raises:
        InvalidInputError: who asks for it would be left without a key.
    """
    given = recipients(raw, file, proved).slots
    if ring.owner not in [(slot.kind, slot.user) for slot in given]:
        raise InvalidInputError(_NO_PAIR)
    if ring.sealed is None and keyring.owners(file, Which.SEALED):
        raise InvalidInputError(_NO_SEALED)
    new = replace(ring, data=os.urandom(32), sealed=os.urandom(32), generation=file.generation + 1)
    made, holders = KeyFile(file.vault_id, given, new.generation), key_change.holders(raw)
    for slot in given:
        made = keyring.with_boxes(made, slot, new, sealed=slot.kind == keys.RECOVERY or slot.user in holders)
    return made, new


def finish(folder: Path, old: KeyRing, new: KeyRing) -> None:
    """Write every page under the new data key, unless that was done, and let the key file take its place.

    Args:
        folder: the vault.
        old: the keys of before.
        new: those that the waiting key file gives.

    Raises:
        StorageError: it cannot be done now; nothing is lost.
    """
    with translated():
        connection = _opened(folder, old.data)
        if connection is not None:
            with contextlib.closing(connection), contextlib.suppress(driver.Error):  # looked at below
                connection.execute(f"PRAGMA rekey = \"x'{new.data.hex()}'\"")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection = _opened(folder, new.data)
        if connection is None:
            raise StorageError(_NOT_NOW)
        with contextlib.closing(connection):
            key_change.settle_alone(folder, connection, new.generation)


def resume(folder: Path, file: KeyFile, now: KeyRing | None, then: KeyRing | None) -> None:
    """Finish or undo what was killed while the key file changed.

    Args:
        folder: the vault.
        file: keys.json as it stands.
        now: what a password opens in it, None if nothing.
        then: what it opens in the key file that waits, None if nothing.

    Raises:
        NotAVaultError: the new keys are decided on, and this account has none.
        StorageError: it cannot be finished now.
    """
    waiting = key_change.waiting(folder)
    for ring in (now, then):
        if ring is None or waiting is None:
            continue
        with translated():
            connection = _opened(folder, ring.data)
            if connection is None:
                continue
            with contextlib.closing(connection):
                if ring is now and waiting.generation > file.generation and key_change.is_named(folder, connection):
                    if then is None:
                        raise NotAVaultError(_UNFINISHED)
                else:
                    key_change.settle_alone(folder, connection, ring.generation)
                    return
        assert now is not None
        assert then is not None
        finish(folder, now, then)
        return


def _opened(folder: Path, key: bytes) -> driver.Connection | None:
    """A connection, None if this is not the key of the database."""
    try:
        return connect(folder / DATABASE, key)
    except (NotAVaultError, VaultDamagedError):
        return None

"""How the key file changes: together with the ledger, in one commit, whatever is killed when; without SQLAlchemy.

A new key file is written as `keys.json.waiting` first, and an entry of the same transaction as the account's row names
its digest. Once that is kept, the file takes the place of keys.json; whoever opens the vault next does it where a kill
came between, and takes a waiting file away that no entry names. So there is never a password without its entry, nor an
entry without its password, and an older keys.json that was put back is noticed. All of it happens under the write lock.
"""

import contextlib
import hashlib
import json
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver
from uuid_utils.compat import uuid7

from bangjiao_desktop.domain.errors import NotAVaultError, StorageError
from bangjiao_desktop.domain.roles import holds_sealed_key, known_role
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.store.vault import keyring, keys
from bangjiao_desktop.store.vault.keyring import KeyRing
from bangjiao_desktop.store.vault.keys import KEY_FILE, KeyFile, Slot, Which
from bangjiao_desktop.store.writes.audit_chain import Change

WAITING = f"{KEY_FILE}.waiting"
ACTION, SUBJECT = "keys", "key_file"
STRANGE = (
    "密钥文件 keys.json 里这个用户的密钥和台账里记的不是同一把：文件可能被改动过，或换成了别处的、升级前的旧文件。"
    "请放回最近的 keys.json，或从备份恢复。台账没有被改动。"
)
_MEANWHILE = "这个用户的密钥刚刚在另一个窗口里换过，请重新打开台账。"
_REKEYING = "台账正在更换密钥，现在不能改用户和口令。请稍候，再重新打开台账。"
_NAMED = "SELECT after FROM audit_entry WHERE subject = 'key_file' ORDER BY sequence DESC LIMIT 1"
_PUBLIC = "SELECT signing, exchange FROM account_key WHERE name = ? AND deleted_at IS NULL"
_ACCOUNTS = "SELECT name, role, sees_sealed FROM account WHERE deleted_at IS NULL"


def digest_of(content: bytes) -> str:
    """Return what an entry names a key file by."""
    return hashlib.sha256(content).hexdigest()


def stage(folder: Path, file: KeyFile) -> Change:
    """Lay a new key file down to wait for the commit; return the entry that names it.

    Raises:
        StorageError: the folder cannot be written.
    """
    keys.write_atomically(folder / WAITING, keys.key_file_text(file))
    return entry_of(file)


def entry_of(file: KeyFile) -> Change:
    """Return the entry that names a key file."""
    content = keys.key_file_text(file)
    return Change(ACTION, SUBJECT, None, {}, {"digest": digest_of(content), "generation": file.generation})


def waiting(folder: Path) -> KeyFile | None:
    """Return the key file that waits, None if there is none or it is no whole one."""
    try:
        return keys.parse_key_file((folder / WAITING).read_bytes())
    except (OSError, NotAVaultError):
        return None


def named(raw: Any) -> str | None:
    """Return the digest of the key file that is in force; None if no entry names one."""
    found = raw.execute(_NAMED).fetchone()
    return None if found is None else str(json.loads(found[0])["digest"])


def settle(folder: Path, raw: Any, generation: int) -> None:
    """Let a waiting key file take its place if the newest entry names it, else take it away.

    One of a later generation waits until the pages are written under its key (store.vault.rekeying).

    Args:
        folder: the vault.
        raw: the driver's connection, holding the write lock.
        generation: of the keys it was opened with.

    Raises:
        StorageError: the folder cannot be written.
    """
    waiting = folder / WAITING
    try:
        content = waiting.read_bytes()
        if digest_of(content) != named(raw):
            waiting.unlink()
        elif keys.parse_key_file(content).generation <= generation:
            waiting.replace(folder / KEY_FILE)
            keys.flush_names(folder)
            sync_folder(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(f"无法写入 {KEY_FILE}：{reason(error)}。请检查磁盘空间和文件夹权限。") from error


def is_named(folder: Path, raw: Any) -> bool:
    """Tell whether the newest entry names the key file that waits."""
    try:
        return named(raw) == digest_of((folder / WAITING).read_bytes())
    except OSError:
        return False


def settle_alone(folder: Path, raw: Any, generation: int) -> None:
    """Settle in a transaction of its own; where it cannot be done now (somebody writes), the next opening does it."""
    if (folder / WAITING).exists():
        with contextlib.suppress(StorageError, driver.OperationalError):
            raw.execute("BEGIN IMMEDIATE")
            try:
                settle(folder, raw, generation)
            finally:
                raw.execute("ROLLBACK")


def current(folder: Path, raw: Any, generation: int) -> KeyFile:
    """Return the key file in force, in a transaction that writes.

    Raises:
        NotAVaultError, StorageError: it cannot be read, or the vault is getting new keys just now.
    """
    settle(folder, raw, generation)
    if (folder / WAITING).exists():
        raise StorageError(_REKEYING)
    return keys.read_key_file(folder)


def is_in_force(folder: Path, raw: Any) -> bool:
    """Tell whether keys.json is the one that the newest entry names; an older one may have been put back."""
    wanted = named(raw)
    return wanted is None or wanted == digest_of((folder / KEY_FILE).read_bytes())


def require_known(raw: Any, ring: KeyRing) -> None:
    """Refuse a pair that is not the one the ledger knows the account by: its slot was put into the key file by somebody.

    Raises:
        NotAVaultError: with a sentence.
    """
    pair = keyring.pair_of(ring.signing, ring.exchange)
    known = raw.execute(_PUBLIC, (ring.owner[1],)).fetchone()
    if known is not None and tuple(known) != (pair.public_signing.hex(), pair.public_exchange.hex()):
        raise NotAVaultError(STRANGE)


def is_known(raw: Any, file: KeyFile, slot: Slot) -> bool:
    """Tell whether a slot's public keys are those the ledger knows its account by, so that a key may be given to it."""
    known = raw.execute(_PUBLIC, (slot.user,)).fetchone()
    return known == (slot.signing.hex(), slot.exchange.hex()) and keyring.is_vouched_for(file, slot)


def holders(raw: Any) -> list[str]:
    """Return the names of those who get the key of sealed files, as their accounts stand now."""
    return [
        name
        for name, role, sees_sealed in raw.execute(_ACCOUNTS)
        if (known := known_role(role)) is not None and holds_sealed_key(known, sees_sealed=bool(sees_sealed))
    ]


def with_missing(file: KeyFile, raw: Any, ring: KeyRing) -> KeyFile:
    """Return the key file with the key of sealed files for everybody who is to have it and has not, e.g. got a pair later."""
    if ring.sealed is None:
        return file
    for kind, user in (("password", name) for name in holders(raw)):
        file = _with_sealed(file, file.slot(kind, user), raw, ring)
    return _with_sealed(file, file.slot(keys.RECOVERY, ""), raw, ring)


def missing(folder: Path, raw: Any, ring: KeyRing) -> Change | None:
    """Give the key of sealed files to who is to have it and has not, in a transaction that writes; None if nobody is."""
    if ring.sealed is None:
        return None
    file = current(folder, raw, ring.generation)
    given = with_missing(file, raw, ring)
    return None if given == file else stage(folder, given)


def _with_sealed(file: KeyFile, slot: Slot | None, raw: Any, ring: KeyRing) -> KeyFile:
    if slot is None or slot.is_old or ring.sealed is None or file.box(Which.SEALED, slot) is not None:
        return file
    return file.with_box(keyring.box(file, slot, Which.SEALED, ring.sealed)) if is_known(raw, file, slot) else file


def upgraded(folder: Path, raw: Any, ring: KeyRing, stamp: datetime) -> tuple[KeyRing, list[Change]]:
    """Keep the pair of an account that came in with a slot of format 1, in a transaction that writes.

    The key of sealed files is made when the first comes who is to have it.

    Args:
        folder: the vault.
        raw: the driver's connection.
        ring: with `upgrade`.
        stamp: the time.

    Returns:
        The ring as it is once this is kept, and the entries to be written with it.

    Raises:
        NotAVaultError: the account has a pair already, which is another one.
    """
    fresh = ring.upgrade
    assert fresh is not None
    file = current(folder, raw, ring.generation)
    slot = file.slot(fresh.kind, fresh.user)
    if slot is None or not slot.is_old or slot.salt != fresh.salt:
        raise NotAVaultError(_MEANWHILE)
    require_known(raw, ring)
    holds = fresh.kind == keys.RECOVERY or fresh.user in holders(raw)
    nobody = not keyring.owners(file, Which.SEALED)
    ring = replace(ring, sealed=os.urandom(32) if holds and nobody else None, upgrade=None)
    told = introduced(raw, fresh, stamp)
    file = keyring.with_boxes(file.with_slot(fresh), fresh, ring, sealed=holds)
    return ring, [told, stage(folder, with_missing(file, raw, ring))]


def introduced(raw: Any, slot: Slot, stamp: datetime) -> Change:
    """Write whose public keys these are, as `Writer` would; return the entry."""
    identifier, written = uuid7(), f"{stamp:%Y-%m-%d %H:%M:%S.%f}"
    row = {"name": slot.user, "signing": slot.signing.hex(), "exchange": slot.exchange.hex()}
    raw.execute(
        "INSERT INTO account_key (id, name, signing, exchange, changed_at, must_change, former, created_at, updated_at, "
        "revision) VALUES (?, ?, ?, ?, ?, 0, '', ?, ?, 1)",
        (identifier.bytes, *row.values(), written, written, written),
    )
    told = {name: value for name, value in row.items() if value} | {"changed_at": stamp, "must_change": False}
    return Change("insert", "account_key", identifier, {}, told)


def knows_keys(raw: Any) -> bool:
    """Tell whether the schema has accounts' keys (from 0014 on)."""
    asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'account_key'"
    return raw.execute(asked).fetchone() is not None


def unknown(folder: Path, raw: Any, ring: KeyRing, stamp: datetime) -> list[Change]:
    """Write whose public keys these are if the ledger knows the account by none, e.g. an older ledger.db was put back."""
    if raw.execute(_PUBLIC, (ring.owner[1],)).fetchone() is not None:
        return []
    slot = current(folder, raw, ring.generation).slot(*ring.owner)
    return [] if slot is None else [introduced(raw, slot, stamp)]


def sync_folder(folder: Path) -> None:
    """Wait until the names of files in a folder lie on the disk itself, where the system can."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

"""What changes who opens a vault, each inside the transaction that changes the account: passwords, authority, recovery key.

The key file itself follows at the commit (store.vault.key_change); whose public keys are whose stands in the ledger.
"""

from typing import Any

from sqlalchemy import Connection, select

from bangjiao_desktop.store.tables.key_models import AccountKey
from bangjiao_desktop.store.vault import key_change, keyring, keys
from bangjiao_desktop.store.vault.keyring import KeyRing, Pair
from bangjiao_desktop.store.vault.keys import Which
from bangjiao_desktop.store.vault.vault import Vault, require_password
from bangjiao_desktop.store.writes.moment import clock_of
from bangjiao_desktop.store.writes.writer import Writer


def set_password(
    vault: Vault, connection: Connection, user: str, password: str, *, sealed: bool, must_change: bool = False,
    former: str = "",
) -> None:  # fmt: skip
    """Give an account a password, its own pair of keys, and the keys of the vault.

    Who changes their own password keeps their pair.

    Args:
        vault: the vault.
        connection: from `Vault.write()`.
        user: name of the account.
        password: one that was looked at (domain.passwords).
        sealed: whether the account may see sealed files, as its row stands in this transaction.
        must_change: whether somebody else knows it.
        former: what is to be known of the passwords before.

    Raises:
        InvalidInputError: the password is too weak.
        StorageError: the key file cannot be written; nothing is changed.
    """
    require_password(password, user)
    ring, file = vault.ring, vault.key_file(connection)
    own = ring.owner == ("password", user) and _is_known_as(connection, ring)
    pair = keyring.pair_of(ring.signing, ring.exchange) if own else keyring.new_pair()
    vault.stage(connection, keyring.with_account(file, "password", user, password, pair, ring, sealed=sealed))
    _introduce(vault, connection, user, pair, must_change=must_change, former=former)


def set_recovery_key(vault: Vault, connection: Connection, recovery_key: str) -> bytes:
    """Put another recovery key in the place of the one before; return its public signing key."""
    pair, typed = keyring.new_pair(), keys.normalize_recovery_key(recovery_key)
    file = keyring.with_account(vault.key_file(connection), keys.RECOVERY, "", typed, pair, vault.ring, sealed=True)
    vault.stage(connection, file)
    _introduce(vault, connection, "", pair)
    return pair.public_signing


def set_authority(vault: Vault, connection: Connection, user: str, *, sealed: bool) -> None:
    """Give an account the key of sealed files, or take it away.

    Where it cannot be given yet (the account has no pair of its own, or who gives it has not the key), it is given when
    the next comes in who has it.
    """
    file = vault.key_file(connection)
    slot = file.slot("password", user)
    if slot is None:
        return
    if not sealed:
        changed = file.without_box(Which.SEALED, slot.kind, slot.user)
    elif slot.is_old or not key_change.is_known(vault.raw(connection), file, slot):
        return
    else:
        changed = keyring.with_boxes(file, slot, vault.ring, sealed=True)
    if changed != file:
        vault.stage(connection, changed)


def take_out(vault: Vault, connection: Connection, user: str) -> None:
    """Take an account's slot, boxes and public keys away: its password opens the vault no longer."""
    vault.stage(connection, vault.key_file(connection).without("password", user))
    row = known(connection, user)
    if row is not None:
        Writer(connection, vault.user).delete(AccountKey, row["id"], row["revision"])


def known(connection: Connection, user: str) -> dict[str, Any] | None:
    """Return what the ledger knows of an account's keys and password, None if it has none yet."""
    asked = select(AccountKey.__table__).where(AccountKey.name == user, AccountKey.deleted_at.is_(None))
    row = connection.execute(asked).mappings().one_or_none()
    return None if row is None else dict(row)


def count_as_own(vault: Vault, connection: Connection, user: str) -> None:
    """Let a first password count as the user's own, so that it need not be changed: only for invented people."""
    row = known(connection, user)
    if row is not None:
        Writer(connection, vault.user).update(AccountKey, row["id"], row["revision"], {"must_change": False})


def _is_known_as(connection: Connection, ring: KeyRing) -> bool:
    row, pair = known(connection, ring.owner[1]), keyring.pair_of(ring.signing, ring.exchange)
    return row is not None and row["signing"] == pair.public_signing.hex()


def _introduce(
    vault: Vault, connection: Connection, user: str, pair: Pair, *, must_change: bool = False, former: str = ""
) -> None:
    writer, row = Writer(connection, vault.user), known(connection, user)
    values = {
        "signing": pair.public_signing.hex(), "exchange": pair.public_exchange.hex(), "must_change": must_change,
        "former": former, "changed_at": clock_of(connection).stamp(),
    }  # fmt: skip
    if row is None:
        writer.insert(AccountKey, [{"name": user, **values}])
    else:
        writer.update(AccountKey, row["id"], row["revision"], values)

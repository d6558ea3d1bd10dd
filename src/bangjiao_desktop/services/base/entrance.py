"""The ways into a ledger: making one, unlocking one, and what is asked of it before; each gives a `Session`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bangjiao_desktop.domain.clock import COMPUTER, Clock, clock_fault
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.text import tidy
from bangjiao_desktop.services.base.offices import new_office
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.vault import attempts, door, keys, opening
from bangjiao_desktop.store.vault.opening import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DEFAULT_USER = "所长"


def create(
    folder: Path, bureau: str, offices: Sequence[str], user: str, password: str, clock: Clock = COMPUTER
) -> tuple[Session, str]:
    """Make a vault with its bureau, offices and first user (as chief).

    Returns:
        The open session and the recovery key, which is shown once and kept nowhere.

    Raises:
        InvalidInputError, VaultExistsError, StorageError: nothing is left behind.
    """
    from bangjiao_desktop.store.tables.models import Account, Bureau, Office
    from bangjiao_desktop.store.vault.vault import create_vault
    from bangjiao_desktop.store.writes.writer import Writer

    bureau, names = tidy(bureau), [tidy(name) for name in offices]
    if not bureau or not names or not all(names):
        raise InvalidInputError("请写明司法局名称和至少一个司法所名称。")
    if len(set(names)) != len(names):
        raise InvalidInputError("司法所名称有重复。")
    vault, recovery_key = create_vault(folder, user, password, clock)
    with vault.write() as connection:
        writer = Writer(connection, user)
        [bureau_id] = writer.insert(Bureau, [{"name": bureau, "division_code": ""}])
        office_ids = writer.insert(Office, [new_office(bureau_id, name, place) for place, name in enumerate(names)])
        writer.insert(
            Account, [{"name": user, "role": Role.CHIEF.value, "office_id": office_ids[0], "sees_sealed": True}]
        )
    session = Session(vault.entry, vault, clock=clock)
    session.clock_fault = clock_fault(session.now(), None)
    return session, recovery_key


def unlock(folder: Path, user: str | None, password: str, *, noted: bool = True, clock: Clock = COMPUTER) -> Session:
    """Open a vault with a user's password, or the recovery key.

    Args:
        folder: the vault.
        user: whose password; default the first user's.
        password: as typed.
        noted: write into the audit trail who came in; else `Session.arrive` does later, e.g. once the ledger was
            found undamaged.
        clock: of the session.

    Raises:
        KnownError: every fault of vault, password and key file, each with its sentence; nothing was changed.
    """
    return enter(folder, door.guess(folder, user, password), noted=noted, clock=clock)


def enter(folder: Path, opened: door.Opened, *, noted: bool = True, clock: Clock = COMPUTER) -> Session:
    """Open a vault whose password was proven already; otherwise as `unlock`.

    Raises:
        KnownError: every fault of the vault, each with its sentence.
    """
    session = Session(Entry(folder, opened.user, opened.ring), opened=opened, clock=clock).look_ahead()
    opening.tidy_up(folder)
    if noted:
        session.arrive()
    return session


def users(folder: Path) -> tuple[str, ...]:
    """Return the names of users who can open a vault, first made first."""
    return opening.vault_users(folder)


def unlock_wait(folder: Path, user: str | None = None) -> float:
    """Return the seconds until the vault takes the next password of a user (default the first)."""
    return door.unlock_wait(folder, user)


def unlock_remark(folder: Path, user: str | None = None) -> str:
    """Return what is to be said of the clock beside the waiting time, empty if nothing is."""
    return door.unlock_remark(folder, user)


def looks_like_recovery_key(text: str) -> bool:
    """Tell whether what was typed has the form of a recovery key, which does not wait for wrong passwords."""
    return keys.looks_like_recovery_key(text)


def waiting_text(seconds: float) -> str:
    """Return a waiting time in words."""
    return attempts.waiting_text(seconds)

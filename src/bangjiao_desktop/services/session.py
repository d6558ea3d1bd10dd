"""Opening and making ledgers: the `Session` every other service takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.text import tidy
from bangjiao_desktop.store import records
from bangjiao_desktop.store import vault as vaults
from bangjiao_desktop.store.models import Account, Bureau, Office
from bangjiao_desktop.store.vault import Vault
from bangjiao_desktop.store.writer import Writer

CHIEF = "chief"
DEFAULT_USER = "所长"


@dataclass(frozen=True)
class OfficeInfo:
    """An office as the other rooms see it: key, name and what stands on its cards."""

    id: Any
    name: str
    telephone: str
    address: str


class Session:
    """A user at work on an open vault.

    Args:
        vault: opened with the user's password.
    """

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    @property
    def user(self) -> str:
        """Name of the user."""
        return self.vault.user

    def bureau_name(self) -> str:
        """Return the bureau's name."""
        with self.vault.read() as connection:
            return str(records.bureau(connection)["name"])

    def offices(self) -> list[OfficeInfo]:
        """Return the offices in the order they were made."""
        with self.vault.read() as connection:
            return [_office(row) for row in records.offices(connection)]

    def office(self, name: str | None) -> OfficeInfo | None:
        """Return an office by name, None for no name.

        Raises:
            InvalidInputError: there is no such office.
        """
        if name is None:
            return None
        with self.vault.read() as connection:
            return _office(records.office_by_name(connection, name))

    def close(self) -> None:
        """Close the vault."""
        self.vault.close()


def create(folder: Path, bureau: str, offices: Sequence[str], user: str, password: str) -> tuple[Session, str]:
    """Make a vault with its bureau, offices and first user (as chief).

    Returns:
        The open session and the recovery key, which is shown once and kept nowhere.

    Raises:
        InvalidInputError, VaultExistsError, StorageError: nothing is left behind.
    """
    bureau, names = tidy(bureau), [tidy(name) for name in offices]
    if not bureau or not names or not all(names):
        raise InvalidInputError("请写明司法局名称和至少一个司法所名称。")
    if len(set(names)) != len(names):
        raise InvalidInputError("司法所名称有重复。")
    vault, recovery_key = vaults.create_vault(folder, user, password)
    with vault.write() as connection:
        writer = Writer(connection, user)
        [bureau_id] = writer.insert(Bureau, [{"name": bureau, "division_code": ""}])
        office_ids = writer.insert(Office, [new_office(bureau_id, name, place) for place, name in enumerate(names)])
        writer.insert(Account, [{"name": user, "role": CHIEF, "office_id": office_ids[0]}])
    return Session(vault), recovery_key


def new_office(bureau_id: Any, name: str, position: int, telephone: str = "", address: str = "") -> dict[str, Any]:
    """Return the values of a new office."""
    return {
        "bureau_id": bureau_id, "name": name, "telephone": telephone, "address": address, "position": position,
    }  # fmt: skip


def unlock(folder: Path, user: str | None, password: str) -> Session:
    """Open a vault with a user's password, or the recovery key.

    Raises:
        KnownError: every fault of vault, password and key file, each with its sentence; nothing was changed.
    """
    name, data_key = vaults.unlock(folder, user, password)
    return Session(vaults.open_vault(folder, name, data_key))


def users(folder: Path) -> tuple[str, ...]:
    """Return the names of users who can open a vault, first made first."""
    return vaults.vault_users(folder)


def unlock_wait(folder: Path) -> float:
    """Return the seconds until the vault takes the next password."""
    return vaults.unlock_wait(folder)


def _office(row: dict[str, Any]) -> OfficeInfo:
    return OfficeInfo(row["id"], row["name"], row["telephone"], row["address"])

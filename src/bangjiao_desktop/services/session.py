"""Opening and making ledgers: the `Session` every other service takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger import FirstLook, LedgerPage, OfficeInfo
from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.domain.text import tidy
from bangjiao_desktop.store import attempts, opening
from bangjiao_desktop.store.opening import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bangjiao_desktop.store.vault import Vault

DEFAULT_USER = "所长"
_MASKED = Sight(sealed=True, numbers=False)  # the first page was asked with the user's authority


class Session:
    """A user at work on a vault.

    The vault itself is opened when the first service asks for it; `first_look` comes before.

    Args:
        entry: from `store.opening.unlock`.
        vault: the vault, if it is open already.
    """

    def __init__(self, entry: Entry, vault: Vault | None = None) -> None:
        self._entry = entry
        self._vault = vault
        self._opening = Lock()
        self._seen: FirstLook | None = None
        self._known_authority: tuple[Role, bool] | None = None

    @property
    def vault(self) -> Vault:
        """The open vault.

        Raises:
            KnownError: it cannot be opened.
        """
        with self._opening:
            if self._vault is None:
                from bangjiao_desktop.store.vault import open_vault  # loads SQLAlchemy

                self._vault = open_vault(self._entry.folder, self._entry.user, self._entry.data_key)
            return self._vault

    @property
    def role(self) -> Role:
        """The user's role."""
        return self._authority()[0]

    @property
    def sees_sealed(self) -> bool:
        """Whether the user may see sealed juvenile files."""
        return self._authority()[1]

    def may(self, permission: Permission) -> bool:
        """Tell whether the user's role has a permission."""
        return may(self.role, permission)

    def forget_authority(self) -> None:
        """Read role and authority anew: a user was changed."""
        self._known_authority = None

    def _authority(self) -> tuple[Role, bool]:
        if self._known_authority is None:
            look = opening.look(self._entry)
            assert look is not None
            self._known_authority = (look.role, look.sees_sealed)
        return self._known_authority

    @property
    def upgraded_from(self) -> Path | None:
        """The backup made before an older vault was brought up to date, None if nothing was done."""
        return None if self._vault is None else self._vault.upgraded_from

    @property
    def folder(self) -> Path:
        """Where the vault lies."""
        return self._entry.folder

    def first_look(self) -> FirstLook:
        """Return what the window shows first; an older vault is migrated for it.

        Raises:
            KnownError: every fault of the vault, each with its sentence.
        """
        seen, self._seen = self._seen, None
        seen = seen or opening.look(self._entry)
        if seen is None:
            _ = self.vault  # brings an older vault up to date, refuses a newer one
            seen = opening.look(self._entry)
        assert seen is not None
        self._known_authority = (seen.role, seen.sees_sealed)
        if not self.may(Permission.SHOW_NUMBERS):
            seen = replace(seen, page=LedgerPage([_MASKED.row(row) for row in seen.page.rows], seen.page.following))
        return seen

    def look_ahead(self) -> Session:
        """Read the first look now, so that a vault that cannot be opened is refused on unlocking."""
        self._seen = self.first_look()
        return self

    @property
    def user(self) -> str:
        """Name of the user."""
        return self._entry.user

    def bureau_name(self) -> str:
        """Return the bureau's name."""
        from bangjiao_desktop.store import records

        with self.vault.read() as connection:
            return str(records.bureau(connection)["name"])

    def offices(self) -> list[OfficeInfo]:
        """Return the offices in the order they were made."""
        from bangjiao_desktop.store import records

        with self.vault.read() as connection:
            return [_office(row) for row in records.offices(connection)]

    def office(self, name: str | None) -> OfficeInfo | None:
        """Return an office by name, None for no name.

        Raises:
            InvalidInputError: there is no such office.
        """
        if name is None:
            return None
        from bangjiao_desktop.store import records

        with self.vault.read() as connection:
            return _office(records.office_by_name(connection, name))

    @property
    def is_open(self) -> bool:
        """Whether the vault itself is open already, so that reading from it is quick."""
        return self._vault is not None

    def change_number(self) -> int:
        """Return a number that grows with every change of the ledger, also by another window or the command.

        Who reads figures or lists asks for it before reading; if it is another one later, they are out of date.
        """
        from bangjiao_desktop.store import audit

        with self.vault.read() as connection:
            return audit.change_number(connection)

    def close(self) -> None:
        """Close the vault."""
        with self._opening:
            if self._vault is not None:
                self._vault.close()
                self._vault = None


def create(folder: Path, bureau: str, offices: Sequence[str], user: str, password: str) -> tuple[Session, str]:
    """Make a vault with its bureau, offices and first user (as chief).

    Returns:
        The open session and the recovery key, which is shown once and kept nowhere.

    Raises:
        InvalidInputError, VaultExistsError, StorageError: nothing is left behind.
    """
    from bangjiao_desktop.store.models import Account, Bureau, Office
    from bangjiao_desktop.store.vault import create_vault
    from bangjiao_desktop.store.writer import Writer

    bureau, names = tidy(bureau), [tidy(name) for name in offices]
    if not bureau or not names or not all(names):
        raise InvalidInputError("请写明司法局名称和至少一个司法所名称。")
    if len(set(names)) != len(names):
        raise InvalidInputError("司法所名称有重复。")
    vault, recovery_key = create_vault(folder, user, password)
    with vault.write() as connection:
        writer = Writer(connection, user)
        [bureau_id] = writer.insert(Bureau, [{"name": bureau, "division_code": ""}])
        office_ids = writer.insert(Office, [new_office(bureau_id, name, place) for place, name in enumerate(names)])
        writer.insert(
            Account, [{"name": user, "role": Role.CHIEF.value, "office_id": office_ids[0], "sees_sealed": True}]
        )
    return Session(vault.entry, vault), recovery_key


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
    name, data_key = opening.unlock(folder, user, password)
    return Session(Entry(folder, name, data_key)).look_ahead()


def users(folder: Path) -> tuple[str, ...]:
    """Return the names of users who can open a vault, first made first."""
    return opening.vault_users(folder)


def unlock_wait(folder: Path) -> float:
    """Return the seconds until the vault takes the next password."""
    return opening.unlock_wait(folder)


def _office(row: dict[str, Any]) -> OfficeInfo:
    return OfficeInfo(
        row["id"], row["name"], row["telephone"], row["address"], row["post_code"], row["office_hours"],
        row["mediator"], row["mediator_telephone"],
    )  # fmt: skip


def waiting_text(seconds: float) -> str:
    """Return a waiting time in words."""
    return attempts.waiting_text(seconds)

"""The `Session` every other service takes; services.base.entrance makes one."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from bangjiao_desktop.domain.clock import COMPUTER, Clock, clock_fault
from bangjiao_desktop.domain.errors import (
    AccountGoneError,
    LockedError,
    NotOfferedError,
    NotPermittedError,
)
from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.services.base.arrival_words import greeting, password_due
from bangjiao_desktop.services.base.change_notice import ChangeNotice
from bangjiao_desktop.services.base.offices import office_info
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.vault import door, keepsake, opening
from bangjiao_desktop.store.vault.opening import Entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from bangjiao_desktop.domain.ledger import FirstLook, OfficeInfo
    from bangjiao_desktop.services.base.change_notice import Listener
    from bangjiao_desktop.store.port import Ledger
    from bangjiao_desktop.store.vault.keepsake import Keepsake
    from bangjiao_desktop.store.vault.vault import Vault

_FRESH = 1.0  # seconds


class Session:
    """A user at work on a ledger: a vault, or a schema on a server (`over`).

    A vault itself is opened when the first service asks for it; `first_look` comes before. Services use `ledger`; what
    only a vault can do they ask of `vault_for`, and the window asks `offers` before it shows a button for it.

    Role and authority are those of the ledger, not of the time of opening: `role` is read anew each time, and every
    transaction that writes looks again (`_still_allowed`). A user who was removed gets `AccountGoneError` from then on.

    Whoever shows something of the ledger subscribes to its changes: those of this session are told after each commit,
    those of others when `look_for_changes` is asked.

    Attributes:
        on_end: called once with a sentence when the account was found taken away; from any thread.
        greeting: when the user came in before and how often the password was wrong since; empty the first time.
        clock_fault: a sentence if the computer's clock looks wrong, else empty.
        password_due: a sentence why the password has to be changed before anything else, else empty.
        clock: what day and time it is for everything that is done in this session.

    Args:
        entry: folder, user and key, as `store.vault.door` opened them; None for a ledger that is no vault.
        ledger: the ledger, if it is open already.
        opened: how the user came in, for `arrive` to note.
        clock: the computer's, or another, to see the ledger as it is on another day.
    """

    def __init__(
        self, entry: Entry | None, ledger: Ledger | None = None, opened: door.Opened | None = None,
        clock: Clock = COMPUTER,
    ) -> None:  # fmt: skip
        self._entry = entry
        self._put_away: Path | None = None  # the vault's folder, while the program is locked
        self.clock = clock
        self._ledger = ledger
        self._user = entry.user if entry is not None else ledger.user if ledger is not None else ""
        self._opening = Lock()
        self._seen: FirstLook | None = None
        self._known_authority: tuple[Role, bool] | None = None
        self._known_at = 0.0
        self._ended: AccountGoneError | None = None
        self._opened = opened
        self._arrival: door.Arrival | None = None
        self.on_end: Callable[[str], None] | None = None
        self.greeting = self.password_due = ""
        self.clock_fault = ""
        self._notice = ChangeNotice()
        if ledger is not None:
            self._take_over(ledger)

    @classmethod
    def over(cls, ledger: Ledger, clock: Clock = COMPUTER) -> Session:
        """Return a session of the ledger's user, who stands among its accounts; for a ledger that is no vault."""
        return cls(None, ledger, clock=clock)

    def today(self) -> date:
        """Return what day it is."""
        return self.clock.today()

    def now(self) -> datetime:
        """Return what time it is, in the local zone and with it."""
        return self.clock.now()

    def _take_over(self, ledger: Ledger) -> None:
        ledger.guard, ledger.committed, ledger.clock = self._still_allowed, self._notice.committed, self.clock
        self._notice.begin(ledger.change_number())

    @property
    def ledger(self) -> Ledger:
        """The open ledger, to read and write.

        Raises:
            KnownError: it cannot be opened.
        """
        with self._opening:
            if self._ledger is None:
                from bangjiao_desktop.store.vault.vault import open_vault  # loads SQLAlchemy

                entry = self._file()
                self._ledger = open_vault(entry.folder, entry.user, entry.ring, self.clock)
                self._take_over(self._ledger)
            return self._ledger

    def offers(self, capability: Capability) -> bool:
        """Tell whether this ledger can do what not every one can; asked before a button for it is shown."""
        known = self._entry is not None or self._put_away is not None
        return known or capability in self.ledger.capabilities

    @property
    def has_keys(self) -> bool:
        """Whether passwords and keys of this ledger are set here."""
        return self.offers(Capability.KEYS)

    def vault_for(self, capability: Capability) -> Vault:
        """Return the open vault for what only a vault can do.

        Raises:
            NotOfferedError: the ledger is on a server; says who does it there.
            KnownError: the vault cannot be opened.
        """
        ledger = self.ledger
        if capability not in ledger.capabilities:
            raise NotOfferedError(f"这个台账在服务器上，{capability.value}。")
        return cast("Vault", ledger)

    def _file(self) -> Entry:
        """The way into the vault: an open one knows its keys of now, which may have changed since it was opened."""
        if self._put_away is not None:
            raise LockedError("程序已锁定。")
        if self._entry is None:
            raise NotOfferedError("这个台账在服务器上，没有台账文件夹。")
        return self._entry if self._ledger is None else cast("Vault", self._ledger).entry

    @property
    def role(self) -> Role:
        """The user's role as it stands in the ledger now.

        Raises:
            AccountGoneError: the account was taken away.
        """
        return self._authority(0.0)[0]

    @property
    def sees_sealed(self) -> bool:
        """Whether the user may see sealed juvenile files; as it stood a second ago at most, False for who is removed."""
        try:
            return self._authority(_FRESH)[1]
        except AccountGoneError:
            return False

    def may(self, permission: Permission) -> bool:
        """Tell whether the user's role has a permission; as it stood a second ago at most, nothing for who is removed."""
        try:
            return may(self._authority(_FRESH)[0], permission)
        except AccountGoneError:
            return False

    def forget_authority(self) -> None:
        """Read role and authority anew: a user was changed."""
        self._known_authority = None

    def authority(self) -> tuple[Role, bool]:
        """Return role and whether sealed files are shown, as they stand in the ledger now.

        Raises:
            AccountGoneError: the account was taken away.
        """
        return self._authority(0.0)

    def _authority(self, age: float) -> tuple[Role, bool]:
        if self._ended is not None:
            raise AccountGoneError(self._ended.message)
        known = self._known_authority
        if known is None or time.monotonic() - self._known_at > age:
            ledger = self._ledger
            try:
                known = opening.authority(self._file()) if ledger is None else ledger.authority()
            except AccountGoneError as error:
                self._end(error)
                raise
            self._keep(known)
        return known

    def _keep(self, authority: tuple[Role, bool]) -> None:
        self._known_authority, self._known_at = authority, time.monotonic()

    def _end(self, error: AccountGoneError) -> None:
        first, self._ended = self._ended is None, error
        if first and self.on_end is not None:
            self.on_end(error.message)

    def _still_allowed(self, connection: Any) -> None:
        """At the beginning of a transaction that writes: the account is there, with the role it was asked for with.

        Raises:
            AccountGoneError: the account was taken away; nothing was written.
            NotPermittedError: role or authority became another since the permission was asked for.
        """
        assert self._ledger is not None
        try:
            found = self._ledger.authority(connection)
        except AccountGoneError as error:
            self._end(error)
            raise
        known = self._known_authority
        self._keep(found)
        if known is not None and known != found:
            raise NotPermittedError("您的角色或权限刚刚被更改，这次没有保存。请再试一次。")
        arrival, self._arrival = self._arrival, None
        if arrival is not None and arrival.pending:
            from bangjiao_desktop.store.writes import audit

            audit.record_each(connection, arrival.pending)

    @property
    def upgraded_from(self) -> Path | None:
        """The backup made before an older vault was brought up to date, None if nothing was done."""
        return None if self._ledger is None or self._entry is None else self.vault_for(Capability.BACKUP).upgraded_from

    @property
    def folder(self) -> Path:
        """Where the vault lies.

        Raises:
            NotOfferedError: the ledger is on a server.
        """
        return self._put_away or self._file().folder

    def first_look(self) -> FirstLook:
        """Return what the window shows first; an older vault is migrated for it.

        Raises:
            KnownError: every fault of the vault, each with its sentence.
        """
        seen, self._seen = self._seen, None
        if self._entry is None:
            from bangjiao_desktop.services.base.server_look import look_at_server  # loads SQLAlchemy

            seen = look_at_server(self.ledger, self._authority(0.0), self.today())
        else:
            seen = seen or opening.look(self._entry, self.today())  # says it where the account was taken away
            if seen is None:
                _ = self.ledger  # brings an older vault up to date, refuses a newer one
                seen = opening.look(self._entry, self.today())
        assert seen is not None
        self._keep((seen.role, seen.sees_sealed))
        self._notice.begin(seen.change_number)
        return seen

    def look_ahead(self) -> Session:
        """Read the first look now, so that a vault that cannot be opened is refused on unlocking."""
        self._seen = self.first_look()
        return self

    def arrive(self) -> None:
        """Note in the audit trail, once, that the user came in, and the wrong passwords before."""
        opened, self._opened = self._opened, None
        if opened is None:
            return
        self._arrival = door.note_arrival(self._file(), opened, self.clock)
        if self._arrival.ring is not None:
            if self._ledger is None:
                self._entry = replace(self._file(), ring=self._arrival.ring)
            else:
                self.vault_for(Capability.KEYS).take_up(self._arrival.ring)
        self.password_due = password_due(self._arrival)
        self.greeting, self.clock_fault = greeting(self._arrival), clock_fault(self.now(), self._arrival.newest)

    @property
    def user(self) -> str:
        """Name of the user."""
        return self._user

    def bureau_name(self) -> str:
        """Return the bureau's name."""
        from bangjiao_desktop.store.reads import records

        with self.ledger.read() as connection:
            return str(records.bureau(connection)["name"])

    def offices(self) -> list[OfficeInfo]:
        """Return the offices in the order they were made."""
        from bangjiao_desktop.store.reads import records

        with self.ledger.read() as connection:
            return [office_info(row) for row in records.offices(connection)]

    def office(self, name: str | None) -> OfficeInfo | None:
        """Return an office by name, None for no name.

        Raises:
            InvalidInputError: there is no such office.
        """
        if name is None:
            return None
        from bangjiao_desktop.store.reads import records

        with self.ledger.read() as connection:
            return office_info(records.office_by_name(connection, name))

    @property
    def is_open(self) -> bool:
        """Whether the vault itself is open already, so that reading from it is quick."""
        return self._ledger is not None

    def change_number(self) -> int:
        """Return a number that grows with every change of the ledger, also by another window or the command.

        Who reads figures or lists asks for it before reading; if it is another one later, they are out of date.
        """
        return self.ledger.change_number()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be told of every change of the ledger after it is kept (`ChangeNotice.subscribe`)."""
        return self._notice.subscribe(listener)

    def look_for_changes(self) -> None:
        """Tell listeners if another window, the command or another machine changed the ledger; off the window's thread.

        Raises:
            KnownError: the ledger cannot be read.
        """
        try:
            self._notice.found(self.change_number())
        except AccountGoneError as error:  # also: the ledger has got new keys
            self._end(error)
            raise

    def put_away(self, content: bytes) -> Keepsake | None:
        """Lock: close the ledger and drop every key; what asks the ledger from now on gets a `LockedError`.

        Args:
            content: what is to be kept meanwhile; only `take_back` of the same user opens it.

        Returns:
            The content, enciphered; None where the ledger is no vault, which stays as it is: its server locks.
        """
        if self._entry is None or self._put_away is not None:
            return None
        entry = self._file()
        kept = keepsake.keep(content, entry.ring)
        self._put_away, self._entry = entry.folder, None
        self._seen = self._opened = None
        self.close()
        return kept

    def take_back(self, fresh: Session, kept: Keepsake) -> bytes | None:
        """Unlock: go on with what another session of the same user opened, which is used up by that.

        Changes by others in between are told by the next `look_for_changes`.

        Returns:
            What was put away; None if the keys it was put away with are gone for good.

        Raises:
            NotPermittedError: the other session is another user's.
        """
        if fresh.user != self.user:
            raise NotPermittedError("锁定的程序只能由原来的用户打开。")
        with self._opening:
            self._entry, fresh._entry = fresh._entry, None
            self._ledger, fresh._ledger = fresh._ledger, None
            self._arrival = fresh._arrival
            self._known_authority, self._put_away = None, None
            if self._ledger is not None:
                self._take_over(self._ledger)
        return keepsake.give_back(kept, self._file().ring)

    def close(self) -> None:
        """Close the ledger."""
        with self._opening:
            if self._ledger is not None:
                if self._entry is not None:
                    self._entry = self._file()  # to be opened again with the keys of now
                self._ledger.close()
                self._ledger = None

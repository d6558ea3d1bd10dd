"""Backup and verification of a vault; `services.upkeep.restoring` is the way back."""

import contextlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bangjiao_desktop.domain.clock import clock_fault
from bangjiao_desktop.domain.errors import InvalidInputError, StorageError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX, LedgerFilter
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep.restoring import restore
from bangjiao_desktop.services.upkeep.whole_backup import Restored, write_complete
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.reads import ledger, records
from bangjiao_desktop.store.vault.backup_folder import (
    collect_attachments,
    held,
    manifest_in,
    name_of_its_own,
    place_in_order,
)
from bangjiao_desktop.store.vault.backup_writing import write_backup, write_daily
from bangjiao_desktop.store.vault.door import Opened
from bangjiao_desktop.store.vault.opening import BACKUPS, DATABASE
from bangjiao_desktop.store.writes import audit
from bangjiao_desktop.store.writes.writer import Writer

_OUTSIDE = "backup-outside"
_DAILY = "auto-"
_DAYS, _STRETCHES = 7, 6
_MOST = 40  # daily backups there are at most, however strange the clock is
_STRETCH = 22  # daily backups: the working days of a month
_LONGEST = 7
_LEAP = 10  # days without a daily backup after which the clock may just as well have been put ahead
_DAILY_NAME = re.compile(rf"{_DAILY}(\d{{8}})\{BACKUP_SUFFIX}")
_ROOM = 3  # sizes of the database that must be free: a copy, the file made of it, and something to work with


@needs(Permission.BACK_UP)
def back_up(session: Session, target: Path | None = None) -> Path:
    """Write a backup: one file with the encrypted database and the key file.

    Args:
        session: who backs up.
        target: a file, or a folder to put it in; default the vault's own backups folder.

    Returns:
        The file written.

    Raises:
        StorageError: the place cannot be written; nothing half-done is left.
    """
    target = target or session.folder / BACKUPS
    if target.is_dir():
        with name_of_its_own(target, f"bangjiao-{session.now():%Y%m%d-%H%M%S}") as file:
            return _written(session, file)
    if target.exists():
        raise StorageError(f"备份文件 {target.name} 已存在，请换一个名字。")
    return _written(session, target)


def _written(session: Session, target: Path) -> Path:
    """Write a backup and note it; one outside of the ledger's folder is what the reminder asks for."""
    with session.ledger.write() as connection:
        Writer(connection, session.user).act("backup", "vault", {})
    write_backup(session.vault_for(Capability.BACKUP).backed_up(), target)
    if not target.resolve().is_relative_to(session.folder.resolve()):
        with session.ledger.write() as connection:
            Writer(connection, session.user).act("note_backup", "vault", {"file": target.name})
            records.store_setting(connection, _OUTSIDE, session.today().isoformat())
            Writer(connection, session.user).act("note_backup", "vault", {})
    return target


@needs(Permission.BACK_UP)
def save_complete(session: Session, name: str, target: Path, *, without_lost: bool = False) -> Restored:
    """Write one of the ledger's own backups into ONE complete file, e.g. on a stick.

    Args:
        session: who has the ledger open.
        name: of the backup in the ledger's own folder.
        target: the file.
        without_lost: go on without attachments whose bytes are gone.

    Raises:
        InvalidInputError: it is of before the keys were changed; says how it is done then.
        AttachmentsLostError, NotAVaultError, StorageError: as `restoring.restore`; nothing half-done is left.
    """
    file = session.folder / BACKUPS / Path(name).name
    ring = session.vault_for(Capability.BACKUP).ring
    manifest = manifest_in(file)
    if manifest is None or not manifest.is_sealed_by(ring.data):
        raise InvalidInputError(
            f"“{file.name}”不是用台账现在的密钥做的，这里另存不了。请用备份那时的口令，运行 bangjiao complete。"
        )
    with session.ledger.write() as connection:
        Writer(connection, session.user).act("backup", "vault", {"file": file.name})
    return write_complete(file, target, None, Opened(ring, ()), without_lost=without_lost, clock=session.ledger.clock)


@needs(Permission.BACK_UP)
def back_up_daily(session: Session, today: date) -> Path | None:
    """Write the day's backup into the ledger's own folder, unless there is one; older ones are thinned out.

    Args:
        session: who has the ledger open.
        today: the day.

    Returns:
        The file written; None if the day has one.

    Raises:
        StorageError: there is no room, or the folder cannot be written; what was there stays.
    """
    folder = session.folder / BACKUPS
    target = folder / f"{_DAILY}{today:%Y%m%d}{BACKUP_SUFFIX}"
    if target.exists():
        return None
    try:
        folder.mkdir(exist_ok=True)
        size = (session.folder / DATABASE).stat().st_size
        if shutil.disk_usage(folder).free < _ROOM * size:
            raise StorageError("磁盘空间不足，今天没有做自动备份。请清理磁盘，或按“更多 → 备份到 U 盘…”。")
    except OSError as error:
        raise StorageError(f"没有做自动备份：{reason(error)}。") from error
    newest = _newest_day(folder)
    vault = session.vault_for(Capability.BACKUP)
    made = _places(folder)
    write_daily(vault.backed_up(), target, 1 + max((one.number for one in made.values()), default=0))
    thin_out(folder, backups_too=len(made) >= _MOST or _clock_is_believed(session, today, newest))
    return target


@dataclass(frozen=True)
class Place:
    """A daily backup's place among the others, whatever the clock says.

    Attributes:
        order: number of the newest entry of its audit trail; None if it does not tell.
        number: which daily backup it is; 0 if a version before 0.4 made it.
    """

    order: int | None
    number: int


def thin_out(folder: Path, *, backups_too: bool = True) -> None:
    """Take away the daily backups that may go, then the attachments nobody needs any more; what cannot be, stays."""
    with contextlib.suppress(OSError, StorageError), held(folder):
        for name in thinned_out(_places(folder)) if backups_too else ():
            with contextlib.suppress(OSError):
                (folder / name).unlink()
        collect_attachments(folder)


def thinned_out(made: Mapping[str, Place]) -> list[str]:
    """Return which daily backups may go: all but the last seven made and the newest of each of six stretches.

    A stretch is `_STRETCH` daily backups, about a month of work; of the backups that are not numbered, the month they are
    named after. No clock is asked: the order is that in which they were made.

    Args:
        made: name of a daily backup → its place; other names are left alone.
    """
    days = {name: match[1] for name in made if (match := _DAILY_NAME.fullmatch(name))}

    def place(name: str) -> tuple[int, int, str]:
        return made[name].number, -1 if (order := made[name].order) is None else order, days[name]

    newest_first = sorted(days, key=place, reverse=True)
    stretches: dict[str, str] = {}  # the newest of each
    for name in newest_first:
        number = made[name].number
        stretches.setdefault(f"{number // _STRETCH}" if number else f"month {days[name][:6]}", name)
    kept = {*newest_first[:_DAYS], *list(stretches.values())[:_STRETCHES]}
    return [name for name in newest_first if name not in kept]


def _places(folder: Path) -> dict[str, Place]:
    return {one.name: Place(*place_in_order(one)) for one in folder.glob(f"{_DAILY}*{BACKUP_SUFFIX}")}


def _newest_day(folder: Path) -> str:
    """The latest day a daily backup is named after, as in its name; empty if there is none."""
    found = (_DAILY_NAME.fullmatch(one.name) for one in folder.glob(f"{_DAILY}*{BACKUP_SUFFIX}"))
    return max((match[1] for match in found if match), default="")


def _clock_is_believed(session: Session, today: date, newest: str) -> bool:
    """Whether backups may be thinned today: the clock is behind nothing that was made, and did not leap ahead just now."""
    with session.ledger.read() as connection:
        entry = audit.newest_time(connection)
    if clock_fault(session.now(), entry):
        return False
    return not newest or 0 <= (today - _day_of(newest, today)).days <= _LEAP


def _day_of(text: str, otherwise: date) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return otherwise


@needs(Permission.BACK_UP)
def reminder(session: Session, today: date) -> str:
    """Return a sentence if no backup has left the ledger's own folder for more than seven days, else nothing.

    Args:
        session: who asks.
        today: the day.
    """
    with session.ledger.read() as connection:
        found = records.setting(connection, _OUTSIDE)
        if found is None:
            people = ledger.ledger_count(connection, EVERYTHING, LedgerFilter(on=today))
            return "这个台账还没有备份到 U 盘" if people else ""
    days = (today - date.fromisoformat(found)).days
    if days < 0:
        return f"上次备份到 U 盘记的日期是 {found}，在今天之后（电脑的时钟不对，或曾经不对）；请再备份一次"
    return f"已有 {days} 天没有备份到 U 盘" if days > _LONGEST else ""


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    Attributes:
        entries: entries of the audit trail.
        broken_entry: the first whose seal is broken, None if the chain is whole.
    """

    entries: int
    broken_entry: int | None


def verify_pages(session: Session) -> bool:
    """Check the seal of every page of the database only.

    Raises:
        VaultDamagedError: a byte of the database was changed.
    """
    session.vault_for(Capability.VERIFICATION).verify_pages()
    return True


def verify(session: Session) -> Verification:
    """Check the seal of every page of the database (a server looks after its own) and every link of the audit chain.

    Raises:
        VaultDamagedError: a byte of the database was changed.
    """
    if session.offers(Capability.VERIFICATION):
        verify_pages(session)
    return verify_trail(session)


def verify_trail(session: Session) -> Verification:
    """Check every link of the audit chain only."""
    with session.ledger.read() as connection:
        return Verification(audit.count(connection), audit.verify(connection))


__all__ = [
    "Restored", "Verification", "back_up", "back_up_daily", "reminder", "restore", "save_complete", "thinned_out", "verify",
    "verify_pages", "verify_trail", "write_complete",
]  # fmt: skip

"""What is killed: each operation with what it promises, and what must hold of the ledger afterwards."""

import json
import random
import shutil
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import text

from bangjiao_desktop.domain.errors import WrongPasswordError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.base import accounts, entrance, rekeying
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.exchange import export_ledger
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.figures import filings
from bangjiao_desktop.services.people import attachments, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log, backups, restoring

Ack = Callable[[Any], None]
USER, PASSWORD = "所长", "yanshi-2026"
DATA = Path(__file__).parent.parent / "data"
QUARTER = parse_period("2026Q3")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)
_MANY = 12  # of a row of saves: more than are done before the kill


@dataclass(frozen=True)
class Verdict:
    """What was found after a kill, each a list of sentences without any name: nothing is to be in them.

    Attributes:
        lost: promised and not there.
        half: neither as before nor as after.
        broken: it does not open, or does not verify.
    """

    lost: list[str]
    half: list[str]
    broken: list[str]

    @property
    def good(self) -> bool:
        """Whether nothing was found."""
        return not (self.lost or self.half or self.broken)


class Operation:
    """Work on a ledger in a folder, and what is asked of it afterwards.

    Args:
        template: a folder with a ledger, and what `prepare` put beside it.
    """

    name: ClassVar[str]

    def __init__(self, template: Path) -> None:
        self.template = template

    def prepare(self) -> None:
        """Make what the work needs beside the ledger; once."""

    def place(self, folder: Path) -> None:
        """Put a fresh ledger where the work will be done."""
        shutil.copytree(self.template / "vault", folder)

    def work(self, folder: Path, ack: Ack) -> None:
        """Do it; `ack("begin")` once the ledger is open, then what is promised."""
        raise NotImplementedError

    def check(self, folder: Path, said: list[Any], ended: bool) -> Verdict:
        """Say what is wrong afterwards.

        Args:
            folder: of the ledger.
            said: what was promised.
            ended: the work was not killed.
        """
        verdict = Verdict([], [], [])
        try:
            session = self.come_in(folder, said)
        except Exception as error:  # whatever it is, it is what the user meets
            verdict.broken.append(f"does not open: {type(error).__name__}: {error}")
            return verdict
        try:
            whole(session, verdict)
            self.look(session, said, ended, verdict)
        finally:
            session.close()
        return verdict

    def come_in(self, folder: Path, said: list[Any]) -> Session:
        """Open the ledger as the user does."""
        return opened(folder)

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        """Add what is wrong with what the work did."""


def opened(folder: Path, password: str = PASSWORD) -> Session:
    """A session as the window has it: the ledger open, and brought up to date."""
    session = entrance.unlock(folder, USER, password)
    with session.ledger.read():
        pass
    return session


def whole(session: Session, verdict: Verdict) -> None:
    """Add what is wrong with the file, its keys between tables and its audit trail."""
    with session.ledger.read() as connection:
        for pragma in ("cipher_integrity_check", "integrity_check", "foreign_key_check"):
            found = [row for row in connection.exec_driver_sql(f"PRAGMA {pragma}").fetchall() if row[0] != "ok"]
            if found:
                verdict.broken.append(f"{pragma}: {len(found)}")
    _, broken = audit_log.verify(session)
    if broken is not None:
        verdict.broken.append(f"audit entry {broken}")


def _count(session: Session, table: str, where: str = "1", **values: Any) -> int:
    with session.ledger.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}"), values).scalar_one())


def _ids(session: Session, table: str) -> set[str]:
    with session.ledger.read() as connection:
        return {bytes(row[0]).hex() for row in connection.execute(text(f"SELECT id FROM {table}"))}


def everybody(session: Session) -> list[Any]:
    """Return the people whose files are open."""
    return [row for row in people.page(session, LedgerFilter(), limit=500).rows if not row.sealed]


def visit(session: Session, person: Any) -> uuid.UUID:
    """Save a visit to somebody; return its key."""
    row = work.blank(session, "support_record", person.id).row()
    row |= {"happened_on": date(2026, 9, 1), "method": "01", "content": "走访", "worker": "某甲", "form": None}
    return work.save(session, "support_record", row)


class Save(Operation):
    """Visits saved one after the other."""

    name = "save"

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        those = everybody(session)
        chance = random.Random(folder.name)
        ack("begin")
        for _ in range(_MANY):
            ack(visit(session, chance.choice(those)).hex)

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        gone = set(said) - _ids(session, "support_record")
        verdict.lost.extend(f"visit {one}" for one in gone)


class Bulk(Operation):
    """A caseworker for everybody in one step."""

    name = "bulk"

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        those = [row.id for row in everybody(session)]
        ack("begin")
        ack(people.assign(session, those, "丁某某"))

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        changed = _count(session, "person", "caseworker = '丁某某'")
        if said and changed < said[0]:
            verdict.lost.append(f"{changed} of {said[0]}")
        all_of_them = sum(1 for row in everybody(session) if row.episode_id is not None)
        if changed not in (0, all_of_them):
            verdict.half.append(f"{changed} of {all_of_them}")


class Import(Operation):
    """A workbook of people and of all kinds of records."""

    name = "import"

    def prepare(self) -> None:
        session = entrance.create(self.template / "empty", "某区司法局", ["某司法所"], USER, PASSWORD)[0]
        session.close()
        done = self.template / "imported"
        shutil.copytree(self.template / "empty", done)
        session = opened(done)
        import_file(session, DATA / "history.xlsx")
        found = {table: _count(session, table) for table in self._TABLES}
        session.close()
        (self.template / "import.json").write_text(json.dumps(found), encoding="utf-8")

    _TABLES = ("person", "support_record", "placement", "relief", "episode", "standing", "register_change")

    def place(self, folder: Path) -> None:
        shutil.copytree(self.template / "empty", folder)

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        ack("begin")
        import_file(session, DATA / "history.xlsx")
        ack("imported")

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        wanted = json.loads((self.template / "import.json").read_text(encoding="utf-8"))
        found = {table: _count(session, table) for table in self._TABLES}
        if found == wanted:
            return
        if any(found.values()):
            verdict.half.append(str(found))
        elif said:
            verdict.lost.append("the import")


class Migrate(Operation):
    """A filled ledger of an earlier version, opened by this one."""

    name = "migrate"
    version = "0.1.0"

    def prepare(self) -> None:
        with zipfile.ZipFile(DATA / "vaults" / f"{self.version}.zip") as archive:
            archive.extractall(self.template / self.version)
        (self.template / self.version / "figures.json").unlink()
        done = self.template / f"{self.version}-done"
        shutil.copytree(self.template / self.version, done)
        session = self._open(done)
        found = {table: _count(session, table) for table in ("person", "support_record", "episode", "audit_entry")}
        session.close()
        (self.template / f"{self.version}.json").write_text(json.dumps(found), encoding="utf-8")

    def place(self, folder: Path) -> None:
        shutil.copytree(self.template / self.version, folder)

    def _open(self, folder: Path) -> Session:
        session = entrance.unlock(folder, None, PASSWORD)
        with session.ledger.read():
            pass
        return session

    def work(self, folder: Path, ack: Ack) -> None:
        ack("begin")
        self._open(folder)
        ack("migrated")

    def come_in(self, folder: Path, said: list[Any]) -> Session:
        return self._open(folder)

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        wanted = json.loads((self.template / f"{self.version}.json").read_text(encoding="utf-8"))
        for table in ("person", "support_record", "episode"):
            if _count(session, table) != wanted[table]:
                verdict.half.append(table)


class MigrateLater(Migrate):
    """As `Migrate`, of the version after."""

    name = "migrate-0.2.0"
    version = "0.2.0"


class Backup(Operation):
    """Backups one after the other."""

    name = "backup"

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        outside = folder.with_name(folder.name + "-stick")
        outside.mkdir()
        ack("begin")
        for number in range(_MANY):
            target = (folder / "backups" if number % 2 else outside) / f"copy-{number}.bjbak"
            ack(str(backups.back_up(session, target)))

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        for place in said:
            if not Path(place).is_file():
                verdict.lost.append(Path(place).name)
        readable = sorted(Path(one) for one in said[-2:] if Path(one).is_file())
        for file in readable:
            back = session.folder.with_name(session.folder.name + "-back")
            try:
                restoring.restore(file, back, USER, PASSWORD)
            except Exception as error:
                verdict.broken.append(f"{file.name}: {error}")
            shutil.rmtree(back, ignore_errors=True)
        try:
            backups.back_up(session, session.folder / "backups" / "after.bjbak")
        except Exception as error:
            verdict.broken.append(f"no backup afterwards: {error}")


class Restore(Operation):
    """A backup restored into a folder of its own."""

    name = "restore"

    def prepare(self) -> None:
        session = opened(self.template / "vault")
        backups.back_up(session, self.template / "copy.bjbak")
        session.close()

    def place(self, folder: Path) -> None:
        folder.mkdir()

    def work(self, folder: Path, ack: Ack) -> None:
        ack("begin")
        restoring.restore(self.template / "copy.bjbak", folder, USER, PASSWORD)
        ack("restored")

    def come_in(self, folder: Path, said: list[Any]) -> Session:
        if not said and not (folder / "keys.json").is_file():  # half done: doing it again must work
            restoring.restore(self.template / "copy.bjbak", folder, USER, PASSWORD)
        return opened(folder)

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        if not everybody(session):
            verdict.lost.append("people")


class Password(Operation):
    """One's own password changed, and changed again."""

    name = "password"

    def _word(self, number: int) -> str:
        return f"mima-kaimen-{number:04d}" if number else PASSWORD

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        ack("begin")
        for number in range(_MANY):
            accounts.change_own_password(session, self._word(number), self._word(number + 1))
            ack(number + 1)

    def come_in(self, folder: Path, said: list[Any]) -> Session:
        last = said[-1] if said else 0
        for number in (last, last + 1):
            try:
                return opened(folder, self._word(number))
            except WrongPasswordError:
                continue
        raise AssertionError("neither the password promised nor the next one opens it")

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        entries = _count(session, "audit_entry", "action = 'change_password'")
        undone = _count(session, "audit_entry", "action = 'not_done'")
        last = said[-1] if said else 0
        if entries - undone < last:
            verdict.lost.append(f"{entries} entries of {last} changes")
        if entries - undone > last + 1:
            verdict.half.append(f"{entries} entries of {last} changes")


class Users(Operation):
    """Users made and taken out."""

    name = "users"

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        ack("begin")
        for number in range(_MANY):
            name = f"新来的{number}"
            accounts.add(session, name, accounts.Role.WORKER, "mima-kaimen-2026")
            ack(["there", name])
            if number % 3 == 2:
                user = next(one for one in accounts.users(session) if one.name == name)
                accounts.remove(session, user)
                ack(["gone", name])

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        found = {one.name for one in accounts.users(session)}
        able = set(entrance.users(session.folder))
        state = {name: what for what, name in said}
        last = said[-1][1] if said else ""
        for name, what in state.items():
            if what == "there" and name != last and not (name in found and name in able):
                verdict.lost.append(name)
            if what == "gone" and name in found | able:
                verdict.lost.append(name)
        for name in found ^ able:
            if name.startswith("新来的"):
                verdict.half.append(f"{name}: {'account' if name in found else 'slot'} alone")


class Rekey(Operation):
    """New keys, and then again new ones, with visits between."""

    name = "rekey"

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        those = everybody(session)
        ack("begin")
        for number in range(3):
            ack(["visit", visit(session, those[number]).hex])
            rekeying.rekey(session)
            ack(["rekey", number])

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        kept = _ids(session, "support_record")
        verdict.lost.extend(f"visit {key}" for what, key in said if what == "visit" and key not in kept)
        done = sum(1 for what, _ in said if what == "rekey")
        entries = _count(session, "audit_entry", "action = 'rekey'")
        if not done <= entries <= done + 1:
            verdict.half.append(f"{entries} entries of {done} rekeys")


class Filing(Operation):
    """All forms of a quarter filed."""

    name = "filing"

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        ack("begin")
        ack(len(filings.file_forms(session, QUARTER, on=date(2026, 10, 8), confirmed=True)))

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        found = len(filings.filed_forms(session, QUARTER))
        if said and found != said[0]:
            verdict.lost.append(f"{found} of {said[0]}")
        if found not in (0, 9):
            verdict.half.append(f"{found} forms")


class Attachment(Operation):
    """Files taken into the ledger."""

    name = "attachment"

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        those = everybody(session)
        ack("begin")
        for number in range(_MANY):
            content = PNG + bytes([number]) * 200_000
            person = those[number % len(those)]
            ack([attachments.add_content(session, person.id, f"{number}.png", content).hex, number])

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        for key, number in said:
            try:
                content = attachments.content(session, uuid.UUID(hex=key))
            except Exception as error:
                verdict.lost.append(f"{number}: {error}")
                continue
            if content != PNG + bytes([number]) * 200_000:
                verdict.half.append(f"{number}: {len(content)} bytes")


class Export(Operation):
    """The whole ledger written as a workbook."""

    name = "export"

    def work(self, folder: Path, ack: Ack) -> None:
        session = opened(folder)
        ack("begin")
        for number in range(_MANY):
            target = folder.with_name(f"{folder.name}-{number}.xlsx")
            export_ledger.export_workbook(session, target)
            ack(str(target))

    def look(self, session: Session, said: list[Any], ended: bool, verdict: Verdict) -> None:
        for place in said:
            if not zipfile.is_zipfile(place):
                verdict.half.append(Path(place).name)


ALL: tuple[type[Operation], ...] = (
    Save, Bulk, Import, Migrate, MigrateLater, Backup, Restore, Password, Users, Rekey, Filing, Attachment, Export,
)  # fmt: skip

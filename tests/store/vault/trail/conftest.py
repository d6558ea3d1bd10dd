"""A small ledger of a chief and a worker, and what a worker can do to it with his own keys and this program's source."""

import shutil
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date

import pytest

from bangjiao_desktop.domain.clock import COMPUTER
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import attachments, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.store.vault import door, keys, opening, schema
from bangjiao_desktop.store.vault.opening import Entry
from bangjiao_desktop.store.vault.trail import marks, proof
from bangjiao_desktop.store.vault.trail.rows import marked_tables
from bangjiao_desktop.store.vault.trail.sealing import Course
from bangjiao_desktop.store.vault.trail.signing import signer_with
from bangjiao_desktop.store.writes import audit_chain
from bangjiao_desktop.store.writes.audit_chain import Change
from tests.conftest import PASSWORD, USER

WORKER, SECRET = "小王", "lvshui-qingshan-26"
NUMBERS = ("330411199001011237", "330411198505052214", "330411197802283313")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)


@pytest.fixture(scope="session")
def small_template(tmp_path_factory):
    """A ledger where work was done: people, records, an attachment, a sealed file, settings, two accounts."""
    folder = tmp_path_factory.mktemp("small") / "vault"
    session, _ = entrance.create(folder, "某区司法局", ["某司法所", "另一司法所"], USER, PASSWORD)
    accounts.add(session, WORKER, Role.WORKER, SECRET)
    phones = ("13900001111", "13900001111", "13900003333")
    made = [
        person(session, number, name, phone)
        for number, name, phone in zip(NUMBERS, ("张三", "李四", "王五"), phones, strict=True)
    ]
    for day in (date(2026, 6, 1), date(2026, 7, 1)):
        record = work.blank(session, "support_record", made[0]).row() | {
            "happened_on": day,
            "method": "01",
            "content": "上门走访",
            "form": "01",
        }
        work.save(session, "support_record", record)
    attachments.add_content(session, made[0], "照片.png", PICTURE)
    settings.save_filter(session, "people", "重点", {"risk": "01"})
    seal(session, made[2])
    session.close()
    worker = entrance.unlock(folder, WORKER, SECRET)
    row = people.for_editing(worker, made[1])
    people.save_person(worker, row.row() | {"telephone": "13511112222", "caseworker": "小王"},
                       identifier=made[1], revision=row.revision)  # fmt: skip
    worker.close()
    return folder, made


def person(session, number, name, telephone="13900001111"):
    """A new person, by the program."""
    values = people.blank_person(session).row() | {
        "identity_number": number, "name": name, "category": "01", "release_date": date(2026, 5, 20),
        "handover_date": date(2026, 5, 21), "risk": "02", "telephone": telephone,
    }  # fmt: skip
    return people.save_person(session, values)


def seal(session, identifier):
    """Seal a file, by the chief."""
    row = people.for_editing(session, identifier)
    values = row.row() | {"sealed": True, "sealed_ground": "01", "sealed_on": date(2026, 6, 1), "sealed_by": "某法院"}
    people.save_person(session, values, identifier=identifier, revision=row.revision)


class Insider:
    """A worker with his own password, a driver and the source of this program.

    Args:
        folder: of the vault.
        people: keys of three people, the third sealed.
    """

    def __init__(self, folder, people):
        self.folder = folder
        self.people = people
        self.ring = door.unlock(folder, WORKER, SECRET)[1]

    @contextmanager
    def connected(self):
        """A connection of his own, with the triggers that keep the trail out of the way for as long as it takes."""
        raw = opening.connect(self.folder / opening.DATABASE, self.ring.data)
        try:
            fixed = raw.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'"
            ).fetchall()
            for name, _ in fixed:
                raw.execute(f"DROP TRIGGER {name}")
            yield raw
            for _, statement in fixed:
                with suppress(Exception):
                    raw.execute(statement)
        finally:
            raw.close()

    def sql(self, statement, *values):
        """Change something, and nothing else."""
        with self.connected() as raw:
            raw.execute(statement, values)

    def signed(self, statements, changes, account=WORKER, revision=schema.HEAD):
        """Change something with entries, marks and his own signature, as the program does it."""
        with self.connected() as raw:
            tables = marked_tables(raw)
            marks.watch(raw, tables)
            raw.execute("BEGIN IMMEDIATE")
            course = Course(raw, signer_with(self.ring, keys.read_key_file(self.folder).vault_id), revision, tables)
            for statement, *values in statements:
                raw.execute(statement, values)
            last = raw.execute("SELECT sequence, entry_hash FROM audit_entry ORDER BY sequence DESC LIMIT 1").fetchone()
            rows = audit_chain.links(
                last, audit_chain.written(COMPUTER.now()), [(account, Change(*change)) for change in changes]
            )
            names = ", ".join(audit_chain.COLUMNS)
            put = f"INSERT INTO audit_entry ({names}) VALUES ({', '.join(f':{one}' for one in audit_chain.COLUMNS)})"
            for row in rows:
                raw.execute(put, row | {"subject_id": None if row["subject_id"] is None else row["subject_id"].bytes})
            course.end()
            raw.execute("COMMIT")

    def reseal(self, raw, first):
        """Link all entries anew from a number on: the chain has no secret."""
        names = ", ".join(audit_chain.COLUMNS)
        previous = raw.execute("SELECT entry_hash FROM audit_entry WHERE sequence = ?", (first - 1,)).fetchone()
        previous = audit_chain.GENESIS if previous is None else bytes(previous[0])
        rows = raw.execute(
            f"SELECT {names} FROM audit_entry WHERE sequence >= ? ORDER BY sequence", (first,)
        ).fetchall()
        for sequence, at, account, action, subject, key, before, after, _, _, salt, kept in rows:
            sealed = isinstance(before, bytes)  # what he cannot read he links as it is
            digest = bytes(kept) if sealed else audit_chain.content_digest(bytes(salt), before, after)
            about = (action, subject, "" if key is None else bytes(key).hex(), digest.hex())
            sealed = audit_chain._seal(previous, sequence, at, account, about)
            raw.execute(
                "UPDATE audit_entry SET previous_hash = ?, entry_hash = ?, content_hash = ? WHERE sequence = ?",
                (previous, sealed, digest, sequence),
            )
            previous = sealed


@pytest.fixture
def insider(small_template, tmp_path):
    """The worker, on a copy of the small ledger."""
    folder, made = small_template
    shutil.copytree(folder, tmp_path / "vault")
    return Insider(tmp_path / "vault", made)


@pytest.fixture
def proven():
    """Prove a ledger as its chief: what was found."""

    def prove(folder, user=USER, password=PASSWORD, others=(), *, key=True):
        session = entrance.unlock(folder, user, password)
        if not key:
            session.close()
            entry = Entry(folder, user, replace(door.unlock(folder, user, password)[1], sealed=None))
            session = Session(entry)
        try:
            return proof.prove(session.ledger, lambda fraction, text: None, others=others)
        finally:
            session.close()

    return prove

"""The proof at opening: what is new since the last good one is looked at as by a proof of everything, and nothing else."""

import json
import shutil
import uuid
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import platformdirs
import pytest

from bangjiao_desktop.domain.errors import CancelledError
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import backups, verification
from bangjiao_desktop.store.vault import door, keys
from bangjiao_desktop.store.vault.trail import checkpoint
from bangjiao_desktop.store.vault.trail.signing import signer_with
from tests.conftest import PASSWORD, USER
from tests.store.vault.trail.conftest import SECRET, WORKER, seal

pytestmark = pytest.mark.file


@pytest.fixture
def new():
    """Come in as somebody, prove what is new, and go; the verdict."""

    def look(folder, user=USER, password=PASSWORD):
        session = entrance.unlock(folder, user, password)
        try:
            return verification.verify_new(session)
        finally:
            session.close()

    return look


def kept():
    """The files of checkpoints on this computer."""
    return sorted((Path(platformdirs.user_state_dir("bangjiao", appauthor=False)) / "proofs").rglob("*.json"))


def call(insider, key, number, by=(WORKER, SECRET)):
    """A new telephone number, by the program."""
    session = entrance.unlock(insider.folder, *by)
    row = people.for_editing(session, key)
    people.save_person(session, row.row() | {"telephone": number}, identifier=key, revision=row.revision)
    session.close()


def test_the_first_proof_is_of_everything_and_the_next_of_what_is_new(insider, new):
    first = new(insider.folder)
    assert (first.whole, first.good) == (True, True)
    call(insider, insider.people[0], "13811110000")
    second = new(insider.folder)
    assert (second.whole, second.found) == (False, ())
    assert second.rows >= 1
    assert "上次核验以后新写的" in second.summary
    third = new(insider.folder)
    assert (third.whole, third.found, third.entries) == (False, (), second.entries + 1)  # somebody came in


def test_accounts_keys_and_seals_of_later_are_no_alarm(insider, new):
    new(insider.folder)
    session = entrance.unlock(insider.folder, USER, PASSWORD)
    from bangjiao_desktop.domain.roles import Role

    accounts.add(session, "小赵", Role.WORKER, "shanshui-qinglv-88")
    seal(session, insider.people[0])
    row = people.for_editing(session, insider.people[0])
    people.save_person(session, row.row() | {"sealed": False, "sealed_ground": None, "sealed_on": None, "sealed_by": ""},
                       identifier=insider.people[0], revision=row.revision)  # fmt: skip
    session.close()
    found = new(insider.folder)
    assert (found.whole, found.found) == (False, ())
    call(insider, insider.people[1], "13811110001", ("小赵", "shanshui-qinglv-88"))
    found = new(insider.folder)
    assert (found.whole, found.found) == (False, ())


def _telephone(insider):
    key = insider.people[0]
    insider.signed(
        [("UPDATE person SET telephone = '13800000000' WHERE id = ?", key.bytes)],
        [("update", "person", key, {"telephone": "13900001111"}, {"telephone": "13911112222"})],
    )


def _silent(insider):
    insider.signed([("UPDATE person SET remarks = 'x' WHERE id = ?", insider.people[0].bytes)], [])


def _written_over(insider):
    call(insider, insider.people[0], "13811110000")
    insider.sql("UPDATE person SET telephone = '1' WHERE id = ?", insider.people[0].bytes)


def _deleted(insider):
    insider.signed([("DELETE FROM support_record",)], [("show", "person", insider.people[0], {}, {})])


def _raised(insider):
    with insider.connected() as raw:
        key = uuid.UUID(bytes=raw.execute("SELECT id FROM account WHERE name = ?", (WORKER,)).fetchone()[0])
    insider.signed(
        [("UPDATE account SET role = 'chief' WHERE id = ?", key.bytes)],
        [("update", "account", key, {"role": "worker"}, {"role": "chief"})],
    )


def _in_another_name(insider):
    insider.signed([], [("export", "people", None, {}, {"rows": 3})], account=USER)


def _in_the_chiefs_name(insider):
    own, insider.ring = insider.ring, replace(insider.ring, user=USER)
    insider.signed([], [("export", "people", None, {}, {"rows": 3})], account=USER)
    insider.ring = own


def _entry_changed(insider):
    call(insider, insider.people[0], "13811110000")
    insider.sql("UPDATE audit_entry SET after = '{}' WHERE sequence = (SELECT max(sequence) FROM audit_entry)")


def _entry_unsigned(insider):
    call(insider, insider.people[0], "13811110000")
    insider.sql("DELETE FROM audit_signature WHERE number = (SELECT max(number) FROM audit_signature)")


def _trigger(insider):
    insider.sql("CREATE TRIGGER mine AFTER UPDATE ON person BEGIN SELECT 1; END")


def _search(insider):
    call(insider, insider.people[0], "13811110000")
    insider.sql("UPDATE person_search SET content = 'x' WHERE person_id = ?", insider.people[0].bytes)


def _cut(insider):
    with insider.connected() as raw:
        raw.execute("DELETE FROM audit_signature WHERE last > (SELECT max(sequence) - 3 FROM audit_entry)")
        raw.execute("DELETE FROM audit_entry WHERE sequence > (SELECT max(sequence) - 3 FROM audit_entry)")


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (_telephone, "和操作记录里说的不一样"), (_silent, "操作记录里却没有说"), (_written_over, "绕过程序改动"),
        (_deleted, "操作记录里却没有说"), (_raised, "不能"), (_in_another_name, "冒用"), (_in_the_chiefs_name, "不是这个用户的钥匙"),
        (_entry_changed, "被改动过"), (_entry_unsigned, "没有签名"), (_trigger, "保护规则"), (_search, "检索内容"),
        (_cut, "上次核验的记录"),
    ],
)  # fmt: skip
def test_what_an_insider_does_after_a_good_proof_is_told(insider, new, attack, words):
    assert new(insider.folder).good
    attack(insider)
    found = new(insider.folder)
    assert any(words in one.line for one in found.found), [one.line for one in found.found]
    assert not new(insider.folder).good  # told as long as it is so


def test_a_row_that_was_not_written_since_waits_for_the_proof_of_everything(insider, new):
    assert new(insider.folder).good
    insider.sql("UPDATE person SET telephone = '1' WHERE id = ?", insider.people[0].bytes)
    assert new(insider.folder).good
    session = entrance.unlock(insider.folder, USER, PASSWORD)
    assert not verification.verify(session).good
    session.close()


@pytest.mark.parametrize(("days", "whole"), [(29, False), (30, True), (-1, True)])
def test_everything_is_proven_once_a_month_and_where_the_clock_was_set_back(insider, new, monkeypatch, days, whole):
    new(insider.folder)
    later = date.today() + timedelta(days=days)
    monkeypatch.setattr(Session, "today", lambda self: later)
    assert new(insider.folder).whole is whole


def test_an_entry_of_before_changed_so_that_it_gives_a_key_makes_everything_proven(insider, new):
    new(insider.folder)
    insider.sql("UPDATE audit_entry SET before = '{}', after = json_set(after, '$.role', 'chief') "
                "WHERE subject = 'account' AND action = 'insert' AND after LIKE '%worker%'")  # fmt: skip
    found = new(insider.folder)
    assert found.whole
    assert not found.good


def test_nobody_spares_another_a_proof(insider, new):
    """The worker puts his own checkpoint, or one he wrote himself, in the place of the chief's."""
    new(insider.folder)
    [chiefs] = kept()
    session = entrance.unlock(insider.folder, WORKER, SECRET)
    verification.verify(session)
    session.close()
    [workers] = [one for one in kept() if one != chiefs]
    shutil.copy(workers, chiefs)
    assert new(insider.folder).whole
    told = json.loads(chiefs.read_text())
    chiefs.write_text(json.dumps(told | {"whole_on": "2099-01-01"}))
    assert new(insider.folder).whole
    chiefs.write_text("{")
    assert new(insider.folder).whole


def test_a_checkpoint_tells_no_name(insider, new):
    new(insider.folder)
    [file] = kept()
    assert set(json.loads(file.read_text())) == {
        "format", "signature", "seal", "entries", "head", "state", "whole_on", "proven_on", "signed",
    }  # fmt: skip
    assert file.stat().st_mode & 0o077 == 0


def test_the_state_of_then_is_the_same_later(insider, new):
    new(insider.folder)
    signer = signer_with(door.unlock(insider.folder, USER, PASSWORD)[1],
                         keys.read_key_file(insider.folder).vault_id)  # fmt: skip
    before = checkpoint.read(signer, insider.folder)
    call(insider, insider.people[0], "13811110000")
    found = new(insider.folder)
    after = checkpoint.read(signer, insider.folder)
    assert not found.whole
    assert after.reached.entries > before.reached.entries
    assert after.whole_on == before.whole_on


def test_an_older_backup_restored_in_the_same_place_is_no_alarm(insider, new):
    session = entrance.unlock(insider.folder, USER, PASSWORD)
    older = backups.back_up(session, insider.folder.parent / "一.bjbak")
    session.close()
    new(insider.folder)
    shutil.rmtree(insider.folder)
    backups.restore(older, insider.folder, None, PASSWORD)
    found = new(insider.folder)
    assert (found.whole, found.found) == (True, ())


def test_it_can_be_stopped_and_keeps_nothing_then(insider):
    session = entrance.unlock(insider.folder, USER, PASSWORD)

    def stop(fraction, text):
        raise CancelledError("停")

    with pytest.raises(CancelledError):
        verification.verify_new(session, stop)
    assert verification.last_proof(session) is None
    verification.verify_new(session)
    last = verification.last_proof(session)
    assert last.whole_on == last.proven_on == session.today()
    with pytest.raises(CancelledError):
        verification.verify_new(session, stop)
    session.close()

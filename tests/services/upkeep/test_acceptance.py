"""承认现在的台账: an older copy put in the ledger's place is found until a chief says, with a reason, that it is the one."""

import shutil

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.errors import InvalidInputError, NotPermittedError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance, rekeying
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import acceptance, audit_log, backups, verification
from bangjiao_desktop.store.vault.trail import anchored, anchors
from tests.conftest import PASSWORD, USER

pytestmark = pytest.mark.file
WORKER, OTHER = "小王", "yanshi-2027"
WHY = "电脑坏了，拷回了上周的文件夹"


def saved(session, name):
    """A change that is saved."""
    people.assign(session, [first(session).id], name)


def first(session):
    return people.page(session, LedgerFilter(on=session.today()), limit=1).rows[0]


def put_back(session, tmp_path):
    """Work on after a copy of the folder, take a backup, and put the copy back; the session on it."""
    folder = session.folder
    session.close()
    old = tmp_path / "old"
    shutil.copytree(folder, old)
    session = entrance.unlock(folder, None, PASSWORD)
    saved(session, "何平")
    backups.back_up_daily(session, session.today())
    assert verification.verify(session).good
    session.close()
    for one in folder.iterdir():
        if one.is_file():
            one.unlink()
    for one in old.iterdir():
        if one.is_file():
            shutil.copy2(one, folder / one.name)
    return entrance.unlock(folder, None, PASSWORD)


@pytest.fixture
def replaced(sample, tmp_path):
    accounts.add(sample, WORKER, Role.WORKER, OTHER)
    session = put_back(sample, tmp_path)
    yield session
    session.close()


def lines(session):
    return [one.what for one in verification.verify(session).found]


def test_an_older_copy_is_found_until_a_chief_accepts_it(replaced):
    saved(replaced, "何安")
    told = verification.verify(replaced)
    assert told.replaced
    assert not any("相符" in one for one in told.remarks)
    assert {one.when for one in told.found} == {None}  # the entry of that number is another
    assert any("备份" in one.what for one in told.found)
    assert any("这台电脑记下的存根" in one.what for one in told.found)
    with pytest.raises(InvalidInputError, match="原因"):
        acceptance.accept_ledger(replaced, "  ")
    made = acceptance.accept_ledger(replaced, f" {WHY} ")
    assert lines(replaced) == []
    [entry] = [one for one in audit_log.page(replaced, audit_log.AuditFilter()) if one.action == "承认现在的台账"]
    assert WHY in str(entry)
    folder = replaced.folder
    assert made.folder is not None
    assert f"{made.folder.name}/{made.backups[0]}" in rekeying.plan(replaced).backups  # old keys open it, too
    saved(replaced, "何宁")
    replaced.close()
    again = entrance.unlock(folder, None, PASSWORD)
    try:
        assert lines(again) == []
        assert verification.verify_new(again).good
        with pytest.raises(InvalidInputError, match="没有什么要承认"):
            acceptance.accept_ledger(again, WHY)
    finally:
        again.close()
    [backup] = made.backups
    assert not (folder / "backups" / backup).exists()
    back = folder.parent / "back"
    backups.restore(made.folder / backup, back, USER, PASSWORD)
    restored = entrance.unlock(back, USER, PASSWORD)
    try:
        assert first(restored).caseworker == "何平"
    finally:
        restored.close()


def test_what_is_known_of_the_difference_is_told_before(replaced):
    found = acceptance.difference(replaced)
    [backup] = (replaced.folder / "backups").glob("*.bjbak")
    known = max(one.signed.last for one in anchors.on_this_computer(replaced.ledger.signer.vault_id, replaced.folder))
    assert known >= anchored.of_backup(backup).signed.last
    assert found == acceptance.Difference(count(replaced), known, 1)
    assert found.known > found.entries
    for _ in range(12):
        saved(replaced, "何安")
        saved(replaced, "何宁")
    longer = acceptance.difference(replaced)
    assert (longer.known, longer.backups) == (known, 1)
    assert longer.entries == count(replaced) > known
    acceptance.accept_ledger(replaced, WHY)
    assert acceptance.difference(replaced) == acceptance.Difference(count(replaced), 0, 0)


def count(session):
    return verification.verify(session).entries


def test_what_was_accepted_once_is_found_when_it_is_done_again(replaced, tmp_path):
    acceptance.accept_ledger(replaced, WHY)
    again = put_back(replaced, tmp_path / "again")
    try:
        assert verification.verify(again).replaced
    finally:
        again.close()


def test_a_folder_of_that_second_is_there_already(replaced, monkeypatch):
    moment = replaced.now()
    monkeypatch.setattr(type(replaced), "now", lambda _: moment)
    there = replaced.folder / "backups" / f"另一份台账的备份 {moment:%Y-%m-%d %H%M%S}"
    there.mkdir()
    made = acceptance.accept_ledger(replaced, WHY)
    assert made.folder == there.with_name(f"{there.name} (2)")
    assert (made.folder / made.backups[0]).exists()
    assert not list(there.iterdir())


def test_a_worker_may_not_and_a_changed_row_cannot_be_accepted(replaced):
    folder = replaced.folder
    with replaced.ledger._engine.begin() as connection:
        connection.execute(text("UPDATE bureau SET name = '某局'"))
    with pytest.raises(InvalidInputError, match="还有别的地方"):
        acceptance.accept_ledger(replaced, WHY)
    worker = entrance.unlock(folder, WORKER, OTHER)
    try:
        with pytest.raises(NotPermittedError):
            acceptance.accept_ledger(worker, WHY)
    finally:
        worker.close()
    assert any("这台电脑记下的存根" in one for one in lines(replaced))  # nothing was forgotten

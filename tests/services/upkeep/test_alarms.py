"""What happens to a ledger in an office's life is no alarm of a proof, and what was lost is one: in the words of the program."""

import shutil
import threading
from datetime import date, timedelta

import pytest

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.exchange import import_ledger, import_undo
from bangjiao_desktop.services.people import attachments, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import backups, verification
from tests.conftest import DATA, PASSWORD
from tests.ledgers import as_role

pytestmark = pytest.mark.file
DATABASE = "ledger.db"


def someone(session):
    return people.page(session, LedgerFilter(status="registered")).rows[0].id


def call(session, key, number):
    row = people.for_editing(session, key)
    people.save_person(session, row.row() | {"telephone": number}, identifier=key, revision=row.revision)


def visit(session, key):
    told = {"happened_on": date(2026, 7, 1), "method": "01", "content": "上门走访", "form": "01"}
    return work.save(session, "support_record", work.blank(session, "support_record", key).row() | told)


def proven(session):
    """What a proof of what is new finds, and one of everything."""
    new = verification.verify_new(session)
    return [one.line for one in (*new.found, *verification.verify(session).found)]


def test_a_write_ahead_log_that_was_lost_is_told_on_coming_in_and_by_a_proof(sample):
    """The database as it was before the last saves, as after a stick pulled out, or a copy without ledger.db-wal."""
    folder = sample.folder
    assert proven(sample) == []
    sample.close()
    session = entrance.unlock(folder, None, PASSWORD)
    assert "不一样" not in session.greeting
    database = (folder / DATABASE).read_bytes()  # what was saved since is in the log alone
    call(session, someone(session), "13811110000")
    session.close()
    for end in ("-wal", "-shm"):
        (folder / f"{DATABASE}{end}").unlink(missing_ok=True)
    (folder / DATABASE).write_bytes(database)
    session = entrance.unlock(folder, None, PASSWORD)
    assert "末尾的操作记录不见了" in session.greeting
    lines = proven(session)
    assert any("截去" in one or "重写过" in one for one in lines), lines
    assert any("您在这台电脑上次核验的记录" in one or "存根" in one for one in lines)
    session.close()


def test_a_clock_set_back_is_no_alarm(sample):
    folder, key = sample.folder, someone(sample)
    call(sample, key, "13811110000")
    assert proven(sample) == []
    sample.close()
    for days in (-2, 400, 0):
        session = entrance.unlock(folder, None, PASSWORD, clock=Clock(timedelta(days=days)))
        call(session, key, f"1381111{days % 10000:04d}")
        assert proven(session) == []
        session.close()


def test_two_windows_that_write_at_once_are_no_alarm(sample):
    key = someone(sample)
    worker = as_role(sample, Role.WORKER)
    assert proven(sample) == []
    faults = []

    def write(session):
        try:
            for _ in range(15):
                visit(session, key)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(one,)) for one in (sample, worker)]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads):  # amid it, too
        assert verification.verify_new(sample).found == ()
    assert faults == []
    assert proven(sample) == proven(worker) == []
    folder = sample.folder
    worker.close()
    sample.close()
    session = entrance.unlock(folder, None, PASSWORD)
    assert "不一样" not in session.greeting
    assert proven(session) == []
    session.close()


def test_attachments_given_up_on_a_restore_are_no_alarm(sample, tmp_path):
    content = b"%PDF-1.4\n" + b"x" * 900 + b"\n%%EOF"
    for number in range(2):
        attachments.add_content(sample, someone(sample), f"材料{number}.pdf", content + bytes(number))
    made = backups.back_up_daily(sample, date(2026, 11, 25))
    store = [one for one in (sample.folder / "backups").rglob("*") if one.is_file() and one.suffix != ".bjbak"]
    max(store, key=lambda one: one.stat().st_size).unlink()
    restored = backups.restore(made, tmp_path / "new", None, PASSWORD, without_lost=True)
    assert len(restored.given_up) == 1
    back = entrance.enter(tmp_path / "new", restored.opened)
    assert proven(back) == []
    call(back, someone(back), "13811110000")
    assert proven(back) == []
    back.close()


def test_what_was_deleted_a_month_ago_is_no_alarm(sample):
    """Nothing goes for good by itself: a row stays with its mark, and cannot be brought back any more."""
    key = someone(sample)
    record = visit(sample, key)
    attachments.add_content(sample, key, "材料.pdf", b"%PDF-1.4\nx\n%%EOF")
    known = work.read(sample, "support_record", record)
    work.delete(sample, "support_record", record, known.revision)
    assert proven(sample) == []
    folder = sample.folder
    sample.close()
    session = entrance.unlock(folder, None, PASSWORD, clock=Clock(timedelta(days=31)))
    with pytest.raises(InvalidInputError):
        work.restore(session, "support_record", record)
    assert proven(session) == []
    session.close()


def test_imports_taken_back_and_made_again_are_no_alarm(empty):
    assert proven(empty) == []
    for _ in range(3):
        done = import_ledger.import_file(empty, DATA / "ledger.xlsx")
        assert proven(empty) == []
        import_undo.undo(empty, [done.entries])
        assert proven(empty) == []
    import_ledger.import_file(empty, DATA / "ledger.xlsx")
    call(empty, someone(empty), "13811110000")
    assert proven(empty) == []


def test_an_import_changed_past_the_program_while_it_was_made_is_told(empty):
    assert proven(empty) == []
    import_ledger.import_file(empty, DATA / "ledger.xlsx")
    with empty.ledger._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE person SET telephone = 'x' WHERE id = (SELECT max(id) FROM person)")
    new = verification.verify_new(empty)
    assert not new.whole
    assert any("绕过程序改动" in one.line for one in new.found), [one.line for one in new.found]


def test_an_older_backup_beside_newer_ones_is_no_alarm_for_what_is_new(sample, tmp_path):
    older = backups.back_up(sample, sample.folder / "backups" / "一.bjbak")
    call(sample, someone(sample), "13811110000")
    backups.back_up(sample)
    assert proven(sample) == []
    folder = sample.folder
    sample.close()
    shutil.move(folder, tmp_path / "aside")
    backups.restore(tmp_path / "aside" / "backups" / older.name, folder, None, PASSWORD)
    session = entrance.unlock(folder, None, PASSWORD)
    assert "不一样" not in session.greeting
    assert proven(session) == []
    call(session, someone(session), "13811110009")
    assert proven(session) == []
    session.close()

"""The newest backup is opened and looked at each month; what is wrong with it is said, and mended where it can be."""

import shutil
import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.errors import CancelledError
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.base.low_priority import at_leisure
from bangjiao_desktop.services.base.progress import silent
from bangjiao_desktop.services.people import attachments
from bangjiao_desktop.services.upkeep import backup_trials, backups
from bangjiao_desktop.services.upkeep.backup_trials import Trial, is_due
from tests.conftest import PASSWORD

DAY = date(2026, 11, 25)


def attach(session, number):
    with session.ledger.read() as connection:
        person = connection.execute(text("SELECT id FROM person ORDER BY id LIMIT 1")).scalar_one()
    key = person if isinstance(person, uuid.UUID) else uuid.UUID(bytes=person)
    content = b"%PDF-1.4\n" + str(number).encode() * 900 + b"\n%%EOF"
    return attachments.add_content(session, key, f"材料{number}.pdf", content)


def stored(session):
    return sorted(one for one in (session.folder / "backups" / "attachments").rglob("*") if one.is_file())


def damage(file, part=0.5):
    content = bytearray(file.read_bytes())
    content[int(len(content) * part)] ^= 1
    file.write_bytes(content)


def test_a_good_backup_is_said_to_be_good_and_nothing_is_left(sample):
    attach(sample, 1)
    made = backups.back_up_daily(sample, DAY)
    before = sorted(one.name for one in made.parent.iterdir())
    tried = backup_trials.try_own(sample, silent)
    assert tried == Trial(sample.today().isoformat(), made.name)
    assert sorted(one.name for one in made.parent.iterdir()) == before
    found = backup_trials.safety(sample)
    assert (found.own, found.outside) == (tried, None)
    assert [(one.name, one.daily) for one in found.kept] == [(made.name, True)]


def test_the_newest_is_tried_whatever_it_is_called(sample):
    backups.back_up_daily(sample, DAY + timedelta(days=900))
    newest = backups.back_up_daily(sample, DAY)
    assert backup_trials.try_own(sample, silent).file == newest.name
    by_hand = backups.back_up(sample)
    assert backup_trials.try_own(sample, silent).file == by_hand.name
    assert backup_trials.safety(sample).kept[0].name == by_hand.name


def test_without_a_backup_there_is_nothing_to_try(sample):
    assert backup_trials.try_own(sample, silent) is None
    assert backup_trials.safety(sample).own is None


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("daily", [True, False])
def test_a_damaged_backup_is_found_with_what_to_do(sample, part, daily):
    made = backups.back_up_daily(sample, DAY) if daily else backups.back_up(sample)
    damage(made, part)
    tried = backup_trials.try_own(sample, silent)
    assert tried.file == made.name
    assert "立即备份" in tried.fault
    assert backup_trials.safety(sample).own == tried


def test_a_manifest_of_somebody_without_the_keys_is_found(sample):
    made = backups.back_up(sample)
    made.write_bytes(made.read_bytes().replace(b'"order": ', b'"order":9'))
    assert "清单被改动" in backup_trials.try_own(sample, silent).fault


def test_an_audit_trail_that_was_changed_is_found(sample):
    with sample.ledger.write() as connection:
        connection.execute(text("DROP TRIGGER audit_entry_no_update"))
        connection.execute(text("UPDATE audit_entry SET account = '某' WHERE sequence = 2"))
    backups.back_up(sample)
    assert "操作记录第 2 条被改动过" in backup_trials.try_own(sample, silent).fault


@pytest.mark.parametrize("gone", [True, False])
def test_an_attachment_the_ledger_still_has_is_written_anew(sample, gone, tmp_path):
    key = attach(sample, 1)
    made = backups.back_up_daily(sample, DAY)
    [one] = stored(sample)
    if gone:
        one.unlink()
    else:
        damage(one)
    tried = backup_trials.try_own(sample, silent)
    assert (tried.fault, tried.lost) == ("", (key.hex,))
    assert "已从台账里重新写好" in tried.remark
    [named] = backup_trials.lost_names(sample, tried)
    assert named.endswith("的“材料1.pdf”")
    assert backup_trials.try_own(sample, silent).remark == ""
    assert backups.restore(made, tmp_path / "new", None, PASSWORD).given_up == ()


def test_an_attachment_the_ledger_has_no_more_is_named(sample):
    key = attach(sample, 1)
    backups.back_up_daily(sample, DAY)
    stored(sample)[0].unlink()
    with sample.ledger.write() as connection:
        connection.execute(text("DELETE FROM attachment_content WHERE attachment_id = :id"), {"id": key.bytes})
    tried = backup_trials.try_own(sample, silent)
    assert "台账里也没有了" in tried.fault
    assert tried.lost == (key.hex,)


def test_the_stick_is_tried_when_it_is_there(sample, tmp_path):
    stick = tmp_path / "KINGSTON"
    assert backup_trials.try_outside(sample, stick, silent) is None
    stick.mkdir()
    assert backup_trials.try_outside(sample, stick, silent) is None
    other, _ = entrance.create(tmp_path / "other", "局", ["所"], "某人", PASSWORD)
    backups.back_up(other, stick / "others.bjbak")
    other.close()
    assert backup_trials.try_outside(sample, stick, silent) is None  # of another ledger
    made = backups.back_up(sample, stick / "ours.bjbak")
    tried = backup_trials.try_outside(sample, stick, silent)
    assert (tried.file, tried.fault) == ("ours.bjbak", "")
    damage(made)
    tried = backup_trials.try_outside(sample, stick, silent)
    assert "换一个 U 盘" in tried.fault
    assert backup_trials.safety(sample).outside == tried
    assert sorted(one.name for one in stick.iterdir()) == ["others.bjbak", "ours.bjbak"]


def test_when_a_trial_is_due():
    def tried(days, fault=""):
        return Trial((DAY - timedelta(days=days)).isoformat(), "a.bjbak", fault)

    assert is_due(None, DAY)
    assert [is_due(tried(days), DAY) for days in (0, 29, 30, 400)] == [False, False, True, True]
    assert [is_due(tried(days, "坏了。"), DAY) for days in (0, 1)] == [False, True]
    assert is_due(tried(-1), DAY)  # the clock was put back


def test_only_what_is_due_is_tried(sample, tmp_path):
    backups.back_up_daily(sample, DAY)
    stick = tmp_path / "stick"
    stick.mkdir()
    backups.back_up(sample, stick)
    assert len(backup_trials.try_due(sample, None, silent)) == 1
    [outside] = backup_trials.try_due(sample, stick, silent)
    assert outside.file.startswith("bangjiao-")
    assert backup_trials.try_due(sample, stick, silent) == []


@pytest.mark.parametrize("steps", [0, 1, 3, 8])
def test_a_trial_that_is_stopped_leaves_nothing(sample, steps):
    attach(sample, 1)
    made = backups.back_up_daily(sample, DAY)
    before = sorted(one.name for one in made.parent.iterdir())
    left = [steps]

    def progress(fraction, words):
        left[0] -= 1
        if left[0] < 0:
            raise CancelledError("已取消。")

    with pytest.raises(CancelledError):
        backup_trials.try_own(sample, progress)
    assert sorted(one.name for one in made.parent.iterdir()) == before
    assert backup_trials.safety(sample).own is None


def test_a_sealed_files_attachment_is_named_to_those_who_may_see_it(sample):
    key = attach(sample, 1)
    backups.back_up_daily(sample, DAY)
    stored(sample)[0].unlink()
    tried = backup_trials.try_own(sample, silent)
    with sample.ledger.write() as connection:
        connection.execute(
            text("UPDATE person SET sealed = 1 WHERE id = (SELECT person_id FROM attachment WHERE id = :id)"),
            {"id": key.bytes},
        )
    assert "材料1.pdf" in backup_trials.lost_names(sample, tried)[0]
    accounts.add(sample, "小王", Role.WORKER, "一个好口令-2026")
    worker = entrance.unlock(sample.folder, "小王", "一个好口令-2026")
    assert backup_trials.lost_names(worker, tried) == ["封存档案的一件附件"]
    worker.close()


def test_one_of_the_kept_backups_is_saved_complete(sample, tmp_path):
    attach(sample, 1)
    made = backups.back_up_daily(sample, DAY)
    backups.save_complete(sample, made.name, tmp_path / "whole.bjbak")
    shutil.rmtree(sample.folder / "backups" / "attachments")
    assert backups.restore(tmp_path / "whole.bjbak", tmp_path / "new", None, PASSWORD).given_up == ()


def test_what_is_done_at_leisure_is_handed_on():
    assert at_leisure(lambda: 7) == 7
    with pytest.raises(CancelledError, match="停"):
        at_leisure(lambda: (_ for _ in ()).throw(CancelledError("停")))

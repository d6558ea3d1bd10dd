"""Backups made without being asked, those that leave the computer, and how many are kept."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.errors import NotPermittedError, StorageError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services import accounts, backups
from bangjiao_desktop.services import session as sessions
from bangjiao_desktop.services.backups import thinned_out
from tests.conftest import PASSWORD

TODAY = date(2026, 11, 25)


def kept(session):
    return sorted(one.name for one in (session.folder / "backups").glob(f"*{BACKUP_SUFFIX}"))


def test_one_a_day_and_it_opens(sample, tmp_path):
    made = backups.back_up_daily(sample, TODAY)
    assert made.name == "auto-20261125.bjbak"
    written = made.stat().st_mtime_ns
    assert backups.back_up_daily(sample, TODAY) is None
    assert made.stat().st_mtime_ns == written
    assert backups.back_up_daily(sample, TODAY + timedelta(days=1)).name == "auto-20261126.bjbak"
    backups.restore(made, tmp_path / "back")
    back = sessions.unlock(tmp_path / "back", None, PASSWORD)
    with back.vault.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() > 100
    back.close()


def test_seven_days_and_six_months_are_kept():
    days = [date(2026, 11, 25) - timedelta(days=n) for n in range(300)]
    names = [f"auto-{day:%Y%m%d}.bjbak" for day in days]
    others = ["bangjiao-20250101-120000.bjbak", "before-migration-0002-20260101-1.bjbak", "auto-note.bjbak"]
    gone = set(thinned_out(names + others))
    left = [name for name in names + others if name not in gone]
    assert left[:7] == names[:7]
    assert left[7:12] == [f"auto-{one}.bjbak" for one in ("20261031", "20260930", "20260831", "20260731", "20260630")]
    assert left[12:] == others


def test_thinning_leaves_what_people_made(sample):
    backups.back_up(sample)
    own = kept(sample)
    for n in range(10, 0, -1):
        backups.back_up_daily(sample, TODAY - timedelta(days=n))
    assert set(own) < set(kept(sample))
    assert len(kept(sample)) == len(own) + 7


def test_without_room_nothing_is_written(sample, monkeypatch):
    import shutil

    usage = shutil.disk_usage(sample.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage._replace(free=1000))
    with pytest.raises(StorageError, match="磁盘空间不足"):
        backups.back_up_daily(sample, TODAY)
    assert kept(sample) == []


def test_an_empty_ledger_needs_no_reminder(empty):
    assert backups.reminder(empty, TODAY) == ""


def test_the_reminder_counts_from_the_last_one_elsewhere(sample, tmp_path):
    assert backups.reminder(sample, TODAY) == "这个台账还没有备份到 U 盘"
    backups.back_up(sample)  # into its own folder: does not count
    assert backups.reminder(sample, TODAY) == "这个台账还没有备份到 U 盘"
    (tmp_path / "stick").mkdir()
    backups.back_up(sample, tmp_path / "stick")
    today = date.today()
    assert backups.reminder(sample, today + timedelta(days=7)) == ""
    assert backups.reminder(sample, today + timedelta(days=8)) == "已有 8 天没有备份到 U 盘"


def test_readers_do_not_back_up(sample):
    accounts.add(sample, "小李", Role.READER, "一个好口令-2026")
    reader = sessions.unlock(sample.folder, "小李", "一个好口令-2026")
    with pytest.raises(NotPermittedError):
        backups.back_up_daily(reader, TODAY)
    reader.close()

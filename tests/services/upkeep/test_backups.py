"""Backups made without being asked, those that leave the computer, and how many are kept."""

import os
import shutil
import time
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.errors import NotPermittedError, StorageError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance, rekeying
from bangjiao_desktop.services.upkeep import backup_trials, backups
from bangjiao_desktop.services.upkeep.backups import Place, thinned_out
from bangjiao_desktop.store.vault.backup_folder import backup_order, name_of_its_own, unfinished
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
    backups.restore(made, tmp_path / "back", None, PASSWORD)
    back = entrance.unlock(tmp_path / "back", None, PASSWORD)
    with back.ledger.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() > 100
    back.close()


def named(days):
    return [f"auto-{day:%Y%m%d}.bjbak" for day in days]


def days_before(today, count):
    return named(today - timedelta(days=n) for n in range(count))


def made_in_order(names, first=1):
    """Places of numbered daily backups, the first made first."""
    return {name: Place(100 * number, number) for number, name in enumerate(names, first)}


def test_the_last_seven_and_one_of_each_of_six_stretches_are_kept():
    names = days_before(TODAY, 300)[::-1]
    others = ["bangjiao-20250101-120000.bjbak", "before-migration-0002-20260101-1.bjbak", "auto-note.bjbak"]
    gone = set(thinned_out(made_in_order(names) | {name: Place(7, 7) for name in others}))
    left = [name for name in names + others if name not in gone]
    assert left[-3:] == others
    assert left[-10:-3] == names[-7:]
    # the newest of the stretches of 22 before the one the last seven are of
    assert left[:-10] == [names[number - 1] for number in (197, 219, 241, 263, 285)]


def test_what_versions_before_left_is_thinned_by_the_months_of_its_names():
    old = {name: Place(3000 - number, 0) for number, name in enumerate(days_before(date(2026, 11, 25), 300))}
    new = made_in_order([f"auto-202612{day:02}.bjbak" for day in range(1, 8)])
    gone = set(thinned_out(old | new))
    assert set(new).isdisjoint(gone)
    assert sorted(set(old) - gone, reverse=True) == [
        f"auto-{day}.bjbak" for day in ("20261125", "20261031", "20260930", "20260831", "20260731")
    ]


def test_backups_that_tell_no_order_go_first():
    silent = {name: Place(None, 0) for name in days_before(date(2030, 1, 7), 3)}
    told = {name: Place(5, 0) for name in days_before(TODAY, 7)}
    assert set(thinned_out(silent | told)) == set(list(silent)[1:])  # the newest of its month stays


@pytest.mark.parametrize("year", [2001, 2036])
def test_the_dates_in_names_count_for_nothing(year):
    """A week at which the clock stood elsewhere; then it is right again: those made first go first."""
    before = days_before(TODAY, 10)[::-1]
    astray = days_before(date(year, 5, 7), 7)[::-1]
    after = [f"auto-202612{day:02}.bjbak" for day in range(1, 4)]
    gone = thinned_out(made_in_order([*before, *astray, *after]))
    assert set(gone) == {*before, *astray[:3]}


def test_a_clock_behind_thins_nothing(sample, monkeypatch):
    folder = sample.folder / "backups"
    for name in days_before(TODAY, 12):
        shutil.copy(__file__, folder / name)
    made = backups.back_up_daily(sample, date(2001, 1, 1))
    assert len(kept(sample)) == 13
    assert made.exists()


def test_a_clock_that_leapt_ahead_thins_nothing_that_day(sample):
    folder = sample.folder / "backups"
    for name in days_before(TODAY, 7):
        shutil.copy(__file__, folder / name)
    assert backups.back_up_daily(sample, TODAY + timedelta(days=120)).exists()
    assert len(kept(sample)) == 8
    assert backups.back_up_daily(sample, TODAY + timedelta(days=1)).exists()  # right again; the odd one stays
    left = kept(sample)
    assert left[-1] == "auto-20270325.bjbak"
    assert len(left) == 9


def test_a_clock_that_stays_strange_does_not_fill_the_disk(sample):
    folder = sample.folder / "backups"
    for name in named(date(2027, 3, 25) - timedelta(days=n) for n in range(40)):
        shutil.copy(__file__, folder / name)
    made = backups.back_up_daily(sample, TODAY)
    assert made.name in kept(sample)
    assert len(kept(sample)) == 8  # the last seven, and the newest of another month


def test_the_days_backup_takes_the_eighth_away(sample):
    for day in range(1, 10):
        backups.back_up_daily(sample, TODAY + timedelta(days=day))
    assert kept(sample) == [f"auto-202611{day}.bjbak" for day in range(28, 31)] + [
        f"auto-202612{day:02}.bjbak" for day in range(1, 5)
    ]


def test_what_killed_backups_left_is_taken_away(sample, tmp_path):
    stick = tmp_path / "stick"
    old, fresh, foreign = (stick / f".bangjiao-{name}" for name in ("old", "fresh", "foreign"))
    for one in (old, fresh, foreign):
        one.mkdir(parents=True)
        (one / "ledger.db").write_bytes(b"x")
    (foreign / "letter.txt").write_text("x", encoding="utf-8")
    for name in ("a.bjbak.new", "b.bjbak.new", "letter.new"):
        (stick / name).write_text("x", encoding="utf-8")
    long_ago = time.time() - 4000
    for one in (old, foreign, stick / "a.bjbak.new", stick / "letter.new"):
        os.utime(one, (long_ago, long_ago))
    made = backups.back_up(sample, stick)
    assert sorted(one.name for one in stick.iterdir()) == sorted(
        [".bangjiao-foreign", ".bangjiao-fresh", "b.bjbak.new", "letter.new", made.name]
    )


def test_the_order_of_a_backup_is_that_of_its_audit_trail(sample):
    first = backups.back_up(sample, sample.folder / "one.bjbak")
    second = backups.back_up(sample, sample.folder / "two.bjbak")
    assert backup_order(second) == backup_order(first) + 1 > 6000
    (sample.folder / "none.bjbak").write_bytes(b"x")
    assert backup_order(sample.folder / "none.bjbak") is None


def test_a_backup_elsewhere_dated_in_the_future_is_reminded_of(sample, tmp_path):
    (tmp_path / "stick").mkdir()
    backups.back_up(sample, tmp_path / "stick")
    assert "在今天之后" in backups.reminder(sample, date.today() - timedelta(days=30))


def test_thinning_leaves_what_people_made(sample):
    backups.back_up(sample)
    own = kept(sample)
    for n in range(10, 0, -1):
        backups.back_up_daily(sample, TODAY - timedelta(days=n))
    assert set(own) < set(kept(sample))
    assert len(kept(sample)) == len(own) + 7


def test_the_second_backup_within_a_second_has_a_name_of_its_own(sample, tmp_path, monkeypatch):
    moment = sample.now()
    monkeypatch.setattr(type(sample), "now", lambda _: moment)
    stick = tmp_path / "stick"
    stick.mkdir()
    for place in (None, stick):
        first, second, third = (backups.back_up(sample, place) for _ in range(3))
        assert [second.name, third.name] == [f"{first.stem} ({number}){BACKUP_SUFFIX}" for number in (2, 3)]
        assert sorted(one.name for one in first.parent.iterdir()) == sorted(one.name for one in (first, second, third))
    orders = [backup_order(one) for one in (first, second, third)]
    assert orders == sorted(set(orders))
    own = [one.name for one in backup_trials.safety(sample).kept]
    assert own == [third.name, second.name, first.name]
    assert set(rekeying.plan(sample).backups) == set(own)
    backups.back_up_daily(sample, TODAY)
    backups.thin_out(sample.folder / "backups")
    assert set(own) < set(kept(sample))
    backups.restore(second, tmp_path / "back", None, PASSWORD)
    entrance.unlock(tmp_path / "back", None, PASSWORD).close()


def test_a_backup_takes_no_name_under_which_another_is_being_written(sample, monkeypatch):
    moment = sample.now()
    monkeypatch.setattr(type(sample), "now", lambda _: moment)
    folder = sample.folder / "backups"
    with name_of_its_own(folder, f"bangjiao-{moment:%Y%m%d-%H%M%S}") as begun:
        other = backups.back_up(sample)
        assert other.stem == f"{begun.stem} (2)"
        assert unfinished(begun).exists()
    assert [one.name for one in folder.iterdir()] == [other.name]


def test_a_backup_that_fails_leaves_no_name_taken(sample, tmp_path, monkeypatch):
    def full(*_):
        raise StorageError("磁盘空间不足。")

    monkeypatch.setattr(backups, "write_backup", full)
    with pytest.raises(StorageError):
        backups.back_up(sample, tmp_path)
    assert not list(tmp_path.glob("bangjiao-*"))


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
    reader = entrance.unlock(sample.folder, "小李", "一个好口令-2026")
    with pytest.raises(NotPermittedError):
        backups.back_up_daily(reader, TODAY)
    reader.close()

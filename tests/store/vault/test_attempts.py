"""Wrong passwords are counted for each user apart, before they are tried, and no wrong clock locks anybody out."""

import json
import multiprocessing
import os
import threading
import time

import pytest

from bangjiao_desktop.domain.errors import VaultBusyError, WrongPasswordError
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.store.vault import attempts, door, keyring, keys
from bangjiao_desktop.store.vault.attempts import Attempts
from bangjiao_desktop.store.vault.file_lock import lock_file
from tests.conftest import PASSWORD, USER

WRONG = "falsch-falsch"
OTHER = "renyuan-2026"


@pytest.fixture
def now(monkeypatch):
    """The clock, in a list, so that a test can set it."""
    clock = [1_800_000_000.0]
    monkeypatch.setattr(attempts.time, "time", lambda: clock[0])
    return clock


@pytest.fixture
def cheap(monkeypatch):
    """Key stretching that takes no time, so that what is counted is seen and not the machine."""
    monkeypatch.setattr(keys, "_MEMORY_KIB", 8192)
    monkeypatch.setattr(keys, "_PASSES", 1)


@pytest.fixture
def made(cheap, tmp_path):
    """A vault with two users and its recovery key."""
    session, recovery = entrance.create(tmp_path / "vault", "某局", ["某所"], USER, PASSWORD)
    accounts.add(session, "小王", Role.WORKER, OTHER)
    session.close()
    return tmp_path / "vault", recovery


def fail(folder, user=USER, times=1, now=None):
    waits = []
    for _ in range(times):
        with pytest.raises(WrongPasswordError) as caught:
            door.unlock(folder, user, WRONG)
        waits.append(caught.value.wait_seconds)
        if now is not None:
            now[0] += caught.value.wait_seconds
    return waits


def test_the_delay_grows(made, now):
    assert fail(made[0], times=5, now=now) == [0, 1, 2, 4, 8]
    assert fail(made[0], times=1) == [16]
    with pytest.raises(WrongPasswordError, match=r"1[67] 秒后再试"):  # even the right one has to wait now
        door.unlock(made[0], USER, PASSWORD)
    now[0] += 16
    assert door.unlock(made[0], USER, PASSWORD)[0] == USER
    assert door.unlock_wait(made[0]) == 0


@pytest.mark.parametrize("times", [2, 10])
def test_guesses_made_in_a_future_that_did_not_come_lock_nobody_out(made, now, times):
    """cases.md 53: two (or ten) wrong passwords in March 2027, then the clock is put right."""
    folder, recovery = made
    right = now[0]
    now[0] += 120 * 86400
    fail(folder, times=times, now=now)
    now[0] = right
    assert entrance.unlock(folder, None, recovery).role is Role.CHIEF  # at once: it was not guessed at
    with pytest.raises(WrongPasswordError, match="时钟看来不对") as caught:
        door.unlock(folder, USER, PASSWORD)
    assert 0 < caught.value.wait_seconds <= 1800
    now[0] += caught.value.wait_seconds
    assert door.unlock(folder, USER, PASSWORD)[0] == USER


def test_the_waiting_time_shown_falls_too(made, now):
    right = now[0]
    now[0] += 120 * 86400
    fail(made[0], times=3, now=now)
    now[0] = right
    first = door.unlock_wait(made[0])
    now[0] += 1
    assert first - door.unlock_wait(made[0]) == pytest.approx(1)
    now[0] += first
    assert door.unlock_wait(made[0]) == 0


def test_each_user_has_a_counter_and_the_recovery_key_its_own(made, now):
    folder, recovery = made
    fail(folder, USER, 4, now)
    fail(folder, USER)
    door.unlock(folder, "小王", OTHER)  # neither kept waiting nor wiping the other's
    with pytest.raises(WrongPasswordError, match="秒后再试"):
        door.unlock(folder, USER, PASSWORD)
    fail(folder, "谁", 3)  # a name that is no user's
    door.unlock(folder, "小王", OTHER)
    assert door.unlock(folder, USER, recovery)[0] == USER  # opens while passwords wait
    with pytest.raises(WrongPasswordError, match="秒后再试"):
        door.unlock(folder, USER, PASSWORD)  # which goes on


def test_a_name_that_is_no_users_is_not_kept(made):
    fail(made[0], "我的口令是什么")
    assert "我的口令" not in (made[0] / attempts.FILE).read_text(encoding="utf-8")


def test_wrong_recovery_keys_wait_and_right_ones_are_taken_back(made, now):
    folder, recovery = made
    wrong = "-".join(["ABCD"] * 8)
    for _ in range(10):
        with pytest.raises(WrongPasswordError):
            door.unlock(folder, USER, wrong)
        now[0] += 301
    with pytest.raises(WrongPasswordError, match="分钟"):
        door.unlock(folder, USER, recovery)
    now[0] += 1800
    door.unlock(folder, USER, recovery)
    kept = json.loads((folder / attempts.FILE).read_text(encoding="utf-8"))["slots"]
    assert (kept[attempts.RECOVERY]["failures"], kept[attempts.RECOVERY]["untold"]) == (0, 10)


def test_wrong_recovery_keys_lock_no_users_password(made, now):
    folder, _ = made
    for _ in range(12):
        with pytest.raises(WrongPasswordError):
            door.unlock(folder, USER, "-".join(["ABCD"] * 8))
        now[0] += 301
    assert door.unlock_wait(folder, USER) == 0
    with pytest.raises(WrongPasswordError, match="恢复密钥连续输错"):
        door.unlock(folder, USER, "-".join(["ABCD"] * 8))
    assert door.unlock(folder, USER, PASSWORD)[0] == USER


def test_a_password_that_has_the_form_of_a_recovery_key_opens(made):
    folder, _ = made
    key_file = keys.read_key_file(folder)
    secret = "zhe 4 shi 1 ge hen chang de men-ma kk wxyz5"
    assert keys.looks_like_recovery_key(secret)
    ring = door.unlock(folder, USER, PASSWORD)[1]
    given = keyring.with_account(key_file, "password", "小王", secret, keyring.new_pair(), ring, sealed=False)
    keys.write_key_file(folder, given)
    assert door.unlock(folder, "小王", secret)[0] == "小王"


def test_a_guess_is_counted_before_it_is_tried(made, monkeypatch):
    seen = []
    real = keys.unwrap

    def killed(*words):
        seen.append(
            json.loads((made[0] / attempts.FILE).read_text(encoding="utf-8"))["slots"][f"user:{USER}"]["failures"]
        )
        raise KeyboardInterrupt

    monkeypatch.setattr(keys, "unwrap", killed)
    with pytest.raises(KeyboardInterrupt):
        door.unlock(made[0], USER, PASSWORD)
    assert seen == [1]
    monkeypatch.setattr(keys, "unwrap", real)
    with Attempts(made[0]).turn() as turn:
        turn.count([])
    assert Attempts(made[0]).untold()[0].count == 1
    door.unlock(made[0], USER, PASSWORD)


def _guess_once(folder, answers):
    try:
        with Attempts(folder).turn() as turn:
            turn.count(["user:甲"])
        answers.put("counted")
    except Exception as error:
        answers.put(repr(error))


def test_forty_eight_at_once_are_forty_eight(tmp_path):
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    guesses = [threading.Thread(target=_guess_once, args=(tmp_path, answers)) for _ in range(40)]
    others = [context.Process(target=_guess_once, args=(tmp_path, answers)) for _ in range(8)]
    for one in (*guesses, *others):
        one.start()
    assert [answers.get(timeout=120) for _ in range(48)] == ["counted"] * 48
    for one in (*guesses, *others):
        one.join()
    [failures] = Attempts(tmp_path).untold()
    assert failures.count == 48


def test_right_passwords_at_once_all_open(made):
    opened = []
    threads = [threading.Thread(target=lambda: opened.append(door.unlock(made[0], USER, PASSWORD))) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(opened) == 6


def test_somebody_who_keeps_the_turn_is_not_waited_for_without_end(tmp_path):
    with Attempts(tmp_path).turn(), pytest.raises(VaultBusyError, match="正在被另一个"), Attempts(tmp_path).turn(0.1):
        pass
    started = time.monotonic()
    with Attempts(tmp_path).turn():
        Attempts(tmp_path).wait_seconds("user:甲")  # what the window asks four times a second never waits
    assert time.monotonic() - started < 5


def test_a_folder_that_cannot_be_written_keeps_the_count_with_the_user(made, now):
    (made[0] / attempts.FILE).mkdir()  # stands for a read-only folder, which root may write to
    fail(made[0], times=4, now=now)
    fail(made[0])
    with pytest.raises(WrongPasswordError, match="秒后再试"):
        door.unlock(made[0], USER, PASSWORD)
    assert list((made[0] / attempts.FILE).iterdir()) == []


def test_with_nowhere_to_write_this_run_remembers(made, now, tmp_path, monkeypatch):
    (made[0] / attempts.FILE).mkdir()
    monkeypatch.setattr(attempts.platformdirs, "user_state_dir", lambda *words, **more: str(tmp_path / "file"))
    (tmp_path / "file").write_text("x", encoding="utf-8")
    fail(made[0], times=4, now=now)
    fail(made[0])
    with pytest.raises(WrongPasswordError, match="秒后再试"):
        door.unlock(made[0], USER, PASSWORD)
    attempts._IN_MEMORY.clear()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe", b"[]", b"{}", b'{"slots": []}', b'{"slots": {"a": 3}}', b'{"failures": 3, "last": 1}',
        b'{"slots": {"user:\xe6\x89\x80\xe9\x95\xbf": {"failures": NaN, "last": 1e999}}}', b"[" * 100_000,
        b'{"slots": {"user:\xe6\x89\x80\xe9\x95\xbf": {"failures": -5, "last": -1, "untold": 1e308}}}',
    ],
)  # fmt: skip
def test_a_broken_file_counts_from_nothing(made, content):
    (made[0] / attempts.FILE).write_bytes(content)
    assert door.unlock_wait(made[0]) == 0
    assert door.unlock(made[0], USER, PASSWORD)[0] == USER


def test_nothing_stays_after_the_right_password_was_told(made):
    fail(made[0])
    entrance.unlock(made[0], None, PASSWORD).close()
    assert not (made[0] / attempts.FILE).exists()


def test_what_another_window_told_already_is_told_once(made):
    fail(made[0])
    told = Attempts(made[0]).untold()
    (made[0] / attempts.FILE).unlink()  # the other window told it, and opened with the right password
    Attempts(made[0]).told(told)
    assert Attempts(made[0]).untold() == ()
    assert not (made[0] / attempts.FILE).exists()


def test_a_moment_no_calendar_has_is_told_without_one(made):
    counted = {"failures": 1, "last": 1.0, "untold": 2, "first_untold": 1e300, "last_untold": -1e300}
    (made[0] / attempts.FILE).write_text(json.dumps({"slots": {f"user:{USER}": counted}}), encoding="utf-8")
    [failures] = Attempts(made[0]).untold()
    assert (failures.count, failures.first.year, failures.last.year) == (2, 1970, 1970)
    entrance.unlock(made[0], None, PASSWORD).close()


def test_whoever_comes_between_is_not_waited_for_without_end(tmp_path, monkeypatch):
    """The holder before takes the empty file away; a third one makes it anew and keeps it."""
    third = []

    def overtaken(path, descriptor):
        path.unlink()
        third.append(os.open(path, os.O_RDWR | os.O_CREAT))
        assert lock_file(third[0], 0.0)
        return False

    monkeypatch.setattr(attempts, "_same", overtaken)
    with pytest.raises(VaultBusyError, match="正在被另一个"), Attempts(tmp_path).turn(0.1):
        pass
    os.close(third[0])
    monkeypatch.undo()
    with Attempts(tmp_path).turn(0.1) as turn:
        assert turn.wait("user:甲") == 0.0


def test_where_an_open_file_cannot_be_taken_away_it_stays_empty(made, monkeypatch):
    """As on Windows."""
    monkeypatch.setattr(attempts, "_POSIX", False)
    fail(made[0])
    entrance.unlock(made[0], None, PASSWORD).close()
    assert (made[0] / attempts.FILE).read_bytes() == b""
    fail(made[0], times=2)
    assert Attempts(made[0]).wait_seconds(f"user:{USER}") > 0

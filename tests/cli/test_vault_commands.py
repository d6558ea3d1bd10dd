"""The door of a vault from the command line: one clear line for each fault, nothing changed, nothing left behind."""

import json
import os
import subprocess
import sys

import pytest

from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance, process_guard
from bangjiao_desktop.store.vault import attempts
from tests.conftest import PASSWORD, USER

OTHER = "renyuan-2026"


@pytest.fixture
def folder(empty):
    empty.close()
    return empty.folder


def contents(folder):
    return {one.name: one.read_bytes() for one in sorted(folder.iterdir()) if one.is_file()}


def refused(done, *words):
    code, out, err = done
    assert (code, out) == (1, "")
    assert err.startswith("bangjiao: ")
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    for word in words:
        assert word in err, err


def test_an_empty_database_is_named_and_stays_empty(bangjiao, folder):
    (folder / "ledger.db").write_bytes(b"")
    for words in (("people", folder), ("verify", folder), ("people", folder)):
        refused(bangjiao(*words), "ledger.db 是空的（0 字节）", "backups")
    assert (folder / "ledger.db").stat().st_size == 0
    assert not (folder / "ledger.db-wal").exists()


def test_garbage_a_foreign_key_file_and_absurd_parameters(bangjiao, folder, tmp_path):
    whole = contents(folder)
    (folder / "ledger.db").write_bytes(os.urandom(40960))
    refused(bangjiao("people", folder), "不是同一个台账")
    (folder / "ledger.db").write_bytes(whole["ledger.db"])
    data = json.loads(whole["keys.json"])
    data["slots"][0]["memory_kib"] = 64 << 20
    (folder / "keys.json").write_text(json.dumps(data), encoding="utf-8")
    refused(bangjiao("people", folder), "keys.json", "内存")
    (folder / "keys.json").write_bytes(b"[" * 100_000)
    refused(bangjiao("people", folder), "keys.json", "嵌套")
    (folder / "keys.json").write_bytes(whole["keys.json"])
    assert contents(folder) == whole
    assert bangjiao("people", folder)[0] == 0


def test_a_password_with_a_broken_byte(bangjiao, folder):
    refused(bangjiao("people", folder, password="yanshi-2026\udcff"), "不完整的字符")
    refused(
        bangjiao("init", folder.with_name("new"), "--bureau", "局", "--office", "所", password="yanshi\udcff-2026"),
        "不完整",
    )
    assert not folder.with_name("new").exists()


@pytest.mark.parametrize("password", ["12345678", "88888888", "abcdefgh", "woaini1314", "short"])
def test_weak_passwords_make_no_ledger(bangjiao, tmp_path, password):
    refused(bangjiao("init", tmp_path / "v", "--bureau", "局", "--office", "所", password=password), "口令")
    refused(bangjiao("demo", tmp_path / "v", "--people", "3", password=password), "口令")
    assert not (tmp_path / "v").exists()


def test_restore_proves_with_the_password(bangjiao, folder, tmp_path):
    file = tmp_path / "b.bjbak"
    assert bangjiao("backup", folder, file)[0] == 0
    refused(bangjiao("restore", file, tmp_path / "new", password="falsch-falsch"), "备份那时的口令")
    assert not (tmp_path / "new").exists()
    code, out, err = bangjiao("restore", file, tmp_path / "new")
    assert (code, err) == (0, "")
    assert "已恢复" in out
    assert "打开验过" in out
    code, out, err = bangjiao("restore", file, tmp_path / "unproven", password=None)
    assert (code, err) == (0, "")
    assert "已恢复" not in out
    assert "还没有验过" in out
    assert bangjiao("verify", tmp_path / "unproven")[0] == 0


def test_guesses_of_2027_do_not_lock_out(bangjiao, folder):
    """cases.md 53, with the last tries written as the clock of then would have."""
    ahead = {"failures": 10, "last": 4e9, "untold": 10, "first_untold": 4e9, "last_untold": 4e9}
    (folder / attempts.FILE).write_text(json.dumps({"slots": {f"user:{USER}": ahead}}), encoding="utf-8")
    refused(bangjiao("people", folder), "分钟后再试", "时钟")
    kept = json.loads((folder / attempts.FILE).read_text(encoding="utf-8"))["slots"][f"user:{USER}"]
    assert kept["last"] < 3e9
    kept["last"] -= 1801  # half an hour later
    (folder / attempts.FILE).write_text(json.dumps({"slots": {f"user:{USER}": kept}}), encoding="utf-8")
    assert bangjiao("people", folder)[0] == 0


def test_the_recovery_key_opens_while_passwords_wait(bangjiao, tmp_path):
    vault = tmp_path / "v"
    words = ("init", vault, "--bureau", "局", "--office", "所", "--recovery-key", tmp_path / "key.txt")
    assert bangjiao(*words)[0] == 0
    assert (tmp_path / "key.txt").stat().st_mode & 0o077 == 0
    recovery = (tmp_path / "key.txt").read_text(encoding="utf-8").strip()
    (vault / attempts.FILE).write_text(
        json.dumps({"slots": {f"user:{USER}": {"failures": 12, "last": __import__("time").time()}}}), encoding="utf-8"
    )
    refused(bangjiao("people", vault), "分钟后再试")
    assert bangjiao("people", vault, password=recovery)[0] == 0


def test_a_clock_before_the_programs_release_is_said_beside_the_work(bangjiao, folder, tmp_path):
    """The release date stands in the future for a program that was copied: the clock seems behind."""
    code = (
        "import sys; from datetime import date; from bangjiao_desktop.domain import clock; "
        "clock._released = lambda: date(2099, 1, 1); "
        "from bangjiao_desktop.cli.main import run; raise SystemExit(run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "backup", str(folder), str(tmp_path / "b.bjbak")],
        capture_output=True, encoding="utf-8", env={**os.environ, "BANGJIAO_PASSWORD": PASSWORD}, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert (tmp_path / "b.bjbak").exists()
    assert done.stderr.count("\n") == 1
    assert "时钟" in done.stderr
    assert "2099-01-01" in done.stderr


def test_a_removed_user_is_told_so(bangjiao, empty, folder):
    session = entrance.unlock(folder, None, PASSWORD)
    accounts.add(session, "小王", Role.WORKER, OTHER)
    kept = (folder / "keys.json").read_bytes()
    accounts.remove(session, next(one for one in accounts.users(session) if one.name == "小王"))
    session.close()
    (folder / "keys.json").write_bytes(kept)  # the key file of before, put back
    refused(bangjiao("people", folder, "--user", "小王", password=OTHER), "已被停用")


PROBE = """
import os, resource, sys
from bangjiao_desktop.cli.terminal import password
from bangjiao_desktop.services.base.process_guard import protect_process
protect_process()
given = password()
import ctypes
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
print(given, os.environ.get("BANGJIAO_PASSWORD"), given.encode() in open("/proc/self/environ", "rb").read())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="as Linux has it")
def test_no_memory_image_and_no_password_in_the_environment():
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, encoding="utf-8", check=True,
        env={**os.environ, "BANGJIAO_PASSWORD": "dengxia-shu-7"},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["(0, 0) 0", "dengxia-shu-7 None False"]


def test_the_password_is_given_once(monkeypatch):
    monkeypatch.setenv("BANGJIAO_PASSWORD", "dengxia-shu-7")
    assert process_guard.password_of_environment() == "dengxia-shu-7"
    assert process_guard.password_of_environment() is None

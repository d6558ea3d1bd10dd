"""`bangjiao rekey` and `bangjiao password` as a script runs them."""

import os

import pytest

from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.store.vault import keys
from tests.conftest import PASSWORD
from tests.store.vault.test_keyring import of_format_1

OTHER, NEW = "renyuan-2026", "keke-xi-9ab"


@pytest.fixture
def folder(empty):
    accounts.add(empty, "小王", Role.WORKER, OTHER)
    empty.close()
    return empty.folder


def test_rekey_says_what_is_new_and_which_backups_are_old(bangjiao, folder):
    assert bangjiao("backup", folder)[0] == 0
    [backup] = (folder / "backups").glob("*.bjbak")
    code, out, err = bangjiao("rekey", folder)
    assert (code, err) == (0, "")
    assert "台账密钥已更换，各用户的口令不变" in out
    assert backup.name in out
    assert keys.read_key_file(folder).generation == 2
    code, out, _ = bangjiao("rekey", folder, "--delete-backups")
    assert code == 0
    assert "已删除台账文件夹里以前的 1 个备份" in out
    assert not backup.exists()
    assert bangjiao("verify", folder)[0] == 0


def test_rekey_is_done_in_part_where_somebody_gets_no_key(bangjiao, folder, tmp_path):
    found = keys.read_key_file(folder)
    of_format_1(folder, ("所长", PASSWORD), ("小王", OTHER))
    older = keys.read_key_file(folder)
    keys.write_key_file(folder, found.with_slot(older.slot("password", "小王")).without(keys.RECOVERY, ""))
    paper = tmp_path / "key.txt"
    code, out, err = bangjiao("rekey", folder, "--recovery-key", paper)
    assert code == 2
    assert "要由所长重设口令的用户：小王" in err
    assert "原来打印的恢复密钥已作废" in out
    entrance.unlock(folder, None, paper.read_text(encoding="utf-8").strip()).close()


def test_rekey_by_who_may_not_changes_nothing(bangjiao, folder):
    session = entrance.unlock(folder, "小王", OTHER)
    accounts.change_own_password(session, OTHER, NEW)
    session.close()
    before = (folder / "keys.json").read_bytes()
    code, out, err = bangjiao("rekey", folder, "--user", "小王", password=NEW)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "不能更换恢复密钥" in err
    assert (folder / "keys.json").read_bytes() == before


def test_a_first_password_is_changed_before_anything_else(bangjiao, folder, monkeypatch):
    code, out, err = bangjiao("people", folder, "--user", "小王", password=OTHER)
    assert (code, out) == (1, "")
    assert "您的口令是别人设的" in err
    assert "bangjiao password" in err
    monkeypatch.setitem(os.environ, "BANGJIAO_NEW_PASSWORD", "12345678")
    code, _, err = bangjiao("password", folder, "--user", "小王", password=OTHER)
    assert code == 1
    assert "口令" in err
    monkeypatch.setitem(os.environ, "BANGJIAO_NEW_PASSWORD", NEW)
    assert bangjiao("password", folder, "--user", "小王", password=OTHER)[:2] == (0, "用户“小王”的口令已更换。\n")
    monkeypatch.delitem(os.environ, "BANGJIAO_NEW_PASSWORD")
    assert bangjiao("people", folder, "--user", "小王", password=NEW)[0] == 0
    assert bangjiao("people", folder, "--user", "小王", password=OTHER)[0] == 1

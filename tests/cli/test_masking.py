"""What each command says to each role: no whole number to who may not see one, and nothing that a terminal obeys."""

import ast
import io
import json
import re
import shutil
from pathlib import Path

import pytest

from bangjiao_desktop import cli
from bangjiao_desktop.cli import commands, terminal
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import audit_log
from tests import ledgers
from tests.conftest import DATA, PASSWORD
from tests.services.test_permissions import OTHER, as_role

WHOLE = re.compile(r"(?<![\d*])(?:\d{17}[\dX]|1\d{10})(?!\d)")
# The key of a row is no number of anybody, though its last digits may look like a telephone.
KEY = re.compile(r"(?<![\da-f])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\da-f])")
ESCAPED = "王\x1b[31m红\u202e倒\x9b"


@pytest.fixture(scope="module")
def vault(sample_template, tmp_path_factory):
    """The sample ledger with a user of every role, and one person whose texts hold a terminal's commands."""
    folder = tmp_path_factory.mktemp("masking") / "vault"
    shutil.copytree(sample_template[0], folder)
    chief = entrance.unlock(folder, None, PASSWORD)
    for role in Role:
        if role is not Role.CHIEF:
            as_role(chief, role).close()
            ledgers.settled(chief, f"用户{role.value}")
    [first] = people.page(chief, LedgerFilter(), limit=1).rows
    with chief.ledger.write() as connection:
        from sqlalchemy import text

        connection.execute(
            text("UPDATE person SET name = :name, remarks = :remarks WHERE id = :id"),
            {"name": ESCAPED, "remarks": "另有电话13911112222\x1b]0;题\x07", "id": first.id.bytes},
        )
    chief.close()
    return folder, first.identity_number


def word_lists(name, vault, number, out):
    """Every way of saying a sub-command that gives words; a sub-command without an entry fails the test."""
    known = {
        "init": [["init", out / "neu", "--bureau", "局", "--office", "所"]],
        "demo": [["demo", out / "demo", "--people", "5"]],
        "import": [["import", vault, DATA / "ledger.xlsx", "--dry-run"],
                   ["import", vault, DATA / "ledger.xlsx", "--dry-run", "--json"]],
        "export": [["export", vault, out / "aus.xlsx"]],
        "people": [["people", vault, "--limit", "500"], ["people", vault, "--json", "--limit", "500"]],
        "duties": [["duties", vault], ["duties", vault, "--json"]],
        "stats": [["stats", vault, "2026Q3"], ["stats", vault, "2026Q3", "--json"]],
        "explain": [["explain", vault, "2026Q3", key, *more]
                    for key in ("reg.end", "aid.visits", "aid.rate", "mediation.accepted", "relief.persons")
                    for more in ((), ("--json",))],
        "cards": [["cards", vault, out / "k.pdf", "--all"]],
        "brochure": [["brochure", vault, out / "b.pdf"]],
        "dossier": [["dossier", vault, number, out / "d.pdf"], ["dossier", vault, "330411199001010000", out / "d.pdf"]],
        "roster": [["roster", vault, out / "r.pdf"]],
        "backup": [["backup", vault, out / "s.bjbak"]],
        "restore": [["restore", out / "s.bjbak", out / "wieder"]],
        "verify": [["verify", vault]],
        "complete": [["complete", out / "s.bjbak", out / "ganz.bjbak"]],
        "rekey": [["rekey", vault]],
        "password": [["password", vault]],
    }  # fmt: skip
    assert name in known, f"give the sub-command “{name}” its words here"
    return known[name]


@pytest.fixture(scope="module")
def said(vault, tmp_path_factory):
    """(sub-command, role) → what was said; each command runs in this process, as `test_command` runs them outside."""
    import contextlib
    import os

    from bangjiao_desktop.cli.main import run

    found = {}
    folder, number = vault
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    for role in Role:
        out = tmp_path_factory.mktemp(role.value)
        user, password = ("所长", PASSWORD) if role is Role.CHIEF else (f"用户{role.value}", OTHER)
        for name in commands.COMMANDS:
            for words in word_lists(name, folder, number, out):
                os.environ["BANGJIAO_PASSWORD"] = password
                told, faults = io.StringIO(), io.StringIO()
                with contextlib.redirect_stdout(told), contextlib.redirect_stderr(faults):
                    run([*map(str, words), *(["--user", user] if name not in ("init", "demo", "restore") else [])])
                found.setdefault((name, role), []).append((words, told.getvalue(), faults.getvalue()))
    os.environ.pop("BANGJIAO_PASSWORD", None)
    return found


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", sorted(commands.COMMANDS))
def test_no_command_tells_a_role_more_numbers_than_it_may_see(name, role, said):
    for words, told, faults in said[name, role]:
        assert "程序出错" not in faults
        whole = WHOLE.findall(KEY.sub("", told)) + WHOLE.findall(KEY.sub("", faults))
        if not may(role, Permission.SHOW_NUMBERS) or (name != "import" and "--json" not in words):
            assert whole == [], (name, role)


def test_a_chief_gets_whole_numbers_in_json_and_it_is_audited(vault, said):
    for name in ("people", "duties", "explain"):
        assert any(WHOLE.search(told) for _, told, _ in said[name, Role.CHIEF])
        assert any(WHOLE.search(told) for _, told, _ in said[name, Role.WORKER])
        assert any(json.loads(told) for words, told, _ in said[name, Role.READER] if "--json" in words)
    chief = entrance.unlock(vault[0], None, PASSWORD)
    entries = audit_log.page(chief, audit_log.AuditFilter(action="show"), limit=1000)
    chief.close()
    whole_numbers = "、".join(audit_log.field_label("person", one) for one in ("identity_number", "telephone"))
    for subject in ("人员名单", "到期提醒", "统计明细"):
        asked = [one for one in entries if one.subject.startswith(subject)]
        whole = {one.account for one in asked if f"内容：{whole_numbers}" in one.details}
        assert whole == {"所长", "用户worker"}
        assert "用户reader" in {one.account for one in asked}


@pytest.mark.parametrize("role", [Role.CHIEF, Role.READER])
def test_nothing_a_terminal_obeys_reaches_it(role, said):
    marked = 0
    for asked in said.values():
        for _, told, faults in asked:
            assert not set(told + faults) & set("\x1b\x9b\x07\u202e")
    for words, told, _ in said["people", role]:
        marked += "<U+001B>" in told or "\\u001b" in told
        if "--json" in words and role is Role.CHIEF:
            assert ESCAPED in {one["name"] for one in json.loads(told)["people"]}
    assert marked == 2


def test_cells_cannot_end_a_line(capsys):
    terminal.say_cells("甲\n乙", "丙\t丁")
    assert capsys.readouterr().out == "甲<U+000A>乙\t丙<U+0009>丁\n"
    terminal.complain("错\x1b")
    assert capsys.readouterr().err == "错<U+001B>\n"
    terminal.print_json({"名": "𬭊\u2066\U000e0041"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"名": "𬭊\u2066\U000e0041"}
    assert "𬭊" in out
    assert "\u2066" not in out


def test_commands_print_through_the_terminal_alone():
    for file in Path(cli.__path__[0]).glob("*.py"):
        used = {
            node.func.id
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "print" not in used or file.stem == "terminal", file.name

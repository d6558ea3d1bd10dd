import json
import os
import re
import resource
import shutil
import subprocess
import sys

import pytest
import python_calamine

from bangjiao_desktop.domain.errors import VaultBusyError
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from tests.conftest import DATA, PASSWORD


@pytest.fixture
def folder(sample):
    sample.close()
    return sample.folder


def test_from_init_to_figures_and_paper(bangjiao, tmp_path, expected):
    vault = tmp_path / "台账"
    code, out, err = bangjiao(
        "init", vault, "--bureau", "某局", "--office", "甲司法所", "--recovery-key", tmp_path / "key.txt"
    )
    assert (code, err) == (0, "")
    assert len((tmp_path / "key.txt").read_text(encoding="utf-8").strip()) == 39
    assert (tmp_path / "key.txt").stat().st_mode & 0o077 == 0
    code, out, err = bangjiao("import", vault, DATA / "ledger.xlsx", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["accepted"] == expected["rows"]
    code, out, _ = bangjiao(
        "stats", vault, "2026Q3", "--json", "--pdf", tmp_path / "f.pdf", "--xlsx", tmp_path / "f.xlsx"
    )
    told = json.loads(out)
    assert code == 0
    assert (told["period"], told["from"], told["to"]) == ("2026Q3", "2026-07-01", "2026-09-30")
    wanted = expected["figures"]["2026Q3"]
    assert {name: told["figures"][name] for name in wanted} == wanted
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")
    code, out, _ = bangjiao("explain", vault, "2026Q3", "aid.done", "--json")
    assert (code, len(json.loads(out)["rows"])) == (0, wanted["aid.done"])
    code, out, _ = bangjiao("stats", vault, "2026Q3", "--office", "新城司法所", "--json")
    assert 0 < json.loads(out)["figures"]["reg.end"] < wanted["reg.end"]
    code, out, _ = bangjiao("export", vault, tmp_path / "out.xlsx")
    assert code == 0
    assert len(python_calamine.CalamineWorkbook.from_path(str(tmp_path / "out.xlsx")).sheet_names) == 10


def test_messy_list_is_taken_in_part(bangjiao, tmp_path):
    vault = tmp_path / "v"
    bangjiao("init", vault, "--bureau", "局", "--office", "甲司法所", "--office", "乙司法所")
    words = (
        "import",
        vault,
        DATA / "ledger-messy.xlsx",
        "--office",
        "乙司法所",
        "--rejects",
        tmp_path / "r.xlsx",
        "--json",
    )
    code, out, _ = bangjiao(*words)
    told = json.loads(out)
    assert code == 2
    assert told["accepted"] == {"人员": 104}
    expected = json.loads((DATA / "ledger-messy.expected.json").read_text(encoding="utf-8"))
    assert [(one["row"], one["column"]) for one in told["rejected"]] == [
        (x["row"], x["column"]) for x in expected["bad"]
    ]
    assert [(one["row"], one["column"]) for one in told["remarks"]] == [
        (x["row"], x["column"]) for x in expected["remarks"]
    ]
    assert told["unused_columns"] == []
    assert all(one["sheet"] == "刑释人员名单" and one["reason"] for one in told["rejected"])
    assert (tmp_path / "r.xlsx").exists()
    code, out, _ = bangjiao("people", vault, "--json", "--limit", 3)
    assert {person["office_name"] for person in json.loads(out)["people"]} == {"乙司法所"}


def test_people_are_found_and_masked_on_screen(bangjiao, folder):
    code, out, _ = bangjiao("people", folder, "--search", "sxz")
    assert code == 0
    assert "沈秀志" in out
    assert "411627********6552" in out
    assert "411627196912126552" not in out
    code, out, _ = bangjiao("people", folder, "--search", "411627196912126552", "--json")
    [person] = json.loads(out)["people"]
    assert (person["name"], person["identity_number"]) == ("沈秀志", "411627196912126552")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("stats", "{v}", "2026Q9"), "统计期"), (("explain", "{v}", "2026Q3", "no.such"), "no.such"),
        (("stats", "{v}", "2026Q3", "--office", "没有"), "没有名为"), (("import", "{v}", "none.xlsx"), "找不到文件"),
        (("cards", "{v}", "x.pdf"), "--search"), (("cards", "{v}", "x.pdf", "--all", "--sheet", "a9"), "纸型"),
        (("cards", "{v}", "x.doc", "--all"), ".pdf"), (("people", "{v}", "--limit", "-1"), "应为 1 到 1000000 的整数"),
        (("people", "{v}", "--limit", "9" * 30), "应为 1 到 1000000 的整数"), (("people", "{v}", "--limit", "x"), "应为 1 到"), (("stats", "nowhere", "2026Q3"), "找不到台账文件夹"),
        (("demo", "{v}"), "已经存在"), (("demo", "new", "--people", "0"), "演示人数"), (("cards", "{v}", "x.pdf", "--search", "查无此人"), "没有符合条件"),
        (("export", "{v}", "/no/such/folder/x.xlsx"), "不存在"), (("stats", "{v}", "2026Q3", "--user", "别人"), "不正确"),
    ],
)  # fmt: skip
def test_nothing_done_is_one_clear_line(bangjiao, folder, tmp_path, words, says):
    code, out, err = bangjiao(*(word.format(v=folder) for word in words), cwd=tmp_path)
    assert code == 1
    assert out == ""
    assert says in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_wrong_password_and_no_password(bangjiao, folder):
    code, out, err = bangjiao("stats", folder, "2026Q3", password="wrong-password")
    assert (code, out) == (1, "")
    assert "口令不正确" in err
    code, _, err = bangjiao("stats", folder, "2026Q3", password=None)
    assert code == 1
    assert "BANGJIAO_PASSWORD" in err
    assert bangjiao("stats", folder, "2026Q3")[0] == 0


def test_a_damaged_ledger_gives_no_figures(bangjiao, folder):
    path = folder / "ledger.db"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    for words in (("stats", folder, "2026Q3"), ("people", folder), ("verify", folder)):
        code, out, err = bangjiao(*words)
        assert (code, out) == (1, "")
        assert "已损坏" in err
    assert path.read_bytes() == bytes(content)


def test_demo_backup_restore_and_verify(bangjiao, tmp_path):
    code, out, _ = bangjiao("demo", tmp_path / "v", "--people", 60, "--seed", 5)
    assert code == 0
    assert "恢复密钥" in out
    bangjiao("demo", tmp_path / "w", "--people", 60, "--seed", 5)
    figures = [json.loads(bangjiao("stats", tmp_path / name, "2025", "--json")[1])["figures"] for name in "vw"]
    assert figures[0] == figures[1]
    assert figures[0]["reg.end"] > 20
    code, out, err = bangjiao("cards", tmp_path / "v", tmp_path / "c.pdf", "--all")
    assert (code, err) == (0, "")
    assert "60 张" in out
    assert bangjiao("backup", tmp_path / "v", tmp_path / "b.bjbak")[0] == 0
    assert bangjiao("restore", tmp_path / "b.bjbak", tmp_path / "x")[0] == 0
    assert bangjiao("verify", tmp_path / "x")[0] == 0
    again = json.loads(bangjiao("stats", tmp_path / "x", "2025", "--json")[1])["figures"]
    assert again == figures[0]


def test_a_full_disk_during_import_leaves_the_ledger_as_it_was(bangjiao, tmp_path):
    """RLIMIT_FSIZE stands in for a disk with no room left."""
    import resource

    vault = tmp_path / "v"
    bangjiao("init", vault, "--bureau", "局", "--office", "甲司法所")

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    code, out, err = bangjiao("import", vault, DATA / "ledger.xlsx", preexec_fn=little_room)
    assert (code, out) == (1, "")
    assert "没有保存" in err
    code, out, _ = bangjiao("people", vault, "--json")
    assert json.loads(out)["total"] == 0
    assert bangjiao("verify", vault)[0] == 0


def test_a_read_only_folder_says_so(bangjiao, folder, tmp_path):
    """Root may write anywhere but where a file is marked immutable."""
    if os.geteuid() == 0:
        if not shutil.which("chattr"):
            pytest.skip("chattr is not installed")
        lock, free = (["chattr", mark, *map(str, (folder, *folder.glob("*.*")))] for mark in ("+i", "-i"))
        if subprocess.run(lock, capture_output=True, check=False).returncode:
            subprocess.run(free, capture_output=True, check=False)
            pytest.skip("this file system knows no immutable files")
    else:
        lock, free = (["chmod", "-R", mark, str(folder)] for mark in ("a-w", "u+w"))
        subprocess.run(lock, check=True)
    try:
        code, out, err = bangjiao("import", folder, DATA / "ledger-messy.xlsx")
    finally:
        subprocess.run(free, check=True)
    assert (code, out) == (1, "")
    assert "只读" in err
    code, out, _ = bangjiao("people", folder, "--json", "--limit", 1)
    assert json.loads(out)["total"] == 360


def test_no_personal_data_in_a_bug_report(bangjiao, folder, monkeypatch, tmp_path):
    from bangjiao_desktop.cli import main
    from bangjiao_desktop.services.people import people

    def broken(*_):
        raise RuntimeError("沈秀志 411627196912126552")

    monkeypatch.setattr(people, "count", broken)
    monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)
    assert main.run(["people", str(folder)]) == 1
    [log] = (tmp_path / "home").rglob("bangjiao.log")
    text = log.read_text(encoding="utf-8")
    assert "RuntimeError" in text
    assert "沈秀志" not in text
    assert "411627" not in text


def test_whole_numbers_handed_out_are_audited(bangjiao, sample):
    from sqlalchemy import text

    for words in (("people",), ("explain", "2026Q3", "reg.closed")):
        sample.ledger.close()
        assert bangjiao(words[0], sample.folder, *words[1:], "--json")[0] == 0
        with sample.ledger.read() as connection:
            last = connection.execute(
                text("SELECT action, subject FROM audit_entry ORDER BY sequence DESC LIMIT 1")
            ).one()
        assert last.action == "show"
        assert last.subject.startswith(words[0])


def test_unknown_words_are_named(bangjiao, folder):
    code, _, err = bangjiao("dutys", folder)
    assert code == 1
    assert "没有子命令“dutys”" in err
    code, _, err = bangjiao(folder, "mehr")
    assert code == 1
    assert "不认识“mehr”" in err


def test_help_names_every_command(bangjiao):
    code, out, _ = bangjiao("--help")
    assert code == 0
    for name in (
        "init",
        "demo",
        "import",
        "export",
        "people",
        "stats",
        "explain",
        "cards",
        "backup",
        "restore",
        "verify",
    ):
        assert name in out


def test_duties_as_the_contract_has_them(bangjiao, sample, tmp_path):
    folder = sample.folder
    sample.close()
    code, out, _ = bangjiao("duties", folder, "--on", "2026-09-30", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["on"] == "2026-09-30"
    for duty in told["duties"]:
        assert {"kind", "person", "office", "due", "rule", "source"} <= duty.keys()
        assert duty["kind"].isascii()
    discharges = [duty for duty in told["duties"] if duty["kind"] == "discharge"]
    people_due = json.loads(bangjiao("explain", folder, "2026Q3", "reg.end.overdue", "--json")[1])
    # 到期未解除: exactly those whose discharge is due on the last day of the quarter
    assert len(discharges) == people_due["value"]
    assert all(duty["due"] <= "2026-09-30" for duty in discharges)
    assert {duty["person"] for duty in discharges} == {row["identity_number"] for row in people_due["rows"]}
    code, out, _ = bangjiao("duties", folder, "--on", "2026-09-30", "--office", "王江泾司法所")
    assert code == 0
    assert "2026-09-30：已逾期" in out
    assert not re.search(r"\d{17}[\dX]", out)
    code, _, err = bangjiao("duties", folder, "--on", "2026-02-30")
    assert code == 1
    assert "没有这一天" in err


def test_papers_from_the_command_line(bangjiao, tmp_path, demo_session):
    from bangjiao_desktop.domain.ledger import LedgerFilter
    from bangjiao_desktop.services.people import people

    row = next(row for row in people.page(demo_session, LedgerFilter(), limit=40).rows if not row.sealed)
    demo_session.close()
    vault = demo_session.folder
    made = {
        "c.pdf": ("cards", vault, tmp_path / "c.pdf", "--all", "--duplex", "long", "--design", "side", "--start", "3",
                  "--offset", "0.5,-0.3", "--sheet", "label-14"),
        "b.pdf": ("brochure", vault, tmp_path / "b.pdf", "--fold", "booklet"),
        "d.pdf": ("dossier", vault, row.identity_number, tmp_path / "d.pdf"),
        "m.pdf": ("dossier", vault, row.identity_number, tmp_path / "m.pdf", "--masked", "--paper", "05-group"),
        "r.pdf": ("roster", vault, tmp_path / "r.pdf", "--paper", "A3"),
        "s.pdf": ("stats", vault, "2026Q3", "--pdf", tmp_path / "s.pdf", "--compare"),
    }  # fmt: skip
    for name, words in made.items():
        code, _, err = bangjiao(*words)
        assert (code, err) == (0, ""), name
        assert (tmp_path / name).read_bytes().startswith(b"%PDF-1.7")
    text = subprocess.run(["pdftotext", tmp_path / "d.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert row.name in text
    assert row.identity_number in text
    text = subprocess.run(["pdftotext", tmp_path / "m.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert row.identity_number not in text
    info = subprocess.run(["pdfinfo", tmp_path / "s.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Pages:\s+17\b", info)
    assert (tmp_path / "s.pdf").stat().st_size < 600 * 1024


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("dossier", "{v}", "110101199003070011", "x.pdf"), "没有公民身份号码为 110101********0011 的人"),
        (("cards", "{v}", "x.pdf", "--all", "--start", "11"), "起始位置应在 1 与 10 之间"),
        (("cards", "{v}", "x.pdf", "--all", "--design", "nix"), "没有名为“nix”的卡面"),
        (("cards", "{v}", "x.pdf", "--all", "--offset", "左"), "应写成两个毫米数"),
        (("brochure", "{v}", "x.pdf", "--fold", "nix"), "--fold"),
        (("brochure", "{v}", "x.txt"), ".pdf"),
    ],
)
def test_what_cannot_be_printed_is_said_in_one_line(bangjiao, folder, tmp_path, words, reason):
    code, out, err = bangjiao(*(word.format(v=folder) for word in words), cwd=tmp_path)
    assert code == 1
    assert out == ""
    assert reason in err
    assert len(err.strip().splitlines()) == 1
    assert not list(tmp_path.glob("x.*"))


def test_a_backup_name_that_ends_in_a_separator_is_a_folder(bangjiao, folder, tmp_path):
    code, _, err = bangjiao("backup", folder, f"{tmp_path}/new/out/")
    assert (code, err) == (0, "")
    assert [one.suffix for one in (tmp_path / "new" / "out").iterdir()] == [".bjbak"]
    (tmp_path / "file").write_text("x")
    code, _, err = bangjiao("backup", folder, f"{tmp_path}/file/")
    assert code == 1
    assert "无法建立备份文件夹" in err


@pytest.mark.parametrize("name", ["usb", "usb/b", "b.zip"])
def test_a_backup_no_list_of_backups_would_show_is_not_made(bangjiao, folder, tmp_path, name):
    code, out, err = bangjiao("backup", folder, tmp_path / name)
    assert (code, out) == (1, "")
    assert "不是已有的文件夹" in err
    assert not (tmp_path / name).exists()


def test_an_export_says_what_the_law_keeps_out_of_it(bangjiao, folder, tmp_path):
    told = [
        bangjiao("export", folder, tmp_path / f"{number}.xlsx", *words)[1].splitlines()
        for number, words in enumerate(([], ["--with-sealed"], ["--with-sealed", "--with-offences"]))
    ]
    assert ["封存的档案" in lines[-1] for lines in told] == [True, False, False]
    assert ["--with-offences" in lines[-1] for lines in told] == [True, True, False]
    assert len(told[2]) == 1


def test_only_the_owner_reads_what_is_written_out(bangjiao, folder, tmp_path):
    for words in (("export", folder, "a.xlsx"), ("roster", folder, "b.pdf"), ("cards", folder, "c.pdf", "--all"),
                  ("stats", folder, "2025", "--confirm", "--pdf", "d.pdf", "--xlsx", "d.xlsx")):  # fmt: skip
        assert bangjiao(*words, cwd=tmp_path)[0] == 0
    assert {
        one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir() if one.suffix in (".pdf", ".xlsx")
    } == dict.fromkeys(("a.xlsx", "b.pdf", "c.pdf", "d.pdf", "d.xlsx"), 384)


def _full_disk():
    """No file may grow beyond 48 KiB: what a disk without space does to whoever writes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (48 * 1024, 48 * 1024))


@pytest.mark.parametrize(
    ("words", "target"),
    [
        (("backup",), "b.bjbak"),
        (("export",), "out.xlsx"),
        (("stats", "2026Q3", "--confirm", "--pdf"), "f.pdf"),
        (("cards",), "c.pdf"),
        (("roster",), "r.pdf"),
        (("brochure",), "b.pdf"),
    ],
)
def test_a_full_disk_is_said_and_leaves_nothing(bangjiao, folder, tmp_path, words, target):
    command, *options = words
    place = tmp_path / "stick"
    place.mkdir()
    more = ("--all",) if command == "cards" else ()
    code, out, err = bangjiao(command, folder, *options, place / target, *more, preexec_fn=_full_disk)
    assert code == 1, (out, err)
    assert "磁盘" in err
    assert "Traceback" not in err
    assert list(place.iterdir()) == []


def test_restoring_on_a_full_disk_leaves_nothing(bangjiao, folder, tmp_path):
    file = tmp_path / "b.bjbak"
    assert bangjiao("backup", folder, file)[0] == 0
    code, _, err = bangjiao("restore", file, tmp_path / "new" / "ledger", preexec_fn=_full_disk)
    assert code == 1
    assert "磁盘" in err
    assert not (tmp_path / "new" / "ledger").exists()
    (tmp_path / "empty").mkdir()
    assert bangjiao("restore", file, tmp_path / "empty", preexec_fn=_full_disk)[0] == 1
    assert list((tmp_path / "empty").iterdir()) == []
    assert bangjiao("restore", file, tmp_path / "empty")[0] == 0  # with room again
    assert bangjiao("verify", tmp_path / "empty")[0] == 0


def test_papers_of_all_forms_need_all_forms(bangjiao, sample, tmp_path):
    with sample.ledger.write() as connection:
        definitions.put(connection, sample.user, "form", "浙-1", "number = 1")
    sample.close()
    code, _, err = bangjiao("stats", sample.folder, "2026Q3", "--confirm", "--pdf", tmp_path / "f.pdf")
    assert code == 1
    assert "表样 浙-1 是这里添加的" in err
    assert not (tmp_path / "f.pdf").exists()
    assert bangjiao("stats", sample.folder, "2026Q3", "--json")[0] == 0


def test_forms_whose_checks_do_not_hold_are_drawn_only_when_confirmed(bangjiao, sample, tmp_path):
    from sqlalchemy import text

    with sample.ledger.write() as connection:
        connection.execute(text("UPDATE episode SET handover_mode = NULL WHERE release_date >= '2026-07-01'"))
    sample.close()
    paper, workbook = tmp_path / "f.pdf", tmp_path / "f.xlsx"
    for asked in (("--pdf", paper), ("--pdf", paper, "--xlsx", workbook)):
        code, out, err = bangjiao("stats", sample.folder, "2026Q3", *asked)
        assert (code, out) == (1, "")
        assert "审核关系不成立" in err
        assert not paper.exists()
        assert not workbook.exists()
    code, _, err = bangjiao("stats", sample.folder, "2026Q3", "--pdf", paper, "--xlsx", workbook, "--confirm")
    assert (code, err) == (0, "")
    assert paper.exists()
    assert workbook.exists()


def test_a_workbook_is_written_by_the_command_as_ever_and_what_does_not_hold_is_said(bangjiao, sample, tmp_path):
    from sqlalchemy import text

    with sample.ledger.write() as connection:
        connection.execute(text("UPDATE episode SET handover_mode = NULL WHERE release_date >= '2026-07-01'"))
    sample.close()
    code, out, err = bangjiao("stats", sample.folder, "2026Q3", "--json", "--xlsx", tmp_path / "f.xlsx")
    assert code == 0
    assert json.loads(out)["period"] == "2026Q3"
    assert (tmp_path / "f.xlsx").exists()
    assert "审核关系不成立：" in err


def test_nothing_is_written_where_one_of_two_names_is_wrong(bangjiao, folder, tmp_path):
    code, out, err = bangjiao(
        "stats", folder, "2026Q3", "--confirm", "--pdf", tmp_path / "f.pdf", "--xlsx", tmp_path / "f.txt"
    )
    assert (code, out) == (1, "")
    assert "扩展名应为 .xlsx" in err
    assert not (tmp_path / "f.pdf").exists()


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        (("stats", "2026Q3", "--confirm", "--pdf"), "statistics_forms"),
        (("stats", "2026Q3", "--confirm", "--xlsx"), "statistics_forms"),
        (("roster",), "print_roster"),
    ],
)
def test_a_place_that_cannot_be_written_leaves_no_entry_in_the_trail(bangjiao, sample, tmp_path, words, subject):
    command, *options = words
    target = tmp_path / f"f.{'xlsx' if options[-1:] == ['--xlsx'] else 'pdf'}"
    target.mkdir()  # a folder has that name
    (target / "x").touch()
    sample.ledger.close()
    code, out, err = bangjiao(command, sample.folder, *options, target)
    assert (code, out) == (1, "")
    assert "无法写入" in err
    assert audit_log.page(sample, AuditFilter(subject=subject)) == []
    target = tmp_path / f"there{target.suffix}"
    sample.ledger.close()
    assert bangjiao(command, sample.folder, *options, target)[0] == 0
    assert target.exists()
    assert len(audit_log.page(sample, AuditFilter(subject=subject))) == 1


def test_a_paper_whose_entry_cannot_be_made_is_not_written(folder, tmp_path, monkeypatch, capsys):
    from bangjiao_desktop.cli import main
    from bangjiao_desktop.services.papers import printing

    def busy(*_, **__):
        raise VaultBusyError("台账正被占用。")

    monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)
    monkeypatch.setattr(printing.Writer, "act", busy)
    assert main.run(["roster", str(folder), str(tmp_path / "r.pdf")]) == 1
    assert capsys.readouterr().out == ""
    assert not list(tmp_path.glob("*r.pdf*"))


def test_the_module_of_the_command_is_the_command(tmp_path):
    """`python -m bangjiao_desktop.cli.main verify X` said nothing, and 0: a script would have taken it for a proof."""
    command = [sys.executable, "-m", "bangjiao_desktop.cli.main", "verify", str(tmp_path / "没有")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "没有" in done.stdout + done.stderr

"""A command looks through every page of the ledger once, and again when the file is another or a week went by."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bangjiao_desktop.cli.main import run as command
from bangjiao_desktop.services.base import soundness
from bangjiao_desktop.store.vault.vault import Vault
from tests.conftest import DATA, PASSWORD


@pytest.fixture
def folder(sample):
    sample.close()
    return sample.folder


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Run a command in this process; return its exit code, what it said, and how often every page was looked at."""
    looks = []
    plain = Vault.verify_pages
    monkeypatch.setattr(Vault, "verify_pages", lambda self: (looks.append(1), plain(self))[1])

    def run(*words):
        looks.clear()
        monkeypatch.setenv("BANGJIAO_PASSWORD", PASSWORD)  # a command takes it out of the environment
        code = command([words[0], str(folder), *map(str, words[1:])])
        told = capsys.readouterr()
        return code, told.out + told.err, len(looks)

    return run


def flip(folder):
    """Change one bit of the database, as a bad disk does: the file's size and time stay."""
    path = folder / "ledger.db"
    times = path.stat()
    with path.open("r+b") as file:
        file.seek(times.st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 4]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_the_second_command_does_not_look_through_the_ledger_again(run):
    assert run("stats", "2026Q3")[2] == 1
    for words in (
        ("stats", "2026Q3"),
        ("people",),
        ("duties",),
    ):  # each of them writes who came in, which is no other's
        code, _, looks = run(*words)
        assert (code, looks) == (0, 0)


def test_what_writes_or_copies_all_and_verify_look_in_any_case(run, tmp_path):
    run("people")
    for words in (("verify",), ("backup", tmp_path / "b.bjbak"), ("import", DATA / "ledger.xlsx")):
        code, _, looks = run(*words)
        assert (code, looks) == (0, 1), words
    assert run("people")[2] == 0


def test_a_file_that_somebody_else_wrote_is_looked_through(run, folder, sample):
    run("people")
    again = type(sample)(sample._entry)
    with again.ledger.write() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 7")
    again.close()
    assert run("people")[2] == 1
    assert run("people")[2] == 0


def test_after_a_week_or_before_its_time_it_is_looked_through_again(run, monkeypatch):
    run("people")
    path = soundness._path()
    note = json.loads(path.read_text(encoding="utf-8"))
    for age, looks in ((timedelta(days=6), 0), (timedelta(days=8), 1), (timedelta(days=-1), 1)):
        for one in note.values():
            one["at"] = (datetime.now(UTC) - age).isoformat()
            one["file"] = next(iter(json.loads(path.read_text(encoding="utf-8")).values()))["file"]
        path.write_text(json.dumps(note), encoding="utf-8")
        assert run("people")[2] == looks, age


def test_damage_to_a_file_that_looks_the_same_gives_no_figure_from_what_is_read(run, folder):
    assert run("stats", "2026Q3")[0] == 0
    flip(folder)
    before = (folder / "ledger.db").read_bytes()
    code, said, looks = run("verify")
    assert (code, looks) == (1, 1)
    assert "已损坏" in said
    code, said, looks = run("people")  # what is known was forgotten: looked through again, and refused again
    assert (code, looks) == (1, 1)
    assert "已损坏" in said
    assert (folder / "ledger.db").read_bytes() == before


def test_every_damaged_page_that_is_read_is_refused_without_a_look_before(run, folder):
    """All pages but the first, which opening reads anyway, are spoilt behind the note's back."""
    run("people")
    path = folder / "ledger.db"
    times = path.stat()
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start + 100] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    code, said, _ = run("stats", "2026Q3")
    assert code == 1
    assert "已损坏" in said
    assert path.read_bytes() == bytes(content)


def test_a_command_that_fails_for_another_reason_keeps_what_is_known(run):
    run("people")
    assert run("stats", "2026Q9")[0] == 1
    assert run("duties", "--office", "没有这个所")[0] == 1
    assert run("people")[2] == 0


@pytest.mark.parametrize("spoilt", ["", "[]", "{", '{"x": 1}', '{"x": {"at": "gestern"}}', "[" * 3000])
def test_a_note_that_cannot_be_read_costs_a_look_only(run, spoilt):
    run("people")
    soundness._path().write_text(spoilt, encoding="utf-8")
    assert run("people")[2] == 1
    assert run("people")[2] == 0


def test_a_note_that_cannot_be_kept_stops_nothing(run, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("x")
    monkeypatch.setattr(soundness, "_path", lambda: tmp_path / "file" / "sound.json")
    assert run("people")[::2] == (0, 1)
    assert run("people")[::2] == (0, 1)


def test_the_note_names_nobody_and_no_place(run, folder):
    run("people")
    text = soundness._path().read_text(encoding="utf-8")
    assert str(folder) not in text
    assert Path(folder).name not in text
    assert "王江泾" not in text


@pytest.mark.parametrize("at", ["gestern", "2026-11-27T10:00:00"])
def test_a_note_of_no_time_or_of_one_without_a_zone_costs_a_look(run, at):
    run("people")
    note = json.loads(soundness._path().read_text(encoding="utf-8"))
    soundness._path().write_text(json.dumps({name: {**one, "at": at} for name, one in note.items()}), encoding="utf-8")
    assert run("people")[2] == 1


def test_a_ledger_that_is_gone_is_not_noted(tmp_path):
    soundness.keep(soundness.Sound(tmp_path / "gone", datetime.now(UTC)))
    assert not soundness._path().exists()

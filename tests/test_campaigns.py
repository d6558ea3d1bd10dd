"""The campaigns in short: each command runs, breaks something, and finds everything promised."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaigns import traces

ROOT = Path(__file__).parent.parent


def _run(name, *arguments):
    command = [sys.executable, "-m", f"tests.campaigns.{name}", *arguments]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("name", ["kills", "power_cuts"])
def test_what_was_promised_is_there_after_a_kill_and_a_power_cut(name):
    told = _run(name, "--count", "12" if name == "kills" else "20")
    [(count, broken, *faults)] = re.findall(r"^all +(\d+) +(\d+) +\d+ +(\d+) +(\d+) +(\d+)", told, re.MULTILINE)
    assert int(count) >= 12
    assert int(broken) > 0, "nothing was killed at its work"
    assert faults == ["0", "0", "0"]


def test_damaged_files_of_every_kind_end_in_a_sentence_or_are_read():
    told = _run("hostile_files", "--count", "52")
    assert "52 files, 0 with a fault" in told
    kinds = re.findall(r"^(\w+) +(\d+) +(\d+) +0 +0 +0 +0$", told, re.MULTILINE)
    assert len(kinds) == 13
    assert sum(int(refused) for _, _, refused in kinds) > 5, "none was damaged enough"


def test_fuzzed_rows_are_taken_refused_or_told_of():
    told = _run("hostile_rows", "--count", "1000")
    assert "rows 1000" in told
    assert re.search(r"refused [1-9]\d+, remarks [1-9]\d+", told)
    assert "\n0 faults" in told


def test_full_and_read_only_disks_sticks_pulled_out_clocks_two_programs_and_copies_of_a_sync_program(tmp_path):
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", tmp_path], check=False, capture_output=True).returncode:
        pytest.skip("挂不上内存盘（要 root）")
    subprocess.run(["umount", tmp_path], check=True)
    told = _run("faults", "--count", "12")
    lines = re.findall(r"^(\w+) +2 +\d+ +(\d+) +0 +0 +0$", told, re.MULTILINE)
    assert [name for name, _ in lines] == ["full", "read_only", "pulled", "clock", "two", "copies"]
    assert sum(int(promised) for _, promised in lines) > 40


def test_no_daily_backup_is_lost_or_unreadable_after_a_kill():
    told = _run("backups", "--count", "10")
    assert re.search(r"10 children, [1-9]\d* daily backups acknowledged, 0 faults", told)
    assert sum(int(one) for one in re.findall(r"(\d+) killed at its work", told)) > 0, "nothing was killed at its work"


def test_a_day_at_the_window_leaves_nothing_on_the_disk():
    if shutil.which("strace") is None:
        pytest.skip("没有 strace：bash packaging/dev.sh test 会装上")
    told = _run("traces", "6")
    assert re.search(r"^\d{2,} files and sockets, \d{4,} KiB written; marks: 0$", told, re.MULTILINE)


def test_a_mark_that_is_written_is_seen_also_in_a_file_that_is_gone(tmp_path):
    found, patterns = traces.Found(), {"费学勤".encode(one): "names" for one in traces.ENCODINGS}
    log = tmp_path / "strace"
    script = f"import pathlib; a = pathlib.Path({str(tmp_path / 'a')!r}); a.write_text('到费学勤家', 'utf-16-le'); a.unlink()"
    command = ["strace", "-f", "-y", "-xx", "-s", "4194304", "-e", f"trace={traces.CALLS}", "-o", log, sys.executable]
    if shutil.which("strace") is None:
        pytest.skip("没有 strace：bash packaging/dev.sh test 会装上")
    subprocess.run([*command, "-c", script], check=True)
    traces.look_through(log, patterns, tmp_path / "asked", found)
    assert found.marks == {"names": 1}
    assert found.where == [str(tmp_path / "a")]

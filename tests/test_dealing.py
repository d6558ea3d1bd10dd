"""A run of the tests ends by itself, whatever happens to a worker, and every test is run or named (tests/dealing.py)."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import dealing

ROOT = Path(__file__).parents[1]
CONFTEST = """
from tests import dealing
def pytest_configure(config):
    dealing.oversee(config)
"""
FINE = "def test_{name}_{number}(): pass\n"


@pytest.fixture
def run(tmp_path):
    """Run tests of these texts on two workers: name of the file → text; returns (exit code, what was printed)."""

    def started(files, limit=60, workers=2):
        (tmp_path / "conftest.py").write_text(CONFTEST)
        (tmp_path / "pytest.ini").write_text(
            f"[pytest]\nfaulthandler_timeout = {limit}\nfaulthandler_exit_on_timeout = true\n"
        )
        (tmp_path / ".setup").mkdir()
        for name, text in files.items():
            (tmp_path / f"test_{name}.py").write_text(text)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment.pop("PYTEST_ADDOPTS", None)
        for name in [name for name in environment if name.startswith(("PYTEST_XDIST", "COV_CORE"))]:
            del environment[name]
        words = ["-m", "pytest", "-v", "-n", str(workers), "--dist", "loadfile", "-p", "no:cacheprovider", "."]
        done = subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=240, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    return started


def fine(name, count):
    return "".join(FINE.format(name=name, number=number) for number in range(count))


def times(printed, test):
    """How often a test was told to have ended."""
    return len(re.findall(rf"%\] (?:PASSED|FAILED) test_\w+\.py::{test}\b", printed))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_is_named_replaced_and_nothing_is_left_out(run, workers):
    files = {f"a{number}": fine(f"a{number}", 2) for number in range(6)}  # done before, and not to be done again
    files["dying"] = fine("before", 1) + "def test_dies():\n    import os; os._exit(3)\n" + fine("after", 3)
    files["last"] = fine("last", 1)
    code, printed = run(files, workers=workers)
    assert code == 1, printed
    assert re.search(r"worker 'gw\d' crashed while running 'test_dying.py::test_dies'", printed)
    assert "1 failed, 17 passed" in printed
    names = [f"test_a{file}_{number}" for file in range(6) for number in range(2)]
    for name in [*names, "test_before_0", "test_dies", "test_after_0", "test_after_2", "test_last_0"]:
        assert times(printed, name) == 1, name


def test_a_death_in_the_very_last_test_ends_the_run(run):
    code, printed = run({"one": fine("one", 2), "two": "def test_dies():\n    import os; os._exit(3)\n"})
    assert code == 1, printed
    assert "1 failed, 2 passed" in printed


LEAVING = (
    "import pytest, time\n@pytest.fixture\ndef thing():\n    yield\n    time.sleep(600)\ndef test_hangs(thing): assert "
)
HANGING = {
    "itself": "import time\ndef test_hangs(): time.sleep(600)\n",
    "in what it leaves": LEAVING + "True\n",
    "in what it leaves when it failed": LEAVING + "False\n",
}


@pytest.mark.parametrize("where", HANGING)
def test_a_test_that_never_ends_is_ended_with_its_stack(run, where):
    code, printed = run({"hanging": HANGING[where] + fine("after", 2), "other": fine("other", 2)}, limit=2)
    assert code == 1, printed
    assert "Timeout (0:00:02)!" in printed
    assert 'test_hanging.py", line' in printed  # in the stack
    assert re.search(r"worker 'gw\d' crashed while running 'test_hanging.py::test_hangs'", printed)
    assert times(printed, "test_after_1") == times(printed, "test_other_1") == 1


def test_a_run_that_is_told_to_end_says_what_was_running(run):
    """As `timeout` does in packaging/dev.sh; here the test itself tells the run, once the others are done."""
    hanging = "import os, signal, time\ndef test_hangs():\n    time.sleep(3)\n    os.kill(os.getppid(), signal.SIGTERM)\n    time.sleep(600)\n"
    code, printed = run({"hanging": fine("before", 2) + hanging}, workers=1)
    assert code == 2, printed
    assert re.search(r"测试没有做完就被停止。正在运行：test_hanging.py::test_hangs（\d+ 秒）", printed)
    assert "2 passed" in printed


def test_the_longest_files_go_first_and_are_measured(run, tmp_path, monkeypatch):
    (tmp_path / "known.txt").write_text("9.0 test_b.py\n2.5 test_c.py\n")
    monkeypatch.setattr(dealing, "KNOWN", tmp_path / "known.txt")
    assert dealing.seconds_of_files(tmp_path / "known.txt") == {"test_b.py": 9.0, "test_c.py": 2.5}
    scheduling = object.__new__(dealing.Dealing)
    scheduling.collection = ["test_a.py::one", "test_c.py::one", "test_b.py::one", "test_b.py::two"]
    monkeypatch.setattr(dealing.seconds_of_files, "__defaults__", (tmp_path / "known.txt",))
    assert list(scheduling._files()) == ["test_b.py", "test_c.py", "test_a.py"]
    code, printed = run({"quick": fine("quick", 1), "slow": "import time\ndef test_slow(): time.sleep(0.5)\n"})
    assert code == 0, printed
    measured = dealing.seconds_of_files(tmp_path / ".setup" / "durations.txt")
    assert list(measured) == ["test_slow.py", "test_quick.py"]
    assert measured["test_slow.py"] >= 0.5


def test_every_file_that_was_measured_is_still_there():
    """What durations.txt knows is kept up: a file that went or was renamed is dealt by a guess."""
    known = dealing.seconds_of_files()
    assert known
    assert [name for name in known if not (ROOT / name).exists()] == []

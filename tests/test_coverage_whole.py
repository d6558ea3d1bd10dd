"""The script that holds files to whole coverage names what is missing, and lets nothing slip out of the list."""

import importlib.util
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("coverage_whole", ROOT / "packaging" / "coverage_whole.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_pattern_of_the_list_fits_a_file(script):
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["bangjiao"]["coverage"]
    files, empty = script.whole_files(ROOT, settings["whole"])
    assert empty == []
    assert "src/bangjiao_desktop/domain/clock.py" in files


def test_lines_branches_and_files_that_never_ran_are_named(script, tmp_path):
    (tmp_path / "src" / "bangjiao_desktop").mkdir(parents=True)
    for name in ("a.py", "b.py"):
        (tmp_path / "src" / "bangjiao_desktop" / name).write_text("x = 1\n")
    assert script.whole_files(tmp_path, ["*.py", "gone.py"]) == (
        ["src/bangjiao_desktop/a.py", "src/bangjiao_desktop/b.py"], ["gone.py"],
    )  # fmt: skip
    report = {"files": {
        "whole.py": {"missing_lines": [], "missing_branches": []},
        "part.py": {"missing_lines": [3, 7], "missing_branches": [[5, 8], [9, -1]]},
    }}  # fmt: skip
    assert script.missing(report, ["whole.py"]) == {}
    assert script.missing(report, ["whole.py", "part.py", "never.py"]) == {
        "part.py": "行 3、7；分支 5->8、9->exit", "never.py": "没有跑过",
    }  # fmt: skip

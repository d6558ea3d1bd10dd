"""Refuses a test run in which a file that must be tested whole (every line, both ways of every branch) was not.

    .venv/bin/pytest -n 2 --dist loadfile --cov && .venv/bin/python packaging/coverage_whole.py

The files stand in pyproject.toml under [tool.bangjiao.coverage], as names or patterns below src/bangjiao_desktop. A
pattern that fits no file is refused, too: a file that was moved must not slip out of the list. Says of each file what
is missing: lines, and branches as line->line (exit: the function ends there).
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SOURCE = Path("src/bangjiao_desktop")


def whole_files(root: Path, patterns: list[str]) -> tuple[list[str], list[str]]:
    """Return the files the patterns fit, as paths from the root, and the patterns that fit none."""
    found: list[str] = []
    empty: list[str] = []
    for pattern in patterns:
        fitting = [one.relative_to(root).as_posix() for one in sorted((root / SOURCE).glob(pattern)) if one.is_file()]
        found.extend(one for one in fitting if one not in found)
        if not fitting:
            empty.append(pattern)
    return found, empty


def missing(report: dict[str, Any], files: list[str]) -> dict[str, str]:
    """Return what of each file was not run, by file; a file that the report does not know was not run at all."""
    told: dict[str, str] = {}
    known = {name.replace("\\", "/"): one for name, one in report["files"].items()}
    for name in files:
        one = known.get(name)
        if one is None:
            told[name] = "没有跑过"
            continue
        parts = []
        if one["missing_lines"]:
            parts.append("行 " + "、".join(map(str, one["missing_lines"])))
        if one.get("missing_branches"):
            parts.append(
                "分支 " + "、".join(f"{start}->{'exit' if end < 0 else end}" for start, end in one["missing_branches"])
            )
        if parts:
            told[name] = "；".join(parts)
    return told


def main() -> int:
    """Compare the last run's data with the list; return 1 and say what is missing, or 0."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["bangjiao"]["coverage"]
    files, empty = whole_files(ROOT, settings["whole"])
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "coverage.json"
        done = subprocess.run(
            [sys.executable, "-m", "coverage", "json", "-q", "-o", str(target)], cwd=ROOT, check=False
        )
        if done.returncode:
            print("没有覆盖率数据：请先运行 .venv/bin/pytest -n 2 --cov", file=sys.stderr)
            return 1
        report = json.loads(target.read_text(encoding="utf-8"))
    told = missing(report, files)
    for pattern in empty:
        print(f"pyproject.toml 的 [tool.bangjiao.coverage] 写着“{pattern}”，没有这样的文件。", file=sys.stderr)
    for name, what in told.items():
        print(f"{name} 没有测全：{what}", file=sys.stderr)
    if not told and not empty:
        print(f"必须测全的 {len(files)} 个文件都测全了（行与分支）。")
    return int(bool(told or empty))


if __name__ == "__main__":
    sys.exit(main())

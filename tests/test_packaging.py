"""What the installers are made with: versions agree, glibc is looked up rightly, patterns keep and drop what they say."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bangjiao_desktop import __version__

ROOT = Path(__file__).parents[1]
ELF = ROOT / "packaging/linux/elf.py"


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **more)


def test_version_changes_and_project_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    releases = tomllib.loads((ROOT / "resources/changes.toml").read_text(encoding="utf-8"))["release"]
    assert project == __version__ == releases[0]["version"]
    days = [one["date"] for one in releases]
    assert days == sorted(days, reverse=True)


def test_the_package_texts_name_the_newest_release():
    maker = ROOT / "packaging/linux/metadata.py"
    changelog = run(sys.executable, maker, "changelog", ROOT).stdout
    assert changelog.startswith(f"bangjiao-desktop ({__version__}) stable; urgency=medium\n")
    assert f'<release version="{__version__}"' in run(sys.executable, maker, "metainfo", ROOT).stdout
    depends = run(sys.executable, maker, "depends", ROOT / "packaging/linux/libraries", "amd64").stdout
    assert depends.startswith("libc6 (>= 2.28), ")
    assert "libglib2.0-0 | libglib2.0-0t64" in depends


@pytest.mark.skipif(sys.platform != "linux", reason="ELF")
def test_the_needs_of_an_elf_file_are_found(tmp_path):
    found = next(Path(sys.prefix).rglob("_sqlite3*.so"))
    shutil.copy(found, tmp_path / "one.so")
    listed = tmp_path / "libraries"
    listed.write_text("libnothing.so.1 nothing\n")
    check = (sys.executable, ELF, "check", tmp_path, "--glibcxx", "3.4.25", "--cxxabi", "1.3.11", "--libraries", listed)
    old = run(*check, "--glibc", "2.2.4")
    assert old.returncode == 1
    assert "最多只能是 GLIBC_2.2.4" in old.stderr
    assert "libc.so.6，它既不在包里" in old.stderr
    assert "多余：libnothing.so.1" in old.stderr
    needed = {line.split(" 需要 ")[1].split("，")[0] for line in old.stderr.splitlines() if "既不在包里" in line}
    listed.write_text("".join(f"{name} package\n" for name in needed))
    new = run(*check, "--glibc", "2.99")
    assert new.returncode == 0, new.stderr
    assert "GLIBC 最高" in new.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="ELF")
def test_a_version_made_weak_no_longer_counts(tmp_path):
    found = next(Path(sys.prefix).rglob("_sqlite3*.so"))
    target = tmp_path / "one.so"
    shutil.copy(found, target)
    listed = tmp_path / "libraries"
    listed.write_text("")
    check = (
        sys.executable,
        ELF,
        "check",
        tmp_path,
        "--glibcxx",
        "3",
        "--cxxabi",
        "1",
        "--glibc",
        "2.2.5",
        "--libraries",
        listed,
    )
    too_new = {
        line.split(" 需要 ")[1].split("，")[0] for line in run(*check).stderr.splitlines() if "最多只能是" in line
    }
    assert too_new
    assert run(sys.executable, ELF, "relax", target, *too_new).returncode == 0
    assert "最多只能是" not in run(*check).stderr
    assert run(sys.executable, ELF, "relax", target, "GLIBC_9.9").returncode == 1


def test_patterns_stay_within_a_name_or_cross_folders():
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); from assemble import matcher; "
        "print(json.dumps([matcher([one])(name) for one, name in json.loads(sys.argv[2])]))"
    )
    pairs = [
        ("a/*.py", "a/b.py"), ("a/*.py", "a/c/b.py"), ("a/**", "a/c/b.py"), ("**/tests/**", "x/tests/y/z.py"),
        ("**/tests/**", "tests/z.py"), ("**/tests/**", "x/attests/z.py"), ("lib*.so.*", "libicu.so.73"), ("a.py", "aXpy"),
    ]  # fmt: skip
    out = run(sys.executable, "-c", code, ROOT / "packaging/bundle", json.dumps(pairs))
    assert json.loads(out.stdout) == [True, False, True, True, True, False, True, False], out.stderr


def test_the_launcher_takes_the_input_method_that_runs(tmp_path):
    """The Debian package's start script, with the interpreter replaced by one that tells its environment."""
    script = (ROOT / "packaging/linux/bangjiao").read_text()
    python = tmp_path / "python/bin/python3.13"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "${QT_IM_MODULE:-} ${QT_QPA_PLATFORM:-} $*"\n')
    python.chmod(0o755)
    launcher = tmp_path / "bangjiao"
    launcher.write_text(script.replace("home=/opt/bangjiao-desktop", f"home={tmp_path}"))
    plain = {"PATH": os.environ["PATH"]}

    def told(**more):
        return run("sh", launcher, "词", env={**plain, **more}).stdout

    assert told(QT_IM_MODULE="ibus").startswith("ibus ")
    assert told(QT_IM_MODULE="xim", XMODIFIERS="@im=fcitx").startswith("fcitx ")
    assert told(XMODIFIERS="@im=ibus", DISPLAY=":9").startswith("ibus xcb ")
    assert told(QT_IM_MODULE="fcitx", QT_QPA_PLATFORM="wayland", DISPLAY=":9").startswith("fcitx wayland ")
    assert told(QT_IM_MODULE="fcitx").rstrip().endswith(f"{tmp_path}/launch.py 词")


def test_what_scripts_import_of_the_program_is_there():
    """Scripts run parts of the installed program; no linter reads them."""
    imports = [
        (path.name, *found)
        for path in sorted((ROOT / "packaging").rglob("*.sh"))
        for found in re.findall(r"^from (bangjiao_desktop[\w.]*) import (\w+)$", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert imports
    for name, module, member in imports:
        assert hasattr(importlib.import_module(module), member), (name, module, member)

"""The release looks for known problems of what it ships; without a network it says what it did not ask."""

import importlib.util
import json
from pathlib import Path

ROOT = Path(__file__).parent.parent
SPEC = importlib.util.spec_from_file_location("known_problems", ROOT / "packaging" / "known_problems.py")
known = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(known)

LOCK = """
[[package]]
name = "bangjiao-desktop"
version = "1"
dependencies = [{ name = "paper" }]
[package.dev-dependencies]
dev = [{ name = "tester" }]

[[package]]
name = "paper"
version = "2.1"
wheels = [{ url = "x", upload-time = "2026-03-02T10:00:00Z" }, { url = "y", upload-time = "2026-03-01T10:00:00Z" }]
dependencies = [{ name = "ink" }]

[[package]]
name = "ink"
version = "0.9"

[[package]]
name = "tester"
version = "7"
"""
ANSWER = {
    "vulnerabilities": [
        {"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fixed_in": ["1.0"], "summary": "Runs\n away", "withdrawn": None},
        {"id": "PYSEC-2", "aliases": [], "fixed_in": [], "summary": "", "withdrawn": "2026-01-01"},
    ]
}


def lock(folder):
    path = folder / "uv.lock"
    path.write_text(LOCK, encoding="utf-8")
    return str(path)


def test_what_is_shipped_is_asked_about_and_nothing_else(tmp_path):
    packages = known.shipped(LOCK)
    assert [(one.name, one.version, one.day) for one in packages] == [
        ("ink", "0.9", ""),
        ("paper", "2.1", "2026-03-01"),
    ]


def test_a_known_problem_is_named_with_where_it_is_mended_and_fails(tmp_path, capsys):
    def asked(package):
        return json.dumps(ANSWER if package.name == "ink" else {})

    assert known.main([lock(tmp_path)], asked) == known.KNOWN
    told = capsys.readouterr().out
    assert "ink 0.9：PYSEC-1、CVE-2026-1，已在 1.0 中修复。Runs away" in told
    assert "PYSEC-2" not in told
    assert "已知问题 1 个，未能查询 0 个" in told


def test_nothing_known_passes(tmp_path):
    assert known.main([lock(tmp_path)], lambda _: "{}") == known.NOTHING


def test_who_cannot_be_asked_is_told_with_version_and_day_and_is_not_called_sound(tmp_path, capsys):
    def asked(package):
        if package.name == "ink":
            return "<html>"
        raise OSError

    assert known.main([lock(tmp_path)], asked) == known.UNASKED
    told = capsys.readouterr().out
    assert "paper 2.1　2026-03-01" in told
    assert "未能查询 2 个" in told


def test_without_a_network_nobody_is_asked(tmp_path):
    def asked(_):
        raise AssertionError

    assert known.main([lock(tmp_path), "--without-network"], asked) == known.UNASKED


def test_the_programs_own_lock_can_be_read():
    packages = known.shipped((ROOT / "uv.lock").read_text(encoding="utf-8"))
    assert {"sqlcipher3", "cryptography", "pyside6-essentials"} <= {one.name for one in packages}
    assert "pytest" not in {one.name for one in packages}

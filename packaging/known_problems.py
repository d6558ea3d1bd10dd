"""Asks which known problems the locked packages have: `python packaging/known_problems.py [uv.lock] [--without-network]`.

Every package of uv.lock that is shipped is asked about at PyPI's JSON interface, whose releases name their advisories
(from OSV, PYSEC and GHSA). Where it cannot be reached, the list of versions and the days they were made is told instead,
for somebody to look at. Exit 0 nothing known; 1 a problem is known; 3 not everything could be asked.
"""

import json
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ADDRESS = "https://pypi.org/pypi"
NOTHING, KNOWN, UNASKED = 0, 1, 3
ROOT = "bangjiao-desktop"
_SECONDS = 20


@dataclass(frozen=True)
class Locked:
    """A package as it is locked: name, version, and the day its file was put up, "" if the lock does not tell."""

    name: str
    version: str
    day: str


@dataclass(frozen=True)
class Problem:
    """A known problem: of which package, its names, where it is mended, and what it is in a line."""

    package: Locked
    names: tuple[str, ...]
    mended: tuple[str, ...]
    summary: str


def shipped(lock: str) -> list[Locked]:
    """Return the packages the program itself needs, and what they need, out of the text of uv.lock."""
    packages = {one["name"]: one for one in tomllib.loads(lock)["package"]}
    found: dict[str, Locked] = {}
    waiting = [each["name"] for each in packages[ROOT].get("dependencies", [])]
    while waiting:
        one = packages[waiting.pop()]
        if one["name"] in found:
            continue
        files = [*one.get("wheels", []), *([one["sdist"]] if "sdist" in one else [])]
        days = sorted(str(file["upload-time"])[:10] for file in files if "upload-time" in file)
        found[one["name"]] = Locked(one["name"], str(one["version"]), days[0] if days else "")
        waiting.extend(each["name"] for each in one.get("dependencies", []))
    return sorted(found.values(), key=lambda one: one.name)


def problems(package: Locked, told: str) -> list[Problem]:
    """Return the problems of one release, out of PyPI's answer; those that were withdrawn are none."""
    return [
        Problem(package, (str(one["id"]), *map(str, one.get("aliases") or ())), tuple(one.get("fixed_in") or ()),
                " ".join(str(one.get("summary") or one.get("details") or "").split())[:200])
        for one in json.loads(told).get("vulnerabilities") or ()
        if not one.get("withdrawn")
    ]  # fmt: skip


def ask(package: Locked) -> str:
    """Fetch PyPI's answer for one release; a mirror that knows the newest release alone is asked for that."""
    try:
        return _fetch(f"{ADDRESS}/{package.name}/{package.version}/json")
    except urllib.error.HTTPError:
        told = _fetch(f"{ADDRESS}/{package.name}/json")
        if json.loads(told)["info"]["version"] != package.version:
            raise
        return told


def _fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 (the address is ours)
        return str(answer.read().decode("utf-8"))


def look(packages: Iterable[Locked], asked: Callable[[Locked], str] = ask) -> tuple[list[Problem], list[Locked]]:
    """Return what is known of packages, and those that could not be asked about."""
    found: list[Problem] = []
    unasked: list[Locked] = []
    for one in packages:
        try:
            found.extend(problems(one, asked(one)))
        except (OSError, ValueError, KeyError, urllib.error.URLError):
            unasked.append(one)
    return found, unasked


def main(words: list[str], asked: Callable[[Locked], str] = ask) -> int:
    """Tell what is known; return the exit code."""
    given = [word for word in words if not word.startswith("--")]
    lock = Path(given[0]) if given else Path(__file__).parent.parent / "uv.lock"
    packages = shipped(lock.read_text(encoding="utf-8"))
    found, unasked = ([], packages) if "--without-network" in words else look(packages, asked)
    for one in found:
        mended = f"，已在 {'、'.join(one.mended)} 中修复" if one.mended else "，还没有修复的版本"
        print(f"{one.package.name} {one.package.version}：{'、'.join(one.names)}{mended}。{one.summary}")
    if unasked:
        print(f"下列 {len(unasked)} 个依赖没有查到（查询不到公告来源），请对照版本和日期自行核对：")
        for each in unasked:
            print(f"  {each.name} {each.version}　{each.day}")
    print(f"共 {len(packages)} 个随程序分发的依赖：已知问题 {len(found)} 个，未能查询 {len(unasked)} 个。")
    return KNOWN if found else UNASKED if unasked else NOTHING


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

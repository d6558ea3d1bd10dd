"""What the program tells of itself: version, changes, licences, and whether it was replaced while it runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bangjiao_desktop import __version__
from bangjiao_desktop.domain.resources import resource_root

if TYPE_CHECKING:
    from importlib.metadata import PackageMetadata


@dataclass(frozen=True)
class Licence:
    """A piece of software the program brings, and the words it may be used under."""

    name: str
    version: str
    licence: str
    homepage: str
    texts: tuple[str, ...]


def licences() -> tuple[Licence, ...]:
    """Return everything shipped: from the list the installer was built with, else from what is installed here."""
    listed = resource_root() / "licences.json"
    if listed.exists():
        return tuple(
            Licence(one["name"], one["version"], one["licence"], one["homepage"], tuple(one["texts"]))
            for one in json.loads(listed.read_text(encoding="utf-8"))
        )
    return _installed()


def replaced_by() -> str | None:
    """Return the version on the disk if it is another than the one that runs (a package was upgraded under it)."""
    manifest = Path(__file__).resolve().parents[4] / "manifest.json"
    try:
        version = _version_in(manifest, manifest.stat().st_mtime_ns)
    except OSError:
        return None
    return version if version not in (None, __version__) else None


@lru_cache(maxsize=1)
def _version_in(manifest: Path, changed: int) -> str | None:
    """The version a manifest names; read anew only when the file changed."""
    try:
        return str(json.loads(manifest.read_text(encoding="utf-8"))["version"])
    except (ValueError, KeyError):
        return None


def _installed() -> tuple[Licence, ...]:
    """The packages the program needs, of the environment it runs in."""
    from importlib.metadata import PackageNotFoundError, distribution, requires

    found: dict[str, Licence] = {}
    wanted = ["bangjiao-desktop"]
    while wanted:
        name = wanted.pop()
        try:
            needed = requires(name) or []
            there = distribution(name)
        except PackageNotFoundError:
            continue  # needed on another system only
        for line in needed:
            other = line.split(";")[0].strip()
            for sign in "<>=!~[( ":
                other = other.split(sign)[0]
            if other.lower() not in found and "extra ==" not in line:
                found[other.lower()] = Licence(other, "", "", "", ())
                wanted.append(other)
        if name != "bangjiao-desktop":
            head = there.metadata
            texts = tuple(
                file.read_text(encoding="utf-8") or ""
                for file in there.files or ()
                if "LICENSE" in file.name.upper() and file.suffix in ("", ".txt", ".md", ".rst")
            )
            licence = _first(head, "License-Expression", "License").split("\n")[0]
            found[name.lower()] = Licence(head["Name"], there.version, licence, _first(head, "Home-page"), texts)
    return tuple(sorted((one for one in found.values() if one.version), key=lambda one: one.name.lower()))


def _first(head: PackageMetadata, *names: str) -> str:
    """The first of several fields that a package has."""
    return next((str(head[name]) for name in names if name in head), "")

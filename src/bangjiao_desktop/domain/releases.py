"""The versions of the program and what came with each (resources/changes.toml)."""

from datetime import date
from functools import cache

from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.resources import resource_path

_FILE = "版本文件 changes.toml"


class Release(Shape, frozen=True):
    """A version and what came with it."""

    version: str
    date: date
    changes: tuple[str, ...]


class _Releases(Shape, frozen=True):
    release: tuple[Release, ...]


@cache
def releases() -> tuple[Release, ...]:
    """Return the versions, newest first.

    Raises:
        DefinitionError: the file is wrong; names file and line.
    """
    return read(text_of(resource_path("changes.toml"), _FILE), _FILE, _Releases).value.release

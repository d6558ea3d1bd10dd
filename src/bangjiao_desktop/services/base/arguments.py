"""Arguments at the door of every service: what does not fit the service's own annotations is answered in words.

A key that came as text, a day that is none, a state nobody knows: the world's faults, not ours, once the services
are called by the command line, scripts or an old request that was kept.
"""

import inspect
import re
import types
import typing
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError

_EXPECTED: dict[Any, str] = {
    uuid.UUID: "台账中的键（UUID）", date: "日期", int: "整数", str: "文字", bool: "是或否", Path: "文件位置",
    bytes: "文件内容", Any: "任何值",
}  # fmt: skip
_HALVES = re.compile("[\ud800-\udfff]")  # half characters, as a shell's bytes become: no database takes them
_MOST_ROWS = 1_000_000
_LARGEST = 2**63 - 1  # what a database can count to
_DEEP = ("bangjiao_desktop.domain.ledger", "bangjiao_desktop.domain.work", "bangjiao_desktop.services.upkeep.audit_log")


def require_fitting(service: Callable[..., Any], arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
    """Refuse arguments that do not fit what a service's annotations ask for.

    Args:
        service: takes the session first.
        arguments: by place, without the session.
        named: by name.

    Raises:
        InvalidInputError: says which argument and what it should be; never what it was.
    """
    hints = _hints(service)
    for (name, hint), value in zip(hints.items(), arguments, strict=False):
        _require(name, value, hint)
    for name, value in named.items():
        if name in hints:
            _require(name, value, hints[name])


def _require(name: str, value: object, hint: Any) -> None:
    if not _fits(value, hint):
        raise InvalidInputError(f"“{name}”应为{_told(hint)}，现在给的不是。")
    kind: Any = type(value)
    if is_dataclass(value) and kind.__module__ in _DEEP:
        for part, expected in _parts(kind).items():
            if not _fits(getattr(value, part), expected, loose=part == "text"):  # a search drops what is no text
                raise InvalidInputError(f"“{name}.{part}”应为{_told(expected)}，现在给的不是。")


def _fits(value: object, hint: Any, *, loose: bool = False) -> bool:
    origin, given = typing.get_origin(hint), typing.get_args(hint)
    if hint is None or hint is type(None):
        return value is None
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one, loose=loose) for one in given)
    if origin is typing.Literal:
        return value in given
    if origin is tuple:
        return isinstance(value, tuple | list) and _items_fit(value, given)
    if origin is not None and inspect.isclass(origin) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            _fits(key, given[0]) and _fits(one, given[1]) for key, one in value.items()
        )
    if origin is not None and inspect.isclass(origin) and issubclass(origin, Iterable):
        return (
            isinstance(value, Iterable)
            and not isinstance(value, str | bytes)
            and (not isinstance(value, Sequence) or all(_fits(one, given[0]) for one in value))
        )
    if origin is Callable:
        return callable(value)
    if origin is not None or not inspect.isclass(hint):
        return True
    if hint is float:
        return isinstance(value, int | float)
    if hint is str:
        return isinstance(value, str) and (loose or not _HALVES.search(value))
    if hint is int:
        return isinstance(value, int) and abs(value) <= _LARGEST
    if hint in (datetime, date, Path, uuid.UUID, bytes):
        return isinstance(value, hint)
    if hint is bool:
        return isinstance(value, bool | int)
    if getattr(hint, "_is_protocol", False):
        return callable(value)
    return isinstance(value, hint) if hint.__module__.startswith("bangjiao_desktop.") else True


def _items_fit(value: Sequence[object], given: tuple[Any, ...]) -> bool:
    if len(given) == 2 and given[1] is Ellipsis:
        return all(_fits(one, given[0]) for one in value)
    return len(value) == len(given) and all(_fits(one, hint) for one, hint in zip(value, given, strict=True))


def _told(hint: Any) -> str:
    given = [one for one in typing.get_args(hint) if one is not type(None)]
    if typing.get_origin(hint) is typing.Literal:
        return "、".join(map(str, given)) + " 之一"
    if typing.get_origin(hint) in (Mapping, dict):
        return "键为" + "、值为".join(map(_told, given)) + "的对照"
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return "或".join(map(_told, given))
    return _EXPECTED.get(hint, getattr(hint, "__name__", str(hint)))


@cache
def _hints(service: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a service's arguments behind the session; those that stand as text say nothing."""
    found = list(inspect.signature(service).parameters.values())[1:]
    return {
        one.name: Any if isinstance(one.annotation, str) or one.annotation is one.empty else one.annotation
        for one in found
        if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    }


@cache
def _parts(kind: Any) -> dict[str, Any]:
    known = typing.get_type_hints(kind)
    return {one.name: known[one.name] for one in fields(kind)}


def rows_wanted(limit: int) -> int:
    """Return how many rows a list gives.

    Raises:
        InvalidInputError: none, or fewer.
    """
    if limit < 1:
        raise InvalidInputError(f"一次至少列出 1 行，不能是 {limit}。")
    return min(limit, _MOST_ROWS)


def read_revision(revision: int | None) -> int:
    """Return the revision a known record was read with.

    Raises:
        InvalidInputError: it is missing, so nobody can tell whether someone else saved in between.
    """
    if revision is None:
        raise InvalidInputError("修改已有记录时须说明读到的是第几版，没有保存。请重新打开后再改。")
    return revision

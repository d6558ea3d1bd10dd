"""What the objects of the window hold in words, taken out of them into one string of bytes, and put back as it was.

While the program is locked nothing that was read of the ledger, and nothing typed, may lie in memory readably. Pages and
dialogs live on, hidden; what they hold (rows, records, texts of functions that wait to be called) is taken out here, to be
enciphered. Objects, lists and dictionaries stay the same ones and are emptied; values are copied out. So nothing has to
know how a page works, and afterwards each has what it had: rows, selection, a half-written form.

Whatever is not data (widgets, functions, sessions, enumerations) stays where it is.
"""

import dataclasses
import enum
import gc
import io
import pickle
import sys
import types
import uuid
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import PurePath
from typing import Any

from bangjiao_desktop.services.base.log import log_bug
from bangjiao_desktop.services.base.session import Session

_OURS = "bangjiao_desktop."
_UI = "bangjiao_desktop.ui."
# Of the machinery, not of what is shown; the door works while everything else is put away.
_LEFT = (f"{_UI}door.", f"{_UI}kit.background", f"{_UI}kit.theme", f"{_UI}kit.turn", f"{_UI}kit.preferences",
         f"{_UI}kit.clipboard", f"{_UI}shell.application", f"{_UI}shell.locking", f"{_UI}shell.stash",
         f"{_UI}shell.putting_away", f"{_UI}shell.idle_lock", f"{_UI}shell.pages", f"{_UI}shell.system_locks", f"{_UI}shell.tidying", f"{_UI}shell.session_watch",
         f"{_UI}shell.changes", f"{_UI}shell.backup_watch", f"{_UI}shell.proof_watch")  # fmt: skip
_ATOMS = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    bytearray,
    date,
    time,
    timedelta,
    Decimal,
    uuid.UUID,
    PurePath,
)
_CACHE: Any = type(lru_cache(len))
Put = Callable[[Any], object]


class Stash:
    """What was taken out; made by `take`, ended by `put_back`.

    Args:
        spared: ids of what belongs to the program itself (`of_program`) and is not looked into.
    """

    def __init__(self, spared: Container[int] = ()) -> None:
        self._spared = spared
        self._live: list[object] = []  # what stays where it is, told in the bytes by its number
        self._numbers: dict[int, int] = {}
        self._waiting: list[int] = []  # of these, whose content was not looked at yet
        self._puts: list[list[Put]] = [[]]  # for each part of the bytes and each value in it, in their order
        self._emptyings: list[Callable[[], object]] = []
        self._files = [io.BytesIO()]
        self._pickler = _Pickler(self._files[0], self)

    def look_into(self, roots: Iterable[object]) -> None:
        """Find what objects of the window hold, and functions that are called later."""
        for one in roots:
            self.number(one)
        while self._waiting:
            self._look_into(self._live[self._waiting.pop()])

    def take(self) -> bytes:
        """Take out everything that was found; return it."""
        self.look_into(())
        content = pickle.dumps([one.getvalue() for one in self._files])
        for empty in self._emptyings:
            empty()
        self._files, self._emptyings, self._numbers, self._spared = [], [], {}, ()
        del self._pickler
        return content

    def put_back(self, content: bytes) -> None:
        """Give everything back what it held."""
        for part, puts in zip(pickle.loads(content), self._puts, strict=True):  # noqa: S301 (our own, sealed by AES-GCM)
            unpickler = _Unpickler(io.BytesIO(part), self._live)
            values = [unpickler.load() for _ in puts]
            for put, value in zip(puts, values, strict=True):
                try:
                    put(value)
                except RuntimeError:
                    continue  # a widget that was on its way to be deleted
                except Exception:
                    log_bug()  # the others have theirs all the same
        self._puts, self._live = [], []

    def number(self, one: object) -> int:
        """Return the number of something that stays where it is; what it holds is looked at later."""
        known = self._numbers.get(id(one))
        if known is None:
            known = self._numbers[id(one)] = len(self._live)
            self._live.append(one)
            if id(one) not in self._spared:
                self._waiting.append(known)
        return known

    def keep(self, value: object, put: Put, empty: Callable[[], object]) -> None:
        """Take a value out: `put` gives it back, `empty` leaves nothing of it where it was."""
        file = self._files[-1]
        before = file.tell()
        try:
            self._pickler.dump(value)
        except Exception:
            # It cannot be copied: it stays where it is, and what comes after it begins a part of its own.
            log_bug()
            file.truncate(before)
            self._files.append(io.BytesIO())
            self._puts.append([])
            self._pickler = _Pickler(self._files[-1], self)
            return
        self._puts[-1].append(put)
        self._emptyings.append(empty)

    def _look_into(self, one: object) -> None:
        if isinstance(one, list | set | deque):
            self.keep(tuple(one), _filler(one), one.clear)
        elif isinstance(one, tuple | frozenset):
            for part in one:
                self.number(part)
        elif isinstance(one, dict):
            self.keep(tuple(one.items()), one.update, one.clear)
        elif isinstance(one, types.FunctionType):
            self._look_into_function(one)
        elif isinstance(one, types.MethodType):
            self.number(one.__self__)
        elif isinstance(one, partial):
            self._look_into_partial(one)
        elif holds(one):
            self._look_into_attributes(one)

    def _look_into_attributes(self, one: Any) -> None:
        for name, value in list(vars(one).items()):
            if _speaks(value):
                self.keep(value, _setter(one, name), lambda name=name, value=value: _hold(one, name, _blank(value)))
            elif not isinstance(value, _ATOMS):
                self.number(value)

    def _look_into_function(self, one: types.FunctionType) -> None:
        for cell in one.__closure__ or ():
            try:
                value = cell.cell_contents
            except ValueError:
                continue  # not filled yet
            if _speaks(value):
                self.keep(value, _cell_setter(cell), lambda cell=cell, value=value: _fill(cell, _blank(value)))
            elif not isinstance(value, _ATOMS):
                self.number(value)
        defaults = one.__defaults__
        if defaults and any(_speaks(value) for value in defaults):

            def put(values: Any) -> None:
                one.__defaults__ = values

            blank = tuple(_blank(value) if _speaks(value) else value for value in defaults)
            self.keep(defaults, put, lambda: put(blank))

    def _look_into_partial(self, one: "partial[Any]") -> None:
        told: Any = one.__reduce__()[2]
        function, arguments, named, state = told

        def put(values: Any) -> None:
            changed: Any = one
            changed.__setstate__((function, values[0], dict(values[1]), state))

        if arguments or named:
            self.keep((arguments, tuple((named or {}).items())), put, lambda: put(((), ())))
        self.number(function)


class _Pickler(pickle.Pickler):
    """Copies data; whatever else it meets stays where it is and is told by its number."""

    def __init__(self, file: io.BytesIO, stash: Stash) -> None:
        super().__init__(file, protocol=5)
        self._stash = stash

    def persistent_id(self, one: object) -> int | None:
        """Return the number of what stays, None for data."""
        data = isinstance(one, _ATOMS) or type(one) in (tuple, frozenset) or _is_value(one)
        return None if data else self._stash.number(one)

    def reducer_override(self, one: object) -> Any:
        """Copy values by their fields: their dictionary would be met as one that stays."""
        if isinstance(one, uuid.UUID):
            return uuid.UUID, (None, one.bytes)
        if not isinstance(one, tuple) and _is_value(one):
            return _value, (type(one), _fields(one))
        return NotImplemented


def _fields(one: Any) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a value (`_is_value`) by their names."""
    kind = type(one)
    fields = getattr(kind, "__dataclass_fields__", None)
    names = kind.__struct_fields__ if fields is None else fields
    return tuple((name, getattr(one, name)) for name in names if hasattr(one, name))


def _value(kind: type[Any], fields: tuple[tuple[str, Any], ...]) -> Any:
    """Make a value again, without the checks it passed when it was first made."""
    if not dataclasses.is_dataclass(kind):
        return kind(**dict(fields))
    made = kind.__new__(kind)
    for name, value in fields:
        object.__setattr__(made, name, value)
    return made


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, live: list[object]) -> None:
        super().__init__(file)
        self._live = live

    def persistent_load(self, number: Any) -> object:
        """Return what stayed where it is."""
        return self._live[number]


def window_objects(spared: Container[int]) -> Iterator[object]:
    """Find what lives of the window: objects of its rooms, and functions of theirs that carry something with them."""
    for one in gc.get_objects():
        if id(one) in spared:
            continue
        kind = type(one)
        if kind is types.FunctionType:
            if (one.__closure__ or one.__defaults__) and _is_of_window(one.__module__):
                yield one
        elif kind is partial:
            if _is_of_window(getattr(one.func, "__module__", None)):
                yield one
        elif _is_of_window(kind.__module__) and holds(one):
            yield one


def of_program() -> set[int]:
    """Return the ids of what the program's modules hold themselves: tables, definitions that were read, functions."""
    found: dict[int, Any] = {}  # with the objects: the number of one that is gone is given to another
    waiting: list[Any] = []
    for name, module in list(sys.modules.items()):
        if name.startswith(_OURS):
            waiting.append(vars(module))
    while waiting:
        one = waiting.pop()
        if id(one) not in found:
            found[id(one)] = one
            waiting.extend(part for part in _parts(one) if not isinstance(part, _ATOMS))
    return set(found)


def _parts(one: Any) -> Iterable[Any]:
    """What belongs to the program with something of its own; what a singleton of the window holds is the window's."""
    kind = type(one)
    if isinstance(one, dict | types.MappingProxyType):
        return list(one.values())
    if isinstance(one, list | tuple | set | frozenset | deque):
        return list(one)
    if isinstance(one, type):
        return list(vars(one).values()) if one.__module__.startswith(_OURS) else []
    if kind is types.FunctionType:  # columns, checks: what they carry was written in the program, not read of a ledger
        return [*_carried(one), *(one.__defaults__ or ()), *(one.__kwdefaults__ or {}).values()]
    if isinstance(one, partial):
        return [one.func, one.args, one.keywords]
    if isinstance(one, _CACHE | property | staticmethod | classmethod):
        return gc.get_referents(one)
    if _is_value(one):
        return [value for _, value in _fields(one)]
    if kind.__module__.startswith(_OURS) and not kind.__module__.startswith(_UI) and hasattr(one, "__dict__"):
        return [vars(one)]
    return []


def _carried(one: types.FunctionType) -> Iterator[Any]:
    for cell in one.__closure__ or ():
        with suppress(ValueError):  # not filled yet
            yield cell.cell_contents


def holds(one: object) -> bool:
    """Tell whether something is an object of ours that is emptied where it stands: no value, no class, no session."""
    kind = type(one)
    return (
        isinstance(kind.__module__, str) and kind.__module__.startswith(_OURS) and not kind.__module__.startswith(_LEFT)
        and not isinstance(one, type | enum.Enum | Session | Exception | Stash) and not _is_value(one)
        and isinstance(getattr(one, "__dict__", None), dict)
    )  # fmt: skip


def _is_of_window(module: object) -> bool:
    return isinstance(module, str) and module.startswith(_UI) and not module.startswith(_LEFT)


def _is_value(one: object) -> bool:
    """Whether something is data of ours that cannot change: a frozen class with its fields, a named tuple, a structure."""
    kind = type(one)
    if isinstance(one, enum.Enum | type):
        return False
    if isinstance(one, tuple):
        return True
    if not kind.__module__.startswith(_OURS):
        return False
    parameters = getattr(kind, "__dataclass_params__", None)
    if parameters is not None and dataclasses.is_dataclass(kind):
        return bool(parameters.frozen)
    configuration = getattr(kind, "__struct_config__", None)
    return configuration is not None and bool(configuration.frozen)


def _speaks(value: object) -> bool:
    """Whether a value is data that holds something in words."""
    if type(value) in (tuple, frozenset):
        return any(isinstance(one, str | bytes) or _speaks(one) for one in value)  # type: ignore[attr-defined]
    return type(value) in (str, bytes, bytearray) or _is_value(value)


def _blank(value: object) -> object:
    return type(value)() if type(value) in (str, bytes, bytearray, tuple, frozenset) else None


def _filler(one: Any) -> Put:
    return one.update if isinstance(one, set) else one.extend


def _setter(one: object, name: str) -> Put:
    return lambda value: _hold(one, name, value)


def _hold(one: object, name: str, value: object) -> None:
    vars(one)[name] = value


def _cell_setter(cell: types.CellType) -> Put:
    return lambda value: _fill(cell, value)


def _fill(cell: types.CellType, value: object) -> None:
    cell.cell_contents = value

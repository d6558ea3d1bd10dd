"""Leaves nothing in free memory: caches are emptied, and what was let go of is written over.

Neither Python nor the C library wipes what it frees: a name that no object holds any more lies in memory until
something else is put there. Here every free block of Python's own allocator is filled, the C library gives whole
free pages back to the system, and fills what it frees from then on (glibc). What a system has not is left out.
"""

import contextlib
import ctypes
import gc
import os
import re
import sys
from functools import lru_cache
from typing import Any

_CACHE: Any = type(lru_cache(len))
_OURS = "bangjiao_desktop."
_M_PERTURB, _M_ARENA_MAX = -6, -8  # malloc.h of glibc
_FILL = 0x5A
_LARGEST = 512  # bytes of a block of Python's allocator (Objects/obmalloc.c)
_CLASS = re.compile(rb"^\s*\d+\s+(\d+)\s+\d+\s+\d+\s+(\d+)\s*$", re.MULTILINE)
_SPARE = re.compile(rb"^(\d+) unused pools \* (\d+) bytes", re.MULTILINE)
_ROOM = 33  # bytes of an empty bytes object


def wipe_what_is_freed() -> None:
    """From now on the C library writes over what it frees, and has one place for it (Linux with glibc)."""
    with contextlib.suppress(Exception):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 1)
        library.mallopt(_M_PERTURB, _FILL)


def empty_caches() -> None:
    """Empty what remembers texts of the ledger: every cache of the program that has a bound."""
    for name, module in list(sys.modules.items()):
        if not name.startswith(_OURS):
            continue
        for value in list(vars(module).values()):
            if isinstance(value, _CACHE) and value.cache_parameters()["maxsize"] is not None:
                value.cache_clear()


def scrub() -> None:
    """Write over the free memory of this process, as far as it can be reached."""
    gc.collect()
    with contextlib.suppress(Exception):
        _fill_pools()
    with contextlib.suppress(Exception):
        library = ctypes.CDLL(None)
        _fill_chunks(library)
        library.malloc_trim(0)


def _fill_pools() -> None:
    """Fill every free block of Python's allocator with zeros, and let it go again."""
    told = _told_by_allocator()
    blocks = {int(size): int(free) for size, free in _CLASS.findall(told)}
    held: list[bytes] = []
    for size, free in blocks.items():
        if size > _ROOM and size <= _LARGEST:
            held.extend(bytes(size - _ROOM) for _ in range(free))
    spare = sum(int(number) * int(size) for number, size in _SPARE.findall(told))
    held.extend(bytes(_LARGEST - _ROOM) for _ in range(spare // _LARGEST))
    small: list[object] = [object() for size in (16, 32) for _ in range(blocks.get(size, 0))]
    del small
    held.clear()


def _told_by_allocator() -> bytes:
    """What Python's allocator says of itself; it knows no other place for that than the error output."""
    kept = os.dup(2)
    place = os.memfd_create("allocator")
    try:
        os.dup2(place, 2)
        sys._debugmallocstats()  # noqa: SLF001 (documented; it has no other name)
        os.dup2(kept, 2)
        os.lseek(place, 0, os.SEEK_SET)
        with os.fdopen(os.dup(place), "rb") as file:
            return file.read()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(place)


def _fill_chunks(library: Any) -> None:
    """Take what lies free in the C library's lists, and give it back: on freeing it is written over."""
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = (ctypes.c_size_t,)
    library.free.argtypes = (ctypes.c_void_p,)
    held: list[int] = []
    for size in [*range(24, 1040, 16), 1500, 2048, 3000, 4096, 6000, 8192, 16384, 32768, 65536]:
        held.extend(library.malloc(size) for _ in range(2000 if size < 1040 else 300))
    for one in held:
        library.free(one)

"""The container in which .xls files keep their streams (Microsoft's compound file, OLE)."""

import struct
from dataclasses import dataclass

_FREE = 0xFFFFFFFA  # this and above are marks, not sectors
_ENTRY = 128


@dataclass(frozen=True)
class Stream:
    """A stream of the file.

    Attributes:
        content: its bytes.
        sectors: where they stand in the file, in order; none for a small stream, which shares sectors with others.
        size: bytes of a sector.
    """

    content: bytes
    sectors: tuple[int, ...]
    size: int

    def put_back(self, file: bytes, content: bytes | bytearray) -> bytes:
        """Return the file with other bytes, as many, in place of the stream's."""
        changed = bytearray(file)
        for place, sector in enumerate(self.sectors):
            piece = content[place * self.size : (place + 1) * self.size]
            changed[(sector + 1) * self.size : (sector + 1) * self.size + len(piece)] = piece
        return bytes(changed)


def stream_of(content: bytes, *names: str) -> Stream:
    """Return the first stream that is there.

    Args:
        content: the file.
        names: of streams, in order of preference.

    Raises:
        KeyError: there is none of them.
        ValueError, struct.error, IndexError: damaged.
    """
    return _Container(content).stream(names)


def streams_in(content: bytes) -> frozenset[str]:
    """Return the names of the streams of a file.

    Raises:
        ValueError, struct.error, IndexError: damaged.
    """
    return frozenset(_Container(content).entries)


class _Container:
    """Sectors, and the chains in which they belong together."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        shift, small_shift = struct.unpack_from("<HH", content, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise ValueError("no compound file")
        self._size = 1 << shift
        (directory,) = struct.unpack_from("<I", content, 48)
        self._least, small_table = struct.unpack_from("<II", content, 56)
        self._table = self._sector_table()
        self._small_table = self._numbers(self._chain(small_table)) if small_table < _FREE else []
        self.entries: dict[str, tuple[int, int]] = {}
        entries = self._chain(directory)
        for start in range(0, len(entries) - _ENTRY + 1, _ENTRY):
            (length,) = struct.unpack_from("<H", entries, start + 64)
            name = entries[start : start + max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
            kind = entries[start + 66]
            first, size = struct.unpack_from("<II", entries, start + 116)
            if kind == 5:
                name = "/"
            if kind in (2, 5):
                self.entries.setdefault(name, (first, size))

    def stream(self, names: tuple[str, ...]) -> Stream:
        """Return the first stream there is of these names."""
        for name in names:
            if name in self.entries:
                first, size = self.entries[name]
                if size >= self._least:
                    return Stream(self._chain(first)[:size], tuple(self._places(first, self._table)), self._size)
                small = self._chain(self.entries["/"][0])
                pieces = [small[place * 64 : place * 64 + 64] for place in self._places(first, self._small_table)]
                return Stream(b"".join(pieces)[:size], (), self._size)
        raise KeyError(names[0])

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._content[start : start + self._size]

    def _sector_table(self) -> list[int]:
        """Gather the table that says which sector follows which."""
        listed = list(struct.unpack_from("<109I", self._content, 76))
        following, count = struct.unpack_from("<II", self._content, 68)
        for _ in range(min(count, len(self._content) // self._size)):
            if following >= _FREE:
                break
            more = self._numbers(self._sector(following))
            listed += more[:-1]
            following = more[-1]
        return self._numbers(b"".join(self._sector(number) for number in listed if number < _FREE))

    @staticmethod
    def _numbers(content: bytes) -> list[int]:
        count = len(content) // 4
        return list(struct.unpack(f"<{count}I", content[: count * 4]))

    @staticmethod
    def _places(first: int, table: list[int]) -> list[int]:
        places: list[int] = []
        while first < _FREE:
            if len(places) > len(table):
                raise ValueError("a chain without end")
            places.append(first)
            first = table[first]
        return places

    def _chain(self, first: int) -> bytes:
        return b"".join(self._sector(number) for number in self._places(first, self._table))

"""Looks into the shipped ELF files: which glibc they need, which libraries; relaxes versions where asked.

    python elf.py check FOLDER --glibc 2.28 --glibcxx 3.4.25 --cxxabi 1.3.11 --libraries FILE
    python elf.py relax FILE VERSION ...

`check` prints the highest versions seen and every library that must come from the system; it fails if a version is
higher than allowed (a weak one does not count) or a library is not listed in FILE (lines "soname  debian-package").
`relax` marks version needs such as GLIBCXX_3.4.29 as weak: the loader then starts the file on an older system, and the
few symbols behind them (cleared with patchelf) are found in libbangjiao-compat.so.
"""

import argparse
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_WEAK = 2
_DT_NEEDED, _DT_VERNEED, _DT_VERNEEDNUM, _DT_STRTAB, _DT_SONAME = 1, 0x6FFFFFFE, 0x6FFFFFFF, 5, 14


class Elf:
    """The dynamic section of a 64-bit little-endian ELF file.

    Args:
        path: the file.

    Raises:
        ValueError: it is none.
    """

    def __init__(self, path: Path) -> None:
        self.data = bytearray(path.read_bytes())
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(path)
        self._loads: list[tuple[int, int, int]] = []
        dynamic = (0, 0)
        start, size, count = (*struct.unpack_from("<Q", self.data, 32), *struct.unpack_from("<HH", self.data, 54))
        for number in range(count):
            kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", self.data, start + number * size)
            if kind == 1:
                self._loads.append((address, offset, length))
            elif kind == 2:
                dynamic = (offset, length)
        self._entries: list[tuple[int, int]] = []
        for place in range(dynamic[0], sum(dynamic), 16):
            tag, value = struct.unpack_from("<qQ", self.data, place)
            if tag == 0:
                break
            self._entries.append((tag, value))
        self._values = dict(self._entries)

    @property
    def needed(self) -> list[str]:
        """Sonames of the libraries it loads."""
        return [self._text(value) for tag, value in self._entries if tag == _DT_NEEDED]

    @property
    def soname(self) -> str:
        """Its own soname, or nothing."""
        return self._text(self._values[_DT_SONAME]) if _DT_SONAME in self._values else ""

    def versions(self) -> Iterator[tuple[str, bool, int]]:
        """Yield the symbol versions it needs, whether weakly, and where in the file the flags stand."""
        place = self._offset(self._values[_DT_VERNEED]) if _DT_VERNEED in self._values else 0
        for _ in range(self._values.get(_DT_VERNEEDNUM, 0)):
            _, count, _, first, following = struct.unpack_from("<HHIII", self.data, place)
            auxiliary = place + first
            for _ in range(count):
                _, flags, _, name, step = struct.unpack_from("<IHHII", self.data, auxiliary)
                yield self._text(name), bool(flags & _WEAK), auxiliary + 4
                auxiliary += step
            place += following

    def _offset(self, address: int) -> int:
        for start, offset, length in self._loads:
            if start <= address < start + length:
                return address - start + offset
        raise ValueError(address)

    def _text(self, offset: int) -> str:
        start = self._offset(self._values[_DT_STRTAB]) + offset
        return self.data[start : self.data.index(0, start)].decode()


def elf_files(folder: Path) -> Iterator[tuple[Path, Elf]]:
    """Yield every ELF file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) != b"\x7fELF":
                    continue
            yield path, Elf(path)


def relax(path: Path, versions: set[str]) -> None:
    """Mark version needs as weak, in whichever library they are looked for; each must be there."""
    elf = Elf(path)
    found = set()
    for name, _, place in elf.versions():
        if name in versions:
            flags = struct.unpack_from("<H", elf.data, place)[0]
            struct.pack_into("<H", elf.data, place, flags | _WEAK)
            found.add(name)
    if found != versions:
        raise SystemExit(f"{path.name} 不需要版本 {'、'.join(sorted(versions - found))}，不必放宽。")
    path.write_bytes(elf.data)


def check(folder: Path, limits: dict[str, str], libraries: Path) -> int:
    """Check every file; return the exit code."""
    listed = dict(line.split()[:2] for line in libraries.read_text().splitlines() if line and not line.startswith("#"))
    files = list(elf_files(folder))
    own = {path.name for path, _ in files} | {elf.soname for _, elf in files}
    highest: dict[str, tuple[tuple[int, ...], str]] = {}
    faults: list[str] = []
    outside: set[str] = set()
    for path, elf in files:
        name = path.relative_to(folder).as_posix()
        for version, weak, _ in elf.versions():
            family, _, number = version.rpartition("_")
            if family not in limits or weak or not number[:1].isdigit():
                continue
            value = as_numbers(number)
            if value > highest.get(family, ((), ""))[0]:
                highest[family] = (value, name)
            if value > as_numbers(limits[family]):
                faults.append(f"{name} 需要 {version}，最多只能是 {family}_{limits[family]}")
        for library in elf.needed:
            if library not in own:
                outside.add(library)
                if library not in listed:
                    faults.append(f"{name} 需要 {library}，它既不在包里，也不在 {libraries.name} 里")
    for family, (value, name) in sorted(highest.items()):
        print(f"{family} 最高 {'.'.join(map(str, value))}（{name}），允许 {limits[family]}")
    print(f"{len(files)} 个 ELF 文件；来自系统的库：{' '.join(sorted(outside))}")
    unused = set(listed) - outside
    if unused:
        faults.append(f"{libraries.name} 里多余：{'、'.join(sorted(unused))}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def as_numbers(text: str) -> tuple[int, ...]:
    """Return a version as numbers that compare."""
    return tuple(int(part) for part in text.split("."))


def main() -> None:
    """Run as the text above says."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check")
    checking.add_argument("folder", type=Path)
    checking.add_argument("--glibc", required=True)
    checking.add_argument("--glibcxx", required=True)
    checking.add_argument("--cxxabi", required=True)
    checking.add_argument("--libraries", type=Path, required=True)
    relaxing = commands.add_parser("relax")
    relaxing.add_argument("file", type=Path)
    relaxing.add_argument("versions", nargs="+")
    arguments = parser.parse_args()
    if arguments.command == "relax":
        relax(arguments.file, set(arguments.versions))
        return
    limits = {"GLIBC": arguments.glibc, "GLIBCXX": arguments.glibcxx, "CXXABI": arguments.cxxabi}
    raise SystemExit(check(arguments.folder, limits, arguments.libraries))


if __name__ == "__main__":
    main()

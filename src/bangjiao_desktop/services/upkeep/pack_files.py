"""The files of a province pack, out of a folder or a zip: what is no plain file, or lies outside, is refused by name.

Nothing is written to the disk; the sizes are looked at before anything is read.
"""

import lzma
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TypeVar

from bangjiao_desktop.domain.definitions.reader import LONGEST
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError
from bangjiao_desktop.domain.system_errors import reason
from bangjiao_desktop.domain.text import has_controls, visible

MANIFEST = "pack.toml"
NOTHING_TAKEN = "没有导入任何内容。"
_MOST_FILES, _LARGEST, _LARGEST_ZIP = 1000, 20 * 1024 * 1024, 100 * 1024 * 1024
_LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")
_LITTER_FOLDER = "__MACOSX"
_TOO_LARGE = f"方案包太大：最多 {_MOST_FILES} 个文件、合计 20 MB。{NOTHING_TAKEN}"
_T = TypeVar("_T")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, NotImplementedError, EOFError,
    ValueError, OverflowError,
)  # fmt: skip


def pack_files(path: Path) -> dict[str, bytes]:
    """Return the files of a pack by name, as they stand beside its pack.toml.

    Args:
        path: a folder or a zip; the pack may lie in a folder of it.

    Raises:
        InvalidInputError: no folder and no zip, damaged, locked, too large, or no pack.toml.
        DefinitionError: a name twice, one that cannot be read or leads outside, a link; says which.
    """
    try:
        found = dict(_of_folder(path)) if path.is_dir() else _of_zip(path)
    except OSError as error:
        raise InvalidInputError(f"方案包“{visible(path.name)}”读不了：{reason(error)}。") from error
    return _beside_manifest(found, path)


def text_of_pack(name: str, content: bytes) -> str:
    """Return a file of a pack as text.

    Raises:
        DefinitionError: it is no UTF-8, or too long; names file and line.
    """
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DefinitionError(f"方案包 {name} 第 {line} 行：不是 UTF-8 编码的文字，请另存为 UTF-8。") from error
    if len(text) > LONGEST:
        raise DefinitionError(f"方案包 {name} 有 {len(text)} 个字，最多 {LONGEST} 个。")
    return text


def _beside_manifest(found: dict[str, bytes], path: Path) -> dict[str, bytes]:
    """The files with the folders above pack.toml left out of their names: often the folder is packed, not what is in it."""
    if MANIFEST in found:
        return found
    places = [name for name in found if PurePosixPath(name).name == MANIFEST]
    if not places:
        raise InvalidInputError(f"“{visible(path.name)}”不是省级方案包：缺少 {MANIFEST}（写明 name 和 version）。")
    if len(places) > 1:
        raise InvalidInputError(f"“{visible(path.name)}”里有 {len(places)} 个 {MANIFEST}，请一次只导入一个方案包。")
    above = places[0].removesuffix(MANIFEST)
    other = next((name for name in found if not name.startswith(above)), None)
    if other is not None:
        raise InvalidInputError(
            f"{MANIFEST} 在“{above.rstrip('/')}”里，外面还有“{other}”。请只选择或打包“{above.rstrip('/')}”。"
        )
    return {name.removeprefix(above): content for name, content in found.items()}


def _of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Read a folder; whoever chose a whole disk is told after a thousand files."""
    paths: dict[str, Path] = {}
    size = 0
    for place, folders, files in os.walk(folder, onerror=_stop):
        folders[:] = sorted(name for name in folders if name != _LITTER_FOLDER)
        for name in sorted([*files, *(one for one in folders if Path(place, one).is_symlink())]):
            one = Path(place, name)
            told = _checked(one.relative_to(folder).as_posix())
            if name in _LITTER:
                continue
            if not stat.S_ISREG(one.lstat().st_mode):
                raise DefinitionError(f"方案包里的“{told}”是链接，不是普通文件。{NOTHING_TAKEN}")
            _put(paths, told, one)
            size += one.stat().st_size
            if len(paths) > _MOST_FILES or size > _LARGEST:
                raise InvalidInputError(_TOO_LARGE)
    for told, one in paths.items():
        yield told, one.read_bytes()


def _stop(error: OSError) -> None:
    raise error


def _of_zip(path: Path) -> dict[str, bytes]:
    if path.stat().st_size > _LARGEST_ZIP:
        raise InvalidInputError(_TOO_LARGE)
    try:
        with zipfile.ZipFile(path) as archive:
            entries: dict[str, zipfile.ZipInfo] = {}
            for one in archive.infolist():
                name = _name(one)
                if one.is_dir() or _is_litter(name):
                    continue
                if stat.S_ISLNK(one.external_attr >> 16):
                    raise DefinitionError(f"方案包里的“{name}”是链接，不是普通文件。{NOTHING_TAKEN}")
                _put(entries, name, one)
            if len(entries) > _MOST_FILES or sum(one.file_size for one in entries.values()) > _LARGEST:
                raise InvalidInputError(_TOO_LARGE)
            return {name: archive.read(one) for name, one in entries.items()}
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"“{visible(path.name)}”里有文件名读不了，请改用 UTF-8 或中文 Windows 重新打包。"
        ) from error
    except _BROKEN as error:
        raise InvalidInputError(f"“{visible(path.name)}”不是 zip 文件，或者已损坏、加了密码。") from error


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; Windows packs Chinese names in GBK, and some tools UTF-8, without saying so.

    Raises:
        UnicodeDecodeError: it is neither.
        DefinitionError: as `_checked`.
    """
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            written = name.encode("cp437")
        except UnicodeEncodeError:
            return _checked(name.replace("\\", "/"))  # told in Unicode beside the entry
        try:
            name = written.decode("utf-8")
        except UnicodeDecodeError:
            name = written.decode("gbk")
    return _checked(name.replace("\\", "/"))


def _checked(name: str) -> str:
    """A name, refused if nobody could read it or if it leads out of the pack."""
    name = unicodedata.normalize("NFC", name)
    told = visible(name)
    if has_controls(name) or told != name:
        raise DefinitionError(f"方案包里有一个文件名带有看不见或不成立的字符：“{told}”。{NOTHING_TAKEN}")
    if name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts:
        raise DefinitionError(f"方案包里的“{name}”指到方案包外面去了。{NOTHING_TAKEN}")
    return PurePosixPath(name).as_posix()


def _put(known: dict[str, _T], name: str, one: _T) -> None:
    if name in known:
        raise DefinitionError(f"方案包里有两个“{name}”，不知道用哪一个。{NOTHING_TAKEN}")
    known[name] = one


def _is_litter(name: str) -> bool:
    """Whether a system put a file there, not a person."""
    path = PurePosixPath(name)
    return _LITTER_FOLDER in path.parts or path.name in _LITTER

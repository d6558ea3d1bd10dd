"""Where a ledger may lie: not where a program copies it to the internet, and not where it is cleaned away."""

import os
import tempfile
from functools import cache
from pathlib import Path

from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.services.base.disks import Disk, disk_of

_BAD_DISKS = {
    Disk.NETWORK: "这是网络上的文件夹。数据库放在网络盘上，断网或几个人同时打开都可能损坏。请换一个本机文件夹。",
    Disk.REMOVABLE: "这是 U 盘、移动硬盘或光盘，拔走、丢失都会连台账一起没有。台账请放在本机硬盘上，U 盘只存备份。",
    Disk.MEMORY: "这个文件夹在内存里，一关机就没有了。请换一个文件夹。",
}


def require_good_place(folder: Path) -> Path:
    """Return the folder, made absolute, if a new ledger may lie there.

    Args:
        folder: as typed; it need not exist yet.

    Raises:
        InvalidInputError: it is relative, synchronised, temporary, on the network, on a stick, in the program's own
            folder, or in another ledger; the sentence says which and why.
    """
    if not isinstance(folder, Path):
        raise InvalidInputError("请写出完整的文件夹位置，例如 D:\\安置帮教台账，或按“选择…”。")
    typed = folder.expanduser()
    if not str(folder).strip() or not typed.is_absolute():
        raise InvalidInputError("请写出完整的文件夹位置，例如 D:\\安置帮教台账，或按“选择…”。")
    place = Path(os.path.normpath(typed))
    service = _synchronised(place)
    if service:
        raise InvalidInputError(
            f"这个位置属于 {service}，会被同步到网上。台账里是服刑记录等敏感信息，不能离开本单位；"
            "同步软件还可能把正在写的数据库复制坏。请换一个本机文件夹。"
        )
    if _temporary(place):
        raise InvalidInputError("这是临时文件夹，系统或清理软件随时会把它清空，台账会丢。请换一个文件夹。")
    disk = disk_of(place)
    if disk in _BAD_DISKS:
        raise InvalidInputError(_BAD_DISKS[disk])
    if _inside(place, _program_folder()):
        raise InvalidInputError("这是程序自己的文件夹，升级和卸载时会整个换掉。请换一个文件夹。")
    for parent in place.parents:
        if (parent / "keys.json").exists():
            raise InvalidInputError(f"“{parent}”本身就是一个台账，台账里面不能再放台账。请换一个文件夹。")
    return place


def suggested_place() -> Path:
    """Return where a new ledger goes if nobody says otherwise: the fixed disk D: on Windows, else the home folder."""
    name = "安置帮教台账"
    if os.name == "nt" and Path("D:/").is_dir() and disk_of(Path("D:/")) is Disk.FIXED:
        return _free(Path("D:/") / name)
    return _free(Path.home() / name)


def suggested_demo_place() -> Path:
    """Return where a demo ledger goes."""
    import platformdirs

    return _free(Path(platformdirs.user_data_dir("bangjiao-demo", appauthor=False)) / "演示台账")


def free_place_in(folder: Path, name: str) -> Path:
    """Return the folder itself if it is new or empty, else the first free place in it of that name.

    Args:
        folder: as chosen by hand.
        name: e.g. "安置帮教台账"; 2, 3, … are put behind it if it is taken.
    """
    return _free(folder / name) if taken(folder) else folder


def taken(place: Path) -> bool:
    """Tell whether something lies there already; a folder that may not be looked into counts."""
    try:
        return place.exists() and (not place.is_dir() or any(place.iterdir()))
    except OSError:
        return True


def _free(place: Path) -> Path:
    """Return the place, or the first of 2, 3, … that is not taken."""
    number, candidate = 1, place
    while taken(candidate) and number < 100:
        number += 1
        candidate = place.with_name(f"{place.name}{number}")
    return candidate


def _synchronised(place: Path) -> str | None:
    parts = [part.lower() for part in place.parts]
    for service in _rules().synchronised:
        if any(word in part for word in service.words for part in parts):
            return service.name
        for variable in service.environment:
            root = os.environ.get(variable)
            if root and _inside(place, Path(root)):
                return service.name
    return None


def _temporary(place: Path) -> bool:
    if _inside(place, Path(tempfile.gettempdir())):
        return True
    words = set(_rules().temporary.words)
    return any(part.lower() in words for part in place.parts)


def _program_folder() -> Path:
    return Path(__file__).resolve().parents[2]


def _inside(place: Path, root: Path) -> bool:
    try:
        place.resolve().relative_to(root.resolve())
    except (ValueError, OSError):
        return False
    return True


class _Service(Shape, frozen=True):
    name: str
    words: tuple[str, ...]
    environment: tuple[str, ...] = ()


class _Temporary(Shape, frozen=True):
    words: tuple[str, ...]


class _Rules(Shape, frozen=True):
    synchronised: tuple[_Service, ...]
    temporary: _Temporary


@cache
def _rules() -> _Rules:
    where = "规则文件 rules/unsafe_places.toml"
    return read(text_of(resource_path("rules", "unsafe_places.toml"), where), where, _Rules).value

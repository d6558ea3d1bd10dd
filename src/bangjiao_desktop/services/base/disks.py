"""What kind of disk a folder lies on, asked of the system: fixed, a stick that is pulled out, or somebody else's."""

import enum
import os
import re
import string
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

# Kinds of file system (as /proc/mounts names them) that lie on another computer, and those that are memory.
_NETWORK = {
    "9p", "afs", "afpfs", "ceph", "cifs", "davfs", "fuse.davfs", "fuse.gvfsd-fuse", "fuse.rclone", "fuse.smbnetfs",
    "fuse.sshfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs",
}  # fmt: skip
_MEMORY = {"tmpfs", "ramfs"}
# Where desktops mount what is plugged in, and inner disks that no table of the system names.
_PLUGGED_IN = ("/media", "/run/media")
_BLOCK_DEVICES = Path("/sys/class/block")
# GetDriveTypeW (Windows SDK, fileapi.h)
_DRIVE_REMOVABLE, _DRIVE_FIXED, _DRIVE_REMOTE, _DRIVE_CDROM, _DRIVE_RAMDISK = 2, 3, 4, 5, 6


class Disk(enum.Enum):
    """Kinds of disk."""

    FIXED = "fixed"
    REMOVABLE = "removable"
    NETWORK = "network"
    MEMORY = "memory"
    UNKNOWN = "unknown"


def disk_of(place: Path) -> Disk:
    """Return the kind of disk a folder lies on, or would lie on once it is made."""
    if str(place).startswith(("\\\\", "//")):
        return Disk.NETWORK
    if os.name == "nt":
        return windows_disk(_drive_type(place.anchor))
    return mounted_disk(PurePosixPath(_existing(place).resolve()), _mounts())


def sticks() -> list[Path]:
    """Return where disks are that can be pulled out, e.g. to back up to."""
    if os.name == "nt":
        roots = [f"{letter}:\\" for letter in string.ascii_uppercase[2:]]  # no floppies
        return [Path(root) for root in roots if _drive_type(root) == _DRIVE_REMOVABLE and Path(root).is_dir()]
    return mounted_sticks(_mounts())


def mounted_sticks(mounts: Sequence[str], devices: Path = _BLOCK_DEVICES) -> list[Path]:
    """Return the folders of the table of mounted file systems (as for `mounted_disk`) that can be pulled out."""
    folders = [PurePosixPath(_fields(line)[1]) for line in mounts if len(line.split(" ")) > 2]
    return [Path(one) for one in folders if mounted_disk(one, mounts, devices) is Disk.REMOVABLE]


def mounted_disk(place: PurePosixPath, mounts: Iterable[str], devices: Path = _BLOCK_DEVICES) -> Disk:
    """Return the kind of disk by the table of mounted file systems.

    Args:
        place: absolute, without links.
        mounts: lines of /proc/self/mounts (fstab(5): device, folder, kind, …; blanks in names as octal).
        devices: links of the block devices to where they are plugged in.
    """
    device, folder, kind = "", PurePosixPath(), ""
    for line in mounts:
        fields = _fields(line)
        if len(fields) < 3:
            continue
        other = PurePosixPath(fields[1])
        if place.is_relative_to(other) and len(other.parts) >= len(folder.parts):  # the last one lies on top
            device, folder, kind = fields[0], other, fields[2]
    if not kind:
        return Disk.UNKNOWN
    if kind in _NETWORK:
        return Disk.NETWORK
    if kind in _MEMORY:
        return Disk.MEMORY
    link = devices / PurePosixPath(device).name
    if link.exists() and not device.startswith("/dev/mapper/"):
        return Disk.REMOVABLE if "/usb" in os.path.realpath(link) else Disk.FIXED
    return Disk.REMOVABLE if any(folder.is_relative_to(one) for one in _PLUGGED_IN) else Disk.FIXED


def _mounts() -> list[str]:
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


def _fields(line: str) -> list[str]:
    return [re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), one) for one in line.split(" ")]


def windows_disk(drive_type: int) -> Disk:
    """Return the kind of disk by what GetDriveTypeW says."""
    return {
        _DRIVE_REMOVABLE: Disk.REMOVABLE, _DRIVE_CDROM: Disk.REMOVABLE, _DRIVE_FIXED: Disk.FIXED,
        _DRIVE_REMOTE: Disk.NETWORK, _DRIVE_RAMDISK: Disk.MEMORY,
    }.get(drive_type, Disk.UNKNOWN)  # fmt: skip


def same_disk(one: Path, other: Path) -> bool:
    """Tell whether two places are on one disk; unknown counts as different."""
    try:
        return _existing(one).stat().st_dev == _existing(other).stat().st_dev
    except OSError:
        return False


def _existing(place: Path) -> Path:
    """The nearest folder above that is there (one that may not be looked into counts as not there)."""
    for one in (place, *place.parents):
        try:
            if one.exists():
                return one
        except OSError:
            continue
    return place


def _drive_type(root: str) -> int:
    import ctypes

    windll = getattr(ctypes, "windll", None)
    return 0 if windll is None else int(windll.kernel32.GetDriveTypeW(root))

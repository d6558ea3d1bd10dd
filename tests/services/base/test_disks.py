"""What kind of disk a ledger would lie on, by the tables of Linux and the numbers of Windows."""

from pathlib import Path, PurePosixPath

import pytest

from bangjiao_desktop.services.base.disks import Disk, disk_of, mounted_disk, mounted_sticks, windows_disk

# /proc/self/mounts of an office PC with UOS: a data partition, a stick, a share of the bureau, a server's home
MOUNTS = r"""
sysfs /sys sysfs rw,nosuid 0 0
/dev/nvme0n1p5 / ext4 rw,relatime 0 0
tmpfs /dev/shm tmpfs rw,nosuid 0 0
tmpfs /run tmpfs rw,nosuid 0 0
/dev/sda1 /media/li/数据盘 ext4 rw 0 0
/dev/sdb1 /media/li/KING\040STON vfat rw 0 0
/dev/mapper/luks-1 /run/media/li/加密盘 ext4 rw 0 0
//10.0.0.8/share /mnt/share cifs rw,vers=3.0 0 0
10.0.0.9:/home /home/nfs nfs4 rw 0 0
gvfsd-fuse /run/user/1000/gvfs fuse.gvfsd-fuse rw 0 0
/dev/nvme0n1p6 /data ext4 rw 0 0
/dev/nvme0n1p6 /home ext4 rw 0 0
""".strip().splitlines()


@pytest.fixture
def devices(tmp_path):
    """Links as in /sys/class/block: which of them hang on USB."""
    for name, path in (("sda1", "ata1/host0/sda/sda1"), ("sdb1", "usb2/2-1/host6/sdb/sdb1"), ("nvme0n1p6", "nvme/p6")):
        (tmp_path / "devices" / path).mkdir(parents=True)
        (tmp_path / name).symlink_to(tmp_path / "devices" / path)
    return tmp_path


@pytest.mark.parametrize(
    ("place", "disk"),
    [
        ("/home/li/安置帮教台账", Disk.FIXED),
        ("/data/台账", Disk.FIXED),
        ("/media/li/数据盘/台账", Disk.FIXED),
        ("/media/li/KING STON/台账", Disk.REMOVABLE),
        ("/media/li/KING", Disk.FIXED),
        ("/run/media/li/加密盘/台账", Disk.REMOVABLE),
        ("/mnt/share/台账", Disk.NETWORK),
        ("/home/nfs/li/台账", Disk.NETWORK),
        ("/run/user/1000/gvfs/smb-share:server=a/台账", Disk.NETWORK),
        ("/dev/shm/台账", Disk.MEMORY),
    ],
)
def test_mounted_disks(devices, place, disk):
    assert mounted_disk(PurePosixPath(place), MOUNTS, devices) is disk


def test_what_is_mounted_last_lies_on_top(devices):
    stick = [*MOUNTS, "/dev/sdb1 /data vfat rw 0 0"]
    assert mounted_disk(PurePosixPath("/data/台账"), stick, devices) is Disk.REMOVABLE
    assert mounted_disk(PurePosixPath("/data/台账"), [], devices) is Disk.UNKNOWN


def test_sticks_are_found_to_back_up_to(devices):
    assert mounted_sticks(MOUNTS, devices) == [Path("/media/li/KING STON"), Path("/run/media/li/加密盘")]


def test_drives_of_windows():
    assert [windows_disk(one) for one in range(7)] == [
        Disk.UNKNOWN, Disk.UNKNOWN, Disk.REMOVABLE, Disk.FIXED, Disk.NETWORK, Disk.REMOVABLE, Disk.MEMORY,
    ]  # fmt: skip


def test_this_machine_is_asked():
    assert disk_of(Path("//server/share/台账")) is Disk.NETWORK
    assert disk_of(Path("/proc/self")) is not Disk.NETWORK

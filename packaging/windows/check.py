"""Checks a finished setup program without Windows: `python check.py SETUP.exe PAYLOAD`.

Unpacked with 7z, it must hold the payload's files, byte for byte as the manifest in it says; every .exe, .dll and
.pyd must be for 64-bit Windows; the launchers carry an icon and the version.
"""

import hashlib
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

X64 = 0x8664


def main() -> None:
    """Run as the text above says."""
    setup, payload = Path(sys.argv[1]), Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        subprocess.run(["7z", "x", "-y", f"-o{folder}", str(setup)], check=True, stdout=subprocess.DEVNULL)
        [manifest_file] = folder.rglob("manifest.json")
        manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
        root = manifest_file.parent
        for name, digest in manifest["files"].items():
            found = root / name
            if not found.is_file():
                raise SystemExit(f"安装程序里缺少 {name}")
            if hashlib.sha256(found.read_bytes()).hexdigest() != digest:
                raise SystemExit(f"安装程序里的 {name} 与清单不符")
        extra = {one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file()} - {
            *manifest["files"],
            "manifest.json",
        }
        if extra:
            raise SystemExit(f"安装程序里有清单之外的文件：{sorted(extra)[:5]}")
    if json.loads((payload / "manifest.json").read_text(encoding="utf-8")) != manifest:
        raise SystemExit("安装程序里的清单与打包时的不同")
    programs = [one for one in payload.rglob("*") if one.suffix in (".exe", ".dll", ".pyd")]
    for one in programs:
        if machine(one.read_bytes()) != X64:
            raise SystemExit(f"{one.name} 不是 64 位 Windows 的程序")
    version = manifest["version"].encode("utf-16-le")
    for name in ("bangjiao-desktop.exe", "bangjiao.exe"):
        content = (payload / "launchers" / name).read_bytes()
        if version not in content or "安置帮教工作台".encode("utf-16-le") not in content or b"\x89PNG" not in content:
            raise SystemExit(f"{name} 缺少版本信息或图标")
    print(f"{len(manifest['files'])} 个文件与清单一致，{len(programs)} 个程序文件都是 64 位的")


def machine(content: bytes) -> int:
    """Return the machine a Windows program is for."""
    start = struct.unpack_from("<I", content, 0x3C)[0]
    return struct.unpack_from("<H", content, start + 4)[0]


if __name__ == "__main__":
    main()

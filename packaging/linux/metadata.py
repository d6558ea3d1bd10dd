"""Writes the package's texts from resources/changes.toml and pyproject.toml.

python metadata.py metainfo TREE > cn.bangjiao.Desktop.metainfo.xml
python metadata.py changelog TREE > changelog
python metadata.py depends LIBRARIES > the Depends field
"""

import sys
import tomllib
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

MAINTAINER = "Bangjiao Desktop Authors <bangjiao-desktop@packages.invalid>"
GLIBC = {"amd64": "2.28", "arm64": "2.39"}


def releases(tree: Path) -> list[dict]:
    """Return the releases, newest first; the newest is the version of the tree."""
    listed = tree / "resources" / "changes.toml"
    if not listed.exists():  # versions before 0.2.0 had none: built anew only to try the upgrade from them
        return [{"version": "0.1.0", "date": date(2026, 11, 24), "changes": ["0.1.0"]}]
    found = tomllib.loads(listed.read_text(encoding="utf-8"))["release"]
    version = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if found[0]["version"] != version:
        raise SystemExit(f"resources/changes.toml 的最新一条是 {found[0]['version']}，pyproject.toml 是 {version}。")
    return found


def metainfo(tree: Path) -> str:
    """Return the AppStream text."""
    entries = "\n".join(
        f'    <release version="{one["version"]}" date="{one["date"].isoformat()}">\n      <description>\n        <ul>\n'
        + "\n".join(f"          <li>{escape(change)}</li>" for change in one["changes"])
        + "\n        </ul>\n      </description>\n    </release>"
        for one in releases(tree)
    )
    return (Path(__file__).parent / "metainfo.xml").read_text(encoding="utf-8").replace("@RELEASES@", entries)


def changelog(tree: Path) -> str:
    """Return the Debian change list."""
    text = []
    found = releases(tree)
    for place, one in enumerate(found):
        # of two releases of one day the later has a later hour: each entry must be newer than the one below
        earlier = sum(other["date"] == one["date"] for other in found[place + 1 :])
        when = format_datetime(datetime.combine(one["date"], time(9 + earlier), UTC))
        changes = "\n".join(f"  * {change}" for change in one["changes"])
        text.append(
            f"bangjiao-desktop ({one['version']}) stable; urgency=medium\n\n{changes}\n\n -- {MAINTAINER}  {when}\n"
        )
    return "\n".join(text)


def depends(libraries: Path, architecture: str) -> str:
    """Return the Depends field for the libraries taken from the system."""
    packages = {
        line.split()[1] for line in libraries.read_text().splitlines() if line.strip() and not line.startswith("#")
    }
    packages.discard("libc6")
    return ", ".join([f"libc6 (>= {GLIBC[architecture]})", *sorted(one.replace("|", " | ") for one in packages)])


if __name__ == "__main__":
    task, place = sys.argv[1], Path(sys.argv[2])
    if task == "depends":
        print(depends(place, sys.argv[3]))
    else:
        print({"metainfo": metainfo, "changelog": changelog}[task](place), end="")

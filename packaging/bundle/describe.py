"""Writes what a payload is made of: licences page, CycloneDX SBOM, manifest of files and hashes.

    python describe.py PAYLOAD TREE --name NAME --components FILE.toml

Runs in the environment of the packaging tools. Written into PAYLOAD:

- `site/bangjiao_desktop/resources/licences.json`: name, version, licence, home page and texts of everything shipped,
  for 关于 → 许可;
- `sbom.cdx.json`: CycloneDX 1.6, checked against its schema;
- `manifest.json`: every file with its SHA-256, the version and the commit's time.

FILE.toml lists what comes from elsewhere than the lock: [[component]] name, version, licence, purl, homepage, text
(names of files beside it).
"""

import argparse
import hashlib
import json
import os
import tomllib
import uuid
from datetime import UTC, datetime
from email.parser import HeaderParser
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.contrib.this.builders import this_component
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

COMMON = Path("/usr/share/common-licenses")  # Debian's texts, for packages that bring none
# The licence of packages whose metadata say it in free words only; the texts come from their own files.
SPDX = {
    "pyside6-essentials": "LGPL-3.0-only", "shiboken6": "LGPL-3.0-only", "chinesecalendar": "MIT", "sqlcipher3": "Zlib",
    "reportlab": "BSD-3-Clause", "qtawesome": "MIT AND OFL-1.1 AND Apache-2.0", "python-calamine": "MIT",
    "pypinyin": "MIT", "qtpy": "MIT", "uuid-utils": "BSD-3-Clause", "xlsxwriter": "BSD-2-Clause", "mako": "MIT",
    "pycparser": "BSD-3-Clause", "segno": "BSD-3-Clause", "argon2-cffi-bindings": "MIT", "alembic": "MIT",
    "tomlkit": "MIT", "mdurl": "MIT", "markdown-it-py": "MIT", "argon2-cffi": "MIT", "sqlalchemy": "MIT",
    "charset-normalizer": "MIT", "cffi": "MIT-0", "packaging": "Apache-2.0 OR BSD-2-Clause", "platformdirs": "MIT",
}  # fmt: skip
TEXTS = {"LGPL-3.0-only": ("LGPL-3", "GPL-3"), "Apache-2.0": ("Apache-2.0",), "BSD-3-Clause": ("BSD",)}


def main() -> None:
    """Run as the text above says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("payload", type=Path)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--components", type=Path, required=True)
    arguments = parser.parse_args()
    payload: Path = arguments.payload
    version = tomllib.loads((arguments.tree / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    parts = packages(payload / "site", arguments.tree) + elsewhere(arguments.components)
    parts.sort(key=lambda part: part["name"].lower())
    resources = payload / "site" / "bangjiao_desktop" / "resources"
    shown = [{key: part[key] for key in ("name", "version", "licence", "homepage", "texts")} for part in parts]
    write(resources / "licences.json", json.dumps(shown, ensure_ascii=False, indent=1))
    write(payload / "sbom.cdx.json", sbom(arguments.name, version, parts))
    write(payload / "manifest.json", manifest(payload, arguments.name, version))


def packages(site: Path, tree: Path) -> list[dict]:
    """Return what the lock brought: metadata of each dist-info, hash of the wheel."""
    locked = {one["name"]: one for one in tomllib.loads((tree / "uv.lock").read_text(encoding="utf-8"))["package"]}
    found = []
    for folder in sorted(site.glob("*.dist-info")):
        head = HeaderParser().parsestr((folder / "METADATA").read_text(encoding="utf-8"))
        name = head["Name"].lower().replace("_", "-").replace(".", "-")
        texts = [
            file.read_text(encoding="utf-8", errors="replace")
            for file in sorted(folder.rglob("*"))
            if file.is_file() and any(word in file.name.upper() for word in ("LICEN", "COPYING", "NOTICE"))
        ]
        licence = SPDX.get(name) or head["License-Expression"] or (head["License"] or "").strip().split("\n")[0]
        if not licence:
            raise SystemExit(f"{name}：不知道是什么许可，请在 describe.SPDX 里写明。")
        # Qt's own wheels bring the commercial text, too; what we use them under is the LGPL
        if licence in TEXTS and (not texts or licence.startswith("LGPL")):
            texts = [(COMMON / one).read_text(encoding="utf-8") for one in TEXTS[licence]]
        wheels = {wheel["hash"] for wheel in locked[name].get("wheels", ())} if name in locked else set()
        found.append(
            {
                "name": head["Name"], "version": head["Version"], "licence": licence, "texts": texts,
                "homepage": homepage(head), "purl": PackageURL("pypi", None, name, head["Version"]), "wheels": wheels,
            }
        )  # fmt: skip
    return found


def homepage(head: object) -> str:
    """Return where a package comes from."""
    urls = dict(line.split(", ", 1) for line in head.get_all("Project-URL", []))  # type: ignore[attr-defined]
    by_name = {key.lower(): value for key, value in urls.items()}
    for name in ("homepage", "home", "source", "source code", "repository", "documentation"):
        if name in by_name:
            return by_name[name]
    return head["Home-page"] or next(iter(urls.values()), "")  # type: ignore[index]


def elsewhere(file: Path) -> list[dict]:
    """Return what the components' file lists."""
    found = []
    for one in tomllib.loads(file.read_text(encoding="utf-8"))["component"]:
        texts = [(file.parent / name).read_text(encoding="utf-8", errors="replace") for name in one["text"]]
        found.append(
            {
                "name": one["name"], "version": one["version"], "licence": one["licence"], "texts": texts,
                "homepage": one.get("homepage", ""), "purl": PackageURL.from_string(one["purl"]), "wheels": set(),
            }
        )  # fmt: skip
    return found


def sbom(name: str, version: str, parts: list[dict]) -> str:
    """Return the CycloneDX text, the same for the same parts."""
    licences = LicenseFactory()
    own = Component(
        name=name, version=version, type=ComponentType.APPLICATION, bom_ref=name,
        licenses=[licences.make_with_name("Proprietary")],
    )  # fmt: skip
    bom = Bom(
        serial_number=uuid.uuid5(
            uuid.NAMESPACE_URL, f"{name} {version} {[(one['name'], one['version']) for one in parts]}"
        )
    )
    bom.metadata.timestamp = commit_time()
    bom.metadata.component = own
    bom.metadata.tools.components.add(this_component())
    components = []
    for part in parts:
        components.append(
            Component(
                name=part["name"], version=part["version"], type=ComponentType.LIBRARY, bom_ref=str(part["purl"]),
                purl=part["purl"], licenses=[licences.make_from_string(part["licence"])],
                hashes=[
                    HashType(alg=HashAlgorithm.SHA_256, content=one.split(":")[1])
                    for one in ([min(part["wheels"])] if len(part["wheels"]) == 1 else [])
                ],
            )
        )  # fmt: skip
        bom.components.add(components[-1])
    bom.register_dependency(own, components)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise SystemExit(f"SBOM 不合 CycloneDX 1.6：{fault!r}")
    return text


def manifest(payload: Path, name: str, version: str) -> str:
    """Return every file of the payload with its SHA-256."""
    files = {
        path.relative_to(payload).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(payload.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.name != "manifest.json"
    }
    return json.dumps(
        {"name": name, "version": version, "built_from": commit_time().isoformat(), "files": files},
        ensure_ascii=False, indent=1,
    )  # fmt: skip


def commit_time() -> datetime:
    """Return the moment everything is dated."""
    return datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)


def write(path: Path, text: str) -> None:
    """Write a text file."""
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

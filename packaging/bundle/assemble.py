"""Puts the payload of an installer together: the locked packages, the program, bytecode, manifest, SBOM, licences.

    python assemble.py PLATFORM TREE OUT --python BUILT --uv UV --prefix WHERE [--component NAME=VERSION=LICENCE=FILE ...]

PLATFORM is linux-x86_64, linux-aarch64 or windows-x86_64. TREE is the commit to package. OUT is made anew and holds
`site/` (packages and program) and `launch.py`. Two runs on the same tree and lock give the same files.
"""

import argparse
import os
import shutil
import subprocess
import tomllib
from fnmatch import translate
from pathlib import Path
from re import compile as pattern

HERE = Path(__file__).parent
PLATFORMS = {
    "linux-x86_64": "x86_64-manylinux_2_28",
    "linux-aarch64": "aarch64-manylinux_2_39",
    "windows-x86_64": "x86_64-pc-windows-msvc",
}
PYTHON = "3.13"


def main() -> None:
    """Run as the text above says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("platform", choices=PLATFORMS)
    parser.add_argument("tree", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--python", type=Path, required=True, help="folder of the interpreter that compiles")
    parser.add_argument("--uv", required=True)
    parser.add_argument("--prefix", required=True, help="where the packages lie once installed; stands in tracebacks")
    arguments = parser.parse_args()
    site = arguments.out / "site"
    shutil.rmtree(arguments.out, ignore_errors=True)
    site.mkdir(parents=True)
    install_packages(arguments.uv, arguments.tree, arguments.platform, site)
    contents = tomllib.loads((HERE / "contents.toml").read_text(encoding="utf-8"))
    prune(site, contents, arguments.platform.split("-")[0])
    copy_program(arguments.tree, site)
    shutil.copy(HERE / "launch.py", arguments.out / "launch.py")
    compile_all(arguments.python, site, arguments.prefix)


def install_packages(uv: str, tree: Path, platform: str, site: Path) -> None:
    """Install the wheels of the lock for a platform, each checked against its hash."""
    requirements = site.parent / "requirements.txt"
    run(uv, "export", "--quiet", "--locked", "--no-dev", "--no-emit-project", "--project", tree,
        "--format", "requirements-txt", "--output-file", requirements)  # fmt: skip
    run(uv, "pip", "install", "--quiet", "--target", site, "--python-platform", PLATFORMS[platform], "--python-version",
        PYTHON, "--only-binary", ":all:", "--require-hashes", "--no-deps", "--link-mode", "copy", "-r", requirements)  # fmt: skip
    requirements.unlink()
    for name in ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json", "uv_build.json"):
        for file in site.glob(f"*.dist-info/{name}"):
            file.unlink()
    for lock in site.glob(".lock"):
        lock.unlink()


def prune(site: Path, contents: dict, system: str) -> None:
    """Remove what contents.toml does not keep (PySide6) or drops (all others)."""
    qt = contents["pyside6"]
    keep = [*qt["keep"], *qt[system]["keep"]]
    keep += [f"PySide6/{module}.{'pyd' if system == 'windows' else 'abi3.so'}" for module in qt[system]["modules"]]
    translations = "PySide6/translations" if system == "windows" else "PySide6/Qt/translations"
    keep += [f"{translations}/{name}" for name in qt["translations"]]
    kept = matcher(keep)
    dropped = matcher(contents["others"]["drop"])
    unused = set(keep)
    for file in sorted(site.rglob("*")):
        if file.is_dir():
            continue
        name = file.relative_to(site).as_posix()
        if name.startswith(("PySide6/", "shiboken6/")):
            if kept(name):
                unused -= {one for one in unused if matcher([one])(name)}
            else:
                file.unlink()
        elif dropped(name):
            file.unlink()
    if unused:
        raise SystemExit(f"contents.toml 里要保留的文件不存在：{'、'.join(sorted(unused))}")
    remove_empty(site)


def copy_program(tree: Path, site: Path) -> None:
    """Copy the package and its resources, as the wheel has them."""
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", "*.orig", ".*")
    shutil.copytree(tree / "src" / "bangjiao_desktop", site / "bangjiao_desktop", ignore=ignore)
    shutil.copytree(tree / "resources", site / "bangjiao_desktop" / "resources", ignore=ignore)


def compile_all(python: Path, folder: Path, prefix: str) -> None:
    """Compile to bytecode that is never checked against its source: the installed files do not change.

    One process and a fixed order, since bytecode depends on what was compiled before it.
    """
    interpreter = python / "bin" / "python3.13"
    run(interpreter, "-I", "-S", "-c", _COMPILE, folder, prefix)


_COMPILE = """
import marshal, py_compile, sys
from pathlib import Path
folder, prefix = Path(sys.argv[1]), sys.argv[2]
for file in sorted(folder.rglob("*.py")):
    name = file.relative_to(folder).as_posix()
    try:
        py_compile.compile(str(file), dfile=f"{prefix}/{name}", doraise=True,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    except py_compile.PyCompileError as error:
        if "bangjiao_desktop" in name:
            raise
        print(f"not compiled: {name}: {error.exc_type_name}")
"""


def matcher(patterns: list[str]):
    """Return a test for paths: * stays within a name, ** crosses folders."""
    parts = []
    for one in patterns:
        text = translate(one.replace("**/", "\0").replace("**", "\1"))
        text = text.replace("\\\0", "\0").replace("\\\1", "\1").replace(".*", "[^/]*")
        parts.append(text.replace("\0", "(?:.*/)?").replace("\1", ".*"))
    compiled = pattern("|".join(parts)) if parts else pattern("(?!)")
    return lambda name: compiled.match(name) is not None


def remove_empty(folder: Path) -> None:
    """Remove folders that have become empty."""
    for one in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(one.iterdir()):
            one.rmdir()


def run(*words: object) -> None:
    """Run a command; its failure ends the build."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    subprocess.run([str(word) for word in words], check=True, env=environment)


if __name__ == "__main__":
    main()

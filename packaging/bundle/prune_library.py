"""Prunes and compiles the interpreter's own library: `python prune_library.py FOLDER --python BUILT --prefix WHERE`."""

import argparse
import tomllib
from pathlib import Path

from assemble import HERE, compile_all, matcher, remove_empty


def main() -> None:
    """Run as the text above says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--prefix", required=True)
    arguments = parser.parse_args()
    drop = tomllib.loads((HERE / "contents.toml").read_text(encoding="utf-8"))["library"]["drop"]
    dropped = matcher(drop)
    for file in sorted(arguments.folder.rglob("*")):
        if file.is_file() and dropped(file.relative_to(arguments.folder).as_posix()):
            file.unlink()
    remove_empty(arguments.folder)
    compile_all(arguments.python, arguments.folder, arguments.prefix)


if __name__ == "__main__":
    main()

"""Finds the data files shipped with the program (resources/ of the repository, or of the wheel)."""

from functools import cache
from pathlib import Path

from bangjiao_desktop.domain.errors import DefinitionError


@cache
def resource_root() -> Path:
    """Return the folder that holds fonts, forms, rules and codes.

    Raises:
        DefinitionError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / "resources", package.parents[1] / "resources"):
        if (candidate / "codes").is_dir():
            return candidate
    raise DefinitionError("程序安装不完整：找不到 resources 目录，请重新安装。")


def resource_path(*parts: str) -> Path:
    """Return the path of a shipped data file.

    Raises:
        DefinitionError: there is no such file.
    """
    path = resource_root().joinpath(*parts)
    if not path.exists():
        raise DefinitionError(f"程序安装不完整：缺少文件 {'/'.join(parts)}，请重新安装。")
    return path

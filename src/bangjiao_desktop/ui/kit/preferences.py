"""What a computer remembers between starts: last vault, window, columns, scheme. TOML, no personal data."""

import contextlib
import tomllib
from pathlib import Path
from typing import Any


class Preferences:
    """Settings of this computer's user.

    Args:
        path: the file; default in the platform's place for configuration.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or _default_path()
        try:
            self._values: dict[str, Any] = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._values = {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or the default where none was kept."""
        return self._values.get(name, default)

    def set(self, name: str, value: Any) -> None:
        """Keep a value; a read-only profile is no reason to stop working."""
        if self._values.get(name) == value:
            return
        import tomlkit  # loaded only when something is kept

        self._values[name] = value
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_suffix(".new")
            temporary.write_text(tomlkit.dumps(self._values), encoding="utf-8")
            temporary.replace(self._path)


def _default_path() -> Path:
    import platformdirs

    return Path(platformdirs.user_config_dir("bangjiao", appauthor=False)) / "window.toml"

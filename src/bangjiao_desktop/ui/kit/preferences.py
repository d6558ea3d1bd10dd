"""What a computer remembers between starts: last vault, window, columns, scheme. TOML, no personal data.

The file is a user's: it may be damaged, or of another version. What cannot be used is told in the log with its line, and
the default holds; the rest is used.
"""

import base64
import binascii
import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import Meta

from bangjiao_desktop.domain.definitions.reader import Shape, shaped, table, text_of
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.services.base.log import log_fault

COLUMNS, PRINT_OPTIONS = "columns", "print_options"
BACKUP_PLACE = "backup_place"
_FILE = "本机设置文件 window.toml"
_LONGEST_IDLE = 24 * 60


class _Kept(Shape, frozen=True, kw_only=True):
    """What may be kept.

    Attributes:
        last_vault: the folder of the vault that was open last.
        dark: the dark scheme.
        side_collapsed: the side bar shows icons alone.
        geometry: of the window, as Qt gives it, in base64.
        start_page: the page shown first.
        idle_minutes: without a key or the mouse until the window is locked.
        version: of the program that ran last.
        printer_offsets: printer → mm its cards are off by: across and down, of the front and of the back.
        backup_place: the folder elsewhere, on a stick mostly, that was backed up to last.
        hidden_from_captures: windows are kept out of screenshots and recordings, where the system can.
        ledger_columns: of the list of people, as Qt gives them, in base64.
    """

    last_vault: str = ""
    dark: bool = False
    side_collapsed: bool = False
    geometry: str = ""
    start_page: Literal["today", "ledger"] = "today"
    idle_minutes: Annotated[int, Meta(ge=1, le=_LONGEST_IDLE)] = 1
    version: str = ""
    printer_offsets: dict[str, Annotated[list[float], Meta(min_length=4, max_length=4)]] = msgspec.field(
        default_factory=dict
    )
    backup_place: str = ""
    hidden_from_captures: bool = False
    ledger_columns: str = ""


def _shape(names: Iterable[str]) -> type[_Kept]:
    """What may be kept, and of the names given those of lists (`columns_relief`) and papers (`print_options_cards`).

    Which lists and papers there are their pages know: to name them here would load every kind of record at the start.
    """
    prefixes = (f"{COLUMNS}_", f"{PRINT_OPTIONS}_")
    beside = [(name, str, "") for name in names if name.isidentifier() and name.startswith(prefixes)]
    made = msgspec.defstruct("Kept", beside, bases=(_Kept,), frozen=True, kw_only=True, forbid_unknown_fields=True)
    return cast(type[_Kept], made)


class Preferences:
    """Settings of this computer's user.

    Args:
        path: the file; default in the platform's place for configuration.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or _default_path()
        self._values = _read(self._path)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, of its type (`_Kept`), or the default where none was kept."""
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

    def state(self, name: str) -> bytes | None:
        """Return what Qt gave to be kept (`keep_state`); None where there is none, or it is spoilt."""
        kept = self._values.get(name)
        if not kept:
            return None
        try:
            return base64.b64decode(kept, validate=True)
        except (binascii.Error, ValueError):
            log_fault(f"{_FILE}：“{name}”不是本程序写的样子，不用它。")
            return None

    def keep_state(self, name: str, state: "bytes | bytearray | memoryview[int]") -> None:
        """Keep what Qt gives of a window or the columns of a list."""
        self.set(name, base64.b64encode(state).decode())


def _read(path: Path) -> dict[str, Any]:
    """What of the file can be used."""
    if not path.exists():
        return {}
    try:
        source = text_of(path, _FILE)
        told = table(source, _FILE)
    except DefinitionError as error:
        log_fault(error.message)
        return {}
    shape = _shape(told)
    found: dict[str, Any] = {}
    for name, value in told.items():
        try:
            shaped({name: value}, source, _FILE, shape)
        except DefinitionError as error:
            log_fault(error.message)
        else:
            found[name] = value
    return found


def _default_path() -> Path:
    import platformdirs

    return Path(platformdirs.user_config_dir("bangjiao", appauthor=False)) / "window.toml"

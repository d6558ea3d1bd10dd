"""The one way words reach the terminal: what a ledger holds is shown, never obeyed.

Names, remarks and file names may hold control characters (ESC begins a terminal's commands) and marks that turn the
direction of what follows; they are shown by their number instead. Lines are `say`, faults `complain`.
"""

import json
import sys
import unicodedata
from typing import Any, TextIO

_UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Cs")
_LAYOUT = "\n\t"


def visible(text: str, *, layout: str = "") -> str:
    """Return a text in which every control character, direction mark and the like stands by its number: <U+001B>.

    Args:
        text: of a ledger, a file or somebody's keyboard.
        layout: characters that stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one if one in layout or unicodedata.category(one) not in _UNSEEN else f"<U+{ord(one):04X}>" for one in text
    )


def say(text: str) -> None:
    """Print a line, or lines, of our own making."""
    _put(visible(text, layout=_LAYOUT), sys.stdout)


def say_cells(*cells: str) -> None:
    """Print one line of cells with a tab between them; none of them can end the line or the cell."""
    _put("\t".join(visible(cell) for cell in cells), sys.stdout)


def complain(text: str) -> None:
    """Print a line, or lines, for people on stderr."""
    _put(visible(text, layout=_LAYOUT), sys.stderr)


def print_json(value: Any) -> None:
    """Print JSON as scripts read it; control characters and direction marks are escaped, as JSON can."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=str)
    escaped = (
        one if one in _LAYOUT or unicodedata.category(one) not in _UNSEEN else f"\\u{ord(one):04x}"
        if ord(one) < 0x10000 else json.dumps(one)[1:-1]
        for one in text
    )  # fmt: skip
    _put("".join(escaped), sys.stdout)


def _put(text: str, stream: TextIO) -> None:
    print(text, file=stream)

"""The one way words reach the terminal: what a ledger holds is shown, never obeyed.

Names, remarks and file names may hold control characters (ESC begins a terminal's commands) and marks that turn the
direction of what follows; they are shown by their number instead. Lines are `say`, faults `complain`; passwords are
asked here, and exit codes stand here.
"""

import json
import os
import sys
import unicodedata
from typing import Any, TextIO

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.services.base.process_guard import PASSWORD_VARIABLE, password_of_environment

DONE, NOTHING_DONE, IN_PART = 0, 1, 2  # exit codes, as DESIGN.md has them

_GIVEN_ANEW = "BANGJIAO_NEW_PASSWORD"
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


def new_password() -> str:
    """Return the new password from BANGJIAO_NEW_PASSWORD (which is taken out of the environment), or ask twice.

    Raises:
        InvalidInputError: there is nobody to ask, or the two differ.
    """
    given = os.environ.pop(_GIVEN_ANEW, None)
    return password("新口令：", new=True) if given is None else given


def password(prompt: str = "口令：", *, new: bool = False) -> str:
    """Return the password from BANGJIAO_PASSWORD (which is taken out of the environment), or ask (twice for a new one).

    Raises:
        InvalidInputError: there is nobody to ask, or the two differ.
    """
    given = password_of_environment()
    if given is not None:
        return given
    if not _somebody_there():
        raise InvalidInputError("没有口令：请设置环境变量 BANGJIAO_PASSWORD，或在终端中运行以便输入。")
    from getpass import getpass

    typed = getpass(prompt)
    if new and getpass("再输入一次：") != typed:
        raise InvalidInputError("两次输入的口令不一致。")
    return typed


def may_ask() -> bool:
    """Tell whether a password was given or somebody is there to be asked."""
    return PASSWORD_VARIABLE in os.environ or _somebody_there()


def _somebody_there() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _put(text: str, stream: TextIO) -> None:
    print(text, file=stream)

"""What the sub-commands share: their words, opening a vault, names of files that are written."""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bangjiao_desktop.cli.terminal import complain, password
from bangjiao_desktop.domain.errors import InvalidInputError, NotPermittedError, VaultDamagedError

if TYPE_CHECKING:
    from bangjiao_desktop.services.base.session import Session

Option = Callable[[argparse.ArgumentParser], object]
_LONGEST_WAIT = 10.0


@dataclass(frozen=True)
class Subcommand:
    """A sub-command: its help line, its words, what it does."""

    help: str
    options: tuple[Option, ...]
    run: Callable[[argparse.Namespace], int]


def word(*names: str, **settings: Any) -> Option:
    """Return what adds a word to a parser, as `add_argument` takes it."""
    return lambda parser: parser.add_argument(*names, **settings)


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number between two, for `type=`; another is refused with a sentence."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            shown = text if len(text) <= 20 else f"{text[:20]}…"
            raise argparse.ArgumentTypeError(f"应为 {least} 到 {most} 的整数，现在是“{shown}”")
        return value

    return read


VAULT = word("vault", metavar="VAULT", type=Path, help="台账文件夹")
JSON = word("--json", action="store_true", help="输出 JSON")
OFFICE = word("--office", metavar="NAME", help="司法所名称")
PERIOD = word("period", metavar="PERIOD", help="统计期：2026、2026H1、2026Q3、2026M07")


@contextmanager
def opened(
    arguments: argparse.Namespace, *, whole: bool = False, check: "Callable[[Session], None] | None" = None,
    secret: str | None = None, due: bool = False,
) -> Iterator["Session"]:  # fmt: skip
    """Yield a session on a sound vault; waits out a short delay after wrong passwords.

    Args:
        arguments: with `vault` and `user`.
        whole: look at the seal of every page first; else only if that was not done lately (services.base.soundness).
            What is read is proven page by page in any case: no figure comes from a damaged ledger.
        check: looks at more once every page was, before it is noted who came in.
        secret: the password, where it was asked already.
        due: whether somebody comes in whose password has to be changed first; this is where it is.
    """
    from bangjiao_desktop.services.base import entrance, soundness

    entrance.users(arguments.vault)  # says what is wrong with the folder before a password is asked
    secret = password() if secret is None else secret
    waiting = entrance.unlock_wait(arguments.vault, arguments.user)
    if 0 < waiting <= _LONGEST_WAIT:
        time.sleep(waiting)  # the growing delay after wrong passwords
    session = entrance.unlock(arguments.vault, arguments.user, secret, noted=False)
    sound = None
    try:
        sound = soundness.require_sound(session, anew=whole)
        if check is not None:
            check(session)
        session.arrive()  # not before: a damaged ledger is not written to
        if session.password_due and not due:
            raise NotPermittedError(f"{session.password_due}更换口令：打开窗口，或运行 bangjiao password 台账文件夹。")
        yield session
        remind_of_clock(session)
    except VaultDamagedError:
        sound = None
        soundness.forget(arguments.vault)
        raise
    finally:
        session.close()
        if sound is not None:
            soundness.keep(sound)


def remind_of_clock(session: "Session") -> None:
    """Say on stderr that the computer's clock looks wrong, if it does; nothing is refused because of it."""
    if session.clock_fault:
        complain(f"bangjiao: 提醒：{session.clock_fault}")


def output(path: Path, suffix: str) -> Path:
    """Refuse an output name whose ending does not say what is in the file."""
    if path.suffix.lower() != suffix:
        raise InvalidInputError(f"输出文件“{path.name}”的扩展名应为 {suffix}。")
    if not path.absolute().parent.is_dir():
        raise InvalidInputError(f"输出文件夹“{path.absolute().parent}”不存在。")
    return path

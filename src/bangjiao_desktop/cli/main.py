"""The `bangjiao` command (DESIGN.md): reads its words, opens the vault, calls one service, prints.

Exit 0 done; 2 done in part (some rows refused, listed); 1 nothing done, one clear line on stderr.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bangjiao_desktop import __version__
from bangjiao_desktop.cli.terminal import NOTHING_DONE, complain
from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.ledger import BACKUP_SUFFIX
from bangjiao_desktop.services.base.process_guard import protect_process

Command = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the words in one line and exits 1, as the contract has it."""

    def error(self, message: str) -> "None":  # type: ignore[override]
        complain(f"bangjiao: {_chinese(message)}（bangjiao --help 可看用法）")
        raise SystemExit(NOTHING_DONE)


def entry() -> None:
    """Run the command with the words it was called with."""
    raise SystemExit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run the command; return its exit code.

    Args:
        words: without the program's name.
    """
    protect_process()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser, names = _parser()
    if not words or (words[0] not in names and not words[0].startswith("-")):
        return _window(words)
    try:
        arguments = parser.parse_args(words)
        command: Command = arguments.command
        return command(arguments)
    except KnownError as error:
        complain(f"bangjiao: {error.message}")
        return NOTHING_DONE
    except BrokenPipeError:
        sys.stderr.close()
        return NOTHING_DONE
    except KeyboardInterrupt:
        complain("bangjiao: 已中断，没有改动台账。")
        return NOTHING_DONE
    except Exception:
        return _bug()


def _window(words: Sequence[str]) -> int:
    if words and not Path(words[0]).exists():
        known = "、".join(_parser()[1])
        what = f"没有子命令“{words[0]}”" if len(words) > 1 else f"找不到台账文件夹“{words[0]}”"
        _say(f"{what}。子命令有：{known}（bangjiao --help 可看用法）")
        return NOTHING_DONE
    if words and not Path(words[0]).is_dir() and Path(words[0]).suffix.lower() != BACKUP_SUFFIX:
        _say(f"“{Path(words[0]).name}”不是台账文件夹，也不是备份文件（.bjbak）。")
        return NOTHING_DONE
    if len(words) > 1:
        _say(f"不认识“{words[1]}”（bangjiao --help 可看用法）")
        return NOTHING_DONE
    import gc

    # Thousands of objects are made while modules load; collecting them in between only costs start-up time.
    gc.disable()
    try:
        from bangjiao_desktop.ui.shell.application import run_window
    except ImportError as error:
        _say(f"打不开窗口：缺少图形界面所需的系统库（{error}）。")
        return NOTHING_DONE
    return run_window(Path(words[0]) if words else None)


def _say(text: str) -> None:
    """Say a fault where it is seen: on the terminal, or, started without one on Windows, in a box."""
    if sys.stderr is not None:
        complain(f"bangjiao: {text}")
        return
    import ctypes

    windll = getattr(ctypes, "windll", None)
    if windll is not None:
        windll.user32.MessageBoxW(None, text, "安置帮教工作台", 0x10)


def _bug() -> int:
    from bangjiao_desktop.services.base.log import log_bug

    place = log_bug()
    complain(f"bangjiao: 程序出错，没有完成。错误已记入 {place}（不含个人信息），请把它交给维护人员。")
    return NOTHING_DONE


def _chinese(message: str) -> str:
    for english, chinese in (
        ("the following arguments are required:", "缺少："),
        ("unrecognized arguments:", "不认识："),
        ("expected one argument", "后面缺少内容"),
        ("invalid choice:", "不能用："),
        ("argument ", ""),
        ("not allowed with", "不能同时用"),
        ("one of the arguments", "须给出其一："),
        ("is required", ""),
    ):
        message = message.replace(english, chinese)
    return message


def _parser() -> tuple[argparse.ArgumentParser, tuple[str, ...]]:
    from bangjiao_desktop.cli import commands

    parser = _Parser(prog="bangjiao", description="安置帮教工作台。不带子命令时打开窗口：bangjiao [台账文件夹]")
    parser.add_argument("--version", action="version", version=f"bangjiao {__version__}")
    groups = parser.add_subparsers(title="子命令", metavar="", parser_class=_Parser)
    for name, command in commands.COMMANDS.items():
        sub = groups.add_parser(name, help=command.help, description=command.help)
        sub.add_argument("--user", help="用户名，默认台账的第一个用户")
        for option in command.options:
            option(sub)
        sub.set_defaults(command=command.run)
    return parser, tuple(commands.COMMANDS)


if __name__ == "__main__":
    entry()

"""The `bangjiao` command as a process of its own, forked from one that has loaded the program already.

To load it takes four fifths of what most commands take. What a test wants done before the program begins (limits, say)
is done by starting it truly.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

_LOADED = [
    "bangjiao_desktop.cli.main", "bangjiao_desktop.cli.commands", "bangjiao_desktop.services.demo.demo",
    "bangjiao_desktop.services.exchange.export_ledger", "bangjiao_desktop.services.exchange.import_ledger",
    "bangjiao_desktop.services.figures.filings", "bangjiao_desktop.services.papers.printing",
    "bangjiao_desktop.services.upkeep.backups", "alembic.command", "tests.command",
]  # fmt: skip
_LONGEST = 600


@cache
def _starter():
    """What forks; it ends with this process."""
    starter = multiprocessing.get_context("forkserver")
    starter.set_forkserver_preload(_LOADED)
    return starter


def run(words, environment, cwd=None, **options):
    """Run the command; return its exit code and what it said."""
    if options:
        done = subprocess.run(
            [sys.executable, "-m", "bangjiao_desktop", *words], capture_output=True, encoding="utf-8", env=environment,
            cwd=cwd, stdin=subprocess.DEVNULL, timeout=_LONGEST, check=False, **options,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "out"), Path(folder, "err")
        process = _starter().Process(target=_become, args=(words, environment, cwd or Path.cwd(), told))
        process.start()
        process.join(_LONGEST)
        if process.is_alive():  # as subprocess.run does: nothing is left running
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["bangjiao", *words], _LONGEST)
        return (process.exitcode, *(one.read_text(encoding="utf-8") for one in told))


def _become(words, environment, cwd, told):
    """Be the command, in the process that was forked for it."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(told, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    sys.argv = ["bangjiao", *words]
    runpy.run_module("bangjiao_desktop", run_name="__main__")

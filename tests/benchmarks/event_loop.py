"""The event loop's longest gap through a working day: `.venv/bin/python tests/benchmarks/event_loop.py [PEOPLE] [VAULT] [PASSWORD]`.

Prints the ten longest gaps and what was being done, and ends with 1 if the longest is over the bound. VAULT is a
folder to keep the invented ledger in, so that it is made once; a copy of it is worked on.

With 20,000 people: 363 ms at first; 111, 119 and 111 ms on a quiet machine while dialogs were made in one turn of the
event loop (one run of that time had given 65 ms: not a figure to go by); 76, 76 and 83 ms since they are made over several, with
others at work on the machine, and 53 ms in the one run since lists that were just made are not waited for either.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtWidgets import QApplication

from bangjiao_desktop.services.demo import demo
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.shell.application import Program
from tests.ui.heartbeat import Heartbeat
from tests.ui.working_day import Day

BOUND, PASSWORD, USER = 0.1, "yanshi-2026", "所长"


def main(people: int, kept: Path | None, password: str = PASSWORD) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        source = kept or Path(scratch) / "made"
        if not source.exists():
            demo.make(source, USER, PASSWORD, people=people, seed=7)[0].close()
        folder = Path(scratch) / "vault"
        shutil.copytree(source, folder)
        os.environ["BANGJIAO_PASSWORD"] = password
        application = QApplication.instance() or QApplication([])
        assert isinstance(application, QApplication)
        theme.theme().apply(application, dark=False)
        program = Program(Preferences(Path(scratch) / "window.toml"))
        assert program.start(folder)
        assert program.window is not None
        beat = Heartbeat()
        try:
            Day(program.window, beat).work()
        finally:
            print("\n".join(beat.table()))
        print(f"longest gap: {beat.longest * 1000:.0f} ms (bound {BOUND * 1000:.0f} ms), {people} people")
        background.wait_for_all()
        program.stop()
    return int(beat.longest > BOUND)


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(int(given[0]) if given else 20_000, Path(given[1]) if len(given) > 1 else None, *given[2:3]))

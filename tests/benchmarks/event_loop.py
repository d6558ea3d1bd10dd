"""The event loop's longest gap through a working day: `.venv/bin/python tests/benchmarks/event_loop.py [PEOPLE] [VAULT]`.

Prints the ten longest gaps and what was being done, and ends with 1 if the longest is over the bound. VAULT is a
folder to keep the invented ledger in, so that it is made once; a copy of it is worked on.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtWidgets import QApplication

from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.demo import demo
from bangjiao_desktop.store.vault.door import unlock
from bangjiao_desktop.store.vault.opening import Entry
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.shell.main_window import MainWindow
from tests.ui.heartbeat import Heartbeat
from tests.ui.working_day import Day

BOUND, PASSWORD, USER = 0.1, "yanshi-2026", "所长"


def main(people: int, kept: Path | None) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        source = kept or Path(scratch) / "made"
        if not source.exists():
            demo.make(source, USER, PASSWORD, people=people, seed=7)[0].close()
        folder = Path(scratch) / "vault"
        shutil.copytree(source, folder)
        session = Session(Entry(folder, USER, unlock(folder, None, PASSWORD)[1]))
        application = QApplication.instance() or QApplication([])
        assert isinstance(application, QApplication)
        theme.theme().apply(application, dark=False)
        window = MainWindow(session, Preferences(Path(scratch) / "window.toml"))
        window.resize(1366, 720)
        beat = Heartbeat()
        window.load()
        window.show()
        try:
            Day(window, beat).work()
        finally:
            print("\n".join(beat.table()))
        print(f"longest gap: {beat.longest * 1000:.0f} ms (bound {BOUND * 1000:.0f} ms), {people} people")
        background.wait_for_all()
        window.close()
        session.close()
    return int(beat.longest > BOUND)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, Path(sys.argv[2]) if len(sys.argv) > 2 else None))

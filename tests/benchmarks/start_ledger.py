"""From process start to a filled ledger on screen; the vault is opened with its key.

Arguments: vault, data key in hexadecimal, time of the start. Prints the processor seconds, and the seconds since then.
"""

import gc
import sys
import time
from pathlib import Path

gc.disable()  # as `bangjiao` itself does while it starts

from bangjiao_desktop.services.base.session import Session  # noqa: E402
from bangjiao_desktop.store.vault.keyring import KeyRing  # noqa: E402
from bangjiao_desktop.store.vault.opening import Entry  # noqa: E402
from bangjiao_desktop.ui.kit.preferences import Preferences  # noqa: E402
from bangjiao_desktop.ui.kit.theme import theme  # noqa: E402
from bangjiao_desktop.ui.shell.application import make_application  # noqa: E402
from bangjiao_desktop.ui.shell.main_window import MainWindow  # noqa: E402

application = make_application()
theme().apply(application, dark=False)
ring = KeyRing(bytes.fromhex(sys.argv[2]), None, bytes(32), bytes(32), "所长")  # reads only
session = Session(Entry(Path(sys.argv[1]), "所长", ring))
window = MainWindow(session, Preferences(Path(sys.argv[1]) / "window.toml"))
window.load()
window.show()
application.processEvents()
window.grab()
print(time.process_time(), time.time() - float(sys.argv[-1]))
if not window.page("ledger").model.rowCount():
    sys.exit("the ledger is empty")
session.close()

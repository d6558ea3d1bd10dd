"""The first look without SQLAlchemy shows what the ledger itself would show."""

import subprocess
import sys
from pathlib import Path

from bangjiao_desktop.domain.ledger import FIRST_PAGE, LedgerFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.store.reads.ledger import first_page_sql
from bangjiao_desktop.store.vault import opening


def test_first_page_sql_is_the_ledgers_own_statement():
    written = Path(opening.__file__).with_name("first_page.sql").read_text(encoding="utf-8")
    assert written == first_page_sql(), "run packaging/first_page.py"


def test_first_look_equals_the_first_page_of_the_ledger(demo_session):
    look = demo_session.first_look()
    page = people.page(demo_session, LedgerFilter(), limit=FIRST_PAGE)
    assert len(page.rows) == FIRST_PAGE
    assert look.page == page
    assert list(look.offices) == demo_session.offices()
    assert look.bureau == demo_session.bureau_name()


def test_the_window_comes_up_before_sqlalchemy_is_loaded(demo_template):
    code = """
import sys
from pathlib import Path
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.vault.keyring import KeyRing
from bangjiao_desktop.store.vault.opening import Entry
from bangjiao_desktop.ui.shell.application import make_application
from bangjiao_desktop.ui.shell.main_window import MainWindow
from bangjiao_desktop.ui.kit.preferences import Preferences
make_application()
ring = KeyRing(bytes.fromhex(sys.argv[2]), None, bytes(32), bytes(32), "所长")
session = Session(Entry(Path(sys.argv[1]), "所长", ring))
window = MainWindow(session, Preferences(Path(sys.argv[1]) / "none.toml"))
window.load()
window.show()
assert window.page("ledger").model.rowCount() == 60
late = ("sqlalchemy", "bangjiao_desktop.domain.kinds.registry", "bangjiao_desktop.domain.layout")
assert not [name for name in sys.modules if name.startswith(late)]
"""
    folder, key = demo_template
    subprocess.run([sys.executable, "-c", code, str(folder), key.data.hex()], check=True, timeout=60)

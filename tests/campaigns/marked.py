"""A vault with marked people, and a day at the window over it: what is looked for afterwards stands nowhere else.

Names are of characters nobody is called by and no text of the program uses; numbers and telephones are nobody's.
"""

import sys
import time
from datetime import date
from pathlib import Path

from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work

PASSWORD = "marked-vault-2026"
USER = "所长"
COUNT = 24
TYPED = "爩齾typed-at-the-lock"
_RARE = "龘靐齉齾爩麤馫骉驫鱻羴犇猋麣厵飝灥蠱鸞籲灩"


def name_of(number: int) -> str:
    return _RARE[number % 7] + _RARE[7 + number % 7] + _RARE[14 + number // 7 % 7]


def number_of(number: int) -> str:
    first = f"3304111971{number % 12 + 1:02d}{number % 28 + 1:02d}{700 + number:03d}"
    return first + check_character(first)


def telephone_of(number: int) -> str:
    return f"1667308{9100 + 7 * number:04d}"


def make(folder: Path, count: int = COUNT) -> None:
    """Make a vault with so many marked people, each with a visit that names them."""
    session, _ = entrance.create(folder, "岷江市司法局", ["城东司法所", "城西司法所"], USER, PASSWORD)
    for one in range(count):
        values = people.blank_person(session).row() | {
            "name": name_of(one), "identity_number": number_of(one), "telephone": telephone_of(one),
            "release_date": date(2026, 6, 1), "category": "01", "address": f"{name_of(one)}家，电话{telephone_of(one)}",
        }  # fmt: skip
        key = people.save_person(session, values)
        visit = work.blank(session, "support_record", key).row()
        work.save(session, "support_record", visit | {"content": f"到{name_of(one)}家走访，{telephone_of(one)}。"})
    session.close()


def marks(count: int = COUNT) -> dict[str, list[str]]:
    """What is looked for, by kind."""
    numbers = range(count)
    return {
        "names": [name_of(one) for one in numbers],
        "numbers": [number_of(one) for one in numbers],
        "telephones": [telephone_of(one) for one in numbers],
        "typed": [TYPED],
    }


class Day:
    """A day at the real window: every page, people, a search, a paper, a record that is half written.

    Args:
        folder: the vault.
        preferences: where the window's own settings are kept.
    """

    def __init__(self, folder: Path, preferences: Path) -> None:
        from bangjiao_desktop.ui.kit.preferences import Preferences
        from bangjiao_desktop.ui.kit.theme import theme
        from bangjiao_desktop.ui.shell import application

        self.qt = application.make_application()
        theme().apply(self.qt, dark=False)
        self.program = application.Program(Preferences(preferences))
        session = entrance.unlock(folder, USER, PASSWORD)
        if not self.program.start(folder, session):
            sys.exit("the window did not open")

    @property
    def window(self):
        return self.program.window

    def settle(self, seconds: float = 60.0) -> None:
        """Wait until everything asked is shown."""
        from bangjiao_desktop.ui.kit import background

        until = time.monotonic() + seconds
        quiet = 0
        while quiet < 5 and time.monotonic() < until:
            self.qt.processEvents()
            time.sleep(0.02)
            quiet = quiet + 1 if background.idle() else 0

    def work(self) -> None:
        """Look at everything, and leave a visit half written."""
        from bangjiao_desktop.ui.shell.pages import pages_for

        window = self.window
        self.settle()
        for info in pages_for(window.look.role):
            window.show_page(info.name)
            self.settle()
        window.search.setText(name_of(0))
        self.settle()
        window.search.clear()
        window.show_page("ledger")
        self.settle()
        ledger = window.page("ledger")
        keys = [ledger.model.person(row).id for row in range(ledger.model.rowCount())]
        for key in keys[:6]:
            window.open_person(key)
            self.settle()
        window.print_for("roster", tuple(keys))
        self.settle()
        window.show_page("ledger")
        self.settle()
        ledger.table.selectAll()
        ledger.table.copy()
        self.settle()
        window.open_record("support_record", person_id=keys[0])
        self.settle()
        self.dialog = window.desk.dialog
        self.dialog.form.fields["content"].edit.insertPlainText(TYPED)
        self.settle()

    def typed(self) -> str:
        """What stands in the half-written visit."""
        return str(self.dialog.form.fields["content"].edit.toPlainText())

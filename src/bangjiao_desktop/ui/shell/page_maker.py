"""Makes the pages of the main window when they are first wanted, and connects each to it."""

from typing import TYPE_CHECKING

from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.people.person_page import PersonPage
from bangjiao_desktop.ui.records.needs_page import NeedsPage
from bangjiao_desktop.ui.records.work_page import WORK_PAGES, WorkPage
from bangjiao_desktop.ui.today.today_page import TodayPage

if TYPE_CHECKING:
    from bangjiao_desktop.ui.shell.main_window import MainWindow


def make_page(name: str, window: "MainWindow") -> Page:
    """Return a new page, connected to its window.

    Args:
        name: as in ui.side_bar, or "person".
        window: hears what the page asks for.
    """
    info = next((one for one in WORK_PAGES if one.name == name), None)
    if info is not None:
        made = WorkPage(window.session, window.preferences, info, window.desk.open_record)
        made.person_opened.connect(window.open_person)
        made.said.connect(window.say)
        made.print_wanted.connect(window.print_for)
        return made
    return {
        "today": _today, "needs": _needs, "person": _person, "statistics": _statistics, "print": _print,
        "import": _import, "manage": _manage,
    }[name](window)  # fmt: skip


def _today(window: "MainWindow") -> Page:
    made = TodayPage(window.session, window.desk.open_record)
    made.person_opened.connect(window.open_person)
    made.explain_wanted.connect(window.explain)
    made.said.connect(window.say)
    return made


def _needs(window: "MainWindow") -> Page:
    made = NeedsPage(window.session, window.desk.open_record)
    made.person_opened.connect(window.open_person)
    made.said.connect(window.say)
    return made


def _person(window: "MainWindow") -> Page:
    made = PersonPage(window.session, window.desk.open_record, window.desk.open_person)
    made.closed.connect(window.back)
    made.said.connect(window.say)
    made.undo_offered.connect(window.offer_undo)
    made.preview_wanted.connect(window.preview)
    made.print_wanted.connect(window.print_for)
    return made


def _statistics(window: "MainWindow") -> Page:
    from bangjiao_desktop.ui.figures.statistics_page import StatisticsPage

    made = StatisticsPage(window.session)
    made.person_opened.connect(window.open_person)
    made.said.connect(window.say)
    made.print_wanted.connect(window.print_request)
    return made


def _print(window: "MainWindow") -> Page:
    from bangjiao_desktop.ui.printing.print_page import PrintPage

    made = PrintPage(window.session, window.preferences)
    made.said.connect(window.say)
    made.left.connect(window.leave_print_centre)
    return made


def _import(window: "MainWindow") -> Page:
    from bangjiao_desktop.ui.exchange.import_page import ImportPage

    made = ImportPage(window.session)
    made.said.connect(window.say)
    made.show_ledger.connect(lambda: window.show_page("ledger"))
    return made


def _manage(window: "MainWindow") -> Page:
    from bangjiao_desktop.ui.manage.manage_page import ManagePage

    made = ManagePage(window.session)
    made.said.connect(window.say)
    return made

"""The pages of a window: made when first wanted, one in front, told of every change, and the way back from errands."""

from collections.abc import Iterable, Sequence
from importlib import import_module

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from bangjiao_desktop.domain.changes import LedgerChange
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.errands import Errand
from bangjiao_desktop.ui.kit.page import Page, SearchPage
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.turn import turn
from bangjiao_desktop.ui.shell.loading import ROOM, module_of


class PageStack(QStackedWidget):
    """The pages.

    Args:
        desk: what they ask things of.
        infos: every page there is.

    Signals:
        moved: name of the page that comes to the front, before it reads anything.
    """

    moved = Signal(str)

    def __init__(self, desk: Desk, infos: Sequence[PageInfo]) -> None:
        super().__init__()
        self._desk = desk
        self._infos = {info.name: info for info in infos}
        self._made: dict[str, Page] = {}
        self._current = ""
        self._heading = ("", "")  # page an errand is for, and where it came from
        self._came_from: dict[str, str] = {}  # page → where the errand that led to it came from
        self._catching_up = QTimer(self)
        self._catching_up.setSingleShot(True)
        self._catching_up.timeout.connect(self._catch_up)

    @property
    def info(self) -> PageInfo:
        """Return what is known of the page in front."""
        return self._infos[self._current]

    @property
    def front(self) -> Page:
        """Return the page in front."""
        return self._made[self._current]

    @property
    def home(self) -> str:
        """Return the listed page the one in front belongs to: itself, or where the errand that led to it came from."""
        name, gone = self._current, set[str]()
        while not self._infos[name].listed and name in self._came_from and name not in gone:
            gone.add(name)
            name = self._came_from[name]
        return name

    @property
    def made(self) -> Iterable[Page]:
        """Return the pages that were wanted so far."""
        return self._made.values()

    def page(self, name: str) -> Page:
        """Return a page, made when it is first wanted."""
        if name not in self._made:
            info = self._infos[name]
            with turn().counted():
                self._made[name] = _make(self._desk, info)
                self._made[name].arrived.connect(lambda: self._arrive(name))
                self.addWidget(self._made[name])
        return self._made[name]

    @property
    def search_page(self) -> SearchPage:
        """Return the page on which people are found."""
        found = self.page(self._search_name)
        assert isinstance(found, SearchPage)
        return found

    @property
    def _search_name(self) -> str:
        return next(info.name for info in self._infos.values() if info.searches)

    def show_search(self) -> None:
        """Go to the page on which people are found."""
        self.show_page(self._search_name)

    def show_page(self, name: str) -> None:
        """Go to a page, for its own sake."""
        self._came_from.pop(name, None)
        self._show(name)

    def bring(self, errand: Errand) -> None:
        """Let the page an errand is for do it, and show the page; the way back leads here."""
        page, self._heading = self.page(errand.page), (errand.page, self._current)
        if page.take(errand):
            self._arrive(errand.page)

    def _arrive(self, name: str) -> None:
        """What an errand wanted is there: show its page, unless one went somewhere else meanwhile."""
        if self._heading != (name, self._current):
            return
        if self._current != name:
            self._came_from[name] = self._current
        self._show(name)

    def back(self) -> None:
        """Go back to where the errand that led to this page came from."""
        before = self._came_from.get(self._current)
        if before is not None:
            self._show(before)

    def miss(self, change: LedgerChange) -> None:
        """The ledger was changed: pages that show it are out of date; the one in front is read anew at once."""
        for page in self._made.values():
            page.miss(change)
        self._catching_up.start()  # several changes in a row are one reading

    def _show(self, name: str) -> None:
        page, before = self.page(name), self._came_from.get(name)
        self.setCurrentWidget(page)
        self._current = name
        self.moved.emit(name)
        page.offer_way_back(self._infos[before].caption if before else "")
        page.come_to_front()

    def _catch_up(self) -> None:
        self.front.catch_up()


def _make(desk: Desk, info: PageInfo) -> Page:
    """Load a page's class and make it."""
    name = info.made_by.partition(":")[2]
    made = getattr(import_module(module_of(info), ROOM), name).made_for(desk, info)
    assert isinstance(made, Page)
    return made

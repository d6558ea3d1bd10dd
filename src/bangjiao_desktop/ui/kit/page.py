"""A page of the main window: what it depends on, when it is read anew, and what the window asks of the page in front."""

import uuid
from abc import abstractmethod
from typing import TYPE_CHECKING, Self

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from bangjiao_desktop.domain.changes import ANYTHING, EVERYTHING, LedgerChange

if TYPE_CHECKING:
    from bangjiao_desktop.ui.kit.desk import Desk
    from bangjiao_desktop.ui.kit.errands import Errand
    from bangjiao_desktop.ui.kit.page_info import PageInfo

_OFFICES = frozenset({"office"})
_AGAIN_MILLISECONDS = 400


class Page(QWidget):
    """One page. The window tells it every change of the ledger; a page in front is read anew at once, others when shown.

    Attributes:
        depends: the kinds whose change makes the page out of date.

    Signals:
        arrived: what an errand wanted was read and is shown now.
    """

    arrived = Signal()

    depends: frozenset[str] = EVERYTHING

    def __init__(self) -> None:
        super().__init__()
        self._missed: frozenset[str] = EVERYTHING  # nothing was read yet
        self.newest = 0  # change number of the newest change it was told of
        self._postponed = QTimer(self)
        self._postponed.setSingleShot(True)
        self._postponed.setInterval(_AGAIN_MILLISECONDS)
        self._postponed.timeout.connect(self._catch_up_if_seen)

    # what each page says

    @classmethod
    @abstractmethod
    def made_for(cls, desk: "Desk", info: "PageInfo") -> Self:
        """Return the page, connected to the window it lies in."""

    def take(self, errand: "Errand") -> bool:
        """Do what another page wants here, before this one is shown.

        False where it is read first and comes with `arrived`, or cannot be and has been said.

        Raises:
            TypeError: the page does nothing of the kind.
        """
        raise TypeError(f"{type(self).__name__} takes no {type(errand).__name__}")

    def offer_way_back(self, caption: str) -> None:
        """Offer the way back to the page one came from for an errand; "" for none."""

    @abstractmethod
    def refresh(self) -> None:
        """Read anew what is shown; place, selection and what is being typed stay."""

    def refresh_offices(self) -> None:
        """Offer the offices of now; comes before `refresh` where an office may have been changed."""

    def in_hand(self) -> bool:
        """Tell whether something is being typed in the page itself, that reading anew would take away."""
        return False

    def concerned_by(self, change: LedgerChange) -> bool:
        """Tell whether a change makes the page out of date."""
        return change.concerns(self.depends)

    def is_changed(self) -> bool:
        """Tell whether the page holds something that is not saved."""
        return False

    def may_close(self) -> bool:
        """Ask, where something is under way, whether the window may be closed."""
        return True

    def record_new(self) -> bool:
        """Open what Ctrl+N records on this page; False for somebody new, as everywhere else."""
        return False

    def print_shown(self) -> None:
        """Ctrl+P: print what is shown, where there is something."""

    def person_at_hand(self) -> uuid.UUID | None:
        """Return whom a visit is recorded for: the person seen or selected, None for nobody."""
        return None

    def people_at_hand(self) -> tuple[uuid.UUID, ...]:
        """Return for whom work is recorded together: who is selected, in the order they are shown."""
        one = self.person_at_hand()
        return () if one is None else (one,)

    def come_to_front(self) -> None:
        """Be shown: what was missed is read.

        A page that shows more than changes tell of (who printed, who looked) reads that, too.
        """
        self.catch_up()

    # what the window does

    @property
    def stale(self) -> bool:
        """Whether something the page shows was changed since it was read, or nothing was read yet."""
        return bool(self._missed)

    def miss(self, change: LedgerChange) -> None:
        """Note a change."""
        self.newest = max(self.newest, change.number)
        if self.concerned_by(change):
            self._missed |= change.kinds

    def catch_up(self) -> None:
        """Read anew if something was missed; what is being typed is finished first."""
        if not self._missed:
            return
        if self.in_hand():
            self._postponed.start()
            return
        missed, self._missed = self._missed, frozenset()
        if ANYTHING in missed or not missed.isdisjoint(_OFFICES):
            self.refresh_offices()
        self.refresh()

    def reload(self) -> None:
        """F5: read anew in any case."""
        self.make_stale()
        self.catch_up()

    def make_stale(self) -> None:
        """Take it that anything may have been changed."""
        self._missed = EVERYTHING

    def is_read(self) -> None:
        """Called by a page that read everything by itself: nothing is missed."""
        self._missed = frozenset()

    def _catch_up_if_seen(self) -> None:
        if self.isVisible():
            self.catch_up()


class SearchPage(Page):
    """The page on which people typed into the window's search box are found.

    Signals:
        search_cleared: others are to be listed than those that were searched for: the box is emptied.
    """

    search_cleared = Signal()

    @abstractmethod
    def search(self, text: str) -> None:
        """Find people while typing."""

    @abstractmethod
    def open_first(self) -> None:
        """Open the person if the search found exactly one, else go to what was found."""

    @abstractmethod
    def focus_found(self, *, search_now: bool = False) -> None:
        """Put the keys into what was found; `search_now` does not wait for more to be typed."""

    @abstractmethod
    def load(self) -> None:
        """Read the first page, before the window is shown."""

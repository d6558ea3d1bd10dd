"""What is to be printed and for whom: the kind of paper, the people, the options of that kind as they are now."""

import contextlib
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from bangjiao_desktop.domain.audience import NOBODY, Audience, ForOffice
from bangjiao_desktop.domain.print_kinds import FOR_OFFICE, FOR_PEOPLE, KINDS
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.fields import FieldError
from bangjiao_desktop.ui.kit.option_form import Option, OptionForm
from bangjiao_desktop.ui.kit.parts import field
from bangjiao_desktop.ui.kit.preferences import PRINT_OPTIONS, Preferences
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo
from bangjiao_desktop.ui.printing.card_offsets import follow_printers
from bangjiao_desktop.ui.printing.print_options import may_use, options_of
from bangjiao_desktop.ui.printing.print_people import PrintPeople

# What was right once is not kept: whom it was for (names may stand in a filter), days, periods, the used sheet.
_NOT_KEPT = ("episode", "first", "last", "period", "office", "numbers", "confirmed", "filed", "filings", "start", "title",
             "offset", "back_offset", "printer", "masked", "watermark", "withheld")  # fmt: skip


class PaperChoice(QWidget):
    """The column of choices.

    What can be chosen (forms, papers, letters, sheets, offices) is read from the ledger, off the window's thread, when a
    kind is chosen and by `refresh`; what was chosen stays as far as it is still offered.

    Args:
        session: the user's.
        preferences: where this computer remembers what was chosen, and what each printer is off by.

    Signals:
        changed: something else would be printed.
        kind_chosen: another kind of paper, or its options are there now.
        fault: a sentence; "" takes it away.
    """

    changed = Signal()
    kind_chosen = Signal(str)
    fault = Signal(str)

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self._session, self._preferences = session, preferences
        self.kind = ValueCombo()
        for name, text in KINDS.items():
            if may_use(name, session):
                self.kind.addItem(text, name)
        self.people = PrintPeople(session)
        self.forms: dict[str, OptionForm] = {}
        self._waiting: Callable[[], None] | None = None
        self._printers: list[str] | None = None
        self._stack = QStackedWidget()
        self._nothing = QWidget()  # until the options are read
        self._stack.addWidget(self._nothing)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 2 * GRID, 0)
        inside.setSpacing(3 * GRID)
        inside.addWidget(field("打印什么", self.kind))
        inside.addWidget(self.people)
        inside.addWidget(self._stack)
        inside.addStretch(1)
        self.kind.currentIndexChanged.connect(lambda _: self.choose_kind())
        self.people.changed.connect(self.changed)

    @property
    def name(self) -> str:
        """The kind chosen, a name of `KINDS`."""
        return str(self.kind.currentData())

    def choose_kind(self) -> None:
        """Show the options of the kind that is chosen; they are read anew."""
        self._waiting = None  # what waited for another kind is given up
        self._show_kind()
        self._read_options(self.name)

    def refresh(self) -> None:
        """Read anew what can be chosen."""
        self._read_options(self.name)

    def when_ready(self, act: Callable[[], None]) -> None:
        """Do something once the options of the kind that is chosen are there; mostly at once."""
        if self.name in self.forms:
            act()
        else:
            self._waiting = act

    def show_request(self, request: PrintRequest) -> None:
        """Show what is wanted elsewhere; its kind is chosen and its options are there."""
        options = dict(request.options)
        if request.kind in FOR_PEOPLE:
            self.people.choose(request.audience)
        elif isinstance(request.audience, ForOffice):
            options["office"] = request.audience.office_id.hex if request.audience.office_id else None
        form = self.forms[request.kind]
        form.load({one.name: None for one in form.options if one.everything} | options)

    def choose_release(self, release: int | None) -> None:
        """Choose which release a paper is of (第几期, None for the latest), where the kind asks; its options are there."""
        self.forms[self.name].load({"episode": release})

    def request(self) -> PrintRequest | None:
        """What is chosen now, and for whom; None where a field is wrong (it says so) or not there yet."""
        kind = self.name
        if kind not in self.forms:
            return None
        try:
            options: dict[str, Any] = self.forms[kind].values()
        except FieldError as error:
            self.fault.emit(error.message)
            return None
        options.pop("printer", None)
        audience: Audience = NOBODY
        if kind in FOR_PEOPLE:
            audience = self.people.audience()
        elif kind in FOR_OFFICE:
            office = options.pop("office", None)
            audience = ForOffice(uuid.UUID(hex=office) if office else None)
        return PrintRequest(kind, audience, options)

    def remember(self, request: PrintRequest) -> None:
        """Keep on this computer what was chosen, but for whom."""
        kept = {name: value for name, value in request.options.items() if name not in _NOT_KEPT}
        self._preferences.set(f"{PRINT_OPTIONS}_{request.kind}", json.dumps(kept, ensure_ascii=False))

    def _read_options(self, kind: str) -> None:
        if kind == "cards" and self._printers is None:
            self._printers = (
                QPrinterInfo.availablePrinterNames()
            )  # Qt wants it on this thread: asked once, it may be slow
        read = background.latest(self, f"options of {kind}", options_of, kind, self._session, self._printers or ())
        read.then(lambda options: self._take_options(kind, options)).fails(self.fault.emit).at_once()

    def _take_options(self, kind: str, options: Sequence[Option]) -> None:
        old = self.forms.get(kind)
        if old is not None and old.options == tuple(options):
            return
        made = OptionForm(options, self._session.clock)
        before: dict[str, Any] | None = None
        if old is None:
            with contextlib.suppress(ValueError, TypeError):  # a file edited by hand is no reason not to print
                kept = json.loads(self._preferences.get(f"{PRINT_OPTIONS}_{kind}", "{}"))
                told = kept.items() if isinstance(kept, dict) else ()
                made.load({name: value for name, value in told if value != []})  # never begin with nothing
        else:
            try:
                before = old.values()
            except FieldError:
                return  # a day is just being typed; it is read anew when the kind is chosen again
            made.load(before)
        self._put(kind, made)
        if before is None:
            if self.name == kind:
                self._show_kind()
                waiting, self._waiting = self._waiting, None
                if waiting is not None:
                    waiting()
        elif made.values() != before:
            self.changed.emit()

    def _put(self, kind: str, made: OptionForm) -> None:
        """Show the options in the place of those from before."""
        old = self.forms.get(kind)
        self.forms[kind] = made
        self._stack.addWidget(made)
        if kind == "cards":
            follow_printers(made, self._preferences)
        made.changed.connect(self.changed)
        if old is None:
            return
        focus = QApplication.focusWidget()
        at = (one for one, widget in old.widgets.items() if focus and (widget is focus or widget.isAncestorOf(focus)))
        name = next(at, "")
        if self._stack.currentWidget() is old:
            self._stack.setCurrentWidget(made)
            self._fit()
        if name in made.widgets:
            made.widgets[name].setFocus()
        self._stack.removeWidget(old)
        old.deleteLater()

    def _show_kind(self) -> None:
        self._stack.setCurrentWidget(self.forms.get(self.name, self._nothing))
        self._fit()
        self.people.setVisible(self.name in FOR_PEOPLE)
        self.kind_chosen.emit(self.name)
        self.changed.emit()

    def _fit(self) -> None:
        self._stack.setMaximumHeight(max(0, self._stack.currentWidget().sizeHint().height()))

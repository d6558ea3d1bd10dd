"""统计: a period's official forms, every figure with the people behind it, on paper and as XLSX."""

import uuid
from collections.abc import Callable, Mapping
from typing import Self

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListWidget, QSplitter, QVBoxLayout, QWidget

from bangjiao_desktop.domain.forms import FilledForm
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period, parse_period, period_of
from bangjiao_desktop.services.base.listing import explanation_cells
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import filings, form_definitions, forms, statistics
from bangjiao_desktop.services.figures.form_definitions import KnownForm
from bangjiao_desktop.ui.figures.entry_dialog import EntryDialog
from bangjiao_desktop.ui.figures.explain_panel import ExplainPanel
from bangjiao_desktop.ui.figures.filing_bar import FilingBar
from bangjiao_desktop.ui.figures.form_model import FIGURE
from bangjiao_desktop.ui.figures.form_view import FormView
from bangjiao_desktop.ui.figures.forms_output import FormsOutput, ShownForms
from bangjiao_desktop.ui.figures.report_scope import ReportScope
from bangjiao_desktop.ui.figures.typed_cells import Cell, TypedCells, carried_over
from bangjiao_desktop.ui.figures.years_view import YearsView
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.errands import Errand, ExplainFigure, ShowPeriod
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import button, row
from bangjiao_desktop.ui.kit.question import UNSAVED, goes_on
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.whole_text import WholeText

_LEAST_LIST, _LEAST_FORM, _LEAST_PANEL = 150, 400, 320  # pixels in which their lines can be read
_ROOM_FOR_ALL = 1000  # pixels for forms, figures and the people behind one, side by side


class StatisticsPage(Page):
    """The official statistics.

    Args:
        session: the user's.

    Signals:
        person_opened: key of a person.
        said: a short message.
        print_wanted: a request for the print centre.
    """

    person_opened = Signal(object)
    said = Signal(str)
    print_wanted = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._forms: list[FilledForm] = []
        self._unread: list[KnownForm] = []
        self._asked = 0
        self._shown = 0
        self._then: Callable[[], None] | None = None
        self._held: tuple[int, Callable[[], None]] | None = None
        self._staying = False
        self._wanted_office: uuid.UUID | None = None  # chosen once the offices are read
        self._explained: tuple[str, Period, OfficeInfo | None] | None = None
        self.scope = ReportScope()
        self.list = QListWidget()
        self.cells = TypedCells(session)
        self.view = FormView(self.cells)
        self.model, self.table = self.view.model, self.view.table
        self.years = YearsView(session)
        self.years_shown = button("历年图", tip="十年来的一项指标，逐季或逐年")
        self.panel = ExplainPanel()
        self.filings = FilingBar(session, self.cells.unsaved_words)
        self.output = FormsOutput(session, self, self._shown_now, self._when_true)
        self._build()
        self._connect()

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session)
        made.person_opened.connect(desk.open_person)
        made.said.connect(desk.say)
        made.print_wanted.connect(desk.print_request)
        return made

    def take(self, errand: Errand) -> bool:
        """Show a period, or the people behind an indicator of the quarter one is in, so far, as the workbench has it."""
        if isinstance(errand, ShowPeriod):
            self.choose(parse_period(errand.period))
            if not self.scope.choose_office(errand.office_id):
                self._wanted_office = errand.office_id
            return True
        if not isinstance(errand, ExplainFigure):
            return super().take(errand)
        today = self._session.today()
        self.choose(period_of(today))
        self._explain(errand.key, period_of(today).so_far(today), errand.office)
        return True

    @property
    def period(self) -> Period:
        """The period chosen."""
        return self.scope.period

    def choose(self, period: Period) -> None:
        """Choose a period."""
        self.scope.choose(period)

    def load(self) -> None:
        """Reckon the forms anew."""
        period, office = self.period, self.scope.chosen_office
        self.view.wait()
        self.filings.load(period, office)
        if self.years.isVisibleTo(self):
            self.years.load(period, office)
        self._asked += 1
        self.cells.reading = self._asked
        self._then = None  # what waited for other figures is given up
        asked = self._asked
        as_filed = self.filings.showing_filed

        def work(progress: Progress) -> tuple[list[FilledForm], list[KnownForm]]:
            filed = [one.form for one in filings.filed_forms(self._session, period, office)] if as_filed else []
            if filed:
                return filed, []
            unread = [one for one in form_definitions.known_forms(self._session) if one.fault]
            return forms.filled_forms(self._session, period, office, progress=progress), unread

        task = background.newest(self, "forms", work)
        task.then(lambda found: self._once_typed(asked, lambda: self._show_forms(asked, *found)))
        task.fails(lambda text: self._once_typed(asked, lambda: self._fail(text, asked)))

    def show_years(self, *, shown: bool) -> None:
        """Show a figure over ten years in the place of the forms, or the forms again."""
        self.table.finish_typing()
        for part in (self._middle, *self.output.widgets):
            part.setVisible(not shown)
        self.years.setVisible(shown)
        self._put_away()
        if shown:
            self.years.load(self.period, self.scope.chosen_office)
            self.years.chart.setFocus()
        else:
            self.years.give_up()
            self.list.setFocus()

    def refresh(self) -> None:
        """Reckon anew: the ledger was changed meanwhile; the form, the cell and who is behind it stay."""
        self._staying, then = True, self._then
        self.load()
        self._then = then  # what waits for the figures of now goes on waiting

    def in_hand(self) -> bool:
        """Tell whether a figure is just being typed."""
        return self.table.typing

    def is_changed(self) -> bool:
        """Tell whether a figure that was typed is not in the ledger."""
        return self.table.typing or self.cells.unsaved > 0

    def may_close(self) -> bool:
        """Keep what is being typed; ask where a figure was refused and not mended."""
        self.table.finish_typing()
        if not self.cells.refused:
            return True
        if not goes_on(self, UNSAVED, self.cells.unsaved_words(), "返回修改", "不保存"):
            return False
        self.cells.give_up_all()
        return True

    def print_shown(self) -> None:
        """Ctrl+P: the forms as they will be printed."""
        self.output.preview()

    def refresh_offices(self) -> None:
        """Offer the offices of now, once they are read."""
        background.latest(self, "offices", self._session.offices).then(self._offer_offices).at_once()

    def _offer_offices(self, offices: list[OfficeInfo]) -> None:
        before = self.scope.key
        self.scope.offer_offices(offices)
        wanted, self._wanted_office = self._wanted_office, None
        if wanted is not None:
            self.scope.choose_office(wanted)
            return  # read anew by that
        if self.scope.key != before:
            self.refresh()  # the one that was chosen is no more

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        latest = period_of(self._session.today()).previous()  # reports are made for the quarter that has ended
        self.choose(latest)
        self.refresh_offices()
        head = row(*self.scope.fields(), None)
        head.addLayout(self.output.fields())
        layout.addLayout(head)
        middle = QWidget()
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(GRID)
        inside.addWidget(self.filings)
        inside.addWidget(self.view, 1)
        self.list.setAccessibleName("报表目录")
        self.list.setWordWrap(True)
        self.list.setItemDelegate(WholeText(self.list))
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.panel.hide()
        self._forms_shown = QWidget()
        beside = QVBoxLayout(self._forms_shown)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(GRID)
        beside.addWidget(self.list, 1)
        beside.addWidget(self.years_shown)
        self._middle = middle
        self.years.hide()
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        for part in (self._forms_shown, middle, self.years, self.panel):
            splitter.addWidget(part)
        splitter.setStretchFactor(1, 1)
        splitter.setStretchFactor(2, 1)
        splitter.setHandleWidth(2 * GRID)
        splitter.setSizes([244, 582, 582, 390])
        self._forms_shown.setMinimumWidth(_LEAST_LIST)
        middle.setMinimumWidth(_LEAST_FORM)
        self.panel.setMinimumWidth(_LEAST_PANEL)
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        self.scope.changed.connect(self.load)
        self.list.currentRowChanged.connect(self._show_form)
        self.table.clicked.connect(self.explain_at)
        self.table.opened.connect(self.explain_at)
        self.table.typing_ended.connect(lambda: QTimer.singleShot(0, self, self._show_held))
        self.cells.said.connect(self.said)
        self.filings.changed.connect(self.load)
        self.filings.said.connect(self.said)
        self.filings.form_wanted.connect(self.show_number)
        self.filings.person_opened.connect(self.person_opened)
        self.view.entry_wanted.connect(self.open_entry)
        self.output.said.connect(self.said)
        self.output.print_wanted.connect(self.print_wanted)
        self.years_shown.clicked.connect(lambda: self.show_years(shown=True))
        self.years.back.clicked.connect(lambda: self.show_years(shown=False))
        self.years.wanted.connect(self._explain)
        self.years.renewed.connect(self._explain_renewed)
        self.years.failed.connect(self._put_away)
        self.panel.closed.connect(self._put_away)
        self.panel.person_opened.connect(self.person_opened)

    def _once_typed(self, asked: int, show: Callable[[], None]) -> None:
        """Show what was reckoned once no figure is being typed: it would be taken from under the hands."""
        self._held = asked, show
        self._show_held()

    def _show_held(self) -> None:
        if self._held is None or self.table.typing:
            return
        (asked, show), self._held = self._held, None
        if asked == self._asked:
            show()

    def _fail(self, text: str, asked: int) -> None:
        self._shown, self._then = asked, None
        self._forms, self._unread = [], []
        self.list.clear()
        self.view.fail(text)
        self.said.emit(text)

    def _show_forms(self, asked: int, found: list[FilledForm], unread: list[KnownForm]) -> None:
        self._forms, self._unread, self._shown = found, unread, asked
        self.cells.read_back(asked)
        chosen = max(0, self.list.currentRow()) if self.list.count() else 1
        self.list.blockSignals(True)
        self.list.clear()
        for form in found:
            mark = "　⚠" if form.failures else ""
            self.list.addItem(f"{form.definition.shown_number}　{form.definition.title}{mark}")
            self.list.item(self.list.count() - 1).setToolTip(form.definition.title)
        self.list.addItems([f"{one.number}　读不了　⚠" for one in unread])
        self.list.blockSignals(False)
        self.list.setCurrentRow(min(chosen, self.list.count() - 1))
        cell, down = self.table.currentIndex(), self.table.verticalScrollBar().value()
        self._show_form(self.list.currentRow())
        staying, self._staying = self._staying, False
        if staying:
            self.table.setCurrentIndex(self.model.index(cell.row(), cell.column()))
            self.table.verticalScrollBar().setValue(down)
        if staying and self._explained is not None and self.panel.isVisibleTo(self):
            self._explain(*self._explained)
        elif not self.years.isVisibleTo(self):  # behind a bar of the years, whatever forms came meanwhile
            self._put_away()
        then, self._then = self._then, None
        if then is not None:
            then()

    def _show_form(self, number: int) -> None:
        if 0 <= number < len(self._forms):
            self.view.show_form(self._forms[number])
        elif 0 <= number - len(self._forms) < len(self._unread):
            self.view.show_unread(self._unread[number - len(self._forms)])

    def show_number(self, number: str) -> None:
        """Show the form with a number."""
        for place, form in enumerate(self._forms):
            if form.definition.shown_number == number:
                self.list.setCurrentRow(place)

    def explain_at(self, index: QModelIndex) -> None:
        """Show the people or records behind a figure."""
        found = index.data(FIGURE)
        if found is None:
            return
        key, column = found
        office = self.scope.known_office(column.office_id) if column.scope == "office" else self.scope.chosen_office
        if column.scope == "office" and office is None:
            return  # it is no more; the forms without it come at once
        self._explain(key, forms.period_of_scope(self.period, column.scope), office)

    def explain_figure(self, key: str) -> None:
        """Show who is behind an indicator of the period and office that are chosen."""
        self._explain(key, self.period, self.scope.chosen_office)

    def _explain(self, key: str, period: Period, office: OfficeInfo | None) -> None:
        self._explained = (key, period, office)
        name = office.name if office else "全部司法所"

        def explain() -> tuple[statistics.Explanation, tuple[tuple[str, ...], list[tuple[str, ...]]]]:
            found = statistics.explain(self._session, period, key, office)
            return found, explanation_cells(found.subject, found.rows)

        asked = background.latest(self, "explanation", explain)
        asked.then(lambda found: self._show_explanation(*found, period.label, name)).fails(self.said.emit)

    def _show_explanation(
        self,
        found: statistics.Explanation,
        told: tuple[tuple[str, ...], list[tuple[str, ...]]],
        period: str,
        office: str,
    ) -> None:
        self.panel.show_explanation(found, told, period, office)
        self.panel.show()
        self._make_room()
        QTimer.singleShot(0, self, lambda: self.table.scrollTo(self.table.currentIndex()))  # it was made narrower

    def _explain_renewed(self, key: str, period: Period, office: OfficeInfo | None) -> None:
        """The years show something else: so does the panel beside them, if it is open."""
        if self.years.isVisibleTo(self) and self.panel.isVisibleTo(self):
            self._explain(key, period, office)

    def _put_away(self) -> None:
        """Close the panel, and what was asked for it with it."""
        background.drop(self, "explanation")
        self.panel.hide()
        self._make_room()

    def _make_room(self) -> None:
        """In a narrow page the list of forms gives way to the people behind a figure, till they are put away."""
        crowded = self.panel.isVisibleTo(self) and self.width() < _ROOM_FOR_ALL
        self._forms_shown.setVisible(not self.years.isVisibleTo(self) and not crowded)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """A page of another width has room for more or less."""
        super().resizeEvent(event)
        self._make_room()

    def open_entry(self) -> None:
        """Open the entry page of the form that is shown."""
        form = self.model.form
        if form is None or self._is_unsaved():
            return
        read = background.latest(self, "entry", carried_over, self._session, form)
        read.then(lambda before: self._open_entry(form, before)).fails(self.said.emit).at_once()

    def _open_entry(self, form: FilledForm, before: Mapping[Cell, str]) -> None:
        now = self.model.form  # it may have been reckoned anew meanwhile
        if now is None or _place_of(now) != _place_of(form):
            return  # another one was chosen
        dialog = EntryDialog(self._session, now, before, self)
        dialog.saved.connect(self.refresh)
        dialog.saved.connect(lambda: self.said.emit("已保存"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _is_unsaved(self) -> bool:
        """Say so where a figure that was typed is not in the ledger yet; one being typed is taken now."""
        self.table.finish_typing()
        text = self.cells.unsaved_words()
        if text:
            self.said.emit(text)
        return bool(text)

    def _shown_now(self) -> ShownForms:
        return ShownForms(
            self.period, self.scope.chosen_office, self.filings.showing_filed, self._forms, self._unread,
            self.list.currentRow(),
        )  # fmt: skip

    def _when_true(self, act: Callable[[], None]) -> None:
        """Do something with the forms as the ledger is now: at once, or when they are reckoned anew."""
        if self._is_unsaved():
            return
        if self._shown != self._asked:
            self._then = act  # what is shown is still that of another period or office
            return
        asked, chosen = self._asked, self._chosen()

        def answered(old: bool) -> None:
            if self._chosen() != chosen:
                return  # another period or office was chosen meanwhile
            if self._asked != asked and self._shown != self._asked:
                self._then = act  # it is being reckoned anew already
            elif not old:
                act()
            else:
                self.said.emit("台账有改动，先重新计算")
                self.refresh()
                self._then = act

        background.call(self, forms.out_of_date, self._session, self._forms).then(answered).at_once()

    def _chosen(self) -> object:
        return self.scope.key, self.filings.showing_filed


def _place_of(form: FilledForm) -> object:
    return form.definition.number, form.period_key, form.office_id, form.filing

"""统计: a period's official forms, every figure with the people behind it, on paper and as XLSX."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHeaderView,
    QListWidget,
    QMessageBox,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.audience import ForOffice
from bangjiao_desktop.domain.forms import FilledForm
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period, parse_period, period_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.listing import explanation_cells
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import filings, form_definitions, forms, statistics
from bangjiao_desktop.services.figures.form_definitions import KnownForm
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.ui.figures.entry_dialog import EntryDialog
from bangjiao_desktop.ui.figures.explain_panel import ExplainPanel
from bangjiao_desktop.ui.figures.filing_bar import FilingBar
from bangjiao_desktop.ui.figures.form_model import FIGURE, FormModel
from bangjiao_desktop.ui.figures.form_table import FormTable
from bangjiao_desktop.ui.figures.typed_cells import TypedCells
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.errands import Errand, ExplainFigure
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import EmptyState, button, field, label, offer, row
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

_PARTS = (
    ("第一季度", "Q1"), ("第二季度", "Q2"), ("第三季度", "Q3"), ("第四季度", "Q4"), ("上半年", "H1"), ("下半年", "H2"),
    ("全年", ""), *((f"{month}月", f"M{month:02d}") for month in range(1, 13)),
)  # fmt: skip

_RECKONING = ("正在计算", "几秒钟就好")


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
        self._explained: tuple[str, Period, OfficeInfo | None] | None = None
        self.year = QSpinBox()
        self.part = ValueCombo()
        self.office = QComboBox()
        self.list = QListWidget()
        self.cells = TypedCells(session)
        self.model = FormModel(self.cells)
        self.table = FormTable()
        self.failures = label("", "error")
        self.panel = ExplainPanel()
        self._empty = EmptyState("table-clock", *_RECKONING)
        self._title = label("", "title")
        self._about = label("", "muted")
        self._preview = button("打印预览…", "primary")
        self._pdf = button("保存 PDF…")
        self._xlsx = button("保存 XLSX…")
        self._all = QComboBox()
        self.filings = FilingBar(session, self.cells.unsaved_words)
        self._entry = button("填写…", tip="逐格填写，上期的数已经带过来")
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
        """Show the people behind an indicator of the quarter one is in."""
        if not isinstance(errand, ExplainFigure):
            return super().take(errand)
        self.choose(period_of(self._session.today()))
        self.explain_figure(errand.key)
        return True

    @property
    def showing_filed(self) -> bool:
        """Whether the figures shown are those that were reported."""
        return self.filings.showing_filed

    @property
    def period(self) -> Period:
        """The period chosen."""
        return parse_period(f"{self.year.value()}{self.part.currentData()}")

    def choose(self, period: Period) -> None:
        """Choose a period."""
        self.year.setValue(period.first.year)
        self.part.choose(period.key[4:])

    def load(self) -> None:
        """Reckon the forms anew."""
        period, office = self.period, self._office()
        self._about.setText("正在计算……")
        self._empty.say(*_RECKONING, "table-clock")
        self.filings.load(period, office)
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
        box = QMessageBox(QMessageBox.Icon.Question, "还没有保存", self.cells.unsaved_words(), parent=self)
        stay = box.addButton("返回修改", QMessageBox.ButtonRole.RejectRole)
        leave = box.addButton("不保存", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(stay)
        box.exec()
        if box.clickedButton() is not leave:
            return False
        self.cells.give_up_all()
        return True

    def print_shown(self) -> None:
        """Ctrl+P: the forms as they will be printed."""
        self.preview()

    def refresh_offices(self) -> None:
        """Offer the offices of now."""
        offer(self.office, (("全部司法所", None), *((one.name, one) for one in self._session.offices())), _office_key)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        self.year.setRange(1990, 2100)
        self.year.setSuffix(" 年")
        for text, key in _PARTS:
            self.part.addItem(text, key)
        latest = period_of(self._session.today()).previous()  # reports are made for the quarter that has ended
        self.choose(latest)
        self.refresh_offices()
        self._all.addItem("全部报表", "all")
        self._all.addItem("只当前表", "one")
        for widget, width in ((self.year, 96), (self.part, 110), (self.office, 160), (self._all, 120)):
            widget.setMinimumWidth(width)
            widget.setFixedHeight(8 * GRID)
        actions = row(field("输出", self._all), self._xlsx, self._pdf, self._preview)
        for place in range(1, 4):
            actions.setAlignment(actions.itemAt(place).widget(), Qt.AlignmentFlag.AlignBottom)
        head = row(field("年份", self.year), field("统计期", self.part), field("填报单位", self.office), None)
        head.addLayout(actions)
        layout.addLayout(head)
        middle = QWidget()
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(GRID)
        inside.addWidget(self.filings)
        inside.addLayout(row(self._title, None, self._entry))
        inside.addWidget(self._about)
        self.failures.setWordWrap(True)
        self.failures.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.failures.hide()
        inside.addWidget(self.failures)
        inside.addWidget(self.table, 1)
        self.table.setModel(self.model)
        self.table.set_empty_state(self._empty)
        self.list.setAccessibleName("报表目录")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.panel.hide()
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        for part in (self.list, middle, self.panel):
            splitter.addWidget(part)
        splitter.setStretchFactor(1, 1)
        splitter.setHandleWidth(2 * GRID)
        splitter.setSizes([244, 582, 390])
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        self.year.valueChanged.connect(lambda _: self.load())
        self.part.currentIndexChanged.connect(lambda _: self.load())
        self.office.currentIndexChanged.connect(lambda _: self.load())
        self.list.currentRowChanged.connect(self._show_form)
        self.table.clicked.connect(self.explain_at)
        self.table.opened.connect(self.explain_at)
        self.table.delete_wanted.connect(lambda: self.model.give_up(self.table.currentIndex()))
        self.table.typing_ended.connect(lambda: QTimer.singleShot(0, self, self._show_held))
        self.cells.said.connect(self.said)
        self.filings.changed.connect(self.load)
        self.filings.said.connect(self.said)
        self.filings.form_wanted.connect(self.show_number)
        self.filings.person_opened.connect(self.person_opened)
        self._entry.clicked.connect(self.open_entry)
        self.panel.closed.connect(self.panel.hide)
        self.panel.person_opened.connect(self.person_opened)
        self._preview.clicked.connect(self.preview)
        self._pdf.clicked.connect(self._choose_pdf)
        self._xlsx.clicked.connect(self._choose_xlsx)

    def _office(self) -> OfficeInfo | None:
        chosen: OfficeInfo | None = self.office.currentData()
        return chosen

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
        self.model.show(None)
        self._about.setText("")
        self._empty.say("没有算出来", text, "alert-circle-outline")
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
        else:
            self.panel.hide()
        then, self._then = self._then, None
        if then is not None:
            then()

    def _show_form(self, number: int) -> None:
        if number >= len(self._forms):
            self._show_unread(number - len(self._forms))
        if not 0 <= number < len(self._forms):
            return
        form = self._forms[number]
        if self.model.show(form):
            self._lay_out()
        self._title.setText(form.definition.title)
        typed = any(row.entry for row in form.definition.rows) and form.filing is None
        self._entry.setVisible(typed and self._session.may(Permission.FILL_FORMS))
        self._about.setText(f"{form.organisation}　{form.period_label}　计量单位：{form.definition.unit}")
        self.failures.setText("审核关系不成立：\n" + "\n".join(form.failures))
        self.failures.setVisible(bool(form.failures))

    def _lay_out(self) -> None:
        """Lay out the columns of another form."""
        self.table.clearSpans()
        for group in self.model.group_rows():
            self.table.setSpan(group, 0, 1, self.model.columnCount())
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.setColumnWidth(0, 230)
        self.table.setColumnWidth(1, 46)
        self.table.setColumnWidth(2, 68)
        for column in range(3, self.model.columnCount()):
            self.table.setColumnWidth(column, max(84, header.sectionSizeHint(column)))
        if self.model.columnCount() <= 7:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def _show_unread(self, number: int) -> None:
        """A form that was changed here and that this version cannot read: says why and what to do."""
        if number < len(self._unread):
            self._empty.say("这张表读不了", "原因写在上面", "alert-circle-outline")
            self.model.show(None)
            self._title.setText(self._unread[number].number)
            self._about.setText("")
            self._entry.hide()
            self.failures.setText(self._unread[number].fault)
            self.failures.show()

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
        office = self._office()
        if column.scope == "office":
            office = next(one for one in self._session.offices() if one.id == column.office_id)
        self._explain(key, forms.period_of_scope(self.period, column.scope), office)

    def explain_figure(self, key: str) -> None:
        """Show who is behind an indicator of the period and office that are chosen."""
        self._explain(key, self.period, self._office())

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

    def open_entry(self) -> None:
        """Open the entry page of the form that is shown."""
        form = self.model.form
        if form is None or self._is_unsaved():
            return
        office = next((one for one in self._session.offices() if one.id == form.office_id), None)
        dialog = EntryDialog(self._session, form, parse_period(form.period_key), office, self)
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

    def chosen_forms(self) -> list[FilledForm]:
        """The forms to be printed or saved."""
        if self._all.currentData() == "all":
            return self._forms
        return self._forms[self.list.currentRow() : self.list.currentRow() + 1]

    def _confirmed(self, found: list[FilledForm]) -> bool:
        """Whether all is there and the checks hold, or the user wants the paper all the same."""
        missing = self._unread
        if self._all.currentData() != "all":
            missing = missing[self.list.currentRow() - len(self._forms) :] if not found else []
        if missing:
            self.said.emit(f"{missing[0].fault}其余的表可以选“只当前表”逐张输出。")
            return False
        if not found:
            return False  # still being reckoned
        failures = [failure for form in found for failure in form.failures]
        if not failures:
            return True
        box = QMessageBox(QMessageBox.Icon.Warning, "审核关系不成立", "", parent=self)
        box.setText(f"有 {len(failures)} 项审核关系不成立，报表可能有误。")
        box.setInformativeText("\n".join(failures[:8]))
        cancel = box.addButton("返回核对", QMessageBox.ButtonRole.RejectRole)
        confirm = box.addButton("仍然输出", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(cancel)
        box.exec()
        return box.clickedButton() is confirm

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
        return self.period, _office_key(self._office()), self.showing_filed

    def preview(self) -> None:
        """Show the chosen forms in the print centre as they will be printed."""
        self._when_true(self._preview_now)

    def _preview_now(self) -> None:
        found = self.chosen_forms()
        if self._confirmed(found):
            office = self._office()
            options = {
                "period": self.period.key,
                "numbers": None if self._all.currentData() == "all" else [found[0].definition.number],
                "filed": "latest" if self.showing_filed else "", "confirmed": any(form.failures for form in found),
            }  # fmt: skip
            self.print_wanted.emit(PrintRequest("forms", ForOffice(office.id if office else None), options))

    def _suggested(self, suffix: str) -> str:
        return f"安置帮教统计报表-{self.period.key}{suffix}"

    def _choose_pdf(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "保存 PDF", self._suggested(".pdf"), "PDF 文件 (*.pdf)")
        if name:
            self.save_pdf(Path(name).with_suffix(".pdf"))

    def save_pdf(self, path: Path) -> None:
        """Write the chosen forms as PDF."""
        self._when_true(lambda: self._save_pdf(path))

    def _save_pdf(self, path: Path) -> None:
        found = self.chosen_forms()
        if self._confirmed(found):
            task = background.run(
                lambda progress: forms.save_file(path, forms.forms_pdf(self._session, found, progress, confirmed=True))
            )
            self._tell(task, path)

    def _choose_xlsx(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "保存 XLSX", self._suggested(".xlsx"), "Excel 工作簿 (*.xlsx)")
        if name:
            self.save_xlsx(Path(name).with_suffix(".xlsx"))

    def save_xlsx(self, path: Path) -> None:
        """Write the chosen forms as XLSX."""
        self._when_true(lambda: self._save_xlsx(path))

    def _save_xlsx(self, path: Path) -> None:
        found = self.chosen_forms()
        if self._confirmed(found):
            self._tell(background.run(lambda progress: forms.forms_xlsx(self._session, found, path, progress)), path)

    def _tell(self, task: background.Task[Any], path: Path) -> None:
        anew: list[str] = []
        task.progressed.connect(lambda _, text: anew.append(text) if text == forms.RECKONED_ANEW else None)
        task.succeeded.connect(lambda _: self.said.emit("，".join([*anew[:1], f"已保存 {path.name}"])))
        task.failed.connect(lambda text, _: self.said.emit(text))


def _office_key(office: OfficeInfo | None) -> object:
    return None if office is None else office.id

"""台账: everybody in one table, found while typing, filtered, sorted; a person opens with Enter."""

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS, PersonLine
from bangjiao_desktop.domain.ledger import APART_LABELS, FirstLook, LedgerFilter, OfficeInfo
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.columns_panel import ColumnsPanel
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.errands import Errand, ShowPending
from bangjiao_desktop.ui.kit.filter_bar import FilterBar, FilterChoice
from bangjiao_desktop.ui.kit.page import SearchPage
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row, tool
from bangjiao_desktop.ui.kit.place import Place
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.kit.print_menu import print_button
from bangjiao_desktop.ui.kit.row_menu import Action, of_buttons, row_menu
from bangjiao_desktop.ui.kit.selection import Selection
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.together_menu import together_button
from bangjiao_desktop.ui.kit.wrap_row import WrapRow
from bangjiao_desktop.ui.people.ledger_columns import LEDGER_COLUMNS
from bangjiao_desktop.ui.people.ledger_filtering import LedgerFiltering
from bangjiao_desktop.ui.people.ledger_model import LedgerModel
from bangjiao_desktop.ui.people.ledger_views import LedgerViews, View
from bangjiao_desktop.ui.people.star import Star

_PREFERENCE, _KNOWN_COLUMNS = "ledger_columns", "ledger_columns_known"
_FIRST_COLUMNS = 36  # there were before their number was remembered
_TYPING_MILLISECONDS = 90
_AFTER_FIRST_PICTURE = 120


class LedgerPage(SearchPage):
    """The ledger.

    Args:
        session: the user's.
        preferences: where columns are remembered.
        look: what the window shows first.

    Signals:
        person_opened: key of the person to show.
        said: a short message.
        print_wanted: a kind of paper and the keys of the people it is for.
        change_wanted: the people of whom one field is to be changed: key → name.
        together_wanted: a kind of record and the keys of the people it is recorded for.
        new_wanted: somebody new is to be entered.
    """

    person_opened = Signal(object)
    said = Signal(str)
    print_wanted = Signal(str, tuple)
    together_wanted = Signal(str, tuple)
    change_wanted = Signal(object)
    undo_offered = Signal(str, object)
    new_wanted = Signal()

    def __init__(self, session: Session, preferences: Preferences, look: FirstLook) -> None:
        super().__init__()
        self._look: FirstLook | None = look
        self._session = session
        self._preferences = preferences
        self._text = ""
        self.model = LedgerModel(session, self)
        self.table = TableView()
        self.filters = FilterBar(self._filter_choices(look.offices))
        self.filtering = LedgerFiltering(session, self.table, self.filters, self._wanted)
        self.views = LedgerViews(session)
        self.star = Star(session, self)
        self._columns_button = tool("列 ▾", "", "选择显示哪些列，或恢复默认")
        self._count = label("", "muted")
        self._selection = label("", "strong")
        self._change_button = button("批量修改…", tip="给选中的人改同一栏：户籍类型、村（社区）、文化程度……")
        self._together_button = together_button(self, self.record_together)
        self._cards_button = print_button(self, self.print_for)
        self._copy_button = button("复制", tip="复制选中的行（Ctrl+C），可粘贴到 Excel")
        self._export_button = button("导出所见…", tip="把当前筛选的人按显示的列存为 XLSX")
        self._assign_button = button("指定责任人…", tip="为选中的人指定帮教责任人")
        self._new_button = button("新增人员", "primary", "登记一个新的帮教对象（Ctrl+N）")
        self._empty = EmptyState("account-search-outline", "", "")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MILLISECONDS)
        self._build()
        self._connect()

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session, desk.preferences, desk.look)
        made.person_opened.connect(desk.open_person)
        made.said.connect(desk.say)
        made.new_wanted.connect(lambda: desk.edit_person())
        made.print_wanted.connect(desk.print_for)
        made.together_wanted.connect(desk.open_together)
        made.change_wanted.connect(desk.change_people)
        made.undo_offered.connect(desk.offer_undo)
        return made

    def load(self) -> None:
        """Read the ledger anew (F5); the first time the page that was read on opening is shown."""
        look, self._look = self._look, None
        if look is not None and not self._text and not self._narrowed:
            self.model.show(look.page)
            # counting needs SQLAlchemy, which loads after the first picture
            QTimer.singleShot(_AFTER_FIRST_PICTURE, self._refresh_count)
            QTimer.singleShot(_AFTER_FIRST_PICTURE, self.views.load)
            self._say_if_empty()
            return
        self._read()

    @property
    def _narrowed(self) -> bool:
        return bool(self.filters.values) or bool(self.filtering.columns)

    def _filter(self) -> None:
        self.views.mark(self._view())
        self.load()

    def _view(self) -> View:
        return View(dict(self.filters.values), self.filtering.columns)

    def show_view(self, view: View) -> None:
        """Show what a tab shows."""
        self.filtering.take_only(view.columns)
        self.filters.show_only(view.filters)

    def _ask_view_name(self) -> None:
        from bangjiao_desktop.ui.kit.ask_dialog import AskDialog

        def keep(name: str) -> None:
            self.views.keep(name, self._view())

        AskDialog("保存为标签", "标签名称", keep, self, refuse=self.views.name_fault).open()

    def _read(self, rows: int = 0, then: Callable[[], object] | None = None) -> None:
        if self.model.rowCount() == 0:
            self._empty.say("正在读取", "")
        self.model.load(self._wanted(), rows=rows, then=lambda: self._is_read(then))
        self._refresh_count()

    def _is_read(self, then: Callable[[], object] | None) -> None:
        self._say_if_empty()
        if then is not None:
            then()

    def refresh(self) -> None:
        """Read what was changed meanwhile; place and selection stay."""
        if self._look is not None:
            return  # still to be read for the first time
        place = Place(self.table, lambda number: self.model.person(number).id)
        self._read(place.rows, place.restore)

    def take(self, errand: Errand) -> bool:
        """List who was released and not handed over yet, whatever was searched and filtered before."""
        if not isinstance(errand, ShowPending):
            return super().take(errand)
        self.search_cleared.emit()
        self._text = ""
        self.filtering.take_only(())
        self.filters.show_only({"status": "pending", "office_id": errand.office_id})
        return True

    def search(self, text: str) -> None:
        """Find people while typing."""
        self._text = text
        self._typing.start()

    def focus_found(self, *, search_now: bool = False) -> None:
        """Put the keys into the table; on its first row after a search at once."""
        if not search_now:
            self.table.setFocus()
            return
        self._find(self._go_to_first)

    def search_now(self) -> None:
        """Find at once, e.g. after Enter."""
        self._find()

    def _find(self, then: Callable[[], object] | None = None) -> None:
        self._typing.stop()
        if self._look is not None and not self._text and not self._narrowed:
            self.load()  # the page that was read on opening
            if then is not None:
                then()
            return
        self._look = None
        self._read(then=then)

    def _go_to_first(self) -> None:
        if self.model.rowCount():
            self.table.setFocus()
            self.table.selectRow(0)

    def open_first(self) -> None:
        """Open the person if the search found exactly one, else go to the table."""
        self._find(self._open_only)

    def _open_only(self) -> None:
        if self.model.rowCount() == 1:
            self.person_opened.emit(self.model.person(0).id)
        else:
            self._go_to_first()

    def shown_columns(self) -> list[int]:
        """Numbers of the columns seen, in the order seen."""
        header = self.table.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [number for number in order if not header.isSectionHidden(number)]

    def refresh_offices(self) -> None:
        """Offer the offices of now in the filter."""
        if self._look is None:  # the first picture does not wait for the vault, and has them from its own look
            self.filters.offer("office_id", _office_choices(self._session.offices()))

    def print_shown(self) -> None:
        """Ctrl+P: cards for who is selected."""
        if self.selection.count:
            self.print_for("cards")

    def person_at_hand(self) -> uuid.UUID | None:
        """Return the one person selected."""
        rows = self.table.selected_rows()
        key: uuid.UUID | None = self.model.person(rows[0]).id if len(rows) == 1 else None
        return key

    def people_at_hand(self) -> tuple[uuid.UUID, ...]:
        """Return who is selected."""
        return tuple(self.model.person(number).id for number in self.table.selected_rows())

    def _filter_choices(self, known: Sequence[OfficeInfo]) -> tuple[FilterChoice, ...]:
        statuses = tuple((key, text) for key, text in STATUS_LABELS.items())
        return (
            FilterChoice("office_id", "司法所", _office_choices(known)),
            FilterChoice("status", "状态", statuses),
            FilterChoice("risk", "风险", (("01", "重点"), ("02", "一般"))),
            FilterChoice("without_card", "联系卡", ((True, "还没有发过"),)),
            FilterChoice("again", "期次", ((True, "再次释放（多期）"),)),
            FilterChoice("apart", "拒绝和失联", tuple(APART_LABELS.items())),
            FilterChoice("residence_type", "户籍", tuple(
                (entry.code, entry.label) for entry in code_table("residence_type").entries
            )),
            FilterChoice("chapter", "罪名", tuple(
                (entry.code, entry.label) for entry in code_table("offence_chapter").entries
            )),
        )  # fmt: skip

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.views)
        layout.addLayout(WrapRow(self.filters, end=(self._columns_button, self._export_button, self._new_button)))
        layout.addWidget(self.table, 1)
        layout.addLayout(
            row(
                self._count,
                None,
                self._selection,
                self._copy_button,
                self._assign_button,
                self._change_button,
                self._together_button,
                self._cards_button,
            )
        )
        self._allow()
        self.table.setModel(self.model)
        self.table.setAccessibleName("台账")
        header = self.table.horizontalHeader()
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.setSortIndicator(next(
            number for number, column in enumerate(LEDGER_COLUMNS) if column.key == "release_date"
        ), Qt.SortOrder.DescendingOrder)  # fmt: skip
        for number, column in enumerate(LEDGER_COLUMNS):
            self.table.setColumnWidth(number, column.width)
            self.table.setColumnHidden(number, not column.shown)
        kept = self._preferences.state(_PREFERENCE)
        if kept is not None:
            sorted_by = (header.sortIndicatorSection(), header.sortIndicatorOrder())
            header.restoreState(QByteArray(kept))
            header.setSortIndicator(*sorted_by)
            known = self._preferences.get(_KNOWN_COLUMNS, _FIRST_COLUMNS)
            for number, column in enumerate(LEDGER_COLUMNS[int(known) :], start=int(known)):
                self.table.setColumnHidden(number, not column.shown)  # newer than what was remembered
        self.table.setSortingEnabled(True)
        self.table.set_empty_state(self._empty)

    def _connect(self) -> None:
        self._typing.timeout.connect(self.load)
        self._new_button.clicked.connect(self.new_wanted)
        self._assign_button.clicked.connect(self._ask_caseworker)
        self._change_button.clicked.connect(lambda: self.change_wanted.emit(self._chosen()))
        self.filters.changed.connect(self.filtering.give_way)
        self.filters.changed.connect(self._filter)
        self.filtering.changed.connect(self._filter)
        self.views.chosen.connect(self.show_view)
        self.views.name_wanted.connect(self._ask_view_name)
        for part in (self.views, self.star):
            part.said.connect(self.said)
        self.star.undo_offered.connect(self.undo_offered)
        self.views.gone.connect(lambda: self.views.mark(self._view()))
        self._columns_button.clicked.connect(self._show_columns)
        row_menu(self.table, self._actions)
        self.table.opened.connect(lambda index: self.person_opened.emit(self.model.person(index.row()).id))
        self.selection = Selection(self.table, self.model, "人")
        self.selection.changed.connect(self._show_selection)
        self.model.failed.connect(self.said)
        self._copy_button.clicked.connect(self._copy)
        self._export_button.clicked.connect(self._choose_export)
        self._show_selection()
        header = self.table.horizontalHeader()
        header.customContextMenuRequested.connect(self._header_menu)
        for signal in (header.sectionMoved, header.sectionResized):
            signal.connect(self._remember_columns)

    def _allow(self) -> None:
        """Show only what the role may do; the role is known from the first look."""
        may = self._session.may
        self._new_button.setVisible(may(Permission.EDIT_PEOPLE))
        self._assign_button.setVisible(may(Permission.RECORD_WORK))
        self._together_button.setVisible(may(Permission.RECORD_WORK))
        self._change_button.setVisible(may(Permission.EDIT_PEOPLE))
        self._export_button.setVisible(may(Permission.EXPORT))
        self._cards_button.setVisible(may(Permission.PRINT))

    def assign(self, caseworker: str) -> None:
        """Make somebody the caseworker of the selected people."""
        from bangjiao_desktop.services.people import people

        chosen = [self.model.person(number).id for number in self.table.selected_rows()]
        background.save(self, people.assign, self._session, chosen, caseworker).then(self._assigned).at_once()

    def _assigned(self, changed: int) -> None:
        self.said.emit(f"已为 {changed} 人指定帮教责任人")
        self.load()

    def _ask_caseworker(self) -> None:
        from bangjiao_desktop.services.records import work
        from bangjiao_desktop.ui.kit.ask_dialog import AskDialog

        count = len(self.table.selected_rows())
        read = background.latest(self, "names", work.suggestions, self._session, "person", "caseworker")
        read.then(
            lambda names: AskDialog(f"为 {count} 人指定帮教责任人", "帮教责任人", self.assign, self, names).open()
        ).at_once()

    def _wanted(self) -> LedgerFilter:
        return LedgerFilter(text=self._text, columns=self.filtering.columns, **self.filters.values)

    def _refresh_count(self) -> None:
        counted = background.latest(self, "count", _count, self._session, self._wanted())
        counted.then(lambda count: self._count.setText(f"共 {count} 人"))

    def _say_if_empty(self) -> None:
        if self.model.rowCount() == 0:
            if self._text or self._narrowed:
                self._empty.say("没有符合条件的人", "换一个写法，或去掉一些筛选条件")
            else:
                self._empty.say("台账还是空的", "到“导入”页把现有的 Excel 台账或监所名单拖进来")

    def _show_selection(self) -> None:
        count = self.selection.count
        self._selection.setText(self.selection.text)
        self._cards_button.setEnabled(count > 0)
        self._copy_button.setEnabled(count > 0)
        self._assign_button.setEnabled(count > 0)
        self._together_button.setEnabled(count > 0)
        self._change_button.setEnabled(count > 0)

    def _copy(self) -> None:
        self.table.copy()
        self.said.emit(f"已复制 {len(self.table.selected_rows())} 行")

    def record_together(self, kind: str) -> None:
        """Record the same work for the selected people."""
        self.together_wanted.emit(kind, self.people_at_hand())

    def print_for(self, kind: str) -> None:
        """Print something for the selected people in the print centre."""
        chosen = tuple(self.model.person(number).id for number in self.table.selected_rows())
        self.print_wanted.emit(kind, chosen)

    def _choose_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "导出所见", "人员名单.xlsx", "Excel 工作簿 (*.xlsx)")
        if name:
            self.export_to(Path(name).with_suffix(".xlsx"))

    def export_to(self, path: Path) -> None:
        """Write what the table shows (filter, order, columns) as XLSX."""
        from bangjiao_desktop.services.people import people

        columns, today = [LEDGER_COLUMNS[number] for number in self.shown_columns()], self._session.today()
        wanted, sort = self._wanted(), self.model.sort_by
        headers = [column.header for column in columns]

        def texts(person: PersonLine) -> list[str]:
            return [column.text(person, today) for column in columns]

        task = background.run(lambda progress: people.export_list(self._session, path, wanted, sort, headers, texts))
        task.succeeded.connect(lambda count: self.said.emit(f"已导出 {count} 人到 {path.name}（号码已隐去中段）"))
        task.failed.connect(lambda text, _: self.said.emit(text))

    def _chosen(self) -> dict[uuid.UUID, str]:
        found = (self.model.person(number) for number in self.table.selected_rows())
        return {one.id: one.name for one in found}

    def _show_columns(self) -> None:
        below = self._columns_button
        self._columns_panel().open_at(below.mapToGlobal(QPoint(below.width(), below.height())))

    def _columns_panel(self) -> ColumnsPanel:
        names = [column.header for column in LEDGER_COLUMNS]
        widths = [(column.width, column.shown) for column in LEDGER_COLUMNS]
        return ColumnsPanel(self.table, names, widths, self._remember_columns, fixed=(0,))

    def _header_menu(self, place: QPoint) -> None:
        self._columns_panel().open_at(self.table.horizontalHeader().mapToGlobal(place))

    def _actions(self) -> list[Action]:
        """What the menu offers for the people selected."""
        count = self.selection.count
        if not count:
            return []
        found: list[Action] = [("打开（回车）", self._open_selected)] if count == 1 else []
        if self._new_button.isVisibleTo(self):  # who may enter people may change them
            watched = all(self.model.person(number).watched for number in self.table.selected_rows())
            found.append(("取消关注" if watched else "加关注 ★", lambda: self.watch(on=not watched)))
        return found + of_buttons(
            self._together_button, self._assign_button, self._change_button, self._cards_button, self._copy_button,
            within=self,
        )  # fmt: skip

    def watch(self, *, on: bool) -> None:
        """Put the star of 关注 on the selected people, or take it away."""
        self.star.put(self.people_at_hand(), on=on)

    def _open_selected(self) -> None:
        for number in self.table.selected_rows():
            self.person_opened.emit(self.model.person(number).id)

    def _remember_columns(self, *_: object) -> None:
        state = self.table.horizontalHeader().saveState()
        self._preferences.keep_state(_PREFERENCE, state.data())
        self._preferences.set(_KNOWN_COLUMNS, len(LEDGER_COLUMNS))


def _office_choices(known: Sequence[OfficeInfo]) -> tuple[tuple[uuid.UUID, str], ...]:
    return tuple((office.id, office.name) for office in known)


def _count(session: Session, wanted: LedgerFilter) -> int:
    """How many there are; what reads the ledger is loaded off the window's thread, too: SQLAlchemy takes 300 ms."""
    from bangjiao_desktop.services.people import people

    return people.count(session, wanted)

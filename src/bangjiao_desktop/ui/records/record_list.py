"""The list of one kind of record: filters, saved filters, columns, and what can be done with what is selected."""

import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.reoffence import Reoffence
from bangjiao_desktop.domain.layout import Kind
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.work import ListedRecord, WorkFilter
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import overview, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.records.work_lists import export_records
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.ask_dialog import AskDialog
from bangjiao_desktop.ui.kit.columns_panel import ColumnsPanel
from bangjiao_desktop.ui.kit.filter_bar import FilterBar, FilterChoice
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, tool
from bangjiao_desktop.ui.kit.place import Place
from bangjiao_desktop.ui.kit.preferences import COLUMNS, Preferences
from bangjiao_desktop.ui.kit.print_menu import print_button
from bangjiao_desktop.ui.kit.question import goes_on
from bangjiao_desktop.ui.kit.row_menu import Action, of_buttons, row_menu
from bangjiao_desktop.ui.kit.selection import Selection
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.wrap_row import WrapRow
from bangjiao_desktop.ui.records.work_model import WorkModel

_TYPING_MILLISECONDS = 150
_WITHHELD = "withheld"  # the filter that opens what the law seals of itself (domain.withheld)
_ASKED = 20  # so many are deleted without a question; each can be brought back on the person's page
_FILTERED = 3  # codes offered as filters: more would not fit on 1366 pixels
_SPANS = (("M", "本月"), ("Q", "本季度"), ("H", "本半年"), ("", "本年"), ("-Q", "上季度"), ("-", "上年"))
Opener = Callable[..., None]


class RecordList(QWidget):
    """The list of one kind of record; the signals are those of `WorkPage`."""

    person_opened = Signal(object)
    said = Signal(str)
    undo_offered = Signal(str, object)
    print_wanted = Signal(str, tuple)
    together_wanted = Signal(str, tuple)
    change_wanted = Signal(str, object)
    residents_wanted = Signal(str)

    def __init__(
        self, session: Session, preferences: Preferences, kind: Kind, hint: str, icon: str, open_record: Opener
    ) -> None:
        super().__init__()
        self._session = session
        self._preferences = preferences
        self.kind = kind
        self._open_record = open_record
        self.model = WorkModel(session, kind, self)
        self.table = TableView()
        self.text = QLineEdit()
        self.filters = FilterBar(self._choices())
        self._saved = tool("筛选方案 ▾", "", "保存或取用一组筛选条件")
        self._columns_button = tool("列 ▾", "", "选择显示哪些列")
        self._together_button = button(
            "一起登记…", tip="几个人一次登记：选中的记录是谁的就为谁登记，也可以在里面再加人"
        )
        self.add_button = button(f"登记{kind.title}", "primary", f"登记{kind.title}（Ctrl+N）")
        self._count = label("", "muted")
        self._selection = label("", "strong")
        self._edit_button = button("打开", tip="打开选中的记录（回车）")
        self._person_button = button("看此人", tip="打开此人的页面")
        self._delete_button = button("删除", tip="删除选中的记录，30 天内可在人员页恢复（Delete）")
        self._cards_button = print_button(self, self.print_for)
        self._assign_button = button("指定责任人…", tip="为选中记录涉及的人指定帮教责任人")
        self._residents_button = button("看安置在此的人", tip="列出安置在选中单位的人")
        self._change_button = button("批量修改…", tip="给选中的记录改同一栏：日期、方式、帮教人……")
        self._copy_button = button("复制", tip="复制选中的行（Ctrl+C），可粘贴到 Excel")
        self._export_button = button("导出所见…", tip="把当前筛选的记录存为 XLSX")
        self._hint = hint
        self._empty = EmptyState(icon, "", "")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MILLISECONDS)
        self._build()
        self._connect()
        self._allow()
        self.refresh_offices()

    def load(self) -> None:
        """Read the list anew."""
        self._read()

    def _read(self, rows: int = 0, then: Callable[[], object] | None = None) -> None:
        self._typing.stop()
        if self.model.rowCount() == 0:
            self._empty.say("正在读取", "")
        self.model.load(self._wanted(), rows=rows, then=lambda: self._is_read(then))
        self._refresh_count()
        self._show_selection()

    def _is_read(self, then: Callable[[], object] | None) -> None:
        if self.text.text() or self.filters.values:
            self._empty.say("没有符合条件的记录", "换一个写法，或去掉一些筛选条件")
        else:
            begun = (
                f"点“登记{self.kind.title}”开始；{self._hint}" if self.kind.offered else "在工作台上选中到期事项处理"
            )
            self._empty.say(f"还没有{self.kind.name}", begun)
        self._show_selection()
        if then is not None:
            then()

    def refresh(self) -> None:
        """Read what was changed meanwhile; place and selection stay."""
        place = Place(self.table, lambda number: self.model.record(number).id)
        self._read(place.rows, place.restore)

    def refresh_offices(self) -> None:
        """Offer the offices of now in the filter, once they are read."""
        background.latest(self, "offices", self._session.offices).then(self._offer_offices).at_once()

    def _offer_offices(self, offices: list[OfficeInfo]) -> None:
        self.filters.offer("office_id", tuple((one.id, one.name) for one in offices))

    def selected(self) -> list[ListedRecord]:
        """Return the selected records."""
        return [self.model.record(number) for number in self.table.selected_rows()]

    def people_selected(self) -> tuple[uuid.UUID, ...]:
        """Return whom the selected records are about, each once."""
        return tuple(dict.fromkeys(one.person_id for one in self.selected() if one.person_id))

    def _called(self) -> dict[uuid.UUID, str]:
        """What the selected records are called where something is said of them."""
        return {one.id: " ".join(filter(None, (one.person_name or one.record.called(), str(one.record.day or ""))))
                for one in self.selected()}  # fmt: skip

    def add(self) -> None:
        """Record another, where one can be begun here."""
        if self.kind.offered:
            self._open_record(self.kind.key)

    def open_selected(self) -> None:
        """Open the record the cursor is on."""
        index = self.table.currentIndex()
        if index.isValid():
            self._open_record(self.kind.key, identifier=self.model.record(index.row()).id)

    def delete_selected(self) -> None:
        """Delete what is selected, all or nothing; the message offers to take it back."""
        rows, model = self.selected(), self.kind.key
        if len(rows) > _ASKED and not self._sure_to_delete(len(rows)):
            return
        keys = {one.id: one.revision for one in rows}
        self._delete_button.setEnabled(False)
        task = background.save(self, work.delete_all, self._session, model, keys)
        task.then(lambda _: self._deleted(tuple((model, key) for key in keys)))
        task.anyway(self._show_selection).at_once()

    def _sure_to_delete(self, count: int) -> bool:
        told = f"删除选中的 {count} 条{self.kind.title}？"
        return goes_on(self, "删除", told, "不删除", f"删除 {count} 条", warning=True)

    def _deleted(self, keys: tuple[tuple[str, uuid.UUID], ...]) -> None:
        told = f"已删除 {len(keys)} 条{self.kind.title}" + ("，30 天内可在人员页恢复" if self.kind.personal else "")
        self.undo_offered.emit(told, lambda: self._take_back(keys))
        self.load()

    def _take_back(self, keys: tuple[tuple[str, uuid.UUID], ...]) -> None:
        task = background.save(self, work.restore_all, self._session, keys)
        task.then(lambda _: self._taken_back(len(keys))).at_once()

    def _taken_back(self, count: int) -> None:
        self.said.emit(f"已恢复 {count} 条{self.kind.title}")
        self.load()

    def assign(self, caseworker: str) -> None:
        """Make somebody the caseworker of the people of the selected records."""
        chosen = list(self.people_selected())
        background.save(self, people.assign, self._session, chosen, caseworker).then(self._assigned).at_once()

    def _assigned(self, changed: int) -> None:
        self.said.emit(f"已为 {changed} 人指定帮教责任人")
        self.load()

    def export_to(self, path: Path) -> None:
        """Write what the list shows as XLSX; identity numbers masked."""
        shown = [self.model.columns[number] for number in self._shown_columns()]
        headers = [column.header for column in shown]
        wanted, sort = self.model.wanted, self.model.sort_by

        def texts(record: ListedRecord) -> list[str]:
            return [column.text(record) for column in shown]

        task = background.run(
            lambda progress: export_records(self._session, path, self.kind.name, wanted, sort, headers, texts)
        )
        task.succeeded.connect(lambda count: self.said.emit(f"已导出 {count} 条到 {path.name}（号码已隐去中段）"))
        task.failed.connect(lambda text, _: self.said.emit(text))

    def save_filter(self, name: str) -> None:
        """Keep the filter in force under a name."""
        values = {
            "text": self.text.text(),
            "codes": {key: str(value) if key == "office_id" else value for key, value in self.filters.values.items()},
        }
        task = background.save(self, settings.save_filter, self._session, self.kind.key, name, values)
        task.then(lambda _: self.said.emit(f"已保存筛选方案“{name}”")).at_once()

    def apply_filter(self, name: str) -> None:
        """Take a kept filter; one that was taken away meanwhile changes nothing."""
        read = background.latest(self, "filters", settings.saved_filters, self._session, self.kind.key)
        read.then(lambda kept: self._apply(kept[name]) if name in kept else None).at_once()

    def _apply(self, values: dict[str, Any]) -> None:
        self.filters.clear()
        for key, value in values["codes"].items():
            self.filters.choose(key, uuid.UUID(value) if key == "office_id" else value)
        self.text.setText(values["text"])
        self.load()

    def _build(self) -> None:
        self.text.setPlaceholderText("姓名、首字母、号码或内容")
        self.text.setAccessibleName(f"在{self.kind.name}中查找")
        self.text.setClearButtonEnabled(True)
        self.text.setFixedWidth(210)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(
            WrapRow(
                self.text,
                self.filters,
                end=(self._saved, self._columns_button, self._export_button, self._together_button, self.add_button),
            )
        )
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.kind.name)
        self.table.set_empty_state(self._empty)
        header = self.table.horizontalHeader()
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        for number, column in enumerate(self.model.columns):
            self.table.setColumnWidth(number, column.width)
        kept = self._preferences.state(f"{COLUMNS}_{self.kind.key}")
        if kept is not None:
            header.restoreState(QByteArray(kept))
        self.table.setSortingEnabled(True)
        header.setSortIndicator(0, Qt.SortOrder.DescendingOrder)
        header.setStretchLastSection(True)
        layout.addWidget(self.table, 1)
        layout.addLayout(
            WrapRow(
                self._count,
                self._selection,
                end=(self._edit_button, self._change_button, self._residents_button, self._person_button, self._assign_button,
                     self._cards_button, self._copy_button, self._delete_button),
            )
        )  # fmt: skip
        self._residents_button.setVisible("occupied" in self.kind.record.KIND.reckoned)
        if not self.kind.personal:
            for one in (self._person_button, self._assign_button, self._cards_button):
                one.hide()

    def _connect(self) -> None:
        self._typing.timeout.connect(self.load)
        self.text.textChanged.connect(lambda _: self._typing.start())
        self.text.returnPressed.connect(self.load)
        self.filters.changed.connect(self.load)
        self.model.failed.connect(self.said)
        self.table.opened.connect(lambda _: self.open_selected())
        self.selection = Selection(self.table, self.model, "条")
        self.selection.changed.connect(self._show_selection)
        self.add_button.clicked.connect(self.add)
        self._together_button.clicked.connect(lambda: self.together_wanted.emit(self.kind.key, self.people_selected()))
        self._edit_button.clicked.connect(self.open_selected)
        self._change_button.clicked.connect(lambda: self.change_wanted.emit(self.kind.key, self._called()))
        self._person_button.clicked.connect(self._open_person)
        self._delete_button.clicked.connect(self.delete_selected)
        self._residents_button.clicked.connect(self._show_residents)
        self._assign_button.clicked.connect(self._ask_caseworker)
        self._copy_button.clicked.connect(self._copy)
        self._export_button.clicked.connect(self._choose_export)
        self._saved.clicked.connect(self._show_saved)
        self._columns_button.clicked.connect(self._show_columns)
        header = self.table.horizontalHeader()
        header.customContextMenuRequested.connect(
            lambda place: self._columns_panel().open_at(header.mapToGlobal(place))
        )
        row_menu(self.table, self._actions)
        for signal in (header.sectionMoved, header.sectionResized):
            signal.connect(self._remember_columns)
        self.table.delete_wanted.connect(self._delete_button.click)

    def _allow(self) -> None:
        """Show only what the role may do."""
        may = self._session.may
        self.add_button.setVisible(may(Permission.RECORD_WORK) and self.kind.offered)
        self._together_button.setVisible(may(Permission.RECORD_WORK) and self.kind.together)
        self._delete_button.setVisible(may(Permission.DELETE))
        self._change_button.setVisible(may(Permission.RECORD_WORK) and bool(self.kind.changeable))
        self._assign_button.setVisible(may(Permission.RECORD_WORK) and self.kind.personal)
        self._export_button.setVisible(may(Permission.EXPORT))
        self._cards_button.setVisible(may(Permission.PRINT) and self.kind.personal)

    def _actions(self) -> list[Action]:
        """What the menu offers for the records selected."""
        return of_buttons(
            self._edit_button, self._person_button, self._together_button, self._change_button, self._assign_button,
            self._residents_button, self._cards_button, self._delete_button, within=self,
        )  # fmt: skip

    def _choices(self) -> tuple[FilterChoice, ...]:
        found = [FilterChoice("office_id", "司法所", ())]  # filled by refresh_offices
        if self.kind.day:
            found.append(FilterChoice("span", "期间", _SPANS))
        coded = [column for column in self.kind.asked if column.type in ("code", "flag") and column.table != "sex"]
        for column in coded[: _FILTERED + sum(one.early for one in coded)]:
            if column.type == "flag":
                choices: tuple[tuple[Any, str], ...] = ((True, column.labels[0]), (False, column.labels[1]))
            else:
                choices = tuple((entry.code, entry.label) for entry in code_table(column.table).entries)
            found.append(FilterChoice(column.field, column.header.removeprefix("是否"), choices))
        if self.kind.record is Reoffence and self._session.sees_sealed:
            found.append(FilterChoice(_WITHHELD, "依法封存", ((True, "连同违法记录（留痕）"),)))
        return tuple(found)

    def _wanted(self) -> WorkFilter:
        codes = dict(self.filters.values)
        office = codes.pop("office_id", None)
        first, last = _days(codes.pop("span", None), self._session.today())
        withheld = bool(codes.pop(_WITHHELD, False))
        return WorkFilter(self.kind.key, self.text.text(), office, first, last, codes, withheld=withheld)

    def _refresh_count(self) -> None:
        with_stock, office = self.kind.page == "publicity", self.filters.values.get("office_id")
        wanted = self._wanted()

        def count() -> tuple[int, dict[str, tuple[int, int]] | None]:
            stock = overview.stock(self._session, office) if with_stock else None
            return work.count(self._session, wanted), stock

        background.latest(self, "count", count).then(lambda found: self._show_count(*found))

    def _show_count(self, count: int, stock: dict[str, tuple[int, int]] | None) -> None:
        self._count.setText(f"共 {count} 条{'' if stock is None else self._stock_text(stock)}")

    def _stock_text(self, found: dict[str, tuple[int, int]]) -> str:
        """What is left of cards, brochures and books; the tip tells what came in and went out."""
        table = code_table("publicity_kind")
        self._count.setToolTip(
            "\n".join(f"{table.label(kind)}：入库 {came}，发放 {given}" for kind, (came, given) in found.items())
        )
        told = [f"{table.label(kind)} {came - given}" for kind, (came, given) in found.items()]
        return "　库存：" + " · ".join(told) if told else "　还没有登记入库"

    def _show_selection(self) -> None:
        count = self.selection.count
        self._selection.setText(self.selection.text)
        for one in (
            self._edit_button,
            self._change_button,
            self._residents_button,
            self._person_button,
            self._delete_button,
            self._assign_button,
            self._cards_button,
            self._copy_button,
        ):
            one.setEnabled(count > 0)

    def _show_residents(self) -> None:
        found = self.selected()
        if found:
            self.residents_wanted.emit(found[0].record.word("name"))

    def _open_person(self) -> None:
        found = self.selected()
        if found and found[0].person_id:
            self.person_opened.emit(found[0].person_id)

    def _copy(self) -> None:
        self.table.copy()
        self.said.emit(f"已复制 {len(self.table.selected_rows())} 行")

    def print_for(self, kind: str) -> None:
        """Print something for the people of the selected records in the print centre."""
        self.print_wanted.emit(kind, self.people_selected())

    def _ask_caseworker(self) -> None:
        count = len(self.people_selected())
        read = background.latest(self, "names", work.suggestions, self._session, "person", "caseworker")
        read.then(
            lambda names: AskDialog(f"为 {count} 人指定帮教责任人", "帮教责任人", self.assign, self, names).open()
        ).at_once()

    def _choose_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "导出所见", f"{self.kind.name}.xlsx", "Excel 工作簿 (*.xlsx)")
        if name:
            self.export_to(Path(name).with_suffix(".xlsx"))

    def _show_saved(self) -> None:
        read = background.latest(self, "filters", settings.saved_filters, self._session, self.kind.key)
        read.then(self._show_filters).at_once()

    def _show_filters(self, kept: dict[str, Any]) -> None:
        menu = QMenu(self)
        for name in kept:
            menu.addAction(name, lambda name=name: self.apply_filter(name))
        if kept:
            menu.addSeparator()
            forget = menu.addMenu("删除方案")
            for name in kept:
                forget.addAction(name, lambda name=name: self._forget_filter(name))
        menu.addAction("把当前条件保存为方案…", self._ask_filter_name)
        menu.popup(self._saved.mapToGlobal(QPoint(0, self._saved.height())))

    def _forget_filter(self, name: str) -> None:
        background.save(self, settings.save_filter, self._session, self.kind.key, name, None).at_once()

    def _ask_filter_name(self) -> None:
        AskDialog("保存筛选方案", "方案名称", lambda name: self.save_filter(name[:20]), self).open()

    def _show_columns(self) -> None:
        below = self._columns_button
        self._columns_panel().open_at(below.mapToGlobal(QPoint(below.width(), below.height())))

    def _columns_panel(self) -> ColumnsPanel:
        columns = self.model.columns
        widths = [(column.width, True) for column in columns]
        return ColumnsPanel(self.table, [column.header for column in columns], widths, self._remember_columns)

    def _shown_columns(self) -> list[int]:
        header = self.table.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [number for number in order if not header.isSectionHidden(number)]

    def _remember_columns(self, *_: object) -> None:
        state = self.table.horizontalHeader().saveState()
        self._preferences.keep_state(f"{COLUMNS}_{self.kind.key}", state.data())


def _days(span: str | None, today: date) -> tuple[date | None, date | None]:
    """The first and last day of a span: "Q" this quarter, "-Q" the one before."""
    if span is None:
        return None, None
    period = period_of(today, span.removeprefix("-"))
    if span.startswith("-"):
        period = period.previous()
    return period.first, period.last

"""The columns of a file that comes in: what each is used as, and a drop-down to point it somewhere else."""

from functools import cache
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from bangjiao_desktop.domain.import_choices import KEPT, NO_CHOICES, UNUSED, ImportChoices
from bangjiao_desktop.domain.layout import kind_of, list_columns
from bangjiao_desktop.services.exchange.import_ledger import ColumnUse
from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.choice_delegate import OPTIONS_ROLE, ChoiceDelegate, Index
from bangjiao_desktop.ui.kit.list_model import ListModel
from bangjiao_desktop.ui.kit.parts import EmptyState, label, row
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import Option, ValueCombo

HOW = {
    "known": "按列名", "source": "按名单种类", "chosen": "由您指定", "guessed": "猜的，请看一眼", "aside": "不需要",
    "unused": "没有用上",
}  # fmt: skip
_HEADERS = ("列名", "用作", "怎样认的", "有内容", "例", "表")
USED_AS = 1
BY_HEADING = "按列名认"


@cache
def _fields(kind: str) -> tuple[Option, ...]:
    known_kind = kind_of(kind)
    own = known_kind.columns
    more = list_columns() if known_kind.of_people else ()
    options = [(one.field, one.header + ("（必填）" if one.required else "")) for one in own]
    options += [(one.field, one.header) for one in more if one.type not in ("line", "derived")]
    kept = ((KEPT, "收进备注"),) if known_kind.of_people else ()
    return ((UNUSED, "不用"), *kept, *options)


def _of(one: ColumnUse) -> tuple[str, int, int]:
    return one.sheet, one.heading_row, one.index


class ColumnsModel(ListModel[ColumnUse]):
    """Every column of the file, those that say something and are not used first; each keeps its place after that.

    Signals:
        pointed: heading key, and the field it is to fill (KEPT, UNUSED, None: as its heading says).
    """

    HEADERS = _HEADERS
    pointed = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._choices = NO_CHOICES

    def show(self, columns: tuple[ColumnUse, ...], choices: ImportChoices) -> None:
        """Take the columns of a file and what was chosen for them."""
        self._choices = choices
        places = {_of(one): place for place, one in enumerate(self.rows)}
        rows = sorted(columns, key=lambda one: (places.get(_of(one), len(places)), self._rank(one)))
        if [_of(one) for one in rows] == [_of(one) for one in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(_HEADERS) - 1))
            return
        self.take(rows)

    def forget(self) -> None:
        """Another file comes."""
        self.take([])

    @property
    def unused(self) -> int:
        """Number of columns that say something, are not used, and were not told to be left out."""
        return sum(self._rank(one) == 0 for one in self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """What a column is used as can be chosen, but for one without a heading."""
        flags = super().flags(index)
        if index.column() == USED_AS and self.rows[index.row()].key:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, colours, and the options of the drop-down."""
        one = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(one, index.column())
            case Qt.ItemDataRole.ToolTipRole if not one.key and index.column() == USED_AS:
                return "这一列没有列名：在文件里给它写上列名再导入，就可以选用"
            case Qt.ItemDataRole.ToolTipRole:
                return self._text(one, index.column())
            case Qt.ItemDataRole.EditRole:
                return one.field if one.used_as else UNUSED
            case Qt.ItemDataRole.FontRole:
                return self._font
            case Qt.ItemDataRole.TextAlignmentRole:
                return theme.ALIGN_TEXT
            case Qt.ItemDataRole.ForegroundRole:
                return self._colour(one, index.column())
        if role == OPTIONS_ROLE and index.column() == USED_AS and one.key:
            back: tuple[Option, ...] = ((None, BY_HEADING),) if one.key in self._choices.columns else ()
            return (*back, *_fields(one.model))
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Point the column to a field."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        self.pointed.emit(self.rows[index.row()].key, value)
        return True

    def _rank(self, one: ColumnUse) -> int:
        if one.how == "unused" and one.filled:
            return 3 if self._left_out(one) else 0
        return {"guessed": 1, "unused": 4, "aside": 4}.get(one.how, 2)

    def _left_out(self, one: ColumnUse) -> bool:
        return self._choices.columns.get(one.key) == UNUSED

    def _text(self, one: ColumnUse, column: int) -> str:
        left_out = self._left_out(one)
        how = HOW["chosen"] if left_out else HOW.get(one.how, "")
        used = one.used_as or ("不用" if left_out or not one.filled else "没有用上")
        return (one.column, used, how, f"{one.filled} 格" if one.filled else "空", one.sample, one.sheet)[column]

    def _colour(self, one: ColumnUse, column: int) -> Any:
        rank = self._rank(one)
        if rank <= 1 and column in (0, USED_AS, 2):
            return theme.theme().colour("soon")
        if rank >= 3 or column in (2, 5):
            return theme.theme().colour("muted")
        return None


class ColumnsPanel(QWidget):
    """The tab 列的用法.

    Signals:
        pointed: heading key and field, see `ColumnsModel`.
        source_chosen: name of the known kind of list, None: recognise it.
        office_chosen: name of the office for people without one.
    """

    pointed = Signal(str, object)
    source_chosen = Signal(object)
    office_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.model = ColumnsModel()
        self.table = TableView()
        self.source = ValueCombo()
        self.office = ValueCombo()
        self.lacking = label("", "error")
        self._delegate = ChoiceDelegate(self.table)
        self._sources: tuple[str, ...] = ()
        self._build()
        self.model.pointed.connect(self.pointed)
        self.source.activated.connect(lambda: self.source_chosen.emit(self.source.value()))
        self.office.activated.connect(lambda: self.office_chosen.emit(self.office.value()))

    @property
    def editing(self) -> bool:
        """Whether a drop-down is open."""
        return self._delegate.editing

    def offer(self, sources: tuple[str, ...], offices: tuple[str, ...]) -> None:
        """Offer kinds of lists and offices."""
        self._sources = sources
        self.office.set_options((name, name) for name in offices)

    def show_columns(
        self, columns: tuple[ColumnUse, ...], choices: ImportChoices, *, found: str, source: str | None, office: str
    ) -> None:
        """Show what each column is used as.

        Args:
            columns: of the file.
            choices: what was chosen so far.
            found: the kind of list it was recognised as, "" for none.
            source: the kind it was said to be.
            office: for people without one.
        """
        by_itself = f"自动识别（{found}）" if found and source is None else "自动识别"
        self.source.set_options([(None, by_itself), *((name, name) for name in self._sources)])
        self.source.choose(source)
        self.office.choose(office)
        here = self.table.currentIndex()
        self.model.show(columns, choices)
        self.table.setColumnHidden(len(_HEADERS) - 1, len({one.sheet for one in columns}) < 2)
        if here.isValid() and self.model.rows:
            self.table.setCurrentIndex(self.model.index(min(here.row(), len(self.model.rows) - 1), here.column()))

    def say_lacking(self, headers: tuple[str, ...]) -> None:
        """Say which columns are missing; none: nothing is."""
        self.lacking.setVisible(bool(headers))
        self.lacking.setText(
            f"缺少{'、'.join(f'“{one}”' for one in headers)}：请在“用作”里把对应的列指给它。" if headers else ""
        )

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        self.office.setMinimumWidth(130)
        self.source.setSizeAdjustPolicy(ValueCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.source.setMinimumContentsLength(20)
        captions = (label("名单种类", "muted"), label("没写责任单位的人归到", "muted"))
        for caption, combo in zip(captions, (self.source, self.office), strict=True):
            caption.setBuddy(combo)
            combo.setAccessibleName(caption.text())
        layout.addLayout(row(captions[0], self.source, None, captions[1], self.office))
        self.lacking.setWordWrap(True)
        self.lacking.hide()
        layout.addWidget(self.lacking)
        self.table.setModel(self.model)
        self.table.setAccessibleName("列的用法")
        self.table.setItemDelegateForColumn(USED_AS, self._delegate)
        self.table.setEditTriggers(TableView.EditTrigger.EditKeyPressed)
        self.table.clicked.connect(self._open)
        self.table.opened.connect(lambda index: self._open(self.model.index(index.row(), USED_AS)))
        self.table.set_empty_state(EmptyState("table-column", "没有列", ""))
        for number, width in enumerate((140, 170, 110, 70, 180, 110)):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        layout.addWidget(self.table, 1)

    def _open(self, index: QModelIndex) -> None:
        if index.column() == USED_AS and index.flags() & Qt.ItemFlag.ItemIsEditable and not self._delegate.editing:
            self.table.edit(index)

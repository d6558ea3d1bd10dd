"""A list of work records as a table model: the query is the filter, pages come as the view scrolls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QFont

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.support_record import SupportRecord
from bangjiao_desktop.domain.layout import Column, Kind, cell_text
from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone
from bangjiao_desktop.domain.work import ListedRecord, WorkFilter, WorkPage, WorkSort
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.paged_model import After, Index, PagedModel

_NOWHERE = QModelIndex()
_WIDTHS = {"date": 96, "code": 110, "codes": 150, "flag": 64, "count": 72, "money": 96, "telephone": 112, "note": 260, "reference": 240}  # fmt: skip
_WIDEST_CODE = 200  # "政府投入为主的安置基地安置" whole
_REFERENCE_NUMBER = 150  # "释通〔2026〕551号" whole
_LONG_TEXTS = {
    "offence": 190,
    "counterpart": 190,
    "from_unit": 190,
    "to_unit": 190,
    "form": 170,
}  # offences, offices elsewhere, names of scales
_FIGURES = ("date", "count", "money")
PAGE = 150


@dataclass(frozen=True)
class WorkColumn:
    """One column of a list: heading, width, what a cell says, what it is sorted by ("" for nothing)."""

    header: str
    width: int
    text: Callable[[ListedRecord], str]
    sort: str
    figure: bool = False
    field: str = ""


def _width(column: Column) -> int:
    """What its heading and its usual contents take."""
    usual = _WIDTHS.get(column.type, 130)
    if column.type == "code":
        longest = max(len(entry.label) for entry in code_table(column.table).entries)
        usual = max(usual, min(13 * longest + 20, _WIDEST_CODE))
    elif column.type == "text":
        usual = _REFERENCE_NUMBER if column.field.endswith("number") else _LONG_TEXTS.get(column.field, usual)
    return max(usual, 13 * len(column.header) + 30)


def columns_of(kind: Kind) -> tuple[WorkColumn, ...]:
    """Return the columns of a kind of record: the day first, the person, then its fields, the office last."""
    found: list[WorkColumn] = []
    own = [column for column in kind.listed if column.type not in ("identity", "office")]
    own.sort(key=lambda column: column.field != kind.day)
    for column in own:

        def text(row: ListedRecord, column: Column = column) -> str:
            if column.type == "reference":
                return "" if row.record.pointed is None else row.record.pointed.label
            value = getattr(row.record, column.field)
            if column.type == "telephone":
                return mask_telephone(value)
            if column.type == "flag":
                return column.labels[0] if value else ""
            return cell_text(column, value).replace("\n", " ")

        sort = "" if column.type in ("reference", "note") else column.field
        made = WorkColumn(
            column.header,
            _width(column),
            text,
            sort,
            column.type in _FIGURES,
            column.field,
        )
        found.append(made)
    if kind.personal:
        person = [
            WorkColumn("姓名", 92, lambda row: row.person_name or "集中发放", "person_name"),
            WorkColumn("公民身份号码", 168, lambda row: mask_identity_number(row.identity_number or ""), ""),
        ]
        found[1 if kind.day else 0 : 1 if kind.day else 0] = person
    for name, header in kind.record.KIND.reckoned.items():
        found.insert(3, WorkColumn(header, 80, lambda row, name=name: str(getattr(row, name)), "", figure=True))
    found.append(WorkColumn("责任单位", 108, lambda row: row.office_name, "office"))
    return tuple(found)


def _missed(row: ListedRecord) -> bool:
    return isinstance(row.record, SupportRecord) and not row.record.met


def _abnormal(row: ListedRecord) -> bool:
    return isinstance(row.record, SupportRecord) and row.record.abnormal


class WorkModel(PagedModel[ListedRecord]):
    """Rows of a list as far as they were scrolled to."""

    def __init__(self, session: Session, kind: Kind, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.kind = kind
        self.columns = columns_of(kind)
        self.wanted = WorkFilter(kind.key)
        self.sort_by = WorkSort()
        self._font = theme.figure_font()
        self._strong = QFont(self._font)
        self._strong.setBold(True)

    def load(
        self,
        wanted: WorkFilter | None = None,
        sort_by: WorkSort | None = None,
        rows: int = 0,
        then: Callable[[], object] | None = None,
    ) -> None:
        """Read anew from the first page on, with another filter or order if given; `rows` and `then` as in `_begin`."""
        self.wanted = wanted or self.wanted
        self.sort_by = sort_by or self.sort_by
        self._begin(rows, then)

    def record(self, row: int) -> ListedRecord:
        """Return a row as read."""
        return self._rows[row]

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """All columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Headings."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].header
            if role == Qt.ItemDataRole.TextAlignmentRole and self.columns[section].figure:
                return theme.ALIGN_FIGURE
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, fonts, alignment; what alarms in its colour."""
        column = self.columns[index.column()]
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return column.text(row)
            case Qt.ItemDataRole.FontRole:
                return self._strong if column.header == "姓名" else self._font
            case Qt.ItemDataRole.TextAlignmentRole:
                return theme.ALIGN_FIGURE if column.figure else theme.ALIGN_TEXT
            case Qt.ItemDataRole.ForegroundRole if column.field == "outcome" and _missed(row):
                return theme.theme().colour("soon")
            case Qt.ItemDataRole.DecorationRole if column.field == "outcome" and _missed(row):
                return theme.icon("account-off-outline", "soon")
            case Qt.ItemDataRole.ForegroundRole if column.field == "abnormal" and _abnormal(row):
                return theme.theme().colour("overdue")
            case Qt.ItemDataRole.DecorationRole if column.field == "abnormal" and _abnormal(row):
                return theme.icon("alert-circle-outline", "overdue")
            case Qt.ItemDataRole.DecorationRole if column.header == "姓名" and row.person_sealed:
                return theme.icon("lock-outline", "sealed")
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort in the database."""
        name = self.columns[column].sort
        wanted = WorkSort(name, order == Qt.SortOrder.DescendingOrder)
        if name and wanted != self.sort_by:
            self.load(sort_by=wanted)

    def _reader(self) -> Callable[[After, int | None], WorkPage]:
        session, wanted, sort = self._session, self.wanted, self.sort_by
        return lambda after, limit: work.page(session, wanted, sort, after, limit or PAGE)

"""操作记录: who did what and when, with filters, and whether the chain of entries is whole."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QSplitter, QVBoxLayout, QWidget

from bangjiao_desktop.domain.acts import ACTIONS
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter, AuditLine
from bangjiao_desktop.ui.kit import background, theme
from bangjiao_desktop.ui.kit.fields import DateField, FieldError
from bangjiao_desktop.ui.kit.filter_bar import FilterBar, FilterChoice
from bangjiao_desktop.ui.kit.paged_model import Index, PagedModel, Reader
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label, row
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.wrap_row import WrapRow
from bangjiao_desktop.ui.manage.proof_dialog import show_proof

_NOWHERE = QModelIndex()
_HEADERS = ("编号", "时间", "用户", "操作", "对象", "内容")
_PAGE = 200
_NOTHING, _CHOOSE = "这一条没有更多内容", "选一条，这里列出它的内容"


class _Lines(NamedTuple):
    rows: list[AuditLine]
    following: int | None


class AuditModel(PagedModel[AuditLine]):
    """Entries, the latest first, as far as they were scrolled to."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._wanted = AuditFilter()
        self._font = theme.figure_font()

    @property
    def lines(self) -> list[AuditLine]:
        """The entries read so far."""
        return self._rows

    def load(self, wanted: AuditFilter, then: Callable[[], object] | None = None) -> None:
        """Read the first page; `then` is called once it is shown."""
        self._wanted = wanted
        self._begin(then=then)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Columns."""
        return 0 if parent.isValid() else len(_HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                str(line.sequence), f"{line.at:%Y-%m-%d %H:%M:%S}", line.account, line.action, line.subject,
                "；".join(line.details),
            )[index.column()]  # fmt: skip
        if role == Qt.ItemDataRole.FontRole:
            return self._font
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 0:
            return theme.ALIGN_FIGURE
        return None

    def _reader(self) -> Reader:
        session, wanted = self._session, self._wanted

        def read(before: int | None, limit: int | None) -> _Lines:
            lines = audit_log.page(session, wanted, before, limit or _PAGE)
            return _Lines(lines, lines[-1].sequence if len(lines) == (limit or _PAGE) else None)

        return read


class AuditPanel(QWidget):
    """The audit trail.

    Args:
        session: a chief's or administrator's.

    Signals:
        said: a short message.
        person_opened: whose record a finding of the proof is of (uuid.UUID).
    """

    said = Signal(str)
    person_opened = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.model = AuditModel(session)
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("操作记录")
        self.table.set_empty_state(EmptyState("history", "没有符合条件的操作", "换一个日期，或去掉一些条件"))
        for number, width in enumerate((70, 150, 100, 120, 120, 500)):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.first, self.last = DateField("起始日期", session.clock), DateField("截止日期", session.clock)
        self.filters = FilterBar(_choices())
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName("这一条操作的内容")
        self.details.setTabChangesFocus(True)
        self.details.setPlaceholderText(_CHOOSE)
        check = button("核验台账…")
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(self.details)
        splitter.setSizes([420, 110])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(WrapRow(label("从", "field"), self.first, label("到", "field"), self.last, self.filters))
        layout.addWidget(splitter, 1)
        layout.addLayout(row(None, check))
        self.filters.changed.connect(self._list)
        self.model.failed.connect(self.said)
        for one in (self.first, self.last):
            one.edit.editingFinished.connect(self._list)
            one.changed.connect(self._list)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_details())
        check.clicked.connect(self.verify)

    def load(self) -> None:
        """Read with the filter in force, and whose entries there are."""
        task = background.latest(self, "accounts", audit_log.accounts, self._session)
        task.then(self._offer).fails(self.said.emit).at_once()
        self._list()

    def _list(self) -> None:
        values = self.filters.values
        first, last = _day(self.first), _day(self.last)
        self.model.load(
            AuditFilter(values.get("account", ""), values.get("action", ""), values.get("subject", ""), first, last),
            self._show_details,
        )

    def _offer(self, names: Sequence[str]) -> None:
        self.filters.offer("account", tuple((name, name) for name in names))

    def verify(self) -> None:
        """Show the proof of the ledger by its trail."""
        show_proof(self._session, self.window(), self.person_opened.emit)

    def _show_details(self) -> None:
        index = self.table.currentIndex()
        valid = index.isValid() and index.row() < len(self.model.lines)
        self.details.setPlaceholderText(_NOTHING if valid else _CHOOSE)
        self.details.setPlainText("\n".join(self.model.lines[index.row()].details) if valid else "")


def _day(field: DateField) -> date | None:
    try:
        return field.value()
    except FieldError:
        return None


def _choices() -> tuple[FilterChoice, ...]:
    """The filters; whose accounts there are is read with the list."""
    subjects = (
        *(sheet.key for sheet in ledger_kinds()),
        "account",
        "office",
        "attachment",
        "workbook",
        "contact_cards",
    )
    return (
        FilterChoice("account", "用户", ()),
        FilterChoice("action", "操作", tuple(ACTIONS.items())),
        FilterChoice("subject", "对象", tuple((one, audit_log.subject_label(one)) for one in subjects)),
    )

"""历年: a figure of ten years back as a chart and a table, each period with the people behind it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from bangjiao_desktop.domain.indicators import figure_text, indicators
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period, period_of
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.figures.statistics import PeriodFigures
from bangjiao_desktop.ui.figures.years_chart import Bar, YearsChart
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import EmptyState, button, field, label, row
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

KEYS = (
    "reg.end", "reg.new", "reg.closed", "reg.end.key", "aid.rate", "place.rate", "link.rate", "reg.moved_in",
    "reg.moved_out", "reg.end.nonlocal", "reg.end.recidivist", "state.lost", "state.refused", "relief.persons",
    "relief.amount", "reoff.count",
)  # fmt: skip
_KINDS = (("Q", "季度"), ("", "年度"))
_HOW_MANY = {"Q": 40, "": 10}
_LEAST_CHART, _LEAST_TABLE = 180, 120  # pixels
_ABOVE = 120  # what stands above the chart; a lower view shows the table beside the chart


class YearsView(QWidget):
    """The chart of ten years.

    Args:
        session: the user's.

    Signals:
        wanted: key, period and office (None for all) whose people are wanted.
        renewed: the same three of the bar that is chosen, once another figure, office or span is shown.
        failed: nothing can be shown.
    """

    wanted = Signal(str, object, object)
    renewed = Signal(str, object, object)
    failed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._until: Period | None = None
        self._office: OfficeInfo | None = None
        self._shown: tuple[str, OfficeInfo | None] | None = None
        self.figure = ValueCombo((key, indicators()[key].label) for key in KEYS)
        self.kind = ValueCombo(_KINDS)
        self.chart = YearsChart()
        self.model = RowsModel(("统计期", "数值"), figures=(1,))
        self.table = TableView()
        self.state = label("", "muted")
        self.back = button("返回报表")
        self._build()
        self.figure.currentIndexChanged.connect(self._again)
        self.kind.currentIndexChanged.connect(self._again)
        self.chart.opened.connect(self._open)
        self.table.opened.connect(lambda index: self._open(len(self.chart.bars) - 1 - index.row()))

    def load(self, until: Period, office: OfficeInfo | None) -> None:
        """Read the ten years up to the end of a period, of one office or all."""
        self._until, self._office = until, office
        self._again()

    def give_up(self) -> None:
        """Read no further: it is not looked at any more."""
        background.drop(self, "years")

    def periods(self) -> list[Period]:
        """Return the periods that are shown, in order."""
        assert self._until is not None
        kind = self.kind.value()
        found = [period_of(self._until.last, kind)]
        while len(found) < _HOW_MANY[kind]:
            found.insert(0, found[0].previous())
        return found

    def _build(self) -> None:
        self.figure.setMinimumWidth(200)
        self.table.setModel(self.model)
        self.table.setAccessibleName("历年数值")
        self.table.set_empty_state(EmptyState("table-clock", "正在计算", "几秒钟就好"))
        self.table.setMinimumHeight(_LEAST_TABLE)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(GRID)
        self._body.addWidget(self.chart, 3)
        self._body.addWidget(self.table, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        head = row(field("指标", self.figure), field("按", self.kind), None, self.back)
        head.setAlignment(self.back, Qt.AlignmentFlag.AlignBottom)
        layout.addLayout(head)
        layout.addWidget(self.state)
        layout.addLayout(self._body, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """In a low window the table stands beside the chart: one below the other they would lie on each other."""
        super().resizeEvent(event)
        low = event.size().height() < _ABOVE + _LEAST_CHART + _LEAST_TABLE
        way = QBoxLayout.Direction.LeftToRight if low else QBoxLayout.Direction.TopToBottom
        if way != self._body.direction():
            self._body.setDirection(way)

    def _again(self) -> None:
        if self._until is None:
            return
        key, office, periods = self.figure.value(), self._office, self.periods()
        self.state.setText("正在计算…")

        def work(progress: Progress) -> list[PeriodFigures]:
            return statistics.years(self._session, periods, office, [key], progress)

        task = background.newest(self, "years", work)
        task.then(lambda found: self._show(key, office, found)).fails(self._fail)

    def _fail(self, text: str) -> None:
        self._shown = None
        self.chart.show_bars("", (), rate=False)
        self.model.show([], ("统计期", "数值"))
        self.state.setText(text)
        self.failed.emit()

    def _show(self, key: str, office: OfficeInfo | None, found: list[PeriodFigures]) -> None:
        indicator = indicators()[key]
        bars = [Bar(one.period, one.total[key], figure_text(key, one.total[key])) for one in found]
        self._shown = key, office
        self.chart.show_bars(indicator.label, bars, rate=indicator.kind == "rate")
        unit = "" if indicator.kind == "rate" else f"（{indicator.unit}）"
        told = [(bar.period.label, bar.text) for bar in reversed(bars)]
        self.model.show(told, ("统计期", f"{indicator.label}{unit}"))
        self.table.resizeColumnsToContents()
        whose = office.name if office else "全部司法所"
        span = f"{bars[0].period.label}至{bars[-1].period.label}"
        self.state.setText(f"{whose}，{span}。点一下柱子，或用左右键选定后回车，看背后的人。")
        self.renewed.emit(key, self.chart.bars[self.chart.chosen].period, office)

    def _open(self, place: int) -> None:
        if self._shown is not None and 0 <= place < len(self.chart.bars):
            key, office = self._shown
            self.wanted.emit(key, self.chart.bars[place].period, office)

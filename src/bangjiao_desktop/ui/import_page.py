"""导入: drop a file, see what would happen, confirm, see what was refused and why."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.services.import_ledger import import_file
from bangjiao_desktop.services.import_result import ImportResult
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.ui import background
from bangjiao_desktop.ui.parts import EmptyState, button, field, label, row, set_role
from bangjiao_desktop.ui.rows_model import RowsModel
from bangjiao_desktop.ui.table_view import TableView
from bangjiao_desktop.ui.theme import GRID

_FILTER = "台账或名单 (*.xlsx *.xlsm *.xls *.ods *.csv *.txt)"


class DropArea(QFrame):
    """Where a file is dropped.

    Signals:
        dropped: its path.
    """

    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take a single file."""
        if _dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()
            set_role(self, "over", "true")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """Back to rest."""
        set_role(self, "over", "false")

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Hand the file on."""
        set_role(self, "over", "false")
        path = _dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)


def _dropped_file(data: QMimeData) -> Path | None:
    urls = [url for url in data.urls() if url.isLocalFile()]
    return Path(urls[0].toLocalFile()) if len(urls) == 1 else None


class ImportPage(QWidget):
    """Import in three steps: choose, look, confirm.

    Args:
        session: the user's.

    Signals:
        imported: something was taken into the ledger.
        said: a short message.
        show_ledger: the user wants to see the people.
        moved: another step is shown; `first_button` is its own.
    """

    imported = Signal()
    said = Signal(str)
    show_ledger = Signal()
    moved = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._path: Path | None = None
        self._task: background.Task | None = None
        self.result: ImportResult | None = None
        self.stack = QStackedWidget()
        self._choose_button = button("选择文件…", "primary")
        self.office = QComboBox()
        self.drop = DropArea()
        self.error = label("", "error")
        self._progress = QProgressBar()
        self._doing = label("", "muted")
        self.cancel = button("取消")
        self.heading = label("", "title")
        self.summary = label("", "muted")
        self.sheets = RowsModel(("表", "接受", "新增", "更新", "未变", "退回"), range(1, 6))
        self.refused = RowsModel(("表", "行", "列", "原因"), (1,), {3: "overdue"})
        self.changed = RowsModel(("表", "行", "列", "原来", "改为"), (1,))
        self.tabs = QTabWidget()
        self.confirm = button("确认导入", "primary")
        self.save_refused = button("保存退回的行…")
        self.again = button("换一个文件")
        self.to_ledger = button("查看台账", "primary")
        self._build()
        self._connect()

    @property
    def busy(self) -> bool:
        """Whether an import is under way."""
        return self._task is not None

    def first_button(self) -> QPushButton | None:
        """Return the button that leads on in the step shown, None if it has none."""
        if self.stack.currentIndex() == 0:
            return self._choose_button
        if self.stack.currentIndex() == 1 or not self.confirm.isVisibleTo(self):
            return None  # a second Enter must not break off what the first began
        return self.confirm if self.confirm.isEnabled() else self.again

    def refresh_offices(self) -> None:
        """Offer the offices of now."""
        chosen = self.office.currentText()
        self.office.clear()
        for one in self._session.offices():
            self.office.addItem(one.name)
        self.office.setCurrentIndex(max(0, self.office.findText(chosen)))

    def look_at(self, path: Path) -> None:
        """Say what importing a file would do; nothing is written."""
        self._path = path
        self._start(dry_run=True)

    def start_import(self) -> None:
        """Import the file that was looked at."""
        self._start(dry_run=False)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.addWidget(self.stack)
        for page in (self._choose_step(), self._work_step(), self._result_step()):
            self.stack.addWidget(page)
        self.refresh_offices()

    def _choose_step(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label("导入台账或名单", "title"))
        inside = QVBoxLayout(self.drop)
        choose = self._choose_button
        choose.clicked.connect(self._choose)
        inside.addWidget(
            EmptyState(
                "tray-arrow-down",
                "把 Excel 台账或监所名单拖到这里",
                "支持 .xlsx .xls .ods .csv；先试读一遍给您看，确认后才写入台账",
            )
        )
        inside.addLayout(row(None, choose, None))
        inside.addSpacing(8 * GRID)
        layout.addWidget(self.drop, 1)
        self.error.setWordWrap(True)
        self.error.hide()
        layout.addWidget(self.error)
        self.office.setMinimumWidth(220)
        layout.addLayout(row(field("文件里没有写责任单位的人，归到", self.office), None))
        hint = label(
            "列名不必与台账一致：身份证号、刑满日期、接收方式、关押单位、重点/一般等常见写法都认得；标题行、合计行会自动跳过。",
            "muted",
        )
        hint.setWordWrap(True)
        layout.addWidget(hint)
        return page

    def _work_step(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.addStretch(1)
        self._progress.setMaximum(1000)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(420)
        self._doing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addLayout(row(None, self._doing, None))
        layout.addLayout(row(None, self._progress, None))
        layout.addLayout(row(None, self.cancel, None))
        layout.addStretch(2)
        return page

    def _result_step(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.heading)
        self.summary.setWordWrap(True)
        layout.addWidget(self.summary)
        for title, model, widths in (
            ("各表行数", self.sheets, (160, 80, 80, 80, 80, 80)),
            ("退回的行", self.refused, (160, 64, 130)),
            ("将改动的内容", self.changed, (120, 64, 130, 200)),
        ):
            table = TableView()
            table.setModel(model)
            table.setAccessibleName(title)
            for number, width in enumerate(widths):
                table.setColumnWidth(number, width)
            table.horizontalHeader().setSectionResizeMode(
                model.columnCount() - 1,
                QHeaderView.ResizeMode.Stretch if model is not self.sheets else QHeaderView.ResizeMode.Interactive,
            )
            table.set_empty_state(EmptyState("check-circle-outline", f"没有{title}", ""))
            self.tabs.addTab(table, title)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(row(self.again, None, self.save_refused, self.confirm, self.to_ledger))
        return page

    def _connect(self) -> None:
        self.drop.dropped.connect(self.look_at)
        self.cancel.clicked.connect(self._cancel)
        self.again.clicked.connect(self._restart)
        self.confirm.clicked.connect(self.start_import)
        self.save_refused.clicked.connect(self._choose_refused)
        self.to_ledger.clicked.connect(self.show_ledger)

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选择文件", "", _FILTER)
        if name:
            self.look_at(Path(name))

    def _start(self, *, dry_run: bool) -> None:
        path, office = self._path, self.office.currentText()
        if path is None or self.busy:
            return
        self.error.hide()
        self._progress.setValue(0)
        self.stack.setCurrentIndex(1)
        self.cancel.setEnabled(True)
        task = background.run(
            lambda progress: import_file(self._session, path, office=office, dry_run=dry_run, progress=progress)
        )
        self._task = task
        self.moved.emit()
        task.progressed.connect(self._show_progress)
        task.succeeded.connect(lambda result: self._show_result(result, dry_run=dry_run))
        task.failed.connect(lambda text, _: self._fail(text))
        task.cancelled.connect(self._cancelled)

    def _show_progress(self, fraction: float, text: str) -> None:
        self._progress.setValue(round(fraction * 1000))
        self._doing.setText(text)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self.cancel.setEnabled(False)
            self._doing.setText("正在撤销……")

    def _cancelled(self) -> None:
        self._task = None
        self.stack.setCurrentIndex(0)
        self.moved.emit()
        self.said.emit("已取消，台账没有改动")

    def _fail(self, text: str) -> None:
        self._task = None
        self.stack.setCurrentIndex(0)
        self.error.setText(text)
        self.error.show()
        self.moved.emit()

    def _restart(self) -> None:
        self._path, self.result = None, None
        self.refresh_offices()
        self.stack.setCurrentIndex(0)
        self.moved.emit()

    def _show_result(self, result: ImportResult, *, dry_run: bool) -> None:
        self._task = None
        self.result = result
        self.stack.setCurrentIndex(2)
        refused: dict[str, int] = {}
        for parsed in result.refused_sheets:
            refused[parsed.sheet.name] = refused.get(parsed.sheet.name, 0) + len(parsed.faults)
        self.sheets.show([
            (name, str(count.accepted), str(count.added), str(count.updated), str(count.unchanged),
             str(refused.get(name, 0)))
            for name, count in result.counts.items()
        ])  # fmt: skip
        self.refused.show([(one.sheet, str(one.row), one.column, one.reason) for one in result.rejected])
        self.changed.show(
            [(one.sheet, str(one.row), one.column, one.before or "（空）", one.after) for one in result.changes]
        )
        self.tabs.setTabText(1, f"退回的行（{result.refused_rows}）")
        self.tabs.setTabText(2, f"{'将改动' if dry_run else '已改动'}的内容（{len(result.changes)}）")
        self.tabs.setCurrentIndex(1 if result.refused_rows else 0)
        changed = sum(count.added + count.updated for count in result.counts.values())
        if dry_run:
            self.heading.setText("试读结果：还没有写入台账")
        else:
            self.heading.setText("已写入台账")
            self.imported.emit()
        self.summary.setText(_summary(result, changed, dry_run=dry_run))
        self.confirm.setVisible(dry_run)
        self.confirm.setEnabled(changed > 0)
        self.confirm.setText(f"确认导入 {changed} 行" if changed else "没有可导入的内容")
        self.save_refused.setVisible(bool(result.refused_rows))
        self.to_ledger.setVisible(not dry_run)
        (self.confirm if dry_run else self.to_ledger).setFocus()
        self.moved.emit()

    def _choose_refused(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "保存退回的行", "退回.xlsx", "Excel 工作簿 (*.xlsx)")
        if name:
            self.save_refused_to(Path(name).with_suffix(".xlsx"))

    def save_refused_to(self, path: Path) -> None:
        """Write the refused rows with their reasons."""
        assert self.result is not None
        try:
            self.result.write_refused(path)
        except KnownError as error:
            self.said.emit(error.message)
        else:
            self.said.emit(f"已保存 {path.name}，更正后可直接再导入")


def _summary(result: ImportResult, changed: int, *, dry_run: bool) -> str:
    verb = "可写入" if dry_run else "写入"
    parts = [f"{verb} {changed} 行，{result.accepted - changed} 行与台账相同，退回 {result.refused_rows} 行。"]
    if result.offices:
        parts.append(f"{'将新建' if dry_run else '新建了'}司法所：{'、'.join(result.offices)}。")
    if result.ignored:
        parts.append(f"不是台账的表，未读：{'、'.join(result.ignored)}。")
    if result.skipped:
        parts.append(f"跳过标题、合计或说明 {result.skipped} 行。")
    return "".join(parts)

"""The start of an import: a place to drop a file on or to click, the office for people without one, a blank table."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from bangjiao_desktop.ui.kit.parts import EmptyState, button, field, label, row, set_role
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo


class DropArea(QFrame):
    """Where a file is dropped, or chosen by a click.

    Signals:
        dropped: its path.
        clicked: the user wants to choose one.
    """

    dropped = Signal(object)
    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("把文件拖到这里，或点一下选择")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click anywhere on it chooses a file."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            event.accept()
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """So do Enter and Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take a single file."""
        if dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()
            set_role(self, "over", "true")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """Back to rest."""
        set_role(self, "over", "false")

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Hand the file on."""
        set_role(self, "over", "false")
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)


def dropped_file(data: QMimeData) -> Path | None:
    """Return the one file that is dragged, None if it is none or several."""
    urls = [url for url in data.urls() if url.isLocalFile()]
    return Path(urls[0].toLocalFile()) if len(urls) == 1 else None


class ImportStart(QWidget):
    """The first step."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = DropArea()
        self.choose = button("选择文件…", "primary")
        self.choose.setAutoDefault(True)
        self.template = button("下载空白表…", tip="一张只有表头的 Excel 表，代码列可以下拉选择，填好拖回这里即可")
        self.undo = button("撤销上一次导入", tip="台账回到导入之前；导入之后又改过的不能整批撤销")
        self.undo.hide()
        self.office = ValueCombo()
        self.error = label("", "error", selectable=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label("导入台账或名单", "title"))
        inside = QVBoxLayout(self.drop)
        about = EmptyState(
            "tray-arrow-down",
            "把 Excel 台账或监所名单拖到这里，或点一下选择文件",
            "支持 .xlsx .xls .ods .csv；先试读一遍给您看，确认后才写入台账",
        )
        about.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        about.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        inside.addStretch(1)
        inside.addWidget(about)
        inside.addLayout(row(None, self.choose, None))
        inside.addStretch(2)
        layout.addWidget(self.drop, 1)
        self.error.setWordWrap(True)
        self.error.hide()
        layout.addWidget(self.error)
        self.office.setMinimumWidth(220)
        line = row(field("文件里没有写责任单位的人，归到", self.office), None, self.undo, self.template)
        line.setAlignment(self.undo, Qt.AlignmentFlag.AlignBottom)
        line.setAlignment(self.template, Qt.AlignmentFlag.AlignBottom)
        layout.addLayout(line)
        hint = label("列名不必与台账一致：常见写法都认得，认不得的列会问您；标题行、合计行、示例行自动跳过。", "muted")
        hint.setWordWrap(True)
        layout.addWidget(hint)

    def say(self, text: str) -> None:
        """Say what is wrong with a file; "" takes it back."""
        self.error.setText(text)
        self.error.setVisible(bool(text))

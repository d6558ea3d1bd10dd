"""Two people changed the same record: both versions side by side, and which to keep, field by field."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.layout import Column
from bangjiao_desktop.ui.kit.fitting import FittingArea, fit
from bangjiao_desktop.ui.kit.parts import button, label, row, save_keys
from bangjiao_desktop.ui.kit.theme import GRID


class ConflictDialog(QDialog):
    """Shows what I typed beside what stands in the ledger now.

    Args:
        columns: the fields that both changed, otherwise.
        mine: field → value of what I typed.
        theirs: field → value as it stands in the ledger.
        words: a field's value as it is read.
        taken: what others changed and I did not, by name: it stays as it stands in the ledger.
        parent: the dialog that could not save.
    """

    def __init__(
        self, columns: Sequence[Column], mine: Mapping[str, Any], theirs: Mapping[str, Any],
        words: Callable[[Column, Any], str], taken: Sequence[str], parent: QWidget | None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle("这条记录刚被别人修改过")
        fit(self, 720, 440)
        self._columns = columns
        self._mine = mine
        self._theirs = theirs
        self._mine_chosen: dict[str, QRadioButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label("这条记录刚被别人修改过", "title"))
        told = "您的修改还没有保存。下面几项两边不同，请逐项选择保留哪一个。"
        if taken:
            told += f"您没有动过的{'、'.join(taken)}照台账中现在的。"
        layout.addWidget(wrapped := label(told, "muted"))
        wrapped.setWordWrap(True)
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4 * GRID)
        grid.setVerticalSpacing(2 * GRID)
        for place, text in enumerate(("项目", "我填的", "台账中现在的")):
            grid.addWidget(label(text, "field"), 0, place)
        for number, column in enumerate(columns, start=1):
            group = QButtonGroup(self)
            own, other = QRadioButton(), QRadioButton()
            own.setAccessibleName(f"{column.header}：保留我填的")
            other.setAccessibleName(f"{column.header}：用台账中现在的")
            own.setChecked(True)
            group.addButton(own)
            group.addButton(other)
            grid.addWidget(label(column.header), number, 0)
            for place, (choice, values) in enumerate(((own, mine), (other, self._theirs)), start=1):
                grid.addWidget(_choice(choice, words(column, values.get(column.field)) or "（空）"), number, place)
            self._mine_chosen[column.field] = own
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(len(columns) + 1, 1)
        layout.addWidget(FittingArea(inside), 1)
        back, theirs_button, save = button("先不保存"), button("都用台账中的"), button("按所选保存", "primary")
        save.setDefault(True)
        layout.addLayout(row(None, back, theirs_button, save))
        back.clicked.connect(self.reject)
        theirs_button.clicked.connect(self._take_theirs)
        save.clicked.connect(self.accept)
        save_keys(self, save)

    def chosen(self) -> dict[str, Any]:
        """Return field → value of the version that was chosen."""
        return {
            column.field: (self._mine if self._mine_chosen[column.field].isChecked() else self._theirs).get(
                column.field
            )
            for column in self._columns
        }

    def choose_mine(self, field: str, *, mine: bool) -> None:
        """Choose a version for a field."""
        chosen = self._mine_chosen[field]
        if mine:
            chosen.setChecked(True)
        else:
            group = chosen.group()
            next(one for one in group.buttons() if one is not chosen).setChecked(True)

    def _take_theirs(self) -> None:
        for name in self._mine_chosen:
            self.choose_mine(name, mine=False)
        self.accept()


class _Words(QLabel):
    """The text of a choice, as long as it is; a click on it chooses."""

    def __init__(self, choice: QRadioButton, text: str) -> None:
        super().__init__(text)
        self._choice = choice
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._choice.setChecked(True)


def _choice(choice: QRadioButton, text: str) -> QWidget:
    made = QWidget()
    layout = QHBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(choice, 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(_Words(choice, text), 1)
    return made

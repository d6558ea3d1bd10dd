"""The rows of a form as a table: names, figures or formulas, units, indents and targets, changed in place."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QTableWidget, QTableWidgetItem

from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.forms import FormRow
from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.ui.kit.line_delegate import LineDelegate
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

_COLUMNS = ("指标名称", "指标或公式", "计量单位", "缩进", "目标 %")
_WAS = Qt.ItemDataRole.UserRole
_ROWS_HEIGHT = 190  # five rows and their headings; where the screen has less, the whole form scrolls
_NAME_WIDTH = 170  # eleven letters
_EACH_CELL = "各格另定"


class FormRows(QTableWidget):
    """The rows of a form.

    Signals:
        edited: a person changed something.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__(0, len(_COLUMNS))
        self._quiet = False
        self.setItemDelegate(LineDelegate(self))
        self.setMinimumHeight(_ROWS_HEIGHT)
        self.setHorizontalHeaderLabels(list(_COLUMNS))
        self.verticalHeader().setDefaultSectionSize(28)
        self.setAccessibleName("行")
        for number, width in ((1, 150), (2, 64), (3, 44), (4, 60)):
            self.setColumnWidth(number, width)
        self.itemChanged.connect(lambda _: self._changed())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Names get what the other columns leave, and never less than one can read; then the table is scrolled."""
        super().resizeEvent(event)
        others = sum(self.columnWidth(number) for number in range(1, self.columnCount()))
        self.setColumnWidth(0, max(_NAME_WIDTH, self.viewport().width() - others))

    def put_all(self, rows: Sequence[FormRow]) -> None:
        """Show the rows of a form."""
        self._quiet = True
        self.setRowCount(0)
        for place, line in enumerate(rows):
            self._put(place, line, place)
        self._quiet = False

    def said_by_all(self) -> list[dict[str, Any]]:
        """Return what every row says, as `form_definitions.edited` wants it.

        Raises:
            DefinitionError: a row says what cannot be; names it.
        """
        return [self.said(number) for number in range(self.rowCount())]

    def _put(self, place: int, line: FormRow, was: int | None) -> None:
        self.insertRow(place)
        target = "" if line.target is None else f"{float(line.target) * 100:g}"
        for column, text in enumerate(
            (line.label, "", "" if line.group else line.unit, str(line.indent or ""), target)
        ):
            item = QTableWidgetItem(text)
            item.setData(_WAS, was)
            self.setItem(place, column, item)
        self.setCellWidget(place, 1, self._key_box(line))

    def _key_box(self, line: FormRow) -> QComboBox:
        box = ValueCombo((key, one.label) for key, one in indicators().items())
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.view().setMinimumWidth(320)
        if line.key and not line.cells:
            box.set_value(line.key)
        else:
            box.setEditText("分组标题" if line.group else self._formula(line) if line.cells else "手工填报")
        edit = box.lineEdit()
        assert edit is not None
        edit.setCursorPosition(0)
        box.setToolTip(box.currentText())
        box.currentTextChanged.connect(box.setToolTip)
        box.currentIndexChanged.connect(lambda _: self._changed())
        edit.textEdited.connect(lambda _: self._changed())
        return box

    @staticmethod
    def _formula(line: FormRow) -> str:
        found = {rule.formula.text for rule in line.cells if rule.formula is not None}
        return f"={found.pop()}" if len(found) == 1 and all(rule.formula for rule in line.cells) else _EACH_CELL

    def said(self, number: int) -> dict[str, Any]:
        """What a row of the table says, as form_definitions.edited wants it."""

        def cell(column: int) -> str:
            item = self.item(number, column)
            return "" if item is None else item.text().strip()

        first = self.item(number, 0)
        box = self.cellWidget(number, 1)
        assert isinstance(box, QComboBox)
        was = None if first is None else first.data(_WAS)
        where = f"第 {number + 1} 行“{cell(0)}”"
        if not re.fullmatch(r"[0-9]?", cell(3)):
            raise DefinitionError(f"{where}的缩进“{cell(3)}”应是一位数字。")
        if not re.fullmatch(r"(\d{1,3}(\.\d{1,2})?)?", cell(4)):
            raise DefinitionError(f"{where}的目标“{cell(4)}”应是 0 到 100 的数，如 98。")
        found: dict[str, Any] = {"was": was, "label": cell(0), "unit": cell(2), "indent": int(cell(3) or 0)}
        found["target"] = float(Decimal(cell(4)) / 100) if cell(4) else None
        typed = box.currentText().strip()
        place = box.findText(typed)
        key = box.itemData(place) if place >= 0 else typed if typed in indicators() else ""
        found |= {"key": key, "group": typed == "分组标题", "entry": typed == "手工填报"}
        if typed.startswith("="):
            found["formula"] = typed[1:]
        elif typed == _EACH_CELL:  # said cell by cell in the TOML: kept as it is
            for name in ("key", "group", "entry"):
                del found[name]
        else:
            found |= {"formula": None, "cells": None}
        if not key and not typed.startswith("=") and typed not in ("分组标题", "手工填报", _EACH_CELL):
            raise DefinitionError(f"{where}的指标“{typed}”不认识：请从下拉中选，或写公式如 =1+2。")
        return found

    def move_line(self, step: int) -> None:
        """Move the row that is chosen up (-1) or down (1)."""
        place = self.currentRow()
        if not 0 <= place < self.rowCount() or not 0 <= place + step < self.rowCount():
            return
        self._quiet = True
        taken = [self.takeItem(place, column) for column in range(self.columnCount())]
        box = self.cellWidget(place, 1)
        assert isinstance(box, QComboBox)
        shown = box.currentText()
        self.removeRow(place)
        self.insertRow(place + step)
        for column, item in enumerate(taken):
            self.setItem(place + step, column, item)
        fresh = self._key_box(FormRow("", 0))
        fresh.setEditText(shown)
        self.setCellWidget(place + step, 1, fresh)
        self.setCurrentCell(place + step, 0)
        self._quiet = False
        self._changed()

    def insert_line(self) -> None:
        """Put a new row below the one that is chosen."""
        place = max(0, self.currentRow() + 1)
        self._quiet = True
        self._put(place, FormRow("新的一行", 1, next(iter(indicators())), "人"), None)
        self._quiet = False
        self.setCurrentCell(place, 0)
        self._changed()

    def remove_line(self) -> None:
        """Take out the row that is chosen."""
        if self.currentRow() >= 0:
            self.removeRow(self.currentRow())
            self._changed()

    def _changed(self) -> None:
        if not self._quiet:
            self.edited.emit()

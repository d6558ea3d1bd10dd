"""The first column of a table stays in sight when the table is scrolled sideways, and is as much the table as the rest."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTableView

from bangjiao_desktop.ui.kit.frozen_column import FrozenColumn
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView

COLUMNS, ROWS = 9, 60


@pytest.fixture
def table(qtbot):
    made = TableView()
    qtbot.addWidget(made)
    made.setModel(RowsModel(tuple(f"列{number}" for number in range(COLUMNS))))
    made.model().show([tuple(f"{row}.{column}" for column in range(COLUMNS)) for row in range(ROWS)])
    for number in range(COLUMNS):
        made.setColumnWidth(number, 120)
    made.resize(420, 300)
    made.show()
    return made


def frozen(table):
    return next((one for one in table.findChildren(FrozenColumn) if one.isVisible()), None)


def test_the_first_column_stays_in_sight(qtbot, table):
    assert frozen(table) is None
    table.setCurrentIndex(table.model().index(3, COLUMNS - 1))
    assert table.horizontalScrollBar().value() > 0
    first = frozen(table)
    assert first.indexAt(QPoint(5, 5)).data() == "0.0"
    assert first.visualRect(table.model().index(3, 0)).top() == table.visualRect(table.model().index(3, 0)).top()
    table.verticalScrollBar().setValue(200)
    assert first.verticalScrollBar().value() == 200
    first.verticalScrollBar().setValue(90)
    assert table.verticalScrollBar().value() == 90
    table.horizontalScrollBar().setValue(0)
    assert frozen(table) is None


def test_no_cell_the_cursor_is_in_lies_under_it(qtbot, table):
    table.setCurrentIndex(table.model().index(3, COLUMNS - 1))
    for column in range(COLUMNS - 1, 0, -1):
        qtbot.keyClick(table, Qt.Key.Key_Left) if column < COLUMNS - 1 else None
        shown = table.visualRect(table.currentIndex())
        assert table.currentIndex().column() == column
        covered = frozen(table).width() if frozen(table) else 0
        assert shown.left() >= covered
        assert shown.right() <= table.viewport().width()


def test_what_is_pressed_in_it_is_pressed_in_the_table(qtbot, table):
    table.horizontalScrollBar().setValue(300)
    first, clicked, opened = frozen(table), [], []
    table.clicked.connect(clicked.append)
    table.opened.connect(opened.append)
    place = first.visualRect(table.model().index(2, 0)).center()
    qtbot.mouseClick(first.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [index.data() for index in clicked] == ["2.0"]
    assert table.selected_rows() == [2]
    assert table.horizontalScrollBar().value() == 300
    assert table.window().focusWidget() is table
    qtbot.mouseDClick(first.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [index.data() for index in opened] == ["2.0"]


def test_it_follows_the_columns_and_the_rows(qtbot, table):
    header = table.horizontalHeader()
    header.setSectionsMovable(True)
    table.horizontalScrollBar().setValue(300)
    table.setColumnHidden(0, True)
    header.moveSection(2, 0)
    assert frozen(table).indexAt(QPoint(5, 5)).data() == "0.2"
    assert frozen(table).width() <= table.viewport().width() / 2
    table.setColumnWidth(2, 400)
    assert frozen(table).width() <= table.viewport().width() / 2
    table.model().show([])
    assert frozen(table) is None
    assert all(one.parent() is table for one in table.findChildren(QTableView))

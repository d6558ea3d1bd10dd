"""AB-1 typed in the cells of 统计: by the keys alone, beside a refresh, beside another write; nothing typed is lost."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox

from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import form_entries, forms
from bangjiao_desktop.ui.figures.entry_dialog import EntryDialog
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.theme import theme
from tests.ui.figures.test_entry_dialog import answering
from tests.ui.kit.test_saving import held

Q3 = parse_period("2026Q3")
COLUMN = 5  # of the table; the third of the form


@pytest.fixture(autouse=True)
def quick(monkeypatch, patience):
    monkeypatch.setattr(background, "PATIENCE", 0.025)


@pytest.fixture
def entry(qtbot, window, page, settle):
    """The page with AB-1 in front, the window the active one."""
    page.list.setCurrentRow(0)
    settle(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page.table.setFocus()
    return page


def cells(page):
    """The cells of one column that can be typed, from the top."""
    found = [page.model.index(row, COLUMN) for row in range(page.model.rowCount())]
    return [one for one in found if one.flags() & Qt.ItemFlag.ItemIsEditable]


def place(index):
    return index.model().form.definition.rows[index.row()].line, index.column() - 3


def kept(page, index):
    with page._session.ledger.read() as connection:
        return form_entries.typed(connection, Q3, [None])[None].get("AB-1", {}).get(place(index), "")


def double_click(qtbot, page, index):
    at = page.table.visualRect(index).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert page.table.typing


def keys(text):
    """Type into whatever has the focus, as the keyboard does."""
    for one in text:
        assert QApplication.focusWidget() is not None
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return if one == "\n" else one)
        QApplication.processEvents()  # Enter in a line is taken up by the next turn


def reckoned(qtbot, window, page, settle):
    settle(window)
    qtbot.waitUntil(lambda: page._shown == page._asked and page._held is None, timeout=60_000)


def test_the_next_cell_is_typed_while_the_first_is_saved_and_reckoned(qtbot, window, entry, settle, qtlog):
    first, second = cells(entry)[1:3]
    double_click(qtbot, entry, first)
    keys("11\n")
    double_click(qtbot, entry, second)
    keys("22")
    qtbot.wait(1500)  # the first save makes the page stale, and it is reckoned
    assert entry.table.typing
    assert QApplication.focusWidget().text() == "22"
    keys("\n")
    reckoned(qtbot, window, entry, settle)
    assert (first.data(), second.data()) == ("11", "22")
    assert (kept(entry, first), kept(entry, second)) == ("11", "22")
    assert entry.cells._cells == {}
    assert entry._forms[0].text_at(*place(second)) == "22"
    assert [one.message for one in qtlog.records if "belong to this view" in one.message] == []


def test_a_reckoning_that_arrives_while_a_cell_is_typed_is_shown_afterwards(qtbot, window, entry, settle):
    first, second = cells(entry)[1:3]
    forms.save_entries(window.session, Q3, None, entry.model.form.definition, {place(first): "31"})
    double_click(qtbot, entry, second)
    keys("3")
    entry.load()
    qtbot.waitUntil(lambda: entry._held is not None, timeout=60_000)
    assert entry.table.typing
    keys("2\n")
    reckoned(qtbot, window, entry, settle)
    assert (kept(entry, first), first.data(), second.data()) == ("31", "31", "32")


def test_a_column_is_typed_by_the_keys_alone(qtbot, window, entry, settle):
    wanted = cells(entry)[:4]
    entry.table.setCurrentIndex(wanted[0])
    for number, index in enumerate(wanted):
        assert entry.table.currentIndex() == index
        assert QApplication.focusWidget() is entry.table
        keys(f"{number + 41}\n")
        reckoned(qtbot, window, entry, settle)  # what was saved is reckoned: the cell and the focus stay
    assert [one.data() for one in wanted] == ["41", "42", "43", "44"]
    assert [kept(entry, one) for one in wanted] == ["41", "42", "43", "44"]
    assert QApplication.focusWidget() is entry.table
    entry.table.setCurrentIndex(cells(entry)[-1])
    keys("\n")  # at the end it stays
    assert entry.table.currentIndex() == cells(entry)[-1]
    assert not entry.table.typing


def test_typed_faster_than_it_is_reckoned(qtbot, window, entry, settle):
    wanted = cells(entry)[:5]
    entry.table.setCurrentIndex(wanted[0])
    keys("51\n52\n53\n54\n55\n")
    assert [one.data() for one in wanted] == ["51", "52", "53", "54", "55"]
    reckoned(qtbot, window, entry, settle)
    assert [one.data() for one in wanted] == [kept(entry, one) for one in wanted] == ["51", "52", "53", "54", "55"]


def test_another_write_freezes_nothing_and_loses_nothing(qtbot, window, entry, settle):
    first, second = cells(entry)[1:3]
    said = []
    entry.said.connect(said.append)
    entry.table.setCurrentIndex(first)
    with held(window.session):
        began = time.monotonic()
        keys("61\n62\n")
        assert time.monotonic() - began < 1.5
        qtbot.waitUntil(lambda: any("另一个窗口或命令" in text for text in said), timeout=5000)
        assert (first.data(), second.data()) == ("61", "62")
        assert first.data(Qt.ItemDataRole.ForegroundRole) == theme().colour("soon")
        assert "还没有存进台账" in first.data(Qt.ItemDataRole.ToolTipRole)
        assert entry.is_changed()
        entry.table.setCurrentIndex(first)
        keys("63\n")  # typed anew while it waits
        entry.output.preview()
        assert "2 格填写的数还没有存进台账" in said[-1]
        entry.open_entry()
        entry.filings.ask()
        assert len([text for text in said if "2 格填写的数还没有存进台账" in text]) == 3
        assert entry.findChildren(EntryDialog) == []
        entry.reload()
        qtbot.wait(1000)
        assert (first.data(), second.data()) == ("63", "62")
    qtbot.waitUntil(lambda: not entry.is_changed(), timeout=10_000)
    reckoned(qtbot, window, entry, settle)
    assert [(one.data(), kept(entry, one)) for one in (first, second)] == [("63", "63"), ("62", "62")]
    assert first.data(Qt.ItemDataRole.ForegroundRole) != theme().colour("soon")


def test_what_is_refused_stays_red_until_it_is_mended_or_given_up(qtbot, window, entry, settle):
    first, second = cells(entry)[1:3]
    before = second.data()
    entry.table.setCurrentIndex(first)
    keys("7o\n8x\n")
    qtbot.waitUntil(lambda: entry.cells.refused == 2, timeout=5000)
    assert "应填不小于 0 的数字" in window.toast.text
    assert (first.data(), second.data()) == ("7o", "8x")
    assert first.data(Qt.ItemDataRole.ForegroundRole) == QColor(theme().colour("overdue"))
    assert "应填不小于 0 的数字" in first.data(Qt.ItemDataRole.ToolTipRole)
    entry.reload()
    reckoned(qtbot, window, entry, settle)
    assert first.data() == "7o"
    asked = answering("返回修改")
    assert not window.close()
    assert asked == ["有 2 格填写的数（红字）没有存进台账，请先改好。"]
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    entry.table.setFocus()
    entry.table.setCurrentIndex(first)
    keys("70\n")
    qtbot.keyClick(entry.table, Qt.Key.Key_Delete)
    reckoned(qtbot, window, entry, settle)
    assert (first.data(), kept(entry, first), second.data()) == ("70", "70", before)
    assert not entry.is_changed()


def test_somebody_elses_number_is_told_and_typed_over_knowingly(qtbot, window, entry, settle):
    [index] = cells(entry)[1:2]
    double_click(qtbot, entry, index)
    forms.save_entries(window.session, Q3, None, entry.model.form.definition, {place(index): "5"})
    keys("6\n")
    qtbot.waitUntil(lambda: entry.cells.refused == 1, timeout=5000)
    assert "刚被别人改为“5”，您填的“6”还没有保存" in index.data(Qt.ItemDataRole.ToolTipRole)
    reckoned(qtbot, window, entry, settle)
    assert (index.data(), kept(entry, index)) == ("6", "5")
    entry.table.setCurrentIndex(index)
    qtbot.keyClick(entry.table, Qt.Key.Key_F2)
    keys("\n")
    qtbot.waitUntil(lambda: kept(entry, index) == "6", timeout=5000)


def test_what_waits_belongs_to_its_own_period(qtbot, window, entry, settle):
    [index] = cells(entry)[1:2]
    entry.table.setCurrentIndex(index)
    row, before = index.row(), forms.filled_forms(window.session, parse_period("2025Q1"), None, numbers=["AB-1"])[0]
    with held(window.session):
        keys("81\n")
        entry.choose(parse_period("2025Q1"))
        qtbot.waitUntil(lambda: entry._forms[0].period_key == "2025Q1", timeout=60_000)
        assert entry.model.index(row, COLUMN).data() == before.text_at(*place(index))
        entry.choose(Q3)
        qtbot.waitUntil(lambda: entry._forms[0].period_key == "2026Q3", timeout=60_000)
        assert entry.model.index(row, COLUMN).data() == "81"
    qtbot.waitUntil(lambda: kept(entry, entry.model.index(row, COLUMN)) == "81", timeout=10_000)


def test_looking_into_a_cell_saves_nothing(qtbot, window, entry):
    [index] = cells(entry)[1:2]
    number = window.session.change_number()
    double_click(qtbot, entry, index)
    keys("\n")
    double_click(qtbot, entry, index)
    keys("9")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    qtbot.wait(200)
    assert entry.cells._cells == {}
    assert window.session.change_number() == number
    assert QApplication.focusWidget() is entry.table


def test_closing_the_window_keeps_what_is_being_typed(qtbot, window, entry):
    [index] = cells(entry)[1:2]
    double_click(qtbot, entry, index)
    keys("91")
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    assert window.close()
    assert kept(entry, index) == "91"


def test_keys_that_waited_behind_enter_are_the_next_cells(qtbot, window, entry, settle):
    found = cells(entry)[:4]
    double_click(qtbot, entry, found[0])
    for one in "7\n89\n1\n":  # all at once: the window was busy while they were pressed
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return if one == "\n" else one)
    assert entry.table.currentIndex() == found[3]
    reckoned(qtbot, window, entry, settle)
    assert [kept(entry, one) for one in found[:3]] == ["7", "89", "1"]
    assert [one.data() for one in found[:3]] == ["7", "89", "1"]


def test_ctrl_p_takes_what_is_being_typed(qtbot, window, entry, settle, monkeypatch):
    monkeypatch.setattr(background, "PATIENCE", 60.0)  # saved by the time it is printed
    monkeypatch.setattr(QMessageBox, "exec", lambda box: 0)  # 92 breaks a 审核关系: printed all the same
    monkeypatch.setattr(
        QMessageBox, "clickedButton", lambda box: next(one for one in box.buttons() if one.text() == "仍然输出")
    )
    [index] = cells(entry)[1:2]
    asked = []
    entry.print_wanted.disconnect()
    entry.print_wanted.connect(lambda _: asked.append(entry._forms[0].text_at(*place(index))))
    double_click(qtbot, entry, index)
    keys("92")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(asked), timeout=60_000)
    assert asked == [kept(entry, index)] == ["92"]

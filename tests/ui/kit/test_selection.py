"""Ctrl+A means everything the filter lets through, the count says so, and every action does exactly that."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit.ask_dialog import AskDialog


@pytest.fixture
def window(make_window, demo_session):
    return make_window(demo_session)


@pytest.fixture
def ledger(window):
    window.show_page("ledger")
    assert not window.ledger.model.complete
    return window.ledger


@pytest.fixture
def visits(window):
    window.show_page("assist")
    window.page("assist").show_kind("support_record")
    records = window.page("assist").current
    assert records.model.rowCount() == 150
    return records


def select_all(qtbot, page):
    qtbot.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not page.selection.reading, timeout=120_000)


def test_ctrl_a_in_the_ledger_is_everybody_of_the_filter(qtbot, ledger, demo_session):
    everybody = people.count(demo_session, LedgerFilter())
    assert everybody > ledger.model.rowCount()
    qtbot.keyClick(ledger.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert ledger._selection.text() == "正在选中全部……"
    assert not ledger._cards_button.isEnabled()  # nothing is done to a part meanwhile
    assert not ledger._assign_button.isEnabled()
    qtbot.waitUntil(lambda: not ledger.selection.reading, timeout=120_000)
    assert ledger._selection.text() == f"已选全部 {everybody} 人"
    assert ledger._cards_button.isEnabled()
    wanted = []
    ledger.print_wanted.connect(lambda kind, chosen: wanted.append(chosen))
    ledger.print_for("cards")
    assert len(wanted[0]) == len(set(wanted[0])) == everybody
    ledger._copy_button.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == everybody
    ledger._ask_caseworker()
    [dialog] = ledger.findChildren(AskDialog)
    assert dialog.windowTitle() == f"为 {everybody} 人指定帮教责任人"
    dialog.box.setEditText("何平")
    with qtbot.waitSignal(ledger.said, timeout=120_000):
        dialog.save()
    rows = people.page(demo_session, LedgerFilter(), limit=1000).rows
    assert {people.brief(demo_session, one.id).caseworker for one in (rows[0], rows[151], rows[-1])} == {"何平"}


def test_ctrl_a_then_ctrl_c_at_once_copies_everybody(qtbot, ledger, demo_session):
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(ledger.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(ledger.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(QGuiApplication.clipboard().text()), timeout=120_000)
    assert len(QGuiApplication.clipboard().text().splitlines()) == people.count(demo_session, LedgerFilter())


def test_ctrl_a_keeps_to_the_filter(qtbot, ledger, demo_session):
    ledger.filters.choose("risk", "02")
    some = people.count(demo_session, LedgerFilter(risk="02"))
    select_all(qtbot, ledger)
    assert ledger._selection.text() == f"已选全部 {some} 人"
    chosen = [ledger.model.person(number) for number in ledger.table.selected_rows()]
    assert len(chosen) == some
    assert {one.risk for one in chosen} == {"02"}


def test_another_filter_meanwhile_selects_nobody(qtbot, ledger):
    qtbot.keyClick(ledger.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    ledger.filters.choose("risk", "01")
    qtbot.wait(300)
    assert ledger._selection.text() == ""
    assert ledger.table.selected_rows() == []
    assert {ledger.model.person(number).risk for number in range(ledger.model.rowCount())} == {"01"}


def test_what_cannot_be_read_is_not_counted_as_all(qtbot, ledger, monkeypatch):
    def broken(*_, **__):
        raise StorageError("台账读不了。")

    monkeypatch.setattr(people, "page", broken)
    said = []
    ledger.said.connect(said.append)
    shown = ledger.model.rowCount()
    select_all(qtbot, ledger)
    assert ledger._selection.text() == f"已选已显示的 {shown} 人"
    assert said == ["台账读不了。"]
    assert ledger.selection.count == shown


def test_some_rows_are_some_rows(qtbot, ledger):
    ledger.table.selectRow(3)
    assert ledger._selection.text() == "已选 1 人"
    ledger.table.select_shown()
    assert ledger._selection.text() == f"已选已显示的 {ledger.model.rowCount()} 人"


def test_ctrl_a_in_a_list_is_all_its_records_and_deleting_many_is_asked(qtbot, visits, demo_session, monkeypatch):
    visits.filters.choose("office_id", demo_session.offices()[0].id)
    wanted = WorkFilter("support_record", office_id=demo_session.offices()[0].id)
    some, everything = work.count(demo_session, wanted), work.count(demo_session, WorkFilter("support_record"))
    assert 150 < some < everything
    select_all(qtbot, visits)
    assert visits._selection.text() == f"已选全部 {some} 条"
    printed = []
    visits.print_wanted.connect(lambda kind, chosen: printed.append(chosen))
    visits.print_for("cards")
    assert set(printed[0]) == {one.person_id for one in work.page(demo_session, wanted, limit=5000).rows}
    asked = []

    def answer(box):
        asked.append(box.text())
        box.buttons()[0 if len(asked) == 1 else 1].click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    visits._delete_button.click()
    assert asked == [f"删除选中的 {some} 条{visits.kind.title}？"]
    assert work.count(demo_session, wanted) == some
    with qtbot.waitSignal(visits.undo_offered, timeout=300_000) as told:
        visits._delete_button.click()
    assert told.args[0].startswith(f"已删除 {some} 条")
    assert work.count(demo_session, wanted) == 0
    assert work.count(demo_session, WorkFilter("support_record")) == everything - some
    told.args[1]()  # 撤销
    assert work.count(demo_session, wanted) == some

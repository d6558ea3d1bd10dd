"""工作台: duties put off and not applicable, what fell due before, where reports are made, the cursor's place."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.today.rest_dialogs import BeginDialog, RestDialog
from tests.ledgers import as_role

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def today(qtbot, make_window, demo_session):
    """The window on the demo ledger, its page of the day in front."""
    window = make_window(demo_session)
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page._loaded and background.idle(), timeout=120_000)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=60_000)
    return window, page


def kind_shown(page, key):
    """Choose a kind of duty, or what rests, in the list at the left."""
    places = [n for n in range(page.kinds.count()) if page.kinds.item(n).data(Qt.ItemDataRole.UserRole) == key]
    assert len(places) == 1, key
    page.kinds.setCurrentRow(places[0])


def lines(page):
    return {
        page.kinds.item(n).data(Qt.ItemDataRole.UserRole): page.kinds.item(n).text() for n in range(page.kinds.count())
    }


def dialog_of(qtbot, page, kind):
    qtbot.waitUntil(lambda: page.findChildren(kind) != [], timeout=60_000)
    dialog = page.findChildren(kind)[-1]
    qtbot.waitUntil(dialog.isActiveWindow, timeout=60_000)
    return dialog


def written(qtbot, window, decisions=None):
    """Wait until what was saved is saved and shown; so many decisions there are then."""
    for _ in range(2):
        qtbot.wait(1)  # changes are told by the next turn of the event loop
        qtbot.waitUntil(lambda: background.idle() and not window.front.stale, timeout=60_000)
    if decisions is not None:
        assert work.count(window.session, WorkFilter("duty_decision")) == decisions


def test_several_are_put_off_by_keys_and_one_press_takes_it_back(qtbot, today):
    window, page = today
    kind_shown(page, "visit:02")
    page.table.setFocus()
    page.table.selectRow(0)
    qtbot.keyClick(page.table, Qt.Key.Key_Down, SHIFT)
    qtbot.keyClick(page.table, Qt.Key.Key_Down, SHIFT)
    three = page._chosen()
    assert len(three) == 3
    qtbot.keyClick(page.table, Qt.Key.Key_T, CTRL)
    dialog = dialog_of(qtbot, page, RestDialog)
    assert dialog.reason.edit.hasFocus()
    qtbot.keyClick(dialog.reason.edit, Qt.Key.Key_Return)  # without a reason nothing is decided
    assert "原因" in dialog.faults["reason"].text()
    assert dialog.isVisible()
    qtbot.keyClicks(dialog.reason.edit, "zhuyuan")
    qtbot.keyClick(dialog.reason.edit, Qt.Key.Key_Return)
    written(qtbot, window, 3)
    assert lines(page)["put_off"] == "已推迟　3"
    wanted = {one.subject.id for one in three}
    assert wanted & {one.subject.id for one in page.shown()} == set()
    until = window.session.today() + timedelta(days=7)
    kind_shown(page, "put_off")
    assert {one.subject.id for one in page.shown()} == wanted
    assert {(one.state, one.due) for one in page.shown()} == {("put_off", until)}
    assert page._rule.text().startswith("原因：zhuyuan")
    assert page._rest.text() == "恢复提醒"
    window.toast._action.click()
    written(qtbot, window, 0)
    assert "put_off" not in lines(page)


def test_what_does_not_apply_is_taken_back_from_where_it_rests(qtbot, today):
    window, page = today
    kind_shown(page, "visit:02")
    page.table.selectRow(0)
    page.rest()
    dialog = dialog_of(qtbot, page, RestDialog)
    dialog.ways["02"].click()
    assert not dialog.until.isEnabled()
    dialog.reason.set_value("在外地打工")
    dialog.save()
    written(qtbot, window, 1)
    kind_shown(page, "not_applicable")
    page.table.selectRow(0)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=60_000)
    qtbot.keyClick(page.table, Qt.Key.Key_T, CTRL)
    written(qtbot, window, 0)
    assert "not_applicable" not in lines(page)


def test_the_cursor_goes_on_with_the_next_when_one_is_done(qtbot, today):
    window, page = today
    kind_shown(page, "visit:02")
    page.table.selectRow(3)
    following = page.model.key(4)
    page.rest()
    dialog = dialog_of(qtbot, page, RestDialog)
    dialog.reason.set_value("住院")
    dialog.save()
    written(qtbot, window, 1)
    assert page.table.currentIndex().row() == 3
    assert page.model.key(3) == following


def test_reports_lead_to_their_quarter_and_the_note_is_beside(qtbot, make_window, demo_on):
    from datetime import date

    window = make_window(demo_on(date(2026, 10, 3)))
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page._loaded and background.idle(), timeout=120_000)
    kind_shown(page, "report")
    page.table.setFocus()
    page.table.selectRow(0)
    duty = page._current()
    assert (page._act.text(), page._note.isVisibleTo(page)) == ("去报送", True)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert window.pages.info.name == "statistics"
    statistics = window.page("statistics")
    qtbot.waitUntil(lambda: statistics.scope.chosen_office is not None, timeout=60_000)
    assert (statistics.period.key, statistics.scope.chosen_office.id) == ("2026Q3", duty.subject.id)
    qtbot.waitUntil(background.idle, timeout=120_000)
    window.show_page("today")
    page._note.click()
    qtbot.waitUntil(lambda: window.desk.dialog is not None, timeout=60_000)
    assert window.desk.dialog.kind.key == "office_report"
    window.desk.dialog.reject()


def test_the_list_of_those_not_handed_over_is_opened_whatever_was_searched(qtbot, make_window, demo_on):
    from datetime import date

    window = make_window(demo_on(date(2026, 11, 29)))
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page._loaded and background.idle(), timeout=120_000)
    window.search.setText("没有这个人")
    window.show_page("today")
    kind_shown(page, "pending_list")
    page.table.selectRow(0)
    duty = page._current()
    assert page._act.text() == "看名单"
    page.act()
    assert window.pages.info.name == "ledger"
    ledger = window.page("ledger")
    assert window.search.text() == ""
    assert ledger.filters.values == {"status": "pending", "office_id": duty.subject.id}
    qtbot.waitUntil(lambda: background.idle() and ledger.model.rowCount() > 0, timeout=60_000)
    assert {ledger.model.person(n).status for n in range(ledger.model.rowCount())} == {"pending"}


def test_a_starting_day_empties_the_red_and_keeps_the_old_in_one_grey_line(qtbot, today):
    window, page = today
    late = [one for one in page._told.due if one.state == "overdue" and not one.rule.again]
    assert late
    page.ask_beginning()
    dialog = dialog_of(qtbot, page, BeginDialog)
    dialog.day.set_value("某天")
    dialog.save()
    assert dialog.faults["day"].text()
    dialog.day.set_value(window.session.today())
    dialog.save()
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=60_000)
    written(qtbot, window)
    assert page._counts["overdue"].text() == "已逾期 0"
    assert lines(page)["before"] == f"建账前　{len(late)}"
    assert page._begin.text() == f"提醒从 {window.session.today()} 起"
    kind_shown(page, "before")
    assert {one.state for one in page.shown()} == {"before"}
    page.table.selectAll()
    page.rest()
    rest = dialog_of(qtbot, page, RestDialog)
    rest.ways["02"].click()
    rest.reason.set_value("建账前已办，未登记")
    rest.save()
    written(qtbot, window)
    assert not duties.told(window.session).before
    assert "before" not in lines(page)


def test_a_fault_of_the_last_field_is_seen(qtbot, today):
    _, page = today
    page.table.selectRow(0)
    page.rest()
    dialog = dialog_of(qtbot, page, RestDialog)
    dialog.save()
    fault = dialog.faults["reason"]
    qtbot.waitUntil(lambda: not fault.visibleRegion().isEmpty(), timeout=10_000)
    assert fault.visibleRegion().boundingRect().height() == fault.height()
    dialog.reject()


def test_of_a_sealed_file_nothing_is_offered_to_who_may_not_see_it(qtbot, make_window, demo_session):
    window = make_window(as_role(demo_session, Role.WORKER))
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page._loaded and background.idle(), timeout=120_000)
    sealed = next(n for n, one in enumerate(page.shown()) if one.subject.sealed)
    page.table.selectRow(sealed)
    assert [one.isEnabled() for one in (page._act, page._rest, page._person)] == [False, False, False]
    page.table.selectRow(next(n for n, one in enumerate(page.shown()) if not one.subject.sealed))
    assert [one.isEnabled() for one in (page._act, page._rest)] == [True, True]


def test_a_right_click_offers_what_the_buttons_do(qtbot, today):
    _, page = today
    kind_shown(page, "visit:02")
    page.table.selectRow(0)
    spot = page.table.visualRect(page.model.index(2, 2)).center()
    page.table.customContextMenuRequested.emit(spot)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert page.table.currentIndex().row() == 2
    assert [one.text() for one in menu.actions()] == ["处理", "推迟或不适用…", "看此人", "打印走访单（Ctrl+P）"]
    menu.close()


def test_a_first_import_offers_the_starting_day(qtbot, make_window, empty):
    from pathlib import Path

    window = make_window(empty)
    window.show_page("import")
    page = window.page("import")
    page.look_at(Path(__file__).parents[2] / "data" / "ledger.xlsx")
    qtbot.waitUntil(lambda: page.result is not None and background.idle(), timeout=120_000)
    assert page.outcome._begin_row.isVisibleTo(page)
    page.outcome.begin.set_value("不知道")
    page.start_import()
    assert not page.run.busy  # what is no day is said, and nothing begins
    page.outcome.begin.set_value(empty.today())
    page.start_import()
    qtbot.waitUntil(lambda: not page.run.busy and page.outcome.to_ledger.isVisibleTo(page), timeout=120_000)
    assert f"到期提醒从 {empty.today()} 起" in page.outcome.summary.text()
    told = duties.told(empty)
    assert not [one for one in told.due if one.state == "overdue"]
    assert told.before

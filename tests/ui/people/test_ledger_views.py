"""台账 as in a spreadsheet: filters from the headings, tabs, the panel of columns, the menu of rows."""

from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.ledger_columns import ColumnFilter, ColumnValue
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.ask_dialog import AskDialog
from bangjiao_desktop.ui.kit.column_filter_panel import DaysPanel, ValuesPanel
from bangjiao_desktop.ui.kit.columns_panel import ColumnsPanel
from bangjiao_desktop.ui.people import ledger_filtering
from bangjiao_desktop.ui.people.ledger_columns import LEDGER_COLUMNS


@pytest.fixture
def page(qtbot, window):
    qtbot.waitUntil(lambda: background.idle() and window.ledger._count.text() != "", timeout=60_000)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=60_000)
    return window.ledger


def column(key):
    return next(number for number, one in enumerate(LEDGER_COLUMNS) if one.key == key)


def answered(qtbot):
    qtbot.wait(1)
    qtbot.waitUntil(background.idle, timeout=60_000)


def opened(qtbot, page, key):
    """Put the cursor into the column and open its filter by the keys of a spreadsheet."""
    page.table.setFocus()
    page.table.setCurrentIndex(page.model.index(0, column(key)))
    qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    answered(qtbot)
    panel = page.filtering.panel
    assert panel is not None
    return panel


def test_values_are_ticked_by_keys_and_shown_as_a_chip_that_can_be_taken_away(qtbot, page, window):
    session, everybody = window.session, page._count.text()
    panel = opened(qtbot, page, "caseworker")
    first = panel.list.item(0)
    name, count = first.text().split("　")
    panel.list.setCurrentRow(0)
    qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    assert panel.go.text() == "筛选 1 项"
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    answered(qtbot)
    assert page._count.text() == f"共 {count} 人"
    assert {page.model.person(n).caseworker for n in range(page.model.rowCount())} == {name}
    assert people.count(session, LedgerFilter(columns=page.filtering.columns)) == int(count)
    [chip] = page.filters._more.values()
    assert chip.text() == f"帮教责任人：{name}  ✕"
    assert set(page.filtering._header._marked) == {column("caseworker")}
    chip.click()
    answered(qtbot)
    assert page._count.text() == everybody
    assert page.filters._more == {}
    assert page.filtering._header._marked == {}


def test_days_that_make_no_sense_are_told_in_the_panel(qtbot, page):
    panel = opened(qtbot, page, "release_date")
    panel.first.set_value("某天")
    panel.apply()
    assert panel.fault.text()
    panel.first.set_value("2026-05-01")
    panel.last.set_value("2026-04-01")
    panel.apply()
    assert "早于" in panel.fault.text()
    panel.last.set_value("2026-06-30")
    panel.apply()
    answered(qtbot)
    days = [page.model.person(n).release_date.isoformat() for n in range(page.model.rowCount())]
    assert days
    assert all("2026-05-01" <= day <= "2026-06-30" for day in days)


def test_what_is_filtered_is_kept_as_a_tab_and_found_again(qtbot, page, make_window):
    page.filtering.take(ColumnFilter("sex", ("2",)))
    page.filters.choose("risk", "01")
    answered(qtbot)
    shown = page._count.text()
    assert page.views.tabs.tabText(page.views.tabs.currentIndex()) == "现在的筛选"  # no other tab shows this yet
    page.views.add.click()
    dialog = page.findChildren(AskDialog)[-1]
    dialog.line.setText("重点女性")
    dialog.save()
    answered(qtbot)
    names = [page.views.tabs.tabText(n) for n in range(page.views.tabs.count())]
    assert names == ["全部", "我负责的", "关注", "重点", "三个月没走访", "本季期满", "重点女性"]
    assert page.views.tabs.currentIndex() == 6
    page.views.tabs.tabBarClicked.emit(0)
    answered(qtbot)
    assert (page.filtering.columns, page.filters.values) == ((), {})
    assert page._count.text() != shown
    page.views.tabs.tabBarClicked.emit(6)
    answered(qtbot)
    assert page._count.text() == shown
    assert page.filters.values == {"risk": "01"}
    assert page.filtering.columns == (ColumnFilter("sex", ("2",)),)
    page.views._forget("重点女性")
    answered(qtbot)
    assert "重点女性" not in [page.views.tabs.tabText(n) for n in range(page.views.tabs.count())]


def test_a_tab_nobody_can_read_is_said_and_the_others_stay(qtbot, page, window):
    settings.save_filter(window.session, "ledger", "坏的", {"filters": {}, "columns": [{"column": "口令"}]})
    settings.save_filter(window.session, "ledger", "好的", {"filters": {"risk": "01"}, "columns": []})
    said = []
    page.said.connect(said.append)
    page.views.load()
    answered(qtbot)
    assert [page.views.tabs.tabText(n) for n in range(6, page.views.tabs.count())] == ["好的"]
    assert len(said) == 1
    assert "坏的" in said[0]


def test_the_built_in_tabs_show_what_they_say(qtbot, page, window):
    page.views.tabs.tabBarClicked.emit(4)
    answered(qtbot)
    wanted = page._wanted()
    assert wanted.status == "registered"
    limit = wanted.columns[0].last
    found = [page.model.person(n) for n in range(page.model.rowCount())]
    assert found
    assert all(one.last_support_on is None or one.last_support_on <= limit for one in found)
    whole = people.page(window.session, LedgerFilter(status="registered"), limit=5000).rows
    lacking = [one for one in whole if one.last_support_on is None or one.last_support_on <= limit]
    assert page._count.text() == f"共 {len(lacking)} 人"


def test_a_star_is_put_on_people_and_taken_away_and_found_by_its_tab(qtbot, page, window):
    page.table.selectRow(2)
    wanted = page.model.person(2).id
    page.watch(on=True)
    answered(qtbot)
    window.changes.look()
    answered(qtbot)
    assert people.brief(window.session, wanted).watched
    assert [text for text, _ in page._actions()][1] == "取消关注"
    name = page.model.index(2, 0)
    assert not page.model.data(name, Qt.ItemDataRole.DecorationRole).isNull()
    page.views.tabs.tabBarClicked.emit(2)
    answered(qtbot)
    assert [page.model.person(n).id for n in range(page.model.rowCount())] == [wanted]
    window.undoing.undo_last()
    answered(qtbot)
    assert not people.brief(window.session, wanted).watched


def test_columns_are_ticked_in_a_panel_that_stays_and_goes_back_to_the_beginning(qtbot, page):
    page._columns_button.click()
    panel = page.table.findChildren(ColumnsPanel)[-1]
    village, number = column("village"), column("telephone")
    assert not panel.ticks[0].isEnabled()  # the name stays
    panel.ticks[village].click()
    panel.ticks[number].click()
    assert panel.isVisible()
    assert not page.table.isColumnHidden(village)
    assert page.table.isColumnHidden(number)
    page.table.setColumnWidth(0, 300)
    page.table.horizontalHeader().moveSection(0, 4)
    panel.default.click()
    header = page.table.horizontalHeader()
    assert [header.logicalIndex(n) for n in range(header.count())] == list(range(len(LEDGER_COLUMNS)))
    assert [not page.table.isColumnHidden(n) for n in range(header.count())] == [one.shown for one in LEDGER_COLUMNS]
    assert page.table.columnWidth(0) == LEDGER_COLUMNS[0].width
    panel.close()


@pytest.fixture
def few(monkeypatch):
    """So few values come at once that the sample has more."""
    monkeypatch.setattr(ledger_filtering, "_MOST", 5)


def listed(panel):
    return [panel.list.item(n).text() for n in range(panel.list.count()) if not panel.list.item(n).isHidden()]


def test_values_that_do_not_all_come_at_once_are_searched_for_in_the_ledger(qtbot, page, window, few):
    rare = people.column_values(window.session, LedgerFilter(), "name", 1000)[-1]
    panel = opened(qtbot, page, "name")
    assert panel.list.count() == 5
    assert "只列出最多的 5 个" in panel.hint.text()
    assert panel.hint.isVisibleTo(panel)
    panel.search.setText(rare.value)
    qtbot.wait(400)
    answered(qtbot)
    assert f"{rare.value}　{rare.people}" in listed(panel)
    [line] = [
        panel.list.item(n) for n in range(panel.list.count()) if panel.list.item(n).text().startswith(f"{rare.value}　")
    ]
    line.setCheckState(Qt.CheckState.Checked)
    panel.apply()
    answered(qtbot)
    assert page._count.text() == f"共 {rare.people} 人"
    panel = opened(qtbot, page, "name")
    assert rare.value in listed(panel)  # ticked, and not among the most frequent: no number is told, and it is no 0
    assert panel.wanted() == ColumnFilter("name", (rare.value,))
    panel.close()


def test_enter_before_the_values_came_leaves_the_filter_as_it_is(qtbot, page):
    page.filtering.take(ColumnFilter("sex", ("2",)))
    answered(qtbot)
    panel = ValuesPanel("性别", ColumnFilter("sex", ("2",)), str, 400, page.table, typed=False)
    chosen = []
    panel.chosen.connect(chosen.append)
    panel.apply()
    assert chosen == []
    assert not panel.go.isEnabled()
    panel.offer([ColumnValue("1", 3), ColumnValue("2", 4)])
    panel.apply()
    assert chosen == [ColumnFilter("sex", ("2",))]


def test_what_is_searched_for_is_what_enter_filters(qtbot, page):
    page.filtering.take(ColumnFilter("education", ("20",)))
    answered(qtbot)
    panel = opened(qtbot, page, "education")
    panel.search.setText("中")
    shown = [panel.list.item(n).data(Qt.ItemDataRole.UserRole) for n in range(panel.list.count())
             if not panel.list.item(n).isHidden()]  # fmt: skip
    assert 1 < len(shown) < panel.list.count()
    panel.apply()
    answered(qtbot)
    [now] = page.filtering.columns
    assert set(now.values) == set(shown)  # the tick that was out of sight went
    panel = opened(qtbot, page, "education")
    panel.search.setText("没有这样的词")
    panel.apply()
    assert "没有含" in panel.fault.text()
    panel.close()
    panel = opened(qtbot, page, "name")
    panel.search.setText("张")
    panel.apply()
    answered(qtbot)
    assert ColumnFilter("name", holds="张") in page.filtering.columns
    assert all("张" in page.model.person(n).name for n in range(page.model.rowCount()))


def test_a_part_of_a_name_that_is_asked_for_is_cleared_to_all_the_names(qtbot, page):
    whole = opened(qtbot, page, "name").list.count()
    page.filtering.panel.close()
    page.filtering.take(ColumnFilter("name", holds="张"))
    answered(qtbot)
    panel = opened(qtbot, page, "name")
    assert panel.search.text() == "张"
    assert 0 < panel.list.count() < whole
    panel.search.clear()
    qtbot.wait(400)
    answered(qtbot)
    assert panel.list.count() == whole
    panel.close()


def test_the_funnel_under_the_mouse_is_made_when_it_is_first_seen(qtbot, page):
    funnels = page.filtering._header
    assert funnels._hover is None  # the first picture does not wait for the font of the icons
    funnels._follow(column("caseworker"))
    assert funnels._hover.isVisibleTo(page)
    funnels._follow(column("identity_number"))
    assert not funnels._hover.isVisibleTo(page)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("本月", "2026-11-01", "2026-11-30"), ("本季", "2026-10-01", "2026-12-31"), ("今年", "2026-01-01", "2026-12-31")],
)
def test_a_month_a_quarter_a_year_are_whole(qtbot, page, name, first, last):
    panel = DaysPanel("期满日", ColumnFilter("term_end"), Clock.of_day(date(2026, 11, 29)), page.table)
    chosen = []
    panel.chosen.connect(chosen.append)
    next(one for one in panel.findChildren(QPushButton) if one.text() == name).click()
    assert chosen == [ColumnFilter("term_end", first=date.fromisoformat(first), last=date.fromisoformat(last))]


@pytest.mark.parametrize("name", ["全部", "重点", "现在的筛选"])
def test_a_tab_takes_no_name_that_is_there_already(qtbot, page, name):
    page.filtering.take(ColumnFilter("sex", ("2",)))
    page.views.add.click()
    dialog = page.findChildren(AskDialog)[-1]
    dialog.line.setText(name)
    dialog.save()
    assert "换一个名称" in dialog.faults["text"].text()
    assert dialog.isVisible()
    dialog.reject()


def test_the_tab_one_is_on_may_be_deleted_and_what_it_showed_stays(qtbot, page):
    page.filtering.take(ColumnFilter("sex", ("2",)))
    page.views.keep("女性", page._view())
    answered(qtbot)
    shown = page._count.text()
    page.views._forget("女性")
    answered(qtbot)
    assert page.views.tabs.tabText(page.views.tabs.currentIndex()) == "现在的筛选"
    assert page._count.text() == shown


def test_the_bar_and_a_heading_never_ask_two_things_of_the_same(qtbot, page):
    page.filters.choose("residence_type", "02")
    page.filtering.take(ColumnFilter("residence_type", ("01",)))
    assert page.filters.values == {}
    page.filters.choose("residence_type", "02")
    assert page.filtering.columns == ()
    assert page.filters.values == {"residence_type": "02"}
    page.filtering.take(ColumnFilter("residence_type", ("01",)))
    page.filters.choose("residence_type", "02")
    assert page.filtering.columns == ()


@pytest.mark.parametrize("name", ["ledger", "assist"])
def test_a_right_click_on_a_row_offers_what_can_be_done_with_it(qtbot, window, name):
    window.show_page(name)
    page = window.ledger if name == "ledger" else window.page(name).current
    qtbot.waitUntil(lambda: background.idle() and page.model.rowCount() > 3, timeout=60_000)
    spot = page.table.visualRect(page.model.index(3, 1)).center()
    page.table.customContextMenuRequested.emit(QPoint(spot))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert page.table.selected_rows() == [3]
    offered = [one.text() for one in menu.actions()]
    assert offered[0].startswith("打开")
    assert any("打印" in one for one in offered)
    menu.close()

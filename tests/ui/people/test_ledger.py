import base64

import python_calamine
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.pinyin import syllables
from bangjiao_desktop.services.people import people
from bangjiao_desktop.ui.kit.columns_panel import ColumnsPanel
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.people.ledger_columns import LEDGER_COLUMNS
from bangjiao_desktop.ui.shell.main_window import MainWindow


def column(key):
    return next(number for number, one in enumerate(LEDGER_COLUMNS) if one.key == key)


def texts(window, key):
    model = window.ledger.model
    return [model.index(row, column(key)).data() for row in range(model.rowCount())]


def test_the_ledger_is_filled_a_page_at_a_time(qtbot, window):
    assert window.ledger.model.rowCount() == 60
    for rows in (210, 360):
        window.ledger.table.scrollToBottom()
        qtbot.waitUntil(lambda rows=rows: window.ledger.model.rowCount() == rows)
    qtbot.waitUntil(lambda: window.ledger._count.text() == "共 360 人")
    dates = texts(window, "release_date")
    assert dates == sorted(dates, reverse=True)


def test_search_answers_while_typing(qtbot, window):
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.search.hasFocus()
    qtbot.keyClicks(window.search, "sxz")
    qtbot.waitUntil(lambda: window.ledger.model.rowCount() == 1)
    assert texts(window, "name") == ["沈秀志"]
    qtbot.keyClick(window.search, Qt.Key.Key_Escape)
    assert window.search.text() == ""
    qtbot.waitUntil(lambda: window.ledger.model.rowCount() == 150)
    window.search.setText("䶮")
    qtbot.waitUntil(lambda: 0 < window.ledger.model.rowCount() < 50)
    assert all("䶮" in name for name in texts(window, "name"))


def test_ctrl_f_finds_the_search_box_and_enter_opens_the_only_hit(qtbot, window):
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.search.hasFocus()
    qtbot.keyClicks(window.search, "411627196912126552")
    qtbot.keyClick(window.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.page("person"))
    assert window.page("person").name.text() == "沈秀志"
    qtbot.keyClick(window.page("person").timeline, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is window.ledger


def test_arrows_lead_from_the_search_into_the_table_and_enter_opens(qtbot, window):
    qtbot.keyClicks(window.search, "wang")
    qtbot.keyClick(window.search, Qt.Key.Key_Down)
    table = window.ledger.table
    assert table.hasFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.currentIndex().row() == 1
    name = window.ledger.model.person(1).name
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert window.page("person").name.text() == name


def test_a_header_sorts_in_the_database(qtbot, window):
    header = window.ledger.table.horizontalHeader()
    place = header.sectionViewportPosition(column("name")) + 20
    from PySide6.QtCore import QPoint

    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place, 12))
    model = window.ledger.model
    spoken = ["".join(syllables(model.person(row).name)) for row in range(model.rowCount())]
    assert spoken in (sorted(spoken), sorted(spoken, reverse=True))
    assert len(spoken) == 150


def test_filters_become_chips_that_can_be_taken_away(qtbot, window, sample):
    office = sample.offices()[2]
    window.ledger.filters.choose("office_id", office.id)
    window.ledger.filters.choose("risk", "01")
    wanted = people.count(sample, LedgerFilter(office_id=office.id, risk="01"))
    assert window.ledger.model.rowCount() == wanted > 0
    assert set(texts(window, "office_name")) == {office.name}
    chip = window.ledger.filters._chips["office_id"]
    assert chip.isVisible()
    assert office.name in chip.text()
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert not chip.isVisible()
    assert window.ledger.model.rowCount() == people.count(sample, LedgerFilter(risk="01"))


def test_numbers_are_masked_in_the_table_and_on_the_clipboard(qtbot, window):
    window.search.setText("沈秀志")
    qtbot.waitUntil(lambda: window.ledger.model.rowCount() == 1)
    assert texts(window, "identity_number") == ["411627********6552"]
    assert texts(window, "telephone") == ["139****8162"]
    window.ledger.table.selectRow(0)
    qtbot.keyClick(window.ledger.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("沈秀志\t男\t411627********6552")


def test_columns_and_geometry_are_remembered(qtbot, make_window, sample, tmp_path):
    window = make_window(sample)
    window.ledger._columns_button.click()
    panel = window.ledger.table.findChildren(ColumnsPanel)[-1]
    panel.ticks[column("offence")].click()
    panel.ticks[column("sex")].click()
    panel.close()
    window.ledger.table.setColumnWidth(column("name"), 141)
    window.resize(880, 650)
    window.close()
    other = MainWindow(sample, Preferences(tmp_path / "window.toml"))
    qtbot.addWidget(other)
    assert not other.page("ledger").table.isColumnHidden(column("offence"))
    assert other.page("ledger").table.isColumnHidden(column("sex"))
    assert other.page("ledger").table.columnWidth(column("name")) == 141
    assert (other.width(), other.height()) == (880, 650)
    kept = (tmp_path / "window.toml").read_text(encoding="utf-8")
    assert "沈" not in kept
    assert base64.b64decode(other.preferences.get("geometry"))


def test_a_column_newer_than_what_was_remembered_is_as_at_first(qtbot, make_window, sample, tmp_path):
    window = make_window(sample)
    window.ledger.table.setColumnWidth(column("name"), 141)
    window.preferences.set("ledger_columns_known", column("village"))
    window.ledger.table.setColumnHidden(column("village"), False)
    state = window.ledger.table.horizontalHeader().saveState().data()
    window.preferences.keep_state("ledger_columns", state)
    window.close()
    other = MainWindow(sample, Preferences(tmp_path / "window.toml"))
    qtbot.addWidget(other)
    assert other.page("ledger").table.isColumnHidden(column("village"))
    assert other.page("ledger").table.columnWidth(column("name")) == 141


def test_export_writes_what_is_seen(qtbot, window, tmp_path):
    window.search.setText("沈秀志")
    qtbot.waitUntil(lambda: window.ledger.model.rowCount() == 1)
    path = tmp_path / "seen.xlsx"
    window.ledger.export_to(path)
    qtbot.waitUntil(lambda: "已导出 1 人" in window.toast.text)
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    shown = [LEDGER_COLUMNS[number].header for number in window.ledger.shown_columns()]
    assert rows[0] == shown
    assert rows[1][0] == "沈秀志"
    assert len(rows) == 2


def test_an_empty_ledger_says_what_to_do_first(qtbot, make_window, empty):
    window = make_window(empty)
    assert window.ledger._empty.isVisible()
    assert "导入" in window.ledger._empty._hint.text()
    window.search.setText("nobody")
    qtbot.waitUntil(lambda: "没有符合条件" in window.ledger._empty._text.text())


def test_f5_reads_anew(qtbot, window, sample):
    from sqlalchemy import text

    name = window.ledger.model.person(0).name
    with sample.ledger.write() as connection:
        connection.execute(text("UPDATE person SET name = '改名' WHERE name = :name"), {"name": name})
    qtbot.keyClick(window, Qt.Key.Key_F5)
    assert window.ledger.model.person(0).name == "改名"


def test_the_window_title_names_nobody(qtbot, window):
    window.open_person(window.ledger.model.person(0).id)
    assert window.windowTitle() == "安置帮教工作台"


def test_dark_and_light_are_remembered(qtbot, window):
    window.set_dark(True)
    assert window.preferences.get("dark") is True
    assert window.ledger.model.rowCount() == 150
    window.set_dark(False)


def test_every_control_of_the_ledger_is_reached_by_tab(qtbot, window):
    window.search.setFocus()
    seen = set()
    for _ in range(40):
        widget = QGuiApplication.focusObject()
        seen.add(id(widget))
        window.focusNextChild()
    for widget in (window.search, window.ledger.table, window.ledger._columns_button, window.ledger._export_button):
        assert id(widget) in seen

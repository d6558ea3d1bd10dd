import threading
import zipfile

import pytest
import xlsxwriter
from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.exchange.reader import read_workbook
from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.people import people
from bangjiao_desktop.ui.exchange import import_run
from bangjiao_desktop.ui.exchange.import_answers import ANSWER
from bangjiao_desktop.ui.exchange.import_columns import USED_AS
from bangjiao_desktop.ui.exchange.import_outcome import ANSWERS, COLUMNS, REFUSED, REMARKS
from bangjiao_desktop.ui.exchange.import_page import RESULT, START
from bangjiao_desktop.ui.exchange.import_refused import VALUE
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.value_combo import ValueCombo
from tests.conftest import DATA, PASSWORD, USER
from tests.ui.kit.test_saving import held

LONG = 120_000
HEADINGS = ("姓名", "身份证号", "释放日期", "责任单位", "重点/一般")
CASES = DATA / "cases"
FANG, LU, GU = "330411198005150037", "330411198005150053", "33041119800515007X"


def page_of(window):
    window.show_page("import")
    return window.page("import")


def drop(page, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPoint(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    page.drop.dropEvent(event)


def workbook(path, *rows, headings=HEADINGS, title="名单"):
    with xlsxwriter.Workbook(str(path)) as book:
        tab = book.add_worksheet(title)
        for number, row in enumerate((headings, *rows)):
            tab.write_row(number, 0, row)
    return path


@pytest.fixture
def two(tmp_path):
    """A session on an empty vault of two offices."""
    session, _ = create(tmp_path / "two", "秀洲区司法局", ["王店司法所", "新塍司法所"], USER, PASSWORD)
    yield session
    session.close()


def settled(page):
    """Nothing is open, nothing is read, nothing waits to be shown."""
    panels = (page.outcome.refused, page.outcome.remarks, page.outcome.answers, page.outcome.columns)
    return not page.run.busy and page._waiting is None and not any(one.editing for one in panels)


@pytest.fixture
def look(qtbot, make_window):
    """The page after the first look at a file."""

    def at(session, path):
        page = page_of(make_window(session))
        drop(page, path)
        qtbot.waitUntil(lambda: not page.run.busy and page.stack.currentIndex() == RESULT, timeout=LONG)
        return page

    return at


@pytest.fixture
def choose(qtbot):
    """Chooses in a drop-down of a table by mouse and keys, and waits for the trial that follows."""

    def choose(page, table, row, column, name):
        index = table.model().index(row, column)
        table.scrollTo(index)
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())
        qtbot.waitUntil(lambda: table.viewport().findChild(ValueCombo) is not None)
        combo = table.viewport().findChild(ValueCombo)
        qtbot.waitUntil(combo.view().isVisible)
        place = combo.findText(name)
        assert place >= 0, [combo.itemText(one) for one in range(combo.count())]
        combo.view().setCurrentIndex(combo.model().index(place, 0))
        qtbot.keyClick(combo.view(), Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: settled(page), timeout=LONG)

    return choose


@pytest.fixture
def mend(qtbot):
    """Types into the cell of a fault, as a person does, and waits for the trial that follows."""

    def mend(page, row, text):
        table = page.outcome.refused.table
        table.setFocus()
        table.setCurrentIndex(table.model().index(row, VALUE))
        qtbot.keyClick(table, Qt.Key.Key_F2)
        line = table.viewport().findChild(QLineEdit)
        assert line is not None
        line.selectAll()
        qtbot.keyClicks(line, text)
        qtbot.keyClick(line, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: settled(page), timeout=LONG)

    return mend


def confirm(qtbot, page):
    qtbot.mouseClick(page.outcome.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.run.busy and "已写入" in page.outcome.heading.text(), timeout=LONG)


def take_back(qtbot, button, answer="撤销"):
    """Press a button that asks first, answer as a person does, and return what was asked; "" presses Enter."""
    asked = []

    def reply():
        box = QApplication.activeModalWidget()
        asked.append(box.text())
        if answer:
            chosen = next(one for one in box.buttons() if one.text().startswith(answer))
            qtbot.mouseClick(chosen, Qt.MouseButton.LeftButton)
        else:
            qtbot.keyClick(box, Qt.Key.Key_Return)

    QTimer.singleShot(0, reply)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return asked


def everybody(session):
    return {one.name: one for one in people.page(session, LedgerFilter()).rows}


def column(page, heading):
    return next(place for place, one in enumerate(page.outcome.columns.model.rows) if one.column == heading)


def test_drop_look_confirm(qtbot, make_window, empty, tmp_path):
    window = make_window(empty)
    page = page_of(window)
    drop(page, DATA / "ledger-messy.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == RESULT, timeout=LONG)
    assert "还没有写入" in page.outcome.heading.text()
    assert people.count(empty, LedgerFilter()) == 0
    first = page.outcome.refused.model.rows[0]
    assert (first.sheet, first.row, first.name, first.column) == ("刑释人员名单", 6, "林丽㛃", "身份证号")
    assert len({one.row for one in page.outcome.refused.model.rows}) == 16
    assert page.outcome.tabs.tabText(REFUSED) == "退回的行 16"
    page.save_refused_to(tmp_path / "refused.xlsx")
    qtbot.waitUntil((tmp_path / "refused.xlsx").exists, timeout=LONG)
    assert page.outcome.confirm.text() == "确认导入 104 行"
    confirm(qtbot, page)
    assert people.count(empty, LedgerFilter()) == 104
    qtbot.mouseClick(page.outcome.to_ledger, Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.ledger
    assert window.ledger.model.rowCount() == 104


def test_a_number_that_lost_its_digits_is_not_shown_as_if_whole(look, empty):
    page = look(empty, DATA / "ledger-messy.xlsx")
    lost = [one for one in page.outcome.refused.model.rows if "存成了数值" in one.reason]
    assert len(lost) == 4
    assert all("E+17" in one.value for one in lost)


def test_a_word_is_answered_once_for_all_rows_and_can_be_taken_back(qtbot, look, choose, empty):
    page = look(empty, DATA / "ledger-messy.xlsx")
    assert page.outcome.tabs.currentIndex() == ANSWERS
    assert page.outcome.answers.model.rows[0].text == "重点/一般“特别”当作"
    assert page.outcome.answers.model.rows[0].where == "4 行"
    choose(page, page.outcome.answers.table, 0, ANSWER, "重点帮教人员")
    assert page.outcome.tabs.tabText(ANSWERS) == "待回答 0"
    assert page.outcome.answers.model.rows[0].answer_text == "重点帮教人员"
    assert not [one for one in page.outcome.remarks.model.rows if one.value == "特别"]
    choose(page, page.outcome.answers.table, 0, ANSWER, "（撤回）")
    assert page.outcome.tabs.tabText(ANSWERS) == "待回答 1"
    choose(page, page.outcome.answers.table, 0, ANSWER, "重点帮教人员")
    confirm(qtbot, page)
    with empty.ledger.read() as connection:
        risks = [row[0] for row in connection.exec_driver_sql("select risk from person")]
    expected = look(empty, DATA / "ledger-messy.xlsx")  # remembered for the same list
    assert expected.outcome.tabs.tabText(ANSWERS) == "待回答 0"
    assert risks.count(None) == 0


def test_a_refused_cell_is_mended_in_the_list_and_tried_again(qtbot, look, mend, two, tmp_path):
    path = workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-02-30", "", ""), ("陆青禾", LU[:-1] + "4", "2026-07-01", "", "")
    )
    page = look(two, path)
    assert page.outcome.confirm.text() == "没有可导入的内容"
    assert not page.outcome.confirm.isEnabled()
    page.outcome.tabs.setCurrentIndex(REFUSED)
    assert [(one.name, one.value) for one in page.outcome.refused.model.rows] == [
        ("沈方舟", "2026-02-30"), ("陆青禾", LU[:-1] + "4")
    ]  # fmt: skip
    mend(page, 0, "2026-02-31")
    assert page.outcome.refused.model.rows[0].value == "2026-02-31"
    assert "没有这一天" in page.outcome.refused.model.rows[0].reason
    mend(page, 0, "2026-02-28")
    assert [one.name for one in page.outcome.refused.model.rows] == ["陆青禾"]
    mend(page, 0, LU)
    assert page.outcome.refused.model.rows == []
    assert page.outcome.confirm.text() == "确认导入 2 行"
    assert [one.text for one in page.outcome.answers.model.rows] == [
        "沈方舟：释放日期原来是“2026-02-30”", f"陆青禾：身份证号原来是“{LU[:-1]}4”"
    ]  # fmt: skip
    confirm(qtbot, page)
    found = everybody(two)
    assert str(found["沈方舟"].release_date) == "2026-02-28"
    assert found["陆青禾"].identity_number == LU


def test_what_is_typed_is_not_taken_away_by_an_answer_that_comes_meanwhile(qtbot, look, two, tmp_path):
    path = workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-02-30", "", ""), ("陆青禾", LU, "2026-02-30", "", "特别")
    )
    page = look(two, path)
    page.outcome.tabs.setCurrentIndex(REFUSED)
    table = page.outcome.refused.table
    page._answer(page.outcome.answers.model.rows[0].key, "01")
    table.setCurrentIndex(table.model().index(0, VALUE))
    qtbot.keyClick(table, Qt.Key.Key_F2)
    line = table.viewport().findChild(QLineEdit)
    qtbot.keyClicks(line, "xyz")
    qtbot.waitUntil(lambda: not page.run.busy, timeout=LONG)
    qtbot.wait(300)
    assert table.viewport().findChild(QLineEdit) is line
    assert line.text().endswith("xyz")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.outcome.answers.model.open == 0)


def test_only_the_newest_answer_counts(qtbot, look, two, tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "王店司法所", "特别"))
    page = look(two, path)
    results = []
    page.run.read.connect(lambda result, way: results.append(result))
    question = page.outcome.answers.model.rows[0].key
    for code in ("01", "02", ""):
        page._answer(question, code)
    qtbot.waitUntil(lambda: not page.run.busy, timeout=LONG)
    assert len(results) == 1
    assert list(page.run.choices.words.values()) == [""]
    assert page.outcome.answers.model.rows[0].answer_text == "留空"


def test_a_row_is_left_out_and_brought_back(qtbot, look, choose, two, tmp_path):
    page = look(two, workbook(tmp_path / "a.xlsx", ("沈方舟", FANG, "", "", ""), ("陆青禾", LU, "2026-07-01", "", "")))
    page.outcome.tabs.setCurrentIndex(REFUSED)
    page.outcome.refused.table.selectRow(0)
    qtbot.mouseClick(page.outcome.refused.skip, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.run.busy, timeout=LONG)
    assert page.outcome.refused.model.rows == []
    assert ("各表", "由您略过", "1 行") in page.outcome.unread.rows
    page.outcome.tabs.setCurrentIndex(ANSWERS)
    choose(page, page.outcome.answers.table, 0, ANSWER, "（撤回）")
    assert [one.name for one in page.outcome.refused.model.rows] == ["沈方舟"]


def test_a_column_is_pointed_at(qtbot, look, choose, two, tmp_path):
    path = workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "甲监狱", "第三网格"),
        headings=("姓名", "身份证号", "释放日期", "原所在地方", "所属网格"),
    )  # fmt: skip
    page = look(two, path)
    assert page.outcome.tabs.currentIndex() == COLUMNS
    assert [one.column for one in page.outcome.columns.model.rows[:2]] == ["原所在地方", "所属网格"]
    index = page.outcome.columns.model.index(0, USED_AS)
    assert (index.data(), page.outcome.columns.model.index(0, 3).data(), page.outcome.columns.model.index(0, 4).data()) == (
        "没有用上", "1 格", "甲监狱"
    )  # fmt: skip
    assert "2 列有内容而没有用上" in page.outcome.summary.text()
    choose(page, page.outcome.columns.table, 0, USED_AS, "服刑场所")
    assert page.outcome.columns.model.unused == 1
    choose(page, page.outcome.columns.table, column(page, "所属网格"), USED_AS, "收进备注")
    assert page.outcome.columns.model.unused == 0
    confirm(qtbot, page)
    found = people.story(two, everybody(two)["沈方舟"].id).person
    assert (found.prison, found.remarks) == ("甲监狱", "所属网格：第三网格")


def test_a_column_told_not_to_be_used_is_no_longer_asked_about(look, choose, two):
    page = look(two, CASES / "grid-system-list.xlsx")
    before = page.outcome.columns.model.unused
    place = column(page, "是否关注")
    choose(page, page.outcome.columns.table, place, USED_AS, "不用")
    assert page.outcome.columns.model.unused <= before
    assert page.outcome.columns.model.index(column(page, "是否关注"), USED_AS).data() == "不用"


def test_a_list_that_lacks_a_column_shows_its_columns(qtbot, look, choose, two, tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        ("沈方舟", FANG, "2026-07-01", "盗窃罪"),
        headings=("姓名", "身份证号", "走出来那天", "罪名"),
    )
    page = look(two, path)
    assert page.outcome.tabs.currentIndex() == COLUMNS
    assert page.outcome.columns.lacking.text() == "缺少“释放日期”：请在“用作”里把对应的列指给它。"
    assert not page.outcome.confirm.isEnabled()
    choose(page, page.outcome.columns.table, column(page, "走出来那天"), USED_AS, "释放日期（必填）")
    assert not page.outcome.columns.lacking.isVisible()
    assert page.outcome.confirm.text() == "确认导入 1 行"
    confirm(qtbot, page)
    assert str(everybody(two)["沈方舟"].release_date) == "2026-07-01"


def test_a_table_that_lacks_a_column_beside_good_ones_is_named_and_can_be_pointed_at(
    qtbot, look, choose, two, tmp_path
):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        first, second = book.add_worksheet("一村"), book.add_worksheet("二村")
        heads = ("姓名", "身份证号", "释放日期", "户籍地址")
        for number, line in enumerate((heads, ("沈方舟", FANG, "2026-07-01", "某村1组"))):
            first.write_row(number, 0, line)
            first.write_row(number + 4, 0, [text.replace(FANG, GU).replace("释放日期", "回家那天") for text in line])
        second.write_row(0, 0, ("姓名", "身份证号", "走出来那天", "户籍地址"))
        second.write_row(1, 0, ("陆青禾", LU, "2026-07-02", "某村2组"))
    page = look(two, path)
    assert page.outcome.confirm.text() == "确认导入 1 行"
    assert ("表“一村”", "其中一块缺少必填列：释放日期", "整张表") not in page.outcome.unread.rows
    assert ("表“一村”", "其中一块缺少必填列：释放日期", "那一块") in page.outcome.unread.rows
    assert ("表“二村”", "缺少必填列：释放日期", "整张表") in page.outcome.unread.rows
    choose(page, page.outcome.columns.table, column(page, "走出来那天"), USED_AS, "释放日期（必填）")
    assert page.outcome.confirm.text() == "确认导入 2 行"
    choose(page, page.outcome.columns.table, column(page, "回家那天"), USED_AS, "释放日期（必填）")
    assert page.outcome.unread.rows == []


def test_transfers_are_confirmed_for_all_and_a_new_name_after_it(qtbot, look, choose, two, tmp_path):
    import_file(two, workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "王店司法所", ""), ("陆青禾", LU, "2026-07-01", "王店司法所", "")
    ))  # fmt: skip
    page = look(two, workbook(
        tmp_path / "b.xlsx", ("沈方周", FANG, "2026-07-01", "新塍司法所", ""), ("陆青禾", LU, "2026-07-01", "新塍司法所", ""),
        ("顾长庚", GU, "2026-07-01", "新塍司法所", ""),
    ))  # fmt: skip
    assert page.outcome.tabs.currentIndex() == ANSWERS
    asked = [one.text.split("：")[0] for one in page.outcome.answers.model.rows]
    assert asked == ["陆青禾", "沈方周"]
    choose(page, page.outcome.answers.table, 1, ANSWER, "是改名")
    # the same row now raises the question of the office, too
    asked = [one.text.split("：")[0] for one in page.outcome.answers.model.rows]
    assert asked == ["陆青禾", "沈方周", "以下 2 行列在别的所，台账里不归它", "沈方周"]
    choose(page, page.outcome.answers.table, 2, ANSWER, "全部确认移交")
    assert [one.answer_text for one in page.outcome.answers.model.rows] == [
        "确认移交",
        "是改名",
        "不用再答",
        "确认移交",
        f"{two.today()} 起（今天）",  # the day from which the other office holds
    ]
    assert page.outcome.answers.model.open == 0
    assert page.outcome.refused.model.rows == []
    assert ("名单", "2", "沈方周", "责任单位", "王店司法所", "新塍司法所") in page.outcome.changed.rows
    confirm(qtbot, page)
    assert set(everybody(two)) == {"沈方周", "陆青禾", "顾长庚"}


def test_another_name_with_another_release_is_refused_and_not_asked_about(look, two):
    import_file(two, CASES / "same-id-other-name.xlsx")
    page = look(two, CASES / "same-id-other-name2.xlsx")
    assert page.outcome.answers.model.rows == []
    [row] = page.outcome.refused.model.rows
    assert "这个号码在台账里是“沈方舟”" in row.reason
    assert page.outcome.confirm.text() == "没有可导入的内容"


def test_an_unknown_office_is_pointed_out_or_made(qtbot, look, choose, two, tmp_path):
    page = look(two, workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "王店派出所", ""), ("陆青禾", LU, "2026-07-01", "洪合司法所", ""),
    ))  # fmt: skip
    by_text = {one.text: place for place, one in enumerate(page.outcome.answers.model.rows)}
    options = [name for _, name in page.outcome.answers.model.rows[by_text["责任单位“王店派出所”是"]].options]
    assert options == ["请选择…", "王店司法所", "新塍司法所"]
    choose(page, page.outcome.answers.table, by_text["责任单位“王店派出所”是"], ANSWER, "王店司法所")
    assert not page.outcome.new_offices.isVisible()
    assert {one.text: place for place, one in enumerate(page.outcome.answers.model.rows)} == by_text
    choose(page, page.outcome.answers.table, by_text["责任单位“洪合司法所”是"], ANSWER, "新建“洪合司法所”")
    assert page.outcome.new_offices.isVisible()
    assert page.outcome.new_offices.text() == "将新建司法所：洪合司法所"
    confirm(qtbot, page)
    assert [one.name for one in two.offices()] == ["王店司法所", "新塍司法所", "洪合司法所"]


def test_nothing_moves_under_the_mouse_when_something_is_answered(qtbot, look, choose, two, tmp_path):
    page = look(two, workbook(
        tmp_path / "a.xlsx", *((name, number, "2026-07-01", f"{name[0]}家派出所", "甲") for name, number in (
            ("沈方舟", FANG), ("陆青禾", LU), ("顾长庚", GU)
        )), headings=("姓名", "身份证号", "释放日期", "责任单位", "原所在地方")
    ))  # fmt: skip
    order = [one.key for one in page.outcome.answers.model.rows]
    assert len(order) == 3
    choose(page, page.outcome.answers.table, 0, ANSWER, "王店司法所")
    assert [one.key for one in page.outcome.answers.model.rows] == order
    choose(page, page.outcome.answers.table, 1, ANSWER, "新塍司法所")
    assert [one.key for one in page.outcome.answers.model.rows] == order
    assert [one.answer for one in page.outcome.answers.model.rows] == ["王店司法所", "新塍司法所", None]
    page.outcome.tabs.setCurrentIndex(COLUMNS)
    heads = [one.column for one in page.outcome.columns.model.rows]
    assert heads[0] == "原所在地方"
    choose(page, page.outcome.columns.table, 0, USED_AS, "服刑场所")
    assert [one.column for one in page.outcome.columns.model.rows] == heads
    page = look(two, workbook(tmp_path / "b.xlsx", ("沈方舟", FANG, "2026-07-01", "", "")))
    assert page.outcome.answers.model.rows == []
    assert len(page.outcome.columns.model.rows) == 5


def test_enter_after_a_trial_with_nothing_to_write_goes_to_what_is_refused(qtbot, look, two, tmp_path):
    page = look(two, workbook(tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-02-30", "", "")))
    assert page.outcome.tabs.currentIndex() == REFUSED
    assert page.first_table() is page.outcome.refused.table
    page.window().activateWindow()
    qtbot.waitUntil(page.outcome.refused.table.hasFocus)
    qtbot.keyClick(page.outcome.refused.table, Qt.Key.Key_Return)
    assert page.stack.currentIndex() == RESULT
    assert page.outcome.refused.table.viewport().findChild(QLineEdit) is not None


def test_another_file_is_asked_about_when_something_was_answered(qtbot, look, mend, two, tmp_path, monkeypatch):
    page = look(two, workbook(tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-02-30", "", "")))
    boxes = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: boxes.append(box) or 0)
    page.outcome.tabs.setCurrentIndex(REFUSED)
    mend(page, 0, "2026-02-28")
    qtbot.mouseClick(page.outcome.again, Qt.MouseButton.LeftButton)
    assert [box.defaultButton().text() for box in boxes] == ["继续处理"]
    assert page.stack.currentIndex() == RESULT
    confirm(qtbot, page)
    qtbot.mouseClick(page.outcome.again, Qt.MouseButton.LeftButton)
    assert len(boxes) == 1
    assert page.stack.currentIndex() == START


def test_every_kind_of_file_that_is_read_can_be_chosen(make_window, two, monkeypatch):
    offered = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *given: offered.append(given[3]) or ("", ""))
    page_of(make_window(two))._choose()
    assert offered[0].endswith(";;所有文件 (*)")
    wanted = {"*.xlsx", "*.xlsm", "*.xls", "*.et", "*.ods", "*.csv", "*.tsv", "*.txt"}
    assert wanted <= set(offered[0].replace(")", " ").replace("(", " ").split())


def test_the_summary_says_where_people_without_an_office_go(qtbot, look, two, tmp_path):
    page = look(two, workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "", ""), ("陆青禾", LU, "2026-07-01", "新塍司法所", "")
    ))  # fmt: skip
    assert "1 人没有写责任单位，将归到王店司法所。" in page.outcome.summary.text()
    confirm(qtbot, page)
    assert "1 人没有写责任单位，已归到王店司法所。" in page.outcome.summary.text()
    assert everybody(two)["沈方舟"].office_name == "王店司法所"


def test_a_word_that_is_asked_about_does_not_fill_the_remarks_too(look, two, tmp_path):
    page = look(two, workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "王店司法所", "特别"), ("陆青禾", LU, "2026-07-01", "", "特别")
    ))  # fmt: skip
    assert [one.where for one in page.outcome.answers.model.rows] == ["2 行"]
    assert len(page.result.remarks) >= 2
    assert page.outcome.remarks.model.rows == []
    assert page.outcome.tabs.tabText(REMARKS) == "请核对 0"


def test_a_refused_row_without_a_name_shows_its_number_masked(look, two, tmp_path):
    page = look(two, workbook(tmp_path / "a.xlsx", ("", FANG, "2026-07-01", "王店司法所", "")))
    [row] = page.outcome.refused.model.rows
    assert row.name == f"{FANG[:6]}********{FANG[-4:]}"


def test_what_was_not_read_is_named(look, two):
    page = look(two, CASES / "hidden-sheet-first.xlsx")
    assert ("表“旧数据”", "隐藏的表", "整张表") in page.outcome.unread.rows
    assert page.outcome.confirm.text().startswith("确认导入")


def test_people_without_a_number_come_in_with_a_provisional_one(qtbot, look, two):
    page = look(two, CASES / "odd-ids.xlsx")
    assert "没有身份证号，先用临时编号" in page.outcome.summary.text()
    told = [one for one in page.outcome.remarks.model.rows if "临时编号 临时01-0001" in one.reason]
    assert len(told) == 1


def test_the_blank_table_is_empty_until_it_is_filled_in(qtbot, look, two, tmp_path, monkeypatch):
    page = look(two, CASES / "inline.xlsx")
    path = tmp_path / "空白表.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(page.outcome.again, Qt.MouseButton.LeftButton)
    assert page.stack.currentIndex() == START
    qtbot.mouseClick(page.start.template, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(path.exists, timeout=LONG)
    page = look(two, path)
    assert page.outcome.confirm.text() == "没有可导入的内容"
    assert page.outcome.summary.text() == "认出了表头，下面没有一行数据（示例 1 行不算）。请填好再导入。"
    assert page.outcome.columns.model.unused == 0
    with zipfile.ZipFile(path) as book:
        lists = book.read("xl/worksheets/sheet1.xml").decode()
    tabs = {raw.name: raw.rows for raw in read_workbook(path)}
    assert list(tabs) == ["人员", "填表说明", "代码表"]
    heads, example = tabs["人员"][0][1], tabs["人员"][1][1]
    codes = dict(zip(tabs["代码表"][0][1], zip(*(cells for _, cells in tabs["代码表"][1:]), strict=True), strict=True))
    assert [one for one in codes["责任单位"] if one] == ["王店司法所", "新塍司法所"]
    assert lists.count('type="list"') == len(codes)
    filled = {"姓名": "沈方舟", "公民身份号码": FANG, "释放日期": "2026-07-01", "性别": "男"}
    workbook(path, [str(one) for one in example], [filled.get(one, "") for one in heads], headings=heads, title="人员")
    page = look(two, path)
    confirm(qtbot, page)
    assert set(everybody(two)) == {"沈方舟"}


def test_a_click_on_the_drop_area_chooses_a_file(qtbot, make_window, two, tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "", ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    page = page_of(make_window(two))
    qtbot.mouseClick(page.drop, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    qtbot.waitUntil(lambda: page.stack.currentIndex() == RESULT, timeout=LONG)
    assert page.outcome.confirm.text() == "确认导入 1 行"


def test_refused_rows_can_be_mended_after_the_import_too(qtbot, look, mend, two, tmp_path):
    page = look(two, workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-02-30", "", ""), ("陆青禾", LU, "2026-07-01", "", "")
    ))  # fmt: skip
    confirm(qtbot, page)
    assert page.outcome.go_on.isVisible()
    qtbot.mouseClick(page.outcome.go_on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.run.busy, timeout=LONG)
    page.outcome.tabs.setCurrentIndex(REFUSED)
    mend(page, 0, "2026-02-28")
    assert page.outcome.confirm.text() == "确认导入 1 行"
    confirm(qtbot, page)
    assert set(everybody(two)) == {"沈方舟", "陆青禾"}


def test_an_import_is_taken_back_and_can_be_made_again(qtbot, look, two, tmp_path):
    page = look(two, workbook(tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "王店司法所", "")))
    confirm(qtbot, page)
    assert page.outcome.undo.isVisible()
    undone = []
    page.undone.connect(undone.append)
    take_back(qtbot, page.outcome.undo)
    qtbot.waitUntil(lambda: undone != [] and settled(page), timeout=LONG)
    assert everybody(two) == {}
    assert page.outcome.confirm.text() == "确认导入 1 行"
    assert not page.outcome.undo.isVisible()
    confirm(qtbot, page)
    assert set(everybody(two)) == {"沈方舟"}


@pytest.mark.parametrize("answer", ["", "不撤销"])
def test_taking_back_is_asked_first_with_the_number_of_rows(qtbot, look, mend, two, tmp_path, answer):
    page = in_two_parts(qtbot, look, mend, two, tmp_path)
    assert take_back(qtbot, page.outcome.undo, answer) == ["撤销这次导入写入的 2 行？"]
    assert not page.undo.under_way
    assert set(everybody(two)) == {"沈方舟", "陆青禾"}
    assert page.outcome.undo.isEnabled()
    assert take_back(qtbot, page.outcome.undo) == ["撤销这次导入写入的 2 行？"]
    qtbot.waitUntil(lambda: everybody(two) == {} and settled(page), timeout=LONG)


def test_what_was_asked_is_closed_once_the_file_is_imported(qtbot, look, choose, mend, two, tmp_path):
    page = look(two, workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "", "特别"), ("陆青禾", LU, "2026-02-30", "", "关注")
    ))  # fmt: skip
    answers = page.outcome.answers
    assert [one.text for one in answers.model.rows] == ["重点/一般“特别”当作", "重点/一般“关注”当作"]
    choose(page, answers.table, 0, ANSWER, "重点帮教人员")
    confirm(qtbot, page)
    shown = [answers.model.index(number, ANSWER) for number in range(2)]
    assert [one.data() for one in shown] == ["重点帮教人员", "没有回答"]
    assert not any(one.flags() & Qt.ItemFlag.ItemIsEditable for one in shown)
    assert page.outcome.tabs.tabText(ANSWERS) == "没有回答的 1"
    assert "还有 1 个问题没有回答" in page.outcome.summary.text()
    qtbot.mouseClick(page.outcome.go_on, Qt.MouseButton.LeftButton)  # what is left is asked again
    qtbot.waitUntil(lambda: settled(page), timeout=LONG)
    assert page.outcome.tabs.tabText(ANSWERS).startswith("待回答")
    shown = [answers.model.index(number, ANSWER) for number in range(2)]
    assert [one.data() for one in shown] == ["重点帮教人员", "请选择…"]
    choose(page, answers.table, 1, ANSWER, "留空")


def in_two_parts(qtbot, look, mend, session, tmp_path):
    """The page after a file whose refused row was mended and imported after the others."""
    page = look(session, workbook(
        tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-02-30", "", ""), ("陆青禾", LU, "2026-07-01", "", "")
    ))  # fmt: skip
    confirm(qtbot, page)
    qtbot.mouseClick(page.outcome.go_on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: settled(page), timeout=LONG)
    assert page.outcome.heading.text() == "接着试读的结果：还没有写入台账（前面写入了 1 行）"
    assert page.outcome.undo.isVisible()
    page.outcome.tabs.setCurrentIndex(REFUSED)
    mend(page, 0, "2026-02-28")
    confirm(qtbot, page)
    assert page.outcome.heading.text() == "已写入台账（分 2 次，共 2 行）"
    assert set(everybody(session)) == {"沈方舟", "陆青禾"}
    return page


def test_all_parts_of_a_file_are_taken_back_at_once(qtbot, look, mend, two, tmp_path):
    page = in_two_parts(qtbot, look, mend, two, tmp_path)
    undone = []
    page.undone.connect(undone.append)
    take_back(qtbot, page.outcome.undo)
    qtbot.waitUntil(lambda: undone != [] and settled(page), timeout=LONG)
    assert undone == [2]
    assert everybody(two) == {}
    assert page.outcome.heading.text() == "试读结果：还没有写入台账"
    assert not page.outcome.undo.isVisible()
    assert page.outcome.confirm.text() == "确认导入 2 行"


def test_an_import_can_be_taken_back_from_the_start_page_too(qtbot, look, mend, two, tmp_path):
    page = in_two_parts(qtbot, look, mend, two, tmp_path)
    qtbot.mouseClick(page.outcome.again, Qt.MouseButton.LeftButton)
    assert page.stack.currentIndex() == START
    assert page.start.undo.isVisible()
    drop(page, workbook(tmp_path / "b.xlsx", ("顾长庚", GU, "2026-07-01", "", "")))
    qtbot.waitUntil(lambda: settled(page) and page.stack.currentIndex() == RESULT, timeout=LONG)
    assert page.outcome.heading.text() == "试读结果：还没有写入台账"
    assert not page.outcome.undo.isVisible()  # it would not be this file that is taken back
    qtbot.mouseClick(page.outcome.again, Qt.MouseButton.LeftButton)
    undone = []
    page.undone.connect(undone.append)
    take_back(qtbot, page.start.undo)
    qtbot.waitUntil(lambda: undone == [2], timeout=LONG)
    assert everybody(two) == {}
    assert not page.start.undo.isVisible()


def test_taking_back_waits_for_another_write_and_can_be_given_up(qtbot, look, mend, two, tmp_path, monkeypatch):
    page = in_two_parts(qtbot, look, mend, two, tmp_path)
    monkeypatch.setattr(background, "BUSY_PATIENCE", 0.05)
    monkeypatch.setattr(background, "PATIENCE", 0.025)
    told, undone = [], []
    background.voice().told.connect(told.append)
    page.undone.connect(undone.append)
    with held(two):
        take_back(qtbot, page.outcome.undo)
        qtbot.waitUntil(lambda: told != [], timeout=LONG)
        assert not page.outcome.undo.isEnabled()
        [waiting] = background.unsaved(0)
        waiting.cancel()
        qtbot.waitUntil(page.outcome.undo.isEnabled, timeout=LONG)
        assert len(everybody(two)) == 2
        take_back(qtbot, page.outcome.undo)
    qtbot.waitUntil(lambda: undone == [2] and settled(page), timeout=LONG)
    assert everybody(two) == {}


def test_an_import_that_was_built_upon_is_not_taken_back(qtbot, look, two, tmp_path):
    page = look(two, workbook(tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-01", "王店司法所", "")))
    confirm(qtbot, page)
    people.assign(two, [everybody(two)["沈方舟"].id], "李干部")
    said = []
    page.said.connect(said.append)
    take_back(qtbot, page.outcome.undo)
    qtbot.waitUntil(lambda: said != [], timeout=LONG)
    assert "不能整批撤销" in said[0]
    assert set(everybody(two)) == {"沈方舟"}


@pytest.mark.parametrize("size", [(910, 512), (1366, 768)])
def test_every_button_is_on_the_screen(qtbot, make_window, two, size):
    window = make_window(two)
    page = page_of(window)
    window.resize(*size)
    drop(page, DATA / "ledger-messy.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == RESULT, timeout=LONG)
    for tab in range(page.outcome.tabs.count()):
        page.outcome.tabs.setCurrentIndex(tab)
        qtbot.wait(20)
        assert window.width() <= size[0]
        assert window.height() <= size[1]
        for one in (page.outcome.again, page.outcome.save_refused, page.outcome.confirm):
            corner = one.mapTo(window, one.rect().bottomRight())
            assert 0 < corner.x() < size[0]
            assert 0 < corner.y() < size[1]


def test_new_offices_appear_in_the_filters(qtbot, make_window, empty):
    window = make_window(empty)
    page = page_of(window)
    page.look_at(DATA / "ledger.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == RESULT, timeout=LONG)
    assert "将新建司法所" in page.outcome.new_offices.text()
    page.start_import()
    qtbot.waitUntil(lambda: "已写入" in page.outcome.heading.text(), timeout=LONG)
    qtbot.mouseClick(page.outcome.to_ledger, Qt.MouseButton.LeftButton)
    offices = window.ledger.filters._groups["office_id"]
    qtbot.waitUntil(lambda: "油车港司法所" in [action.text() for action in offices.actions()], timeout=LONG)


def test_a_file_that_is_no_workbook_is_said_on_the_page(qtbot, make_window, empty, tmp_path):
    page = page_of(make_window(empty))
    path = tmp_path / "letter.xlsx"
    path.write_text("no workbook", encoding="utf-8")
    drop(page, path)
    qtbot.waitUntil(lambda: page.error.isVisible(), timeout=LONG)
    assert "不是可以读取的工作簿" in page.error.text()
    assert page.stack.currentIndex() == START


def _slow(monkeypatch):
    """Make the import wait in the middle until it is told to go on."""
    go, waiting = threading.Event(), threading.Event()
    original = import_run.import_file

    def slow(session, path, *, progress, **options):
        def held(fraction, text):
            if fraction > 0.3:
                waiting.set()
                go.wait(10)
            progress(fraction, text)

        return original(session, path, progress=held, **options)

    monkeypatch.setattr(import_run, "import_file", slow)
    return go, waiting


def test_an_import_can_be_cancelled(qtbot, make_window, empty, monkeypatch):
    window = make_window(empty)
    page = page_of(window)
    page.look_at(DATA / "ledger.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == RESULT, timeout=LONG)
    go, waiting = _slow(monkeypatch)
    page.start_import()
    qtbot.waitUntil(waiting.is_set, timeout=LONG)
    qtbot.mouseClick(page.cancel, Qt.MouseButton.LeftButton)
    go.set()
    qtbot.waitUntil(lambda: page.stack.currentIndex() == RESULT, timeout=LONG)  # the trial is still there
    qtbot.waitUntil(lambda: "没有改动" in window.toast.text)
    assert page.outcome.confirm.isEnabled()
    assert people.count(empty, LedgerFilter()) == 0


def test_closing_the_window_during_an_import_asks_and_undoes_it(qtbot, make_window, empty, monkeypatch):
    window = make_window(empty)
    page = page_of(window)
    page.look_at(DATA / "ledger.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == RESULT, timeout=LONG)
    go, waiting = _slow(monkeypatch)
    page.start_import()
    qtbot.waitUntil(waiting.is_set, timeout=LONG)
    monkeypatch.setattr(page, "_leave_import", lambda: False)
    assert not window.close()
    assert window.isVisible()
    monkeypatch.setattr(page, "_leave_import", lambda: True)
    threading.Timer(0.3, go.set).start()
    assert window.close()
    assert people.count(empty, LedgerFilter()) == 0
    qtbot.waitUntil(lambda: not page.run.busy)


def test_the_question_before_leaving_keeps_the_import_by_default(qtbot, make_window, empty, monkeypatch):
    page = page_of(make_window(empty))
    boxes = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: boxes.append(box) or 0)
    assert page._leave_import() is False
    assert boxes[0].defaultButton().text() == "继续导入"


def test_nothing_is_asked_on_the_windows_thread(qtbot, look, two, tmp_path, asked_on_the_window):
    def of_the_import():
        return [one for one in asked_on_the_window if "exchange/" in one]

    page = look(two, workbook(tmp_path / "a.xlsx", ("沈方舟", FANG, "2026-07-02", "洪合司法所", "一般")))
    page.start_import()
    qtbot.waitUntil(lambda: settled(page), timeout=LONG)
    page.outcome.again.click()
    assert page.stack.currentIndex() == START
    qtbot.waitUntil(background.idle, timeout=LONG)
    assert page.office.findText("新塍司法所") >= 0
    assert page.outcome.columns.office.findText("新塍司法所") >= 0
    page.start.template.setFocus()
    page.reload()
    qtbot.waitUntil(background.idle, timeout=LONG)
    assert of_the_import() == []
    assert page.run.offices[:2] == ("王店司法所", "新塍司法所")

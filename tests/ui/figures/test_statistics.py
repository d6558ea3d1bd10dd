import uuid
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QMessageBox
from sqlalchemy import text

from bangjiao_desktop.domain.errors import StorageError
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import filings, forms, statistics
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from bangjiao_desktop.ui.figures.form_model import FIGURE
from bangjiao_desktop.ui.kit.printer import print_pdf
from tests.pdf import Pdf


def figure(page, key, column=3):
    for row in range(page.model.rowCount()):
        index = page.model.index(row, column)
        if index.data(FIGURE) and index.data(FIGURE)[0] == key:
            return index
    raise AssertionError(key)


def test_forms_show_the_official_figures(page, expected):
    wanted = expected["figures"]["2026Q3"]
    page.list.setCurrentRow(1)
    assert figure(page, "reg.end").data() == str(wanted["reg.end"])
    page.list.setCurrentRow(4)
    assert figure(page, "aid.rate").data() == "92.51%"
    page.list.setCurrentRow(8)
    assert page.model.columnCount() == 11


def test_a_click_on_a_figure_shows_the_people_behind_it(qtbot, window, page, expected):
    page.list.setCurrentRow(1)
    index = figure(page, "reg.end.key")
    page.table.scrollTo(index)
    place = page.table.visualRect(index).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))
    wanted = expected["figures"]["2026Q3"]["reg.end.key"]
    qtbot.waitUntil(lambda: page.panel.isVisible() and page.panel.model.rowCount() == wanted)
    assert f"共 {wanted} 人" in page.panel.count.text()
    page.panel.table.selectRow(0)
    page.panel.table.setFocus()
    name = page.panel.model.rows[0][0]
    qtbot.keyClick(page.panel.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.page("person"))
    assert window.page("person").name.text() == name


def test_a_figure_of_the_period_before_is_explained_for_that_period(qtbot, page, expected):
    page.list.setCurrentRow(1)
    page.explain_at(figure(page, "reg.new", column=4))
    qtbot.waitUntil(lambda: page.panel.model.rowCount() == expected["figures"]["2026Q2"]["reg.new"])


def test_one_office(qtbot, page):
    page.scope.office.setCurrentIndex(2)
    name = page.scope.office.currentText()
    qtbot.waitUntil(lambda: page._forms[1].organisation == name, timeout=120_000)
    page.list.setCurrentRow(1)
    assert 0 < int(figure(page, "reg.end").data()) < 267


def test_pdf_and_xlsx_are_saved(qtbot, window, page, tmp_path):
    page.output.save_pdf(tmp_path / "f.pdf")
    qtbot.waitUntil(
        lambda: (tmp_path / "f.pdf").exists() and not page.output.under_way, timeout=120_000
    )  # the file is there before its entry is
    page.output.save_xlsx(tmp_path / "f.xlsx")
    qtbot.waitUntil(lambda: (tmp_path / "f.xlsx").exists() and not page.output.under_way, timeout=120_000)
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")
    qtbot.waitUntil(lambda: "已保存" in window.toast.text)


def test_a_place_that_cannot_be_written_is_said(qtbot, window, page, tmp_path):
    page.output.save_pdf(tmp_path / "no" / "f.pdf")
    qtbot.waitUntil(lambda: "无法写入文件" in window.toast.text, timeout=120_000)
    assert audit_log.page(window.session, AuditFilter(subject="statistics_forms")) == []


def test_a_failed_check_is_shown_in_red_and_asks_before_paper(qtbot, page, sample, monkeypatch, tmp_path):
    with sample.ledger.write() as connection:
        connection.execute(text("UPDATE episode SET handover_mode = NULL WHERE release_date >= '2026-07-01'"))
    page.load()
    qtbot.waitUntil(lambda: bool(page._forms[2].failures), timeout=120_000)
    page.list.setCurrentRow(2)
    assert page.view.failures.isVisible()
    assert "已衔接等于各衔接情况之和" in page.view.failures.text()
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or 0)
    page.output.save_pdf(tmp_path / "f.pdf")
    assert len(asked) == 1
    qtbot.wait(200)
    assert not (tmp_path / "f.pdf").exists()


@pytest.mark.parametrize("save", ["save_pdf", "save_xlsx"])
def test_a_check_that_fails_only_while_the_file_is_made_was_not_confirmed(
    qtbot, window, page, monkeypatch, tmp_path, save
):
    kept = forms._as_of_now

    def anew(*asked):
        return [replace(form, failures=("一不等于二",)) for form in kept(*asked)]

    monkeypatch.setattr(forms, "_as_of_now", anew)
    getattr(page.output, save)(tmp_path / "f.x")
    qtbot.waitUntil(lambda: "审核关系不成立" in window.toast.text, timeout=120_000)
    assert not list(tmp_path.glob("*f.x*"))
    assert audit_log.page(window.session, AuditFilter(subject="statistics_forms")) == []


def test_the_table_stays_where_it_is_when_checks_begin_to_fail(qtbot, page):
    def place():
        cell = page.table.visualRect(page.model.index(line, 5)).center()
        return page.table.mapTo(page, QPoint(0, 0)), page.table.viewport().mapTo(page, cell)

    def type_in(column, number):
        page.model.setData(page.model.index(line, column), number)
        qtbot.waitUntil(lambda: page.model.index(line, column).data() == number, timeout=120_000)
        qtbot.waitUntil(lambda: page.cells.unsaved == 0 and page._shown == page._asked, timeout=120_000)
        qtbot.wait(50)
        return len(page.model.form.failures)

    page.list.setCurrentRow(0)
    line = next(n for n, one in enumerate(page.model.form.definition.rows) if one.line == 4)
    qtbot.wait(50)
    before, failing = place(), len(page.model.form.failures)
    columns = [
        n for n in range(3, page.model.columnCount()) if page.model.index(line, n).flags() & Qt.ItemFlag.ItemIsEditable
    ]
    told = [failing]
    for column in columns:
        told.append(type_in(column, "97"))
        assert place() == before
    assert told[-1] > told[0]
    assert page.view.failures.isVisible()
    assert page.view.failures.visibleRegion().boundingRect().height() > 10
    assert page.table.height() > 200


def test_a_typed_entry_is_kept(qtbot, page):
    page.list.setCurrentRow(0)
    row = next(n for n, one in enumerate(page.model.form.definition.rows) if one.line == 4)
    index = page.model.index(row, 5)
    assert index.flags() & Qt.ItemFlag.ItemIsEditable
    page.model.setData(index, "18")
    qtbot.waitUntil(lambda: page.model.index(row, 5).data() == "18", timeout=120_000)


def test_preview_shows_every_page_and_prints_at_true_size(qtbot, window, page, tmp_path):
    page.output.preview()
    centre = window.page("print")
    qtbot.waitUntil(lambda: centre.current is not None, timeout=120_000)
    content = centre.current[1].content
    assert centre.view.pages == 17  # nine forms, eight of them with a page that compares
    centre.view.go(3)
    assert centre.paper.where.text() == "第 4 页，共 17 页"
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    printer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, printer.pageLayout().margins()
        )
    )
    print_pdf(content, printer, "统计报表")
    printed, drawn = Pdf(tmp_path / "printed.pdf"), Pdf(content)
    assert len(printed) == 17
    assert [round(side) for side in printed[1].size] == [round(side) for side in drawn[1].size] == [842, 595]
    assert _frame(printed[1]) == pytest.approx(_frame(drawn[1]), abs=0.3)


def _frame(page):
    """Edges of everything dark on a page, in millimetres."""
    from PIL import ImageOps

    box = ImageOps.invert(page.picture(150, "L")).point(lambda value: 255 if value > 90 else 0).getbbox()
    return [edge * 25.4 / 150 for edge in box]


def test_a_quarter_is_reported_corrected_and_compared(qtbot, window, page, sample, expected):
    from bangjiao_desktop.ui.figures.differences_dialog import DifferencesDialog

    bar = page.filings
    assert bar.state.text() == "未报出"
    bar.file()
    qtbot.waitUntil(lambda: "报出" in bar.state.text() and bar.state.text() != "未报出", timeout=120_000)
    with sample.ledger.write() as connection:
        connection.execute(
            text("UPDATE standing SET risk = '02' WHERE person_id = (SELECT id FROM person WHERE risk = '01' AND handover_date < '2026-07-01' AND id NOT IN (SELECT person_id FROM register_change) LIMIT 1)")
        )  # fmt: skip
    page.load()
    qtbot.waitUntil(lambda: len(bar.differences) > 0, timeout=120_000)
    assert bar.compare.text() == f"报出后有 {len(bar.differences)} 处变化"
    bar.show_differences()
    [dialog] = bar.findChildren(DifferencesDialog)
    assert dialog.people_model.rowCount() == 1
    with qtbot.waitSignal(dialog.person_opened):
        dialog._open()
    page.list.setCurrentRow(1)
    filed = expected["figures"]["2026Q3"]["reg.end.key"]
    qtbot.waitUntil(lambda: figure(page, "reg.end.key").data() == str(filed - 1), timeout=120_000)
    bar.as_filed.setChecked(True)
    qtbot.waitUntil(lambda: figure(page, "reg.end.key").data() == str(filed), timeout=120_000)
    assert page.output.chosen()[1].filing is not None
    bar.as_filed.setChecked(False)
    bar.file("录错")
    qtbot.waitUntil(lambda: "更正第 1 次" in bar.state.text(), timeout=120_000)


def test_before_reporting_a_list_says_what_is_empty_and_nothing_is_frozen_until_confirmed(qtbot, page, sample):
    bar = page.filings

    def ask():
        bar.dialog = None
        qtbot.mouseClick(bar.file_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: bar.dialog is not None and bar.dialog.isVisible(), timeout=120_000)
        return bar.dialog

    dialog = ask()
    assert any(row[0] == "没有填写" and row[1] == page._forms[0].definition.shown_number for row in dialog.model.rows)
    assert dialog._back.isDefault()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)  # the safe one
    assert not dialog.isVisible()
    assert filings.filed_forms(sample, page.period) == []
    page.list.setCurrentRow(5)
    ask()._show_form(next(n for n, row in enumerate(bar.dialog.model.rows) if row[0] == "没有填写"))
    assert page.list.currentRow() == 0
    assert filings.filed_forms(sample, page.period) == []
    dialog = ask()
    qtbot.mouseClick(dialog._go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "✓" in bar.state.text(), timeout=120_000)
    assert len(filings.filed_forms(sample, page.period)) == 9
    person = statistics.explain(sample, page.period, "reg.end.key").rows[0]
    with sample.ledger.write() as connection:
        connection.execute(text("UPDATE standing SET risk = '02' WHERE person_id = :id"), {"id": person.id.bytes})
    page.load()
    qtbot.waitUntil(lambda: bar.file_button.isVisible() and bar.file_button.isEnabled(), timeout=120_000)
    dialog = ask()
    qtbot.mouseClick(dialog._go, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert "更正原因" in dialog.message.text()
    dialog.reason.setText("录错")
    qtbot.mouseClick(dialog._go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "更正第 1 次" in bar.state.text(), timeout=120_000)


def test_the_entry_page_checks_and_keeps(qtbot, page):
    from bangjiao_desktop.ui.figures.entry_dialog import EntryDialog

    page.list.setCurrentRow(0)
    page.open_entry()
    [dialog] = page.findChildren(EntryDialog)
    for place, value in (((1, 1), "5"), ((2, 1), "3"), ((3, 1), "1")):
        dialog.fields[place].clear()
        qtbot.keyClicks(dialog.fields[place], value)
    assert "工作机构总数＝独立机构＋合署办公" in dialog.failures.text()
    dialog.fields[3, 1].clear()
    qtbot.keyClicks(dialog.fields[3, 1], "2")
    assert dialog.failures.text() == ""
    dialog.fields[4, 0].setText("很多")
    dialog.save()
    assert "第 4 行" in dialog.failures.text()
    dialog.fields[4, 0].clear()
    dialog.save()
    qtbot.waitUntil(lambda: page.model.form is not None and page.model.form.cells[1][1].text == "5", timeout=120_000)


def test_a_printer_that_takes_nothing_is_said(qapp, sample, tmp_path):
    content = forms.draw(sample, forms.filled_forms(sample, parse_period("2026Q3"), numbers=["AB-2"]))
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "no-such-folder" / "printed.pdf"))
    with pytest.raises(StorageError, match="没有接受这份打印"):
        print_pdf(content, printer, "统计报表")


def test_a_change_with_nobody_behind_it_says_so(qtbot):
    from bangjiao_desktop.services.figures.filings import Difference, Involved
    from bangjiao_desktop.ui.figures.differences_dialog import DifferencesDialog

    key = uuid.uuid4()
    one = Involved(name="周平", identity_number="33041119******0010", day="2026-09-01", change="新增", person_id=key)
    found = [
        Difference(
            number="AB-2", title="变动", line=1, label="期初在册", column="上期", filed="3", now="4", involved=()
        ),
        Difference(
            number="AB-2", title="变动", line=9, label="期末在册", column="本期", filed="3", now="4", involved=(one,)
        ),
    ]
    dialog = DifferencesDialog(found, "2026年第三季度", None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert [row[6] for row in dialog.model.rows] == ["—", "1"]
    assert not dialog.opened.isEnabled()
    dialog.table.selectRow(1)
    assert dialog.opened.isEnabled()
    with qtbot.waitSignal(dialog.person_opened) as told:
        qtbot.mouseClick(dialog.opened, Qt.MouseButton.LeftButton)
    assert told.args == [key]

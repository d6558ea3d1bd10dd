"""What comes to the front is true, whoever wrote meanwhile, and nothing older leaves the program."""

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import forms, statistics
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.people.ledger_columns import LEDGER_COLUMNS
from tests.pdf import Pdf
from tests.services.exchange.test_import import books, cells

VISITS = "aid.visits"
PERIOD = parse_period("2026Q3")


@pytest.fixture
def page(qtbot, window):
    window.show_page("statistics")
    found = window.page("statistics")
    found.choose(PERIOD)
    qtbot.waitUntil(lambda: shows(found) is not None and found._forms[0].period_label == PERIOD.label, timeout=120_000)
    return found


def shows(page):
    """The figure of visits on the page, None while it is reckoned."""
    if page._shown != page._asked:
        return None
    return next(
        (int(cell.text) for form in page._forms for line in form.cells for cell, column in zip(line, form.columns, strict=False)
         if cell.key == VISITS and column.scope == "current"), None
    )  # fmt: skip


def somebody(session):
    """Somebody on the register since before the period."""
    rows = people.page(session, LedgerFilter(status="registered"), limit=400).rows
    return next(row for row in rows if row.handover_date < date(2026, 7, 1))


def visit(session, person, day=date(2026, 9, 15)):
    values = {
        "person_id": person.id,
        "happened_on": day,
        "method": "01",
        "worker": "测试员",
        "content": "走访，情况正常",
    }
    work.save(session, "support_record", values)


def visit_by_command(bangjiao, session, person, tmp_path, day="2026-09-16"):
    heads = ["公民身份号码", "日期", "方式", "帮教人", "内容"]
    rows = [heads, [person.identity_number, day, "走访", "测试员", "走访，情况正常"]]
    code, _, told = bangjiao("import", session.folder, books(tmp_path / "visits.xlsx", {"帮教记录": rows}))
    assert code == 0, told


def truth(session):
    return statistics.figures(session, PERIOD).total[VISITS]


def pdf_text(path):
    return Pdf(path).text.replace("\r", " ").replace("\n", " ")


def xlsx_figures(path):
    return [str(cell) for rows in cells(path).values() for row in rows for cell in row]


def test_statistics_shown_again_show_what_was_recorded_meanwhile(qtbot, window, page):
    before = shows(page)
    window.show_page("ledger")
    visit(window.session, somebody(window.session))
    window.show_page("statistics")
    qtbot.waitUntil(lambda: shows(page) == before + 1, timeout=120_000)


def test_statistics_shown_again_unchanged_are_not_reckoned_anew(window, page):
    asked = page._asked
    window.show_page("ledger")
    people.show_private(window.session, somebody(window.session).id)  # audited, but changes nothing
    window.show_page("statistics")
    assert page._asked == asked


def test_what_the_command_wrote_is_seen_when_the_window_is_come_back_to(qtbot, window, page, bangjiao, tmp_path):
    before = shows(page)
    visit_by_command(bangjiao, window.session, somebody(window.session), tmp_path)
    window.activateWindow()
    QApplication.sendEvent(window, QEvent(QEvent.Type.ActivationChange))
    qtbot.waitUntil(lambda: shows(page) == before + 1, timeout=120_000)


def test_a_saved_pdf_has_the_figures_of_now_although_the_page_was_not_left(qtbot, window, page, tmp_path):
    page.list.setCurrentRow(next(n for n, form in enumerate(page._forms) if form.definition.number == "AB-5"))
    page.output.which.setCurrentIndex(1)
    before, target = shows(page), tmp_path / "AB-5.pdf"
    visit(window.session, somebody(window.session))
    page.output.save_pdf(target)
    qtbot.waitUntil(target.exists, timeout=120_000)
    assert truth(window.session) == before + 1
    assert f" {before + 1} " in pdf_text(target)
    assert shows(page) == before + 1


def test_a_saved_workbook_has_what_the_command_wrote(qtbot, window, page, bangjiao, tmp_path):
    before, target = shows(page), tmp_path / "statistics.xlsx"
    assert str(before + 1) not in {cell.text for form in page._forms for line in form.cells for cell in line}
    visit_by_command(bangjiao, window.session, somebody(window.session), tmp_path)
    page.output.save_xlsx(target)
    qtbot.waitUntil(target.exists, timeout=120_000)
    assert str(before + 1) in {text.removesuffix(".0") for text in xlsx_figures(target)}


def test_older_figures_are_reckoned_anew_by_the_service_itself(sample, tmp_path):
    found = forms.filled_forms(sample, PERIOD, numbers=["AB-5"])
    [before] = {int(cell.text) for form in found for line in form.cells for cell, column in zip(line, form.columns, strict=False)
                if cell.key == VISITS and column.scope == "current"}  # fmt: skip
    visit(sample, somebody(sample))
    told = []
    forms.forms_pdf(sample, found, tmp_path / "new.pdf", lambda _, text: told.append(text), confirmed=True)
    assert f" {before + 1} " in pdf_text(tmp_path / "new.pdf")
    assert forms.RECKONED_ANEW in told
    told.clear()
    forms.forms_xlsx(sample, found, tmp_path / "new.xlsx", lambda _, text: told.append(text))
    assert str(before + 1) in {text.removesuffix(".0") for text in xlsx_figures(tmp_path / "new.xlsx")}
    assert forms.RECKONED_ANEW in told


def test_older_figures_that_cannot_be_reckoned_anew_are_refused(sample, tmp_path):
    [found] = forms.filled_forms(sample, PERIOD, numbers=["AB-5"])
    visit(sample, somebody(sample))
    with pytest.raises(InvalidInputError, match="台账有改动"):
        forms.forms_pdf(sample, [replace(found, period_key="")], tmp_path / "f.pdf", confirmed=True)
    assert not (tmp_path / "f.pdf").exists()


def test_output_waits_for_the_period_that_was_just_chosen(qtbot, page, tmp_path):
    target = tmp_path / "year.xlsx"
    page.choose(parse_period("2025Q4"))
    page.output.save_xlsx(target)
    qtbot.waitUntil(target.exists, timeout=120_000)
    assert any("2025年第四季度" in text for text in xlsx_figures(target))


def test_the_ledger_shows_the_visit_recorded_elsewhere_and_stays_at_its_place(qtbot, window):
    person = window.ledger.model.person(3)
    window.ledger.table.selectRow(3)
    window.show_page("needs")
    visit(window.session, person, day=date.today())
    window.show_page("ledger")
    qtbot.waitUntil(lambda: last_visit(window, 3) == date.today().isoformat(), timeout=120_000)
    assert window.ledger.table.selected_rows() == [3]


def test_the_ledger_shows_what_the_command_wrote(qtbot, window, bangjiao, tmp_path):
    window.show_page("needs")
    window.show_page("ledger")
    person = window.ledger.model.person(2)
    visit_by_command(bangjiao, window.session, person, tmp_path, date.today().isoformat())
    window.show_page("needs")
    window.show_page("ledger")
    qtbot.waitUntil(lambda: last_visit(window, 2) == date.today().isoformat(), timeout=120_000)


def last_visit(window, number):
    column = next(n for n, one in enumerate(LEDGER_COLUMNS) if one.header == "最近帮教")
    return window.ledger.model.index(number, column).data()


@pytest.mark.parametrize("name", ["person", "needs"])
def test_a_persons_page_and_the_needs_are_read_anew_when_come_back_to(
    qtbot, window, bangjiao, tmp_path, name, monkeypatch
):
    person = somebody(window.session)
    if name == "person":
        window.open_person(person.id)
    else:
        window.show_page("needs")
    shown = window.page(name)
    read = []
    monkeypatch.setattr(shown, "refresh", lambda: read.append(name))
    window.show_page("ledger")
    window.show_page(name)
    assert read == []
    window.show_page("ledger")
    visit_by_command(bangjiao, window.session, person, tmp_path)
    window.show_page(name)
    qtbot.waitUntil(lambda: read == [name], timeout=120_000)

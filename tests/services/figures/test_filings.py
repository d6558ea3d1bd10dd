import re
from datetime import date

import pytest
from sqlalchemy import text

from bangjiao_desktop.domain.audience import ForOffice
from bangjiao_desktop.domain.errors import CheckFailedError, InvalidInputError
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import filings, forms, statistics
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter, page
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.casework_models import OfficeReport
from tests.ledgers import raw

Q3 = parse_period("2026Q3")
DAY = date(2026, 10, 8)


def _file(session, **more):
    return filings.file_forms(session, Q3, None, on=DAY, **more)


def _execute(session, statement, **values):
    with session.ledger.write() as connection:
        connection.execute(text(statement), {name: raw(connection, value) for name, value in values.items()})


def _someone(session, key):
    return statistics.explain(session, Q3, key).rows[0]


def test_filing_freezes_the_figures_with_who_and_when(sample, expected):
    done = _file(sample)
    assert [one.form.definition.number for one in done] == [f"AB-{number}" for number in range(1, 10)]
    row = _someone(sample, "reg.end.key")
    _execute(sample, "UPDATE person SET risk = '02' WHERE id = :id", id=row.id)
    kept = filings.filed_forms(sample, Q3)
    ab2 = kept[1].form
    cells = {row.key: line[0] for row, line in zip(ab2.definition.rows, ab2.cells, strict=True) if not row.group}
    assert cells["reg.end.key"].value == expected["figures"]["2026Q3"]["reg.end.key"]
    assert (ab2.filing.filed_by, ab2.filing.filed_on, ab2.filing.correction) == ("所长", DAY, 0)


def test_a_filed_form_comes_back_as_it_was(sample):
    done = _file(sample)
    for before, after in zip(done, filings.filed_forms(sample, Q3), strict=True):
        assert after.form == before.form


def test_later_corrections_show_as_differences_with_the_people_behind_them(sample):
    row = _someone(sample, "reg.end.key")
    _file(sample)
    assert filings.differences(sample, Q3) == []
    _execute(sample, "UPDATE person SET risk = '02' WHERE id = :id", id=row.id)
    found = filings.differences(sample, Q3)
    by_label = {(one.number, one.label, one.column): one for one in found}
    one = by_label["AB-2", "重点帮教人员", "本期"]
    assert int(one.filed) - int(one.now) == 1
    assert [(who.name, who.change) for who in one.involved] == [(row.name, "现在不计入")]
    assert "*" in one.involved[0].identity_number
    other = by_label["AB-2", "一般帮教人员", "本期"]
    assert [(who.name, who.change) for who in other.involved] == [(row.name, "现在计入")]
    office = [one for one in found if one.number == "AB-9" and one.column == row.office_name]
    assert [who.name for one in office for who in one.involved] == [row.name]


def test_an_amount_that_changed_is_told(sample):
    row = _someone(sample, "relief.amount")
    _file(sample)
    _execute(sample, "UPDATE relief SET amount_fen = amount_fen + 100 WHERE id = :id", id=row.id)
    [one] = [one for one in filings.differences(sample, Q3) if one.number == "AB-4"]
    assert [who.change for who in one.involved] == [f"{row.amount} → {row.amount + 1}"]


def test_a_deleted_record_is_still_named(sample):
    row = _someone(sample, "aid.visits")
    _file(sample)
    _execute(sample, "UPDATE support_record SET deleted_at = '2026-10-07' WHERE id = :id", id=row.id)
    [one] = [one for one in filings.differences(sample, Q3) if one.label == "走访"]
    assert [(who.name, who.change) for who in one.involved] == [(row.person_name, "现在不计入（已删除）")]


def test_a_correction_needs_a_reason_and_files_only_what_differs(sample, tmp_path):
    _file(sample)
    with pytest.raises(InvalidInputError, match="不需要更正"):
        _file(sample)
    row = _someone(sample, "reg.end.key")
    _execute(sample, "UPDATE person SET risk = '02' WHERE id = :id", id=row.id)
    with pytest.raises(InvalidInputError, match="更正原因"):
        _file(sample)
    done = _file(sample, reason="重点认定录错")
    assert [(one.form.definition.number, one.form.filing.correction) for one in done] == [("AB-2", 1), ("AB-9", 1)]
    assert filings.differences(sample, Q3) == []
    history = [one for one in filings.filing_history(sample, Q3) if one.form.definition.number == "AB-2"]
    assert [(one.form.filing.correction, one.reason) for one in history] == [(0, ""), (1, "重点认定录错")]
    import pypdfium2

    forms.forms_pdf(sample, [one.form for one in history], tmp_path / "f.pdf", confirmed=True)
    texts = [paper.get_textpage().get_text_bounded() for paper in pypdfium2.PdfDocument(tmp_path / "f.pdf")]
    assert "更正" not in texts[0]
    assert "更正（第 1 次）" in texts[1]
    assert "填表人：所长" in texts[1]
    assert "报出日期：2026年10月8日" in texts[1]


def test_filing_is_entered_as_a_report_and_audited(sample):
    _file(sample)
    with sample.ledger.read() as connection:
        rows = records.rows_with(connection, OfficeReport, period="2026Q3", kind="01")
        offices = records.offices(connection)
    assert len(rows) == len(offices)
    lines = [line for line in page(sample, AuditFilter()) if line.action == "报出"]
    assert len(lines) == 9


def test_a_period_that_runs_is_not_filed(sample):
    with pytest.raises(InvalidInputError, match="还没有结束"):
        filings.file_forms(sample, parse_period("2026Q4"), on=date(2026, 11, 1))


def test_a_failed_check_is_not_filed_unless_confirmed(sample):
    _execute(sample, "UPDATE person SET handover_mode = NULL WHERE release_date >= '2026-07-01'")
    with pytest.raises(CheckFailedError):
        _file(sample)
    assert filings.filed_forms(sample, Q3) == []
    done = _file(sample, confirmed=True)
    assert "审核关系" not in done[0].form.failures
    assert filings.filed_forms(sample, Q3)[2].form.failures


def test_one_office_files_for_itself(sample):
    office = sample.offices()[1]
    filings.file_forms(sample, Q3, office, on=DAY)
    assert len(filings.filed_forms(sample, Q3, office)) == 9
    assert filings.filed_forms(sample, Q3) == []
    assert filings.filed_forms(sample, Q3, office)[1].form.organisation == office.name


def _texts(content):
    import pypdfium2

    return [paper.get_textpage().get_text_bounded() for paper in pypdfium2.PdfDocument(content)]


def test_a_page_of_comparison_is_filed_with_its_form(sample):
    _file(sample)
    request = PrintRequest(
        "forms", ForOffice(), {"period": "2026Q3", "numbers": ["AB-2"], "filed": "latest", "compare": True}
    )
    before = _texts(printing.draw(sample, request).content)
    assert len(before) == 2
    assert "（比较）" in before[1]
    _execute(sample, "UPDATE person SET risk = '02'")  # of every period
    assert _texts(printing.draw(sample, request).content) == before
    live = PrintRequest(
        "forms", ForOffice(), {"period": "2026Q3", "numbers": ["AB-2"], "compare": True, "confirmed": True}
    )
    assert _texts(printing.draw(sample, live).content)[1] != before[1]


def test_each_office_is_compared_with_itself(sample):
    request = PrintRequest(
        "forms",
        ForOffice(),
        {"period": "2026Q3", "numbers": ["AB-2"], "each_office": True, "compare": True, "confirmed": True},
    )
    texts = _texts(printing.draw(sample, request).content)
    assert len(texts) == 2 * (1 + len(sample.offices()))
    for place, office in enumerate(sample.offices()):
        [alone] = forms.filled_forms(sample, Q3, office, ["AB-2"], comparing=True)
        page = texts[2 * (place + 1) + 1]
        assert office.name in page
        for scope, period in (("current", Q3), ("previous", Q3.previous()), ("last_year", forms.last_year(Q3))):
            figures = statistics.figures(sample, period, office).total
            rows = [one for one in alone.compared if not one.row.group]
            assert [getattr(one, scope) for one in rows] == [figures[one.row.key] for one in rows]
        drawn = _texts(forms.draw(sample, [alone], compare=True))[1]
        assert drawn.split("— ")[0] == page.split("— ")[0]
    assert len({texts[2 * place + 1].split("— ")[0] for place in range(1 + len(sample.offices()))}) > len(
        sample.offices()
    )


def test_a_change_in_the_period_before_is_told_with_its_people_where_that_was_filed(sample):
    row = statistics.explain(sample, Q3.previous(), "aid.visits").rows[0]
    filings.file_forms(sample, Q3.previous(), None, on=date(2026, 7, 8), confirmed=True)
    _file(sample)
    _execute(sample, "UPDATE support_record SET deleted_at = '2026-10-07' WHERE id = :id", id=row.id)
    found = {one.column: one for one in filings.differences(sample, Q3) if one.label == "走访"}
    assert list(found) == ["上期"]
    assert int(found["上期"].filed) - int(found["上期"].now) == 1
    assert [(who.name, who.change) for who in found["上期"].involved] == [(row.person_name, "现在不计入（已删除）")]


def test_a_change_in_a_period_never_filed_names_nobody(sample):
    row = statistics.explain(sample, Q3.previous(), "aid.visits").rows[0]
    _file(sample)
    _execute(sample, "UPDATE support_record SET deleted_at = '2026-10-07' WHERE id = :id", id=row.id)
    [one] = [one for one in filings.differences(sample, Q3) if one.label == "走访"]
    assert (one.column, one.involved) == ("上期", ())


# before reporting


def test_everything_that_is_empty_or_fails_is_listed_and_nothing_is_frozen(sample):
    from bangjiao_desktop.services.figures import filing_review

    found = filing_review.review(sample, Q3)
    assert found.forms == 9
    empty = {one.number: one.text for one in found.concerns if one.level == "empty"}
    manual = next(form for form in forms.filled_forms(sample, Q3) if any(row.entry for row in form.definition.rows))
    count = sum(cell.kind == "entry" for line in manual.cells for cell in line)
    assert empty[manual.definition.shown_number] == f"要手工填写的 {count} 格全部是空的"
    assert not found.failed
    assert filings.filed_forms(sample, Q3) == []
    pending = statistics.figures(sample, Q3).total["link.pending"]
    assert f"{pending} 人还没有衔接" in [one.text for one in found.concerns if one.level == "left"]
    assert [one.level for one in found.concerns] == sorted(
        (one.level for one in found.concerns), key=list(filing_review.LEVELS).index
    )


def test_single_blank_cells_and_failing_checks_are_named(sample):
    from bangjiao_desktop.services.figures import filing_review

    manual = next(form for form in forms.filled_forms(sample, Q3) if any(row.entry for row in form.definition.rows))
    places = [
        (row.line, column)
        for row, line in zip(manual.definition.rows, manual.cells, strict=True)
        for column, cell in enumerate(line)
        if cell.kind == "entry"
    ]
    forms.save_entries(sample, Q3, None, manual.definition, dict.fromkeys(places[1:], "999") | {places[1]: "1000"})
    number = manual.definition.shown_number
    found = [one for one in filing_review.review(sample, Q3).concerns if one.number == number]
    [blank] = [one.text for one in found if one.level == "empty"]
    assert blank.startswith(f"第 {places[0][0]} 行")
    assert blank.endswith("还是空的")
    failures = next(
        f for f in forms.filled_forms(sample, Q3) if f.definition.number == manual.definition.number
    ).failures
    assert failures
    assert [one.text for one in found if one.level == "failed"] == list(failures)


def test_a_rate_below_its_target_is_named(sample):
    from bangjiao_desktop.services.figures import filing_review

    below = [one.text for one in filing_review.review(sample, Q3).concerns if one.level == "below"]
    assert any(re.fullmatch(r"第 \d+ 行“.+”92\.51%，目标 \d+(\.\d*[1-9])?%", text) for text in below)


def test_what_was_changed_after_the_look_is_not_frozen(sample):
    from bangjiao_desktop.services.figures import filing_review

    found = filing_review.review(sample, Q3)
    person = statistics.explain(sample, Q3, "reg.end").rows[0]
    people.assign(sample, [person.id], "别的责任人")
    with pytest.raises(InvalidInputError, match="核对之后台账有改动"):
        filings.file_forms(sample, Q3, seen=found.change_number)
    assert filings.filed_forms(sample, Q3) == []
    assert filings.file_forms(sample, Q3, seen=filing_review.review(sample, Q3).change_number)

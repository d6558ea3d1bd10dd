import re
from datetime import date, timedelta

import pytest
import python_calamine
from sqlalchemy import text

from bangjiao_desktop.domain.audience import ForOffice
from bangjiao_desktop.domain.errors import CheckFailedError, InvalidInputError
from bangjiao_desktop.domain.form_reader import built_in_forms
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.sight import EVERYTHING
from bangjiao_desktop.services.figures import filings, form_definitions, forms, statistics
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import episodes, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import verification
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter, page
from bangjiao_desktop.store.reads import ledger as ledger_reads
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.casework_models import OfficeReport
from bangjiao_desktop.store.vault.trail import codes
from tests.ledgers import raw
from tests.pdf import Pdf

Q3 = parse_period("2026Q3")
DAY = date(2026, 10, 8)


def _file(session, **more):
    return filings.file_forms(session, Q3, None, on=DAY, **more)


def _execute(session, statement, **values):
    with session.ledger.write() as connection:
        connection.execute(text(statement), {name: raw(connection, value) for name, value in values.items()})


def _correct(session, person_id, since=None, **values):
    """Put right what was recorded wrongly (更正), or let it hold from a day on."""
    person = people.brief(session, person_id)
    told = {**person.values(), "office_id": person.office_id, **values}
    people.save_person(session, told, identifier=person_id, revision=person.revision, since=since)


def _someone(session, key):
    return statistics.explain(session, Q3, key).rows[0]


def test_filing_freezes_the_figures_with_who_and_when(sample, expected):
    done = _file(sample)
    assert [one.form.definition.number for one in done] == [f"AB-{number}" for number in range(1, 10)]
    row = _someone(sample, "reg.end.key")
    _correct(sample, row.id, risk="02")
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
    _correct(sample, row.id, risk="02")
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


def test_what_holds_from_today_changes_no_filed_figure(sample):
    """A move, another risk, another household type from a day after the period (DOMAIN.md §5: 从某日起变了)."""
    row = _someone(sample, "reg.end.key")
    _file(sample)
    person = people.brief(sample, row.id)
    other = next(one for one in sample.offices() if one.id != person.office_id)
    home = "01" if person.residence_type == "02" else "02"
    since = Q3.last + timedelta(days=1)
    _correct(sample, row.id, since, risk="02", residence_type=home, office_id=other.id)
    assert people.brief(sample, row.id).office_name == other.name
    assert filings.differences(sample, Q3) == []
    with pytest.raises(InvalidInputError, match="不需要更正"):
        _file(sample)


def test_an_office_that_was_recorded_wrongly_is_told_in_both_offices(sample):
    row = _someone(sample, "reg.end")
    _file(sample)
    other = next(one for one in sample.offices() if one.name != row.office_name)
    _correct(sample, row.id, office_id=other.id)
    found = [one for one in filings.differences(sample, Q3) if one.number == "AB-9" and one.label == "期末在册"]
    assert {one.column: [(who.name, who.change) for who in one.involved] for one in found} == {
        row.office_name: [(row.name, "现在不计入")], other.name: [(row.name, "现在计入")],
    }  # fmt: skip


def _again(session, row, release):
    """The person left on a day of the period and was released again on another."""
    with session.ledger.read() as connection:
        known = ledger_reads.person_row(connection, EVERYTHING, row.id, session.today())
    left = {"person_id": row.id, "changed_on": date(2026, 7, 20), "reason": "03"}
    work.save(session, "register_change", {**left, "office_id": known.office_id})
    begun = episodes.blank_again(session, row.id)
    told = {"release_date": release, "handover_date": release, "handover_mode": "02", "offence": "盗窃罪"}
    episodes.begin_again(session, row.id, {**begun, **told})


def test_a_second_release_within_the_period_is_told_with_the_person(sample):
    row = next(
        one for one in statistics.explain(sample, Q3, "reg.new").rows
        if one.handover_date <= date(2026, 7, 15) and one.changed_on is None
    )  # fmt: skip
    _file(sample)
    _again(sample, row, date(2026, 9, 10))
    found = {one.label: one for one in filings.differences(sample, Q3) if one.number == "AB-2" and one.column == "本期"}
    assert int(found["本期新增"].now) - int(found["本期新增"].filed) == 1
    assert [(who.name, who.change) for who in found["本期新增"].involved] == [(row.name, "1 → 2")]
    assert [(who.name, who.change) for who in found["重新犯罪收监"].involved] == [(row.name, "现在计入")]
    assert "期末在册" not in found
    done = _file(sample, reason="补录再次释放")
    assert "AB-2" in [one.form.definition.number for one in done]
    assert filings.differences(sample, Q3) == []


def test_a_second_release_after_the_period_changes_nothing_in_it(sample):
    row = next(
        one for one in statistics.explain(sample, Q3.previous(), "reg.new").rows if one.changed_on is None
    )  # fmt: skip
    filings.file_forms(sample, Q3.previous(), None, on=date(2026, 7, 8), confirmed=True)
    _again(sample, row, date(2026, 9, 10))
    assert filings.differences(sample, Q3.previous()) == []


def test_a_form_filed_by_an_earlier_version_opens_compares_and_is_not_filed_again_for_its_look(sample):
    """The program's own AB-2 had no 所间移入 and 所间移出 before 0.4.0."""
    source = next(form for form in built_in_forms() if form.number == "AB-2").source
    rows = source.split("[[row]]")
    older = "[[row]]".join(one for one in rows if "reg.moved" not in one)
    older = older[: older.index("[[check]]")]
    form_definitions.save(sample, "AB-2", older)
    _file(sample)
    form_definitions.restore(sample, "AB-2")
    kept = next(one.form for one in filings.filed_forms(sample, Q3) if one.form.definition.number == "AB-2")
    assert "所间移入" not in [one.label for one in kept.definition.rows]
    printed = "".join(_texts(forms.draw(sample, [kept])))
    assert re.search("期末在册 9", printed)
    assert not re.search("所间移入 3", printed)
    assert filings.differences(sample, Q3) == []
    with pytest.raises(InvalidInputError, match="不需要更正"):
        _file(sample)
    row = _someone(sample, "reg.end.key")
    _correct(sample, row.id, risk="02")
    found = {one.label: one for one in filings.differences(sample, Q3) if one.number == "AB-2" and one.column == "本期"}
    assert [who.name for who in found["重点帮教人员"].involved] == [row.name]
    [again] = [one for one in _file(sample, reason="录错") if one.form.definition.number == "AB-2"]
    assert "所间移入" in [one.label for one in again.form.definition.rows]


def test_moves_between_offices_stand_in_the_columns_of_the_offices(history):
    for period in (parse_period("2025"), parse_period("2026Q3")):
        ab2, ab9 = forms.filled_forms(history, period, None, ["AB-2", "AB-9"])
        assert ab2.failures == ab9.failures == ()
        moved = {row.key: cells for row, cells in zip(ab9.definition.rows, ab9.cells, strict=True) if row.key}
        assert moved["reg.moved_in"][0].text == moved["reg.moved_out"][0].text
    assert any(cell.value for cell in moved["reg.moved_in"])
    for office in history.offices():
        [own] = forms.filled_forms(history, period, office, ["AB-2"])
        assert own.failures == ()


def test_the_form_of_outsiders_counts_nobody_else(history):
    period = parse_period("2026Q3")
    [form] = forms.filled_forms(history, period, None, ["AB-6"])
    keys = [row.key for row in form.definition.rows if row.key]
    assert all("nonlocal" in key for key in keys)
    figures = statistics.figures(history, period).total
    cells = {row.key: line[0].value for row, line in zip(form.definition.rows, form.cells, strict=True) if row.key}
    assert cells == {key: figures[key] for key in keys}
    assert figures["nonlocal.cards"] < figures["publicity.cards"]


def test_a_correction_needs_a_reason_and_files_only_what_differs(sample, tmp_path):
    _file(sample)
    with pytest.raises(InvalidInputError, match="不需要更正"):
        _file(sample)
    row = _someone(sample, "reg.end.key")
    _correct(sample, row.id, risk="02")
    with pytest.raises(InvalidInputError, match="更正原因"):
        _file(sample)
    done = _file(sample, reason="重点认定录错")
    assert [(one.form.definition.number, one.form.filing.correction) for one in done] == [("AB-2", 1), ("AB-9", 1)]
    assert filings.differences(sample, Q3) == []
    history = [one for one in filings.filing_history(sample, Q3) if one.form.definition.number == "AB-2"]
    assert [(one.form.filing.correction, one.reason) for one in history] == [(0, ""), (1, "重点认定录错")]
    forms.forms_pdf(sample, [one.form for one in history], tmp_path / "f.pdf", confirmed=True)
    texts = Pdf(tmp_path / "f.pdf").texts
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
    _execute(sample, "UPDATE episode SET handover_mode = NULL WHERE release_date >= '2026-07-01'")
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
    return Pdf(content).texts


def test_a_page_of_comparison_is_filed_with_its_form(sample):
    _file(sample)
    request = PrintRequest(
        "forms", ForOffice(), {"period": "2026Q3", "numbers": ["AB-2"], "filed": "latest", "compare": True}
    )
    before = _texts(printing.draw(sample, request).content)
    assert len(before) == 2
    assert "（比较）" in before[1]
    _execute(sample, "UPDATE standing SET risk = '02'")  # of every period
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


@pytest.mark.file
def test_the_code_of_the_moment_stands_in_the_foot_of_the_papers_and_tells_its_entry(sample, tmp_path):
    """It is kept with the filing: a later print bears the code of then, and the ledger knows it."""
    with sample.ledger.read() as connection:
        newest = codes.newest(connection.connection.driver_connection)
    done = _file(sample)
    assert {one.form.filing.code for one in done} == {newest}
    _correct(sample, _someone(sample, "reg.end.key").id, risk="02")
    kept = [one.form for one in filings.filed_forms(sample, Q3)]
    number = verification.of_code(sample, newest)
    with sample.ledger.read() as connection:
        [filed] = connection.execute(text("SELECT min(sequence) FROM audit_entry WHERE action = 'file'")).scalars()
    assert 0 < number < filed
    forms.forms_pdf(sample, kept, tmp_path / "f.pdf", confirmed=True, compare=True)
    assert all(f"台账校验码 {newest}" in one for one in Pdf(tmp_path / "f.pdf").texts)
    forms.forms_xlsx(sample, kept, tmp_path / "f.xlsx")
    workbook = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "f.xlsx"))
    for name in workbook.sheet_names[: len(kept)]:
        cells = [cell for row in workbook.get_sheet_by_name(name).to_python() for cell in row]
        assert f"台账校验码 {newest}" in cells
    assert verification.verify(sample).found == ()
    forms.forms_pdf(sample, forms.filled_forms(sample, Q3, None), tmp_path / "g.pdf", confirmed=True)
    assert "校验码" not in Pdf(tmp_path / "g.pdf").text  # what was not filed bears none

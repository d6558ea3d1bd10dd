import pytest

from bangjiao_desktop.domain.audience import ForOffice
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError, StaleError
from bangjiao_desktop.domain.form_reader import built_in_forms
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.figures import form_definitions, forms
from tests.pdf import Pdf

Q3 = parse_period("2026Q3")
PROVINCE = """number = "浙-1"
title = "省厅安置帮教季报"
unit = "人"
authority = "某省司法厅"
paper = "A3"

[[column]]
header = "合计"
scope = "current"

[[column]]
header = "重点"
above = ["其中", "按危险性"]
scope = "current"

[[column]]
header = "一般"
above = ["其中", "按危险性"]
scope = "current"

[[row]]
label = "期末在册"
cells = ["=c2+c3", "reg.end.key", "reg.end.general"]
"""


def _form(number):
    return next(form for form in built_in_forms() if form.number == number)


def _file(folder, text):
    file = folder / "zhe.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_chief_changes_titles_rows_and_targets_and_restores(sample):
    form = _form("AB-4")
    rows = [{"was": place, "label": row.label} for place, row in enumerate(form.rows)]
    rows[3] |= {"target": 0.99, "label": "安置率（本区）"}
    rows.append({"was": None, "label": "其中：外地籍", "key": "reg.end.nonlocal", "unit": "人", "indent": 1})
    text = form_definitions.edited(
        form.source,
        {"title": "安置与救助季报", "printed_number": "司安4表", "document_number": "某司〔2026〕8号"},
        rows,
    )
    form_definitions.save(sample, "AB-4", text)
    [filled] = forms.filled_forms(sample, Q3, numbers=["AB-4"])
    assert filled.definition.title == "安置与救助季报"
    assert filled.definition.shown_number == "司安4表"
    assert filled.definition.rows[-1].label == "其中：外地籍"
    assert filled.cells[-1][0].value > 0
    assert filled.cells[3][3].text == "≥99%"
    assert form_definitions.targets(sample)["place.rate"] == pytest.approx(0.99)
    assert [one.origin for one in form_definitions.known_forms(sample)].count("changed") == 1
    form_definitions.restore(sample, "AB-4")
    [filled] = forms.filled_forms(sample, Q3, numbers=["AB-4"])
    assert filled.definition == form


def test_editing_keeps_everything_it_does_not_change():
    for form in built_in_forms():
        rows = [
            {"was": place, "label": row.label, "key": row.key, "unit": row.unit} for place, row in enumerate(form.rows)
        ]
        from bangjiao_desktop.domain.form_reader import read_form

        same = read_form(form_definitions.edited(form.source, {"title": form.title}, rows), "x")
        assert (same.rows, same.columns, same.checks, same.notes) == (form.rows, form.columns, form.checks, form.notes)


def test_a_form_of_the_province_is_added_by_a_file(sample, tmp_path, expected):
    file = _file(tmp_path, PROVINCE)
    assert form_definitions.add(sample, file).number == "浙-1"
    with pytest.raises(InvalidInputError, match="已有表号"):
        form_definitions.add(sample, file)
    [filled] = forms.filled_forms(sample, Q3, numbers=["浙-1"])
    figures = expected["figures"]["2026Q3"]
    assert [cell.value for cell in filled.cells[0]] == [
        figures["reg.end"], figures["reg.end.key"], figures["reg.end.general"]
    ]  # fmt: skip
    forms.forms_pdf(sample, [filled], tmp_path / "f.pdf")
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")
    form_definitions.restore(sample, "浙-1")
    assert len(forms.filled_forms(sample, Q3)) == 9


def test_a_broken_form_is_refused_and_nothing_changes(sample):
    form = _form("AB-2")
    with pytest.raises(DefinitionError, match=r"AB-2\.toml 第 \d+ 行"):
        form_definitions.save(sample, "AB-2", form.source.replace('key = "reg.new"', 'key = "reg.nix"'))
    with pytest.raises(InvalidInputError, match="表号应保持"):
        form_definitions.save(sample, "AB-2", form.source.replace('number = "AB-2"', 'number = "AB-22"'))
    assert all(one.origin == "built-in" for one in form_definitions.known_forms(sample))


@pytest.fixture
def older(sample):
    """A vault in which forms of another version of the program were kept: this one does not know an indicator."""
    with sample.ledger.write() as connection:
        kept = {
            "AB-2": _form("AB-2").source.replace('key = "reg.new"', 'key = "reg.nix"'),
            "浙-1": PROVINCE.replace("reg.end.key", "reg.end.nix"),
        }
        for number, source in kept.items():
            definitions.put(connection, sample.user, "form", number, source)
    return sample


def test_forms_that_no_longer_read_leave_the_others_at_work(older, tmp_path):
    broken = {one.number: one.fault for one in form_definitions.known_forms(older) if one.fault}
    assert list(broken) == ["AB-2", "浙-1"]
    assert "AB-2.toml 第" in broken["AB-2"]
    assert "恢复内置" in broken["AB-2"]
    assert "删除" in broken["浙-1"]
    assert [one.definition.number for one in forms.filled_forms(older, Q3)] == [
        form.number for form in built_in_forms() if form.number != "AB-2"
    ]
    assert form_definitions.targets(older)["place.rate"] == pytest.approx(0.98)
    with pytest.raises(InvalidInputError, match="已有表号"):
        form_definitions.add(older, _file(tmp_path, PROVINCE))


def test_what_is_reported_must_be_whole(older, tmp_path):
    from datetime import date

    from bangjiao_desktop.services.figures import filings
    from bangjiao_desktop.services.papers import printing
    from bangjiao_desktop.services.papers.print_requests import PrintRequest

    with pytest.raises(DefinitionError, match="AB-2 是这里改过的"):
        filings.file_forms(older, Q3, on=date(2026, 10, 8))
    options = {"period": "2026Q3", "office": None, "confirmed": True}
    with pytest.raises(DefinitionError, match="AB-2 是这里改过的"):
        printing.draw(older, PrintRequest("forms", ForOffice(), options))
    assert printing.draw(older, PrintRequest("forms", ForOffice(), {**options, "numbers": ["AB-3"]})).pages >= 1
    filings.file_forms(older, Q3, numbers=["AB-3"], on=date(2026, 10, 8))
    form_definitions.restore(older, "AB-2")
    form_definitions.restore(older, "浙-1")
    assert printing.draw(older, PrintRequest("forms", ForOffice(), options)).pages >= 9


def test_a_filed_form_keeps_the_definition_it_was_filed_with(sample):
    from datetime import date

    from bangjiao_desktop.services.figures import filings

    filings.file_forms(sample, Q3, numbers=["AB-2"], on=date(2026, 10, 8))
    form = _form("AB-2")
    form_definitions.save(sample, "AB-2", form.source.replace("变动与结构情况", "变动情况"))
    assert filings.filed_forms(sample, Q3)[0].form.definition.title == "安置帮教对象变动与结构情况"


def test_a_preview_is_drawn_from_text_that_is_not_kept(sample):
    source = _form("AB-3").source.replace("安置帮教对象衔接情况", "试改的表题")
    content = forms.preview(sample, source, Q3)
    assert "试改的表题" in Pdf(content)[0].text
    assert all(one.origin == "built-in" for one in form_definitions.known_forms(sample))


def test_the_entry_page_keeps_all_or_nothing(sample):
    form = _form("AB-1")
    with pytest.raises(InvalidInputError, match="第 4 行“工作人员总数”的“县区局”应填不小于 0 的数字，现在是“十二”"):
        forms.save_entries(sample, Q3, None, form, {(1, 1): "3", (4, 1): "十二"})
    assert forms.entries_before(sample, Q3.previous(), None, form) == {}
    forms.save_entries(sample, Q3, None, form, {(1, 1): "１,２34", (4, 1): "12"})
    [filled] = forms.filled_forms(sample, Q3, numbers=["AB-1"])
    assert filled.cells[1][1].text == "1234"
    assert forms.entries_before(sample, parse_period("2026Q4"), None, form) == {(1, 1): "1234", (4, 1): "12"}


def _stands(session, form, period=Q3):
    [filled] = forms.filled_forms(session, period, numbers=[form.number])
    return lambda line, column: filled.text_at(line, column)


def test_two_people_at_the_same_form_keep_both_their_cells(sample):
    form = _form("AB-1")
    forms.save_entries(sample, Q3, None, form, {(1, 1): "1", (4, 1): "12"})
    seen = {(1, 1): "1", (4, 1): "12"}  # both opened the page now
    forms.save_entries(sample, Q3, None, form, {(1, 1): "1", (4, 1): "15"}, seen)
    forms.save_entries(sample, Q3, None, form, {(1, 1): "2", (4, 1): "12"}, seen)
    text = _stands(sample, form)
    assert (text(1, 1), text(4, 1)) == ("2", "15")


def test_the_second_at_the_same_cell_is_told_and_nothing_is_lost(sample):
    form = _form("AB-1")
    seen = {(1, 1): "", (4, 1): ""}
    forms.save_entries(sample, Q3, None, form, {(1, 1): "", (4, 1): "15"}, seen)
    with pytest.raises(StaleError, match="第 4 行“工作人员总数”的“县区局”刚被别人改为“15”") as caught:
        forms.save_entries(sample, Q3, None, form, {(1, 1): "7", (4, 1): "16"}, seen)
    assert caught.value.current == {"4:1": "15"}
    text = _stands(sample, form)
    assert (text(1, 1), text(4, 1)) == ("", "15")  # all or nothing
    forms.save_entries(sample, Q3, None, form, {(1, 1): "7", (4, 1): "16"}, seen | {(4, 1): "15"})
    text = _stands(sample, form)
    assert (text(1, 1), text(4, 1)) == ("7", "16")
    forms.save_entries(sample, Q3, None, form, {(4, 1): "16"}, seen)  # the same number twice is no quarrel
    assert forms.entries_before(sample, parse_period("2026Q4"), sample.offices()[0], form) == {}


def test_a_form_changed_by_two_is_refused_for_the_second(sample):
    source = _form("AB-2").source
    form_definitions.save(sample, "AB-2", source.replace("变动与结构情况", "变动情况"), 0)
    with pytest.raises(StaleError, match="刚被别人修改过"):
        form_definitions.save(sample, "AB-2", source.replace("变动与结构情况", "结构情况"), 0)
    known = next(one for one in form_definitions.known_forms(sample) if one.number == "AB-2")
    assert "变动情况" in known.definition.title
    form_definitions.save(sample, "AB-2", source.replace("变动与结构情况", "结构情况"), known.revision)
    known = next(one for one in form_definitions.known_forms(sample) if one.number == "AB-2")
    assert (known.revision, known.layer) == (2, "bureau")

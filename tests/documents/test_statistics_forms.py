import re
import subprocess

import pytest
import python_calamine

from bangjiao_desktop.documents.setting.typography import SANS, text_width, wrap
from bangjiao_desktop.domain.errors import CheckFailedError, StorageError
from bangjiao_desktop.domain.form_reader import built_in_forms
from bangjiao_desktop.domain.indicators import figure_text, indicators
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.figures import forms
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from tests.conftest import PASSWORD, USER
from tests.pdf import Pdf

MM = 72 / 25.4


@pytest.fixture(scope="module")
def filled(sample_template, tmp_path_factory):
    import shutil

    from bangjiao_desktop.services.base.session import Session
    from bangjiao_desktop.store.vault.opening import Entry

    folder = tmp_path_factory.mktemp("forms") / "vault"
    shutil.copytree(sample_template[0], folder)
    session = Session(Entry(folder, USER, sample_template[1]))
    found = forms.filled_forms(session, parse_period("2026Q3"))
    path = folder.parent / "forms.pdf"
    forms.forms_pdf(session, found, path)
    forms.forms_xlsx(session, found, folder.parent / "forms.xlsx")
    session.close()
    return found, path, folder.parent / "forms.xlsx"


def _lines(page):
    """Texts of a page by line: (top in mm, [(left, right, text)])."""
    return [(round(top / MM, 1), left / MM, right / MM, text.strip()) for left, _, right, top, text in page.pieces]


def test_nine_forms_each_on_one_a4_landscape_page(filled):
    document = Pdf(filled[1])
    assert len(document) == 9
    for page in document:
        assert page.millimetres == [297, 210]
    assert [item.title[:4] for item in document.outline] == [f"AB-{number}" for number in range(1, 10)]


def test_fonts_are_embedded_and_text_can_be_copied(filled):
    table = subprocess.run(["pdffonts", filled[1]], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert table
    for line in table:
        assert line.split()[-5:-2] == ["yes", "yes", "yes"], line  # embedded, subset, unicode
    text = subprocess.run(["pdftotext", "-layout", filled[1], "-"], capture_output=True, text=True, check=True).stdout
    for words in (
        "安置帮教对象变动与结构情况",
        "填报单位：秀洲区司法局",
        "2026年第三季度",
        "单位负责人：",
        "口径说明：",
        "〔约定〕",
    ):
        assert words in text
    assert filled[1].stat().st_size < 600 * 1024


def test_every_figure_stands_on_paper_beside_its_label(filled, expected):
    text = subprocess.run(["pdftotext", "-layout", filled[1], "-"], capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")
    wanted = expected["figures"]["2026Q3"]
    seen = set()
    for form, page in zip(filled[0], pages, strict=False):
        lines = {line.split()[0] + line.split()[1]: line.split() for line in page.splitlines() if len(line.split()) > 3}
        for row in form.definition.rows:
            if row.key in wanted and form.definition.number != "AB-9":
                words = lines[row.label.replace(" ", "") + str(row.line)]
                value = wanted[row.key]
                kind = indicators()[row.key].kind
                printed = f"{value * 100:.2f}%" if kind == "rate" else str(value)
                assert words[3] == printed, row.label
                seen.add(row.key)
    assert len(seen) > 80


def test_figures_are_right_aligned_to_a_tenth_of_a_millimetre(filled):
    page = Pdf(filled[1])[1]
    rights = [right for _, left, right, text in _lines(page) if text.isdigit() and left > 200]
    assert len(rights) >= 50
    columns = sorted({round(right) for right in rights})
    assert len(columns) == 2
    assert all(min(abs(right - column) for column in columns) < 0.6 for right in rights)


def test_the_office_columns_of_ab9_add_up(filled):
    form = filled[0][8]
    assert form.columns[0].header == "合计"
    offices = [place for place, column in enumerate(form.columns) if column.scope == "office"]
    assert len(offices) == 6
    for row, cells in zip(form.definition.rows, form.cells, strict=True):
        if row.key and indicators()[row.key].kind != "rate":
            assert sum(cells[place].value for place in offices) == cells[0].value


def test_xlsx_holds_the_same_figures_as_numbers(filled):
    workbook = python_calamine.CalamineWorkbook.from_path(str(filled[2]))
    assert workbook.sheet_names == [form.definition.number for form in filled[0]]
    for form in filled[0]:
        rows = workbook.get_sheet_by_name(form.definition.number).to_python()[5:]
        for row, cells, written in zip(form.definition.rows, form.cells, rows, strict=False):
            assert written[0].strip() == row.label
            for cell, value in zip(cells, written[3:], strict=False):
                if cell.value is not None:
                    assert value == pytest.approx(float(cell.value))
                    assert cell.text == figure_text(row.key, cell.value)


def test_a_failed_check_is_refused_unless_confirmed(sample, tmp_path):
    from sqlalchemy import text

    with sample.ledger.write() as connection:
        connection.execute(text("UPDATE episode SET handover_mode = NULL WHERE release_date >= '2026-07-01'"))
    found = forms.filled_forms(sample, parse_period("2026Q3"), numbers=["AB-3"])
    assert found[0].failures
    paper, workbook = tmp_path / "f.pdf", tmp_path / "f.xlsx"
    for write, path in ((forms.forms_pdf, paper), (forms.forms_xlsx, workbook)):
        with pytest.raises(CheckFailedError, match="已衔接等于各衔接情况之和"):
            write(sample, found, path)
        assert not path.exists()
        write(sample, found, path, confirmed=True)
        assert path.exists()
    page = Pdf(paper)[0].text
    assert "审核关系不成立，经确认后打印" in page


@pytest.mark.parametrize("write", [forms.forms_pdf, forms.forms_xlsx])
def test_a_file_and_its_entry_in_the_trail_are_both_there_or_neither(sample, tmp_path, write):
    found = forms.filled_forms(sample, parse_period("2026Q3"), numbers=["AB-2"])

    def entries():
        return audit_log.page(sample, AuditFilter(subject="statistics_forms"))

    with pytest.raises(StorageError, match="无法写入"):
        write(sample, found, tmp_path / "no" / "f", confirmed=True)
    assert entries() == []
    write(sample, found, tmp_path / "f", confirmed=True)
    assert (tmp_path / "f").exists()
    assert len(entries()) == 1


def test_many_offices_are_spread_over_pages(tmp_path):
    session, _ = create(tmp_path / "v", "大局", [f"第{number}司法所" for number in range(1, 21)], USER, PASSWORD)
    found = forms.filled_forms(session, parse_period("2026Q3"), numbers=["AB-9"])
    forms.forms_pdf(session, found, tmp_path / "f.pdf")
    texts = Pdf(tmp_path / "f.pdf").texts
    assert len(texts) == 3
    assert all("合计" in text for text in texts)
    assert all(sum(f"第{number}司法所" in text for text in texts) == 1 for number in range(1, 21))
    session.close()


def test_entries_are_carried_over_until_changed(empty):
    [form] = [one for one in built_in_forms() if one.number == "AB-1"]
    forms.save_entries(empty, parse_period("2026Q1"), None, form, {(4, 1): "12"})
    forms.save_entries(empty, parse_period("2026Q3"), None, form, {(4, 1): "15"})

    def cell(key):
        [found] = forms.filled_forms(empty, parse_period(key), numbers=["AB-1"])
        row = next(number for number, one in enumerate(form.rows) if one.line == 4)
        return found.cells[row][1].text

    assert [cell(key) for key in ("2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4")] == ["", "12", "12", "15", "15"]


def test_lines_break_where_chinese_may():
    text = "安置帮教（重点）工作，应当“尊重人格尊严”。帮教率为100.00%以上。"
    for width in range(40, 200, 7):
        lines = wrap(text, SANS, 10, width)
        assert "".join(lines) == text
        for line in lines:
            assert text_width(line, SANS, 10) <= width or len(line) <= 3
            assert line[0] not in "，。）”"
            assert line[-1] not in "（“" or line == lines[-1]


def test_a_portrait_form_with_column_codes_and_signatures_of_its_own(sample):
    from bangjiao_desktop.domain.form_reader import read_form

    source = (
        'number = "P"\ntitle = "竖表"\nunit = "人"\nlandscape = false\ncolumn_codes = true\nseal = false\n'
        'signatures = ["所长", "经办人"]\n[[column]]\nheader = "本期"\nscope = "current"\n'
        '[[column]]\nheader = "上期"\nscope = "previous"\n'
        + "".join(f'[[row]]\nlabel = "第{number}行"\nkey = "reg.end"\n' for number in range(1, 61))
    )
    [filled] = forms.fill_definitions(sample, parse_period("2026Q3"), None, [read_form(source, "p.toml")])
    document = Pdf(forms.draw(sample, [filled]))
    assert len(document) == 2
    texts = document.texts
    for page, text in zip(document, texts, strict=True):
        assert page.millimetres == [210, 297]
        assert re.search(r"甲\s+乙\s+丙\s+1\s+2\b", text)
    assert "竖表（续）" in texts[1]
    assert "（盖章）" not in texts[0]
    assert "所长：" in texts[1]
    assert "统计负责人" not in texts[1]
    found = [word for text in texts for word in re.findall(r"第(\d+)行", text)]
    assert found == [str(number) for number in range(1, 61)]


def test_the_second_page_compares_with_arrows(sample, expected):
    period = parse_period("2026Q3")
    found = forms.filled_forms(sample, period, numbers=["AB-2"], comparing=True)
    document = Pdf(forms.draw(sample, found, compare=True))
    assert len(document) == 2
    text = document[1].text
    now, before = (expected["figures"][key]["reg.end"] for key in ("2026Q3", "2026Q2"))
    change = now - before
    arrow = "▲" if change > 0 else "▼"
    line = next(line for line in text.splitlines() if line.startswith("期末在册 11"))
    assert line.split()[3:7] == [str(now), str(before), arrow, str(abs(change))]
    assert line.split()[7] == f"{abs(change) / before * 100:.2f}%"

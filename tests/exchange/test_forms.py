"""Official forms as XLSX, cell by cell against the independently reckoned figures, formulas reckoned anew."""

import re
import zipfile
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from bangjiao_desktop.domain.form_filling import cell_kind
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.exchange.forms import write_forms
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import forms
from bangjiao_desktop.store.vault.opening import Entry
from tests.conftest import USER

_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture(scope="module")
def session(sample_template):
    made = Session(Entry(sample_template[0], USER, sample_template[1]))
    yield made
    made.close()


def _sheets(path):
    """Sheet number → cell → (value, formula) as Excel would read them."""
    with zipfile.ZipFile(path) as archive:
        strings = [
            "".join(node.itertext())
            for node in ET.fromstring(archive.read("xl/sharedStrings.xml")).findall("m:si", _NS)
        ]
        names = sorted(
            (name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")),
            key=lambda name: int(re.search(r"\d+", name)[0]),
        )
        found = []
        for name in names:
            cells = {}
            for node in ET.fromstring(archive.read(name)).iter(f"{{{_NS['m']}}}c"):
                value, formula = node.find("m:v", _NS), node.find("m:f", _NS)
                text = None if value is None else value.text
                if node.get("t") == "s":
                    text = strings[int(text)]
                cells[node.get("r")] = (text, None if formula is None else formula.text)
            found.append(cells)
        return found


def _reckon(formula, cells):
    """Evaluate what our formulas use: + - / ( ) SUM(range), IFERROR(ROUND(x, n), text)."""
    inner = re.fullmatch(r'IFERROR\(ROUND\((.+),(\d)\),"—"\)', formula)
    text = inner[1] if inner else formula

    def number(name):
        return f"Decimal('{cells[name][0]}')"

    def total(found):
        letters = [chr(code) for code in range(ord(found[1]), ord(found[3]) + 1)]
        return "(" + "+".join(number(f"{letter}{found[2]}") for letter in letters) + ")"

    text = re.sub(r"SUM\(([A-Z])(\d+):([A-Z])\d+\)", total, text)
    text = re.sub(r"(?<!')\b([A-Z]\d+)\b", lambda found: number(found[1]), text)
    try:
        value = eval(text, {"Decimal": Decimal})
    except ArithmeticError:
        return "—"
    return value.quantize(Decimal(10) ** -int(inner[2])) if inner else value


@pytest.mark.parametrize("key", ["2026Q1", "2026Q2", "2026Q3", "2026H1", "2025"])
def test_every_cell_of_a_period_equals_the_expected_figure(session, expected, tmp_path, key):
    wanted = expected["figures"][key]
    filled = forms.filled_forms(session, parse_period(key))
    path = tmp_path / "f.xlsx"
    write_forms(path, filled)
    seen, formulas = set(), 0
    for form, cells in zip(filled, _sheets(path), strict=True):
        for number, (row, line) in enumerate(zip(form.definition.rows, form.cells, strict=True), start=6):
            if row.group:
                continue
            assert cells[f"A{number}"][0].strip() == row.label
            assert cells[f"B{number}"][0] == str(row.line)
            for place, cell in enumerate(line):
                value, formula = cells.get(f"{chr(ord('D') + place)}{number}", ("", None))
                if formula is not None:
                    formulas += 1
                    reckoned = _reckon(formula, cells)
                    if reckoned == "—":
                        assert value == "—"
                    else:
                        assert reckoned == pytest.approx(Decimal(value), abs=Decimal("0.00005")), (
                            form.definition.number,
                            row.label,
                        )
                if cell.key in wanted and form.columns[place].scope in ("current", "total"):
                    known = wanted[cell.key]
                    if known is None:
                        assert value == "—"
                    else:
                        assert Decimal(value) == pytest.approx(Decimal(str(known)), abs=Decimal("0.00001"))
                    seen.add(cell.key)
    assert set(wanted) == seen  # every figure stands on a form
    assert formulas > 60


def test_every_figure_of_every_period_is_printed_on_paper(session, expected, tmp_path):
    """The PDF of each period, read back as text by row, holds the expected figure in the first figure column."""
    import subprocess

    for key, wanted in expected["figures"].items():
        filled = forms.filled_forms(session, parse_period(key))
        path = tmp_path / f"{key}.pdf"
        path.write_bytes(forms.draw(session, filled))
        text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
        checked = 0
        for form, page in zip(filled, text.split("\f"), strict=False):
            lines = {}
            for line in page.splitlines():
                words = line.split()
                place = next((n for n, word in enumerate(words) if word.isdigit()), None)
                if place:
                    lines["".join(words[:place]), words[place]] = words
            for row, cells in zip(form.definition.rows, form.cells, strict=True):
                if row.key not in wanted:
                    continue
                words = lines[row.label.replace(" ", ""), str(row.line)]
                figure = words[words.index(str(row.line), 1) + 2]
                value = wanted[row.key]
                kind = cell_kind(row, cells[0])
                printed = (
                    "—" if value is None else f"{Decimal(str(value)) * 100:.2f}%" if kind == "rate" else str(value)
                )
                assert figure == printed, (key, form.definition.number, row.label)
                checked += 1
        assert checked > 100


def test_print_settings_and_layout_are_those_of_the_paper(session, tmp_path):
    path = tmp_path / "f.xlsx"
    write_forms(path, forms.filled_forms(session, parse_period("2026Q3")))
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
        book = archive.read("xl/workbook.xml").decode()
    assert 'orientation="landscape"' in sheet
    assert 'paperSize="9"' in sheet
    assert '<pageSetUpPr fitToPage="1"/>' in sheet  # one page wide and high, as on paper
    assert "fitToHeight" not in sheet
    assert "_xlnm.Print_Titles" in book
    assert "_xlnm.Print_Area" in book
    assert "&amp;P" in sheet


def test_a_form_with_several_heads_struck_and_computed_cells(session, tmp_path):
    from bangjiao_desktop.domain.form_reader import read_form

    source = (
        'number = "T"\ntitle = "试"\n[[column]]\nheader = "合计"\nscope = "current"\n'
        '[[column]]\nheader = "重点"\nabove = ["其中"]\nscope = "current"\n'
        '[[column]]\nheader = "一般"\nabove = ["其中"]\nscope = "current"\n'
        '[[row]]\nlabel = "在册"\nside = "结构"\ncells = ["=c2+c3", "reg.end.key", "reg.end.general"]\n'
        '[[row]]\nlabel = "说明"\nside = "结构"\ncells = ["x", "\'见附件", "reg.new"]\n'
    )
    filled = forms.fill_definitions(session, parse_period("2026Q3"), None, [read_form(source, "t.toml")])
    path = tmp_path / "f.xlsx"
    write_forms(path, filled)
    [cells] = _sheets(path)
    assert cells["F5"][0] == "其中"
    assert cells["F6"][0] == "重点"
    assert cells["A7"][0] == "结构"
    assert cells["E7"][1] == "(F7+G7)"
    assert Decimal(cells["E7"][0]) == filled[0].cells[0][0].value
    assert cells["F8"][0] == "见附件"

"""People released again, moved, judged anew: the figures of any past period are as they were (DOMAIN.md §5)."""

import json
import uuid
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.base.entrance import create
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.figures import statistics
from tests.conftest import DATA, PASSWORD, USER

EXPECTED = json.loads((DATA / "history.expected.json").read_text(encoding="utf-8"))
OFFICES = EXPECTED["figures_of_office"]
FLOWS = ("reg.begin", "reg.new", "reg.moved_in", "reg.closed", "reg.moved_out", "reg.end")


def test_every_figure_of_every_period_and_office_is_the_expected_one(history):
    for key, wanted in EXPECTED["figures"].items():
        found = statistics.json_figures(statistics.figures(history, parse_period(key)).total)
        assert {name: found[name] for name in wanted} == wanted, key
    offices = {one.name: one for one in history.offices()}
    for name, periods in OFFICES.items():
        for key, wanted in periods.items():
            found = statistics.json_figures(statistics.figures(history, parse_period(key), offices[name]).total)
            assert {one: found[one] for one in wanted} == wanted, (name, key)


def test_the_register_adds_up_in_every_office_and_period(history):
    for key in ("2021", "2022H1", "2023", "2024Q3", "2025M07", "2025", "2026Q1", "2026Q3"):
        found = statistics.figures(history, parse_period(key))
        for one in (found.total, *found.by_office.values()):
            begin, new, moved_in, closed, moved_out, end = (one[name] for name in FLOWS)
            assert begin + new + moved_in - closed - moved_out == end
            assert closed == sum(
                one[f"reg.closed.{why}"] for why in ("discharged", "died", "reimprisoned", "transferred", "other")
            )
        assert found.total["reg.moved_in"] == found.total["reg.moved_out"]


@pytest.mark.parametrize("key", ["2025", "2026Q2"])
def test_every_figure_is_explained_with_the_release_it_is_about(history, key):
    period = parse_period(key)
    for name, indicator in indicators().items():
        if indicator.kind == "rate":
            continue
        found = statistics.explain(history, period, name)
        assert found.total == found.value, name
        if found.subject == "person":
            assert all(row.episode >= 1 for row in found.rows)


def test_the_same_workbook_again_changes_nothing(history):
    again = import_file(history, DATA / "history.xlsx")
    assert all(one.added == one.updated == 0 for one in again.counts.values())
    assert again.changes == []


def test_export_import_export_is_the_same_cell_by_cell(history, tmp_path):
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    export_workbook(history, first)
    other, _ = create(tmp_path / "other", "局", ["某司法所"], USER, PASSWORD)
    assert import_file(other, first).rejected == []
    export_workbook(other, second)
    other.close()
    one, two = CalamineWorkbook.from_path(str(first)), CalamineWorkbook.from_path(str(second))
    assert one.sheet_names == two.sheet_names
    for name in one.sheet_names:
        assert one.get_sheet_by_name(name).to_python() == two.get_sheet_by_name(name).to_python(), name


def test_the_years_are_the_periods_one_by_one(history):
    last = parse_period("2026Q3")
    quarters = [last]
    while len(quarters) < 24:
        quarters.insert(0, quarters[0].previous())
    office = next(one for one in history.offices() if one.name in OFFICES)
    for whose in (None, office):
        found = statistics.years(history, quarters, whose)
        alone = [statistics.figures(history, one, whose) for one in quarters]
        assert [one.total for one in found] == [one.total for one in alone]
        assert [one.by_office for one in found] == [one.by_office for one in alone]
        assert len({one.total["reg.begin"] for one in found}) > 5
    apart = [parse_period("2021"), parse_period("2024Q1"), parse_period("2022")]  # none follows on the one before
    keys = ["reg.begin", "aid.rate", "place.by.01", "relief.persons"]
    told = statistics.years(history, apart, keys=keys)
    whole = [statistics.figures(history, one).total for one in apart]
    assert [one.total for one in told] == [{key: one[key] for key in keys} for one in whole]


def test_the_years_of_what_there_is_not(history):
    with pytest.raises(InvalidInputError, match=r"没有名为“reg\.nothing”的指标"):
        statistics.years(history, [parse_period("2025")], keys=["reg.nothing"])
    other = replace(history.offices()[0], id=uuid.uuid4())
    with pytest.raises(InvalidInputError, match="没有"):
        statistics.years(history, [parse_period("2025")], other)

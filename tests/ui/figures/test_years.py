"""历年: what the chart shows are the figures of the periods, and every bar opens into people."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from bangjiao_desktop.domain.indicators import figure_text, indicators
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.ui.figures.years_chart import Bar, YearsChart
from bangjiao_desktop.ui.figures.years_view import KEYS


@pytest.fixture
def years(qtbot, page):
    """The years of the register up to 2026Q3."""
    qtbot.mouseClick(page.years_shown, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(page.years.chart.bars) == 40, timeout=60_000)
    return page.years


def shown(qtbot, years, key, kind="Q"):
    years.figure.set_value(key)
    years.kind.set_value(kind)
    title = indicators()[key].label
    count = 40 if kind else 10
    qtbot.waitUntil(lambda: years.model.headers[1].startswith(title) and len(years.chart.bars) == count, timeout=60_000)
    return years.chart.bars


def test_bars_and_table_are_the_figures(qtbot, window, page, years):
    assert set(KEYS) <= set(indicators())
    assert not page.view.isVisible()
    assert not page.output.to_pdf.isVisible()
    for key, kind in (("reg.end", "Q"), ("aid.rate", "Q"), ("reg.new", "")):
        bars = shown(qtbot, years, key, kind)
        assert bars[-1].period.key == ("2026Q3" if kind else "2026")
        for bar in bars[-5:]:
            value = statistics.figures(window.session, bar.period).total[key]
            assert (bar.value, bar.text) == (value, figure_text(key, value))
        told = [tuple(one) for one in years.model.rows]
        assert told == [(bar.period.label, bar.text) for bar in reversed(bars)]


def test_a_rate_of_nobody_is_a_dash(qtbot, years):
    first = shown(qtbot, years, "aid.rate")[0]
    assert (first.value, first.text) == (None, "—")
    assert years.model.rows[-1][1] == "—"


def test_a_click_on_a_bar_opens_the_people_behind_it(qtbot, page, years, expected):
    bars = shown(qtbot, years, "reg.end.key")
    place = next(number for number, bar in enumerate(bars) if bar.period.key == "2026Q2")
    middle = years.chart.column(place).center()
    qtbot.mouseClick(years.chart, Qt.MouseButton.LeftButton, pos=QPoint(int(middle.x()), int(middle.y())))
    wanted = expected["figures"]["2026Q2"]["reg.end.key"]
    qtbot.waitUntil(lambda: page.panel.isVisible() and page.panel.model.rowCount() == wanted)
    assert years.chart.chosen == place


def test_keys_choose_a_bar_and_open_it(qtbot, page, years, expected):
    shown(qtbot, years, "reg.new")
    years.chart.setFocus()
    qtbot.keyClick(years.chart, Qt.Key.Key_Home)
    assert years.chart.chosen == 0
    qtbot.keyClick(years.chart, Qt.Key.Key_Left)
    assert years.chart.chosen == 0
    qtbot.keyClick(years.chart, Qt.Key.Key_End)
    qtbot.keyClick(years.chart, Qt.Key.Key_Left)
    assert "2026年第二季度" in years.chart.accessibleName()
    qtbot.keyClick(years.chart, Qt.Key.Key_Return)
    wanted = expected["figures"]["2026Q2"]["reg.new"]
    qtbot.waitUntil(lambda: page.panel.isVisible() and page.panel.model.rowCount() == wanted)


def test_one_office_and_back_to_the_forms(qtbot, window, page, years):
    everybody = years.chart.bars[-1].value
    page.scope.office.setCurrentIndex(2)
    office = page.scope.chosen_office
    qtbot.waitUntil(lambda: years.state.text().startswith(office.name), timeout=60_000)
    mine = statistics.figures(window.session, parse_period("2026Q3"), office).total["reg.end"]
    assert years.chart.bars[-1].value == mine < everybody
    qtbot.mouseClick(years.back, Qt.MouseButton.LeftButton)
    assert page.output.to_pdf.isVisible()
    assert page.view.isVisible()
    assert not years.isVisible()


def test_the_highest_bar_is_the_highest_figure(qtbot):
    chart = YearsChart()
    qtbot.addWidget(chart)
    chart.resize(600, 300)
    periods = [parse_period(str(year)) for year in range(2020, 2024)]
    bars = [Bar(one, value, str(value)) for one, value in zip(periods, (10, 40, 0, 20), strict=True)]
    chart.show_bars("期末在册", bars, rate=False)
    chart.choose(3)
    image = chart.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)

    def height(place):
        column = chart.column(place)
        x, bottom = int(column.center().x()), int(column.bottom()) - 2
        ground = image.pixel(int(column.left()) + 3, bottom)
        y = bottom
        while y > column.top() and image.pixel(x, y) != ground:
            y -= 1
        return bottom - y

    assert height(1) > 3 * height(0) > 0
    assert height(2) == 0
    assert chart.place_at(chart.column(2).center().x()) == 2
    assert chart.place_at(2) == -1


def test_the_people_beside_the_chart_are_those_of_what_it_shows(qtbot, page, years, expected):
    bars = shown(qtbot, years, "reg.end.key")
    place = next(number for number, bar in enumerate(bars) if bar.period.key == "2026Q2")
    middle = years.chart.column(place).center()
    qtbot.mouseClick(years.chart, Qt.MouseButton.LeftButton, pos=QPoint(int(middle.x()), int(middle.y())))
    qtbot.waitUntil(page.panel.isVisible)
    shown(qtbot, years, "reg.new")
    wanted = expected["figures"]["2026Q2"]["reg.new"]
    qtbot.waitUntil(lambda: page.panel.model.rowCount() == wanted and "本期新增" in page.panel._title.text())
    assert years.chart.bars[years.chart.chosen].period.key == "2026Q2"
    assert "2026年第二季度" in page.panel._definition.text()
    page.scope.office.setCurrentIndex(2)
    office = page.scope.chosen_office.name
    qtbot.waitUntil(lambda: page.panel._definition.text().startswith(office), timeout=60_000)
    page.panel.closed.emit()
    shown(qtbot, years, "reg.end")
    assert not page.panel.isVisible()  # nobody asked for it


def test_years_that_cannot_be_read_show_nobody(qtbot, page, years):
    shown(qtbot, years, "reg.new")
    page.explain_figure("reg.new")
    qtbot.waitUntil(page.panel.isVisible)
    years._fail("没有算出来")
    assert not page.panel.isVisible()

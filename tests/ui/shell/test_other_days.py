"""The window of a session that works by another day's clock shows that day everywhere."""

from datetime import date

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QCalendarWidget

from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.ui.printing.print_options import options_of


@pytest.mark.parametrize("day", [date(2026, 10, 8), date(2027, 1, 1)])
def test_the_window_shows_the_sessions_day(qtbot, make_window, demo_on, day):
    session = demo_on(day)
    window = make_window(session)
    window.show_page("today")
    page = window.page("today")
    known = duties.due(session, day)
    qtbot.waitUntil(lambda: page.model.rowCount() > 0, timeout=60_000)
    shown = {(duty.title, duty.due) for duty in page.model.rows}
    assert shown <= {(duty.title, duty.due) for duty in known}
    late = next((n for n, duty in enumerate(page.model.rows) if duty.due < day), None)
    if late is not None:
        text = page.model.index(late, 0).data(Qt.ItemDataRole.DisplayRole)
        assert text == f"逾期 {(day - page.model.rows[late].due).days} 天"
    assert page.aside.calendar.selectedDate() == QDate(day.year, day.month, day.day)
    qtbot.waitUntil(lambda: page.aside.title.text() == f"{period_of(day).so_far(day).label}指标", timeout=60_000)

    window.show_page("statistics")
    ended = period_of(day).previous()
    statistics = window.page("statistics")
    assert statistics.period == ended
    [period] = [one for one in options_of("forms", session) if one.name == "period"]
    assert period.choices[0][0] == ended.key


def test_an_empty_days_calendar_opens_on_the_sessions_day(qtbot, make_window, demo_on):
    window = make_window(demo_on(date(2027, 1, 1)))
    window.show_page("today")
    window.desk.open_record("office_report")
    dialog = window.desk.dialog
    field = next(one for one in dialog.form.fields.values() if hasattr(one, "_pick"))
    field.set_value(None)
    field._open()
    assert field.findChild(QCalendarWidget).selectedDate() == QDate(2027, 1, 1)
    field._popup.close()

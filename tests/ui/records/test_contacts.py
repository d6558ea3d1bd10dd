"""A visit that met nobody is recorded with three keys; who refuses or is lost is seen wherever the person is."""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit.theme import theme
from bangjiao_desktop.ui.people.timeline import Timeline


@pytest.fixture
def window(make_window, demo_session):
    return make_window(demo_session)


def a_visit_due(session):
    return next(one for one in duties.due(session) if one.kind == "visit" and not one.tried)


def test_a_visit_that_met_nobody_is_enter_alt_2_enter(qtbot, window, demo_session, settle):
    due = a_visit_due(demo_session)
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page._loaded, timeout=120_000)
    places = [
        number
        for number in range(page.kinds.count())
        if page.kinds.item(number).data(Qt.ItemDataRole.UserRole) == due.rule.key
    ]
    page.kinds.setCurrentRow(places[0])
    row = next(number for number, one in enumerate(page.shown()) if one.subject.id == due.subject.id)
    page.table.selectRow(row)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    dialog = window.desk.dialog
    asked = list(dialog.form.fields)
    assert asked[:3] == ["happened_on", "method", "outcome"]
    assert dialog.form.fields["outcome"].value() == "01"
    qtbot.waitUntil(dialog.isActiveWindow, timeout=60_000)
    qtbot.keyClick(dialog.form.fields["place"].edit, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert dialog.form.fields["outcome"].value() == "02"
    qtbot.keyClick(dialog.form.fields["place"].edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=60_000)
    settle(window)
    [still] = [one for one in page.shown() if one.subject.id == due.subject.id]
    assert still.tried.endswith("上门未遇到，共 1 次")
    place = page.shown().index(still)
    assert page.model.index(place, 2).data() == f"{still.title}：{still.tried}"
    page.table.selectRow(place)
    assert page._rule.text().startswith(f"{still.tried}。{still.rule.rule}")


def test_what_came_of_a_contact_stands_in_list_and_timeline_with_word_and_mark(qtbot, window, demo_session, settle):
    person = duties.person_key(a_visit_due(demo_session))
    values = {"happened_on": date.today(), "method": "03", "outcome": "04"}
    work.save(demo_session, "support_record", work.blank(demo_session, "support_record", person).row() | values)
    window.show_page("assist")
    records = window.page("assist").current
    settle(window)
    column = next(number for number, one in enumerate(records.model.columns) if one.field == "outcome")
    row = next(
        number for number in range(records.model.rowCount()) if records.model.record(number).record.outcome == "04"
    )
    assert column == 4  # beside the day, the person and how it was done
    cell = records.model.index(row, column)
    assert cell.data() == "电话不通"
    assert not cell.data(Qt.ItemDataRole.DecorationRole).isNull()
    assert cell.data(Qt.ItemDataRole.ForegroundRole) == theme().colour("soon")
    everything = work.count(demo_session, WorkFilter("support_record"))
    missed = {
        code: work.count(demo_session, WorkFilter("support_record", codes={"outcome": code}))
        for code in ("01", "02", "03", "04", "05")
    }
    assert sum(missed.values()) == everything  # who left it empty met them
    records.filters.choose("outcome", "04")
    settle(window)
    assert records.model.rowCount() == missed["04"] == 1
    window.open_person(person)
    settle(window)
    told = [event for event in people.story(demo_session, person).events if event.mark == "电话不通"]
    assert [(event.kind, event.tone) for event in told] == [("support_record", "soon")]
    assert window.page("person").findChild(Timeline) is not None


def test_who_refuses_and_who_is_lost_is_seen_on_the_person_on_the_day_and_in_the_list(
    qtbot, window, demo_session, settle
):
    # people of the register, neither of whom stands apart yet
    on = demo_session.today()
    apart = [
        one.id
        for which in ("refused", "lost")
        for one in people.page(demo_session, LedgerFilter(apart=which, on=on)).rows
    ]
    first, second = [
        one.id for one in people.page(demo_session, LedgerFilter(status="registered")).rows if one.id not in apart
    ][:2]
    day = on - timedelta(days=2)
    for kind, key, values in (
        ("refusal", first, {"refused_on": day, "written": True}),
        ("lost_contact", second, {"found_on": day, "kind": "02"}),
    ):
        work.save(demo_session, kind, work.blank(demo_session, kind, key).row() | values)
    window.open_person(first)
    settle(window)
    head = window.page("person").head
    assert (head._refusing.text(), head._refusing.isVisible()) == (f"拒绝帮教 {day} 起", True)
    assert not head._lost.isVisible()
    window.open_person(second)
    settle(window)
    assert (head._lost.text(), head._lost.isVisible()) == (f"失联 {day} 起", True)
    assert not head._refusing.isVisible()
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page.apart["state.lost"].isVisibleTo(page), timeout=60_000)
    assert page.apart["state.refused"].text() == "拒绝帮教 1"
    qtbot.mouseClick(page.apart["state.refused"], Qt.MouseButton.LeftButton)
    statistics = window.page("statistics")
    qtbot.waitUntil(statistics.panel.isVisible, timeout=60_000)
    window.show_page("ledger")
    window.ledger.filters.choose("apart", "lost")
    settle(window)
    shown = {window.ledger.model.person(number).id for number in range(window.ledger.model.rowCount())}
    assert second in shown
    assert first not in shown
    assert shown == {one.id for one in people.page(demo_session, LedgerFilter(apart="lost")).rows}


def test_a_refusal_that_is_asked_again_is_the_one_there_is(qtbot, window, demo_session, settle):
    on = demo_session.today()
    person = people.page(demo_session, LedgerFilter(status="registered")).rows[-1]
    begun = work.blank(demo_session, "refusal", person.id).row()
    key = work.save(demo_session, "refusal", begun | {"refused_on": on - timedelta(days=1), "written": True})
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: any(one.kind == "refusal_told" for one in page.shown()), timeout=120_000)
    page.table.selectRow(next(number for number, one in enumerate(page.shown()) if one.kind == "refusal_told"))
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    dialog = window.desk.dialog
    assert (dialog.kind.key, dialog.identifier) == ("refusal", key)
    for name in ("village_told_on", "family_told_on"):
        dialog.form.fields[name].set_value(on)
    dialog.save()
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=60_000)
    settle(window)
    assert not any(one.kind == "refusal_told" for one in page.shown())

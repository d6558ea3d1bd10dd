"""The duty of the receiving office opens the move itself, ready to be accepted today."""

from datetime import date
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect

from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.ui.kit.theme import theme
from bangjiao_desktop.ui.records.duty_opening import open_duty
from bangjiao_desktop.ui.records.opening import read_record
from bangjiao_desktop.ui.records.record_dialog import RecordDialog


def test_the_duty_opens_the_move_ready_to_be_accepted(empty):
    settings.add_office(empty, "乙司法所")
    number = "33041119800101001"
    values = {
        "identity_number": number + check_character(number), "name": "周平", "category": "01", "risk": "02",
        "office_id": empty.offices()[0].id, "release_date": date(2025, 3, 1), "handover_date": date(2025, 3, 5),
        "handover_mode": "06",
    }  # fmt: skip
    person = people.save_person(empty, values)
    told = {"transferred_on": empty.today(), "direction": "03", "to_unit": "乙司法所"}
    key = work.save(empty, "transfer", {"person_id": person, **told})
    [duty] = [one for one in duties.due(empty) if one.kind == "receive"]
    asked = []
    assert open_duty(duty, lambda kind, **more: asked.append((kind, more)))
    [(kind, more)] = asked
    assert (kind, more["identifier"], more["person_id"]) == ("transfer", key, person)
    shown = read_record(empty, kind, **more).record
    assert (shown.word("state"), shown.accepted_on, shown.revision) == ("已接收", empty.today(), 1)
    work.save(empty, kind, shown.row(), identifier=key, revision=shown.revision)
    assert people.brief(empty, person).office_name == "乙司法所"
    assert read_record(empty, kind, **more).record.accepted_by == empty.user


def test_a_move_is_returned_without_taking_away_the_day_by_hand(qtbot, empty):
    settings.add_office(empty, "乙司法所")
    opening = read_record(empty, "transfer", preset={"direction": "03"})
    assert opening.suggestions["to_unit"] == ["某司法所", "乙司法所"]
    dialog = RecordDialog(empty, opening, None)
    qtbot.addWidget(dialog)
    state, day = dialog.form.fields["state"], dialog.form.fields["accepted_on"]
    for code, shown in (("02", empty.today()), ("03", None), ("02", empty.today()), ("01", None)):
        state.set_value(code)
        state.changed.emit()
        assert day.value() == shown
    state.set_value("02")
    day.set_value(date(2026, 7, 6))
    state.changed.emit()
    assert day.value() == date(2026, 7, 6)
    dialog.form.load(dialog.form.values())


@pytest.mark.parametrize("height", [460, 520])
def test_what_is_wrong_at_the_lower_edge_comes_into_sight(qtbot, qapp, empty, height):
    """The reason of a return, the last of a form that is scrolled: its frame and the words below it are both seen."""
    theme().apply(qapp, dark=False)
    dialog = RecordDialog(empty, read_record(empty, "transfer", preset={"direction": "03"}), None)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.resize(720, height)
    form = dialog.form

    def seen(one):
        place = QRect(one.mapTo(form.viewport(), QPoint(0, 0)), one.size())
        return form.viewport().rect().contains(place)

    def told(name):
        return seen(form._faults[name]) and seen(form.fields[name])

    for name in (*list(form.fields)[-2:], next(iter(form.fields))):
        form.verticalScrollBar().setValue(0)
        form.show_faults({name: "请写明为什么退回，退回的原因会告诉移出的司法所；写一句话就可以"})
        qtbot.waitUntil(partial(told, name), timeout=2000)
        qtbot.wait(50)
        assert told(name)

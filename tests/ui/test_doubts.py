"""What is doubtful is said in amber before it is saved; people without a number are entered and shown."""

from datetime import date

import pytest
from PySide6.QtCore import Qt

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import edit_dialog
from bangjiao_desktop.ui.people.person_head import PersonHead
from bangjiao_desktop.ui.records.opening import read_person, read_record
from bangjiao_desktop.ui.records.person_dialog import PersonDialog
from bangjiao_desktop.ui.records.record_dialog import RecordDialog
from tests.conftest import DATA

FANG = "330411198005150037"


@pytest.fixture
def entering(qtbot, empty):
    """The dialog for somebody new, with what must be filled in."""
    dialog = PersonDialog(empty, read_person(empty), None)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.form.set_values({"name": "沈方舟", "release_date": date(2026, 7, 1), "office": empty.offices()[0].id})
    yield dialog
    dialog.hide()


def below(dialog, field):
    return dialog.form._faults[field]


def test_what_is_doubtful_is_said_once_and_saved_all_the_same(entering, empty):
    entering.form.set_values({"identity_number": FANG, "handover_date": date(2026, 7, 2)})
    entering.save()
    assert below(entering, "handover_mode").text() == "填了衔接日期，没有衔接情况：报表里按衔接情况分列时不计"
    assert below(entering, "handover_mode").property("tone") == "soon"
    assert below(entering, "handover_mode").isVisible()
    assert entering.save_button.text() == "仍然保存"
    assert people.count(empty, LedgerFilter()) == 0
    entering.save()
    assert people.count(empty, LedgerFilter()) == 1
    assert not entering.isVisible()


class Watch:
    """A clock of the test, so that a slow machine presses as quickly as a quick one."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.mark.parametrize("key", [None, Qt.Key.Key_Return])
def test_pressing_again_at_once_has_not_read_what_is_doubtful(qtbot, entering, empty, monkeypatch, key):
    watch = Watch()
    monkeypatch.setattr(edit_dialog, "now", watch)

    def press():
        if key is None:
            qtbot.mouseClick(entering.save_button, Qt.MouseButton.LeftButton)
        else:
            qtbot.keyClick(entering, key)
        watch.seconds += 0.2

    entering.form.set_values({"identity_number": FANG, "handover_date": date(2026, 7, 2)})
    for _ in range(12):  # a triple click, and a key that is held down
        press()
    assert entering.isVisible()
    assert entering.save_button.text() == "仍然保存"
    assert below(entering, "handover_mode").isVisible()
    assert people.count(empty, LedgerFilter()) == 0
    watch.seconds += edit_dialog.READING
    press()
    assert not entering.isVisible()
    assert people.count(empty, LedgerFilter()) == 1


def test_another_value_is_looked_at_anew(entering, empty):
    entering.form.set_values({"identity_number": FANG, "handover_date": date(2026, 7, 2)})
    entering.save()
    entering.form.set_values({"handover_date": None, "handover_mode": "05"})
    assert entering.save_button.text() == "保存"
    entering.save()
    assert below(entering, "handover_date").text() == "填了衔接情况，没有衔接日期：此人还不算已衔接"
    assert people.count(empty, LedgerFilter()) == 0
    entering.form.set_values({"handover_date": date(2026, 6, 1)})
    entering.save()
    assert below(entering, "handover_date").property("tone") == "overdue"  # before the release: a fault, not a doubt
    assert entering.save_button.text() == "保存"
    entering.form.set_values({"handover_date": date(2026, 7, 2)})
    entering.save()
    assert people.count(empty, LedgerFilter()) == 1


def test_a_record_that_is_doubtful_is_asked_about_too(qtbot, sample):
    person = people.page(sample, LedgerFilter(status="registered")).rows[0]
    saved = []
    dialog = RecordDialog(sample, read_record(sample, "support_record", person_id=person.id), None)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.saved.connect(saved.append)
    dialog.form.set_values({"content": "走访", "abnormal": True})
    dialog.save()
    assert below(dialog, "measures").text() == "有异常时请写明处理情况"
    assert below(dialog, "measures").property("tone") == "soon"
    assert saved == []
    dialog.save()
    assert work.read(sample, "support_record", saved[0]).abnormal is True


@pytest.mark.parametrize(("typed", "remarks"), [("无", ""), ("待补", ""), ("护照 E12345678", "护照：E12345678")])
def test_somebody_without_a_number_is_entered(entering, empty, typed, remarks):
    entering.form.set_values({"identity_number": typed})
    entering.save()
    assert not entering.isVisible()
    found = people.brief(empty, people.page(empty, LedgerFilter()).rows[0].id)
    assert found.identity_number == "临时01-0001"
    assert (found.birth_date, found.remarks) == (None, remarks)


def test_a_provisional_number_is_shown_as_such_and_replaced(qtbot, empty, entering):
    entering.form.set_values({"identity_number": "待补"})
    entering.save()
    assert not entering.isVisible()
    identifier = people.page(empty, LedgerFilter()).rows[0].id
    head = PersonHead(empty, lambda *_: None)
    qtbot.addWidget(head)
    head.show_story(people.story(empty, identifier), in_force(empty).criteria, numbers=False)
    assert "临时01-0001（临时编号" in head.numbers.text()
    assert "出生日期未填" in head._basics.text()
    dialog = PersonDialog(empty, read_person(empty, identifier), None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.head.text().endswith("临时编号，有了身份证号请在这里补上")
    dialog.form.set_values({"identity_number": FANG})
    dialog._derive()
    dialog.save()
    assert not dialog.isVisible()
    found = people.brief(empty, identifier)
    assert (found.identity_number, found.birth_date, found.sex) == (FANG, date(1980, 5, 15), "1")


def test_odd_papers_are_shown_in_the_ledger(make_window, empty):
    import_file(empty, DATA / "cases" / "odd-ids.xlsx")
    window = make_window(empty)
    window.show_page("ledger")
    rows = [window.ledger.model.person(number) for number in range(window.ledger.model.rowCount())]
    provisional = [one for one in rows if one.identity_number.startswith("临时")]
    assert len(provisional) >= 5
    place = rows.index(provisional[0])
    shown = [
        str(window.ledger.model.index(place, column).data() or "")
        for column in range(window.ledger.model.columnCount())
    ]
    assert provisional[0].identity_number in shown
    assert not any("None" in text for text in shown)
    window.open_person(provisional[0].id)

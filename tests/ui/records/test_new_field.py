"""A new field of a person: its class, its table and its heading are enough for the dialog to ask for it."""

from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.services.people import people
from bangjiao_desktop.ui.records import person_dialog
from bangjiao_desktop.ui.records.opening import read_person
from bangjiao_desktop.ui.records.person_dialog import PersonDialog


def test_a_yes_or_no_that_no_section_names_is_asked_and_kept(qtbot, monkeypatch, sample):
    """`prison_warning` as if it were new: no list of the window knows it any more."""
    without = tuple(
        (title, tuple(name for name in names if name != "prison_warning")) for title, names in person_dialog._SECTIONS
    )
    monkeypatch.setattr(person_dialog, "_SECTIONS", without)
    dialog = PersonDialog(sample, read_person(sample), None)
    qtbot.addWidget(dialog)
    assert set(Person.specs()) <= set(dialog.form.fields)
    fields = dialog.form.fields
    fields["identity_number"].set_value("330411198001015006")
    fields["name"].set_value("周平")
    fields["release_date"].set_value(sample.today())
    fields["prison_warning"].set_value(True)
    with qtbot.waitSignal(dialog.saved) as told:
        dialog.save()
    assert people.brief(sample, told.args[0]).prison_warning is True
    assert kind_of("person").column("prison_warning").header == "监所评估有重新违法犯罪倾向"

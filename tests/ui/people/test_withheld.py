"""What the law seals of itself on a person's page and in the form: opened on purpose, and only then (治安管理处罚法 136)."""

import pytest
from PySide6.QtCore import Qt

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.ui.records.person_dialog import PersonDialog


@pytest.fixture
def page(qtbot, window, sample, settle):
    """The page of somebody of whom drug use is recorded."""
    person = people.page(sample, LedgerFilter(status="registered")).rows[0]
    values = people.brief(sample, person.id).row() | {"drug_history": True}
    people.save_person(sample, values, identifier=person.id, revision=person.revision)
    window.open_person(person.id)
    settle(window)
    return window.page("person")


def opened(session):
    """How often something the law seals was opened."""
    lines = audit_log.page(session, audit_log.AuditFilter(subject="withheld"), limit=100)
    return len(lines)


def form(qtbot, window, page):
    page.edit()
    qtbot.waitUntil(lambda: isinstance(window.desk.dialog, PersonDialog) and window.desk.dialog.isVisible())
    return window.desk.dialog


def test_the_form_shows_it_only_after_it_was_opened_on_the_page(qtbot, window, sample, page):
    before = opened(sample)
    dialog = form(qtbot, window, page)
    assert "drug_history" not in dialog.form.fields
    assert opened(sample) == before  # to put a telephone right opens nothing
    dialog.form.set_values({"remarks": "改了备注"})
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: people.brief(sample, page.person_id).remarks == "改了备注")
    assert people.brief(sample, page.person_id).drug_history  # what the form did not show is kept
    page.head.withheld_wanted.emit()
    qtbot.waitUntil(lambda: opened(sample) == before + 1)
    qtbot.waitUntil(lambda: page._withheld)
    dialog = form(qtbot, window, page)
    assert dialog.form.fields["drug_history"].value() is True
    assert opened(sample) == before + 2

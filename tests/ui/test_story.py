"""One person from the release notice to the discharge, through the real widgets."""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt

from bangjiao_desktop.domain.dates import add_years
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from bangjiao_desktop.ui.records.person_dialog import PersonDialog
from bangjiao_desktop.ui.records.record_dialog import RecordDialog

NUMBER = "411627196912126552"
TODAY = date.today()
RELEASE = add_years(TODAY - timedelta(days=1), -5)  # so that the term ended yesterday, on any day of a leap year too


@pytest.fixture
def desk(qtbot, make_window, empty, settle):
    """A window on an empty vault, and filling the dialog that is open."""
    window = make_window(empty)

    def fill(expected=RecordDialog, **values):
        dialog = window.desk.dialog
        assert isinstance(dialog, expected)
        for name, value in values.items():
            dialog.form.fields[name].set_value(value)
        qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
        assert not dialog.isVisible(), (dialog.fault.text(), dialog.form.values())
        settle(window)

    return window, fill


def due(qtbot, window):
    """The duties of the day's page, once it is reckoned (F5)."""
    window.show_page("today")
    page = window.page("today")
    page._loaded = False
    window.reload()
    qtbot.waitUntil(lambda: page._loaded, timeout=120_000)
    return {duty.kind: number for number, duty in enumerate(page.shown())}


def handle(qtbot, window, kind):
    """Take up a duty as a person does: mark it, press the button."""
    place = due(qtbot, window)[kind]
    page = window.page("today")
    page.table.selectRow(place)
    qtbot.mouseClick(page._act, Qt.MouseButton.LeftButton)


def test_from_the_release_notice_to_the_discharge(qtbot, desk, settle):
    window, fill = desk
    session = window.session
    # entered by hand: the number fills sex and birth date
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    dialog = window.desk.dialog
    qtbot.keyClicks(dialog.form.fields["identity_number"].edit, NUMBER)
    assert dialog.form.fields["birth_date"].value() == date(1969, 12, 12)
    fill(PersonDialog, name="沈秀志", release_date=RELEASE, offence="盗窃罪", prison="东湖监狱", escort_required=True)
    page = window.page("person")
    assert page.name.text() == "沈秀志"
    person_id = page.person_id
    # pre-release information, to be verified
    notice = RELEASE - timedelta(days=30)
    page.record("release_notice")
    fill(received_on=notice, sender="东湖监狱", planned_release_on=RELEASE)
    assert {"verify", "notify", "not_arrived", "escort"} <= set(due(qtbot, window)) | {"notify"}
    handle(qtbot, window, "verify")
    fill(verification="02", verified_on=notice + timedelta(days=3), receipt_on=notice + timedelta(days=3))
    assert "verify" not in due(qtbot, window)
    # fetched from the prison, and received
    handle(qtbot, window, "escort")
    fill(escorted_on=RELEASE, place="东湖监狱门口", staff="所长", headcount=4)
    window.open_person(person_id)
    window.desk.open_person(person_id, arrival=True)
    fill(PersonDialog, handover_date=RELEASE, handover_mode="03", caseworker="周立新", residence_address="和平路1号")
    page.record("handover_step")
    fill(done_on=notice + timedelta(days=1), kind="01")
    assert {"escort", "not_arrived", "notify"}.isdisjoint(due(qtbot, window))
    window.open_person(person_id)
    for model, values in (
        ("group_member", {"name": "马超", "kind": "03", "joined_on": RELEASE}),
        ("pairing", {"signed_on": RELEASE + timedelta(days=2), "helper": "马超"}),
        ("plan", {"made_on": RELEASE + timedelta(days=3), "goals": "一年内稳定就业"}),
        ("placement", {"placed_on": RELEASE + timedelta(days=20), "kind": "06", "employer": "某厂"}),
        ("relief", {"granted_on": RELEASE + timedelta(days=9), "kind": "06", "amount_fen": 100000}),
        ("need_action", {"acted_on": RELEASE + timedelta(days=9), "kind": "4", "content": "协助申请临时救助"}),
        ("handout", {"handed_on": RELEASE, "kind": "01"}),
        ("support_record", {"happened_on": RELEASE + timedelta(days=5), "method": "01", "content": "首次上门走访"}),
    ):
        page.record(model)
        fill(**values)
    # today: reviewed and visited, the need is met, and the term ends
    page.record("assessment")
    assessment = window.desk.dialog
    for item in assessment.form.items:
        assessment.choose(item.key, 0)
    assessment.occasion.set_value("03")
    assessment.save()
    settle(window)
    need = page._story.records["need"][0]
    assert need.status == "03"
    window.desk.open_record("need", identifier=need.id, person_id=person_id)
    fill(status="04", closed_on=TODAY)
    window.record_support()
    fill(content="期满前走访，表现良好")
    assert set(due(qtbot, window)) == {"discharge", "report"}
    handle(qtbot, window, "discharge")
    fill(review="期满评议：遵纪守法", opinion="同意解除", approval="同意", approver="李局长", approved_on=TODAY)
    assert "discharge" not in due(qtbot, window)
    person = people.page(session, LedgerFilter()).rows[0]
    assert (person.status, person.reason, person.changed_on) == ("closed", "01", TODAY)
    window.open_person(person_id)
    kinds = {event.kind for event in page._story.events}
    assert {"release_notice", "escort", "handover", "pairing", "plan", "placement", "relief", "need_action", "assessment",
            "support_record", "register_change"} <= kinds  # fmt: skip
    assert page.head.status.text() == f"期满解除 {TODAY}"
    assert audit_log.verify(session)[1] is None
    assert len(audit_log.page(session, AuditFilter(action="insert"))) >= 14


def test_a_record_is_deleted_and_taken_back_from_the_message(qtbot, desk):
    window, fill = desk
    window.desk.open_person()
    fill(PersonDialog, identity_number=NUMBER, name="沈秀志", release_date=RELEASE)
    page = window.page("person")
    page.record("plan")
    fill(goals="目标")
    event = next(one for one in page._story.events if one.kind == "plan")
    page.delete_event(event)
    assert "已删除帮教方案" in window.toast.text
    assert page._story.records["plan"] == []
    window.toast._act()
    assert len(page._story.records["plan"]) == 1
    page.delete_event(next(one for one in page._story.events if one.kind == "plan"))
    page.tabs.setCurrentIndex(page.tabs.count() - 1)
    page.deleted.table.selectRow(0)
    qtbot.mouseClick(page.deleted.restore, Qt.MouseButton.LeftButton)
    assert len(page._story.records["plan"]) == 1

"""推迟、不适用、从哪一天起提醒: decided, kept, undone, exported, seen by who may, forgotten with the next release."""

import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest

from bangjiao_desktop.domain.duty_rest import BEFORE, NOT_APPLICABLE, PUT_OFF
from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError, NotPermittedError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.exchange.import_undo import undo
from bangjiao_desktop.services.people import duties, duty_decisions, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log
from tests.conftest import PASSWORD
from tests.ledgers import as_role
from tests.services.people.test_contacts import back  # noqa: F401 (a fixture)
from tests.services.people.test_episodes import again, returned  # noqa: F401 (a fixture)

SAMPLES = Path(__file__).parents[2] / "data"


def late(session, kind="visit", count=1, on=None):
    chosen = [
        one for one in duties.due(session, on)
        if one.kind == kind and one.state == "overdue" and not one.subject.sealed
    ][:count]  # fmt: skip
    assert len(chosen) == count
    return chosen


def who(duties_told):
    return {(one.rule.key, one.subject.id, one.start) for one in duties_told}


def test_what_is_put_off_leaves_the_list_and_stays_to_be_seen_and_is_taken_back(demo_session):
    session = demo_session
    before = duties.told(session)
    chosen = late(session, count=3)
    until = session.today() + timedelta(days=9)
    made = duty_decisions.decide(session, chosen, "01", until, "  住院 ")
    told = duties.told(session)
    assert who(before.due) - who(told.due) == who(chosen)
    assert {(one.duty.state, one.duty.due, one.duty.note) for one in told.aside} == {(PUT_OFF, until, "住院")}
    assert {one.decision.id for one in told.aside} == set(made)
    story = people.story(session, chosen[0].subject.id)
    assert any(event.title == f"提醒处理：推迟到 {until}" and "住院" in event.text for event in story.events)
    work.delete_all(session, "duty_decision", made)
    assert duties.told(session) == before


def test_a_decision_can_be_changed_and_its_duty_cannot(demo_session):
    session = demo_session
    [key] = duty_decisions.decide(session, late(session), "02", None, "在外地")
    kept = work.read(session, "duty_decision", key)
    until = session.today() + timedelta(days=30)
    values = kept.row() | {"decision": "01", "until": until}
    work.save(session, "duty_decision", values, identifier=key, revision=kept.revision)
    [one] = duties.told(session).aside
    assert (one.duty.state, one.duty.due) == (PUT_OFF, until)


@pytest.mark.parametrize(
    ("decision", "days", "reason", "field"),
    [
        ("01", None, "住院", "until"), ("01", 0, "住院", "until"), ("01", -3, "住院", "until"), ("02", 5, "住院", "until"),
        ("02", None, " ", "reason"), ("", None, "住院", "decision"),
    ],
)  # fmt: skip
def test_a_decision_without_day_or_reason_is_refused_and_nothing_is_kept(demo_session, decision, days, reason, field):
    until = None if days is None else demo_session.today() + timedelta(days=days)
    with pytest.raises(InvalidRecordError) as refused:
        duty_decisions.decide(demo_session, late(demo_session, count=2), decision, until, reason)
    assert set(refused.value.faults) == {field}
    assert work.count(demo_session, WorkFilter("duty_decision")) == 0


def test_nothing_chosen_or_somebody_gone_is_refused(demo_session):
    with pytest.raises(InvalidInputError, match="请先选中"):
        duty_decisions.decide(demo_session, [], "02", None, "住院")
    [duty] = late(demo_session)
    gone = duty._replace(subject=duty.subject._replace(id=uuid.uuid4()))
    with pytest.raises(InvalidInputError, match="已不在台账中"):
        duty_decisions.decide(demo_session, [duty, gone], "02", None, "住院")
    assert work.count(demo_session, WorkFilter("duty_decision")) == 0


def test_reports_are_put_off_too(demo_session):
    reports = [one for one in duties.due(demo_session, date(2026, 10, 9)) if one.kind == "report"]
    assert reports
    on = demo_session.today()
    known = [one for one in duties.due(demo_session, on) if one.kind == "pending_list"]
    if known:
        duty_decisions.decide(demo_session, known, "02", None, "本月没有")
        assert not [one for one in duties.due(demo_session, on) if one.kind == "pending_list"]


def test_who_may_not_see_a_sealed_file_decides_nothing_about_it_and_sees_no_reason(demo_session):
    session = demo_session
    sealed = next(one for one in duties.due(session) if one.subject.sealed)
    listed = people.story(session, sealed.subject.id).person  # the demo's chief sees them
    about = sealed.subject
    assert (about.identity_number, about.name, about.caseworker) == (
        listed.identity_number, listed.name, listed.caseworker,
    )  # fmt: skip
    duty_decisions.decide(session, [sealed], "01", session.today() + timedelta(days=9), "在学校")
    worker = as_role(session, Role.WORKER)
    [one] = [one for one in duties.told(worker).aside if one.duty.subject.sealed]
    assert (one.duty.subject.id, one.duty.note, one.decision) == (None, "", None)
    with pytest.raises((NotPermittedError, InvalidInputError)):
        duty_decisions.decide(worker, [sealed], "02", None, "在学校")
    assert len(duties.due(session)) == len(duties.due(worker))


def test_a_decision_of_the_release_before_says_nothing_of_this_one(empty, returned):  # noqa: F811
    before = [one for one in duties.due(empty, date(2021, 3, 20)) if one.subject.id == returned]
    assert before
    for one in before:
        made = duty_decisions.decide(empty, [one], "03", None, "外地")
        [key] = made
        kept = work.read(empty, "duty_decision", key)
        work.save(empty, "duty_decision", kept.row() | {"decided_on": date(2021, 3, 20)}, identifier=key, revision=1)
    assert duties.told(empty, date(2021, 3, 20)).aside
    again(empty, returned)
    told = duties.told(empty, date(2026, 7, 20))
    assert told.aside == []
    assert {one.kind for one in told.due if one.subject.id == returned} >= {"card", "first_visit"}


def test_decisions_come_out_and_in_again_with_the_workbook(demo_session, tmp_path):
    chosen = late(demo_session, count=2)
    duty_decisions.decide(demo_session, chosen, "01", demo_session.today() + timedelta(days=9), "住院")
    export_workbook(demo_session, tmp_path / "all.xlsx")
    empty, _ = entrance.create(tmp_path / "other", "新局", ["新所"], "所长", PASSWORD)
    result = import_file(empty, tmp_path / "all.xlsx")
    assert result.counts["提醒处理"].accepted == 2
    assert {one.duty.start for one in duties.told(empty, demo_session.today()).aside} == {one.start for one in chosen}
    again_in = import_file(empty, tmp_path / "all.xlsx")
    assert (again_in.counts["提醒处理"].added, again_in.counts["提醒处理"].unchanged) == (0, 2)


def test_the_audit_trail_tells_what_was_decided_and_why(demo_session):
    duty_decisions.decide(demo_session, late(demo_session), "02", None, "在外地打工")
    newest = audit_log.page(demo_session, audit_log.AuditFilter())[0]
    assert newest.subject == "提醒处理"
    assert any("在外地打工" in line for line in newest.details)


def test_an_office_is_reminded_from_its_day(empty):
    import_file(empty, SAMPLES / "ledger.xlsx")
    day = empty.today()
    before = duties.told(empty)
    overdue = [one for one in before.due if one.state == "overdue"]
    assert len(overdue) > 800  # what the first morning looked like
    first = empty.offices()[0]
    duty_decisions.remind_from(empty, [first.id], day)
    told = duties.told(empty)
    assert not [one for one in told.due if one.state == "overdue" and one.subject.office_id == first.id]
    assert {one.state for one in told.before} == {BEFORE}
    assert {one.subject.office_id for one in told.before} == {first.id}
    untouched = {one.subject.office_id for one in told.due if one.state == "overdue"}
    assert untouched == {one.subject.office_id for one in overdue} - {first.id}
    duty_decisions.remind_from(empty, [first.id], None)
    assert duties.told(empty) == before
    with pytest.raises(InvalidInputError, match="不能晚于今天"):
        duty_decisions.remind_from(empty, [first.id], day + timedelta(days=1))


def test_a_first_import_may_begin_reminding_and_its_undo_leaves_no_people(empty):
    result = import_file(empty, SAMPLES / "ledger.xlsx", remind_from=empty.today())
    assert result.first_offices
    assert {one.remind_from for one in empty.offices()} == {empty.today()}  # also of the one that has nobody yet
    told = duties.told(empty)
    assert not [one for one in told.due if one.state == "overdue"]
    assert len(told.before) > 200
    second = import_file(empty, SAMPLES / "ledger.xlsx", remind_from=empty.today() - timedelta(days=30))
    assert second.first_offices == []  # they have people already
    assert {one.remind_from for one in empty.offices() if one.name in result.first_offices} == {empty.today()}
    undo(empty, [second.entries])
    with pytest.raises(InvalidInputError):
        import_file(empty, SAMPLES / "ledger.xlsx", remind_from=empty.today() + timedelta(days=1))


def test_an_import_that_began_reminding_is_taken_back_whole(empty):
    result = import_file(empty, SAMPLES / "ledger.xlsx", remind_from=empty.today())
    undo(empty, [result.entries])
    assert people.count(empty, LedgerFilter()) == 0


def test_before_can_be_dismissed_in_bulk(empty):
    import_file(empty, SAMPLES / "ledger.xlsx", remind_from=empty.today())
    before = duties.told(empty).before
    made = duty_decisions.decide(empty, before, "02", None, "建账前已办，未登记")
    assert len(made) == len(before)
    told = duties.told(empty)
    assert (told.before, {one.duty.state for one in told.aside}) == ([], {NOT_APPLICABLE})
    work.delete_all(empty, "duty_decision", made)
    assert len(duties.told(empty).before) == len(before)

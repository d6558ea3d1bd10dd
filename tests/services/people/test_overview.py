"""What was recorded lately and the trail: of many entries as few questions as of few, and nothing of sealed files."""

import pytest

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.people import overview, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from tests.counting import statements
from tests.ledgers import as_role


@pytest.fixture
def three(sample):
    """Three people with a visit and a placement each, just recorded."""
    found = people.page(sample, LedgerFilter(), limit=3).rows
    for person in found:
        for kind in ("support_record", "placement"):
            work.save(sample, kind, work.blank(sample, kind, person.id).row() | _typed(sample, kind))
    return found


def _typed(session, kind):
    today = session.today()
    if kind == "placement":
        return {"placed_on": today, "kind": "01", "employer": "云溪纺织有限公司"}
    return {"happened_on": today, "content": "在家"}


def test_recent_work_is_told_of_open_people_alone(sample, three):
    whole, sealed, _ = three
    people.save_person(sample, {**sealed.row(), "sealed": True}, identifier=sealed.id, revision=sealed.revision)
    worker = as_role(sample, Role.WORKER)
    told = overview.recent(worker, 500)
    named = {one.text for one in told if one.person_id == whole.id}
    assert {f"{whole.name} · 新增帮教记录", f"{whole.name} · 新增安置"} <= named
    assert sealed.id not in {one.person_id for one in told}
    assert sealed.id in {one.person_id for one in overview.recent(sample, 500)}
    assert [one.at for one in told] == sorted((one.at for one in told), reverse=True)


def test_recent_work_tells_nothing_of_people_who_were_deleted(sample):
    typed = {"name": "误录人", "identity_number": "待补", "release_date": sample.today()}
    gone = people.save_person(sample, people.blank_person(sample).row() | typed)
    assert gone in {one.person_id for one in overview.recent(sample, 500)}
    people.delete_person(sample, gone, people.brief(sample, gone).revision)
    assert gone not in {one.person_id for one in overview.recent(sample, 500)}


def test_many_entries_ask_for_each_kind_not_for_each_row(sample, three):
    readers = (
        (as_role(sample, Role.WORKER), overview.recent),
        (as_role(sample, Role.CHIEF), lambda session, limit: audit_log.page(session, AuditFilter(), limit=limit)),
    )
    for session, read in readers:
        read(session, 1)  # what is read once for all stays out of the count
        with statements() as sent:
            found = read(session, 200)
        assert len(found) == 200
        assert len(sent) < 40

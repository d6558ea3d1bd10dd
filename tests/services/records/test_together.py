"""One piece of work recorded for several people: all or none, taken back in one go."""

from datetime import date

import pytest

from bangjiao_desktop.domain.errors import InvalidInputError, NotPermittedError, RefusedLinesError
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import together, work
from bangjiao_desktop.services.upkeep import audit_log, verification
from tests.services.test_permissions import as_role


@pytest.fixture
def six(sample):
    return [one.id for one in people.page(sample, LedgerFilter(status="registered"), limit=6).rows]


def lines(session, keys, **values):
    begun = work.blank(session, "support_record").row() | {"method": "02", "content": "集中谈话"} | values
    return [begun | {"person_id": key, "office_id": None} for key in keys]


def count(session):
    return work.count(session, WorkFilter("support_record"))


def test_a_talk_with_six_is_six_records_of_one_transaction(sample, six):
    before = count(sample)
    entries = audit_log.page(sample, audit_log.AuditFilter(), limit=1)[0].sequence
    made = together.save_all(sample, "support_record", lines(sample, six))
    assert count(sample) == before + 6
    read = [work.read(sample, "support_record", key) for key in made]
    assert [one.person_id for one in read] == six
    offices = {one.id: one.office_id for one in people.page(sample, LedgerFilter(people=tuple(six))).rows}
    assert [one.office_id for one in read] == [offices[key] for key in six]
    assert {one.content for one in read} == {"集中谈话"}
    assert [one.revision for one in read] == list(made.values())
    told = audit_log.page(sample, audit_log.AuditFilter(subject="support_record"), limit=6)
    assert min(one.sequence for one in told) > entries
    work.delete_all(sample, "support_record", made)
    assert count(sample) == before
    assert verification.verify(sample).good


def test_what_is_wrong_with_one_is_told_and_none_is_saved(sample, six):
    before = count(sample)
    wanted = lines(sample, six)
    wanted[1]["content"] = wanted[4]["content"] = ""
    with pytest.raises(RefusedLinesError) as refused:
        together.save_all(sample, "support_record", wanted)
    assert {number: list(one) for number, one in refused.value.faults.items()} == {1: ["content"], 4: ["content"]}
    assert refused.value.remarks == {}
    assert count(sample) == before


def test_what_is_doubtful_is_told_and_saved_by_who_knows(sample, six):
    before = count(sample)
    wanted = lines(sample, six)
    wanted[2]["abnormal"] = True
    with pytest.raises(RefusedLinesError) as refused:
        together.save_all(sample, "support_record", wanted, knowing=False)
    assert (refused.value.faults, list(refused.value.remarks)) == ({}, [2])
    assert count(sample) == before
    assert len(together.save_all(sample, "support_record", wanted)) == 6


def test_a_sealed_file_among_them_is_refused_by_number(sample, six):
    row = people.for_editing(sample, six[3])
    sealed = {"sealed": True, "sealed_ground": "01", "sealed_on": sample.today(), "sealed_by": "某法院"}
    people.save_person(sample, row.row() | sealed, identifier=six[3], revision=row.revision)
    worker = as_role(sample, Role.WORKER)
    before = count(sample)
    with pytest.raises(RefusedLinesError) as refused:
        together.save_all(worker, "support_record", lines(worker, six))
    assert list(refused.value.faults) == [3]
    assert count(sample) == before
    worker.close()


def test_nobody_and_what_is_one_persons_own_are_refused(sample, six):
    with pytest.raises(InvalidInputError, match="请先选人"):
        together.save_all(sample, "support_record", [])
    with pytest.raises(InvalidInputError, match="不能几个人一起登记"):
        together.save_all(sample, "key_decision", lines(sample, six))
    reader = as_role(sample, Role.READER)
    with pytest.raises(NotPermittedError):
        together.save_all(reader, "support_record", lines(sample, six))
    reader.close()


def test_what_is_recorded_together_is_about_people_and_nothing_that_is_decided():
    kinds = [one for one in ledger_kinds() if one.together]
    assert {"support_record", "handout"} <= {one.key for one in kinds}
    for kind in kinds:
        facts = kind.record.KIND
        assert kind.personal
        assert (facts.decided, facts.asked, facts.of_release) == (False, False, False)
        assert facts.once is None or "person_id" in facts.once.fields
        assert all(column.type in ("code", "note") for column in kind.own)


def test_a_field_of_several_records_is_changed_and_taken_back(sample, six):
    made = list(together.save_all(sample, "support_record", lines(sample, six)))
    before = together.change_records(sample, "support_record", "worker", dict.fromkeys(made, "王和"))
    assert {work.read(sample, "support_record", key).worker for key in made} == {"王和"}
    assert set(before) == set(made)
    assert together.change_records(sample, "support_record", "worker", dict.fromkeys(made, "王和")) == {}
    together.change_records(sample, "support_record", "worker", before)
    assert [work.read(sample, "support_record", key).worker for key in made] == list(before.values())
    with pytest.raises(RefusedLinesError) as refused:
        together.change_records(sample, "support_record", "happened_on", dict.fromkeys(made, date(2099, 1, 1)))
    assert set(refused.value.faults) == set(range(6))
    for field in ("content", "person_id", "office"):
        with pytest.raises(InvalidInputError, match="不能批量修改"):
            together.change_records(sample, "support_record", field, dict.fromkeys(made, "x"))
    with pytest.raises(RefusedLinesError) as doubted:
        together.change_records(sample, "support_record", "abnormal", dict.fromkeys(made, True), knowing=False)
    assert set(doubted.value.remarks) == set(range(6))

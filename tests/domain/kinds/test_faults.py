"""What each kind refuses and doubts, one case a rule and the nearest case it lets pass; what few lists or papers ask."""

import dataclasses
import uuid
from datetime import date

import pytest

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.kinds.activity import Participation
from bangjiao_desktop.domain.kinds.need import Need, NeedAction
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Situation
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.kinds.relief import Relief
from bangjiao_desktop.domain.kinds.support_record import SupportRecord
from bangjiao_desktop.domain.kinds.transfer import Transfer

TODAY = date(2026, 10, 8)
DAY = date(2026, 5, 6)
RELEASED, TAKEN_OVER, TERM_END = date(2025, 3, 1), date(2025, 3, 5), date(2026, 6, 1)
FIRST = "33041119800101001"  # a man, born 1980-01-01
PERSON = Person(
    id=uuid.UUID(int=1), office_id=uuid.UUID(int=2), identity_number=FIRST + check_character(FIRST), name="周平", sex="1",
    birth_date=date(1980, 1, 1), category="01", risk="02", release_date=RELEASED, handover_date=TAKEN_OVER,
    handover_mode="06", term_end=TERM_END, residence_address="某路1号",
)  # fmt: skip
SEEN = Situation(TODAY, PERSON)
WRONG = FIRST + ("1" if check_character(FIRST) == "0" else "0")


@pytest.mark.parametrize(
    ("kind", "values", "faults"),
    [
        ("mediation", {"number": "TJ-1", "outcome": "01"}, {"closed_on": "已有结果，请填写结案日期"}),
        ("mediation", {"number": "TJ-1", "closed_on": DAY}, {"outcome": "已结案，请选择结果"}),
        ("mediation", {"number": "TJ-1", "outcome": "01", "closed_on": DAY}, {}),
        ("mediation", {"number": "TJ-1"}, {}),
        ("need", {"status": "04"}, {"closed_on": "需求已了结，请填写了结日期"}),
        ("need", {"status": "03", "closed_on": DAY}, {"closed_on": "需求还没有了结，不应填了结日期"}),
        ("need", {"status": "04", "closed_on": DAY}, {}),
        ("need", {"status": "01"}, {}),
        ("register_change", {"reason": "01", "changed_on": date(2026, 5, 31)}, {}),  # some count to the day before
        ("register_change", {"reason": "01"}, {}),
        ("register_change", {"reason": "02", "changed_on": DAY}, {}),  # who died does not wait for the end of the term
        ("support_record", {"method": "01", "content": " \n"},
         {"content": f"请写明{code_table('support_method').label('01')}内容"}),
        ("support_record", {"method": "01", "content": "在家"}, {}),
        ("support_record", {"method": "03"}, {}),  # a call need not be written out
        ("transfer", {"direction": "02", "to_unit": " "}, {"to_unit": "请填写接收单位"}),
        ("transfer", {"direction": "03"}, {"to_unit": "请填写接收单位"}),
        ("transfer", {"direction": "04", "to_unit": "乙所"}, {"to_address": "请填写新居住地"}),
        ("transfer", {"direction": "04", "to_address": "某路2号"}, {}),
        ("transfer", {"direction": "02", "to_unit": "外县", "transferred_on": date(2025, 3, 4)},
         {"transferred_on": "转出日期不能早于衔接日期（2025-03-05）"}),
        ("transfer", {"direction": "02", "to_unit": "外县", "transferred_on": TAKEN_OVER}, {}),
        ("transfer", {"direction": "02", "to_unit": "外县"}, {}),
        ("escort", {"escorted_on": date(2025, 2, 28)}, {"escorted_on": "接送日期不能早于释放日期（2025-03-01）"}),
        ("escort", {"escorted_on": RELEASED}, {}),
        ("key_decision", {"suggested": "01", "decision": "02", "reason": "\t"},
         {"reason": "认定结果与系统建议不同，请写明理由"}),
        ("key_decision", {"suggested": "01", "decision": "02", "reason": "已戒毒"}, {}),
        ("key_decision", {"suggested": "01", "decision": "01"}, {}),
        ("release_notice", {"verification": "02"}, {"verified_on": "已有核查结果，请填写核查日期"}),
        ("release_notice", {"verification": "03", "verified_on": DAY}, {"reason": "查无此人或退回的，请写明原因"}),
        ("release_notice", {"verification": "02", "verified_on": DAY}, {}),
        ("release_notice", {"verification": "01"}, {}),
        ("refusal", {"asked_on": DAY, "withdrawn_on": date(2026, 5, 5)},
         {"asked_on": "撤回（2026-05-05）以后不再征询，请核对日期"}),
        ("refusal", {"asked_on": DAY, "withdrawn_on": DAY}, {}),
        ("refusal", {"withdrawn_on": DAY}, {}),
        ("refusal", {"asked_on": DAY}, {}),
    ],
)  # fmt: skip
def test_what_a_kind_refuses_and_what_it_lets_pass(kind, values, faults):
    seen = dataclasses.replace(SEEN, follows=True)
    assert record_class(kind).of(values).faults(seen) == faults


def test_a_transfer_without_knowing_the_person_is_not_held_against_a_handover():
    away = Transfer(transferred_on=date(2020, 1, 1), direction="02", to_unit="外县")
    assert away.faults(Situation(TODAY, follows=True)) == {}


def test_a_discharge_of_somebody_whose_term_was_not_reckoned_is_left_to_the_office():
    change = record_class("register_change").of({"reason": "01", "changed_on": date(2020, 1, 1)})
    assert change.doubts(Situation(TODAY, dataclasses.replace(PERSON, term_end=None))) == {}
    assert change.doubts(Situation(TODAY)) == {}
    assert "早于这一天" in change.doubts(Situation(TODAY, PERSON))["changed_on"]


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, {}),
        ({"sex": "2"}, {"sex": f"性别与公民身份号码不符（号码为{code_table('sex').label('1')}）"}),
        ({"birth_date": date(1981, 1, 1)}, {"birth_date": "出生日期与公民身份号码不符（号码为 1980-01-01）"}),
        ({"birth_date": None, "sex": "0"}, {}),
        ({"handover_date": date(2026, 10, 9)}, {"handover_date": "衔接日期不能晚于今天"}),
        ({"handover_date": date(2025, 2, 28)}, {"handover_date": "衔接日期不能早于释放日期（2025-03-01）"}),
        ({"handover_date": RELEASED}, {}),
        ({"release_date": None}, {}),  # asked for where presence is checked
        ({"release_date": date(2031, 10, 9), "handover_date": None},
         {"release_date": "释放日期（2031-10-09）在 5 年以后，请核对"}),
        ({"release_date": date(1979, 1, 1), "handover_date": None},
         {"release_date": "释放日期（1979-01-01）早于出生日期（1980-01-01）"}),
        ({"release_date": date(1993, 12, 31), "handover_date": None},
         {"release_date": "释放时只有 13 岁，请核对释放日期和公民身份号码"}),
        ({"release_date": date(1994, 1, 1), "handover_date": None}, {}),
    ],
)  # fmt: skip
def test_what_a_person_cannot_be(changed, faults):
    assert dataclasses.replace(PERSON, **changed).faults(SEEN) == faults


def test_nobody_is_taken_over_after_leaving():
    left = dataclasses.replace(SEEN, left_on=date(2025, 3, 4))
    assert PERSON.faults(left) == {"handover_date": "衔接日期不能晚于解除或变动日期（2025-03-04）"}
    assert PERSON.faults(dataclasses.replace(left, left_on=TAKEN_OVER)) == {}


def test_a_wrong_number_is_told_and_says_nothing_of_sex_and_birth():
    wrong = dataclasses.replace(PERSON, identity_number=WRONG, sex="2", birth_date=date(1990, 1, 1))
    faults = wrong.faults(SEEN)
    assert set(faults) == {"identity_number"}
    young = dataclasses.replace(wrong, release_date=date(2001, 1, 1), handover_date=None)
    assert young.faults(SEEN)["release_date"] == "释放时只有 11 岁，请核对释放日期和公民身份号码"


@pytest.mark.parametrize(
    ("changed", "doubts"),
    [
        ({}, {}),
        ({"release_date": date(2027, 10, 9), "handover_date": None, "handover_mode": None},
         {"release_date": "释放日期（2027-10-09）在一年以后，请核对"}),
        ({"release_date": date(2027, 10, 8), "handover_date": None, "handover_mode": None}, {}),
        ({"identity_number": "临时01-0001", "birth_date": date(1920, 1, 1)},
         {"release_date": "释放时已 105 岁，请核对释放日期和公民身份号码"}),
        ({"identity_number": "临时01-0001", "birth_date": None}, {}),
        ({"identity_number": "临时01-0001", "birth_date": date(2007, 3, 2)}, {"age_at_offence": "释放时还不满18周岁，犯罪时也不满：请填写犯罪时年龄，按规定封存"}),
        ({"identity_number": "临时01-0001", "birth_date": date(2007, 3, 2), "age_at_offence": 16}, {}),
        ({"identity_number": "临时01-0001", "birth_date": date(2007, 3, 1)}, {}),  # eighteen on the day
        ({"handover_date": None}, {"handover_date": "填了衔接情况，没有衔接日期：此人还不算已衔接"}),
        ({"handover_mode": None}, {"handover_mode": "填了衔接日期，没有衔接情况：报表里按衔接情况分列时不计"}),
    ],
)  # fmt: skip
def test_what_is_doubtful_about_a_person(changed, doubts):
    assert dataclasses.replace(PERSON, **changed).doubts(SEEN) == doubts


def test_what_a_person_is_completed_with():
    number = PERSON.identity_number
    assert Person.completed({"identity_number": number, "sex": None}) == {
        "identity_number": number, "sex": "1", "birth_date": date(1980, 1, 1), "category": "01", "risk": "02",
    }  # fmt: skip
    given = {"identity_number": number, "sex": "2", "birth_date": DAY, "category": "02", "risk": "01"}
    assert Person.completed(given) == given  # what is said stays, right or wrong: the check tells
    assert Person.completed({"identity_number": ""}) == {
        "identity_number": "", "sex": "0", "category": "01", "risk": "02"
    }  # fmt: skip


def test_a_visit_with_trouble_and_nothing_done_is_doubted():
    trouble = SupportRecord(method="03", abnormal=True, measures=" ")
    assert trouble.doubts(SEEN) == {"measures": "有异常时请写明处理情况"}
    assert dataclasses.replace(trouble, measures="已报告").doubts(SEEN) == {}
    assert dataclasses.replace(trouble, abnormal=False).doubts(SEEN) == {}


def test_fears_are_told_in_words():
    first, second = code_table("fear").codes[:2]
    [event] = SupportRecord(method="01", content="谈话", fears=f"{first},{second}").events(TODAY)
    labels = [code_table("fear").label(one) for one in (first, second)]
    assert event.text == f"谈话 · 四怕：{'、'.join(labels)}"


def test_the_sort_of_a_record_in_a_word():
    assert SupportRecord(method="01").sort() == code_table("support_method").label("01")
    assert Relief(kind="01").sort() == code_table("relief_kind").label("01")
    assert record_class("escort").of({"staff": "李四"}).sort() == ""


def test_a_record_as_its_row_is_kept():
    values = Need(kind="1", status="02", since_on=DAY, person_id=uuid.UUID(int=3), revision=4)
    row = {**values.__dict__, "deleted_at": None}
    kept = Need.kept(row)
    assert (kept.kind, kept.revision, kept.day, kept.word("kind")) == ("1", 4, DAY, code_table("need_kind").label("1"))
    assert kept.faults(SEEN) == {}


def test_what_brings_nothing_about():
    assert NeedAction(acted_on=DAY, kind="1").follows(None) == ()
    assert Participation().follows(PERSON) == ()  # of no activity: refused where presence is checked
    assert Transfer(direction="02", to_unit="外县").follows(None) == ()
    assert Transfer(direction="01", to_unit="外县").follows(PERSON) == ()
    assert Relief(kind="01").follows(PERSON) == ()
    assert Relief(kind="01").recounted([]) == {}


def test_what_a_record_is_called_where_its_kind_says_nothing_of_its_own():
    relief = Relief(granted_on=DAY, kind="01", amount_fen=50000)
    assert relief.called() == f"2026-05-06 · {code_table('relief_kind').label('01')} · 500.00 元"
    assert Relief().called() == ""


def test_a_home_visit_that_nobody_answered_by_telephone_is_doubtful():
    seen = Situation(TODAY)
    visit = SupportRecord.of({"method": "01", "happened_on": DAY, "outcome": "04"})
    assert "方式请选“电话”" in visit.doubts(seen)["outcome"]
    assert SupportRecord.of({"method": "03", "happened_on": DAY, "outcome": "04"}).doubts(seen) == {}
    assert (visit.sort(), SupportRecord.of({"method": "01", "happened_on": DAY}).sort()) == ("走访 · 电话不通", "走访")

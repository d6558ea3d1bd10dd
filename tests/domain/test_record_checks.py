"""What is asked of every field by what it holds: type, presence, code, length, day; one case a rule and its neighbour."""

import dataclasses
import uuid
from datetime import date, datetime

import pytest

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import DoubtfulRecordError
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Situation
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.domain.record_checks import check_record, require_known, wrong_types
from bangjiao_desktop.domain.value_checks import codes_in_order, name_said, value_fault

TODAY = date(2026, 10, 8)
DAY = date(2026, 5, 6)
PERSON = Person(name="周平", release_date=date(2025, 3, 1), handover_date=date(2025, 3, 5))
SEEN = Situation(TODAY, PERSON)


def checked(kind, seen=SEEN, /, **values):
    return check_record(record_class(kind).of(values), seen)


@pytest.mark.parametrize(
    ("kind", "field", "value", "told"),
    [
        ("support_record", "happened_on", "2026-05-06", "日期应为日期，现在给的不是"),
        ("support_record", "happened_on", datetime(2026, 5, 6), "日期应为日期，现在给的不是"),
        ("support_record", "happened_on", DAY, None),
        ("support_record", "happened_on", "", None),
        ("support_record", "abnormal", 2, "是或否"),
        ("support_record", "abnormal", 1, None),
        ("support_record", "abnormal", True, None),
        ("support_record", "content", 17, "文字"),
        ("activity", "returnees", True, "整数"),
        ("activity", "returnees", 1.5, "整数"),
        ("activity", "returnees", 2**63, "整数"),
        ("activity", "returnees", 2**63 - 1, None),
        ("activity", "office_id", "某所", "责任单位应为台账中的键，现在给的不是"),
        ("relief", "amount_fen", "500", "整数（分）"),
        ("participation", "activity_id", "HD-1", "台账中的记录"),
        ("participation", "activity_id", uuid.UUID(int=1), None),
        ("participation", "person_id", 5, "人员应为台账中的键，现在给的不是"),
        ("participation", "person_id", uuid.UUID(int=1), None),
    ],
)
def test_what_comes_from_outside_may_be_anything(kind, field, value, told):
    faults = wrong_types(kind_of(kind), {field: value})
    assert set(faults) == ({field} if told else set())
    assert told is None or told in faults[field]


@pytest.mark.parametrize(
    ("kind", "values", "faults"),
    [
        ("support_record", {"method": "01", "content": "在家"}, {"happened_on": "请填写日期"}),
        ("support_record", {"happened_on": date(2026, 10, 9), "method": "03"}, {"happened_on": "日期不能晚于今天"}),
        ("support_record", {"happened_on": TODAY, "method": "03"}, {}),
        ("support_record", {"happened_on": DAY, "method": "03", "next_on": date(2026, 5, 5)},
         {"next_on": "约定下次日期不能早于日期（2026-05-06）"}),
        ("support_record", {"happened_on": DAY, "method": "03", "next_on": DAY}, {}),
        ("register_change", {"changed_on": date(2025, 3, 4), "reason": "02"},
         {"changed_on": "日期不能早于衔接日期（2025-03-05）"}),
        ("register_change", {"changed_on": date(2025, 3, 5), "reason": "02"}, {}),
        ("support_record", {"happened_on": DAY, "method": "03", "place": "长" * 21}, {"place": "地点最多 20 个字，现有 21 个"}),
        ("support_record", {"happened_on": DAY, "method": "03", "place": "长" * 20}, {}),
        ("support_record", {"happened_on": date(1825, 1, 1), "method": "03"}, {"happened_on": "日期超出 1900 年至 2100 年的范围"}),
        ("activity", {"held_on": DAY, "kind": "77"}, {"kind": "类别不在代码表内"}),
        # what the kind asks comes beside it, and where a field is at fault itself, that is said
        ("mediation", {"number": "TJ-1", "outcome": "01"},
         {"accepted_on": "请填写受理日期", "closed_on": "已有结果，请填写结案日期"}),
        ("escort", {"escorted_on": date(1825, 1, 1), "staff": "李四"}, {"escorted_on": "接送日期超出 1900 年至 2100 年的范围"}),
    ],
)  # fmt: skip
def test_what_every_field_is_asked(kind, values, faults):
    found = checked(kind, dataclasses.replace(SEEN, lengths={"place": 20}), **values).faults
    assert found == faults


def test_a_text_of_a_kind_that_names_no_length_ends_somewhere():
    assert set(checked("support_record", happened_on=DAY, method="01", content="长" * 20_001).faults) == {"content"}
    assert checked("support_record", happened_on=DAY, method="01", content="长" * 20_000).faults == {}


def test_work_before_the_release_is_doubted_and_kept():
    early = checked("support_record", happened_on=date(2025, 2, 1), method="03")
    assert early.faults == {}
    assert early.remarks == {"happened_on": "2025-02-01 早于释放日期（2025-03-01），请核对"}
    assert checked("support_record", happened_on=date(2025, 3, 1), method="03").remarks == {}
    assert checked("support_record", Situation(TODAY), happened_on=date(2025, 2, 1), method="03").remarks == {}
    # no work with the person: a handover's paper may well be older than the release
    assert checked("handover_step", stepped_on=date(2025, 2, 1)).remarks == {}


def test_what_is_refused_is_not_doubted_beside():
    found = checked("support_record", happened_on=date(2025, 2, 1), method="03", next_on=date(2025, 1, 1))
    assert (set(found.faults), set(found.remarks)) == ({"next_on"}, {"happened_on"})
    late = dataclasses.replace(SEEN, today=date(2025, 1, 1))
    found = checked("support_record", late, happened_on=date(2025, 2, 1), method="03")
    assert (set(found.faults), set(found.remarks)) == ({"happened_on"}, set())


@pytest.mark.parametrize(
    ("typed", "remarked"), [("13800001111", False), ("无", False), ("1.38E+10", True), ("123", True)]
)
def test_spoilt_telephones_are_remarked(typed, remarked):
    found = checked("person", identity_number="临时01-0001", name="周平", release_date=DAY, telephone=typed)
    assert ("telephone" in found.remarks) == remarked
    assert "telephone" not in found.faults


def test_a_name_is_measured_as_it_will_be_kept():
    seen = dataclasses.replace(SEEN, lengths={"name": 3})
    person = {"identity_number": "临时01-0001", "release_date": DAY}
    assert checked("person", seen, name="\u202a周平平\u202c", **person).faults == {}
    assert checked("person", seen, name="周平平平", **person).faults == {"name": "姓名最多 3 个字，现有 4 个"}
    assert checked("person", seen, name="无", **person).faults == {"name": "请填写姓名"}


def test_who_saves_is_asked_to_look_at_new_doubts_alone():
    require_known({}, {})
    require_known({"measures": "有异常时请写明处理情况"}, {"measures": "（旧的）"})
    with pytest.raises(DoubtfulRecordError) as caught:
        require_known({"measures": "甲", "telephone": "乙"}, {"measures": "甲"})
    assert caught.value.remarks == {"telephone": "乙"}


@pytest.mark.parametrize(
    ("text", "required", "said"),
    [
        ("李四", True, "李四"), ("无", True, ""), ("/", False, ""), ("NA", True, "NA"), ("不详", True, "不详"),
        ("不详", False, ""), ("未知", False, ""), ("", True, ""),
    ],
)  # fmt: skip
def test_what_names_nobody(text, required, said):
    assert name_said(text, required=required) == said


def test_several_codes_stand_in_the_order_of_their_table():
    first, second, *_ = code_table("fear").codes
    assert codes_in_order("fear", f"{second}, {first},{second},,98") == f"{first},{second},98"
    assert codes_in_order("fear", "") == ""


@pytest.mark.parametrize(
    ("kind", "field", "value", "words"),
    [
        ("person", "name", "李\u202e四", "看不见的控制字符"),
        ("person", "name", "李四", None),
        ("person", "sex", "7", "不在代码表内"),
        ("person", "sex", "1", None),
        ("person", "sex", None, None),
        ("support_record", "fears", "98", "的“98”不在代码表内"),
        ("support_record", "fears", code_table("fear").codes[0], None),
        ("activity", "returnees", -1, "不能小于 0"),
        ("activity", "returnees", 10**7, "不能大于 9999999"),
        ("activity", "returnees", 0, None),
        ("relief", "amount_fen", -1, "不能小于 0"),
        ("relief", "amount_fen", 10**12, "应小于 100 亿元"),
        ("relief", "amount_fen", 10**12 - 1, None),
        ("relief", "granted_on", date(1825, 1, 1), "日期超出 1900 年至 2100 年的范围"),
        ("relief", "granted_on", DAY, None),
        ("relief", "kind", "", None),
    ],
)
def test_what_a_single_value_cannot_be(kind, field, value, words):
    found = value_fault(kind_of(kind).column(field), value)
    assert found is None if words is None else words in found, found

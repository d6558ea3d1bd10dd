"""Each kind of record by itself: what it holds, begins with, brings about, and how a timeline tells it."""

import dataclasses
import uuid
from datetime import date

import pytest

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.criteria_reader import criteria
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.activity import Activity, Participation
from bangjiao_desktop.domain.kinds.need import Need, NeedAction
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.placement import Placement
from bangjiao_desktop.domain.kinds.record import Beginning, Ensured, PersonChanged, Pointed, Recounted, Situation
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.kinds.registry import KINDS, record_class
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.kinds.transfer import Transfer
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.store.reads.records import MODELS

TODAY = date(2026, 10, 8)
DAY = date(2026, 5, 6)
PERSON = Person(
    id=uuid.UUID(int=1), revision=3, office_id=uuid.UUID(int=2), name="周平", category="01", risk="02",
    release_date=date(2025, 3, 1), handover_date=date(2025, 3, 5), handover_mode="06", prison="某监狱",
    term_end=date(2030, 3, 1), residence_address="某路1号",
)  # fmt: skip
_KEPT_BESIDE = {"id", "office_id", "person_id", "created_at", "updated_at", "revision", "deleted_at"}
_DERIVED = {
    "person": {"term_end", "name_pinyin", "episode_id", "episode_number", "offence_chapter"}, "placement": {"on_roster"},
    "register_change": {"episode_id"}, "standing": {"episode_id", "valid_from", "valid_until"},
}  # fmt: skip


@pytest.mark.parametrize("kind", ledger_kinds(), ids=lambda kind: kind.key)
def test_class_table_and_headings_have_the_same_fields(kind):
    """A field is in three places: its class, its table (with a migration), its heading; one alone is told here."""
    table = MODELS[kind.key].__table__
    assert set(kind.record.specs()) == {column.name for column in table.c} - _KEPT_BESIDE - _DERIVED.get(
        kind.key, set()
    )
    for name, spec in kind.record.specs().items():
        column, empty = table.c[name], kind.record.empty(name)
        assert column.nullable == (empty is None) or (spec.required and empty is None), (kind.key, name)
        if spec.type in ("code", "codes"):
            assert code_table(spec.table).codes
        assert not spec.after or kind.record.specs()[spec.after].type == "date"
    facts = kind.record.KIND
    assert facts.name == kind.key
    assert {*facts.summary, *((facts.day,) if facts.day else ()), *(facts.once.fields if facts.once else ())} <= {
        *kind.record.specs(), "person_id", "episode_id"
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.KIND.once])
def test_a_row_about_what_may_be_once_finds_the_one_there_is(name):
    """The import changes what a row's match finds; one that it did not find would stand twice."""
    facts = KINDS[name].KIND
    assert facts.match is not None
    assert {*facts.match, *(() if facts.about == "nobody" else ("person_id",))} <= set(facts.once.fields)


@pytest.mark.parametrize("name", KINDS)
def test_a_record_comes_back_from_its_own_values(name):
    record = record_class(name)
    empty = record.of({})
    assert record.of(empty.values()) == empty
    assert record.of(dict.fromkeys(record.specs(), "")) == empty
    assert set(empty.values()) <= set(empty.row())
    assert ("person_id" in empty.row()) == (record.KIND.about != "nobody")
    with pytest.raises(dataclasses.FrozenInstanceError):
        empty.revision = 2
    assert empty.faults(Situation(TODAY)).keys() <= set(record.specs())
    assert empty.doubts(Situation(TODAY)).keys() <= set(record.specs())
    told = {
        Person: [],
        Standing: [],
    }  # without a release somebody is in prison; a standing is told beside the one before
    assert [event.opens for event in empty.events(TODAY)] == told.get(record, [name])
    if record is Person:
        assert [event.opens for event in record.of({"release_date": TODAY}).events(TODAY)] == ["", ""]


def test_an_unknown_kind_is_told():
    with pytest.raises(InvalidInputError, match="没有名为“nix”的记录种类"):
        record_class("nix")


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        ("support_record",
         {"happened_on": DAY, "method": "01", "form": "01", "place": "家中", "content": "情绪低落", "abnormal": True,
          "measures": "已报告", "worker": "李四", "next_on": date(2026, 6, 1)},
         [(DAY, "done", True, "异常", "情绪低落 · 处理：已报告 · 下次：2026-06-01 · 帮教人：李四")]),
        ("support_record", {"happened_on": DAY, "method": "03"}, [(DAY, "done", False, "", "")]),
        ("placement", {"placed_on": DAY, "kind": "06", "employer": "某厂", "ended_on": TODAY},
         [(DAY, "done", False, "", "某厂"), (TODAY, "sealed", False, "", "某厂")]),
        ("relief", {"granted_on": DAY, "kind": "01", "amount_fen": 123450},
         [(DAY, "soon", False, "", f"{code_table('relief_kind').label('01')} · 1234.50 元")]),
        ("reoffence", {"happened_on": DAY, "reoffence_class": "1", "offence": "盗窃罪"},
         [(DAY, "overdue", True, "", "盗窃罪")]),
        ("lost_contact", {"found_on": DAY, "kind": "02", "outcome": "01"},
         [(DAY, "overdue", True, "", f"{code_table('lost_kind').label('02')} · {code_table('lost_outcome').label('01')}")]),
        ("handout", {"handed_on": DAY, "kind": "01", "copies": 2, "title": "手册"},
         [(DAY, "muted", False, "", "手册 · 2 份")]),
        ("assessment", {"assessed_on": DAY, "form": "评估表", "band": "低风险", "score": 4},
         [(DAY, "accent", False, "", "评估表 · 4 分")]),
        ("need", {"since_on": DAY, "kind": "1", "status": "02", "content": "住房"},
         [(DAY, "soon", False, "", f"{code_table('need_kind').label('1')} · {code_table('need_status').label('02')} · 住房")]),
    ],
)  # fmt: skip
def test_how_a_timeline_tells_it(kind, values, told):
    events = record_class(kind).of(values).events(TODAY)
    assert [(one.on, one.tone, one.alarming, one.mark, one.text) for one in events] == told
    assert all(one.title and one.opens == kind for one in events)


def test_a_part_in_an_activity_is_told_on_the_activitys_day():
    [event] = Participation.of({"employer": "某厂", "pointed": Pointed("2026-05-06 招聘", DAY)}).events(TODAY)
    assert (event.on, event.title, event.text) == (DAY, "参加活动", "2026-05-06 招聘 · 某厂")


def test_a_persons_own_days():
    assert [(one.kind, one.on, one.text) for one in PERSON.events(TODAY)] == [
        ("release", date(2025, 3, 1), "某监狱"), ("handover", date(2025, 3, 5), code_table("handover_mode").label("06")),
        ("term_end", date(2030, 3, 1), ""),
    ]  # fmt: skip
    assert PERSON.events(date(2030, 3, 1))[-1].text == "期限已到"
    assert len(dataclasses.replace(PERSON, handover_date=None).events(TODAY)) == 2


def test_what_a_new_record_begins_with():
    seen = Beginning(TODAY, tuple(criteria()))
    assert record_class("commission_report").begins(PERSON, seen) == {"period": "2026Q4"}
    assert record_class("office_report").begins(None, seen) == {"period": "2026Q3"}
    assert Transfer.begins(PERSON, seen) == {"from_address": "某路1号"}
    key = record_class("key_decision").begins(dataclasses.replace(PERSON, sanwu=True), seen)
    assert key == {"criteria": "三无人员", "suggested": "01", "decision": "01"}
    assert record_class("key_decision").begins(None, seen) == {} == record_class("relief").begins(PERSON, seen)


def test_what_follows_from_a_decision():
    decision = record_class("key_decision").of({"decided_on": DAY, "decision": "01"})
    assert decision.follows(PERSON) == (PersonChanged({"risk": "01"}),)
    assert decision.follows(dataclasses.replace(PERSON, risk="01")) == (PersonChanged({"risk": "01"}),)
    assert decision.follows(None) == ()


def test_what_follows_from_a_transfer():
    away = Transfer(transferred_on=DAY, direction="02", to_unit="外县司法局")
    left = RegisterChange(
        person_id=PERSON.id, office_id=PERSON.office_id, changed_on=DAY, reason="04", destination="外县司法局"
    )
    assert away.follows(PERSON) == (Ensured(left),)
    within = Transfer(transferred_on=DAY, direction="03", to_unit="乙司法所", to_address="某路2号")
    assert within.follows(PERSON) == (PersonChanged({"residence_address": "某路2号"}, office="乙司法所"),)
    assert Transfer(transferred_on=DAY, direction="04", to_address="某路3号").follows(PERSON) == (
        PersonChanged({"residence_address": "某路3号"}),
    )


def test_what_a_transfer_cannot_do_now_and_could_then():
    now = Situation(TODAY, PERSON, offices=("甲司法所",), follows=True)
    then = dataclasses.replace(now, follows=False)
    elsewhere = Transfer(transferred_on=DAY, direction="03", to_unit="乙司法所")
    assert (set(elsewhere.faults(now)), elsewhere.doubts(now)) == ({"to_unit"}, {})
    assert (elsewhere.faults(then), set(elsewhere.doubts(then))) == ({}, {"to_unit"})
    away = Transfer(transferred_on=date(2025, 3, 2), direction="02", to_unit="外县")
    assert set(away.faults(now)) == {"transferred_on"}
    assert set(away.faults(dataclasses.replace(now, left_on=DAY))) == {"direction"}
    assert away.faults(dataclasses.replace(now, saved=True)) == {}


def test_what_is_done_for_a_need_opens_it_or_takes_it_up():
    [effect] = NeedAction(acted_on=DAY, kind="1", content="联系住房").follows(PERSON)
    opened = Need(person_id=PERSON.id, office_id=PERSON.office_id, kind="1", status="03", since_on=DAY)
    assert effect == Ensured(opened, ("kind",), {"status": (("01", "02"), "03")})


def test_an_activity_counts_those_who_are_recorded_and_never_fewer_than_it_was_told():
    key = uuid.UUID(int=9)
    assert Participation(activity_id=key).follows(PERSON) == (
        Recounted("activity", key, by="participation", through="activity_id"),
    )
    taking = [Participation(intent=True), Participation()]
    assert Activity().recounted(taking) == {"returnees": 2, "intents": 1}
    assert Activity(returnees=5, intents=1).recounted(taking) == {}


def test_a_placement_keeps_whether_it_stands_in_the_persons_line():
    assert Placement(on_roster=True).row()["on_roster"] is True
    assert Placement.of({"placed_on": DAY}).row()["on_roster"] is False


def test_what_records_are_called_where_others_point_to_them():
    assert Activity(held_on=DAY, kind="01", title="电工班").called() == (
        f"2026-05-06 {code_table('activity_kind').label('01')} 电工班"
    )
    mediation = record_class("mediation").of({"number": "TJ2026-001", "accepted_on": DAY, "dispute_type": "邻里"})
    assert mediation.called() == "TJ2026-001 2026-05-06 邻里"

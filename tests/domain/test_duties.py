"""Duties against a table of cases written by hand from DOMAIN.md §3."""

import uuid
from dataclasses import replace
from datetime import date

import pytest

from bangjiao_desktop.domain.criteria_reader import criteria
from bangjiao_desktop.domain.definition_kinds import DUTY
from bangjiao_desktop.domain.definitions.layers import BUREAU, LayerText
from bangjiao_desktop.domain.duties import (
    PERSON_FACTS,
    DutySubject,
    Facts,
    OfficeFacts,
    OtherFacts,
    methods_asked,
    reckon,
)
from bangjiao_desktop.domain.duty_reader import duty_rules, laid_over, rule_pieces, shipped_pieces, with_numbers
from bangjiao_desktop.domain.errors import DefinitionError
from bangjiao_desktop.domain.in_force import Definitions
from bangjiao_desktop.domain.workdays import add_workdays, is_known

EMPTY = dict.fromkeys(PERSON_FACTS, "") | {
    "id": b"p", "office_id": b"o", "name": "某人", "risk": "02", "sealed": False,
    "sanwu": False, "recidivist": False, "drug_history": False, "mental_disorder": False, "prison_warning": False,
    "escort_required": False, "minor_unsealed": False, "release": "2026-01-05", "term_end": "2031-01-05",
}  # fmt: skip
OFFICE = DutySubject(b"o", b"o", "", "某所", "", sealed=False, risk="", office_name="某所")
# somebody with whom everything is done
DONE = {
    "handover": "2026-01-06", "told": "2025-12-10", "filed": "2026-01-08", "agreed": "2026-01-08", "support": "2026-09-20", "visit": "2026-09-20",
    "home_visit": "2026-01-09", "assessed": "2026-07-01", "placed": "2026-02-01", "card": "2026-01-06",
}  # fmt: skip


def due(on, others=None, rules=None, **facts):
    row = {**EMPTY, **facts}
    told = Facts([tuple(row[name] for name in PERSON_FACTS)], others or {}, [])
    return reckon(rules or duty_rules(), told, date.fromisoformat(on), criteria())


def kinds(on, **facts):
    return [(duty.kind, duty.due.isoformat(), duty.state) for duty in due(on, **facts)]


def test_nothing_is_due_when_everything_is_done():
    assert kinds("2026-10-08", **DONE) == []


@pytest.mark.parametrize(
    ("on", "facts", "expected"),
    [
        # 接通知后 3 日内告知村（居）委会与家属
        ("2026-03-02", {"notice": "2026-03-01", "release": "2026-03-30"}, [("notify", "2026-03-04", "soon")]),
        ("2026-03-04", {"notice": "2026-03-01", "release": "2026-03-30"}, [("notify", "2026-03-04", "today")]),
        ("2026-03-05", {"notice": "2026-03-01", "release": "2026-03-30"}, [("notify", "2026-03-04", "overdue")]),
        ("2026-03-05", {"notice": "2026-03-01", "release": "2026-03-30", "told": "2026-03-02"}, []),
        # 20 日仍未报到的报上级；报过就不再提醒
        ("2026-03-14", {"release": "2026-03-01"}, []),
        ("2026-03-16", {"release": "2026-03-01"}, [("not_arrived", "2026-03-21", "soon")]),
        ("2026-03-22", {"release": "2026-03-01"}, [("not_arrived", "2026-03-21", "overdue")]),
        ("2026-03-22", {"release": "2026-03-01", "reported": "2026-03-21"}, []),
        # 必接必送：提前 30 天起
        ("2026-02-28", {"release": "2026-03-30", "escort_required": True}, [("escort", "2026-03-30", "soon")]),
        ("2026-02-27", {"release": "2026-03-30", "escort_required": True}, []),
        ("2026-03-30", {"release": "2026-03-30", "escort_required": True, "escort": "2026-03-30"}, []),
    ],
)  # fmt: skip
def test_before_the_handover(on, facts, expected):
    assert kinds(on, **facts) == expected


def test_the_first_week():
    assert kinds("2026-03-03", release="2026-03-01", handover="2026-03-02") == [
        ("file", "2026-03-05", "soon"), ("agree", "2026-03-07", "soon"), ("card", "2026-03-09", "soon"),
        ("first_visit", "2026-03-09", "soon"),
    ]  # fmt: skip


def test_a_first_visit_goes_away_by_itself_when_it_is_recorded():
    facts = {
        "release": "2026-03-01",
        "handover": "2026-03-02",
        "filed": "2026-03-03",
        "agreed": "2026-03-03",
        "card": "2026-03-02",
    }
    assert kinds("2026-03-10", **facts) == [("first_visit", "2026-03-09", "overdue")]
    talk = {"support": "2026-03-05", "visit": "2026-03-05"}  # a talk in the office is no visit at home
    assert kinds("2026-03-10", **facts, **talk) == [("first_visit", "2026-03-09", "overdue")]
    assert kinds("2026-03-10", **facts, **talk, home_visit="2026-03-06") == []


@pytest.mark.parametrize(
    ("risk", "visit", "on", "expected"),
    [
        ("01", "2026-08-03", "2026-09-22", []),  # 重点每月：八月走访过，九月底前再一次，提前 7 天提醒
        ("01", "2026-08-03", "2026-09-23", [("visit", "2026-09-30", "soon")]),
        ("01", "2026-08-03", "2026-09-30", [("visit", "2026-09-30", "today")]),
        ("01", "2026-08-31", "2026-10-01", [("visit", "2026-09-30", "overdue")]),
        ("01", "2026-09-01", "2026-10-01", []),
        ("02", "2026-04-01", "2026-09-14", []),  # 一般每季度：二季度走访过，九月底前再一次，提前 15 天提醒
        ("02", "2026-06-30", "2026-09-15", [("visit", "2026-09-30", "soon")]),
        ("02", "2026-06-30", "2026-10-01", [("visit", "2026-09-30", "overdue")]),
        ("02", "2026-07-01", "2026-10-01", []),
    ],
)
def test_visits_each_month_or_quarter(risk, visit, on, expected):
    facts = {**DONE, "visit": visit, "support": visit, "risk": risk, "decided": "2026-01-07", "assessed": "2026-08-01"}
    assert kinds(on, **facts) == expected


def test_a_review_each_half_year_from_the_last_one():
    assert kinds("2026-08-16", **{**DONE, "assessed": "2026-02-28"}) == [("review", "2026-08-28", "soon")]
    assert kinds("2026-08-12", **{**DONE, "assessed": "2026-02-28"}) == []
    never = {**DONE, "assessed": ""}
    assert kinds("2026-07-06", **never) == [("review", "2026-07-06", "today")]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2030-10-06", []),
        ("2030-10-07", [("term_ending", "2031-01-05", "soon")]),
        ("2031-01-04", [("term_ending", "2031-01-05", "soon")]),
        ("2031-01-05", [("discharge", "2031-01-05", "today")]),
        ("2031-02-01", [("discharge", "2031-01-05", "overdue")]),
        ("2033-01-01", [("discharge", "2031-01-05", "overdue")]),  # it stays until it is recorded
    ],
)
def test_the_end_of_the_term(on, expected):
    up_to_date = {**DONE, "visit": on, "support": on, "assessed": on, "home_visit": on}
    assert kinds(on, **up_to_date) == expected


def test_a_promise_and_a_new_placement():
    assert kinds("2026-10-08", **{**DONE, "promised": "2026-10-10"}) == [("promised", "2026-10-10", "soon")]
    assert kinds("2026-10-08", **{**DONE, "promised": "2026-10-12"}) == []
    placed = {**DONE, "placed": "2026-09-25"}
    assert kinds("2026-10-19", **placed) == [("placement", "2026-10-25", "soon")]
    assert kinds("2026-10-19", **{**placed, "support": "2026-10-01", "visit": "2026-10-01"}) == []


def test_who_meets_the_criteria_is_to_be_decided_on():
    facts = {**DONE, "handover": "2026-10-01", "release": "2026-10-01", "home_visit": "2026-10-02", "recidivist": True}
    assert kinds("2026-10-05", **facts) == [("key_register", "2026-10-04", "overdue")]
    assert kinds("2026-10-05", **{**facts, "decided": "2026-10-03"}) == []
    drugs = {**facts, "recidivist": False, "offence": "走私、贩卖、运输、制造毒品罪"}
    assert kinds("2026-10-05", **drugs) == [("key_register", "2026-10-04", "overdue")]


def other(label, since):
    row = {**EMPTY, **DONE}
    about = DutySubject.of([row[name] for name in PERSON_FACTS], b"p", b"o", "某所", b"r", label)
    return OtherFacts(about, row["handover"], since)


def test_needs_searches_commissions_and_notices():
    need = due("2026-10-08", {"need": [other("业有所就", "2026-09-05")]}, **DONE)
    assert [(duty.kind, duty.due) for duty in need] == [("need", date(2026, 10, 5))]
    lost = due("2026-10-08", {"lost": [other("脱管", "2026-09-25")]}, **DONE)
    assert [(duty.kind, duty.due) for duty in lost] == [("search", date(2026, 10, 10))]
    commission = due("2026-10-08", {"commission": [other("某所", "2026-04-02")]}, **DONE)
    assert [(duty.kind, duty.due) for duty in commission] == [("commission", date(2026, 9, 30))]
    # ten working days from 24 September: the national holiday in between does not count
    notice = due("2026-10-12", {"notice": [other("", "2026-09-24")]}, **DONE)
    assert [(duty.kind, duty.due) for duty in notice] == [("verify", add_workdays(date(2026, 9, 24), 10))]
    assert add_workdays(date(2026, 9, 24), 10) > date(2026, 10, 8)


def test_a_year_without_known_holidays_falls_back_to_weekends_and_says_so():
    assert is_known(2026)
    assert not is_known(2040)
    assert add_workdays(date(2040, 9, 28), 3) == date(2040, 10, 3)  # Friday, then Monday to Wednesday
    others = {"notice": [other("", "2040-09-28")]}
    [duty] = [one for one in due("2040-10-08", others, **DONE) if one.kind == "verify"]
    assert "2040年放假安排尚未收录" in duty.note


def office(on, filed=(), pending=0):
    row = OfficeFacts(OFFICE, pending, set(filed))
    found = reckon(duty_rules(), Facts([], {}, [row]), date.fromisoformat(on), criteria())
    return [(duty.kind, duty.due.isoformat(), dict(duty.preset)["period"]) for duty in found]


def test_the_quarters_report_is_due_five_days_after_it():
    assert office("2026-09-24") == [("report", "2026-07-05", "2026Q2")]
    assert office("2026-09-25", {("01", "2026Q2")}) == [("report", "2026-10-05", "2026Q3")]
    assert office("2026-10-08", {("01", "2026Q3")}) == []
    assert office("2026-10-08", {("01", "2026Q2")}) == [("report", "2026-10-05", "2026Q3")]


def test_the_list_of_people_not_handed_over_is_monthly_and_only_where_there_are_some():
    filed = {("01", "2026Q3"), ("04", "2026M09")}
    assert office("2026-10-26", filed, pending=2) == [("pending_list", "2026-10-31", "2026M10")]
    assert office("2026-10-26", filed) == []


def test_a_province_adds_its_own_rules():
    assert "report_half" not in {rule.kind for rule in duty_rules("33")}
    [rule] = [rule for rule in duty_rules("44") if rule.kind == "report_half"]
    row = OfficeFacts(OFFICE, 0, set())
    for on, day in (("2026-07-01", "2026-07-02"), ("2027-01-30", "2027-02-02")):
        [duty] = reckon([rule], Facts([], {}, [row]), date.fromisoformat(on), criteria())
        assert duty.due.isoformat() == day


def _own(key, **numbers):
    """The shipped rules with a bureau's own numbers for one."""
    kept = LayerText(uuid.UUID(int=1), 1, BUREAU, DUTY, key, with_numbers("", key, numbers))
    return Definitions([kept]).duty_rules


def test_a_bureau_changes_numbers_or_switches_a_rule_off():
    facts = {**DONE, "assessed": "2026-02-28"}
    assert [(duty.kind, duty.due) for duty in due("2026-08-01", rules=_own("review", months=3), **facts)] == [
        ("review", date(2026, 5, 28))
    ]
    assert due("2026-09-01", rules=_own("review", enabled=False), **facts) == []
    assert _own("review", months=-1) == duty_rules()  # what does not read leaves the layer below in force
    two = with_numbers(with_numbers("", "visit:01", {"warn": 3}), "visit:01", {"enabled": False})
    assert two == '[[duty]]\nkind = "visit"\nrisk = "01"\nwarn = 3\nenabled = false\n'


@pytest.mark.parametrize(
    ("key", "numbers", "told"),
    [
        ("verify", {"workdays": 13}, "收到预释放信息后10个工作日内核查并回复（现定为13个工作日）"),
        ("verify", {"warn": 3, "enabled": False}, "收到预释放信息后10个工作日内核查并回复"),
        ("review", {"months": 4}, "每半年回访评估一次（现定为4个月）"),
        ("visit:02", {"every": "month"}, "一般对象走访每季度不少于1次（现定为每月一次）"),
        ("escort", {"days": 1, "warn": 20},
         "必接必送对象在释放当日接送，提前30、15、7天准备（现定为1天，提前20天提醒）"),
        ("term_ending", {"warn": 9}, "期限届满前90、30、7天提醒，做好期满前评估（现定为提前9天提醒）"),
        ("report", {"day": 3}, "季报在季后5日内报出（现定为期末后3天）"),
        ("verify", {"workdays": 13, "rule": "13个工作日内回复"}, "13个工作日内回复"),
    ],
)  # fmt: skip
def test_the_words_of_a_rule_follow_its_numbers(key, numbers, told):
    words = {rule.key: rule.rule for rule in _own(key, **numbers)}
    assert words.pop(key) == told
    assert words == {rule.key: rule.rule for rule in duty_rules() if rule.key != key}


def test_words_of_a_layer_between_speak_of_its_own_numbers():
    below = next(piece for piece in shipped_pieces() if piece.key == "verify")
    [province] = rule_pieces('[[duty]]\nkind = "verify"\nworkdays = 7\nrule = "7个工作日内回复"\n', "p.toml")
    [bureau] = rule_pieces('[[duty]]\nkind = "verify"\nworkdays = 5\n', "b.toml")
    assert laid_over([below, province]).rule == "7个工作日内回复"
    assert laid_over([below, province, bureau]).rule == "7个工作日内回复（现定为5个工作日）"


def test_every_rule_names_itself_and_its_source():
    for rule in duty_rules():
        assert rule.rule
        assert rule.source
        assert rule.title
        assert rule.opens


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('from = ["nowhere"]', "第 9 行：规则“x”的日期“nowhere”不认识"),
        ('from = ["release"]\ncolour = "red"', "第 10 行：不认识的项“colour”"),
        ('from = ["release"]\nmonths = 2', "第 10 行：规则“x”要写 from，并在 .*恰好写一个"),
        ('from = ["release"]\nwarn = -1', "第 10 行：“warn”应不小于 0"),
        ('from = ["release"]\nwarn = "3"', "第 10 行：“warn”应为整数"),
        ('from = ["visit"]\nmethods = ["77"]', "第 10 行：规则“x”的 methods“77”不在"),
        ('from = ["release"]\nmethods = ["01"]', "第 10 行：规则“x”写了 methods，却没有用到"),
        ('from = ["release"]\nstate = "some"', "第 10 行：“state”写的“some”不认识"),
    ],
)
def test_a_wrong_rule_is_named_with_its_line(line, message):
    head = '[[duty]]\nkind = "x"\ntitle = "x"\nsubject = "person"\ndays = 1\nrule = "x"\nsource = "x"\nopens = "plan"\n'
    with pytest.raises(DefinitionError, match=f"own.toml {message}"):
        laid_over(rule_pieces(head + line, "own.toml"))


def test_an_upper_layer_says_only_what_is_other():
    [below] = [piece for piece in shipped_pieces() if piece.key == "review"]
    [own] = rule_pieces('[[duty]]\nkind = "review"\nmonths = 3\n', "own.toml")
    assert laid_over([below, own]) == replace(laid_over([below]), months=3, rule="每半年回访评估一次（现定为3个月）")
    [days] = rule_pieces('[[duty]]\nkind = "review"\ndays = 90\nenabled = false\n', "own.toml")
    changed = laid_over([below, own, days])
    assert (changed.days, changed.months, changed.enabled) == (90, None, False)
    [wrong] = rule_pieces('\n[[duty]]\nkind = "review"\nmonths = -3\n', "own.toml")
    with pytest.raises(DefinitionError, match=r"own.toml 第 4 行：“months”应不小于 0"):
        laid_over([below, wrong])
    [alone] = rule_pieces('[[duty]]\nkind = "nix"\nmonths = 3\n', "own.toml")
    with pytest.raises(DefinitionError, match=r"own\.toml 第 1 行：缺少"):
        laid_over([alone])


def test_each_rule_counts_by_its_own_methods():
    """Home visits only for key persons, talks at the office too for others: both hold at the same time."""
    rules = []
    for rule in duty_rules():
        if rule.key == "visit:02":
            rules.append(replace(rule, methods=("01", "02", "03")))
        elif rule.key == "visit:01":
            rules.append(replace(rule, methods=("01",)))
    assert methods_asked(rules, "visit") == (("01",), ("01", "02", "03"))
    further = {("visit", ("01",)): PERSON_FACTS.index("visit"), ("visit", ("01", "02", "03")): len(PERSON_FACTS)}
    for risk, expected in (("01", ["visit"]), ("02", [])):
        row = EMPTY | DONE | {"risk": risk, "visit": "2026-03-01"}  # at home in March, telephoned in September
        told = (*(row[name] for name in PERSON_FACTS), "2026-09-20")
        found = reckon(rules, Facts([told], {}, [], further=further), date(2026, 10, 8), criteria())
        assert [duty.kind for duty in found] == expected


def test_the_record_of_a_minor_is_sealed_within_three_days_of_the_release():
    [one] = [one for one in due("2026-01-05", minor_unsealed=True) if one.kind == "seal"]
    assert (one.due, one.rule.opens) == (date(2026, 1, 8), "person")
    assert "seal" not in {one.kind for one in due("2026-01-05")}


def test_the_file_is_due_in_three_days_and_the_agreement_in_five():
    arrived = DONE | {"handover": "2026-01-06", "filed": "", "agreed": ""}
    found = {one.kind: one.due for one in due("2026-01-07", **arrived) if one.kind in ("file", "agree")}
    assert found == {"file": date(2026, 1, 9), "agree": date(2026, 1, 11)}
    assert {one.kind for one in due("2026-01-07", **arrived | {"filed": "2026-01-07"})} & {"file", "agree"} == {"agree"}

"""Contacts that met nobody, who refuses assistance, who is lost: what is due, what is shown and what is counted."""

from datetime import date

import pytest

from bangjiao_desktop.domain.duties import EVENTS
from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.kinds.lost_contact import LostContact
from bangjiao_desktop.domain.kinds.refusal import Refusal
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import duties, episodes, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.store.writes.writer import Writer
from tests.services.people.test_episodes import again, returned  # noqa: F401 (a fixture)

ON = date(2026, 10, 20)
NOVEMBER = parse_period("2026M11")


def save(session, kind, key, /, identifier=None, **values):
    begun = work.blank(session, kind, key) if identifier is None else work.read(session, kind, identifier)
    revision = None if identifier is None else begun.revision
    return work.save(session, kind, begun.row() | values, identifier=identifier, revision=revision, knowing=True)


def tried(session, key, day, outcome="02", method="01", **values):
    return save(session, "support_record", key, happened_on=day, method=method, outcome=outcome, **values)


def due(session, on=ON):
    return {duty.kind: duty for duty in duties.due(session, on) if duty.rule.subject != "office"}


@pytest.fixture
def back(empty, returned):  # noqa: F811 (the fixture itself)
    """The man of `returned`, released again on 10 July 2026 and met at home four days later; all else is done."""
    again(empty, returned)
    tried(empty, returned, date(2026, 7, 14), "01", content="在家")
    for kind, values in (
        ("handover_step", {"done_on": date(2026, 7, 12), "kind": "02"}), ("handout", {"handed_on": date(2026, 7, 12), "kind": "01", "copies": 1}),
    ):  # fmt: skip
        save(empty, kind, returned, **values)
    return returned


def test_who_comes_back_gets_the_duties_of_the_second_release_by_its_own_dates(empty, returned):  # noqa: F811
    """He was visited, given a card, filed in 2021: none of that fulfils what is due in 2026."""
    for kind, values in (
        ("support_record", {"happened_on": date(2021, 3, 5), "method": "01", "content": "首访"}), ("key_decision", {"decided_on": date(2021, 3, 4), "decision": "02", "reason": "评"}),
        ("handover_step", {"done_on": date(2021, 3, 4), "kind": "02"}), ("handout", {"handed_on": date(2021, 3, 5), "kind": "01", "copies": 1}),
        ("assessment", {"assessed_on": date(2023, 5, 1), "occasion": "02", "form": "评估表"}), ("lost_contact", {"found_on": date(2023, 5, 20), "kind": "02"}),
    ):  # fmt: skip
        save(empty, kind, returned, **values)
    assert due(empty, date(2026, 7, 1)) == {}  # he is in prison: of the first release nothing is due any more
    again(empty, returned)
    found = due(empty, date(2026, 7, 15))
    assert {kind: duty.due for kind, duty in found.items()} == {
        "first_visit": date(2026, 7, 18), "card": date(2026, 7, 18), "file": date(2026, 7, 14), "agree": date(2026, 7, 16),
    }  # fmt: skip
    assert due(empty, date(2027, 1, 5))["review"].due == date(2027, 1, 11)
    assert due(empty, date(2031, 7, 10))["discharge"].due == date(2031, 7, 10)
    # on a day of the first release, that one's duties
    assert due(empty, date(2022, 9, 30))["visit"].due == date(2022, 9, 30)
    assert due(empty, date(2023, 5, 31))["search"].due == date(2023, 6, 4)


def test_an_attempt_ends_no_duty_and_the_duty_says_that_it_was_made(empty, back):
    tried(empty, back, date(2026, 10, 5), "04", "03")
    tried(empty, back, date(2026, 10, 12))
    visit = due(empty, date(2026, 12, 20))["visit"]
    assert (visit.due, visit.tried) == (date(2026, 12, 31), "10月12日 上门未遇到，共 2 次")
    assert duties.duty_json(visit)["tried"] == "10月12日 上门未遇到，共 2 次"
    assert "unmet" not in due(empty)
    tried(empty, back, date(2026, 10, 13), "01", content="见到了")
    assert "visit" not in due(empty, date(2026, 12, 20))


def test_three_attempts_in_a_row_raise_a_duty_until_somebody_met_them(empty, back):
    for day in (12, 14, 15):
        tried(empty, back, date(2026, 10, day))
    unmet = due(empty)["unmet"]
    assert (unmet.due, unmet.state, unmet.about) == (date(2026, 10, 18), "overdue", "10月15日 上门未遇到，共 3 次")
    assert (unmet.rule.opens, dict(unmet.preset)) == ("handover_step", {"kind": "01"})
    met = tried(empty, back, date(2026, 10, 16), None, content="见到了")
    assert "unmet" not in due(empty)
    work.delete(empty, "support_record", met, 1)
    assert "unmet" in due(empty)


def test_three_attempts_in_a_row_raise_a_duty_until_village_and_family_were_told(empty, back):
    save(empty, "handover_step", back, done_on=date(2026, 7, 12), kind="01")  # told of the arrival: another matter
    for day in (12, 14, 15):
        tried(empty, back, date(2026, 10, day))
    assert "unmet" in due(empty)
    save(empty, "handover_step", back, done_on=date(2026, 10, 16), kind="01")
    assert "unmet" not in due(empty)


def test_how_many_attempts_is_a_number_of_the_rule(empty, back):
    for day in (12, 14):
        tried(empty, back, date(2026, 10, day))
    assert "unmet" not in due(empty)
    duties.change_rule(empty, "unmet", {"attempts": 2})
    assert due(empty)["unmet"].due == date(2026, 10, 17)
    assert "（现定为连续2次）" in due(empty)["unmet"].rule.rule


def test_attempts_of_an_earlier_release_do_not_count(empty, returned):  # noqa: F811
    for day in (1, 2, 3):
        tried(empty, returned, date(2023, 5, day))
    assert due(empty, date(2023, 5, 10))["unmet"].tried == ""
    again(empty, returned)
    tried(empty, returned, date(2026, 10, 12))
    assert "unmet" not in due(empty)
    assert due(empty)["first_visit"].tried == "10月12日 上门未遇到，共 1 次"


def test_a_promise_stands_until_they_are_met_or_another_day_is_agreed_on(empty, back):
    save(
        empty,
        "support_record",
        back,
        happened_on=date(2026, 10, 1),
        method="02",
        content="谈",
        next_on=date(2026, 10, 19),
    )
    tried(empty, back, date(2026, 10, 19))
    assert (due(empty)["promised"].due, due(empty)["promised"].tried) == (
        date(2026, 10, 19),
        "10月19日 上门未遇到，共 1 次",
    )
    tried(empty, back, date(2026, 10, 20), "05", next_on=date(2026, 10, 22))
    assert due(empty)["promised"].due == date(2026, 10, 22)


def test_an_attempt_is_no_last_contact_of_the_list(empty, back):
    tried(empty, back, date(2026, 10, 12))
    [line] = people.page(empty, LedgerFilter(on=ON)).rows
    assert line.last_support_on == date(2026, 7, 14)


def test_the_last_contact_of_the_list_is_of_the_latest_release(empty, returned):  # noqa: F811
    again(empty, returned)
    [line] = people.page(empty, LedgerFilter(on=ON)).rows
    assert line.last_support_on is None


def test_a_visit_that_met_nobody_needs_no_words_and_one_that_met_does(empty, back):
    tried(empty, back, date(2026, 10, 12))
    with pytest.raises(InvalidRecordError, match="请写明走访内容"):
        tried(empty, back, date(2026, 10, 12), "01")


def test_who_refuses_is_told_of_asked_again_and_visited_no_more_meanwhile(empty, back):
    assert "visit" in due(empty, date(2026, 12, 20))
    key = save(empty, "refusal", back, refused_on=date(2026, 10, 15), content="口头说的")
    assert "visit" in due(empty, date(2026, 12, 20))  # what was only said ends nothing
    save(empty, "refusal", back, identifier=key, written=True)
    found = due(empty)
    assert found["refusal_told"].due == date(2026, 10, 18)
    save(empty, "refusal", back, identifier=key, village_told_on=date(2026, 10, 16))
    assert "refusal_told" in due(empty)  # the family was not told yet
    save(empty, "refusal", back, identifier=key, family_told_on=date(2026, 10, 17))
    assert "refusal_told" not in due(empty)
    assert "visit" not in due(empty, date(2026, 12, 20))
    assert due(empty, date(2027, 4, 10))["ask_again"].due == date(2027, 4, 15)
    save(empty, "refusal", back, identifier=key, asked_on=date(2026, 11, 1))
    assert due(empty, date(2027, 5, 1))["ask_again"].due == date(2027, 5, 1)
    save(empty, "refusal", back, identifier=key, withdrawn_on=date(2026, 11, 20))
    assert {"ask_again", "refusal_told"}.isdisjoint(due(empty, date(2027, 5, 1)))
    assert "visit" in due(empty, date(2026, 12, 20))


def test_who_refuses_and_who_is_lost_is_listed_and_counted_and_named(empty, back):
    save(empty, "refusal", back, refused_on=date(2026, 10, 15), written=True)
    save(empty, "lost_contact", back, found_on=date(2026, 11, 2), kind="02")
    for which in ("refused", "lost"):
        assert [one.id for one in people.page(empty, LedgerFilter(apart=which, on=date(2026, 11, 10))).rows] == [back]
    figures = statistics.figures(empty, NOVEMBER).total
    assert (figures["state.refused"], figures["state.lost"]) == (1, 1)
    assert statistics.figures(empty, parse_period("2026M09")).total["state.refused"] == 0
    for key in ("state.refused", "state.lost"):
        found = statistics.explain(empty, NOVEMBER, key)
        assert [row.id for row in found.rows] == [back]
    story = people.story(empty, back, date(2026, 11, 10))
    assert [one.standing() for one in (*story.of(Refusal), *story.of(LostContact))] == ["拒绝帮教", "失联"]
    left = {"changed_on": date(2026, 11, 12), "reason": "04"}
    save(empty, "register_change", back, **left)
    assert people.count(empty, LedgerFilter(apart="refused", on=date(2026, 11, 20))) == 0
    assert statistics.figures(empty, NOVEMBER).total["state.lost"] == 0


def test_the_states_of_an_earlier_release_are_past(empty, returned):  # noqa: F811
    save(empty, "refusal", returned, refused_on=date(2022, 1, 5), written=True)
    save(empty, "lost_contact", returned, found_on=date(2022, 2, 5), kind="02")
    assert statistics.figures(empty, parse_period("2022Q1")).total["state.refused"] == 1
    again(empty, returned)
    assert people.count(empty, LedgerFilter(apart="refused", on=ON)) == 0
    assert people.count(empty, LedgerFilter(apart="lost", on=ON)) == 0
    figures = statistics.figures(empty, parse_period("2026Q4")).total
    assert (figures["state.refused"], figures["state.lost"]) == (0, 0)
    assert {"ask_again", "search"}.isdisjoint(due(empty))


def test_a_refusal_goes_out_and_comes_back_as_it_is(empty, back, tmp_path):
    values = {
        "refused_on": date(2026, 10, 15),
        "written": True,
        "village_told_on": date(2026, 10, 16),
        "content": "不愿见面",
    }
    save(empty, "refusal", back, **values)
    export_workbook(empty, tmp_path / "a.xlsx")
    result = import_file(empty, tmp_path / "a.xlsx")
    assert result.rejected == []
    [kept] = people.story(empty, back).of(Refusal)
    assert {name: getattr(kept, name) for name in values} == values


def test_a_person_in_prison_gets_the_duties_of_the_coming_release_alone(empty, returned):  # noqa: F811
    """A notice of the coming release is verified; one of the first release, never verified, is past."""
    for day in (date(2021, 2, 1), date(2026, 10, 9)):
        save(empty, "release_notice", returned, received_on=day, source="01", sender="乙监狱")
    begun = episodes.blank_again(empty, returned)
    none = {"release_date": None, "handover_date": None, "handover_mode": None}
    with empty.ledger.write() as connection:
        episodes.add_release(Writer(connection, empty.user), returned, 2, begun | none)
    found = [duty for duty in duties.due(empty, ON) if duty.rule.subject != "office"]
    assert [duty.kind for duty in found] == ["verify"]


def test_every_event_of_a_rule_is_answered(empty):
    for rule in in_force(empty).duty_rules:
        assert {*rule.start, rule.done, rule.since} - {""} <= set(EVENTS[rule.subject])

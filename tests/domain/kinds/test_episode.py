"""A release and what belongs to it: how it stands on a day, what it is called, which one a record is of (DOMAIN.md §1, §5)."""

import dataclasses
import uuid
from datetime import date, timedelta

import pytest

from bangjiao_desktop.domain.kinds.episode import Episode, episode_of
from bangjiao_desktop.domain.kinds.lost_contact import LostContact
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.refusal import Refusal
from bangjiao_desktop.domain.kinds.registry import record_class
from bangjiao_desktop.domain.kinds.standing import Standing

DAY = timedelta(1)
RELEASED, TAKEN_OVER, ENDED = date(2021, 3, 1), date(2021, 3, 2), date(2023, 6, 1)
AGAIN = date(2026, 7, 10)
FIRST = Episode(
    id=uuid.UUID(int=1), revision=1, person_id=uuid.UUID(int=9), number=1, changed_on=ENDED, reason="03",
    release=Person(release_date=RELEASED, handover_date=TAKEN_OVER, term_end=date(2026, 3, 1)),
    records_from=date.min, records_until=AGAIN,
)  # fmt: skip
SECOND = dataclasses.replace(
    FIRST, id=uuid.UUID(int=2), number=2, changed_on=None, reason=None, release=Person(release_date=AGAIN),
    records_from=AGAIN, records_until=date.max,
)  # fmt: skip
OPEN = dataclasses.replace(FIRST, changed_on=None, reason=None)
IN_PRISON = dataclasses.replace(SECOND, release=Person())
NO_TERM = dataclasses.replace(OPEN, release=dataclasses.replace(OPEN.release, term_end=None))


@pytest.mark.parametrize(
    ("one", "on", "state", "called"),
    [
        (FIRST, ENDED, "closed", "第1期 2021–2023 收监"),
        (FIRST, ENDED - DAY, "registered", "第1期 2021–2023 在册"),
        (dataclasses.replace(FIRST, reason="01"), ENDED, "closed", "第1期 2021–2023 解除"),
        (dataclasses.replace(FIRST, reason="02"), ENDED, "closed", "第1期 2021–2023 死亡"),
        (dataclasses.replace(FIRST, reason=None, changed_on=date(2021, 9, 1)), ENDED, "closed", "第1期 2021"),
        (OPEN, RELEASED - DAY, "expected", "第1期 2021– 待释放"),
        (OPEN, RELEASED, "pending", "第1期 2021– 未衔接"),
        (OPEN, TAKEN_OVER, "registered", "第1期 2021– 在册"),
        (OPEN, date(2026, 2, 28), "registered", "第1期 2021– 在册"),
        (OPEN, date(2026, 3, 1), "overdue", "第1期 2021– 到期未解除"),
        (NO_TERM, date(2026, 3, 1), "registered", "第1期 2021– 在册"),
        (SECOND, AGAIN, "pending", "第2期 2026– 未衔接"),
        (IN_PRISON, AGAIN, "imprisoned", "第2期 在押"),
    ],
)
def test_how_a_release_stands_on_a_day_and_what_it_is_called(one, on, state, called):
    assert (one.state(on), one.called(on)) == (state, called)


@pytest.mark.parametrize(
    ("kind", "day", "number"),
    [
        ("support_record", date(2019, 1, 1), 1),
        ("support_record", ENDED + DAY, 1),  # between two releases: of the one before
        ("support_record", AGAIN - DAY, 1),
        ("support_record", AGAIN, 2),
        ("support_record", None, None),
        ("support_record", date.max, None),
        ("register_change", ENDED, 1),
        ("register_change", AGAIN, 2),
        ("reoffence", AGAIN, 1),  # on the day of a release: of the one before
        ("reoffence", AGAIN + DAY, 2),
        ("release_notice", ENDED - DAY, 1),
        ("release_notice", ENDED, 2),  # told of the release that is to come
        ("handover_step", AGAIN - DAY, 2),
        ("release_notice", AGAIN, 2),
    ],
)
def test_which_release_a_record_is_of(kind, day, number):
    found = episode_of(record_class(kind).of({record_class(kind).KIND.day: day}), [FIRST, SECOND])
    assert (None if found is None else found.number) == number


def test_a_change_on_the_day_of_the_next_release_is_of_the_one_it_ended():
    last = dataclasses.replace(FIRST, changed_on=AGAIN)
    change = record_class("register_change").of({"changed_on": AGAIN})
    assert episode_of(change, [last, SECOND]) is last


def test_what_is_told_after_the_only_release_ended_is_of_that():
    assert episode_of(record_class("release_notice").of({"received_on": ENDED}), [FIRST]) is FIRST
    assert episode_of(record_class("reoffence").of({"happened_on": RELEASED}), [FIRST]) is FIRST


@pytest.mark.parametrize(
    ("one", "called", "begun", "over"),
    [
        (Refusal(refused_on=ENDED, withdrawn_on=AGAIN), "拒绝帮教", ENDED, AGAIN),
        (Refusal(refused_on=ENDED), "拒绝帮教", ENDED, None),
        (LostContact(found_on=ENDED, ended_on=AGAIN, kind="02"), "失联", ENDED, AGAIN),
        (LostContact(found_on=ENDED, kind="01"), "漏管", ENDED, None),
    ],
)
def test_a_state_that_lasts_holds_from_its_day_till_the_day_it_ended(one, called, begun, over):
    assert one.standing() == called
    assert [one.holds_on(begun - DAY), one.holds_on(begun)] == [False, True]
    if over is not None:
        assert [one.holds_on(over - DAY), one.holds_on(over)] == [True, False]
    else:
        assert one.holds_on(date.max)


def test_a_refusal_on_the_timeline_tells_who_was_told_and_its_end():
    told = Refusal(refused_on=ENDED, written=True, village_told_on=ENDED, family_told_on=ENDED, asked_on=AGAIN)
    [declared] = told.events(AGAIN)
    assert declared.text == f"书面声明 · 告知村（居） {ENDED} · 告知家属 {ENDED} · 再次征询 {AGAIN}"
    declared, back = Refusal(refused_on=ENDED, withdrawn_on=AGAIN, content="说不用").events(AGAIN)
    assert (declared.text, back.on, back.title) == ("口头表示 · 说不用", AGAIN, "撤回拒绝，恢复帮教")


def test_a_standing_says_the_office_it_names_and_nothing_for_none():
    office = uuid.UUID(int=5)
    one = Standing(from_date=RELEASED, office_id=office, risk="02", caseworker="李四")
    assert one.told(None, {office: "甲司法所"}).startswith("甲司法所")
    nobody = dataclasses.replace(one, office_id=None)
    assert "甲司法所" not in nobody.told(None, {office: "甲司法所"})

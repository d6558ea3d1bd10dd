"""移交 within the bureau: the sender proposes, the receiving office accepts with a day or returns with a reason."""

from datetime import date, timedelta

import pytest

from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts
from bangjiao_desktop.services.people import duties, episodes, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from tests.ledgers import as_user

SECOND, THIRD = "乙司法所", "丙司法所"
PROPOSED = date(2026, 7, 1)


@pytest.fixture
def person(empty):
    for name in (SECOND, THIRD):
        settings.add_office(empty, name)
    number = "33041119800101001"
    values = {
        "identity_number": number + check_character(number), "name": "周平", "category": "01", "risk": "02",
        "office_id": empty.offices()[0].id, "release_date": date(2025, 3, 1), "handover_date": date(2025, 3, 5),
        "handover_mode": "06", "caseworker": "李四", "residence_address": "老地方",
    }  # fmt: skip
    return people.save_person(empty, values)


def proposed(session, person, unit=SECOND, **values):
    told = {"person_id": person, "transferred_on": PROPOSED, "direction": "03", "to_unit": unit, **values}
    return work.save(session, "transfer", told)


def answered(session, key, **values):
    stored = work.read(session, "transfer", key)
    work.save(session, "transfer", {**stored.row(), **values}, identifier=key, revision=stored.revision)


def waiting(session, office=None):
    day = PROPOSED + timedelta(days=1)
    return [one for one in duties.due(session, day, office) if one.kind == "receive"]


def office(session, name):
    return next(one.id for one in session.offices() if one.name == name)


def test_until_it_is_accepted_the_person_stays_and_the_receiver_is_asked(empty, person):
    key = proposed(empty, person)
    assert people.brief(empty, person).office_name == empty.offices()[0].name
    [duty] = waiting(empty, office(empty, SECOND))
    assert (duty.subject.office_name, duty.subject.label, duty.subject.record_id) == (
        SECOND, f"由{empty.offices()[0].name}移交", key,
    )  # fmt: skip
    assert waiting(empty, office(empty, THIRD)) == waiting(empty, empty.offices()[0].id) == []
    assert work.read(empty, "transfer", key).word("state") == "待接收"
    answered(empty, key, state="02", accepted_on=date(2026, 7, 6))
    assert people.brief(empty, person).office_name == SECOND
    assert waiting(empty) == []
    found = episodes.history(empty, person)
    held = [(one.from_date, found.offices[one.office_id]) for one in found.standings[found.person.episode_id]]
    assert held == [(date(2025, 3, 1), empty.offices()[0].name), (date(2026, 7, 6), SECOND)]
    assert work.read(empty, "transfer", key).accepted_by == empty.user


def test_the_receiver_names_who_is_to_help_and_that_stays(empty, person):
    key = proposed(empty, person)
    answered(empty, key, state="02", accepted_on=date(2026, 7, 6))
    assert people.brief(empty, person).caseworker == ""
    people.assign(empty, [person], "王五")
    answered(empty, key, content="卷宗已交")
    answered(empty, key, accepted_on=date(2026, 7, 8))
    found = episodes.history(empty, person)
    held = found.standings[found.person.episode_id]
    assert (held[0].caseworker, held[1].caseworker, held[-1].caseworker) == ("李四", "", "王五")


def test_a_move_that_was_never_answered_ends_with_the_release(empty, person):
    proposed(empty, person)
    assert len(waiting(empty)) == 1
    left = {"changed_on": PROPOSED + timedelta(days=1), "reason": "03"}
    work.save(empty, "register_change", work.blank(empty, "register_change", person).row() | left)
    assert waiting(empty) == []


def test_it_is_returned_with_a_reason_and_may_be_proposed_again(empty, person):
    key = proposed(empty, person)
    with pytest.raises(InvalidRecordError, match="退回的，请写明原因"):
        answered(empty, key, state="03")
    answered(empty, key, state="03", return_reason="本人仍住原处")
    assert people.brief(empty, person).office_name == empty.offices()[0].name
    assert waiting(empty) == []
    proposed(empty, person, THIRD)
    assert [one.subject.office_name for one in waiting(empty)] == [THIRD]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"state": "02", "accepted_on": None}, "请填写接收日期"),
        ({"state": "02", "accepted_on": date(2026, 6, 30)}, "接收日期"),
        ({"state": "02", "accepted_on": date(2099, 1, 1)}, "接收日期"),
        ({"accepted_on": date(2026, 7, 6)}, "接收情况应为“已接收”"),
    ],
)
def test_half_an_answer_is_refused_in_words_and_moves_nobody(empty, person, values, told):
    key = proposed(empty, person)
    with pytest.raises(InvalidRecordError, match=told):
        answered(empty, key, **values)
    assert people.brief(empty, person).office_name == empty.offices()[0].name


def test_what_cannot_be_proposed_is_refused_in_words(empty, person):
    with pytest.raises(InvalidRecordError, match="现在就由"):
        proposed(empty, person, empty.offices()[0].name)
    key = proposed(empty, person)
    with pytest.raises(InvalidRecordError, match="已有一条移交（2026-07-01，移交乙司法所）待接收"):
        proposed(empty, person, THIRD)
    answered(empty, key, state="02", accepted_on=date(2026, 7, 6))
    with pytest.raises(InvalidRecordError, match="不能改回"):
        answered(empty, key, state="01", accepted_on=None)
    with pytest.raises(InvalidRecordError, match="只有本区司法所之间的移交"):
        proposed(empty, person, "外县", direction="02", state="01")
    work.save(empty, "register_change", {"person_id": person, "changed_on": date(2026, 8, 1), "reason": "01"})
    with pytest.raises(InvalidRecordError, match="已解除或变动，不能再移交"):
        proposed(empty, person, THIRD, transferred_on=date(2026, 8, 2))


def worker(session, name, at):
    """A worker of an office; None for one of the bureau."""
    made = as_user(session, name, Role.WORKER)
    known = next(one for one in accounts.users(session) if one.name == name)
    accounts.change(session, known, role=Role.WORKER, office_id=at, sees_sealed=False, telephone="")
    return made


def test_only_the_receiving_office_or_the_bureau_answers(empty, person):
    key = proposed(empty, person)
    sender = worker(empty, "发送", empty.offices()[0].id)
    with pytest.raises(InvalidRecordError, match=f"应由接收单位（{SECOND}）或局里的用户接收"):
        answered(sender, key, state="02", accepted_on=date(2026, 7, 6))
    with pytest.raises(InvalidRecordError, match="或局里的用户接收"):
        answered(sender, key, state="03", return_reason="不要了")
    receiver = worker(empty, "接收", office(empty, SECOND))
    answered(receiver, key, state="02", accepted_on=date(2026, 7, 6))
    assert people.brief(empty, person).office_name == SECOND
    bureau = worker(empty, "局里", None)
    proposed(bureau, person, THIRD, transferred_on=date(2026, 7, 8), state="02", accepted_on=date(2026, 7, 9))
    assert people.brief(empty, person).office_name == THIRD
    for one in (sender, receiver, bureau):
        one.close()


def test_an_office_moves_nobody_past_the_transfer(empty, person):
    """Neither in the person's own data, from a day on or put right, nor in 履历; whoever works for all may."""
    sender = worker(empty, "发送", empty.offices()[0].id)
    known = people.brief(sender, person)
    values = known.row() | {"office_id": office(empty, SECOND)}
    for since in (None, date(2026, 7, 6)):
        with pytest.raises(InvalidRecordError, match="办移交，由接收单位接收"):
            people.save_person(sender, values, identifier=person, revision=known.revision, since=since)
    told = {"from_date": date(2026, 7, 6), "office_id": office(empty, SECOND), "risk": "02"}
    with pytest.raises(InvalidRecordError, match="办移交，由接收单位接收"):
        episodes.save_standing(sender, person, told)
    assert people.brief(empty, person).office_name == empty.offices()[0].name
    people.save_person(sender, known.row() | {"risk": "01"}, identifier=person, revision=known.revision)
    sender.close()


def test_an_office_moves_nobody_by_rows_of_the_history(empty, person):
    """Taking a row away, bringing it back or putting it on another day also changes who is responsible on which day."""
    sender = worker(empty, "发送", empty.offices()[0].id)
    moved = {"from_date": date(2026, 7, 6), "office_id": office(empty, SECOND), "risk": "02"}
    episodes.save_standing(empty, person, moved)

    def held():
        found = episodes.history(empty, person)
        return found.standings[found.person.episode_id]

    before = held()
    second = before[1]
    values = second.row() | {"office_id": second.office_id}
    with pytest.raises(InvalidRecordError, match="办移交，由接收单位接收") as refused:
        episodes.save_standing(
            sender, person, values | {"from_date": date(2026, 6, 1)}, identifier=second.id, revision=second.revision
        )
    assert list(refused.value.faults) == ["from_date"]
    with pytest.raises(InvalidInputError, match=r"删除后，这段时间改由别的司法所负责。.*由接收单位接收"):
        episodes.remove_standing(sender, person, second.id, second.revision)
    with pytest.raises(InvalidRecordError, match="由接收单位接收"):
        episodes.save_standing(sender, person, before[0].row() | {"from_date": date(2026, 7, 7), "risk": "01"})
    assert held() == before
    episodes.save_standing(  # what else it says may be put right
        sender, person, values | {"risk": "01"}, identifier=second.id, revision=second.revision
    )
    episodes.remove_standing(empty, person, second.id, second.revision + 1)
    with pytest.raises(InvalidInputError, match="恢复后，这段时间改由别的司法所负责"):
        episodes.restore_standing(sender, person, second.id)
    sender.close()
    episodes.restore_standing(empty, person, second.id)
    assert [one.office_id for one in held()] == [one.office_id for one in before]


def test_whoever_works_for_all_puts_an_office_right(empty, person):
    known = people.brief(empty, person)
    values = known.row() | {"office_id": office(empty, SECOND)}
    people.save_person(empty, values, identifier=person, revision=known.revision, since=date(2026, 7, 6))
    assert people.brief(empty, person).office_name == SECOND

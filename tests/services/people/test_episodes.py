"""A person who comes back, and what holds from a day on: through the services, on a ledger that is read again."""

from datetime import date

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.kinds.stale import StaleRecordError
from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerSort
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base.listing import explanation_cells, explanation_line
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import episodes, people
from bangjiao_desktop.services.records import work
from tests.ledgers import as_role

NUMBER = "330411198005150037"
Q3 = parse_period("2026Q3")


@pytest.fixture
def returned(empty):
    """A man released in 2021, back in prison in 2023."""
    begun = people.blank_person(empty)
    values = begun.row() | {
        "identity_number": NUMBER, "name": "沈方舟", "release_date": date(2021, 3, 1), "handover_date": date(2021, 3, 2),
        "handover_mode": "03", "prison": "甲监狱", "offence": "盗窃罪",
    }  # fmt: skip
    key = people.save_person(empty, values)
    about = {"person_id": key, "office_id": begun.office_id}
    visit = {"happened_on": date(2022, 5, 1), "method": "01", "content": "在家", **about}
    work.save(empty, "support_record", work.blank(empty, "support_record", key).row() | visit)
    left = {"changed_on": date(2023, 6, 1), "reason": "03", **about}
    work.save(empty, "register_change", work.blank(empty, "register_change", key).row() | left)
    return key


def again(session, key, **values):
    begun = episodes.blank_again(session, key)
    told = {
        "release_date": date(2026, 7, 10),
        "handover_date": date(2026, 7, 11),
        "handover_mode": "03",
        "prison": "乙监狱",
    }
    episodes.begin_again(session, key, begun | told | values)


def test_the_list_tells_who_came_back_and_its_export_the_releases(empty, returned, tmp_path):
    again(empty, returned)
    wanted = LedgerFilter(on=date(2026, 9, 30), again=True)
    [person] = people.page(empty, wanted).rows
    assert (person.name, person.episode_number, person.release_date) == ("沈方舟", 2, date(2026, 7, 10))
    file = tmp_path / "名单.xlsx"
    people.export_list(empty, file, LedgerFilter(), LedgerSort(), ["姓名"], lambda row: [row.name])
    [head, line] = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    assert head == ["姓名", "历次帮教"]
    assert line[0] == "沈方舟"
    assert line[1].startswith("第1期 2021–2023 收监；第2期 2026–")


def test_a_figure_names_the_release_of_who_has_several(empty, returned):
    assert statistics.explain(empty, parse_period("2022"), "reg.end").rows[0].release == ""
    again(empty, returned)
    for period, told in (("2022", "第1期"), ("2026Q3", "第2期")):
        found = statistics.explain(empty, parse_period(period), "reg.end")
        headers, [cells] = explanation_cells(found.subject, found.rows)
        assert cells[headers.index("期次")] == told
        assert told in explanation_line(found.rows[0])


def test_who_comes_back_is_on_the_register_again_and_the_past_stands(empty, returned):
    past = [statistics.figures(empty, parse_period(key)).total for key in ("2021", "2022", "2023")]
    assert [one["reg.end"] for one in past] == [1, 1, 0]
    again(empty, returned)
    assert [statistics.figures(empty, parse_period(key)).total for key in ("2021", "2022", "2023")] == past
    now = statistics.figures(empty, Q3).total
    assert (now["reg.new"], now["reg.end"], now["link.due"], now["link.done"]) == (1, 1, 1, 1)
    [person] = people.page(empty, LedgerFilter(on=date(2026, 9, 30))).rows
    assert (person.status, person.release_date, person.changed_on, person.episode_number) == (
        "registered", date(2026, 7, 10), None, 2,
    )  # fmt: skip
    found = episodes.history(empty, returned)
    assert [one.called(date(2026, 9, 30)) for one in found.episodes] == ["第1期 2021–2023 收监", "第2期 2026– 在册"]
    assert [one.release.prison for one in found.episodes] == ["甲监狱", "乙监狱"]


def test_a_record_is_checked_against_its_own_release(empty, returned):
    again(empty, returned)
    about = work.blank(empty, "support_record", returned).row()
    old = about | {"happened_on": date(2022, 8, 1), "method": "01", "content": "补记"}
    work.save(empty, "support_record", old, knowing=False)  # not before the release it belongs to
    assert statistics.figures(empty, parse_period("2022Q3")).total["aid.visits"] == 1


def test_a_record_opens_with_whom_it_was_about_then(empty, returned):
    """The heading of a record's dialog tells the release it belongs to, not the latest."""
    again(empty, returned)
    then, now = people.brief(empty, returned, date(2022, 5, 1)), people.brief(empty, returned)
    assert (then.episode_number, then.handover_date, then.prison) == (1, date(2021, 3, 2), "甲监狱")
    assert (now.episode_number, now.handover_date, now.prison) == (2, date(2026, 7, 11), "乙监狱")


def test_a_release_waits_for_the_end_of_the_one_before(empty, returned):
    with pytest.raises(InvalidRecordError, match="不能重叠"):
        again(empty, returned, release_date=date(2023, 5, 1), handover_date=date(2023, 5, 2))
    again(empty, returned)
    with pytest.raises(InvalidInputError, match="尚未登记变动"):
        episodes.blank_again(empty, returned)
    [change] = people.story(empty, returned).records["register_change"]
    with pytest.raises(InvalidInputError, match="第2期"):
        work.delete(empty, "register_change", change.id, change.revision)
    with pytest.raises(InvalidRecordError, match="不能晚于"):
        work.save(
            empty, "register_change", change.row() | {"changed_on": date(2026, 8, 1)},
            identifier=change.id, revision=change.revision,
        )  # fmt: skip


def test_two_releases_are_never_of_one_day(empty, returned):
    """Released and taken back on the day: the next release is another day's, or it is the same one."""
    again(empty, returned)
    about = {"person_id": returned, "changed_on": date(2026, 7, 11), "reason": "03"}
    work.save(empty, "register_change", work.blank(empty, "register_change", returned).row() | about)
    known = people.page(empty, LedgerFilter()).rows[0]
    with pytest.raises(InvalidRecordError) as told:
        again(empty, returned, release_date=date(2026, 7, 10))
    assert told.value.faults["release_date"].startswith("第2期也是 2026-07-10 释放")
    again(empty, returned, release_date=date(2026, 7, 11))
    [person] = people.page(empty, LedgerFilter()).rows
    for day in (date(2021, 3, 1), date(2026, 7, 10), date(2023, 1, 1)):
        values = person.row() | {"release_date": day, "handover_date": day}
        with pytest.raises(InvalidRecordError) as told:
            people.save_person(empty, values, identifier=person.id, revision=person.revision)
        assert "release_date" in told.value.faults
    assert known.episode_number == 2


def test_nobody_is_released_who_died(empty, returned):
    again(empty, returned)
    about = {"person_id": returned, "changed_on": date(2026, 8, 1), "reason": "02"}
    work.save(empty, "register_change", work.blank(empty, "register_change", returned).row() | about)
    with pytest.raises(InvalidRecordError) as told:
        again(empty, returned, release_date=date(2026, 9, 1), handover_date=None, handover_mode=None)
    assert told.value.faults == {"release_date": "第2期因死亡离册（2026-08-01），请核对是不是同一个人"}


def test_the_database_itself_keeps_releases_apart(empty, returned):
    again(empty, returned)
    with pytest.raises(IntegrityError), empty.ledger.write() as connection:
        connection.execute(text("UPDATE episode SET changed_on = NULL WHERE number = 1"))


def test_what_changed_on_a_day_leaves_the_days_before_as_they_were(empty, returned):
    again(empty, returned)
    person = people.brief(empty, returned)
    values = {name: getattr(person, name) for name in person.specs()} | {"office_id": person.office_id}
    people.save_person(
        empty, values | {"risk": "01"}, identifier=returned, revision=person.revision, since=date(2026, 9, 1)
    )
    august, september = (statistics.figures(empty, parse_period(f"2026M{month}")).total for month in ("08", "09"))
    assert (august["reg.end.key"], september["reg.end.key"]) == (0, 1)
    person = people.brief(empty, returned)
    assert person.risk == "01"
    people.save_person(  # it was wrong from the first: 更正
        empty, values | {"residence_type": "02"}, identifier=returned, revision=person.revision
    )
    assert statistics.figures(empty, parse_period("2026M08")).total["reg.end.nonlocal"] == 1
    standings = episodes.history(empty, returned).standings[people.brief(empty, returned).episode_id]
    assert [(one.from_date, one.risk, one.residence_type) for one in standings] == [
        (date(2026, 7, 10), "02", "02"), (date(2026, 9, 1), "02", "02"),
    ]  # fmt: skip


def test_a_change_from_a_day_leaves_what_else_was_so_then(empty, returned):
    """Another caseworker since October: a level from August on is no reason to give her to the days before."""
    again(empty, returned)
    person = people.brief(empty, returned)
    for day, changed in ((date(2026, 10, 1), {"caseworker": "赵六"}), (date(2026, 8, 1), {"risk": "01"})):
        person = people.brief(empty, returned)
        people.save_person(empty, person.row() | changed, identifier=returned, revision=person.revision, since=day)
    person = people.brief(empty, returned)
    held = episodes.history(empty, returned).standings[person.episode_id]
    assert [(one.from_date, one.risk, one.caseworker) for one in held] == [
        (date(2026, 7, 10), "02", empty.user), (date(2026, 8, 1), "01", empty.user), (date(2026, 10, 1), "01", "赵六"),
    ]  # fmt: skip
    with pytest.raises(InvalidRecordError) as told:
        values = person.row() | {"caseworker": "钱七"}
        people.save_person(empty, values, identifier=returned, revision=person.revision, since=date(2026, 9, 1))
    assert told.value.faults == {"since": "从 2026-10-01 起履历另有记录，请选那一天以后，或到“履历”里改"}


@pytest.mark.parametrize("since", [date(2026, 7, 9), date(2099, 1, 1)])
def test_nothing_holds_before_the_release_or_from_a_day_to_come(empty, returned, since):
    again(empty, returned)
    person = people.brief(empty, returned)
    values = {name: getattr(person, name) for name in person.specs()} | {"office_id": person.office_id, "risk": "01"}
    with pytest.raises(InvalidRecordError) as told:
        people.save_person(empty, values, identifier=returned, revision=person.revision, since=since)
    assert set(told.value.faults) == {"since"}


def test_standings_are_put_right_and_taken_away(empty, returned):
    again(empty, returned)
    office = people.brief(empty, returned).office_id
    told = {"office_id": office, "risk": "01", "residence_type": "01", "caseworker": "何平", "village": "东村"}
    episodes.save_standing(empty, returned, {"from_date": date(2026, 8, 1), **told})
    with pytest.raises(InvalidRecordError, match="这一天已有一条履历"):
        episodes.save_standing(empty, returned, {"from_date": date(2026, 8, 1), **told})
    found = episodes.history(empty, returned)
    last = found.standings[found.person.episode_id][-1]
    assert (last.risk, last.village, found.person.village) == ("01", "东村", "东村")
    episodes.save_standing(
        empty, returned, {"from_date": date(2026, 8, 5), **told}, identifier=last.id, revision=last.revision
    )
    moved = episodes.history(empty, returned).standings[found.person.episode_id][-1]
    assert moved.from_date == date(2026, 8, 5)
    episodes.remove_standing(empty, returned, moved.id, moved.revision)
    assert people.brief(empty, returned).village == ""
    [only] = episodes.history(empty, returned).standings[found.person.episode_id]
    with pytest.raises(InvalidInputError, match="至少要有一条"):
        episodes.remove_standing(empty, returned, only.id, only.revision)


def test_who_is_in_prison_has_no_release_yet_and_gets_it_later(empty, returned):
    past = [statistics.figures(empty, parse_period(key)).total for key in ("2021", "2022", "2023", "2026Q3")]
    begun = episodes.blank_again(empty, returned)
    with pytest.raises(InvalidRecordError, match="请勾选“在押”"):
        episodes.begin_again(empty, returned, begun)
    begun |= {"imprisoned": True}
    with pytest.raises(InvalidRecordError) as told:
        episodes.begin_again(empty, returned, begun | {"handover_date": date(2026, 7, 11)})
    assert set(told.value.faults) == {"handover_date"}
    episodes.begin_again(empty, returned, begun | {"prison": "乙监狱"})
    found = people.story(empty, returned)
    assert [one.called(date(2026, 9, 30)) for one in found.episodes] == ["第1期 2021–2023 收监", "第2期 在押"]
    assert [statistics.figures(empty, parse_period(key)).total for key in ("2021", "2022", "2023", "2026Q3")] == past
    last = found.episodes[-1]
    episodes.save_episode(
        empty, returned, {"release_date": date(2026, 7, 10), "handover_date": date(2026, 7, 11), "handover_mode": "03"},
        identifier=last.id, revision=last.revision,
    )  # fmt: skip
    assert statistics.figures(empty, Q3).total["reg.end"] == 1
    [standing] = episodes.history(empty, returned).standings[last.id]
    assert standing.from_date == date(2026, 7, 10)  # what held from the release on does so from its day


def test_a_past_release_is_put_right_within_its_neighbours(empty, returned):
    again(empty, returned)
    first, second = people.story(empty, returned).episodes

    def correct(one, **values):
        episodes.save_episode(empty, returned, values, identifier=one.id, revision=one.revision)

    with pytest.raises(InvalidRecordError, match="晚于这一期的变动日期"):
        correct(first, release_date=date(2023, 6, 2), handover_date=None, handover_mode=None)
    with pytest.raises(InvalidRecordError, match="不能重叠"):
        correct(second, release_date=date(2023, 5, 31))
    with pytest.raises(InvalidRecordError, match="衔接日期不能早于释放日期"):
        correct(first, release_date=date(2022, 1, 1))
    assert people.story(empty, returned).episodes == [first, second]
    correct(first, offence="抢劫罪", release_date=date(2021, 2, 1), handover_date=date(2021, 2, 3))
    story = people.story(empty, returned)
    assert [(one.release.offence, one.release.release_date) for one in story.episodes] == [
        ("抢劫罪", date(2021, 2, 1)), ("", date(2026, 7, 10)),
    ]  # fmt: skip
    assert (story.person.offence, story.person.release_date) == ("", date(2026, 7, 10))
    with pytest.raises(StaleRecordError) as stale:
        correct(first, offence="盗窃罪")
    assert (stale.value.current.id, stale.value.current.offence) == (first.id, "抢劫罪")


def test_two_people_on_different_releases_of_one_person_both_save(empty, returned):
    again(empty, returned)
    other = as_role(empty, Role.WORKER)
    story = people.story(empty, returned)
    first, person = story.episodes[0], people.brief(other, returned)  # both have read
    held = episodes.history(empty, returned).standings[first.id][0]
    episodes.save_episode(empty, returned, {"prison": "丙监狱"}, identifier=first.id, revision=first.revision)
    told = {name: getattr(held, name) for name in ("from_date", "office_id", "risk", "residence_type", "caseworker")}
    episodes.save_standing(
        empty, returned, told | {"village": "西村"}, identifier=held.id, revision=held.revision, episode_id=first.id
    )
    values = person.row() | {"offence": "诈骗罪", "telephone": "13800000001"}
    people.save_person(other, values, identifier=returned, revision=person.revision)
    first, second = people.story(empty, returned).episodes
    assert (first.release.prison, first.release.village, second.release.offence) == ("丙监狱", "西村", "诈骗罪")
    other.close()


def test_a_standing_taken_away_comes_back_unless_another_holds_from_its_day(empty, returned):
    office = people.brief(empty, returned).office_id
    told = {"office_id": office, "risk": "01", "residence_type": "01", "caseworker": "何平", "village": "东村"}
    episodes.save_standing(empty, returned, {"from_date": date(2022, 8, 1), **told})
    key = people.brief(empty, returned).episode_id
    last = episodes.history(empty, returned).standings[key][-1]
    episodes.remove_standing(empty, returned, last.id, last.revision)
    assert [one.kind for one in people.story(empty, returned).deleted] == ["standing"]
    episodes.restore_standing(empty, returned, last.id)
    assert people.brief(empty, returned).village == "东村"
    last = episodes.history(empty, returned).standings[key][-1]
    episodes.remove_standing(empty, returned, last.id, last.revision)
    episodes.save_standing(empty, returned, {"from_date": date(2022, 8, 1), **told, "village": "西村"})
    with pytest.raises(InvalidInputError, match="从 2022-08-01 起已有另一条履历"):
        episodes.restore_standing(empty, returned, last.id)


def test_a_standing_is_no_record_of_work(empty, returned):
    [held] = people.story(empty, returned).records["standing"]
    for act in (
        lambda: work.save(empty, "standing", held.row(), identifier=held.id, revision=held.revision),
        lambda: work.delete(empty, "standing", held.id, held.revision),
    ):
        with pytest.raises(InvalidInputError, match="人员页的“履历”"):
            act()


def test_the_story_tells_each_release_and_what_changed_within_it(empty, returned):
    again(empty, returned)
    office = people.brief(empty, returned).office_id
    told = {"office_id": office, "risk": "01", "residence_type": "01", "caseworker": "何平", "village": ""}
    episodes.save_standing(empty, returned, {"from_date": date(2026, 8, 1), **told})
    notice = {"received_on": date(2026, 6, 1), "sender": "乙监狱", "person_id": returned, "office_id": office}
    work.save(empty, "release_notice", work.blank(empty, "release_notice", returned).row() | notice)
    crime = {"happened_on": date(2023, 5, 1), "reoffence_class": "1", "offence": "抢劫罪", "person_id": returned}
    work.save(empty, "reoffence", crime)
    story = people.story(empty, returned, date(2026, 9, 30))
    first, second = (one.id for one in story.episodes)
    lines = [(str(one.on), one.title, one.release, one.episode_id) for one in story.events]
    assert lines == [
        ("2031-07-10", "帮教期满日", "第2期", second), ("2026-08-01", "履历变更", "第2期", second),
        ("2026-07-11", "衔接", "第2期", second), ("2026-07-10", "刑满释放", "第2期", second),
        ("2026-06-01", "预释放信息与核查", "第2期", second),  # of the release to come
        ("2023-06-01", "解除与变动", "第1期", first), ("2023-05-01", "重新犯罪", "第1期", first),
        ("2022-05-01", "走访 · 亲情帮教", "第1期", first), ("2021-03-02", "衔接", "第1期", first),
        ("2021-03-01", "刑满释放", "第1期", first),
    ]  # fmt: skip
    assert next(one.text for one in story.events if one.kind == "standing") == "重点帮教人员 · 责任人 何平"

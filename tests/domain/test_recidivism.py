"""刑法 65 and 66 (累犯): what the data of earlier releases say of a new conviction, and what they do not."""

from datetime import date
from uuid import UUID

import pytest

from bangjiao_desktop.domain.episodes import BEGINNING, FOREVER
from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.recidivism import NewCrime, gravity, new_crime, suggest

KEY = UUID(int=1)
THEFT = {
    "category": "01", "offence": "盗窃罪", "sentence": "有期徒刑三年", "release_date": date(2021, 3, 1),
    "birth_date": date(1980, 5, 15), "risk": "02",
}  # fmt: skip


def past(number=1, changed_on=date(2023, 6, 1), reason="03", **values):
    return Episode(
        id=KEY, revision=1, person_id=KEY, number=number, release=Person.of(THEFT | values), changed_on=changed_on,
        reason=reason, records_from=BEGINNING, records_until=FOREVER,
    )  # fmt: skip


def crime(on=None, until=date(2023, 6, 1), offence="抢劫罪", sentence="有期徒刑五年"):
    return NewCrime(offence, sentence, date(1980, 5, 15), on, until)


def test_who_is_back_in_prison_within_five_years_is_one():
    found = suggest([past()], crime())
    assert (found.answer, found.law, found.open) == ("yes", "刑法第六十五条", ())
    assert "2021-03-01 刑罚执行完毕" in found.told
    assert "第1期（盗窃罪，有期徒刑三年）" in found.told


@pytest.mark.parametrize(("day", "answer"), [(date(2026, 3, 1), "yes"), (date(2026, 3, 2), "no")])
def test_five_years_end_on_the_same_day_of_the_fifth_year(day, answer):
    assert suggest([past()], crime(on=day, until=date(2027, 1, 1))).answer == answer


def test_what_was_entered_apart_is_known():
    told = {"sentence": "三年", "sentence_kind": "01", "birth_date": None, "age_at_offence": 30}
    assert suggest([past(**told)], crime()).answer == "yes"


def test_arrested_after_five_years_the_day_of_the_crime_must_be_known():
    found = suggest([past(changed_on=date(2027, 1, 1))], crime(until=date(2027, 1, 1)))
    assert (found.answer, found.open) == ("unknown", ("本次犯罪是不是在 2026-03-01 以前",))


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ({"sentence": "拘役五个月"}, "不是有期徒刑以上"),
        ({"sentence": "有期徒刑一年，缓刑二年"}, "缓刑"),
        ({"offence": "交通肇事罪"}, "过失犯罪"),
        ({"category": "03"}, "劳动教养"),
        ({"birth_date": date(2004, 1, 1)}, "不满18周岁"),
        ({"age_at_offence": 17}, "犯罪时 17 岁"),
        ({"sentence": "", "sentence_kind": "04"}, "不是有期徒刑以上"),
    ],
)
def test_an_earlier_conviction_that_does_not_count(before, told):
    found = suggest([past(**before)], crime())
    assert found.answer == "no"
    assert told in found.told


@pytest.mark.parametrize(
    "new", [crime(sentence="拘役三个月"), crime(offence="过失致人重伤罪"), crime(sentence="单处罚金")]
)
def test_a_new_conviction_that_does_not_count(new):
    assert suggest([past()], new).answer == "no"


@pytest.mark.parametrize(
    ("before", "new", "asked"),
    [
        ({"sentence": ""}, crime(), "第1期判处的是不是有期徒刑以上"),
        ({"sentence": "二年"}, crime(), "第1期判处的是不是有期徒刑以上"),
        ({}, crime(sentence=""), "本次判处的是不是有期徒刑以上"),
        ({}, crime(offence=""), "本次的罪名"),
        ({"category": "02"}, crime(), "第1期的刑罚何时执行完毕"),
        ({"early_release": True, "early_release_reason": "假释"}, crime(), "假释考验期何时届满"),
        ({"birth_date": None}, crime(), "出生日期"),
        ({"birth_date": date(2000, 1, 1)}, crime(), "第1期犯罪时是否已满18周岁"),
        ({"offence": "盗窃罪、交通肇事罪"}, crime(), "数罪里有没有故意犯罪"),
    ],
)
def test_what_is_not_known_is_said(before, new, asked):
    found = suggest([past(**before)], new)
    assert found.answer == "unknown"
    assert asked in found.told


@pytest.mark.parametrize(
    ("before", "new", "answer"),
    [
        ("组织、领导、参加黑社会性质组织罪", "入境发展黑社会组织罪", "yes"),
        ("间谍罪", "宣扬恐怖主义、极端主义罪", "yes"),  # another of the three
        ("间谍罪", "盗窃罪", "no"),
    ],
)
def test_three_kinds_of_crime_know_no_five_years(before, new, answer):
    found = suggest([past(offence=before)], crime(on=date(2040, 1, 1), until=None, offence=new, sentence="管制一年"))
    assert found.answer == answer
    if answer == "yes":
        assert found.law == "刑法第六十六条"


def test_any_of_several_earlier_releases_can_make_one():
    first, second = past(), past(2, offence="交通肇事罪", release_date=date(2023, 1, 1))
    assert suggest([first, second], crime()).answer == "yes"
    assert suggest([second], crime()).answer == "no"
    assert suggest([], crime()).answer == "no"


def test_what_the_ledger_knows_of_the_new_crime():
    days = [date(2020, 1, 1), date(2023, 5, 1)]
    assert new_crime([past()], days, "抢劫罪", "五年", None).on == date(2023, 5, 1)
    assert new_crime([past()], [*days, date(2023, 5, 9)], "", "", None).on is None  # which of the two is not known
    assert new_crime([past()], [], "", "", date(2026, 7, 1)).until == date(2023, 6, 1)
    assert new_crime([past(reason="01")], [], "", "", date(2026, 7, 1)).until == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("有期徒刑三年六个月", "imprisonment"), ("无期徒刑", "imprisonment"), ("死刑缓期二年执行", "imprisonment"),
        ("拘役四个月", "less"), ("管制二年", "less"), ("单处罚金", "less"), ("有期徒刑二年缓刑三年", "suspended"),
        ("十五年", "imprisonment"), ("4年", "imprisonment"), ("三年", "unknown"), ("", "unknown"), ("不详", "unknown"),
    ],
)  # fmt: skip
def test_the_gravity_of_a_sentence_is_read_from_its_text(sentence, told):
    assert gravity(sentence) == told

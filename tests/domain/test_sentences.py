"""A sentence, as lists write it, read into its parts; what somebody entered is never overwritten."""

from datetime import date

import pytest

from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Situation
from bangjiao_desktop.domain.sentences import proposed, read_sentence

RELEASE = date(2026, 2, 28)


@pytest.mark.parametrize(
    ("text", "kind", "years", "months", "penalties", "until"),
    [
        ("有期徒刑三年六个月，剥夺政治权利一年", "01", 3, 6, "02", date(2027, 2, 28)),
        ("有期徒刑3年", "01", 3, 0, None, None), ("3年6个月", "01", 3, 6, None, None), ("三年半", "01", 3, 6, None, None),
        ("十一年", "01", 11, 0, None, None), ("18个月", "01", 1, 6, None, None), ("有期徒刑一年零二个月", "01", 1, 2, None, None),
        ("有期徒刑二十五年", "01", 25, 0, None, None), ("拘役五个月", "04", 0, 5, None, None), ("管制两年", "05", 2, 0, None, None),
        ("有期徒刑十五年，剥夺政治权利三年，并处罚金5000元", "01", 15, 0, "01,02", date(2029, 2, 28)),
        ("有期徒刑十个月，缓刑一年", "01", 0, 10, None, None), ("无期徒刑，剥夺政治权利终身", "02", None, None, "02", None),
        ("死缓", "03", None, None, None, None), ("单处罚金2000元", "06", None, None, "01", None),
        ("剥夺政治权利二年", "06", None, None, "02", date(2028, 2, 28)), ("免予刑事处罚", "07", None, None, None, None),
        ("不详", None, None, None, None, None), ("2018年3月至2021年3月", None, None, None, None, None),
        ("有期徒刑九十年", "01", None, None, None, None), ("", None, None, None, None, None),
    ],
)  # fmt: skip
def test_what_a_sentence_says(text, kind, years, months, penalties, until):
    found = {
        "sentence_kind": kind, "sentence_years": years, "sentence_months": months, "supplementary_kinds": penalties,
        "rights_until": until,
    }  # fmt: skip
    assert read_sentence(text, RELEASE) == {name: value for name, value in found.items() if value is not None}


def test_penalties_written_apart_are_read_and_make_no_sentence_of_their_own():
    values = {"sentence": "有期徒刑二年", "supplementary_penalty": "罚金5000元，已缴", "release_date": RELEASE}
    assert proposed(values)["supplementary_kinds"] == "01"
    assert "sentence_kind" not in proposed({**values, "sentence": ""})


def test_what_somebody_entered_stays():
    values = {"sentence": "有期徒刑三年", "sentence_kind": "01", "sentence_years": 4}
    assert proposed(values) == {}
    assert Person.completed(values)["sentence_years"] == 4
    assert Person.completed({"sentence": "有期徒刑三年"})["sentence_years"] == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"sentence_years": 26}, "sentence_years"), ({"sentence_months": 12}, "sentence_months"),
        ({"age_at_offence": 11}, "age_at_offence"), ({"age_at_offence": 101}, "age_at_offence"),
    ],
)  # fmt: skip
def test_a_sentence_that_cannot_be_is_refused(values, field):
    person = Person.of({"identity_number": "33041119880203121X", "release_date": RELEASE, "sex": "1", **values})
    assert field in person.faults(Situation(date(2026, 11, 1)))


def test_a_sealing_says_its_ground_day_and_body():
    seen = Situation(date(2026, 11, 1))
    whole = {"sealed": True, "sealed_ground": "01", "sealed_on": date(2026, 3, 2), "sealed_by": "某区人民法院"}
    assert not {"sealed", *Person.OF_SEALING} & Person.of(whole).doubts(seen).keys()
    for missing in ("sealed_ground", "sealed_on", "sealed_by"):
        assert missing in Person.of({**whole, missing: None}).doubts(seen)
    assert "sealed" in Person.of({**whole, "sealed": False}).doubts(seen)

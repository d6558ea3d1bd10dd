"""The forms of every office at once: the same as each alone, and the ledger is asked once for each period."""

import pytest

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.indicators import indicators, parts_of
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import forms, statistics
from bangjiao_desktop.services.upkeep import settings
from tests.counting import scans, statements

PERIOD = parse_period("2026Q3")


@pytest.fixture
def bureau(demo_session):
    """A bureau of 21 offices, some of them without anybody."""
    for number in range(21 - len(demo_session.offices())):
        settings.add_office(demo_session, f"第{number}司法所")
    return demo_session


def test_forms_of_twenty_one_offices_take_three_scans(bureau):
    with statements() as sent:
        found = forms.forms_of_each_office(bureau, PERIOD, comparing=True)
    assert len(bureau.offices()) == 21
    assert len({form.organisation for form in found}) == 22
    assert len(scans(sent)) == 3
    assert len(sent) < 120
    with statements() as sent:
        forms.filled_forms(bureau, PERIOD, comparing=True)
    assert len(scans(sent)) == 3  # the count does find them


def test_forms_of_each_office_are_those_of_the_office_alone(bureau):
    together = forms.forms_of_each_office(bureau, PERIOD, ["AB-2"], comparing=True)
    offices = [None, *bureau.offices()]
    alone = [form for one in offices for form in forms.filled_forms(bureau, PERIOD, one, ["AB-2"], comparing=True)]
    assert together == alone


def test_an_explanation_reckons_its_own_figure_alone(demo_session):
    whole = statistics.figures(demo_session, PERIOD).total
    with statements() as sent:
        for key in indicators():
            assert statistics.explain(demo_session, PERIOD, key).value == whole[key], key
    assert scans(sent) == []
    with statements() as sent:
        statistics.explain(demo_session, PERIOD, "activity.law")
    assert not [one for one in sent if "support_record" in one or "placement" in one]


def test_what_a_figure_is_formed_of():
    known = indicators()
    assert parts_of(known["reg.end"]) == {"reg.end"}
    assert parts_of(known["aid.rate"]) == {"aid.done", "aid.due"}


def test_a_figure_nobody_knows_is_named(empty):
    with pytest.raises(InvalidInputError, match=r"没有名为“reg\.nothing”的指标"):
        statistics.explain(empty, PERIOD, "reg.nothing")

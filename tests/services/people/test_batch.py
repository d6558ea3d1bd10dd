"""One field of several people: all or none, from a day on or put right, taken back by what it returns."""

from datetime import date

import pytest

from bangjiao_desktop.domain.errors import InvalidInputError, NotPermittedError, RefusedLinesError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.people.batch import change_people
from bangjiao_desktop.services.upkeep import verification
from tests.services.test_permissions import as_role


@pytest.fixture
def five(sample):
    return [one.id for one in people.page(sample, LedgerFilter(status="registered"), limit=5).rows]


def values(session, keys, name):
    found = {one.id: one for one in people.page(session, LedgerFilter(people=tuple(keys))).rows}
    return [getattr(found[key], name) for key in keys]


def test_a_field_of_several_is_changed_and_taken_back(sample, five):
    before = values(sample, five, "education")
    made = change_people(sample, "education", dict.fromkeys(five, "20"))
    assert values(sample, five, "education") == ["20"] * 5
    assert made == {key: value for key, value in zip(five, before, strict=True) if value != "20"}
    change_people(sample, "education", made)
    assert values(sample, five, "education") == before
    assert verification.verify(sample).good


def test_what_holds_from_today_leaves_the_figures_of_before(sample, five):
    quarter = parse_period("2026Q1")
    told = statistics.figures(sample, quarter).total
    before = values(sample, five, "residence_type")
    other = "02" if before[0] != "02" else "01"
    made = change_people(sample, "residence_type", dict.fromkeys(five, other), since=sample.today())
    assert values(sample, five, "residence_type") == [other] * 5
    assert statistics.figures(sample, quarter).total == told
    change_people(sample, "residence_type", made, since=sample.today())
    assert values(sample, five, "residence_type") == before
    assert verification.verify(sample).good


def test_what_is_wrong_with_one_changes_none(sample, five):
    before = values(sample, five, "handover_date")
    with pytest.raises(RefusedLinesError) as refused:
        change_people(sample, "handover_date", dict.fromkeys(five, date(2099, 1, 1)))
    assert set(refused.value.faults) == set(range(5))
    assert all("handover_date" in one for one in refused.value.faults.values())
    assert values(sample, five, "handover_date") == before


def test_what_is_decided_sealed_or_somebody_s_own_is_not_changed_for_several(sample, five):
    for field in ("risk", "sealed", "name", "identity_number", "office", "sex", "imprisoned"):
        with pytest.raises(InvalidInputError, match="不能批量修改"):
            change_people(sample, field, dict.fromkeys(five, "01"))
    row = people.for_editing(sample, five[2])
    sealed = {"sealed": True, "sealed_ground": "01", "sealed_on": sample.today(), "sealed_by": "某法院"}
    people.save_person(sample, row.row() | sealed, identifier=five[2], revision=row.revision)
    worker = as_role(sample, Role.WORKER)
    before = values(sample, five, "ethnicity")
    with pytest.raises(NotPermittedError):
        change_people(worker, "ethnicity", dict.fromkeys(five, "02"))
    assert values(sample, five, "ethnicity") == before
    worker.close()

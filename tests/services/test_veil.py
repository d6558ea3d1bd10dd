"""Texts about others that tell of a sealed person: hidden whole from those without authority, and never found by."""

from datetime import date

import pytest
import python_calamine

from bangjiao_desktop.domain.errors import InvalidInputError, InvalidRecordError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.sight import SEALED_NAME, mask_numbers
from bangjiao_desktop.domain.work import WorkFilter, WorkSort
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from tests.services.test_permissions import as_role

SEALED = {"identity_number": "330411198005150037", "name": "高静", "telephone": "13755512345",
          "residence_address": "嘉兴市秀洲区西溪路12号"}  # fmt: skip
TELLING = [
    "高静在场",
    "高 静在场",
    "提高静电意识",
    "证号330411 19800515 0037",
    "打137-5551-2345",
    "打１３７５５５１２３４５",
    "到西溪路12号",
]
PERIOD = parse_period("2026Q3")


def person(session, **values):
    given = {"release_date": date(2026, 7, 1), "office_id": session.offices()[0].id, "handover_date": date(2026, 7, 1)}
    return people.save_person(session, given | values)


@pytest.fixture
def ledger(empty):
    """A chief with authority, a worker without, and an open person beside the sealed one."""
    chief = empty
    person(chief, **SEALED)
    [row] = people.page(chief, LedgerFilter()).rows
    people.save_person(chief, {**row.row(), "sealed": True}, identifier=row.id, revision=row.revision)
    other = person(chief, identity_number="330411199001011237", name="沈方舟")
    worker = as_role(chief, Role.WORKER)
    yield chief, worker, other
    worker.close()


def everywhere(worker, key, model):
    """What a worker sees of one text of one record, by every way there is."""
    rows = [row for row in work.page(worker, WorkFilter(model)).rows if row.id == key]
    return [*(row.record.content for row in rows), work.read(worker, model, key).content]


@pytest.mark.parametrize("text", TELLING)
def test_activities_and_mediations_hide_the_text_whole_and_are_not_found_by_it(ledger, text):
    chief, worker, _ = ledger
    key = work.save(chief, "activity", {"held_on": date(2026, 8, 1), "title": "学习", "kind": "01", "content": text})
    assert everywhere(worker, key, "activity") == [SEALED_NAME] * 2
    assert everywhere(chief, key, "activity") == [text] * 2
    assert work.count(worker, WorkFilter("activity", text=text[1:4])) == 0
    assert work.count(chief, WorkFilter("activity", text=text[1:4])) == 1
    assert work.suggestions(worker, "activity", "content") == []


@pytest.mark.parametrize("text", TELLING)
def test_records_of_open_people_hide_the_text_whole(ledger, text, tmp_path):
    chief, worker, other = ledger
    visit = {"person_id": other, "happened_on": date(2026, 8, 1), "method": "01", "content": text, "place": "村委会",
             "worker": "所长"}  # fmt: skip
    key = work.save(chief, "support_record", visit)
    assert everywhere(worker, key, "support_record") == [SEALED_NAME] * 2
    assert people.story(worker, other).records["support_record"][0].content == SEALED_NAME
    assert all(text not in event.text for event in people.story(worker, other).events)
    assert work.suggestions(worker, "support_record", "content") == []
    assert work.suggestions(worker, "support_record", "place") == ["村委会"]
    assert work.count(worker, WorkFilter("support_record", text=text[1:4])) == 0
    assert work.count(worker, WorkFilter("support_record", text="村委会")) == 1
    assert work.count(chief, WorkFilter("support_record", text=text[1:4])) == 1
    rows = [
        row for name in statistics.figures(worker, PERIOD).total for row in statistics.explain(worker, PERIOD, name).rows
        if row.id == key
    ]  # fmt: skip
    assert rows
    assert {row.record.content for row in rows} == {SEALED_NAME}
    assert work.page(worker, WorkFilter("support_record"), WorkSort("content")).rows[0].sort_value == ""
    export_workbook(chief, tmp_path / "out.xlsx")
    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "out.xlsx"))
    cells = {str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row}
    assert SEALED_NAME in cells
    assert text not in cells


@pytest.mark.parametrize("text", TELLING)
def test_the_remarks_of_open_people_hide_and_are_not_found_by_what_tells(ledger, text):
    chief, worker, other = ledger
    row = people.brief(chief, other)
    people.save_person(chief, {**row.row(), "remarks": text}, identifier=other, revision=row.revision)
    [seen] = people.page(worker, LedgerFilter()).rows
    assert (seen.name, seen.remarks) == ("沈方舟", SEALED_NAME)
    word = text.split(" ")[-1][-4:]
    assert people.count(chief, LedgerFilter(text=word)) > people.count(worker, LedgerFilter(text=word)) == 0
    assert people.count(worker, LedgerFilter(text="沈方舟")) == 1
    assert people.count(worker, LedgerFilter(text=seen.identity_number)) == 1
    people.save_person(worker, {**seen.row(), "offence": "盗窃"}, identifier=other, revision=seen.revision)
    kept = people.brief(chief, other)
    assert (kept.remarks, kept.offence) == (text, "盗窃")
    with pytest.raises(InvalidRecordError, match="需由所长修改"):
        changed = {**people.brief(worker, other).row(), "remarks": "改"}
        people.save_person(worker, changed, identifier=other, revision=kept.revision)


def test_a_name_that_an_open_person_bears_too_hides_nothing_of_him(ledger):
    chief, worker, _ = ledger
    same = person(chief, identity_number="330411199201011231", name="高静")
    visit = {
        "person_id": same,
        "happened_on": date(2026, 8, 1),
        "method": "01",
        "content": "高静近况平稳",
        "worker": "所长",
    }
    key = work.save(chief, "support_record", visit)
    assert everywhere(worker, key, "support_record") == ["高静近况平稳"] * 2
    assert "高静" in {row.name for row in people.page(worker, LedgerFilter()).rows}
    key = work.save(chief, "support_record", {**visit, "content": "高静137-5551-2345"})
    assert everywhere(worker, key, "support_record") == [SEALED_NAME] * 2


@pytest.mark.parametrize(("text", "masked"), [
    ("证号330411 19800515 0037。", "证号330411********0037。"), ("33041119800515003X", "330411********003X"),
    ("打137-5551-2345", "打137****2345"), ("打１３７５５５１２３４５", "打137****2345"), ("0573-83911234", "057****1234"),
    ("2026-08-01 2026-09-01", "2026-08-01 2026-09-01"), ("2026-08-01至2026-09-01 30人", "2026-08-01至2026-09-01 30人"),
    ("合同2026-0012-118", "合同2026-0012-118"),
])  # fmt: skip
def test_numbers_in_groups_are_masked_and_days_are_not(text, masked):
    assert mask_numbers(text) == masked


@pytest.mark.parametrize("model", ["mediation", "activity", "host", "office_report", "stock_movement"])
def test_records_about_nobody_cannot_be_asked_for_by_person(ledger, model):
    chief, _, other = ledger
    for ask in (work.page, work.count):
        with pytest.raises(InvalidInputError, match="不按人登记"):
            ask(chief, WorkFilter(model, person_id=other))


@pytest.mark.parametrize(("values", "field"), [
    ({"release_date": "nonsense"}, "release_date"), ({"name": 5}, "name"), ({"name": ["a"]}, "name"),
    ({"sealed": "yes"}, "sealed"), ({"office_id": "x"}, "office_id"), ({"office_id": ["x"]}, "office_id"),
    ({"sex": 1}, "sex"), ({"prior_convictions": "2"}, "prior_convictions"), ({"remarks": b"x"}, "remarks"),
    ({"prior_convictions": 10**30}, "prior_convictions"),
])  # fmt: skip
def test_a_value_of_the_wrong_type_is_told_field_by_field(ledger, values, field):
    chief, *_ = ledger
    with pytest.raises(InvalidRecordError) as caught:
        person(chief, **{"identity_number": "330411199301011239", "name": "某甲"} | values)
    assert set(caught.value.faults) == {field}


def test_a_record_with_wrong_types_is_told_field_by_field(ledger):
    chief, _, other = ledger
    with pytest.raises(InvalidRecordError) as caught:
        work.save(chief, "support_record", {"person_id": other, "happened_on": 5, "method": {}, "abnormal": "x"})
    assert set(caught.value.faults) == {"happened_on", "method", "abnormal"}
    with pytest.raises(InvalidRecordError) as caught:
        work.save(chief, "support_record", {"person_id": "张三"})
    assert set(caught.value.faults) == {"person_id"}
    with pytest.raises(InvalidInputError):
        work.save(chief, "person", {})


@pytest.mark.parametrize("field", ["name", "remarks", "sex", "identity_number"])
def test_half_characters_never_reach_the_database(ledger, field):
    chief, *_ = ledger
    given = {"identity_number": "330411199301011239", "name": "某甲", field: "\ud800"}
    told = None
    try:
        person(chief, **given)
    except InvalidRecordError as error:
        told = error.faults
    assert told is None or set(told) == {field}

"""What is typed is kept without anything unseen, by whichever door; names with direction marks are refused."""

from datetime import date

import pytest

from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.base import accounts
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work

NUMBER = "330411198005150037"


def person(session, **values):
    office = session.offices()[0].id
    given = {"identity_number": NUMBER, "name": "沈方舟", "release_date": date(2026, 7, 1), "office_id": office}
    return people.save_person(session, given | values)


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200e", "\x1b[31m", "\x00"])
@pytest.mark.parametrize("field", ["name", "former_name", "family_name"])
def test_names_with_direction_marks_or_controls_are_refused(empty, mark, field):
    with pytest.raises(InvalidRecordError) as caught:
        person(empty, **{field: f"沈{mark}方舟"})
    assert set(caught.value.faults) == {field}
    with pytest.raises(InvalidRecordError):
        accounts.add(empty, f"某{mark}员", Role.WORKER, "renyuan-2026")


def test_a_user_cannot_look_like_another(empty):
    with pytest.raises(InvalidRecordError, match="已有名为"):
        accounts.add(empty, "所长\u200b", Role.WORKER, "renyuan-2026")


def test_texts_lose_what_is_unseen_and_telephones_stay_two(empty):
    key = person(
        empty, name="沈\u200b 方舟", telephone="13800000001 13900000002", residence_address=" 某\u202e路\x1b1号 ",
        remarks="甲\ufeff\x00",
    )  # fmt: skip
    [row] = people.page(empty, LedgerFilter()).rows
    assert (row.name, row.telephone) == ("沈方舟", "13800000001、13900000002")
    assert (row.residence_address, row.remarks) == ("某路1号", "甲")
    visit = {"person_id": key, "office_id": row.office_id, "happened_on": date(2026, 8, 1), "method": "01",
             "content": "一\u202e\r\n二\x1b", "worker": "某\u2066甲"}  # fmt: skip
    found = work.read(empty, "support_record", work.save(empty, "support_record", visit))
    assert (found.content, found.worker) == ("一\n二", "某甲")
    people.assign(empty, [key], "某\u202e乙")
    assert people.page(empty, LedgerFilter()).rows[0].caseworker == "某乙"

"""Every kind of paper is for exactly those it was asked for, and says for whom."""

import json
import re
import uuid
from datetime import date

import pytest
from sqlalchemy import text as sql

from bangjiao_desktop.domain.audience import NOBODY, Chosen, Filtered, ForOffice
from bangjiao_desktop.domain.errors import InvalidInputError, NotPermittedError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.print_kinds import FOR_OFFICE, FOR_PEOPLE, KINDS
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.papers import audiences, printing
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from tests.ledgers import raw
from tests.pdf import Pdf
from tests.services.test_permissions import as_role

# No two share a character, so that a name found in a PDF is that person's.
NAMES = ("甲子木", "乙丑林", "丙寅森", "丁卯水", "戊辰河", "己巳江", "庚午火", "辛未焰", "壬申土", "癸酉岩")
OPTIONS = {"papers": {"papers": ["05-group"]}, "letter": {"letter": "1-commission"}, "forms": {"period": "2026Q3"}}
CHOSEN = (2, 7)
DAY = date(2026, 3, 2)


def number(place):
    """A valid identity number of somebody invented."""
    body = f"33041119{70 + place}0101{100 + place:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11]


@pytest.fixture
def ten(empty):
    """Ten people of one office, each with a caseworker and a commission of their own."""
    found = []
    for place, name in enumerate(NAMES):
        values = {
            **people.blank_person(empty).row(), "name": name, "identity_number": number(place), "release_date": DAY,
            "handover_date": DAY, "handover_mode": "01", "caseworker": f"员{name}", "offence": "盗窃罪", "prison": "某监狱",
        }  # fmt: skip
        key = people.save_person(empty, values)
        commission = {"person_id": key, "commissioned_on": DAY, "direction": "01", "counterpart": f"{name}镇司法所"}
        work.save(empty, "commission", {**work.blank(empty, "commission", key).row(), **commission})
        found.append(key)
    return found


def seal(session, key):
    with session.ledger.write() as connection:
        connection.execute(sql("UPDATE person SET sealed = true WHERE id = :id"), {"id": raw(connection, key)})


def names_in(content):
    text = re.sub(r"\s", "", Pdf(content).text)
    return {name for name in NAMES if name in text}


@pytest.mark.parametrize("kind", KINDS)
def test_two_of_ten_are_chosen_and_exactly_they_stand_on_the_paper(empty, ten, kind):
    chosen = Chosen(tuple(ten[place] for place in CHOSEN))
    if kind not in FOR_PEOPLE:
        with pytest.raises(InvalidInputError, match=r"不按人|不分人员"):
            printing.draw(empty, PrintRequest(kind, chosen, OPTIONS.get(kind, {})))
        own = ForOffice() if kind in FOR_OFFICE else NOBODY
        assert names_in(printing.draw(empty, PrintRequest(kind, own, OPTIONS.get(kind, {}))).content) == set()
        return
    request = PrintRequest(kind, chosen, OPTIONS.get(kind, {}))
    printed = printing.draw(empty, request)
    assert names_in(printed.content) == {NAMES[place] for place in CHOSEN}
    assert printed.people == 2
    printing.note_output(empty, request, printed, "pdf")
    [line] = printing.history(empty)
    assert line.whom == "丙寅森、辛未焰"
    assert names_in(printing.draw(empty, line.request).content) == {NAMES[place] for place in CHOSEN}


@pytest.mark.parametrize("kind", FOR_PEOPLE)
@pytest.mark.parametrize("audience", [Chosen(()), NOBODY, ForOffice()])
def test_nobody_chosen_is_refused_and_never_everybody(empty, ten, kind, audience):
    with pytest.raises(InvalidInputError, match=f"“{KINDS[kind]}”还没有选人"):
        printing.draw(empty, PrintRequest(kind, audience, OPTIONS.get(kind, {})))


@pytest.mark.parametrize("kind", FOR_PEOPLE)
def test_a_filter_means_whom_it_lets_through(empty, ten, kind):
    request = PrintRequest(kind, Filtered(LedgerFilter(text="戊辰河")), OPTIONS.get(kind, {}))
    assert names_in(printing.draw(empty, request).content) == {"戊辰河"}


@pytest.mark.parametrize("kind", FOR_PEOPLE)
def test_somebody_who_is_gone_is_said(empty, ten, kind):
    with pytest.raises(InvalidInputError, match="不在台账中"):
        printing.draw(empty, PrintRequest(kind, Chosen((ten[0], uuid.uuid4())), OPTIONS.get(kind, {})))


@pytest.mark.parametrize("kind", FOR_PEOPLE)
def test_a_sealed_file_among_the_chosen_is_refused_without_authority(empty, ten, kind):
    seal(empty, ten[2])
    worker = as_role(empty, Role.WORKER)
    with pytest.raises(NotPermittedError, match="封存"):
        printing.draw(worker, PrintRequest(kind, Chosen((ten[2],)), OPTIONS.get(kind, {})))
    assert audiences.whom(worker, Chosen((ten[2],))) == "封存档案"
    worker.close()


@pytest.mark.parametrize(("kind", "name", "what"), [("dossier", "papers", "文书"), ("forms", "numbers", "报表")])
def test_nothing_ticked_is_nothing(empty, ten, kind, name, what):
    audience = Chosen((ten[0],)) if kind == "dossier" else ForOffice()
    with pytest.raises(InvalidInputError, match=f"一种{what}也没有勾选"):
        printing.draw(empty, PrintRequest(kind, audience, {**OPTIONS.get(kind, {}), name: []}))
    assert printing.draw(empty, PrintRequest(kind, audience, {**OPTIONS.get(kind, {}), name: None})).pages > 5


@pytest.mark.both
def test_one_office_is_not_all_offices_one_by_one(empty):
    request = PrintRequest("forms", ForOffice(empty.offices()[0].id), {"period": "2026Q3", "each_office": True})
    with pytest.raises(InvalidInputError, match="某司法所"):
        printing.draw(empty, request)
    with pytest.raises(InvalidInputError, match="司法所已不在"):
        printing.draw(empty, PrintRequest("forms", ForOffice(uuid.uuid4()), {"period": "2026Q3"}))


@pytest.mark.both
def test_for_whom_in_words(empty, ten):
    office = empty.offices()[0].id
    for audience, words in (
        (Chosen(tuple(ten[:1])), "甲子木"), (Chosen(tuple(ten[:3])), "甲子木、乙丑林、丙寅森"),
        (Chosen(tuple(ten)), "甲子木、乙丑林等 10 人"), (Filtered(LedgerFilter()), "台账中所有人 10 人"),
        (Filtered(LedgerFilter(status="registered")), "全部在册 10 人"),
        (Filtered(LedgerFilter(status="registered", office_id=office, risk="01")), "全部某司法所、在册、重点帮教人员 0 人"),
        (Filtered(LedgerFilter(text="丁卯水")), "查“丁卯水” 1 人"), (ForOffice(), "全部司法所"), (ForOffice(office), "某司法所"),
        (NOBODY, ""),
    ):  # fmt: skip
        assert audiences.whom(empty, audience) == words


@pytest.mark.parametrize(
    ("kind", "old", "wanted"),
    [
        ("dossier", {"people": 2, "options": {"papers": [], "masked": True}}, ("chosen", {"masked": True})),
        ("roster", {"people": 2, "options": {"paper": "A3"}}, ("chosen", {"paper": "A3"})),
        ("roster", {"people": 0, "options": {"filter": {"text": "甲子木"}}}, (Filtered(LedgerFilter("甲子木")), {})),
        ("roster", {"people": 0, "options": {}}, (Filtered(LedgerFilter()), {})),
        ("forms", {"people": 0, "options": {"period": "2026Q3", "office": None, "numbers": []}},
         (ForOffice(), {"period": "2026Q3"})),
        ("brochure", {"people": 0, "options": {"fold": "tri", "office": None}}, (ForOffice(), {"fold": "tri"})),
        ("calibration", {"people": 0, "options": {}}, (NOBODY, {})),
    ],
)  # fmt: skip
def test_what_an_earlier_version_kept_in_its_history_is_printed_again(empty, ten, kind, old, wanted):
    keys = ten[: old["people"]]
    request = PrintRequest.read(
        json.dumps({"kind": kind, "people": [one.hex for one in keys], "options": old["options"]})
    )
    audience = Chosen(tuple(keys)) if wanted[0] == "chosen" else wanted[0]
    assert request == PrintRequest(kind, audience, wanted[1])
    assert PrintRequest.read(request.text()) == request
    assert printing.draw(empty, request).pages >= 1

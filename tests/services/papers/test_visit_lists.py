"""走访单 from the ledger: of the latest release, masked and refused by who prints, entered again from the history."""

from datetime import date, timedelta

import pytest

from bangjiao_desktop.domain.audience import Chosen
from bangjiao_desktop.domain.errors import NotPermittedError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.services.records import work
from tests.ledgers import as_role
from tests.pdf import Pdf
from tests.services.people.test_contacts import back, tried  # noqa: F401 (a fixture)
from tests.services.people.test_episodes import again, returned  # noqa: F401 (a fixture)


def sheet(session, *keys, **options):
    return Pdf(printing.draw(session, PrintRequest("visits", Chosen(keys), options)).content).text


def test_it_tells_what_was_said_last_what_was_agreed_and_what_is_due(demo_session):
    person = next(row for row in people.page(demo_session, LedgerFilter(status="registered")).rows if not row.sealed)
    today = demo_session.today()
    values = work.blank(demo_session, "support_record", person.id).row() | {
        "happened_on": today, "method": "02", "content": "说好下次带身份证来", "next_on": today + timedelta(days=5),
    }  # fmt: skip
    work.save(demo_session, "support_record", values)
    text = sheet(demo_session, person.id)
    for told in (
        person.name,
        person.telephone,
        "说好下次带身份证来",
        f"{today + timedelta(days=5)} 再见",
        person.office_name,
    ):
        assert told in text
    assert person.identity_number not in text


def test_an_attempt_is_not_what_was_said_last_but_its_appointment_holds(empty, back):  # noqa: F811
    tried(empty, back, date(2026, 9, 1), "05", content="改到国庆后", next_on=date(2026, 10, 10))
    text = sheet(empty, back)
    assert "2026-07-14 走访 在家" in text
    assert "2026-10-10 再见" in text


def test_what_belongs_to_the_release_before_is_not_told(empty, returned):  # noqa: F811
    values = work.blank(empty, "support_record", returned).row()
    work.save(
        empty, "support_record", values | {"happened_on": date(2021, 5, 1), "method": "01", "content": "旧的一期"}
    )
    again(empty, returned)
    text = sheet(empty, returned)
    assert "旧的一期" not in text
    assert "还没有见到过本人" in text


def test_telephones_are_masked_for_who_may_not_see_them_and_sealed_files_refused(demo_session):
    rows = people.page(demo_session, LedgerFilter(), limit=500).rows
    person = next(row for row in rows if not row.sealed and row.telephone)
    sealed = next(row for row in rows if row.sealed)
    reader = as_role(demo_session, Role.READER)
    assert person.telephone not in sheet(reader, person.id)
    assert person.telephone in sheet(demo_session, person.id)
    assert person.telephone not in sheet(demo_session, person.id, masked=True)
    with pytest.raises(NotPermittedError):
        sheet(reader, sealed.id)


def test_duties_of_each_are_told_with_their_days(demo_session):
    duty = next(one for one in duties.due(demo_session) if one.rule.subject == "person" and not one.subject.sealed)
    text = sheet(demo_session, duty.subject.id).replace("\r\n", "")
    assert f"{duty.title}（{duty.due.month}月{duty.due.day}日）" in text

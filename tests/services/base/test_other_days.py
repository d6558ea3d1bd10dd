"""A session given another day's clock sees, writes and prints everything as of that day."""

from datetime import UTC, date

import pytest

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import filings
from bangjiao_desktop.services.people import duties, overview, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log, backups
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from bangjiao_desktop.store.reads import records

AUTUMN, NEW_YEAR = date(2026, 10, 8), date(2027, 1, 1)
DAYS = pytest.mark.parametrize("day", [AUTUMN, NEW_YEAR])


def told(found):
    return [(duty.title, duty.due, duty.state, str(duty.subject.id)) for duty in found]


@DAYS
def test_what_is_due_is_due_on_the_sessions_day(demo_on, day):
    session = demo_on(day)
    assert session.today() == day
    found = told(duties.due(session))
    assert found
    assert found == told(duties.due(session, day))
    other = NEW_YEAR if day == AUTUMN else AUTUMN
    assert found != told(duties.due(session, other))


@DAYS
def test_states_of_people_are_those_of_the_day(demo_on, day):
    session = demo_on(day)
    counts = [people.count(session, LedgerFilter(status=one)) for one in ("pending", "overdue", "registered", "closed")]
    assert counts == [
        people.count(session, LedgerFilter(status=one, on=day))
        for one in ("pending", "overdue", "registered", "closed")
    ]
    assert [row.status for row in session.first_look().page.rows[:20]] == [
        row.status for row in people.page(session, LedgerFilter(on=day)).rows[:20]
    ]
    assert sum(overview.needs_summary(session).values()) > 0


def test_the_days_differ(demo_on):
    early, late = demo_on(AUTUMN), demo_on(NEW_YEAR)
    wanted = LedgerFilter(status="overdue")
    assert people.count(early, wanted) < people.count(late, wanted)


@DAYS
def test_new_records_begin_and_are_written_on_the_day(demo_on, day):
    session = demo_on(day)
    person = next(row for row in people.page(session, LedgerFilter(status="registered")).rows if not row.sealed)
    values = work.blank(session, "support_record", person.id).row()
    assert values["happened_on"] == day
    kept = work.save(session, "support_record", values | {"method": "01", "content": "走访，情况正常"}, knowing=True)
    row = work.read(session, "support_record", kept)
    with session.ledger.read() as connection:
        stored = records.row(connection, records.MODELS["support_record"], kept)
    assert stored["created_at"].replace(tzinfo=UTC).astimezone().date() == day
    [line] = audit_log.page(session, AuditFilter(subject="support_record"))[:1]
    assert line.at.astimezone().date() == day
    assert backups.verify(session).broken_entry is None
    work.delete(session, "support_record", kept, row.revision)
    work.restore(session, "support_record", kept)  # within its thirty days, counted by the same clock


def test_a_quarter_is_reported_once_it_is_over(demo_on):
    quarter = parse_period("2026Q4")
    with pytest.raises(InvalidInputError, match="还没有结束"):
        filings.file_forms(demo_on(date(2026, 12, 31)), quarter)
    session = demo_on(NEW_YEAR)
    filings.file_forms(session, quarter, confirmed=True)
    assert {one.form.filing.filed_on for one in filings.filed_forms(session, quarter)} == {NEW_YEAR}


@pytest.mark.file
def test_a_backup_is_named_after_the_day(demo_on):
    made = backups.back_up(demo_on(NEW_YEAR))
    assert made.name.startswith("bangjiao-20270101-12")

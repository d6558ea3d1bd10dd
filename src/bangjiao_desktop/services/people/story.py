"""A person's story: what every record says on the timeline (each kind tells its own), the latest first."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bangjiao_desktop.domain.kinds import record_class
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Event, Pointed, Record

Values = Mapping[str, Any]


def story_events(person: Values, records: Mapping[str, list[dict[str, Any]]], today: date) -> list[Event]:
    """Return the events of a person, the latest first.

    Args:
        person: the person's row.
        records: kind → live records, their references labelled.
        today: tells whether the term has ended.
    """
    events = list(Person.of(person).events(today))
    for kind, rows in records.items():
        for row in rows:
            events.extend(told_record(kind, row).events(today))
    # a story is read from its end; the day decides, and within a day what was recorded later
    events.sort(key=lambda event: event.on or date.min, reverse=True)
    return events


def told_record(kind: str, row: Values) -> Record:
    """Return the record of a row, with what its reference points to."""
    record = record_class(kind)
    reference = next((name for name, spec in record.specs().items() if spec.type == "reference"), None)
    if reference is None:
        return record.of(row)
    pointed = Pointed(str(row.get(f"{reference}_label") or ""), row.get(f"{reference}_day"))
    return record.of({**row, "pointed": pointed})

"""A person's story: what every record says on the timeline (each kind tells its own), the latest first."""

from collections.abc import Mapping, Sequence
from datetime import date

from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Event, Record


def story_events(person: Person, records: Mapping[str, Sequence[Record]], today: date) -> list[Event]:
    """Return the events of a person, the latest first.

    Args:
        person: whose.
        records: kind → live records, with what they point to.
        today: tells whether the term has ended.
    """
    events = list(person.events(today))
    for found in records.values():
        for record in found:
            events.extend(record.events(today))
    # a story is read from its end; the day decides, and within a day what was recorded later
    events.sort(key=lambda event: event.on or date.min, reverse=True)
    return events

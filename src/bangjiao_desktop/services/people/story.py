"""A person's story: what every record says on the timeline (each kind tells its own), the latest first.

Each release (帮教期次) tells its own beginning, and what changed within it (履历) is told beside what held before; every
event belongs to a release, as DOMAIN.md §5 says of records.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.record import Event, Record
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.kinds.release_notice import ReleaseNotice
from bangjiao_desktop.domain.kinds.reoffence import Reoffence
from bangjiao_desktop.domain.kinds.standing import Standing

_TERM_END = "term_end"


def story_events(
    episodes: Sequence[Episode],
    records: Mapping[str, Sequence[Record]],
    offices: Mapping[uuid.UUID, str],
    today: date,
) -> list[Event]:
    """Return the events of a person, the latest first.

    Args:
        episodes: the releases of the person, the first first.
        records: kind → live records, with what they point to.
        offices: key → name.
        today: tells whether the term has ended.
    """
    events = [event for one in episodes for event in _release(one, episodes, today)]
    events.extend(
        _standings([one for one in records.get(Standing.KIND.name, ()) if isinstance(one, Standing)], offices)
    )
    for found in records.values():
        for record in found:
            of = episode_of(record, episodes)
            events.extend(
                replace(event, episode_id=_by_day(event.on, episodes) if of is None else of)
                for event in record.events(today)
            )
    if len(episodes) > 1:
        called: dict[uuid.UUID | None, str] = {one.id: f"第{one.number}期" for one in episodes}
        events = [replace(event, release=called.get(event.episode_id, "")) for event in events]
    # a story is read from its end; the day decides, and within a day what was recorded later
    events.sort(key=lambda event: event.on or date.min, reverse=True)
    return events


def episode_of(record: Record, episodes: Sequence[Episode]) -> uuid.UUID | None:
    """Return the release a record belongs to where its own day does not tell (DOMAIN.md §5), else None.

    A change is of the release it ends; a crime of the last release before its day; a notice of the release to come,
    where the one before has ended.
    """
    if isinstance(record, RegisterChange):
        return record.episode_id
    day = record.day
    if day is None:
        return None
    if isinstance(record, Reoffence):
        before = [one for one in episodes if one.release.release_date is not None and one.release.release_date < day]
        return before[-1].id if before else None
    if isinstance(record, ReleaseNotice):
        coming = next((one for one in episodes if (one.release.release_date or date.max) > day), None)
        now = next((one for one in episodes if one.has(day)), None)
        if coming is not None and (now is None or (now.changed_on is not None and now.changed_on <= day)):
            return coming.id
    return None


def _by_day(day: date | None, episodes: Sequence[Episode]) -> uuid.UUID | None:
    """The release a day belongs to; what has no day is of the person."""
    return None if day is None else next((one.id for one in episodes if one.has(day)), None)


def _release(episode: Episode, episodes: Sequence[Episode], today: date) -> Iterator[Event]:
    """Release, handover, end of the term."""
    ended = episode.changed_on
    for event in episode.release.events(today):
        if event.on is None:
            continue  # in prison: there is nothing yet that happened
        over = event.kind == _TERM_END and ended is not None and event.on is not None and ended < event.on
        if over and episode is not episodes[-1]:
            continue  # the next release has a term of its own
        yield replace(event, episode_id=episode.id)


def _standings(found: Sequence[Standing], offices: Mapping[uuid.UUID, str]) -> Iterator[Event]:
    """What changed within a release, and from which day on; what it began with is no change."""
    before: dict[uuid.UUID | None, Standing] = {}
    for one in sorted(found, key=lambda standing: standing.from_date or date.min):
        earlier, before[one.episode_id] = before.get(one.episode_id), one
        if earlier is None or not (told := one.told(earlier, offices)):
            continue
        yield Event(
            one.from_date, Standing.KIND.name, "履历变更", told, identifier=one.id, tone=one.KIND.tone,
            episode_id=one.episode_id,
        )  # fmt: skip

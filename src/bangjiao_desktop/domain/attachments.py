"""An attachment of a person or record as lists tell it: without its bytes."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bangjiao_desktop.domain.clock import local_time
from bangjiao_desktop.domain.kinds.episode import Episode

PHOTO = "photo"
"""The subject of a person's picture."""


@dataclass(frozen=True)
class ListedAttachment:
    """One attachment.

    Attributes:
        id, revision: its key and the revision it was read with.
        subject: "person", "photo", or the kind of the record it belongs to.
        subject_id: the key of that record; the person's.
        title: what it is called.
        media_type: application/pdf or image/….
        size: bytes.
        created_at: when it was added (UTC).
        episode_id: the release it was put with; None for one that tells it by its record or its day.
        episode: number of the release it belongs to; 0 where that was not asked, and for a photo.
    """

    id: uuid.UUID
    revision: int
    subject: str
    subject_id: uuid.UUID
    title: str
    media_type: str
    size: int
    created_at: datetime
    episode_id: uuid.UUID | None = None
    episode: int = 0


def attachment_episode(
    one: ListedAttachment, episodes: Sequence[Episode], records: Mapping[uuid.UUID, Episode | None]
) -> Episode | None:
    """Return the release an attachment belongs to; None for one that belongs to each (a photo, an undated record's).

    That of its record; else the one it was put with; else the one of the day it was added.

    Args:
        one: the attachment.
        episodes: all of the person's, the first first.
        records: key of a record of the person → its release.
    """
    if one.subject == PHOTO:
        return None
    if one.subject_id in records:
        return records[one.subject_id]
    day = local_time(one.created_at).date()
    put = next((episode for episode in episodes if episode.id == one.episode_id), None)
    return put or next((episode for episode in episodes if episode.has(day)), None)

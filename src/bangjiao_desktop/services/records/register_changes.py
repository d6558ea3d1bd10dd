"""A change that ended a release stays where another release follows: the two would overlap without it (DOMAIN.md §5)."""

import uuid
from datetime import date
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.store.reads import episodes


def episode_ended_by(connection: Any, identifier: uuid.UUID) -> uuid.UUID | None:
    """Return the release a kept change ended."""
    return episodes.ended_by(connection, identifier)


def overlapping(connection: Any, change: RegisterChange) -> dict[str, str]:
    """Return field → what is wrong where a change would end a release after the next has begun."""
    following = _following(connection, change.episode_id)
    if following is None or change.changed_on is None or change.changed_on <= following[1]:
        return {}
    number, release = following
    return {"changed_on": f"第{number}期已于 {release} 释放，前一期的变动不能晚于这一天"}


def require_last(connection: Any, identifier: uuid.UUID) -> None:
    """Refuse to take away a change where another release follows.

    Raises:
        InvalidInputError: says which.
    """
    following = _following(connection, episode_ended_by(connection, identifier))
    if following is not None:
        number, release = following
        raise InvalidInputError(f"此人第{number}期（{release} 释放）已登记，前一期的变动不能删除；日期录错的请修改。")


def released_after(connection: Any, person: ListedPerson | None) -> date | None:
    """Return the day of the release after the one a person is told with, None where there is none (or no day yet)."""
    found = None if person is None else _following(connection, person.episode_id)
    return None if found is None else found[1]


def _following(connection: Any, episode_id: uuid.UUID | None) -> tuple[int, date] | None:
    return None if episode_id is None else episodes.following(connection, episode_id)

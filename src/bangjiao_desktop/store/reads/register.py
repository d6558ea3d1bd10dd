"""People with the change that took them off the register: that of their latest episode."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, or_

from bangjiao_desktop.store.tables.models import Person, RegisterChange

of_latest_episode = and_(RegisterChange.episode_id == Person.episode_id, RegisterChange.deleted_at.is_(None))
"""A register change that ended a person's latest episode; one of an earlier does not make them leave again."""


def with_change(people: FromClause) -> FromClause:
    """Return people joined with the change that ended their latest episode, where there is one."""
    return people.outerjoin(RegisterChange.__table__, of_latest_episode)


def of_latest_release(day: Any) -> ColumnElement[bool]:
    """A record of that day belongs to a person's latest release (DOMAIN.md §5); nothing does of who is in prison again."""
    return or_(Person.episode_number == 1, day >= Person.release_date)


def registered_on(day: date) -> ColumnElement[bool]:
    """在册: handed over by the end of the day, and no change by the end of the day."""
    return and_(Person.handover_date <= day, or_(RegisterChange.changed_on.is_(None), RegisterChange.changed_on > day))

"""Which contacts count as assistance (DOMAIN.md §5), and who stands apart on a day: refusing it, or lost from sight."""

from datetime import date

from sqlalchemy import ColumnElement, and_, literal_column, or_

from bangjiao_desktop.domain.codes import MET
from bangjiao_desktop.store.tables.casework_models import LostContact, Refusal
from bangjiao_desktop.store.tables.models import SupportRecord

_MET: ColumnElement[str] = literal_column(f"'{MET}'")  # as the partial index of attempts says it, else that is not used

met = or_(SupportRecord.outcome.is_(None), SupportRecord.outcome == _MET)
"""The person was met; an empty outcome says the same."""

met_nobody = SupportRecord.outcome != _MET
"""It was tried: 未遇到, 拒绝, 电话不通, 改期."""


def refuses_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a refusal was declared by a day and not taken back by then."""
    still = or_(Refusal.withdrawn_on.is_(None), Refusal.withdrawn_on > day)
    return and_(Refusal.deleted_at.is_(None), Refusal.refused_on <= day, still)


def lost_on(day: date) -> ColumnElement[bool]:
    """Return the condition that somebody was missed or lost from sight by a day and not found by then."""
    still = or_(LostContact.ended_on.is_(None), LostContact.ended_on > day)
    return and_(LostContact.deleted_at.is_(None), LostContact.found_on <= day, still)


__all__ = ["lost_on", "met", "met_nobody", "refuses_on"]

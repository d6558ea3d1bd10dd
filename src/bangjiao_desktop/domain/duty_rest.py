"""Which duties rest: what fell due before an office began to be reminded, what was put off, what does not apply.

`reckon` (domain.duties) gives everything that follows from the rules; here it is told apart. Nothing is lost: what rests
is told with why it does. A rule that asks again and again (`again`) begins anew where the reminding begins: its next day
is the first one after it.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from typing import NamedTuple

from bangjiao_desktop.domain.duties import Duty, state_on
from bangjiao_desktop.domain.kinds.duty_decision import NOT_AT_ALL, NOT_THIS_TIME, POSTPONED, DutyDecision

BEFORE, PUT_OFF, NOT_APPLICABLE = RESTING = ("before", "put_off", "not_applicable")
"""States of duties that rest, beside those of domain.duties."""


class Resting(NamedTuple):
    """A duty that was put off or does not apply, and the decision it rests by; None for who may not see whose it is."""

    duty: Duty
    decision: DutyDecision | None


@dataclass(frozen=True)
class Told:
    """Duties told apart.

    Attributes:
        due: what is to be done, the most urgent first.
        before: what fell due before the office began to be reminded (state BEFORE).
        aside: what was put off or does not apply (states PUT_OFF and NOT_APPLICABLE).
    """

    due: list[Duty]
    before: list[Duty]
    aside: list[Resting]


def key_of(duty: Duty) -> tuple[str, str, str]:
    """Return what a decision about a duty is known by, beside whom it is about: rule, start, record."""
    about = duty.subject.record_id
    return duty.rule.key, duty.start, "" if about is None else str(about)


def decided(duty: Duty, decision: str, until: date | None, reason: str, on: date, by: str) -> DutyDecision:
    """Return the decision about a duty.

    Args:
        duty: which.
        decision: code of duty_decision.
        until: the day it is put off to.
        reason: why.
        on: the day it is decided.
        by: who decides.
    """
    rule, start, record = key_of(duty)
    person = None if duty.rule.subject == "office" else duty.subject.id
    title = f"{duty.title}：{duty.subject.label}" if record and duty.subject.label else duty.title
    return DutyDecision(
        person_id=person, office_id=duty.subject.office_id, decided_on=on, title=title, due_on=duty.due,
        decision=decision, until=until, reason=reason, worker=by, rule=rule, counted_from=start, record_key=record,
    )  # fmt: skip


def told_apart(
    found: Sequence[Duty], decisions: Iterable[DutyDecision], beginnings: Mapping[uuid.UUID, date], on: date
) -> Told:
    """Tell what is due from what rests.

    Args:
        found: as `reckon` returns them.
        decisions: those of each person's latest release, and of offices, made by that day.
        beginnings: office → the day from which it is reminded.
        on: the day.
    """
    known = _Known(decisions)
    due, before, aside = [], [], []
    for duty in found:
        decision = known.of(duty)
        stands = _rest(duty, decision, beginnings.get(duty.subject.office_id), on)
        if stands is None:
            continue
        if stands.state == BEFORE:
            before.append(stands)
        elif stands.state in (PUT_OFF, NOT_APPLICABLE):
            aside.append(Resting(stands, decision))
        else:
            due.append(stands)
    due.sort(key=itemgetter(2, 0))
    return Told(due, before, aside)


def _rest(duty: Duty, decision: DutyDecision | None, beginning: date | None, on: date) -> Duty | None:
    """A duty as it stands on the day; None while it is not near."""
    rule, when = duty.rule, duty.due
    floor = None if beginning is None or beginning > on else beginning
    if floor is not None and when < floor and rule.again:
        when = rule.from_day(when, floor)
    if decision is not None:
        if decision.decision == NOT_AT_ALL or (decision.decision == NOT_THIS_TIME and not rule.again):
            return duty._replace(state=NOT_APPLICABLE, note=decision.reason)
        if decision.decision == NOT_THIS_TIME and decision.due_on is not None:
            passed = max(decision.due_on, decision.decided_on or decision.due_on)  # also what was late by several times
            when = rule.from_day(when, passed + timedelta(days=1))
            if on < when - timedelta(days=rule.warn):
                return duty._replace(state=NOT_APPLICABLE, note=decision.reason)
        if decision.decision == POSTPONED and decision.until is not None:
            if on < decision.until:
                return duty._replace(due=decision.until, state=PUT_OFF, note=decision.reason)
            when = max(when, decision.until)
    if floor is not None and when < floor:
        return duty._replace(state=BEFORE)
    if when == duty.due:
        return duty
    return duty._replace(due=when, state=state_on(when, on)) if on >= when - timedelta(days=rule.warn) else None


class _Known:
    """Decisions by whom and what they are about; of several the latest counts.

    Args:
        decisions: in any order.
    """

    def __init__(self, decisions: Iterable[DutyDecision]) -> None:
        self._of_one: dict[tuple[uuid.UUID | None, str, str, str], DutyDecision] = {}
        self._for_good: dict[tuple[uuid.UUID | None, str, str], DutyDecision] = {}
        for one in sorted(decisions, key=lambda one: (one.decided_on or date.min, str(one.id))):
            who = one.person_id or one.office_id
            self._of_one[who, one.rule, one.counted_from, one.record_key] = one
            if one.decision == NOT_AT_ALL:
                self._for_good[who, one.rule, one.record_key] = one

    def of(self, duty: Duty) -> DutyDecision | None:
        """Return the decision about a duty."""
        if not self._of_one:
            return None
        who = duty.subject.id
        rule, start, record = key_of(duty)
        return self._for_good.get((who, rule, record)) or self._of_one.get((who, rule, start, record))

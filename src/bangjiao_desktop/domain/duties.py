"""What is due: duties reckoned from rules (resources/rules/duties.toml) and the dates of each person's file.

`reckon` takes facts as plain rows (domain.duty_facts; store.reads.duties reads them) and gives the duties that are overdue,
due today or near. Each due date is reckoned once for each day it can be counted from, so that twenty thousand people take
a fraction of a second.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from bangjiao_desktop.domain.codes import KEY_RISK
from bangjiao_desktop.domain.dates import add_months
from bangjiao_desktop.domain.duty_facts import (
    CRITERIA,
    EVENTS,
    PERSON_FACTS,
    PLACES,
    DutySubject,
    Facts,
    OfficeFacts,
    OtherFacts,
)
from bangjiao_desktop.domain.key_person import Criterion, met_criteria
from bangjiao_desktop.domain.periods import period_of
from bangjiao_desktop.domain.workdays import add_workdays, is_known

_CRITERIA_PLACES = tuple(PLACES[name] for name in CRITERIA)
FLAGS = ("escort_required", "key_suggested", "minor_unsealed")
SHOWN = ("record", "statistics", "pending")
STATES = ("pending", "expected", "waiting", "registered", "any")
SPANS = {"month": "M", "quarter": "Q", "half": "H"}
_EVERY = {"month": "每月一次", "quarter": "每季度一次", "half": "每半年一次"}
# Events counted by the methods of support a rule names (support_method): each rule by its own.
BY_METHOD = ("visit", "home_visit")
OVERDUE, TODAY, SOON = "overdue", "today", "soon"
_CONTACT = "support_record"


def tried_in_words(days: Sequence[str], what: str, on: date) -> str:
    """Return that somebody was not met, in words: 10月12日 上门未遇到，共 2 次.

    Args:
        days: on which it was tried (ISO), the last last.
        what: what was tried last, and what came of it.
        on: the day it is said; another year is named.
    """
    last = date.fromisoformat(days[-1])
    year = "" if last.year == on.year else f"{last.year}年"
    return f"{year}{last.month}月{last.day}日 {what}，共 {len(days)} 次"


@dataclass(frozen=True)
class DutyRule:
    """One rule; see the head of resources/rules/duties.toml for what each part means."""

    kind: str
    title: str
    subject: str
    rule: str
    source: str
    opens: str
    start: tuple[str, ...] = ()
    state: str = "registered"
    risk: str = ""
    flag: str = ""
    days: int | None = None
    workdays: int | None = None
    months: int | None = None
    every: str = ""
    warn: int = 0
    before: bool = False
    done: str = ""
    since: str = ""
    within: int | None = None
    methods: tuple[str, ...] = ()
    preset: tuple[tuple[str, str], ...] = ()
    report: str = ""
    period: str = ""
    day: tuple[int, ...] = (0,)
    attempts: int = 0
    willing: bool = False
    residence: str = ""
    again: bool = False
    begins: date | None = None
    shows: str = "record"
    enabled: bool = True

    @cached_property
    def key(self) -> str:
        """What tells the rule among all: its kind, with the risk where one kind has two rules."""
        return f"{self.kind}:{self.risk}" if self.risk else self.kind

    @property
    def term(self) -> str:
        """How long there is time, in words."""
        if self.every:
            return _EVERY[self.every]
        if self.workdays is not None:
            return f"{self.workdays} 个工作日"
        if self.months is not None:
            return f"{self.months} 个月"
        if self.subject == "office":
            return f"期末后 {self.day[0]} 天"
        return f"{self.days} 天" if self.days else "当日"

    def due(self, start: date) -> date:
        """Return the day a duty counted from `start` is due; of a rule that asks again, none before it came in force."""
        found = self.counted(start)
        return self.from_day(found, self.begins) if self.again and self.begins is not None else found

    def from_day(self, due: date, floor: date) -> date:
        """Return the first day from a day on, of those a rule asks for again and again.

        Args:
            due: one of them.
            floor: the day.
        """
        if due >= floor:
            return due
        if self.every:
            return period_of(floor, SPANS[self.every]).last
        if self.months:
            steps = ((floor.year - due.year) * 12 + floor.month - due.month) // self.months
            found = add_months(due, steps * self.months)
            return found if found >= floor else add_months(due, (steps + 1) * self.months)
        if self.days:
            return due + timedelta(days=-(-(floor - due).days // self.days) * self.days)
        while due < floor:
            due = self.counted(due)
        return due

    def counted(self, start: date) -> date:
        """Return the day that follows from `start`, whenever the rule came in force."""
        if self.every:
            period = period_of(start, SPANS[self.every])
            return period_of(period.last + timedelta(days=1), SPANS[self.every]).last
        if self.workdays is not None:
            return add_workdays(start, self.workdays)
        if self.months is not None:
            return add_months(start, self.months)
        return start + timedelta(days=self.days or 0)


class Duty(NamedTuple):
    """Something that is due (a named tuple: a bureau has tens of thousands).

    Attributes:
        kind: English identifier of the rule's kind.
        title: what is to be done.
        due: the day it is due.
        state: "overdue", "today" or "soon".
        rule: what it follows from: the rule in a sentence, its source, what it opens.
        subject: whom it is about.
        preset: fields the record that ends it begins with.
        note: a remark, e.g. that the year's holidays are not known yet.
        tried: that somebody to be met was not when it was tried, and how often since they were met last.
        start: the day it is counted from (ISO); of a report its period.
    """

    kind: str
    title: str
    due: date
    state: str
    rule: DutyRule
    subject: DutySubject
    preset: tuple[tuple[str, str], ...] = ()
    note: str = ""
    tried: str = ""
    start: str = ""

    @property
    def about(self) -> str:
        """What is said beside its title: what it is about, or what was tried; "" for nothing."""
        return self.tried or ("" if self.rule.subject == "office" else self.subject.label)


def state_on(due: date, on: date) -> str:
    """Return how a duty stands on a day."""
    return OVERDUE if due < on else TODAY if due == on else SOON


class _Due(dict[str, tuple[date, str, str] | None]):
    """Start of counting (ISO) → due day, state, note; None while it is not near. Each start is reckoned once."""

    def __init__(self, rule: DutyRule, on: date) -> None:
        super().__init__()
        self._rule = rule
        self._on = on

    def __missing__(self, start: str) -> tuple[date, str, str] | None:
        rule, on = self._rule, self._on
        if not start:
            self[start] = None
            return None
        day = date.fromisoformat(start)
        due = rule.due(day)
        found: tuple[date, str, str] | None
        if on < due - timedelta(days=rule.warn) or (rule.within is not None and (on - day).days > rule.within):
            found = None
        elif rule.before and on >= due:
            found = None  # from that day on another rule speaks
        elif rule.begins is not None and due < rule.begins:
            found = None  # nobody asked for it then
        else:
            note = "" if rule.workdays is None else _holiday_note(due)
            found = (due, state_on(due, on), note)
        self[start] = found
        return found


def methods_asked(rules: Iterable[DutyRule], event: str) -> tuple[tuple[str, ...], ...]:
    """Return the different sets of methods rules in force count an event by; the first for rules that name none."""
    asking = [rule.methods for rule in rules if rule.enabled and event in (*rule.start, rule.done, rule.since)]
    return tuple(dict.fromkeys(one for one in asking if one)) or (("01",),)


class _Bound(NamedTuple):
    """A rule with the places of its facts in a person's tuple (-1 for none), and the starts that can be near."""

    first: int
    second: int
    earliest: str
    latest: str
    due: _Due
    done: int
    since: int
    rule: DutyRule


def _bound(rule: DutyRule, facts: Facts, on: date) -> _Bound:
    places = [facts.place(name, rule.methods) for name in rule.start]
    return _Bound(
        places[0], places[1] if len(places) > 1 else -1, _earliest(rule, on), _latest(rule, on), _Due(rule, on),
        facts.place(rule.done, rule.methods), facts.place(rule.since, rule.methods), rule,
    )  # fmt: skip


def _earliest(rule: DutyRule, on: date) -> str:
    """The first day a duty can be counted from; "0" is before every day, and after the empty text."""
    return "0" if rule.within is None else (on - timedelta(days=rule.within)).isoformat()


def _latest(rule: DutyRule, on: date) -> str:
    """The last day a duty that is near can be counted from: due days grow with the start, so it is searched by halves."""
    low, high = on.toordinal() - 40_000, min(on.toordinal() + 4_000, date.max.toordinal() - 4_000)
    while low < high:
        middle = (low + high + 1) // 2
        if rule.counted(date.fromordinal(middle)) - timedelta(days=rule.warn) <= on:
            low = middle
        else:
            high = middle - 1
    return date.fromordinal(low).isoformat()


class _Asked(dict[tuple[str, Any, Any], list[_Bound]]):
    """(state, risk, household type) → the rules that are asked of somebody who has them; each is looked up once."""

    def __init__(self, by_state: Mapping[str, Sequence[_Bound]]) -> None:
        super().__init__()
        self._by_state = by_state

    def __missing__(self, known: tuple[str, Any, Any]) -> list[_Bound]:
        state, risk, residence = known
        self[known] = found = [
            one for one in self._by_state[state]
            if one.rule.risk in ("", risk) and one.rule.residence in ("", residence)
        ]  # fmt: skip
        return found


def reckon(rules: Iterable[DutyRule], facts: Facts, on: date, criteria: Sequence[Criterion]) -> list[Duty]:
    """Return what is overdue, due on a day or near, the most urgent first.

    Args:
        rules: in force.
        facts: as known on that day.
        on: the day.
        criteria: of key persons, in force.
    """
    found: list[Duty] = []
    today = on.isoformat()
    by_state: dict[str, list[_Bound]] = {"pending": [], "expected": [], "registered": []}
    for rule in rules:
        if not rule.enabled:
            continue
        if rule.subject == "office":
            found.extend(_office_duties(rule, facts.offices, on))
        elif rule.subject == "person":
            states = {"any": ("pending", "expected", "registered"), "waiting": ("pending", "expected")}
            for state in states.get(rule.state, (rule.state,)):
                by_state[state].append(_bound(rule, facts, on))
        else:
            _reckon_others(rule, facts.others.get(rule.subject, ()), found, on)
    suggested, asked = _Suggested(criteria), _Asked(by_state)
    tried = {one.about.id: one.about.label for one in facts.others.get("unmet", ())}
    refusing = {one.about.id for one in facts.others.get("refusal", ()) if one.further.get("written")}
    offices = {office.about.id: office.about.name for office in facts.offices}
    owners: dict[Any, Any] = {}  # key of an office in the rows → UUID
    handed, released = PLACES["handover"], PLACES["release"]
    risk, residence = PLACES["risk"], PLACES["residence"]
    for row in facts.people:
        handover = row[handed]
        if not row[released]:
            continue  # still in prison: nothing falls due but what is asked of a notice
        state = "registered" if handover and handover <= today else "pending" if row[released] <= today else "expected"
        subject: DutySubject | None = None
        for first, second, earliest, latest, dues, done, since, rule in asked[state, row[risk], row[residence]]:
            start = row[first]
            if second >= 0 and row[second] > start:
                start = row[second]
            if start > latest or start < earliest:
                continue  # most people are through with most rules here; an empty start is before every earliest
            due = dues[start]
            if due is None or (done >= 0 and row[done]) or (since >= 0 and row[since] >= start):
                continue
            if rule.flag and not _flagged(rule.flag, row, suggested):
                continue
            if subject is None:
                if row[1] not in owners:
                    owners[row[1]] = facts.key(row[1])
                owner = owners[row[1]]
                subject = DutySubject.of(row, facts.key(row[0]), owner, offices.get(owner, ""))
            if rule.willing and subject.id in refusing:
                continue
            missed = tried.get(subject.id, "") if rule.opens == _CONTACT else ""
            found.append(Duty(rule.kind, rule.title, due[0], due[1], rule, subject, rule.preset, due[2], missed, start))
    found.sort(key=itemgetter(2, 0))
    return found


def counted_from_their_risk(
    found: Sequence[Duty], rules: Iterable[DutyRule], since: Mapping[uuid.UUID, date], on: date
) -> list[Duty]:
    """Return duties with those of rules for key people counted from the day they became so.

    What was due before by the rule of that kind for others stays due: nobody gains time by becoming a key person.

    Args:
        found: as `reckon` returns them.
        rules: in force.
        since: person → the first day of the risk they have, of those who had another one before.
        on: the day.
    """
    others = {rule.kind: rule for rule in rules if rule.enabled and rule.risk and rule.risk != KEY_RISK}
    told: list[Duty] = []
    for duty in found:
        rule = duty.rule
        begun = since.get(duty.subject.id) if rule.risk == KEY_RISK and duty.subject.id is not None else None
        if begun is None or not duty.start:
            told.append(duty)
            continue
        start = date.fromisoformat(duty.start)
        due = rule.due(max(start, begun))
        if (other := others.get(rule.kind)) is not None:
            due = min(due, max(other.due(start), duty.due))
        if on >= due - timedelta(days=rule.warn):
            told.append(duty._replace(due=due, state=state_on(due, on)))
    told.sort(key=itemgetter(2, 0))
    return told


def _reckon_others(rule: DutyRule, rows: Sequence[OtherFacts], found: list[Duty], on: date) -> None:
    dues = _Due(rule, on)
    today = on.isoformat()
    for row in rows:
        if rule.state == "registered" and not "" < row.handover <= today:
            continue
        start = _start(rule, row)
        due = dues[start]
        if (rule.done and row.day(rule.done)) or (rule.since and row.day(rule.since) >= start):
            continue
        if due is not None:
            found.append(Duty(rule.kind, rule.title, due[0], due[1], rule, row.about, rule.preset, due[2], "", start))


def _start(rule: DutyRule, row: OtherFacts) -> str:
    """The day a rule counts from, "" for none: that of its event, or of the attempt that is one too many."""
    if rule.attempts:
        return row.attempts[rule.attempts - 1] if len(row.attempts) >= rule.attempts else ""
    return row.day(rule.start[0])


class _Suggested(dict[tuple[Any, ...], bool]):
    """What is asked of a person → whether it makes a key person; each combination is looked at once."""

    def __init__(self, criteria: Sequence[Criterion]) -> None:
        super().__init__()
        self._criteria = criteria

    def __missing__(self, told: tuple[Any, ...]) -> bool:
        self[told] = found = bool(met_criteria(dict(zip(CRITERIA, told, strict=True)), self._criteria))
        return found


def _flagged(flag: str, row: Sequence[Any], suggested: _Suggested) -> bool:
    if flag != "key_suggested":
        return bool(row[PLACES[flag]])
    return row[PLACES["risk"]] != KEY_RISK and suggested[tuple(row[place] for place in _CRITERIA_PLACES)]


def _office_duties(rule: DutyRule, offices: Iterable[OfficeFacts], on: date) -> list[Duty]:
    """A report for the period that ended last, and for the one under way once its day is near."""
    kind = SPANS[rule.period]
    current = period_of(on, kind)
    found: list[Duty] = []
    for office in offices:
        if rule.report == "04" and not office.pending:
            continue
        for period in (current.previous(), current):
            number = int(period.key[5:]) - 1
            due = period.last + timedelta(days=rule.day[number % len(rule.day)])
            if on < due - timedelta(days=rule.warn) or (rule.report, period.key) in office.filed:
                continue
            state = state_on(due, on)
            preset = (*rule.preset, ("period", period.key))
            subject = office.about._replace(label=period.label)
            title = f"{rule.title}（{period.label}）"
            found.append(Duty(rule.kind, title, due, state, rule, subject, preset, start=period.key))
    return found


def _holiday_note(due: date) -> str:
    return "" if is_known(due.year) else f"{due.year}年放假安排尚未收录，工作日按周末推算"


__all__ = [
    "BY_METHOD", "EVENTS", "OVERDUE", "PERSON_FACTS", "SOON", "TODAY", "Duty", "DutyRule", "DutySubject", "Facts",
    "OfficeFacts", "OtherFacts", "counted_from_their_risk", "methods_asked", "reckon", "state_on", "tried_in_words",
]  # fmt: skip

"""What is due today: rules in force for this bureau, reckoned over the whole ledger or one office."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bangjiao_desktop.domain.codes import KEY_RISK
from bangjiao_desktop.domain.definition_kinds import DUTY
from bangjiao_desktop.domain.definitions.layers import BUREAU
from bangjiao_desktop.domain.duties import (
    BY_METHOD,
    Duty,
    DutyRule,
    DutySubject,
    counted_from_their_risk,
    methods_asked,
    reckon,
)
from bangjiao_desktop.domain.duty_reader import MOST, NUMBERS, with_numbers
from bangjiao_desktop.domain.duty_rest import RESTING, Resting, Told, told_apart
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sight import SEALED_NAME, Sight
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.bulk import collection_paused
from bangjiao_desktop.services.base.definitions import in_force, in_force_on
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.store.reads import duties as store
from bangjiao_desktop.store.reads.duty_decisions import beginnings, duty_decisions
from bangjiao_desktop.store.reads.episodes import risk_since

_TEXTS = ("identity_number", "name", "caseworker", "office_name", "label")


@needs(Permission.SEE_RULES)
def rules_in_force(session: Session) -> tuple[DutyRule, ...]:
    """Return the rules: the program's, the province's, with the bureau's own numbers."""
    return in_force(session).duty_rules


@needs(Permission.SETTINGS)
def change_rule(session: Session, key: str, numbers: Mapping[str, int | bool], seen: int | None = None) -> None:
    """Keep the bureau's own numbers for a rule; what is as in the layer below is not kept, none brings it back.

    Args:
        session: who changes it.
        key: of the rule.
        numbers: days, workdays, months, warn, within → 0 to 3650, enabled → yes or no.
        seen: revision of the bureau's own text as it was read (`definitions.revisions`), 0 where there was none; None
            where nobody looked.

    Raises:
        InvalidInputError: there is no such rule, no such number, or one out of range.
        DefinitionError: the rule is not whole with these numbers, or the bureau's own text of it does not read.
        StaleError: somebody else changed it since it was read.
    """
    known = in_force(session)
    if key not in {rule.key for rule in known.duty_rules}:
        raise InvalidInputError(f"没有名为“{key}”的提醒规则。")
    for name, value in numbers.items():
        _require_number(name, value)
    entry = known.entry(DUTY, key)
    mine = entry.text if entry is not None and entry.layer == BUREAU else ""
    if numbers and mine and entry is not None and entry.fault:
        raise DefinitionError(f"{entry.fault}请先到“规则与样式”改正或恢复这条规则，再改数字。")
    wanted = with_numbers(mine, key, numbers, known.duty_below_bureau(key)) if numbers else ""
    if wanted:
        definitions.save(session, DUTY, key, wanted, seen)
    else:
        definitions.restore(session, DUTY, key, seen)


def _require_number(name: str, value: object) -> None:
    if name == "enabled":
        if not isinstance(value, bool):
            raise InvalidInputError("提醒规则的“enabled”应为是或否，没有保存。")
    elif name not in NUMBERS:
        raise InvalidInputError(f"提醒规则没有名为“{name}”的数字，可改：{'、'.join((*NUMBERS, 'enabled'))}。")
    elif isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise InvalidInputError(f"提醒规则的“{name}”应为 0 到 {MOST} 的整数，没有保存。")


@needs(Permission.SEE_PEOPLE)
def due(session: Session, on: date | None = None, office_id: uuid.UUID | None = None) -> list[Duty]:
    """Return what is overdue, due or near on a day, the most urgent first; sealed files without their names.

    What rests (domain.duty_rest) is left out; `told` has it, too.

    Args:
        session: whose; sealed files are named to those with authority only.
        on: the day, default today; records dated later do not count.
        office_id: one office; None for all.
    """
    return told(session, on, office_id).due


@needs(Permission.SEE_PEOPLE)
def told(session: Session, on: date | None = None, office_id: uuid.UUID | None = None) -> Told:
    """Return what is due, and apart from it what rests: of before the office was reminded, put off, not applicable.

    Args:
        session: whose.
        on: the day, default today.
        office_id: one office; None for all.
    """
    sight = sight_of(session)
    with collection_paused():
        found = _reckoned(session, on or session.today(), office_id, sight)
    if sight.sealed and sight.numbers:
        return found
    return Told(
        [_seen(duty, sight) for duty in found.due], [_seen(duty, sight) for duty in found.before],
        [_seen_resting(one, sight) for one in found.aside],
    )  # fmt: skip


def _seen_resting(one: Resting, sight: Sight) -> Resting:
    if one.duty.subject.sealed and not sight.sealed:
        return Resting(hidden(one.duty), None)
    return Resting(_seen(one.duty, sight)._replace(note=str(sight.value("reason", one.duty.note))), one.decision)


def _reckoned(session: Session, day: date, office_id: uuid.UUID | None, sight: Sight) -> Told:
    """Duties as they are; the facts they are reckoned from are gone before garbage is searched for again."""
    with session.ledger.read() as connection:
        known = in_force_on(connection, session)
        rules = known.duty_rules
        facts = store.duty_facts(
            connection, sight, day, methods={event: methods_asked(rules, event) for event in BY_METHOD},
            since=_asked_since(rules, day), residences=_asked_residences(rules), office_id=office_id,
        )  # fmt: skip
        found = reckon(rules, facts, day, known.criteria)
        found = counted_from_their_risk(found, rules, risk_since(connection, KEY_RISK, day), day)
        return told_apart(found, duty_decisions(connection, sight, day), beginnings(connection), day)


def _seen(duty: Duty, sight: Sight) -> Duty:
    about = duty.subject
    if about.sealed and not sight.sealed:
        return hidden(duty)
    if sight.numbers:
        return duty
    return duty._replace(subject=about._replace(**{name: sight.value(name, getattr(about, name)) for name in _TEXTS}))


def hidden(duty: Duty) -> Duty:
    """Return a duty about a sealed file without whom it is about: where it is due, and that it is one."""
    about = duty.subject
    unnamed = DutySubject(
        None, about.office_id, "", SEALED_NAME, "", sealed=about.sealed, risk="", office_name=about.office_name
    )
    return duty._replace(subject=unnamed, tried="", note="" if duty.state in RESTING else duty.note)


def person_key(duty: Duty) -> uuid.UUID | None:
    """Return the key of the person a duty is about, None for an office's or a sealed file's."""
    return None if duty.rule.subject == "office" else duty.subject.id


def duty_json(duty: Duty) -> dict[str, Any]:
    """Return a duty as the `duties --json` command prints it; sealed files without whom they are about."""
    about = hidden(duty).subject if duty.subject.sealed else duty.subject
    office = duty.rule.subject == "office"
    found: dict[str, Any] = {
        "kind": duty.kind, "person": None if office else about.identity_number or None,
        "name": None if office else about.name, "office": about.office_name, "due": duty.due.isoformat(),
        "state": duty.state, "title": duty.title, "rule": duty.rule.rule, "source": duty.rule.source,
    }  # fmt: skip
    if about.label:
        found["about"] = about.label
    if duty.note:
        found["note"] = duty.note
    if duty.tried and not duty.subject.sealed:
        found["tried"] = duty.tried
    return found


# What is read for those alone whom a rule can still ask it of: mostly people who arrived a while ago, and many of them.
_OF_ARRIVALS = ("notice", "told", "filed", "agreed", "reported", "decided", "home_visit")
_BEFORE_A_RELEASE = 730  # days a notice may come ahead of the handover it is about


def _asked_since(rules: tuple[DutyRule, ...], day: date) -> dict[str, date]:
    """Event → the earliest handover of whom any rule still asks it; an event is left out if one asks it of everybody."""
    found: dict[str, date] = {}
    of_people = [one for one in rules if one.enabled and one.subject == "person"]
    for event in _OF_ARRIVALS:
        asking = [one for one in of_people if event in (one.done, one.since, *one.start)]
        days = [_handed_since(one, day) for one in asking]
        if None not in days:
            found[event] = min((one for one in days if one is not None), default=day)
    return found


def _asked_residences(rules: tuple[DutyRule, ...]) -> dict[tuple[str, tuple[str, ...]], frozenset[str]]:
    """(event, methods) → household types of whom any rule asks it; left out if one asks it of everybody."""
    asking: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    usual = {event: methods_asked(rules, event)[0] for event in BY_METHOD}  # of rules that name no methods
    for rule in rules:
        if rule.enabled and rule.subject == "person":
            for event in (rule.done, rule.since, *rule.start):
                by = (rule.methods or usual[event]) if event in usual else ()
                asking.setdefault((event, by), set()).add(rule.residence)
    return {what: frozenset(types) for what, types in asking.items() if "" not in types}


def _handed_since(rule: DutyRule, day: date) -> date | None:
    """The earliest handover of whom a rule can say something on a day; None if it may be any."""
    if rule.state not in ("registered", "any"):
        return day  # who is waiting was not handed over yet
    if rule.within is None or not set(rule.start) <= {"handover", "release", "notice"}:
        return None
    return day - timedelta(days=rule.within + (0 if rule.start == ("handover",) else _BEFORE_A_RELEASE))

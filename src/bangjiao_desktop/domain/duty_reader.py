"""Reads duty rules: the program's, a province's and a bureau's own, the upper ones laid over the lower ones."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

import tomlkit
from msgspec import Meta, field

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.definitions.pieces import Piece, pieces
from bangjiao_desktop.domain.definitions.reader import Shape, text_of
from bangjiao_desktop.domain.duties import BY_METHOD, EVENTS, DutyRule
from bangjiao_desktop.domain.layout import ledger_kinds
from bangjiao_desktop.domain.resources import resource_path

NUMBERS = ("days", "workdays", "months", "warn", "within", "attempts")  # of a rule, from 0 to MOST
MOST = 3650
_Number = Annotated[int, Meta(ge=0, le=MOST)]
_Span = Literal["", "month", "quarter", "half"]
_COUNTED = ("days", "workdays", "months", "every")
_TERM = (*_COUNTED, "day")  # what `DutyRule.term` tells


class _Duty(Shape, frozen=True):
    """A rule as its file writes it; see the head of resources/rules/duties.toml."""

    kind: str
    title: str
    subject: Literal["person", "notice", "need", "lost", "commission", "transfer", "refusal", "unmet", "office"]
    rule: str
    source: str
    opens: str
    start: tuple[str, ...] = field(default=(), name="from")
    state: Literal["", "pending", "expected", "waiting", "registered", "any"] = ""
    risk: str = ""
    flag: Literal["", "escort_required", "key_suggested", "minor_unsealed"] = ""
    days: _Number | None = None
    workdays: _Number | None = None
    months: _Number | None = None
    every: _Span = ""
    warn: _Number = 0
    before: bool = False
    done: str = ""
    since: str = ""
    within: _Number | None = None
    methods: tuple[str, ...] = ()
    preset: dict[str, str] = field(default_factory=dict)
    report: str = ""
    period: _Span = ""
    day: _Number | tuple[_Number, ...] = 0
    attempts: _Number = 0
    willing: bool = False
    residence: str = ""
    again: bool = False
    begins: date | None = None
    shows: Literal["record", "statistics", "pending"] = "record"
    enabled: bool = True


@cache
def duty_rules(province: str = "") -> tuple[DutyRule, ...]:
    """Return the rules shipped with the program for a province.

    A province's file changes rules of the same key and adds others.

    Args:
        province: first two digits of the division code, "" for none.

    Raises:
        DefinitionError: a rules file is wrong; names file, line and rule.
    """
    return tuple(laid_over(over) for over in stacked(shipped_pieces(province)).values())


@cache
def shipped_pieces(province: str = "") -> tuple[Piece, ...]:
    """Return the texts of the shipped rules: the program's, then the province's."""
    found = rule_pieces(*_file("duties.toml"))
    if province and (resource_path("rules") / "provinces" / f"{province}.toml").exists():
        found += rule_pieces(*_file(f"provinces/{province}.toml"))
    return found


def rule_pieces(source: str, where: str) -> tuple[Piece, ...]:
    """Return the rules of a file as texts of their own.

    Raises:
        DefinitionError: no TOML, anything but [[duty]], or a rule without a kind or told twice.
    """
    return pieces(source, where, "duty", _key)


def stacked(found: Iterable[Piece]) -> dict[str, list[Piece]]:
    """Return the texts of each rule by its key, the lower layers first."""
    by_key: dict[str, list[Piece]] = {}
    for piece in found:
        by_key.setdefault(piece.key, []).append(piece)
    return by_key


def laid_over(layers: Sequence[Piece]) -> DutyRule:
    """Return a rule told by several layers: what an upper one says holds, the rest is as below.

    Where numbers were changed above the layer that words the rule, its words say so: they name the old ones.

    Raises:
        DefinitionError: it is not whole, or names what does not exist; file and line are those of the upper layer.
    """
    told: dict[str, Any] = {}
    worded: dict[str, Any] = {}  # what the words speak of
    for layer in layers:
        if any(key in layer.data for key in _COUNTED):
            told = {key: value for key, value in told.items() if key not in _COUNTED}
        told |= layer.data
        if "rule" in layer.data:
            worded = dict(told)
    top = layers[-1]
    item = top.shaped(told, _Duty)
    _check(item, top)
    rule = DutyRule(
        item.kind, item.title, item.subject, item.rule, item.source, item.opens, item.start,
        item.state or ("registered" if item.subject == "person" else "any"), item.risk, item.flag, item.days,
        item.workdays, item.months, item.every, item.warn, item.before, item.done, item.since, item.within,
        item.methods, tuple(item.preset.items()), item.report, item.period,
        item.day if isinstance(item.day, tuple) else (item.day,), item.attempts, item.willing, item.residence,
        item.again, item.begins, item.shows, item.enabled,
    )  # fmt: skip
    return replace(rule, rule=rule.rule + _told_otherwise(rule, told, worded))


def _told_otherwise(rule: DutyRule, told: Mapping[str, Any], worded: Mapping[str, Any]) -> str:
    """Return what a rule's words do not know: its term, and the days of a reminder they name, as they are now."""
    now = []
    if any(told.get(name) != worded.get(name) for name in _TERM):
        now.append(rule.term)
    if told.get("attempts") != worded.get("attempts"):
        now.append(f"连续 {rule.attempts} 次")
    was = worded.get("warn", 0)
    if rule.warn != was and re.search(rf"前{was}(?!\d)", rule.rule):
        now.append(f"提前 {rule.warn} 天提醒")
    return f"（现定为{'，'.join(now)}）".replace(" ", "") if now else ""


def with_numbers(text: str, key: str, numbers: Mapping[str, Any], below: DutyRule | None = None) -> str:
    """Return a layer's text of a rule with numbers changed; its other words and remarks stay.

    Args:
        text: as it is, "" where the layer has none yet; one that reads.
        key: of the rule.
        numbers: days, workdays, months, warn, within → number, enabled → yes or no.
        below: the rule without this layer: a number that is as there is left out, so that it follows what is below.

    Returns:
        The TOML, "" if nothing is left that is not as below.
    """
    kind, _, risk = key.partition(":")
    document = tomlkit.parse(text or "[[duty]]\n")
    item = document["duty"][0]
    for name, value in {"kind": kind, **({"risk": risk} if risk else {}), **numbers}.items():
        if below is not None and name in numbers and getattr(below, name) == value:
            item.pop(name, None)
        elif name not in item or item[name] != value:
            item[name] = value
    made = tomlkit.dumps(document)
    return made if set(item) - {"kind", "risk"} or "#" in made else ""


def _check(rule: _Duty, piece: Piece) -> None:
    """Refuse what a type cannot tell: dates and records that do not exist, a term told twice or not at all."""
    events = [*(("from", one) for one in rule.start), ("done", rule.done), ("since", rule.since)]
    for key, event in events:
        if event and event not in EVENTS[rule.subject]:
            known = "、".join(EVENTS[rule.subject])
            raise piece.fault(f"规则“{rule.kind}”的日期“{event}”不认识，可用：{known}。", key)
    counted = [key for key in _COUNTED if _says(rule, key)]
    if rule.subject == "office":
        if not rule.period or not rule.report or rule.day == ():
            raise piece.fault(f"规则“{rule.kind}”要写 report 和 period（month、quarter、half）。")
    elif len(counted) != 1 or not rule.start:
        what = f"规则“{rule.kind}”要写 from，并在 days、workdays、months、every 中恰好写一个。"
        raise piece.fault(what, counted[-1] if counted else "from")
    if (rule.subject == "unmet") != bool(rule.attempts):
        raise piece.fault(f'规则“{rule.kind}”的 attempts（连续几次）只用于 subject = "unmet"，并且不能少。', "attempts")
    if rule.again and (rule.subject == "office" or not any((rule.every, rule.days, rule.workdays, rule.months))):
        raise piece.fault(f"规则“{rule.kind}”的 again（做过一次还要再做）要有 every，或不为 0 的期限。", "again")
    if rule.residence and (rule.subject != "person" or rule.residence not in code_table("residence_type").codes):
        raise piece.fault(
            f'规则“{rule.kind}”的 residence 只用于 subject = "person"，写户籍类型的代码（01 本地，02 外地籍）。',
            "residence",
        )
    if rule.shows != "record" and rule.subject != "office":
        raise piece.fault(f'规则“{rule.kind}”的 shows 只用于 subject = "office"。', "shows")
    if rule.willing and rule.subject != "person":
        raise piece.fault(f'规则“{rule.kind}”的 willing 只用于 subject = "person"。', "willing")
    if len(rule.start) > 2:
        raise piece.fault(f"规则“{rule.kind}”的 from 最多写两个日期。", "from")
    if rule.opens not in {sheet.key for sheet in ledger_kinds()}:
        raise piece.fault(f"规则“{rule.kind}”的 opens“{rule.opens}”不是数据表。", "opens")
    if rule.risk and rule.risk not in code_table("risk").codes:
        raise piece.fault(f"规则“{rule.kind}”的 risk“{rule.risk}”不在代码表内。", "risk")
    unknown = [code for code in rule.methods if code not in code_table("support_method").codes]
    if unknown:
        raise piece.fault(f"规则“{rule.kind}”的 methods“{unknown[0]}”不在帮教方式代码表内。", "methods")
    if rule.methods and not {event for _, event in events} & set(BY_METHOD):
        what = f"规则“{rule.kind}”写了 methods，却没有用到 {'、'.join(BY_METHOD)}，写了也不起作用。"
        raise piece.fault(what, "methods")


def _says(rule: _Duty, key: str) -> bool:
    """Whether a rule has a term of a kind."""
    return getattr(rule, key) not in (None, "")


def _key(item: Mapping[str, Any]) -> str:
    kind, risk = item.get("kind", ""), item.get("risk", "")
    return f"{kind}:{risk}" if risk else str(kind)


def _file(name: str) -> tuple[str, str]:
    where = f"规则文件 rules/{name}"
    return text_of(resource_path("rules", *name.split("/")), where), where

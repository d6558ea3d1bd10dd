"""A sentence as lists write it (有期徒刑三年六个月，剥夺政治权利一年), read into its parts: kind, years, months, penalties.

What is read is a proposal: it fills what is empty and never takes the place of what somebody entered. A text that says
no term is left alone.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.dates import add_months
from bangjiao_desktop.domain.late_patterns import late
from bangjiao_desktop.domain.text import compact

FIXED_TERM, DETENTION, CONTROL, ONLY_SUPPLEMENTARY = "01", "04", "05", "06"
_LASTING = (FIXED_TERM, DETENTION, CONTROL)
RIGHTS = "02"
"""Code of supplementary_kind: 剥夺政治权利."""
FIELDS = ("sentence_kind", "sentence_years", "sentence_months", "supplementary_kinds", "rights_until")
"""What a sentence is read into; where one of them is given, somebody has read it already."""
MOST_YEARS = 25
"""A fixed term is at most 25 years, also for several offences (刑法第69条)."""
_DIGITS = {one: value for value, one in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_NUMBER = r"(\d{1,3}|[零〇一二两三四五六七八九十]{1,3})"
_TERM = rf"(?:{_NUMBER}年(?:零|又|另)?)?(?:(半)(?!年)|(?:{_NUMBER}个?月(?:零|又)?)?)"
_LASTS = late(_TERM)
_RIGHTS = late(rf"剥夺政治权利(?:终身|{_TERM})?|剥政(?:终身|{_TERM})?|剥权(?:终身|{_TERM})?")
_BARE = late(rf"(?:{_NUMBER}年(?:零|又|另)?)?(半|{_NUMBER}个?月)?")
_KINDS = (
    ("03", ("死缓", "死刑缓期", "死刑,缓期", "死刑、缓期")), ("02", ("无期",)), (FIXED_TERM, ("有期徒刑", "有期", "徒刑")),
    (DETENTION, ("拘役",)), (CONTROL, ("管制",)), ("07", ("免予刑事处罚", "免于刑事处罚")),
)  # fmt: skip


def read_sentence(text: str, release: date | None = None, beside: str = "") -> dict[str, Any]:
    """Return the fields of `FIELDS` a sentence says, only those it does; {} where it says none.

    Args:
        text: as typed, or as a list writes it; a bare term (3年6个月, 三年) is a fixed term.
        release: the day the main sentence ended, from which the loss of political rights is reckoned (刑法第58条).
        beside: what is written of penalties apart from it (附加刑及履行情况).
    """
    plain = compact(text)
    whole = f"{plain},{compact(beside)}"
    found: dict[str, Any] = {}
    penalties = [code for code, words in _penalties() if any(word in whole for word in words)]
    own = any(word in plain for code, words in _penalties() for word in words)
    rights = _RIGHTS.search(whole)
    if rights and RIGHTS not in penalties:
        penalties.append(RIGHTS)
    main = _RIGHTS.sub("", plain)
    kind, place = _kind(main)
    if kind:
        found["sentence_kind"] = kind
        if kind in _LASTING:
            found |= _lasting(main[place:])
    elif own and not re.search(r"\d|[一二三四五六七八九十]+(?:年|个月)", main.split("罚金")[0]):
        found["sentence_kind"] = ONLY_SUPPLEMENTARY
    if penalties:
        found["supplementary_kinds"] = ",".join(sorted(penalties))
    if rights and release is not None and (months := _months(*rights.groups())):
        found["rights_until"] = add_months(release, months)
    return found


def proposed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person's sentence proposes for the fields beside it; {} where one of these is given already.

    Args:
        values: fields of a person: sentence, supplementary_penalty, release_date and those of `FIELDS`.
    """
    if any(values.get(name) for name in FIELDS):
        return {}
    text, beside = values.get("sentence") or "", values.get("supplementary_penalty") or ""
    return read_sentence(text, values.get("release_date"), beside) if text or beside else {}


def follows(values: Mapping[str, Any]) -> bool:
    """Tell whether the fields of `FIELDS` say just what a sentence's text proposes: telling the text tells them."""
    read = proposed({name: value for name, value in values.items() if name not in FIELDS})
    return all((values.get(name) or None) == (read.get(name) or None) for name in FIELDS)


def _kind(text: str) -> tuple[str, int]:
    """The main sentence, and where its term begins; a bare term is a fixed one."""
    for code, words in _KINDS:
        for word in words:
            if word in text:
                return code, text.index(word) + len(word)
    bare = _BARE.match(text)
    return (FIXED_TERM, 0) if bare and bare[0] else ("", 0)


def _lasting(text: str) -> dict[str, int]:
    term = _LASTS.match(text.lstrip(":,、"))
    months = _months(*term.groups()) if term else 0
    if not 0 < months <= MOST_YEARS * 12:
        return {}
    return {"sentence_years": months // 12, "sentence_months": months % 12}


def _months(*groups: str | None) -> int:
    """The months of the first term among groups of (years, half, months)."""
    for place in range(0, len(groups) - 2, 3):
        years, half, months = groups[place : place + 3]
        if found := _value(years) * 12 + (6 if half else 0) + _value(months):
            return found
    return 0


def _value(text: str | None) -> int:
    """A number in digits or in words up to 99; 0 for none."""
    if not text:
        return 0
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if ten:
        return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    return _DIGITS.get(text, 0) if len(text) == 1 else 0


def _penalties() -> list[tuple[str, tuple[str, ...]]]:
    return [(one.code, (one.label, *one.synonyms)) for one in code_table("supplementary_kind").entries]


__all__ = ["FIELDS", "MOST_YEARS", "RIGHTS", "follows", "proposed", "read_sentence"]

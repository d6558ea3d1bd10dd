"""What tells of a sealed person in a free text: names, numbers, telephones and addresses, however they are typed.

One regular expression finds them all, in Python and in SQL alike. Between two characters may stand blanks, unseen
characters and dots, in numbers hyphens too; digits and letters may be full-width. Traditional characters, pinyin and
nicknames are not looked for.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from bangjiao_desktop.domain.text import compact

_UNSEEN = "\xad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
_DOTS = "·•・･‧∙⋅●▪◦\u0387"
_STOPS = ".．。｡﹒"
_NAME, _DOTTED, _NUMBER = "name", "dotted", "number"
_GAPS = {
    _NAME: f"[\\s\u2800{_UNSEEN}{_DOTS}]{{0,3}}",
    _DOTTED: f"[\\s\u2800{_UNSEEN}{_DOTS}{_STOPS}]{{0,3}}",
    _NUMBER: f"[\\s\u2800{_UNSEEN}\\-‐-―−－﹣_/()（）.]{{0,3}}",
}
_ANY_DOT = re.compile(f"[{_DOTS}{_STOPS}]")
_SEVERAL = re.compile(r"[、,，;；/／|（）()\n]+")
_TELEPHONE = re.compile(r"\d[\d-]{5,}\d")
_AREA = re.compile(r"0(?:10|2\d|[3-9]\d{2})(?=\d{7,8}$)")
_DIVISIONS = re.compile(r"(?:[\u4e00-\u9fff]{1,8}?(?:省|自治区|自治州|市|(?<![小社园校厂矿])区|县|旗|街道|镇|乡))+")
_HOUSE = re.compile(r"\D{2,}\d.*", re.DOTALL)
_LEAST_LATIN = 4
_LEAST_HOUSE, _LEAST_ADDRESS = 5, 8  # characters of an address with a number in it, and without
_LONG_NUMBER = 11  # a shorter one counts only where it stands alone

Key = tuple[str, str]  # how it is looked for, its characters


def name_keys(person: Mapping[str, Any]) -> set[Key]:
    """Return what a person's names are looked for by.

    Args:
        person: with name and former_name (several of them divided by 、 and the like).
    """
    found: set[Key] = set()
    for field in ("name", "former_name"):
        for part in _SEVERAL.split(str(person.get(field) or "")):
            plain = compact(part)
            bare = _ANY_DOT.sub("", unicodedata.normalize("NFC", plain))
            if len(bare) >= (_LEAST_LATIN if bare.isascii() else 2):
                found.add((_DOTTED if bare != plain else _NAME, bare))
    return found


def number_keys(person: Mapping[str, Any]) -> set[Key]:
    """Return what a person's identity number, telephones and addresses are looked for by.

    Args:
        person: with identity_number, telephone, family_telephone, and places and addresses of household and residence.
    """
    found: set[Key] = set()
    identity = compact(str(person.get("identity_number") or ""))
    if len(identity) >= _LEAST_ADDRESS:
        found.add((_NUMBER, identity.replace("-", "")))
    for field in ("telephone", "family_telephone"):
        for number in _TELEPHONE.findall(compact(str(person.get(field) or ""))):
            digits = number.replace("-", "")
            digits = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
            found |= {(_NUMBER, one) for one in (digits, _AREA.sub("", digits))}
    for field in ("household_address", "residence_address"):
        whole = _ANY_DOT.sub("", compact(str(person.get(field) or "")))
        for one in (whole, _DIVISIONS.sub("", whole, count=1)):
            if len(one) >= (_LEAST_HOUSE if _HOUSE.fullmatch(one) else _LEAST_ADDRESS):
                found.add((_NAME, one))
    return found


def bare(text: str) -> str:
    """Return a text without anything that may stand between two characters, digits and letters in one case and width.

    A text `telling` finds a key in holds, bare, that key bare (not the other way round): a database that knows no
    Python narrows down with it.
    """
    return text.translate(_table())


@cache
def folding() -> tuple[str, str]:
    """Return `bare` as SQL's translate takes it: characters, and what stands for them; beyond its length they go."""
    changed = {character: one for character, one in _table().items() if one is not None}
    gone = (character for character, one in _table().items() if one is None and character)  # no database takes NUL
    return "".join(map(chr, (*changed, *gone))), "".join(map(chr, changed.values()))


@cache
def _table() -> dict[int, int | None]:
    gaps = re.compile("|".join(gap.removesuffix("{0,3}") for gap in _GAPS.values()))
    found: dict[int, int | None] = {ord(one): None for one in gaps.findall("".join(map(chr, range(0x10000))))}
    for code in range(0x80):
        character = chr(code)
        if character.isalnum():
            found |= {ord(form): ord(character.lower()) for form in _forms(character) if form != character.lower()}
    return found


def telling(keys: Iterable[Key]) -> re.Pattern[str] | None:
    """Return what finds any of these keys in a text; None for no key."""
    return _pattern(frozenset(keys))


@lru_cache(maxsize=8)
def _pattern(keys: frozenset[Key]) -> re.Pattern[str] | None:
    if not keys:
        return None
    # grouped by their first character, so that `re` leaps to the places where one may begin
    rests: defaultdict[str, list[str]] = defaultdict(list)
    for kind, key in sorted(keys):
        gap = _GAPS[kind]
        rest = "".join(gap + _one_of(character) for character in key[1:])
        alone = kind == _NUMBER and len(key) < _LONG_NUMBER
        if alone or (key[-1].isdigit() and kind != _NUMBER):
            rest += r"(?!\d)"
        for first in _forms(key[0]):
            rests[first].append((rf"(?<!\d{re.escape(first)})" if alone else "") + rest)
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(found)})" for first, found in sorted(rests.items())))


def _forms(character: str) -> tuple[str, ...]:
    """A character in both cases and widths."""
    if not (character.isascii() and character.isalnum()):
        return (character,)
    cases = dict.fromkeys((character.lower(), character.upper()))
    return (*cases, *(chr(ord(one) + 0xFEE0) for one in cases))


def _one_of(character: str) -> str:
    forms = _forms(character)
    return re.escape(character) if len(forms) == 1 else f"[{''.join(forms)}]"

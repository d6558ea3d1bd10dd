"""Offices as people write them: 王店司法所, 王店镇司法所, 王店所, 嘉兴市秀洲区司法局王店司法所 are one."""

import re
from collections.abc import Iterable

from bangjiao_desktop.domain.text import compact

OFFICE = "司法所"
_BUREAU = re.compile(r"^.*?司法局")
_REGION = re.compile(r"^(?:[^省市区县]{1,8}(?:省|自治区|市|区|县|旗))+(?=.{2})")
_ENDING = re.compile(r"(?:中心)?司法所$|所$")
_OFFICE_IN = re.compile(r"[\u3400-\u9fff]{2,8}?司法所")
_LONGEST_NAME, _SHORTEST_CORE = 20, 2
_TOWN = re.compile(r"(?<=..)(?:街道办事处|街道|镇|乡|办事处)$")


def office_key(text: str) -> str:
    """Return a spelling as it is compared letter by letter: no blanks, no line breaks, half-width."""
    return compact(text)


def _core(text: str) -> str:
    """The proper name alone: 王店."""
    name = _BUREAU.sub("", office_key(text))
    if not name.endswith("派出所"):
        name = _ENDING.sub("", name)
    return _TOWN.sub("", _REGION.sub("", name)) or name


def match_office(text: str, known: Iterable[str]) -> str | None:
    """Return the one known office that a spelling means, None if there is none or several could be meant.

    Compared letter by letter first, then without bureau, region, 镇, 街道, 乡 and 司法所 or 所.
    """
    names = list(known)
    key = office_key(text)
    exact = [name for name in names if office_key(name) == key]
    if exact:
        return exact[0]
    core = _core(text)
    same = [name for name in names if _core(name) == core]
    return same[0] if len(core) >= 2 and len(same) == 1 else None


def office_of_address(address: str, known: Iterable[str]) -> str | None:
    """Return the one known office whose town, 街道 or 乡 an address names; None if there is none or several."""
    text = compact(address)
    there = [
        name for name in known
        if len(core := _core(name)) >= _SHORTEST_CORE and re.search(f"{re.escape(core)}(?:镇|街道|乡)", text)
    ]  # fmt: skip
    return there[0] if len(there) == 1 else None


def office_in(text: str) -> str:
    """Return what of a title or a tab may name an office: 新塍司法所 of 新塍司法所在册名单, else the whole text if short."""
    found = _OFFICE_IN.search(text)
    if found is not None:
        return found[0]
    whole = text.strip()
    return whole if 2 <= len(office_key(whole)) <= _LONGEST_NAME else ""


def is_town(text: str) -> bool:
    """Tell whether a text is the name of a town alone: 洪合镇."""
    return re.fullmatch(r"[\u3400-\u9fff]{2,4}(?:镇|街道|乡)", text.strip()) is not None


def is_office_name(text: str) -> bool:
    """Tell whether a text is a whole name of one office, as it would be made: 王店司法所, nothing else in it."""
    return re.fullmatch(r"[\u3400-\u9fff\U00020000-\U0003ffff]{1,20}司法所", text.strip()) is not None and (
        text.count(OFFICE) == 1 and "司法局" not in text
    )

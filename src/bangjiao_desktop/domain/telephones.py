"""Telephones as they stand in lists: two in a cell, areas and extensions, numbers that a spreadsheet has spoilt."""

import re
import unicodedata
from dataclasses import dataclass

from bangjiao_desktop.domain.text import compact, tidy_lines, unwrap

SEPARATOR = "、"
_LONGEST = 200
_PLAIN = re.compile(r"1[3-9][0-9]{9}")  # nearly every cell
_POWER = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_FRACTION = re.compile(r"(?<!\d)(\d{5,})\.0+(?!\d)")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
# separators outside brackets; 或 and 和 only between two numbers
_BETWEEN = re.compile(r"(?:[\n、,;|\\]|/|(?<=[\d)])\s*(?:或者|或|和|及|以及)\s*(?=\+?\d))+(?![^()]*\))")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#)\d+$", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_AREA_CODE = r"0(?:10|2\d|[3-9]\d{2})"
_AREA = re.compile(rf"\(?({_AREA_CODE})\)?-?(\d{{7,8}})(.*)")
_AREA_STROKE = re.compile(rf"(?<!\d)({_AREA_CODE})\s*/\s*(?=\d{{7,8}}(?!\d))")
_MOBILE_HYPHEN = re.compile(r"(?<!\d)(1[3-9]\d{9})\s*-\s*(?=1[3-9]\d{9}(?!\d))")
_MOBILE = re.compile(r"(?:\+?(?:00)?86-?)?(1[3-9]\d)-?(\d{4})-?(\d{4})")
_TWO_MOBILES = re.compile(r"(1[3-9]\d{9})(1[3-9]\d{9})")


@dataclass(frozen=True)
class Telephones:
    """What a text says: numbers joined by 、, and sentences on what is odd (they follow the column's name)."""

    value: str
    remarks: tuple[str, ...] = ()


def is_mobile(text: str) -> bool:
    """Tell a mobile number as it is kept: what `read_telephones` leaves as it is."""
    return _PLAIN.fullmatch(text) is not None


def kept_telephones(text: str) -> str:
    """Return telephones as a dialog shows them: several joined by 、; what is none stays as it was typed, without blanks."""
    return read_telephones(text).value or compact(text)


def read_telephones(text: str) -> Telephones:
    """Read the telephones of a cell.

    Two numbers stay two; mobile numbers lose hyphens and 86; areas get a hyphen; words beside a number stay.
    """
    if is_mobile(text):
        return Telephones(text)
    told: list[str] = []
    if len(text) > _LONGEST:
        return Telephones(compact(text), (f"有 {len(text)} 个字，不像电话号码",))
    plain = tidy_lines(unwrap(unicodedata.normalize("NFKC", tidy_lines(text)))).translate(_HYPHENS)
    mended = _FRACTION.sub(r"\1", plain)
    if mended != plain:
        told.append(f"“{_shown(plain)}”末尾的 .0 已去掉")
    mended = _MOBILE_HYPHEN.sub(r"\1、", _AREA_STROKE.sub(r"\1-", mended))
    numbers: list[str] = []
    for piece in _BETWEEN.split(mended):
        if _POWER.fullmatch(piece.replace(" ", "")):
            told.append("成了科学计数法，只剩前几位，未收；请把该列设为“文本”格式后重新录入")
            continue
        for number in _apart(piece):
            if two := _TWO_MOBILES.fullmatch(number):
                told.append(f"“{number}”是连在一起的两个号码，已分开")
                numbers.extend(two.groups())
                continue
            neat = _neat(number)
            numbers.append(neat)
            if not _plausible(neat):
                told.append(f"“{_shown(neat)}”有 {len(_digits(neat))} 位数字，不像电话号码，请核对")
    joined = unicodedata.normalize("NFC", SEPARATOR.join(dict.fromkeys(numbers)))
    return Telephones(joined, tuple(told))


def _apart(piece: str) -> list[str]:
    """Split at blanks that stand between two numbers, not within one."""
    found: list[str] = []
    current = ""
    for token in piece.split():
        digits = _digits(token)
        if len(digits) >= 3 and _complete(current) and not _EXTENSION.match(token):
            found.append(current)
            current = token
        elif re.fullmatch(_AREA_CODE, current) and len(digits) in (7, 8):
            current = f"{current}-{token}"
        else:
            current += token
    return [*found, current] if current else found


def _digits(text: str) -> str:
    return "".join(character for character in _main(text) if character.isdigit())


def _main(number: str) -> str:
    """Return a number without words in brackets and extension."""
    return _EXTENSION.sub("", _IN_BRACKETS.sub("", number) if not number.startswith("(0") else number)


def _complete(number: str) -> bool:
    if number.startswith("+") and not number.startswith("+86"):
        return False  # of another country: as long as it is
    return bool(re.fullmatch(r"(?:86)?1[3-9]\d{9}|0\d{9,11}|[2-9]\d{6,7}|[48]00\d{7}", _digits(number)))


def _plausible(number: str) -> bool:
    main = _main(number)
    digits = _digits(number)
    if not digits:
        return True
    if main.startswith(("+", "00")):
        return 8 <= len(digits) <= 17
    if "-" in main and re.fullmatch(r"0\d{2,3}-\d{7,8}-\d{1,6}", main):
        return True
    return bool(re.fullmatch(r"1\d{10}|0\d{9,11}|[1-9]\d{4,7}|[48]00\d{7}", digits))


def _neat(number: str) -> str:
    if mobile := _MOBILE.match(number):
        behind = number[mobile.end() :]
        if not behind or not (behind[0].isdigit() or behind[0] == "-"):
            return "".join(mobile.groups()) + behind
    if area := _AREA.match(number):
        first, local, behind = area.groups()
        if not behind or not behind[0].isdigit():
            return f"{first}-{local}{behind}"
    return number


def _shown(number: str) -> str:
    return number.replace("\n", " ")[:30]


__all__ = ["SEPARATOR", "Telephones", "read_telephones"]

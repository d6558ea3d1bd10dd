"""Short codes of links of the trail, for paper: sixteen letters that look like no other, the last two to check them.

Fourteen letters of 23 tell 63 bits of the link; two more make the sum, and the sum weighted by places, nothing modulo 23,
so that any letter mistyped and any two exchanged are told as a slip of the hand, not as an alarm.
"""

from hashlib import sha256
from typing import Any

from bangjiao_desktop.domain.errors import InvalidInputError

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # without I, O and Q
_BASE = len(_LETTERS)
_TOLD, _ALL, _GROUP = 14, 16, 4
_HEADS = "SELECT sequence, entry_hash FROM audit_entry ORDER BY sequence DESC"


def code_of(head: bytes) -> str:
    """Return the code of a link (the seal of an entry): ABCD-EFGH-JKLM-NPRS."""
    number = int.from_bytes(sha256(b"bangjiao code" + head).digest(), "big")
    places = []
    for _ in range(_TOLD):
        number, place = divmod(number, _BASE)
        places.append(place)
    # x + y = -a and 15x + 16y = -b, by the places 1 to 16
    a = sum(places) % _BASE
    b = sum(weight * place for weight, place in enumerate(places, start=1)) % _BASE
    last = (15 * a - b) % _BASE
    places += [(-a - last) % _BASE, last]
    text = "".join(_LETTERS[place] for place in places)
    return "-".join(text[start : start + _GROUP] for start in range(0, _ALL, _GROUP))


def normal(code: str) -> str:
    """Return a code as typed from paper in its one form.

    Raises:
        InvalidInputError: it cannot be one: a letter is wrong or missing.
    """
    typed = "".join(character for character in code.upper() if character.isalnum())
    places = [_LETTERS.find(character) for character in typed]
    if len(places) != _ALL or -1 in places:
        raise InvalidInputError("校验码应为 4 组、每组 4 个字母（没有 I、O、Q）。请对照纸上的重新输入。")
    weighted = sum(weight * place for weight, place in enumerate(places, start=1))
    if sum(places) % _BASE or weighted % _BASE:
        raise InvalidInputError("校验码输错了字母：请对照纸上的重新输入。")
    return "-".join(typed[start : start + _GROUP] for start in range(0, _ALL, _GROUP))


def newest(raw: Any) -> str:
    """Return the code of the newest entry, empty if there is none."""
    found = raw.execute(f"{_HEADS} LIMIT 1").fetchone()
    return "" if found is None else code_of(bytes(found[1]))


def entry_of(raw: Any, code: str) -> int:
    """Return the number of the entry a code is of.

    Raises:
        InvalidInputError: it was mistyped, or this ledger has no such entry.
    """
    wanted = normal(code)
    for sequence, head in raw.execute(_HEADS):
        if code_of(bytes(head)) == wanted:
            return int(sequence)
    raise InvalidInputError(
        "校验码没有输错，但这个台账里没有这一条操作记录：纸上的内容之后，操作记录被改写、截去过，"
        "或者台账换成了更早的备份，或者这张纸出自另一个台账。请告诉所长。"
    )

"""What a password must be: long enough, of several kinds of characters, not the name and not what everybody tries.

How long, of how many kinds, whether one of the last may come again and how long it holds is the bureau's own rule (等保 2.0,
GB/T 22239-2019, 8.1.4.1 a: complex, and changed from time to time); nobody can go below the program's own.

What is tried first is counted as what it is worth: a known word (resources/rules/weak_passwords.txt), keys that lie
side by side, a run of figures or letters, a year or a date, one character repeated count as a single character each.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bangjiao_desktop.domain.pinyin import syllables
from bangjiao_desktop.domain.resources import resource_path

MINIMUM = 8
_WORTH = 6  # single characters and pieces a password must come to
_RUN = 3  # neighbours from which on they are a run
_ROWS = (
    "1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "abcdefghijklmnopqrstuvwxyz", "01234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujmikolp", "741852963", "147258369", "789456123",
    "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "a1b2c3d4e5f6g7h8",
)  # fmt: skip
_SHIFTED = str.maketrans('!@#$%^&*()_+{}:"<>?', "1234567890-=[];',./")
_LIKE = str.maketrans("@0135$47!", "aoiessati")
_DATE = re.compile(
    r"(19|20)\d\d([-./]?(0[1-9]|1[0-2])([-./]?(0[1-9]|[12]\d|3[01]))?)?|\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
)
_REPEATED = re.compile(r"(.{1,4}?)\1{2,}|(.)\2\2+")


_KINDS = {
    2: "口令要由字母、数字、符号中的至少两种组成",
    3: "口令里字母、数字、符号三种都要有",
    4: "口令里大写字母、小写字母、数字、符号四种都要有",
}


@dataclass(frozen=True)
class PasswordRule:
    """The rule of a bureau.

    Attributes:
        length: characters at least, 8–32.
        kinds: 2 of letters, figures, signs; 3 all of these; 4 with capital and small letters.
        reuse: so many of the last passwords may not come again, 0–10.
        days: after so many days a password has to be changed, 0 for never, else 7–730.
    """

    length: int = MINIMUM
    kinds: int = 2
    reuse: int = 0
    days: int = 0

    def faults(self) -> dict[str, str]:
        """Return what is wrong with the rule: field → a sentence."""
        bounds = {"length": (MINIMUM, 32, "位数"), "kinds": (2, 4, "字符种类"), "reuse": (0, 10, "不得重复的口令数")}
        found = {
            name: f"{label}应为 {least} 到 {most}"
            for name, (least, most, label) in bounds.items()
            if not least <= getattr(self, name) <= most
        }
        if self.days != 0 and not 7 <= self.days <= 730:
            found["days"] = "更换期限应为 7 到 730 天；0 为不限"
        return found

    def text(self) -> str:
        """Return the rule in words."""
        parts = [f"至少 {self.length} 位", _KINDS[self.kinds].removeprefix("口令里").removeprefix("口令要")]
        if self.reuse:
            parts.append(f"不能与最近 {self.reuse} 个口令相同")
        if self.days:
            parts.append(f"每 {self.days} 天更换一次")
        return "；".join(parts)


PROGRAM_RULE = PasswordRule()
RULE_SETTING = "password_rule"
"""The setting under which a ledger keeps its rule."""


def rule_of(kept: object) -> PasswordRule:
    """Return the rule a setting holds; the program's own for none, or for what is no rule."""
    if not isinstance(kept, dict):
        return PROGRAM_RULE
    names = ("length", "kinds", "reuse", "days")
    values = {name: kept[name] for name in names if type(kept.get(name)) is int}
    found = PasswordRule(**values)
    return PROGRAM_RULE if found.faults() else found


def password_fault(password: str, user: str, rule: PasswordRule = PROGRAM_RULE) -> str | None:
    """Return why a password cannot be taken, None if it can.

    Args:
        password: as typed.
        user: the user's name, which it may not contain, nor be made of its pinyin.
        rule: in force.
    """
    if len(password) < rule.length:
        return f"口令至少 {rule.length} 位，请换一个长一些的"
    if len(set(password)) < 4:
        return "这个口令太容易被猜中（只有几个字符重复），请换一句只有您想得到的话"
    if _worth(password, user) < _WORTH:
        return "这个口令太常见，容易被猜中（常用词、姓名、连着的键或年份拼成的），请换一句只有您想得到的话"
    tests: list[Callable[[str], bool]] = [str.isdigit, str.isalpha, lambda character: not character.isalnum()]
    if rule.kinds == 4:
        tests += [str.isupper, str.islower]
    missing = sum(not any(test(character) for character in password) for test in tests)
    if missing > (1 if rule.kinds == 2 else 0):
        return _KINDS[rule.kinds]
    if len(user) >= 2 and user.lower() in password.lower():
        return "口令里不要含有用户名"
    return None


def strength(password: str, user: str, rule: PasswordRule = PROGRAM_RULE) -> int:
    """Return how strong a password is: 0 not taken, 1 fair, 2 good, 3 strong."""
    if password_fault(password, user, rule):
        return 0
    worth = _worth(password, user)
    return 1 + (worth >= 10) + (worth >= 14)


def _worth(password: str, user: str) -> int:
    """How many pieces and single characters a password comes to, in the reading that an attacker has the least of."""
    plain = password.lower()
    names = _names(user)
    return min(_pieces(text, names) for text in {plain, plain.translate(_SHIFTED), plain.translate(_LIKE)})


def _pieces(text: str, names: frozenset[str]) -> int:
    """The fewest pieces a text can be cut into."""
    best = [0] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        best[end] = best[end - 1] + (1 if text[end - 1].isascii() else 2)  # there are thousands of Chinese characters
        for start in range(max(0, end - 40), end - 1):
            if best[start] + 1 < best[end] and _is_piece(text[start:end], names):
                best[end] = best[start] + 1
    return best[-1]


def _is_piece(part: str, names: frozenset[str]) -> bool:
    if part in _words() or part in names or len(set(part)) == 1:
        return True
    if len(part) < _RUN:
        return False
    if _DATE.fullmatch(part) or _REPEATED.fullmatch(part):
        return True
    return any(part in row or part in row[::-1] for row in _ROWS)


@cache
def _words() -> frozenset[str]:
    words: set[str] = set()
    for line in resource_path("rules", "weak_passwords.txt").read_text(encoding="utf-8").splitlines():
        short = line.startswith("short:")
        if not line.startswith("#"):
            words |= {
                word for word in line.removeprefix("short:").split() if short or len(word) >= 4 or not word.isascii()
            }
    return frozenset(words)


def _names(user: str) -> frozenset[str]:
    """The user's name as it is typed: itself, in pinyin, its initials."""
    read = [one.lower() for one in syllables(user)]
    return frozenset(one for one in (user.lower(), "".join(read), "".join(word[0] for word in read if word)) if one)

"""Citizen identity numbers: GB 11643 (18 digits, ISO 7064 MOD 11-2 check), and 15-digit ones of before 1999."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.text import compact

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_FLOAT = re.compile(r"\d(\.\d+)?E\+?\d+$", re.IGNORECASE)

IdentityFault = Literal["missing", "number", "shape", "birth", "check"]


class IdentityNumberError(ValueError):
    """A text that is no identity number.

    Args:
        fault: "missing", "number" (digits lost by a spreadsheet), "shape", "birth", "check".
        message: the sentence for the user; it never repeats the number.
    """

    def __init__(self, fault: IdentityFault, message: str) -> None:
        super().__init__(message)
        self.fault: IdentityFault = fault
        self.message = message


@dataclass(frozen=True)
class IdentityNumber:
    """A valid identity number and what it tells.

    Attributes:
        value: 18 characters, check character upper case.
        birth_date: from digits 7–14.
        sex: GB/T 2261.1 code, "1" or "2", from the 17th digit.
        division_code: GB/T 2260 code of the place of first registration.
    """

    value: str
    birth_date: date
    sex: str
    division_code: str

    @property
    def division(self) -> str:
        """Name of the division, "" if GB/T 2260 has no such code."""
        return codes.division_name(self.division_code)


def check_character(first_seventeen: str) -> str:
    """Return the 18th character for the first seventeen digits (GB 11643, 4.2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def parse_identity_number(value: object) -> IdentityNumber:
    """Read an identity number as typed: full-width, blanks, lower-case x and 15-digit numbers are put right.

    Args:
        value: text, or a number as a spreadsheet gives it (only 15-digit ones survive as numbers).

    Raises:
        IdentityNumberError: with its fault and a sentence for the user.
    """
    if isinstance(value, float | int) and not isinstance(value, bool):
        # A spreadsheet keeps 15 significant digits: an 18-digit number stored as one has lost its end.
        if abs(value) >= 10**15:
            raise _lost_digits()
        value = str(int(value))
    text = compact("" if value is None else str(value)).upper().lstrip("'")
    if not text:
        raise IdentityNumberError("missing", "缺少公民身份号码")
    if _FLOAT.fullmatch(text):
        raise _lost_digits()
    if re.fullmatch(r"\d{15}", text):
        first_seventeen = f"{text[:6]}19{text[6:]}"
        text = first_seventeen + check_character(first_seventeen)
    if not re.fullmatch(r"\d{17}[\dX]", text):
        raise IdentityNumberError("shape", f"公民身份号码应为18位（现为{len(text)}位），前17位为数字，末位为数字或X")
    try:
        birth = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise IdentityNumberError("birth", "公民身份号码中的出生日期不存在") from None
    if not date(1880, 1, 1) <= birth <= date.today():
        raise IdentityNumberError("birth", "公民身份号码中的出生日期不合理（过早或晚于今天）")
    if check_character(text[:17]) != text[17]:
        raise IdentityNumberError("check", "公民身份号码校验位不符，请核对是否录错")
    sex = codes.MALE if int(text[16]) % 2 else codes.FEMALE
    return IdentityNumber(text, birth, sex, text[:6])


def _lost_digits() -> IdentityNumberError:
    return IdentityNumberError(
        "number", "公民身份号码在表格中存成了数值，后几位已丢失；请把该列设为“文本”格式后重新录入"
    )

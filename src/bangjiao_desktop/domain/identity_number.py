"""Citizen identity numbers (GB 11643: 18 digits, ISO 7064 MOD 11-2 check; 15 digits before 1999).

And what stands where somebody has none: words, other documents, provisional numbers of an office.
"""

import re
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Literal

from bangjiao_desktop.domain import codes
from bangjiao_desktop.domain.clock import COMPUTER
from bangjiao_desktop.domain.late_patterns import late
from bangjiao_desktop.domain.text import PROVISIONAL, compact, unwrap

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_EARLIEST, _RECENT = date(1880, 1, 1), date(2020, 1, 1)  # before the latter no clock need be asked
_CHECKS = "10X98765432"
_LONGEST = 60
_WHOLE = re.compile(r"[0-9]{17}[0-9X]")
_FLOAT = late(r"\d(\.\d+)?E\+?\d+$", re.IGNORECASE)

_LABEL = late(r"^(?:居民|公民|中国)*身份(?:证(?:号码|号|件号|件)?|号码):?")
_LOOKS_LIKE_X = str.maketrans(dict.fromkeys("×✕╳ХΧ", "X"))
_NOTE_BEHIND = late(r"\([^()\d]*\)$")
_HIDDEN = late(r"[*●•■□○◆#_]{2,}|(?<=\d)X{2,}(?=\d|X*$)|…+")

IdentityFault = Literal["missing", "number", "shape", "birth", "check", "masked", "without", "provisional"]
DocumentKind = Literal[
    "none", "pending", "unknown", "passport", "hk_macao_permit", "taiwan_permit", "foreign_permanent", "other",
    "provisional",
]  # fmt: skip
DOCUMENT_LABELS: dict[DocumentKind, str] = {
    "none": "没有号码",
    "pending": "号码待补",
    "unknown": "号码不详",
    "passport": "护照",
    "hk_macao_permit": "港澳居民来往内地通行证",
    "taiwan_permit": "台湾居民来往大陆通行证",
    "foreign_permanent": "外国人永久居留身份证",
    "other": "其他证件",
    "provisional": "临时编号",
}
_WORDS: dict[DocumentKind, re.Pattern[str]] = {
    "pending": late(
        r"待(?:补|补充|补录|补正|查|核|核实|核查|定|办|录|完善|确认)|补办(?:中)?|办理中|正在办理|后补|未提供|未采集|未录入?"
    ),
    "unknown": late(r"不详|不明|不清|不清楚|未知|身份不明|号码不详|身份证号?不详|遗失|丢失|UNKNOWN|\?+"),
    "none": late(
        r"(?:暂|尚)?(?:无|没有|未办|未办理)(?:证件?|身份证件?|号码|身份证号码?|证件号码?|户籍|户口|此项)?|空|空白|黑户|无名氏"
        r"|NULL|NONE|NA|N/A|[-/\\—–_]+"
    ),
}
_LABELLED: tuple[tuple[DocumentKind, re.Pattern[str]], ...] = (
    ("hk_macao_permit", late(r"港澳.*|回乡证.*")),
    ("taiwan_permit", late(r"台胞证.*|台湾.*通行证.*|(?:台湾居民)?来往大陆通行证.*")),
    ("foreign_permanent", late(r"外国人.*居留.*|永久居留.*")),
    ("passport", late(r".{0,8}护照.*|PASSPORT.*")),
    ("hk_macao_permit", late(r"(?:来往内地)?通行证(?:号码?)?:?[HM]\d+.*")),
    (
        "other",
        late(
            r"(?!身份证|公民身份|居民身份)[^\dA-Z:]{0,12}(?:证|证件|证明|执照|户口簿|户口本)(?:编?号码?)?(?:[:(]?.*\d.*)?"
        ),
    ),
)
_BARE: tuple[tuple[DocumentKind, re.Pattern[str]], ...] = (
    ("foreign_permanent", late(r"[A-Z]{3}\d{12}")),
    ("hk_macao_permit", late(r"[HM]\d{8}(?:\d{2})?")),
    ("other", late(r"[A-Z]{1,2}\d{6}\([\dA]\)|[A-Z][12]\d{8}")),
    ("passport", late(r"[A-Z]{1,2}\d{6,9}|[A-Z]\d[A-Z0-9]\d{5,6}")),
)
_DOCUMENT_NUMBER = late(r"[A-Z]{0,3}\d[A-Z0-9-]{3,}(?:\([\dA]\))?")


@dataclass(frozen=True)
class OtherDocument:
    """What stands in place of an identity number.

    Attributes:
        kind: a key of `DOCUMENT_LABELS`.
        number: of the document, "" where it has none or none was given.
    """

    kind: DocumentKind
    number: str = ""

    @property
    def label(self) -> str:
        """What it is called, e.g. 护照."""
        return DOCUMENT_LABELS[self.kind]


class IdentityNumberError(ValueError):
    """A text that is no identity number.

    Args:
        fault: "missing", "number" (digits lost by a spreadsheet), "shape", "birth", "check", "masked" (partly hidden),
            "without" (a word or another document, see `without_number`), "provisional".
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
    return _CHECKS[sum(map(mul, map(int, first_seventeen), _WEIGHTS)) % 11]


def parse_identity_number(value: object) -> IdentityNumber:
    """Read an identity number as typed: full-width, blanks, lower-case x and 15-digit numbers are put right.

    Args:
        value: text, or a number as a spreadsheet gives it (only 15-digit ones survive as numbers).

    Raises:
        IdentityNumberError: with its fault and a sentence for the user.
    """
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return _whole(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        # A spreadsheet keeps 15 significant digits: an 18-digit number stored as one has lost its end.
        if abs(value) >= 10**15:
            raise _lost_digits()
        value = "" if value != value else repr(value).removesuffix(".0")
    text = _plain("" if value is None else str(value))
    if not text:
        raise IdentityNumberError("missing", "缺少公民身份号码")
    if _FLOAT.fullmatch(text):
        raise _lost_digits()
    if re.fullmatch(r"[0-9]{15}", text):
        first_seventeen = f"{text[:6]}19{text[6:]}"
        text = first_seventeen + check_character(first_seventeen)
    if not _WHOLE.fullmatch(text):
        raise _shape_fault(text)
    return _whole(text)


def _whole(text: str) -> IdentityNumber:
    """Read 18 characters."""
    try:
        birth = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise IdentityNumberError("birth", "公民身份号码中的出生日期不存在") from None
    if not birth >= _EARLIEST or (birth >= _RECENT and birth > COMPUTER.today()):
        raise IdentityNumberError("birth", "公民身份号码中的出生日期不合理（过早或晚于今天）")
    if check_character(text[:17]) != text[17]:
        raise IdentityNumberError("check", "公民身份号码校验位不符，请核对是否录错")
    sex = codes.MALE if int(text[16]) % 2 else codes.FEMALE
    return IdentityNumber(text, birth, sex, text[:6])


def _plain(text: str) -> str:
    """Return a number without blanks, unseen characters, marks, its label, hyphens, and a note such as (已核)."""
    if _WHOLE.fullmatch(text):
        return text
    plain = _LABEL.sub("", compact(unwrap(compact(text))).upper().strip('"“”'), count=1)
    digits = _NOTE_BEHIND.sub("", plain.translate(_LOOKS_LIKE_X)).translate(_NO_HYPHENS).strip(",.;:。、")
    if re.fullmatch(r"\d{15}|\d{17}[\dX]", digits):
        return digits
    return re.sub(r"^(\d{15})\.0+$", r"\1", plain)


_NO_HYPHENS = str.maketrans(dict.fromkeys("-‐‑‒–—―−_"))


def _shape_fault(text: str) -> IdentityNumberError:
    if len(text) > _LONGEST:
        return IdentityNumberError("shape", f"公民身份号码应为18位（现为{len(text)}位），前17位为数字，末位为数字或X")
    document = without_number(text)
    if document is not None:
        if document.kind == "provisional":
            return IdentityNumberError("provisional", "是司法所的临时编号，不是公民身份号码")
        return IdentityNumberError("without", f"不是公民身份号码（{document.label}）")
    hidden = _HIDDEN.search(text)
    if hidden is not None and any(character.isdigit() for character in text):
        where = "开头" if hidden.start() == 0 else "末尾" if hidden.end() == len(text) else "中间"
        return IdentityNumberError("masked", f"号码{where}被隐去，请向来源要完整的号码")
    if not any(character.isdigit() for character in text):
        return IdentityNumberError("shape", "公民身份号码应为18位数字（末位可为X），这里写的不是号码")
    if len(text) == 18:
        return IdentityNumberError("shape", "公民身份号码的前17位应为数字，末位为数字或X")
    return IdentityNumberError("shape", f"公民身份号码应为18位（现为{len(text)}位），前17位为数字，末位为数字或X")


def without_number(text: str) -> OtherDocument | None:
    """Return what stands in place of an identity number, None where it is (or should be) one.

    Words (无, 待补, 不详), other documents with or without their name (护照 E12345678, H01234567), and provisional
    numbers of an office.
    """
    plain = compact(unwrap(compact(text))).upper().strip('"“”')
    if is_provisional(plain):
        return OtherDocument("provisional", plain)
    plain = plain.strip(",.;:。、") if len(plain) > 1 else plain
    bare = plain[1:-1] if plain.startswith("(") and plain.endswith(")") else plain
    for kind, pattern in _WORDS.items():
        if pattern.fullmatch(bare):
            return OtherDocument(kind)
    if re.search(r"(?<!\d)\d{17}[\dX](?!\d)", plain) and "永久居留" not in plain:
        return None
    for kind, pattern in _LABELLED:
        if pattern.fullmatch(plain):
            number = _DOCUMENT_NUMBER.search(plain)
            return OtherDocument(kind, number[0] if number else "")
    for kind, pattern in _BARE:
        if pattern.fullmatch(plain):
            return OtherDocument(kind, plain)
    return None


def provisional_number(office_place: int, running: int) -> str:
    """Return the provisional number of somebody without an identity number, e.g. 临时03-0007.

    Args:
        office_place: the office's place among the bureau's offices, 0-99.
        running: counted within the office from 1.

    Raises:
        ValueError: a number out of range.
    """
    if not 0 <= office_place <= 99 or not 1 <= running < 10**13:
        raise ValueError("no provisional number for these")
    return f"临时{office_place:02d}-{running:04d}"


def is_provisional(text: str) -> bool:
    """Tell a provisional number of an office from an identity number."""
    return not text.isascii() and PROVISIONAL.fullmatch(compact(text)) is not None


def _lost_digits() -> IdentityNumberError:
    return IdentityNumberError(
        "number", "公民身份号码在表格中存成了数值，后几位已丢失；请把该列设为“文本”格式后重新录入"
    )

"""Dates as people and programs write them (DOMAIN.md §8) and as they are printed."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bangjiao_desktop.domain.late_patterns import late
from bangjiao_desktop.domain.text import tidy, unwrap, visible

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
OUTSIDE = "超出 1900 年至 2100 年的范围"
# a bare number is a day of Excel's calendar only from here on: 2026 is a year, not 1905-07-18
_EARLIEST_SERIAL = date(1949, 10, 1)
_EXCEL_EPOCH, _MAC_EPOCH = date(1899, 12, 30), date(1904, 1, 1)
_LONGEST = 60
_FORMS = "2026-07-01、2026/7/1、2026.7.1、2026年7月1日 或 20260701"

_PLAIN = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
)  # nearly every cell
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-"))
_CLOCK = (
    r"(?:(?<=T)\s?\d{1,2}(?!\d|\s?[:时点])|\d{1,2}\s?[:时点]\s?(?:(?:\d{1,2}|半)\s?分?(?:\s?:?\s?\d{1,2}(?:[.,]\d+)?\s?秒?)?)?|\d{1,2}时)"
    r"(?:\s?[AaPp]\.?[Mm]\.?)?(?:\s?(?:Z|UTC|GMT)?(?:[+-]\d{2}:?\d{2})?)?"
)
_HALF_DAY = "凌晨|清晨|早上|早晨|上午|中午|正午|下午|傍晚|晚上|夜间|夜里|午后|[AaPp][Mm]"
_WEEKDAY = r"[(\[]?(?:星期|周|礼拜)[一二三四五六日天][)\]]?|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?"
_WORD = (
    "止|起|当日|当天|刑满释放|刑满|释放|假释|出狱|出监|出所|解除矫正|解除|解矫|解教|期满|到期|报到|接回|接收|衔接|"
    "安置|出生|生|结束|开始|预计|预释放"
)
_BEHIND = late(
    rf"[\s,;]*(?:T\s?)?(?:(?:{_WEEKDAY})[\s,]*)?(?:(?:{_HALF_DAY})\s*)?(?:{_CLOCK})?\s*(?:{_WEEKDAY})?"
    rf"\s*(?:\(?(?:{_WORD})+\)?)?[\s.。,;]*"
)
_BEFORE = r"(?:自|从|于|至|到|刑期至|(?:[(\[]?(?:星期|周)[一二三四五六日天][)\]]?))?\s*"
_SEPARATED = late(
    rf"{_BEFORE}(\d{{4}})(?:\s*[-/.年、,\\_]\s*|\s)(\d{{1,2}})(?:\s*[-/.月、,\\_]\s*|\s)(\d{{1,2}})(?!\d)\s*[日号]?(.*)",
    re.DOTALL,
)
_COMPACT = late(_BEFORE + r"(\d{4})(\d{2})(\d{2})(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?!\d)|(?!\d))(.*)", re.DOTALL)
_YEAR_AND_DIGITS = late(r"(\d{4})\.(\d{2})(\d{2})")
_YEAR = late(r"(?:19|20)\d{2}年?(?:\.0+)?")
_YEAR_MONTH = late(r"(?:19|20)\d{2}(?:\s*[-/.年、,]\s*(?:1[0-2]|0?[1-9])(?:\s*月份?)?|(?:0[1-9]|1[0-2])(?:\.0)?)")
_YEAR_LAST = late(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})(?!\d).*", re.DOTALL)
_SHORT_YEAR = late(r"\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}(?!\d).*|\d{6}(?:\.0)?", re.DOTALL)
_SECOND_DAY = late(r".*\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*", re.DOTALL)
# midnight in China as a web program writes it: the day before, 16:00 in world time
_CHINESE_MIDNIGHT = late(r"[T\s]\s?16:00(?::00(?:\.0+)?)?\s?(?:Z|UTC|GMT|\+00:?00)")


class DateError(ValueError):
    """A value that is no date, with the sentence for the user (it follows the column's name).

    Args:
        message: the sentence.
        day: the day it is, where that lies outside 1900-2100.
    """

    def __init__(self, message: str, day: date | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.day = day


@dataclass(frozen=True)
class DateReading:
    """A day, and a sentence where it was not written as one (it follows the column's name)."""

    day: date
    remark: str = ""


def parse_date(value: object, *, epoch_1904: bool = False) -> date:
    """Read a date: 2026-07-01, 2026/7/1, 2026.7.1, 2026年7月1日, 20260701, a date, or an Excel day number.

    A time, a weekday or a word such as 止 or 释放 behind the day does not change it.

    Args:
        value: text, number, date or datetime.
        epoch_1904: numbers count the days of a workbook that begins in 1904.

    Raises:
        DateError: no such day, no day at all (2026.07), another form, or outside 1900-2100.
    """
    return _read(value, epoch_1904=epoch_1904, serial_text=False).day


def read_date(value: object, *, epoch_1904: bool = False) -> DateReading:
    """Read a date as `parse_date` does, with a remark where the day was understood, not read.

    Beside what `parse_date` takes, a text of five digits is a day number.

    Raises:
        DateError: see `parse_date`.
    """
    return _read(value, epoch_1904=epoch_1904, serial_text=True)


def _read(value: object, *, epoch_1904: bool, serial_text: bool) -> DateReading:
    if isinstance(value, datetime):
        return DateReading(_within(value.date()))
    if isinstance(value, date):
        return DateReading(_within(value))
    if isinstance(value, time | timedelta):
        raise DateError("只有时间，没有日期")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return DateReading(_from_number(value, epoch_1904=epoch_1904))
    raw = str(value)
    if plain := _PLAIN.fullmatch(raw):
        return DateReading(_day(plain[1], plain[3] or plain[5], plain[4] or plain[6]))
    # NFKC gives half-width digits and separators
    text = tidy(unwrap(unicodedata.normalize("NFKC", visible(raw[: 4 * _LONGEST])))).translate(_HYPHENS)
    if len(text) > _LONGEST:
        raise DateError(f"不是日期，可写成 {_FORMS}")
    if serial_text and re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        day = _from_number(float(text), epoch_1904=epoch_1904)
        return DateReading(day, f"写的是 {text}，按 Excel 的日期序号读作 {day}，请核对")
    return _from_text(re.sub(r"^(\d{8})\.0+$", r"\1", text))


def _from_number(value: float, *, epoch_1904: bool) -> date:
    if value != value or value in (float("inf"), float("-inf")):
        raise DateError("不是日期")
    epoch = _MAC_EPOCH if epoch_1904 else _EXCEL_EPOCH
    if (_EARLIEST_SERIAL - epoch).days <= value < (LATEST - epoch).days + 1:
        return epoch + timedelta(days=int(value))
    text = repr(value).removesuffix(".0")
    if value == int(value) and len(text) == 8:
        return _from_text(text).day
    # a number loses its last zeros: 2026.071 may be the 10th
    if re.fullmatch(r"(?:19|20)\d{2}\.\d{3,4}", text):
        raise DateError(f"存成了数值 {text}，看不准是哪一天，请补全日期，写成 2026-07-01")
    raise _incomplete(text) or DateError(f"是数值 {text}，不是日期，可写成 {_FORMS}")


def _from_text(text: str) -> DateReading:
    found = _SEPARATED.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        if dotted := _YEAR_AND_DIGITS.fullmatch(text):
            return DateReading(_day(*dotted.groups()))
        raise _incomplete(text) or DateError(f"不是日期，可写成 {_FORMS}")
    year, month, day, behind = found.groups()
    if not _BEHIND.fullmatch(behind):
        if _SECOND_DAY.fullmatch(behind):
            raise DateError("写了两个日期，请只留一个")
        raise DateError(f"后面的“{behind.strip()[:12]}”看不懂，可写成 {_FORMS}")
    first = _day(year, month, day)
    if _CHINESE_MIDNIGHT.fullmatch(behind):
        local = _within(first + timedelta(days=1))
        return DateReading(local, f"写的是世界时 {first} 16:00，即北京时间 {local} 零时，记作 {local}，请核对")
    return DateReading(first)


def _incomplete(text: str) -> DateError | None:
    """Tell what a text lacks that is nearly a date."""
    if _YEAR.fullmatch(text):
        return DateError("只有年份，请补全日期")
    if _YEAR_MONTH.fullmatch(text):
        return DateError("只有年月，请补全日期")
    if _SHORT_YEAR.fullmatch(text) or _YEAR_LAST.fullmatch(text):
        return DateError("看不准哪个是年份，请把四位年份写在前面，如 2026-07-01")
    return None


def _day(year: str, month: str, day: str) -> date:
    try:
        return _within(date(int(year), int(month), int(day)))
    except DateError:
        raise
    except ValueError:
        raise DateError("没有这一天，请核对年月日") from None


def _within(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise DateError(f"日期{OUTSIDE}", day)
    return day


ADULT = 18
"""Years of age from which somebody is no minor any more (未成年人保护法第2条)."""


def add_years(day: date, years: int) -> date:
    """Return the same day some years on (or back, if negative); 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def add_months(day: date, months: int) -> date:
    """Return the same day some months on; a day the month does not have becomes its last one."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def age_on(birth: date, day: date) -> int:
    """Return full years of age on a day."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def paper_date(day: date) -> str:
    """Return the date as it stands on paper: 2026年7月1日."""
    return f"{day.year}年{day.month}月{day.day}日"

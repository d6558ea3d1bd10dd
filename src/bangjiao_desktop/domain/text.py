"""Text as people type and paste it: full-width digits, stray blanks, unseen characters, quotation marks, dots."""

import re
import unicodedata
from functools import cache

from bangjiao_desktop.domain.late_patterns import late

# Format characters (Unicode Cf), controls that are no white space, lone surrogates, noncharacters, and the other
# characters that are never seen (variation selectors, fillers): they come with copied text and break every comparison.
_UNSEEN = late(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]+"
)
# GB18030 writers leave U+E5E5 where a full-width blank (A3A0) was meant; U+2800 is the empty Braille cell.
_SPACES = re.compile("[\\s\u2800\ue5e5]+")
_LINE_END = late("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_LINE_SPACES = late("[^\\S\n]*\n[^\\S\n]*")
_INNER_SPACES = late("(?:[^\\S\n]|[\u2800\ue5e5])+")
_EXCEL_TEXT = late(r'\s*=\s*"((?:[^"]|"")*)"\s*', re.DOTALL)
_MARKS = "'`´‘’‛′＇｀"

# Nothing in such a text can be unseen, be put together otherwise, be a blank or stand around it: nearly every cell.
_COMMON = re.compile("[\u4e00-\u9fff]+")
_CLEAN = re.compile("[0-9A-Za-z\u4e00-\u9fff，。、；：（）()/_-]+")

MIDDLE_DOT = "·"
_DOTS = "·•・･‧∙⋅●‣▪◦⸱᛫ꞏ\u0387"
_STOPS = ".．。｡﹒"
_HAN = "\u2e80-\u2fdf\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LATIN = re.compile("[A-Za-z]")
_ANY_DOT = late(f" *[{_DOTS}]+ *")

PROVISIONAL = re.compile(r"临时\d{2}-\d{4,13}")
_LONG_NUMBER = late(r"\d[\d-]{3,}\d")


def is_clean(text: str) -> bool:
    """Tell whether a text is made of common letters, digits and stops alone: `visible`, `tidy` and `unwrap` leave it."""
    return _CLEAN.fullmatch(text) is not None


def is_common(text: str) -> bool:
    """Tell whether a text is made of common Chinese characters alone, as nearly every name is."""
    return _COMMON.fullmatch(text) is not None


def visible(text: str) -> str:
    """Return text without characters that are never seen, composed (NFC); white space stays as it is.

    Taken out are format characters (direction marks, joiners, soft hyphens, …), control characters that are no white
    space, lone surrogates, noncharacters, variation selectors and fillers. Rare letters stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


_CONTROLS = late("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@cache
def _at_ends() -> str:
    """Every control character and blank; looked for when first needed, not at every start of the program."""
    return "".join(chr(one) for one in range(0x10000) if _CONTROLS.match(chr(one)) or chr(one).isspace())


def has_controls(text: str) -> bool:
    """Tell whether a text holds direction marks or control characters (ESC, NUL): in a name they are no slip."""
    return _CONTROLS.search(text) is not None


def has_inner_controls(text: str) -> bool:
    """Tell whether direction marks or control characters stand within a text.

    At either end they came with copying (Windows wraps what is copied from its dialogs in them), and go.
    """
    return has_controls(text) and has_controls(text.strip(_at_ends()))


def compact(text: str) -> str:
    """Return text in half-width form (NFKC) without any white space; for codes, numbers and headings.

    Not for names: NFKC would replace some rare characters.
    """
    if (text.isascii() and text.isalnum()) or _COMMON.fullmatch(text):
        return text
    # NFKC takes some accents apart into a blank and a mark; without the blank the mark joins what stands before it
    return unicodedata.normalize("NFC", _SPACES.sub("", unicodedata.normalize("NFKC", _UNSEEN.sub("", text))))


def tidy(text: str) -> str:
    """Return free text without unseen characters and leading, trailing or doubled blanks; lines are joined."""
    return text if _CLEAN.fullmatch(text) else _SPACES.sub(" ", visible(text)).strip()


def tidy_lines(text: str) -> str:
    """Return a note: as `tidy`, but its lines stay; blank ones at either end go."""
    lines = _INNER_SPACES.sub(" ", _LINE_END.sub("\n", visible(text)))
    return _LINE_SPACES.sub("\n", lines).strip()


def unwrap(text: str) -> str:
    r"""Return the content of a cell without what Excel and CSV files put around it.

    That is `="…"` and apostrophes at either end ('330411…, 330411…', `330411…). An apostrophe that belongs to the
    text stays: O'Brien, 他说'好'.
    """
    if _CLEAN.fullmatch(text):
        return text
    wrapped = _EXCEL_TEXT.fullmatch(text)
    if wrapped:
        text = wrapped[1].replace('""', '"')
    stripped = text.strip()
    if not stripped or (stripped[0] not in _MARKS and stripped[-1] not in _MARKS):
        return text
    inner = stripped.strip(_MARKS)
    if not any(mark in inner for mark in _MARKS):
        return inner
    # an odd one in front of a text with a pair of its own
    odd = sum(character in _MARKS for character in stripped) % 2
    return stripped[1:] if odd and stripped[0] in _MARKS else text


@cache
def _han_stop() -> re.Pattern[str]:
    """A stop between the parts of a name; made when first needed, not at every start of the program."""
    return re.compile(f"(?<=[{_HAN}]) *[{_STOPS}] *(?=[{_HAN}A-Za-z])|(?<=[A-Za-z]) *[{_STOPS}] *(?=[{_HAN}])")


def normalize_name(text: str) -> str:
    """Return a person's name as it is kept.

    Chinese names lose every blank (also full-width ones); names in Latin letters keep single blanks. The dot between
    the parts of a name is the middle dot of the standards (U+00B7), whichever was typed: 买买提·艾力.
    """
    if _COMMON.fullmatch(text):
        return text
    name = tidy(text)
    if not (name.isascii() or name.isalpha()):
        name = _han_stop().sub(MIDDLE_DOT, _ANY_DOT.sub(MIDDLE_DOT, name))
    return name if _LATIN.search(name) else name.replace(" ", "")


def name_variants(text: str) -> tuple[str, ...]:
    """Return how a typed name may stand in data kept before names had one dot: as kept now, and with other dots."""
    name = normalize_name(text)
    if MIDDLE_DOT not in name:
        return (name,)
    return (name, *(name.replace(MIDDLE_DOT, dot) for dot in dict.fromkeys(_DOTS + _STOPS) if dot != MIDDLE_DOT))


def mask_identity_number(number: str) -> str:
    """Return the number with the middle hidden: 330411********1234 (shorter input is hidden whole).

    A provisional number of an office says nothing of a person and is shown as it is.
    """
    if PROVISIONAL.fullmatch(number):
        return number
    return f"{number[:6]}{'*' * 8}{number[-4:]}" if len(number) == 18 else "*" * len(number)


def mask_telephone(number: str) -> str:
    """Return telephones with the middle of each hidden: 139****0274、138****0001; words beside them are left out."""
    numbers = _LONG_NUMBER.findall(number)
    if not numbers:
        return "*" * len(number)
    return "、".join(f"{one[:3]}****{one[-4:]}" if len(one) >= 9 else "*" * len(one) for one in numbers)

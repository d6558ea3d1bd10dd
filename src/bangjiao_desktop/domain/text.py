"""Text as people type it in Excel: full-width digits, stray spaces, bracket styles."""

import re
import unicodedata

_SPACES = re.compile(r"[\s\u3000\u00a0\u200b\ufeff]+")


def compact(text: str) -> str:
    """Return text in half-width form (NFKC) without any white space; for codes, numbers and headings.

    Not for names: NFKC would replace some rare characters.
    """
    if text.isascii() and text.isalnum():
        return text
    return _SPACES.sub("", unicodedata.normalize("NFKC", text))


def tidy(text: str) -> str:
    """Return free text without leading, trailing or doubled blanks; line breaks become one blank."""
    return _SPACES.sub(" ", text).strip()


def normalize_name(text: str) -> str:
    """Return a person's name as it is kept.

    Chinese names lose every blank (also full-width ones); names in Latin letters keep single blanks.
    """
    tidied = tidy(text)
    if any(character.isascii() and character.isalpha() for character in tidied):
        return tidied
    return tidied.replace(" ", "")


def mask_identity_number(number: str) -> str:
    """Return the number with the middle hidden: 330411********1234 (shorter input is hidden whole)."""
    return f"{number[:6]}{'*' * 8}{number[-4:]}" if len(number) == 18 else "*" * len(number)


def mask_telephone(number: str) -> str:
    """Return the number with the middle hidden: 139****0274."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 9 else "*" * len(number)

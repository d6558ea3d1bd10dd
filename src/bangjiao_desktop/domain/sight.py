"""What whoever asks may see: sealed juvenile files or not, whole numbers or masked ones. One value, asked everywhere.

Every function of `store` that reads people or records demands a `Sight`, so that no read can forget the question;
`services.base.sight` makes it from the session. What it hides, it hides here and nowhere else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

from bangjiao_desktop.domain.errors import NotPermittedError
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.late_patterns import late
from bangjiao_desktop.domain.text import compact, mask_identity_number, mask_telephone

P = TypeVar("P", bound=Person)
SEALED = "这是封存的档案，只有获授权的人才能查看和登记。"
SEALED_NAME = "封存档案"
_GAP = "[ \\t\u3000\xa0\u200b-\u200f\ufeff\\-‐-―－]{0,2}"
_NUMBERS = late(
    # an identity number or a mobile in groups, a telephone with its area, any long number
    rf"(?<!\d)\d(?:{_GAP}\d){{5}}{_GAP}(?:[1１]{_GAP}[89８９]|[2２]{_GAP}[0０])(?:{_GAP}\d){{9}}{_GAP}[\dXxＸｘ](?!\d)"
    rf"|(?<!\d)[1１]{_GAP}[3-9３-９](?:{_GAP}\d){{9}}(?!\d)|(?<!\d)[0０]\d{{2,3}}{_GAP}\d{{7,8}}(?!\d)|\d{{11,}}[XxＸｘ]?"
)
_HYPHENS = dict.fromkeys(map(ord, "-‐‑‒–—―"))
_IDENTITY_LENGTH = 18
_UNVEILED = ("person_name", "office_name", "identity_number", "sort_value")  # of who is spoken of openly
_WORDS = ("text", "note", "name", "telephone", "identity")


@dataclass(frozen=True)
class Sight:
    """What somebody may see.

    Attributes:
        sealed: sealed juvenile files, and texts that name such a person.
        numbers: identity numbers and telephones whole.
    """

    sealed: bool
    numbers: bool

    def require(self, sealed: object) -> None:
        """Refuse a sealed file to who may not see it.

        Args:
            sealed: whether the file is sealed.

        Raises:
            NotPermittedError: with a sentence.
        """
        if sealed and not self.sealed:
            raise NotPermittedError(SEALED)

    def listed(self) -> "Sight":
        """Return the sight of lists that are passed on: explanations never tell whom a sealed file is about."""
        return replace(self, sealed=False)

    def row(self, row: Mapping[str, Any], names: re.Pattern[str] | None = None) -> dict[str, Any]:
        """Return a row as it may be seen: numbers masked, and texts that tell of sealed people hidden whole.

        Args:
            row: a person or record; whether its file is open was asked before.
            names: what finds sealed people, where the row's texts may tell of them (domain.veiling).
        """
        if self.numbers and names is None:
            return dict(row)
        return {name: self.value(name, value, names) for name, value in row.items()}

    def value(self, field: str, value: Any, names: re.Pattern[str] | None = None) -> Any:
        """Return one value of a row as it may be seen."""
        if not isinstance(value, str) or not value:
            return value
        if names is not None and field not in _UNVEILED and names.search(value):
            return SEALED_NAME  # whole: what is left around a hidden name would tell it
        if self.numbers:
            return value
        if field == "identity_number":
            return mask_identity_number(value)
        if field.endswith("telephone"):
            return mask_telephone(value)
        return mask_numbers(value)


EVERYTHING = Sight(sealed=True, numbers=True)


def mask_numbers(text: str) -> str:
    """Return a text with the middle of every long number in it hidden: identity numbers, telephones, accounts."""
    return _NUMBERS.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    number = compact(found[0]).translate(_HYPHENS)
    return mask_identity_number(number) if len(number) == _IDENTITY_LENGTH else mask_telephone(number)


def unnamed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a list that leaves the program; that of a sealed file without whom it is about.

    DOMAIN.md §3: rosters, explanations and papers hide the identity, figures count as usual.
    """
    found = dict(row)
    if not (row.get("sealed") or row.get("person_sealed")):
        return found
    for name in (*typed_texts(), "name_pinyin", "sort_value"):
        if name in found:
            found[name] = ""
    if row.get("sealed"):
        found |= {"name": SEALED_NAME, "id": None}
        if "birth_date" in found:
            found["birth_date"] = None
    else:
        found |= {"person_name": SEALED_NAME, "identity_number": "", "person_id": None}
    return found


def unnamed_person(person: P) -> P:
    """Return a person of a list that leaves the program as `unnamed` does; the key stays, and is not for showing."""
    if not person.sealed:
        return person
    hidden: dict[str, Any] = dict.fromkeys(typed_texts() & person.specs().keys(), "")
    return replace(person, **{**hidden, "name": SEALED_NAME, "birth_date": None})


@cache
def typed_texts() -> frozenset[str]:
    """Return the fields that hold what somebody typed, in any kind of record."""
    from bangjiao_desktop.domain.layout import ledger_kinds  # every kind of record: the first page does without them

    return frozenset(column.field for kind in ledger_kinds() for column in kind.columns if column.type in _WORDS)

"""Rows of one file about the same person: 总表 and a tab for each village, a row copied twice, two releases."""

from dataclasses import dataclass, field
from typing import Any

from bangjiao_desktop.exchange.parsed import ParsedRow, ParsedSheet

_ASIDE = frozenset(("remarks", "category"))


@dataclass(frozen=True)
class Verdict:
    """What a second row about a person is: the same again, or in contradiction with the first."""

    same: bool
    field: str = ""
    reason: str = ""
    question: str = ""


@dataclass
class Twins:
    """The people met so far in a file."""

    _met: dict[tuple[Any, ...], tuple[ParsedSheet, ParsedRow]] = field(default_factory=dict)
    _first: dict[str, tuple[ParsedSheet, ParsedRow]] = field(default_factory=dict)

    def stranger(self, row: ParsedRow) -> str:
        """Return why a row cannot be about the person its number belongs to in this file, "" if it can."""
        known = self._first.get(row.values.get("identity_number") or "")
        if known is None:
            return ""
        first_sheet, first = known
        name, other = row.values.get("name"), first.values.get("name")
        if name == other or name == first.values.get("former_name") or other == row.values.get("former_name"):
            return ""
        return f"公民身份号码与“{first_sheet.source}”表第 {first.number} 行重复，姓名不同，请核对号码"

    def meet(self, parsed: ParsedSheet, row: ParsedRow) -> Verdict | None:
        """Return what a row is beside an earlier one of the same person, None if it is the first.

        Equal rows are one: what the later one says beyond the earlier is added to it. Rows with different releases are
        different releases of the person (DOMAIN.md §8), whichever comes first.
        """
        key = _key(row)
        known = self._met.get(key)
        if known is None:
            self._met[key] = (parsed, row)
            if number := row.values.get("identity_number"):
                self._first.setdefault(number, (parsed, row))
            return None
        first_sheet, first = known
        where = f"“{first_sheet.source}”表第 {first.number} 行"
        differing = [
            one for one, value in row.values.items()
            if one not in _ASIDE and first.values.get(one) not in (None, value)
        ]  # fmt: skip
        if differing:
            headers = "、".join(parsed.header_of(one) for one in differing)
            return Verdict(False, differing[0], f"与{where}是同一人，而{headers}不一致，请核对后留一行")
        self._complete(key, first_sheet, first, row)
        return Verdict(True)

    def _complete(self, key: tuple[Any, ...], sheet: ParsedSheet, first: ParsedRow, row: ParsedRow) -> None:
        more = {name: value for name, value in row.values.items() if name not in first.values}
        kept = tuple(dict.fromkeys((*first.kept, *row.kept)))
        told, other = str(first.values.get("remarks") or ""), str(row.values.get("remarks") or "")
        if told and other and other not in told:
            more["remarks"] = f"{told}；{other}"
        if not more and kept == first.kept:
            return
        whole = ParsedRow(
            first.number, {**first.values, **more}, first.raw, first.identity, first.document, kept, first.title
        )
        sheet.accepted[first.number] = whole
        self._met[key] = (sheet, whole)


def _key(row: ParsedRow) -> tuple[Any, ...]:
    number = row.values.get("identity_number")
    return number or row.values.get("name"), row.values.get("release_date")

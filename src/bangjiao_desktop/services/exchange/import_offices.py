"""Which office a row of an import means. An office exists only if it exists: none is made from a spelling."""

import uuid
from collections import Counter
from collections.abc import Mapping

from bangjiao_desktop.domain.import_choices import ImportChoices
from bangjiao_desktop.domain.offices import (
    is_office_name,
    is_town,
    match_office,
    office_in,
    office_key,
    office_of_address,
)
from bangjiao_desktop.domain.text import tidy
from bangjiao_desktop.services.base.offices import new_office
from bangjiao_desktop.services.exchange.import_result import UnknownOffice
from bangjiao_desktop.store.tables.models import Office
from bangjiao_desktop.store.writes.writer import Writer


class Offices:
    """The offices of the bureau as an import sees them.

    A new one is made only where somebody says so, or where a whole ledger workbook (its headings are those of
    DOMAIN.md §8) names it by a whole name; it is told in either case.

    Args:
        writer: of the import.
        bureau_id: the bureau.
        known: name → key.
        choices: a person's answers.
        spellings: answers of before: spelling → name of an office.
    """

    def __init__(
        self,
        writer: Writer,
        bureau_id: uuid.UUID,
        known: Mapping[str, uuid.UUID],
        choices: ImportChoices,
        spellings: Mapping[str, str],
    ) -> None:
        self._writer = writer
        self._bureau_id = bureau_id
        self._known = dict(known)
        self._answers = {spelling: name for spelling, name in spellings.items() if name in known}
        self._answers |= {office_key(spelling): name for spelling, name in choices.offices.items()}
        self._matched: dict[str, str | None] = {}
        self._found: dict[str, uuid.UUID] = {}
        self._unknown: Counter[str] = Counter()
        self.made: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        """The offices there are."""
        return tuple(self._known)

    @property
    def unknown(self) -> list[UnknownOffice]:
        """The spellings that mean no office."""
        return [UnknownOffice(text, rows, is_office_name(text)) for text, rows in self._unknown.items()]

    def name_of(self, identifier: uuid.UUID | None) -> str:
        """Return an office's name, "" for none."""
        return next((name for name, key in self._known.items() if key == identifier), "")

    def find(self, spelling: str, *, own_format: bool) -> uuid.UUID | None:
        """Return the office a cell means, None if that must be asked."""
        if (found := self._found.get(spelling)) is not None:
            return found
        key = office_key(spelling)
        if key in self._answers:
            return self._made(tidy(self._answers[key]))
        if key not in self._matched:
            self._matched[key] = match_office(spelling, self._known)
        name = self._matched[key]
        if name is None and own_format and is_office_name(tidy(spelling)):
            del self._matched[key]
            return self._made(tidy(spelling))
        if name is None:
            self._unknown[tidy(spelling)] += 1
            return None
        self._found[spelling] = self._known[name]
        return self._known[name]

    def of_address(self, address: str) -> uuid.UUID | None:
        """Return the office of the town an address names, None if none or several could be meant."""
        name = office_of_address(address, self._known)
        return None if name is None else self._known[name]

    def of_words(self, *words: str) -> tuple[uuid.UUID | None, str]:
        """Return the office that a title or a tab names, and the name of one that there is not ("" if none)."""
        unknown = ""
        for text in words:
            spelling = office_in(text)
            if not spelling:
                continue
            answer = self._answers.get(office_key(spelling))
            if answer is not None:
                return self._made(tidy(answer)), ""
            name = match_office(spelling, self._known)
            if name is not None:
                return self._known[name], ""
            if (not unknown and spelling != text.strip()) or (
                not unknown and (is_office_name(spelling) or is_town(spelling))
            ):
                unknown = spelling
        if unknown:
            self._unknown[unknown] += 1
        return None, unknown

    def _made(self, name: str) -> uuid.UUID:
        if name not in self._known:
            [identifier] = self._writer.insert(Office, [new_office(self._bureau_id, name, len(self._known))])
            self._known[name] = identifier
            self._matched.clear()
            self._found.clear()
            self.made.append(name)
        return self._known[name]

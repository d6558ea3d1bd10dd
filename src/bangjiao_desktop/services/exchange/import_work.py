"""What all parts of an import share: the transaction, the result, who is known, what is told."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from bangjiao_desktop.domain.import_choices import ImportChoices
from bangjiao_desktop.domain.layout import cell_text
from bangjiao_desktop.domain.terms import TermRule
from bangjiao_desktop.exchange.parsed import ParsedRow, ParsedSheet
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.exchange.import_offices import Offices
from bangjiao_desktop.services.exchange.import_result import CellChange, ImportResult
from bangjiao_desktop.store.reads.records import Row
from bangjiao_desktop.store.writes.terms import terms_in_force
from bangjiao_desktop.store.writes.writer import Writer

WITHHELD = "此行需由所长处理"
"""Said of a row about a sealed file to those who may not see it: not even that it is sealed."""


@dataclass
class ImportWork:
    """One file on its way into the ledger, inside one transaction.

    Attributes:
        people: identity number → key of everybody met so far.
        person_rows: key → the person as the ledger has it now, as far as read or written here.
        refused_people: identity number → where the person's own row was refused.
        withheld: rows about sealed files that were not taken.
    """

    connection: Any
    session: Session
    writer: Writer
    result: ImportResult
    choices: ImportChoices
    offices: Offices
    default_office: uuid.UUID
    progress: Progress
    today: date
    people: dict[str, uuid.UUID] = field(default_factory=dict)
    person_rows: dict[uuid.UUID, Row] = field(default_factory=dict)
    refused_people: dict[str, str] = field(default_factory=dict)
    withheld: int = 0
    _told_titles: set[tuple[str, str]] = field(default_factory=set)

    @cached_property
    def terms(self) -> dict[str, TermRule]:
        """The assistance terms in force."""
        return terms_in_force(self.connection)

    def hides(self, person: Mapping[str, Any] | None) -> bool:
        """Tell whether a person's file is sealed to whoever imports."""
        return bool(person and person["sealed"]) and not self.session.sees_sealed

    def office_of(self, parsed: ParsedSheet, row: ParsedRow) -> tuple[uuid.UUID | None, bool]:
        """Return the office a row names, and whether it could be told; a title or a tab named after one counts."""
        spelling = row.values.get("office")
        if spelling:
            found = self.offices.find(str(spelling), own_format=parsed.own_format)
            return found, found is not None
        found, unknown = self.offices.of_words(row.title, parsed.source)
        if unknown and (parsed.source, unknown) not in self._told_titles:
            self._told_titles.add((parsed.source, unknown))
            here = self.offices.name_of(self.default_office)
            reason = (
                f"标题或表名写的是“{unknown}”，没有这个司法所；没有写责任单位的人归到“{here}”，不对的请指明是哪个所"
            )
            parsed.remark(row, "office", reason, "office")
        return found, True

    def refuse_office(self, parsed: ParsedSheet, row: ParsedRow) -> None:
        """Say that the office a row names is none of the bureau's."""
        known = "、".join(self.offices.names)
        reason = f"没有“{' '.join(str(row.values['office']).split())}”这个司法所（现有：{known}）；请指明是哪个所"
        parsed.fault(row, "office", reason, "office")

    def tell_changes(
        self, parsed: ParsedSheet, row: ParsedRow, current: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> None:
        """Note the cells of a known person or record that the file changes."""
        for name, value in changes.items():
            if name == "office_id":
                before, after = self.offices.name_of(current[name]), self.offices.name_of(value)
                self._tell(parsed, row, "责任单位", before, after)
                continue
            column = parsed.sheet.column(name)
            assert column is not None  # every field has its heading
            before, after = cell_text(column, current[name]), cell_text(column, value)
            self._tell(parsed, row, parsed.header_of(name), before, after)

    def _tell(self, parsed: ParsedSheet, row: ParsedRow, header: str, before: str, after: str) -> None:
        self.result.changes.append(CellChange(parsed.source, row.number, header, before, after, row.name))

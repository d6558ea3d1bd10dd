"""What all parts of an import share: the transaction, the result, who is known, what is told."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

from bangjiao_desktop.domain.import_choices import ImportChoices
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.layout import cell_text
from bangjiao_desktop.domain.terms import TermRule
from bangjiao_desktop.exchange.parsed import ParsedRow, ParsedSheet
from bangjiao_desktop.services.base.progress import Progress
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.exchange.import_offices import Offices
from bangjiao_desktop.services.exchange.import_releases import Releases
from bangjiao_desktop.services.exchange.import_result import CellChange, ImportResult
from bangjiao_desktop.services.records.transfers import fault_of_office
from bangjiao_desktop.store.reads.records import Row
from bangjiao_desktop.store.writes.terms import terms_in_force
from bangjiao_desktop.store.writes.writer import Writer

WITHHELD = "此行需由所长处理"
"""Said of a row about a sealed file to those who may not see it: not even that it is sealed."""


@dataclass
class ImportWork:
    """One file on its way into the ledger, inside one transaction.

    Attributes:
        releases: of the people of the file, as far as there are several.
        people: identity number → key of everybody met so far.
        person_rows: key → the person as the ledger has it now, as far as read or written here.
        refused_people: identity number → where the person's own row was refused.
        withheld: rows about sealed files that were not taken.
        told_releases: person and release of every line of people that was taken.
        new: people and releases that came with this file.
        moved: people whose line names another office than the ledger, which was confirmed.
        ended_early: changes (person, day, reason) written with the release they ended, before their own row came.
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
    releases: Releases
    people: dict[str, uuid.UUID] = field(default_factory=dict)
    person_rows: dict[uuid.UUID, Row] = field(default_factory=dict)
    refused_people: dict[str, str] = field(default_factory=dict)
    withheld: int = 0
    told_releases: set[tuple[uuid.UUID, date | None]] = field(default_factory=set)
    new: set[uuid.UUID] = field(default_factory=set)
    moved: set[uuid.UUID] = field(default_factory=set)
    ended_early: Counter[tuple[uuid.UUID, date, str]] = field(default_factory=Counter)
    _told_titles: set[tuple[str, str]] = field(default_factory=set)

    @cached_property
    def terms(self) -> dict[str, TermRule]:
        """The assistance terms in force."""
        return terms_in_force(self.connection)

    @cached_property
    def may_not_move(self) -> str:
        """Why whoever imports may not move people between offices, "" if they may (services.records.transfers)."""
        return fault_of_office(self.connection, self.session)

    def hides(self, person: Mapping[str, Any] | None) -> bool:
        """Tell whether a person's file is sealed to whoever imports."""
        return bool(person and person["sealed"]) and not self.session.sees_sealed

    def person_on(self, person_id: uuid.UUID | None, day: date | None) -> dict[str, Any] | None:
        """Return a person's row as it is in the release a day belongs to; None for nobody met in this file."""
        row = None if person_id is None else self.person_rows.get(person_id)
        if row is None or person_id is None or day is None or row.get("episode_number", 1) == 1:
            return row
        found = (one for one in self.releases.of(person_id) if one["records_from"] <= day < one["records_until"])
        one = next(found, row)  # the last day there is belongs to none
        return {**row, **{name: one[name] for name in (*Person.OF_EPISODE, "term_end")}}

    def gap_on(self, person_id: uuid.UUID | None, day: date | None) -> tuple[date | None, date | None]:
        """Return the end of the release a day belongs to and the release after it, where there is one; else nothing."""
        row = None if person_id is None else self.person_rows.get(person_id)
        if row is None or person_id is None or day is None or row.get("episode_number", 1) == 1:
            return None, None
        known = self.releases.of(person_id)
        for one, following in pairwise(known):
            if one["records_from"] <= day < one["records_until"]:
                return one["changed_on"], following["release_date"]
        return None, None

    def wrote_early(self, change: Mapping[str, Any]) -> bool:
        """Tell whether a change was written with the release it ended, a moment ago; each such row once."""
        key = change["person_id"], change["changed_on"], change["reason"]
        found = self.ended_early[key] > 0
        self.ended_early[key] -= found
        return found

    def office_of(self, parsed: ParsedSheet, row: ParsedRow) -> tuple[uuid.UUID | None, bool]:
        """Return the office a row names, and whether it could be told; a title or a tab named after one counts."""
        spelling = row.values.get("office")
        if spelling:
            found = self.offices.find(str(spelling), own_format=parsed.own_format)
            return found, found is not None
        found, unknown = self.offices.of_words(row.title, parsed.source)
        if found is None and row.values.get(
            "imprisoned"
        ):  # a prison's list knows no office, only where people are from
            places = (row.values.get("household_place"), row.values.get("household_address"))
            found = self.offices.of_address("".join(str(one or "") for one in places))
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
        key = self.people.get(row.values.get("identity_number") or "")
        owner = None if row.name or key is None else self.person_rows.get(key)
        name = row.name if owner is None else str(owner["name"])
        self.result.changes.append(CellChange(parsed.source, row.number, header, before, after, name))

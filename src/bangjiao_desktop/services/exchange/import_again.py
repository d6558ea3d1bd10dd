"""Takes rows about another release of a known person into the ledger (DOMAIN.md §8): the next one, one before, a known one."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from uuid_utils.compat import uuid7

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.episodes import BEGINNING, FOREVER
from bangjiao_desktop.domain.kinds.person import Person as PersonRecord
from bangjiao_desktop.domain.kinds.register_change import AT_TERM_END
from bangjiao_desktop.domain.layout import field_of
from bangjiao_desktop.exchange.parsed import ParsedRow, ParsedSheet
from bangjiao_desktop.services.exchange.import_follow import LineRecords
from bangjiao_desktop.services.exchange.import_releases import Ended, Placed, Releases
from bangjiao_desktop.services.exchange.import_result import SheetCount
from bangjiao_desktop.services.exchange.import_rows import other_name, own_values, person_changes, with_sentence
from bangjiao_desktop.services.exchange.import_work import WITHHELD, ImportWork
from bangjiao_desktop.store.reads import episodes as reads
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.episode_models import Episode, Standing
from bangjiao_desktop.store.tables.models import Person, RegisterChange

Row = Mapping[str, Any]
Sound = Callable[[ParsedSheet, ParsedRow, Row, set[str], date | None], bool]
_OF_RELEASE = frozenset((*PersonRecord.OF_EPISODE, *PersonRecord.OF_STANDING))


@dataclass
class _Batch:
    """What one round writes: at most one release of each person."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    episodes: list[dict[str, Any]] = field(default_factory=list)
    standings: list[dict[str, Any]] = field(default_factory=list)
    ends: list[dict[str, Any]] = field(default_factory=list)
    rows: list[tuple[ParsedRow, uuid.UUID, dict[str, Any]]] = field(default_factory=list)
    """The lines, whose they are, and what held of the person then where it is not the latest release."""


class AgainRows:
    """Rows about other releases than the one a person's row in the ledger is of.

    Args:
        work: the import.
        releases: of the people of the file.
        sound: checks a person's values and tells what is wrong (`ImportPeople`).
    """

    def __init__(self, work: ImportWork, releases: Releases, sound: Sound) -> None:
        self._work = work
        self._releases = releases
        self._sound = sound
        self._held: Mapping[uuid.UUID, Row] = {}
        self.read: frozenset[uuid.UUID] = frozenset()
        """Whose releases were read for the parting."""

    def part(
        self, parsed: ParsedSheet, rows: Sequence[ParsedRow], known: Mapping[str, Row]
    ) -> tuple[list[ParsedRow], list[ParsedRow]]:
        """Part rows into those about the latest release or somebody new, and those about another release.

        Of several rows about somebody new the first release is new, the others follow it. A row that can be none of its
        own stays among the first: there it is a correction, or held back.
        """
        of_person: defaultdict[str, list[ParsedRow]] = defaultdict(list)
        for row in rows:
            of_person[row.values.get("identity_number") or ""].append(row)
        differing = [
            known[number]["id"]
            for number, mine in of_person.items()
            if number in known and any(one.values.get("release_date") != known[number]["release_date"] for one in mine)
        ]
        if differing:
            self._releases.read(differing)
            self._held = reads.last_held(self._work.connection, differing, PersonRecord.OF_STANDING)
        self.read = frozenset(differing)
        others: set[int] = set()
        for number, mine in of_person.items():
            current = known.get(number)
            if not number or (current is None and len(mine) == 1):
                continue
            ordered = sorted(mine, key=_released)
            if current is None:
                others.update(one.number for one in ordered[1:])
                continue
            ahead = len(mine) > 1
            for row in ordered:
                release = row.values.get("release_date")
                if release == current["release_date"] or self._corrects(parsed, row):
                    continue
                if release is None and current["release_date"] > self._work.today:
                    continue  # in prison until the day that is known
                placed = self._placed(parsed, number, current["id"], row)
                if placed.taken or (ahead and not placed.fills):
                    others.add(row.number)
        return [one for one in rows if one.number not in others], [one for one in rows if one.number in others]

    def take(self, parsed: ParsedSheet, rows: Sequence[ParsedRow], count: SheetCount, line: LineRecords) -> None:
        """Take over these rows, the first release of each person first."""
        waiting: defaultdict[str, list[ParsedRow]] = defaultdict(list)
        for row in sorted(rows, key=_released):
            waiting[row.values["identity_number"]].append(row)
        while waiting:
            batch = _Batch()
            for number in list(waiting):
                self._row(parsed, number, waiting[number].pop(0), count, batch, line)
                if not waiting[number]:
                    del waiting[number]
            self._write(batch, line)

    def _placed(self, parsed: ParsedSheet, number: str, person: uuid.UUID, row: ParsedRow) -> Placed:
        placed = self._releases.place(number, person, row)
        if placed.taken or not self._work.choices.answers(parsed.source, row.number, "new"):
            return placed
        return self._releases.again(placed, row.values.get("release_date"), self._work.today)

    def _corrects(self, parsed: ParsedSheet, row: ParsedRow) -> bool:
        return self._work.choices.answers(parsed.source, row.number, "correct")

    def _row(
        self, parsed: ParsedSheet, number: str, row: ParsedRow, count: SheetCount, batch: _Batch, line: LineRecords
    ) -> None:
        work = self._work
        key = work.people.get(number)
        current = None if key is None else work.person_rows.get(key)
        if key is None or current is None:
            parsed.fault(row, "identity_number", "此人的前一期没有收下，请一并更正")
            return
        if work.hides(current):
            work.withheld += 1
            parsed.fault(row, "identity_number", WITHHELD)
            return
        if other_name(row.name, current, str(row.values.get("former_name") or "")):
            told = f"这个号码在台账里是“{current['name']}”，本行是“{row.name}”，释放日期也不同：多半是号码录错，请核对"
            parsed.fault(row, "identity_number", told)
            return
        placed = self._placed(parsed, number, key, row)
        if placed.fault:
            open_yet = placed.before is not None and placed.before["changed_on"] is None and placed.after is None
            parsed.fault(row, "release_date", placed.fault, "again" if open_yet else "correct")
            return
        office_id, told_office = work.office_of(parsed, row)
        if not told_office:
            work.refuse_office(parsed, row)
            return
        values = own_values(row, current)
        if placed.known is not None:
            said = office_id if row.values.get("office") else None  # not that of a title
            self._known(parsed, row, values, current, said, placed.known, count, line)
            return
        self._new(parsed, row, values, current, office_id or current["office_id"], placed, batch, count, line)

    def _known(
        self, parsed: ParsedSheet, row: ParsedRow, values: dict[str, Any], current: Row, office_id: uuid.UUID | None,
        release: Row, count: SheetCount, line: LineRecords,
    ) -> None:  # fmt: skip
        """A row about a release the ledger has, and that is not the latest: what belongs to it is put right."""
        work = self._work
        values = with_sentence(values, release)
        changes = {
            name: value for name, value in values.items()
            if name in PersonRecord.OF_EPISODE and release[name] != value
        }  # fmt: skip
        if changes and not self._sound(
            parsed, row, {**current, **release, **changes}, set(changes), release["changed_on"]
        ):
            return
        if changes:
            work.tell_changes(parsed, row, release, changes)
            work.writer.update(Episode, release["id"], release["revision"], changes)
            self._releases.read([current["id"]])
        self._tell_differing(parsed, row, values, current)
        self._tell_standing(parsed, row, {**values, "office_id": office_id}, release)
        self._work.told_releases.add((current["id"], row.values.get("release_date")))
        if release["changed_on"] is not None:
            line.ended(release["id"], release["changed_on"], release["change_reason"])
        then = {name: release[name] for name in (*PersonRecord.OF_EPISODE, "term_end")} | changes
        then |= {"episode_id": release["id"], "office_id": release["office_id"]}
        changed = line.follow(row, {**current, **then}, new=False, latest=False) or bool(changes)
        count.updated += changed
        count.unchanged += not changed

    def _new(
        self,
        parsed: ParsedSheet,
        row: ParsedRow,
        values: dict[str, Any],
        current: Row,
        office_id: uuid.UUID,
        placed: Placed,
        batch: _Batch,
        count: SheetCount,
        line: LineRecords,
    ) -> None:
        """A release of its own: the next one of the person, or one before."""
        work = self._work
        blank = {name: PersonRecord.empty(name) for name in PersonRecord.OF_EPISODE}
        held = {name: current[name] for name in PersonRecord.OF_STANDING}
        own = PersonRecord.completed({**current, **blank, **held, **values, "office_id": office_id})
        left = None if placed.closed is None else placed.closed.on
        if not self._sound(parsed, row, own, set(_OF_RELEASE), left):
            return
        latest = placed.after is None
        if placed.assumed and placed.before is not None and placed.closes is not None:
            ended = placed.closes
            told = f"作为新的一期；第{placed.before['number']}期登记变动：{code_table('change_reason').label(ended.reason)} {ended.on}"
            more = (
                ""
                if ended.reason == AT_TERM_END
                else "（日期没有写，暂按新的释放日期，请在“解除与变动”里改成收监的日子）"
            )
            parsed.remark(row, "release_date", told + more)
        if latest:
            mine = person_changes(
                {name: value for name, value in values.items() if name not in _OF_RELEASE}, current, None
            )
            if mine:
                work.tell_changes(parsed, row, current, mine)
                work.writer.update(Person, current["id"], current["revision"], mine)
        else:
            self._tell_differing(parsed, row, values, current)
        owner = {"person_id": current["id"], "office_id": office_id}
        key, release = uuid7(), values.get("release_date")
        work.new.add(key)
        if placed.before is not None and placed.closes is not None:
            batch.changes.append(
                self._change(owner | {"office_id": placed.before["office_id"]}, placed.before["id"], placed.closes)
            )
        batch.episodes.append({
            "id": key, **owner, "number": 1 if placed.before is None else placed.before["number"] + 1,
            **{name: own[name] for name in PersonRecord.OF_EPISODE},
            "changed_on": left, "change_reason": None if placed.closed is None else placed.closed.reason,
            "records_from": release or FOREVER, "records_until": FOREVER,
        })  # fmt: skip
        batch.standings.append({
            **owner, "episode_id": key, "from_date": release or BEGINNING, **{name: own[name] for name in PersonRecord.OF_STANDING},
            "valid_from": release or BEGINNING, "valid_until": FOREVER,
        })  # fmt: skip
        if placed.closed is not None:
            line.ended(key, placed.closed.on, placed.closed.reason)
            batch.ends.append(self._change(owner, key, placed.closed))
        then = {} if latest else {**{name: own[name] for name in _OF_RELEASE}, "term_end": None, "episode_id": key}
        batch.rows.append((row, current["id"], then))
        count.added += 1

    def _change(self, owner: Row, episode: uuid.UUID, ended: Ended) -> dict[str, Any]:
        self._work.ended_early[owner["person_id"], ended.on, ended.reason] += 1
        from bangjiao_desktop.domain.kinds.register_change import RegisterChange as Change

        return Change(**owner, episode_id=episode, changed_on=ended.on, reason=ended.reason).row()

    def _write(self, batch: _Batch, line: LineRecords) -> None:
        """Write a round: first what ends releases the ledger has, then the releases with what ended them."""
        work = self._work
        work.writer.insert(RegisterChange, batch.changes)
        work.writer.insert_together(
            (Episode, batch.episodes), (Standing, batch.standings), (RegisterChange, batch.ends)
        )
        people = [person for _, person, _ in batch.rows]
        if not people:
            return
        self._releases.read(people)
        for whole in records.people_by_key(work.connection, people):
            work.person_rows[whole["id"]] = whole
        for row, person, then in batch.rows:
            work.told_releases.add((person, row.values.get("release_date")))
            line.follow(row, {**work.person_rows[person], **then}, new=True, latest=not then)

    def _tell_standing(self, parsed: ParsedSheet, row: ParsedRow, told: Row, release: Row) -> None:
        """What a row about an earlier release says otherwise of what held from a day on: the table 履历 tells that."""
        held = self._held.get(release["id"])
        for name in PersonRecord.OF_STANDING:
            if told.get(name) not in (None, "") and held and told[name] != held[name]:
                parsed.remark(row, field_of(name), "与台账里这一期最后的履历不同，没有改；以前各期的请写在“履历”表里")

    def _tell_differing(self, parsed: ParsedSheet, row: ParsedRow, values: Row, current: Row) -> None:
        """What a row about an earlier release says otherwise of the person: the latest row stands (DOMAIN.md §8)."""
        for name, value in values.items():
            if name not in _OF_RELEASE and name != "remarks" and current.get(name) not in ("", None, value):
                parsed.remark(row, name, "与最后一期写的不一致，以最后一期为准")


def _released(row: ParsedRow) -> date:
    """The day of a row's release; who is still in prison comes last."""
    return row.values.get("release_date") or FOREVER


__all__ = ["AgainRows"]

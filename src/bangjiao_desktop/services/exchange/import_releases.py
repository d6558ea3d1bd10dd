"""Rows of an import about a person's other releases (帮教期次): which each is of, and whether it can be taken. DOMAIN.md §8.

A row whose release is one the ledger has is about that one. One that follows an ended release, in the ledger or in the
file's own 变动, begins the next; one that another follows, and that the file ends before it, is put before it. Anything
else is held back and asked, or a correction of the latest (services.exchange.import_people).
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bangjiao_desktop.domain.episodes import fault_moving
from bangjiao_desktop.domain.kinds.register_change import AT_TERM_END, DIED, RegisterChange
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.exchange.parsed import ParsedRow, ParsedSheet
from bangjiao_desktop.store.reads import episodes as reads

Row = Mapping[str, Any]
_REIMPRISONED = "03"
CORRECTION_DAYS = 60
"""Two releases of an open term this close together are one release put right (DOMAIN.md §8)."""


@dataclass(frozen=True)
class Ended:
    """What ended a release, as a file tells it."""

    on: date
    reason: str


@dataclass(frozen=True)
class Placed:
    """Where a row's release stands among those the ledger has.

    Attributes:
        known: the release itself, where the ledger has it.
        before: the one it follows, None for the first.
        after: the one that follows it, None for the last.
        closes: what ends the one before, where only the file says so.
        closed: what ends it before the one after, as the file says.
        fault: why it cannot be taken; "" where it can.
        assumed: `closes` is not told, but follows from the answer that the person was released again.
        fills: it is the day of the release that had none yet: who was in prison is released.
    """

    known: Row | None = None
    before: Row | None = None
    after: Row | None = None
    closes: Ended | None = None
    closed: Ended | None = None
    fault: str = ""
    fills: bool = False
    assumed: bool = False

    @property
    def taken(self) -> bool:
        """Whether it is a release of its own."""
        return not self.fault and not self.fills


@dataclass
class Releases:
    """The releases of the people a file is about, and what the file says of their ends.

    Args:
        connection: of the import's transaction.
        sheets: the tables of the file.

    Attributes:
        histories: identity number of whom the file has rows of 履历 → the last day these tell of.
    """

    connection: Any
    sheets: Sequence[ParsedSheet]
    _ends: dict[str, list[Ended]] = field(default_factory=dict)
    _known: dict[uuid.UUID, list[dict[str, Any]]] = field(default_factory=dict)
    histories: dict[str, date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Gather what ends a release, the rows of 变动, and of whom there are rows of 履历."""
        for sheet in self.sheets:
            for row in sheet.rows if sheet.sheet.record is Standing else ():
                who, day = row.values.get("identity_number"), row.values.get("from_date")
                if who is not None and day is not None:
                    self.histories[who] = max(day, self.histories.get(who, day))
        found: defaultdict[str, list[Ended]] = defaultdict(list)
        for sheet in self.sheets:
            if sheet.sheet.record is not RegisterChange:
                continue
            for row in sheet.rows:
                number, day, reason = (row.values.get(name) for name in ("identity_number", "changed_on", "reason"))
                if number and day is not None and reason:
                    found[number].append(Ended(day, reason))
        self._ends = {number: sorted(ends, key=lambda one: one.on) for number, ends in found.items()}

    def read(self, people: Iterable[uuid.UUID]) -> None:
        """Read the releases of people anew."""
        wanted = list(dict.fromkeys(people))
        found = reads.rows_of(self.connection, wanted)
        self._known.update({key: found.get(key, []) for key in wanted})

    def of(self, person: uuid.UUID) -> list[dict[str, Any]]:
        """Return the rows of a person's releases, the first first."""
        if person not in self._known:
            self.read([person])
        return self._known[person]

    def number(self, person: uuid.UUID, day: date | None) -> int:
        """Return which release of a person a day belongs to, 1, 2, …; without a day the latest.

        Of who was not read (`read`) there is one.
        """
        known = self._known.get(person, ())
        if day is None or not known:
            return max(1, len(known))
        return next((one["number"] for one in known if one["records_from"] <= day < one["records_until"]), len(known))

    def told_by_history(self, person: Row) -> bool:
        """Tell whether the file's 履历 tells what holds of a person's latest release.

        It does not where the ledger knows of a later change than the file: the file is an older one, and what its line of
        the person says otherwise is a change like any other.
        """
        last = self.histories.get(person["identity_number"])
        if last is None:
            return False
        held = reads.standing_rows_of(self.connection, [person["id"]]).get(person["episode_id"], [])
        return not held or held[-1]["from_date"] <= last

    def off_register(self, person: uuid.UUID, episode: uuid.UUID | None, day: date) -> str:
        """Say why nothing can end on a day: the release had ended and the next had not begun; "" if something can."""
        known = self.of(person)
        place = next((place for place, one in enumerate(known) if one["id"] == episode), None)
        if place is None or place + 1 == len(known):
            return ""
        ended, following = known[place], known[place + 1]
        if ended["changed_on"] is None or day <= ended["changed_on"]:
            return ""
        begins = "还在押" if following["release_date"] is None else f"{following['release_date']} 才释放"
        told = f"这一天此人不在册：第{ended['number']}期已于 {ended['changed_on']} 登记变动，第{following['number']}期{begins}"
        return f"{told}；原来录错的，请在程序里改那条变动"

    def fault_moving(self, person: uuid.UUID, release: date | None) -> str:
        """Say what forbids the latest release of a person to be put on another day, "" if nothing does."""
        known = self.of(person)
        last, before = known[-1], known[-2] if len(known) > 1 else None
        held = reads.standing_rows_of(self.connection, [person]).get(last["id"], [])
        told = None if before is None else (before["number"], before["release_date"], before["changed_on"])
        return fault_moving(release, last["changed_on"], [one["from_date"] for one in held[1:]], told)

    def place(self, identity: str, person: uuid.UUID, row: ParsedRow) -> Placed:
        """Tell where a row's release stands among a person's."""
        release: date | None = row.values.get("release_date")
        known = self.of(person)
        same = next((one for one in known if one["release_date"] == release), None)
        if same is not None:
            return Placed(known=same)
        if release is None:
            return self._in_prison(identity, known, row)
        if (filled := _fills(known, release)) is not None:
            return filled
        before = next(
            (one for one in reversed(known) if one["release_date"] is not None and one["release_date"] < release), None
        )
        if before is not None and before["change_reason"] == DIED:
            told = f"台账里第{before['number']}期因死亡离册（{before['changed_on']}）：多半是号码录错，请核对"
            return Placed(before=before, fault=told)
        after = next((one for one in known if one["release_date"] is None or one["release_date"] > release), None)
        closes = None
        if before is not None and before["changed_on"] is None:
            closes = self._end(identity, before["handover_date"] or before["release_date"], release, row, own=False)
            if closes is None:
                later = self._end(identity, release, date.max, row, own=False)
                return Placed(
                    before=before, after=after, fault=_open(before) if later is None else _runs_into(before, later)
                )
        if before is not None and before["changed_on"] is not None and before["changed_on"] > release:
            return Placed(before=before, after=after, fault=_overlaps(before))
        closed = None
        if after is not None:
            last = after["release_date"] or date.max
            closed = self._end(identity, row.values.get("handover_date") or release, last, row, own=True)
            if closed is None:
                begun = "在押" if after["release_date"] is None else f"{after['release_date']} 释放"
                told = f"第{after['number']}期（{begun}）在它之后，而文件里没有这一期的变动"
                return Placed(before=before, after=after, fault=f"{told}；请补上变动，或选更正")
        return Placed(before=before, after=after, closes=closes, closed=closed)

    def again(self, placed: Placed, release: date | None, today: date) -> Placed:
        """Return where a release stands that is said to be the next though the one before has no end yet.

        That one is taken to have ended at its term if that was over by then, else by going to prison again, on the day of
        the new release for want of a better one: it stays as it is where that cannot be.
        """
        before = placed.before
        if placed.taken or before is None or before["changed_on"] is not None or placed.after is not None:
            return placed
        until = min(release or today, today)
        begun: date = before["handover_date"] or before["release_date"]
        if until < begun:
            return placed
        term: date | None = before["term_end"]
        ended = Ended(until, _REIMPRISONED) if term is None or not begun <= term <= until else Ended(term, AT_TERM_END)
        return replace(placed, closes=ended, fault="", assumed=True)

    def _in_prison(self, identity: str, known: Sequence[Row], row: ParsedRow) -> Placed:
        """Where somebody stands who is in prison again, of whom the ledger has only releases with a day."""
        last = known[-1]
        closes = None
        if last["changed_on"] is None:
            closes = self._end(identity, last["handover_date"] or last["release_date"], date.max, row, own=False)
            if closes is None:
                return Placed(before=last, fault=_open(last))
        return Placed(before=last, closes=closes)

    def _end(self, identity: str, first: date, last: date, row: ParsedRow, *, own: bool) -> Ended | None:
        """What the file says ended a release between two days: its table 变动, or the row's own 解除日期."""
        found = next((one for one in self._ends.get(identity, ()) if first <= one.on <= last), None)
        if found is not None or not own:
            return found
        day = row.values.get("discharged_on")
        return Ended(day, "01") if day is not None and first <= day <= last else None

    def ending(self, person: uuid.UUID, day: date) -> uuid.UUID | None:
        """Return the release a change of that day ends: the one on the register then (DOMAIN.md §5).

        On the day of a release the one before it may end, too: it does where it has no other end.
        """
        known = self.of(person)
        begun = [one for one in known if one["release_date"] is not None and one["release_date"] <= day]
        if not begun:
            begun = known[:1]
        if not begun:
            return None
        last = begun[-1]
        if len(begun) > 1 and last["release_date"] == day and begun[-2]["changed_on"] in (None, day):
            last = begun[-2]
        found: uuid.UUID = last["id"]
        return found


def other_release(release: Any, current: Mapping[str, Any], change: Mapping[str, Any] | None) -> str:
    """Return why another release date of a known person is held back, "" if it is a correction (DOMAIN.md §8).

    A release that follows an ended one never comes here: it is the person's next (services.exchange.import_again).
    """
    before, number = current["release_date"], current["episode_number"]
    if change is None:
        if abs((release - before).days) <= CORRECTION_DAYS:
            return ""
        return f"台账里第{number}期的释放日期是 {before}：第{number}期尚未登记变动，请先登记或选更正"
    return (
        f"台账里第{number}期的释放日期是 {before}，已于 {change['changed_on']} 登记变动；如果释放日期原来录错，选更正"
    )


def _fills(known: Sequence[Row], release: date) -> Placed | None:
    """The day of a release that had none yet: of who is in prison, after any release before; None if it is not that."""
    last = known[-1]
    if last["release_date"] is not None:
        return None
    before = known[-2] if len(known) > 1 else None
    if before is None:
        return Placed(after=last, fills=True)
    if release <= before["release_date"]:
        return None
    if before["changed_on"] is not None and release < before["changed_on"]:
        return Placed(before=before, after=last, fault=_overlaps(before))
    return Placed(before=before, after=last, fills=True)


def _open(episode: Row) -> str:
    return f"台账里第{episode['number']}期的释放日期是 {episode['release_date']}：第{episode['number']}期尚未登记变动，请先登记或选更正"


def _runs_into(episode: Row, ended: Ended) -> str:
    number, release = episode["number"], episode["release_date"]
    return f"两期重叠：第{number}期（{release} 释放）按文件里的变动到 {ended.on} 才结束，请核对释放日期和变动日期"


def _overlaps(episode: Row) -> str:
    number, release, left = episode["number"], episode["release_date"], episode["changed_on"]
    return f"台账里第{number}期的释放日期是 {release}，已于 {left} 登记变动；如果释放日期原来录错，选更正"


__all__ = ["Ended", "Placed", "Releases", "other_release"]

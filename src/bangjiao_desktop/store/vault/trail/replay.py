"""The second half of a proof: every row is what was signed last, and each step to it is what the entries of its time say.

A row is gone back through: from what it is now, entry by entry, before for after; at each mark the half of the digest that
entries tell must come out, down to the entry that made the row, or to the mark it got when the vault came to be signed.

What is sealed counts as its text. A token that was written over is known to nobody, so that marks between two of them are
no measure: what entries tell is then followed on from text to text, to the next mark of a row without tokens, or to its
making. Who has no key goes back as far as nothing is sealed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

from bangjiao_desktop.domain.episodes import BEGINNING
from bangjiao_desktop.store.vault.trail import naming
from bangjiao_desktop.store.vault.trail.chain import Chain, Transaction
from bangjiao_desktop.store.vault.trail.entries import Told, kept_as
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, What, key_of
from bangjiao_desktop.store.vault.trail.marks import GONE
from bangjiao_desktop.store.vault.trail.marks_table import Mark, MarksTable
from bangjiao_desktop.store.vault.trail.rows import HALF, Marked, half, marked_tables
from bangjiao_desktop.store.vault.trail.told_acts import Acts
from bangjiao_desktop.store.vault.trail.unsealing import Opener, UnreadError

Values = dict[str, Any]
_UNTOLD = frozenset(("created_at", "deleted_at"))
_STEP = 2000
_MOST_CHOICES = 8
PROVEN = "proven"
"""The note of what stands for an earlier proof: at it a row is what it was proven to be (trail.onward)."""


class _Stop(Exception):  # noqa: N818 (no fault)
    """What was before cannot be known here: the marks and their signatures are all there is of it."""


@dataclass(frozen=True)
class _Choice:
    """A value that a person's entry may have put right in a row that has no entry of its own."""

    column: str
    before: Any


class Replay:
    """Goes through the rows of every table.

    Args:
        raw: the driver's connection, reading one state.
        chain: what was found of the trail.
        marks: of all signatures.
        findings: takes what is wrong.
        defaults: table → column → what a row has that was made without it.
        opener: opens what is sealed.
    """

    def __init__(
        self, raw: Any, chain: Chain, marks: MarksTable, findings: Findings,
        defaults: Mapping[str, Mapping[str, Any]], opener: Opener,
    ) -> None:  # fmt: skip
        self._raw = raw
        self._chain = chain
        self._marks = marks
        self._findings = findings
        self._defaults = defaults
        self._opener = opener
        self._by_number = {one.number: one for one in chain.transactions}
        self._old = _Divisions(chain.transactions)
        self._acts = Acts(raw, chain.transactions, opener.read)
        self._kinds: dict[str, dict[str, str]] = {}

    def all(self, progress: Callable[[float], None]) -> int:
        """Go through everything; return how many rows there are.

        Raises:
            TooManyError: too much is wrong.
        """
        tables = marked_tables(self._raw)
        counts = [self._raw.execute(f'SELECT count(*) FROM main."{one.name}"').fetchone()[0] for one in tables]  # noqa: S608
        total, done = max(sum(counts), 1), 0
        for table, count in zip(tables, counts, strict=True):
            for passed, (key, row, marks) in enumerate(self._beside(table)):
                if passed % _STEP == 0:
                    progress(min(1.0, (done + passed) / total))
                self.row(table, key, row, marks)
            done += count
        for name in self._marks.tables:
            if all(one.name != name for one in tables):
                self._findings.add(Finding(What.REMOVED, name))
        return done

    def row(self, table: Marked, key: bytes, row: Sequence[Any] | None, marks: Sequence[Mark]) -> None:
        """Look at one row.

        Args:
            table: whose it is.
            key: of the row.
            row: as `Marked.columns` selects it, None if it is not there.
            marks: the oldest first.
        """
        if not marks:
            self._tell(What.UNMARKED, table, key, None)
            return
        newest = self._by_number[marks[-1][0]]
        if row is None:
            if marks[-1][1] != GONE:
                self._tell(What.REMOVED, table, key, newest)
            elif not (
                self._acts.turned(table.name, key, newest) or naming.removes(table.name, key, self._acts.of(newest))
            ):
                self._tell(What.UNTOLD, table, key, newest)
            return
        if marks[-1][1] == GONE:
            self._tell(What.PUT_BACK, table, key, newest)
            return
        values = dict(zip((table.key, *table.told, *table.rest), row, strict=True))
        if table.digest(row) != marks[-1][1]:
            self._tell(What.CHANGED, table, key, newest, self._differing(table, key, values))
            return
        if wrong := self._opener.wrong(table.name, key, values):
            self._tell(What.SEALED, table, key, newest, wrong)
            return
        with suppress(_Stop):
            self._back(table, key, values, marks)

    def _back(self, table: Marked, key: bytes, values: Values, marks: Sequence[Mark]) -> None:
        """Go back from mark to mark, as far as entries tell.

        Raises:
            _Stop: it cannot be known further.
        """
        loose = False  # what is known is the text, not what was stored
        for place in range(len(marks) - 1, -1, -1):
            here = self._by_number[marks[place][0]]
            before = marks[place - 1] if place else None
            if before is not None and before[1] == GONE:
                before = None
            if here.note.begins:
                measure = before or (marks[place] if loose else None)
                if measure is None:
                    return
                same = _same_half(self._old.of(table, self._by_number[measure[0]]), values, measure[1])
                if not same and not (loose and (before is not None or here.note.made == PROVEN)):
                    self._tell(What.UPGRADE if before is not None else What.DIFFERS, table, key, here)
                    return
                loose = loose and not same
                if before is None:
                    return
                continue
            wanted = None if before is None else before[1][:HALF]
            if wanted is not None and self._half(table, values) == wanted and not self._own(table.name, key, here):
                loose = False
                continue  # only what follows from others, or keeps house
            turned = self._acts.turned(table.name, key, here)
            if turned and not loose:
                loose = True
                self._open(table, key, values)
            wrong = self._step(table, key, values, here, None if before is None else before[1][:HALF], loose=loose)
            if wrong is not None:
                self._tell(wrong[0], table, key, here, wrong[1])
                return
            if before is None:
                return
            loose = loose and self._half(table, values) != wanted

    def _half(self, table: Marked, values: Values) -> bytes:
        return half(tuple(values[name] for name in table.told))

    def _open(self, table: Marked, key: bytes, values: Values) -> None:
        """Put what it reads as in the place of everything sealed in a row."""
        try:
            values |= self._opener.plain(table.name, key, values)
        except UnreadError:
            raise _Stop from None

    def _step(
        self, table: Marked, key: bytes, values: Values, here: Transaction, wanted: bytes | None, *, loose: bool
    ) -> tuple[What, tuple[str, ...]] | None:
        """Undo what the entries of a transaction did to a row; say what they do not tell."""
        own = self._own(table.name, key, here)
        owner = self._owner(table, values, here)
        if any(one.after is None or one.before is None for one in (*own, *owner)):
            raise _Stop
        if not own:
            if (
                not owner
                and self._acts.turned(table.name, key, here)
                and (wanted is not None or table.name in naming.OF_SEALING)
            ):
                return None
            told = self._acts.of(here)
            covered = naming.covers(table.name, key, values, told)
            if covered is False and any(one.after is None for one in told):
                raise _Stop
            if covered is not None:
                return None if covered else (What.UNTOLD, ())
        if wanted is None and self._acts.summarised(table.name, here):
            return None  # invented data of a demonstration: the mark and its signature hold
        if not own and not owner:
            return None if loose and wanted is not None else (What.UNTOLD, ())
        choices: list[_Choice] = []
        made: Told | None = None
        wrong: list[str] = []
        for one in sorted([*own, *owner], key=lambda told: told.sequence, reverse=True):
            mine = one.subject == table.name
            if one.action == "insert":
                if mine or not any(other.action == "insert" for other in own):
                    made = one
                    if mine:
                        break
            elif mine:
                wrong += self._undo(table, values, one)
            else:
                choices += self._offered(table, values, one)
        if wrong:
            return What.DIFFERS, tuple(dict.fromkeys(wrong))
        found = self._settled(table, values, choices, made, wanted, here)
        if found is None or not loose or wanted is None:
            return found
        if choices:
            raise _Stop
        return None

    def _settled(
        self, table: Marked, values: Values, choices: list[_Choice], made: Told | None, wanted: bytes | None,
        here: Transaction,
    ) -> tuple[What, tuple[str, ...]] | None:  # fmt: skip
        """Find which of the values a person's entry offers came from it, so that what was before comes out."""
        last: tuple[What, tuple[str, ...]] | None = (What.UNTOLD, ())
        for taken in _subsets(choices):
            tried = values | {one.column: one.before for one in taken}
            if made is not None and wanted is None:
                missing = self._not_told(table, tried, made, here)
                last = (What.DIFFERS, missing) if missing else None
            elif wanted is not None and half(tuple(tried[name] for name in table.told)) == wanted:
                last = None
            else:
                last = (What.UNTOLD if wanted is None else What.DIFFERS, ())
            if last is None:
                values |= tried
                return None
        return last

    def _undo(self, table: Marked, values: Values, told: Told) -> list[str]:
        """Put what was before in the place of what an entry told; return the columns that were something else."""
        kinds = self._kinds_of(table.name)
        wrong = []
        for name, after in (told.after or {}).items():
            if name not in kinds or name in table.rest or name == table.key:
                continue
            if values[name] != kept_as(kinds[name], after):
                wrong.append(name)
            values[name] = kept_as(kinds[name], (told.before or {}).get(name))
        return wrong

    def _offered(self, table: Marked, values: Values, told: Told) -> list[_Choice]:
        """What a person's entry may have put right in an episode or a standing."""
        kinds = self._kinds_of(table.name)
        before, after = told.before or {}, told.after or {}
        found = [
            _Choice(name, kept_as(kinds[name], before.get(name)))
            for name, value in after.items()
            if name in table.told and values[name] == kept_as(kinds[name], value)
        ]
        if table.name == "standing" and "release_date" in after:
            day = after["release_date"] or BEGINNING.isoformat()
            if values["from_date"] == day:
                found.append(_Choice("from_date", before.get("release_date") or BEGINNING.isoformat()))
        return found

    def _not_told(self, table: Marked, values: Values, told: Told, here: Transaction) -> tuple[str, ...]:
        """Columns of a new row that are not what the entry that made it says."""
        if told.summarises:
            good = table.name in naming.ONCE or self._acts.is_first_filling(here)
            return () if good else ("rows",)
        kinds, defaults = self._kinds_of(table.name), self._defaults.get(table.name, {})
        said = dict(told.after or {})
        if told.subject != table.name:  # a person's entry, for the release it begins with
            said["person_id"] = _uuid_text(told.key)
            if table.name == "standing":
                said["from_date"] = said.get("release_date") or BEGINNING.isoformat()
                said["episode_id"] = said.get("episode_id", "")
        wrong = []
        for name in table.told:
            if name in _UNTOLD and values[name] is None:
                continue
            if name == "created_at" or (name == "deleted_at" and name not in said):
                if name == "deleted_at":
                    wrong.append(name)
                continue
            if name in said:
                if values[name] != kept_as(kinds[name], said[name]):
                    wrong.append(name)
            elif values[name] not in (None, "", 0, defaults.get(name)):
                wrong.append(name)
        return tuple(wrong)

    def _own(self, table: str, key: bytes, here: Transaction) -> list[Told]:
        return [one for one in self._acts.own(table, key) if here.first <= one.sequence <= here.last]

    def _owner(self, table: Marked, values: Values, here: Transaction) -> list[Told]:
        """The entries of the person an episode or a standing is of."""
        if table.name not in naming.OF_PERSON:
            return []
        return self._own("person", bytes(values["person_id"]), here)

    def _differing(self, table: Marked, key: bytes, values: Values) -> tuple[str, ...]:
        """Columns of a row that are not what entries told of them last."""
        kinds = self._kinds_of(table.name)
        values = self._opener.readable(table.name, key, values)
        told: Values = {}
        for one in self._acts.ever(table.name, key):
            told |= one.after or {}
        return tuple(
            name for name, value in told.items() if name in values and values[name] != kept_as(kinds[name], value)
        )

    def _beside(self, table: Marked) -> Iterator[tuple[bytes, Sequence[Any] | None, list[Mark]]]:
        """Each row beside its marks, in the order of keys; also marks without a row and rows without marks."""
        rows = self._raw.execute(
            f'SELECT {table.columns} FROM main."{table.name}" AS row ORDER BY row."{table.key}"'  # noqa: S608
        )
        marks = self._marks.of(table.name)
        row, mark = next(rows, None), next(marks, None)
        while row is not None or mark is not None:
            key = None if row is None else row[0].encode() if isinstance(row[0], str) else bytes(row[0])
            if mark is None or (key is not None and key < mark[0]):
                yield key or b"", row, []
                row = next(rows, None)
            elif key is None or mark[0] < key:
                yield mark[0], None, mark[1]
                mark = next(marks, None)
            else:
                yield key, row, mark[1]
                row, mark = next(rows, None), next(marks, None)

    def _kinds_of(self, table: str) -> dict[str, str]:
        if table not in self._kinds:
            about = self._raw.execute(f'PRAGMA main.table_info("{table}")')
            self._kinds[table] = {one[1]: str(one[2]).split("(")[0].upper() for one in about}
        return self._kinds[table]

    def _tell(
        self, what: What, table: Marked, key: bytes, here: Transaction | None, columns: tuple[str, ...] = ()
    ) -> None:
        place = key_of(key)
        about = key.decode("utf-8", "replace") if place is None else ""
        entry, account = (None, "") if here is None else self._last_told(table.name, key, here)
        self._findings.add(Finding(what, table.name, place, entry, account, columns, about))

    def _last_told(self, table: str, key: bytes, here: Transaction) -> tuple[int, str]:
        """Who told of a row last, up to a transaction: who only sealed or opened its texts with it wrote nothing of it."""
        told = [one.sequence for one in self._acts.ever(table, key) if one.sequence <= here.last]
        return (told[-1], "") if told and self._acts.turned(table, key, here) else (here.last, here.account)


class _Divisions:
    """How columns were divided when a mark was made: as the last note before it says."""

    def __init__(self, transactions: Iterable[Transaction]) -> None:
        self._noted = [one for one in transactions if one.note.begins]

    def of(self, table: Marked, here: Transaction) -> Marked | None:
        """Return the division for a mark, None for a table that was not there."""
        noted = [one for one in self._noted if one.number <= here.number]
        columns = noted[-1].note.tables.get(table.name) if noted else None
        return None if columns is None else Marked(table.name, columns.key, columns.told, columns.rest)


def _same_half(divided: Marked | None, values: Values, digest: bytes) -> bool:
    """Whether values, as far as they were told then, are what was marked then."""
    if divided is None or any(name not in values for name in divided.told):
        return divided is not None  # a column went with the upgrade: what is left is looked at from there on
    return half(tuple(values[name] for name in divided.told)) == digest[:HALF]


def _subsets(choices: list[_Choice]) -> Iterator[tuple[_Choice, ...]]:
    """All that may be taken, the most first."""
    few = choices if len(choices) <= _MOST_CHOICES else []
    sizes = range(len(few), -1, -1)
    smaller: Iterable[tuple[_Choice, ...]] = chain.from_iterable(combinations(few, size) for size in sizes)
    yield tuple(choices)
    yield from smaller


def _uuid_text(key: bytes | None) -> str:
    found = key_of(key or b"")
    return "" if found is None else str(found)

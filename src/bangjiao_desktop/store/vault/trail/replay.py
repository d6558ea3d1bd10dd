"""The second half of a proof: every row is what was signed last, and each step to it is what the entries of its time say.

A row is gone back through: from what it is now, entry by entry, before for after; at each mark the half of the digest that
entries tell must come out, down to the entry that made the row, or to the mark it got when the vault came to be signed.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

from bangjiao_desktop.domain.episodes import BEGINNING
from bangjiao_desktop.store.vault.trail import entries, naming
from bangjiao_desktop.store.vault.trail.chain import Chain, Transaction
from bangjiao_desktop.store.vault.trail.entries import Read, Told, kept_as
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, What, key_of
from bangjiao_desktop.store.vault.trail.marks import GONE
from bangjiao_desktop.store.vault.trail.marks_table import Mark, MarksTable
from bangjiao_desktop.store.vault.trail.rows import HALF, Marked, half, marked_tables

Values = dict[str, Any]
_ROWS = ("insert", "update", "delete", "restore")
_UNTOLD = frozenset(("created_at", "deleted_at"))
_STEP = 2000
_MOST_CHOICES = 8


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
        read: opens what is sealed.
    """

    def __init__(
        self, raw: Any, chain: Chain, marks: MarksTable, findings: Findings,
        defaults: Mapping[str, Mapping[str, Any]], read: Read | None = None,
    ) -> None:  # fmt: skip
        self._raw = raw
        self._chain = chain
        self._marks = marks
        self._findings = findings
        self._defaults = defaults
        self._read = read
        self._by_number = {one.number: one for one in chain.transactions}
        self._old = _Divisions(chain.transactions)
        self._acts = _Acts(raw, chain.transactions, read)
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
            elif not naming.removes(table.name, key, self._acts.of(newest)):
                self._tell(What.UNTOLD, table, key, newest)
            return
        if marks[-1][1] == GONE:
            self._tell(What.PUT_BACK, table, key, newest)
            return
        values = dict(zip((table.key, *table.told, *table.rest), row, strict=True))
        if table.digest(row) != marks[-1][1]:
            self._tell(What.CHANGED, table, key, newest, self._differing(table, key, values))
            return
        self._back(table, key, values, marks)

    def _back(self, table: Marked, key: bytes, values: Values, marks: Sequence[Mark]) -> None:
        """Go back from mark to mark, as far as entries tell."""
        for place in range(len(marks) - 1, -1, -1):
            here = self._by_number[marks[place][0]]
            before = marks[place - 1] if place else None
            if before is not None and before[1] == GONE:
                before = None
            if here.note.begins:
                if before is not None:
                    divided = self._old.of(table, self._by_number[before[0]])
                    if not _same_half(divided, values, before[1]):
                        self._tell(What.UPGRADE, table, key, here)
                        return
                    continue
                return
            wanted = None if before is None else before[1][:HALF]
            if (
                wanted is not None
                and half(tuple(values[name] for name in table.told)) == wanted
                and not self._own(table.name, key, here)
            ):
                continue  # only what follows from others, or keeps house
            wrong = self._step(table, key, values, here, wanted)
            if wrong is None:
                if before is None:
                    return
                continue
            what, columns = wrong
            self._tell(what, table, key, here, columns)
            return

    def _step(
        self, table: Marked, key: bytes, values: Values, here: Transaction, wanted: bytes | None
    ) -> tuple[What, tuple[str, ...]] | None:
        """Undo what the entries of a transaction did to a row; say what they do not tell."""
        own = self._own(table.name, key, here)
        if any(one.after is None or one.before is None for one in own):
            return None  # sealed, and no key to read it: the mark and its signature hold
        if not own:
            covered = naming.covers(table.name, key, values, self._acts.of(here))
            if covered is not None:
                return None if covered else (What.UNTOLD, ())
        if wanted is None and self._acts.summarised(table.name, here):
            return None  # invented data of a demonstration: the mark and its signature hold
        owner = self._owner(table, values, here)
        if not own and not owner:
            return What.UNTOLD, ()
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
        return self._settled(table, values, choices, made, wanted, here)

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
        told: Values = {}
        for one in self._acts.own(table.name, key):
            told |= one.after or {}
        return tuple(
            name for name, value in told.items() if name in kinds and values[name] != kept_as(kinds[name], value)
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
        entry = None if here is None else here.last
        self._findings.add(
            Finding(what, table.name, place, entry, "" if here is None else here.account, columns, about)
        )


class _Acts:
    """Entries as a replay asks for them: those of a row, and those of a transaction that are about no record.

    Args:
        raw: the driver's connection.
        transactions: in order.
        read: opens what is sealed.
    """

    def __init__(self, raw: Any, transactions: Sequence[Transaction], read: Read | None) -> None:
        self._raw = raw
        self._read = read
        self._begins = transactions[0].first if transactions else 0
        self._asked: tuple[str, bytes] | None = None
        self._found: list[Told] = []
        self._people: dict[bytes, list[Told]] = {}
        self._apart = self._all_apart()
        self._numbers = [one.sequence for one in self._apart]
        self._first_person = self._when_first_person()
        self._summaries = raw.execute(
            "SELECT subject, sequence FROM audit_entry WHERE action = 'insert' AND sequence >= ? AND typeof(after) = 'text' "
            "AND after LIKE '{\"rows\":%'",
            (self._begins,),
        ).fetchall()

    def own(self, table: str, key: bytes) -> list[Told]:
        """Return the entries of a row since signatures, the oldest first."""
        if table == "person":
            if key not in self._people:
                if len(self._people) > 4:
                    self._people.clear()
                self._people[key] = self._of(table, key)
            return self._people[key]
        if self._asked != (table, key):
            self._asked, self._found = (table, key), self._of(table, key)
        return self._found

    def _of(self, table: str, key: bytes) -> list[Told]:
        if len(key) != 16:
            return []
        rows = self._raw.execute(
            f"SELECT {entries.COLUMNS} FROM audit_entry WHERE subject_id = ? AND sequence >= ? ORDER BY sequence",  # noqa: S608
            (key, self._begins),
        ).fetchall()
        return [entries.told(row, self._read) for row in rows if row[3] == table and row[2] in _ROWS]

    def of(self, here: Transaction) -> list[Told]:
        """Return the entries of a transaction that are about no record of their own, and those of attachments."""
        begin = bisect_left(self._numbers, here.first)
        return self._apart[begin : bisect_left(self._numbers, here.last + 1)]

    def is_first_filling(self, here: Transaction) -> bool:
        """Tell whether there was nobody in the ledger before a transaction: only then rows may be told by their count."""
        return here.first <= self._first_person <= here.last or self._first_person == 0

    def summarised(self, table: str, here: Transaction) -> bool:
        """Tell whether a transaction that filled an empty ledger tells new rows of a table by their count."""
        subject = "person" if table in naming.OF_PERSON else table
        return self.is_first_filling(here) and any(
            told == subject and here.first <= number <= here.last for told, number in self._summaries
        )

    def _all_apart(self) -> list[Told]:
        marks = ", ".join("?" * len(_ROWS))
        rows = self._raw.execute(
            f"SELECT {entries.COLUMNS} FROM audit_entry WHERE sequence >= ? AND (action NOT IN ({marks}, 'show', 'unlock', "  # noqa: S608
            "'preview', 'explain', 'print', 'export') OR subject IN ('attachment', 'form_definition', 'form_entry') "
            "OR (action IN ('insert', 'update') AND subject IN ('mediation', 'activity'))) ORDER BY sequence",
            (self._begins, *_ROWS),
        )
        return [entries.told(row, self._read) for row in rows]

    def _when_first_person(self) -> int:
        row = self._raw.execute("SELECT min(sequence) FROM audit_entry WHERE subject = 'person' AND action = 'insert'")
        return int(row.fetchone()[0] or 0)


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

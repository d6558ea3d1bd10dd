"""Entries as a replay asks for them: of a row, of a transaction, and which rows a transaction sealed or opened."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from bangjiao_desktop.store.vault.trail import entries, naming
from bangjiao_desktop.store.vault.trail.chain import Transaction
from bangjiao_desktop.store.vault.trail.entries import Read, Told
from bangjiao_desktop.store.writes.audit_chain import SEAL_TEXTS

ROWS = ("insert", "update", "delete", "restore")


class Acts:
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
        self._swept = {one.sequence: _rows_of(one.after or {}) for one in self._apart if one.action == SEAL_TEXTS}
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
                self._people[key] = self._of(table, key, self._begins)
            return self._people[key]
        if self._asked != (table, key):
            self._asked, self._found = (table, key), self._of(table, key, self._begins)
        return self._found

    def ever(self, table: str, key: bytes) -> list[Told]:
        """Return the entries of a row, also those of before signatures: they prove nothing, and tell what it was."""
        return self._of(table, key, 0)

    def _of(self, table: str, key: bytes, begin: int) -> list[Told]:
        if len(key) != 16:
            return []
        rows = self._raw.execute(
            f"SELECT {entries.COLUMNS} FROM audit_entry WHERE subject_id = ? AND sequence >= ? ORDER BY sequence",  # noqa: S608
            (key, begin),
        ).fetchall()
        return [entries.told(row, self._read) for row in rows if row[3] == table and row[2] in ROWS]

    def of(self, here: Transaction) -> list[Told]:
        """Return the entries of a transaction that are about no record of their own, and those of attachments."""
        begin = bisect_left(self._numbers, here.first)
        return self._apart[begin : bisect_left(self._numbers, here.last + 1)]

    def turned(self, table: str, key: bytes, here: Transaction) -> bool:
        """Tell whether a transaction names a row as one in which texts became tokens, or came from them."""
        return any(
            key in self._swept[one.sequence].get(table, ()) for one in self.of(here) if one.sequence in self._swept
        )

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
        marks = ", ".join("?" * len(ROWS))
        rows = self._raw.execute(
            f"SELECT {entries.COLUMNS} FROM audit_entry WHERE sequence >= ? AND (action NOT IN ({marks}, 'show', 'unlock', "  # noqa: S608
            "'preview', 'explain', 'print', 'export') OR subject IN ('attachment', 'form_definition', 'form_entry') "
            "OR (action IN ('insert', 'update') AND subject IN ('mediation', 'activity'))) ORDER BY sequence",
            (self._begins, *ROWS),
        )
        return [entries.told(row, self._read) for row in rows]

    def _when_first_person(self) -> int:
        row = self._raw.execute("SELECT min(sequence) FROM audit_entry WHERE subject = 'person' AND action = 'insert'")
        return int(row.fetchone()[0] or 0)


def _rows_of(after: Mapping[str, Any]) -> dict[str, frozenset[bytes]]:
    """The rows an entry of sealing names: table → keys."""
    rows = after.get("texts")
    found: dict[str, frozenset[bytes]] = {}
    for table, keys in (rows if isinstance(rows, dict) else {}).items():
        try:
            found[table] = frozenset(map(bytes.fromhex, keys))
        except (TypeError, ValueError):
            continue  # of these nothing is told
    return found

"""Who wrote about a sealed file while it was sealed: an account without its key does so past the program only."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from bangjiao_desktop.store.vault.trail.acts import ROWS
from bangjiao_desktop.store.vault.trail.chain import Transaction
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, What, key_of
from bangjiao_desktop.store.vault.trail.marks import GONE
from bangjiao_desktop.store.vault.trail.marks_table import Mark, MarksTable
from bangjiao_desktop.store.vault.trail.rows import marked_tables

_SEALED = "sealed_person"
_OWNER = "person_id"


def compare(raw: Any, transactions: Sequence[Transaction], marks: MarksTable, findings: Findings) -> None:
    """Name the entries about sealed files that were signed by who had no key of theirs then.

    When a file was sealed and opened tell the marks of its row in sealed_person: they are signed, and no other act makes
    them. A file that has none among these marks was sealed before all of the transactions, or never.

    Args:
        raw: the driver's connection.
        transactions: those that are looked at, in order.
        marks: of their signatures.
        findings: takes what is wrong.

    Raises:
        TooManyError: too much is wrong.
    """
    without = [one for one in transactions if not one.opens_sealed and one.last >= one.first]
    if not without:
        return
    known = dict(marks.of(_SEALED))
    people = known.keys() | {bytes(one) for (one,) in raw.execute(f"SELECT person_id FROM {_SEALED}")}  # noqa: S608 (own name)
    owned = [one.name for one in marked_tables(raw) if _OWNER in (*one.told, *one.rest) and one.name != _SEALED]
    begins = without[0].first
    for person in sorted(people):
        times = list(_sealed_between(known.get(person, [])))
        for table, key in _rows(raw, person, owned):
            for number, account in _signed(raw, table, key, begins, without):
                if any(since < number <= until for since, until in times):
                    entry, who = account
                    findings.add(Finding(What.SEALED_ACT, table, key_of(key), entry, who))


def _sealed_between(marks: Sequence[Mark]) -> Iterator[tuple[float, float]]:
    """The numbers of the signatures after which a file was sealed, and up to which: (since, until)."""
    since: float | None = None if marks and marks[0][1] != GONE else 0.0  # it was before the first of them
    for number, digest in marks:
        if digest == GONE and since is not None:
            yield since, number
            since = None
        elif digest != GONE and since is None:
            since = number
    if since is not None:
        yield since, float("inf")


def _rows(raw: Any, person: bytes, owned: Sequence[str]) -> list[tuple[str, bytes]]:
    """Return a person's row, those about them, and the attachments of all of these: (table, key)."""
    found = [("person", person)]
    for table in owned:
        rows = raw.execute(f'SELECT id FROM main."{table}" WHERE {_OWNER} = ?', (person,))  # noqa: S608 (own names)
        found += [(table, bytes(key)) for (key,) in rows]
    papers = (
        ("attachment", bytes(key))
        for _, owner in tuple(found)
        for (key,) in raw.execute("SELECT id FROM attachment WHERE subject_id = ?", (owner,))
    )
    return [*found, *papers]


def _signed(
    raw: Any, table: str, key: bytes, begins: int, without: Sequence[Transaction]
) -> Iterator[tuple[int, tuple[int, str]]]:
    """The entries of a row that transactions of who had no key hold: number of the signature, the entry, who signed."""
    lasts = [one.last for one in without]
    asked = "SELECT sequence, action FROM audit_entry WHERE subject_id = ? AND subject = ? AND sequence >= ? ORDER BY sequence"
    for sequence, action in raw.execute(asked, (key, table, begins)).fetchall():
        place = bisect_left(lasts, sequence)
        if action in ROWS and place < len(without) and without[place].first <= sequence:
            yield without[place].number, (sequence, without[place].account)

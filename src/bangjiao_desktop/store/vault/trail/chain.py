"""The first half of a proof: every link and every signature of the trail, and whether who signed could do what is told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bangjiao_desktop.store.vault.trail import entries, notes
from bangjiao_desktop.store.vault.trail.authorities import Authorities, Work, accounts_before, told_before
from bangjiao_desktop.store.vault.trail.entries import Read, Told
from bangjiao_desktop.store.vault.trail.findings import Finding, Findings, What, key_of
from bangjiao_desktop.store.vault.trail.notes import Note
from bangjiao_desktop.store.vault.trail.sealing import head_of, is_signed
from bangjiao_desktop.store.vault.trail.signing import Signed, digest_of, holds
from bangjiao_desktop.store.writes import audit_chain
from bangjiao_desktop.store.writes.audit_chain import GENESIS

FIRST_SIGNED = "0015"
"""The first schema that knows signatures."""
_STEP = 2000
_MUCH = timedelta(hours=1)
_ANNOUNCING = "('new_recovery_key', 'reset_password', 'change_password')"  # as authorities.Authorities._announces


@dataclass(frozen=True)
class Transaction:
    """A transaction as it was signed.

    Attributes:
        number: of the signature.
        first, last: its entries.
        account: who signed.
        revision: schema of the marks.
        note: what it introduces.
        opens_sealed: who signed had the key of sealed files then.
    """

    number: int
    first: int
    last: int
    account: str
    revision: str
    note: Note
    opens_sealed: bool = True


@dataclass(frozen=True)
class Chain:
    """What the trail is like.

    Attributes:
        entries: how many there are.
        head: seal of the newest one.
        before: how many of them were written before signatures.
        transactions: those signed, in order.
        authorities: the accounts and keys as they stand at the end.
        turned_back: numbers of entries that are an hour or more earlier than the one before: a clock was put back, or
            who wrote one of the two told another time.
    """

    entries: int
    head: bytes
    before: int
    transactions: list[Transaction]
    authorities: Authorities
    turned_back: Sequence[int] = ()


def proven(
    raw: Any, vault_id: str, findings: Findings, keep: Callable[[int, bytes], None],
    progress: Callable[[float], None], read: Read | None = None,
) -> Chain:  # fmt: skip
    """Read the whole trail.

    Args:
        raw: the driver's connection, reading one state.
        vault_id: of the vault.
        findings: takes what is wrong.
        keep: given number and packed marks of each signature.
        progress: told how far it is.
        read: opens what is sealed.

    Raises:
        TooManyError: too much is wrong.
    """
    if not is_signed(raw):
        findings.add(Finding(What.UNSIGNED, entry=1, about="*"))
        count = int(raw.execute("SELECT count(*) FROM audit_entry").fetchone()[0])
        return Chain(count, head_of(raw)[1], 0, [], Authorities(findings))
    return _Reading(raw, vault_id, findings, read).all(keep, progress)


@dataclass(frozen=True)
class Known:
    """How far a trail was proven already, and who could do what then.

    Attributes:
        signature: number of the last signature.
        entries: number of the last entry.
        head: its seal.
        revision: schema of the marks.
        before: how many entries were written before signatures.
        authorities: accounts and keys as they stood; read on with.
    """

    signature: int
    entries: int
    head: bytes
    revision: str
    before: int
    authorities: Authorities


def since(
    raw: Any, vault_id: str, known: Known, findings: Findings, keep: Callable[[int, bytes], None],
    progress: Callable[[float], None], read: Read | None = None,
) -> Chain:  # fmt: skip
    """Read what of the trail is new; otherwise as `proven`. The transactions are the new ones.

    Raises:
        TooManyError: too much is wrong.
    """
    reading = _Reading(raw, vault_id, findings, read)
    reading.resume(known)
    return reading.all(keep, progress)


def known_at(raw: Any, signature: int, read: Read | None = None) -> Known | None:
    """Return how accounts and keys stood at a signature, read from what the trail says of them; nothing is judged.

    Args:
        raw: the driver's connection.
        signature: its number.
        read: opens what is sealed.

    Returns:
        None if there is no such signature.
    """
    return _Reading(raw, "", Findings(most=None), read).known(signature)


class _Reading:
    def __init__(self, raw: Any, vault_id: str, findings: Findings, read: Read | None) -> None:
        self._raw = raw
        self._vault_id = vault_id
        self._findings = findings
        self._read = read
        self._authorities = Authorities(findings)
        self._revision = ""
        self._signed_to = 0
        self._first = True
        self._opening = True
        self._at = (0, GENESIS)
        self._after = 0  # the signature that was read up to already
        self._before = 0
        self._time = ""
        self._turned_back: list[int] = []

    def resume(self, known: Known) -> None:
        """Go on where a proof ended."""
        known.authorities.findings = self._findings
        self._authorities, self._revision, self._before = known.authorities, known.revision, known.before
        self._signed_to, self._after, self._at = known.entries, known.signature, (known.entries, known.head)
        self._first = self._opening = False
        row = self._raw.execute("SELECT at FROM audit_entry WHERE sequence = ?", (known.entries,)).fetchone()
        self._time = "" if row is None else row[0]

    def known(self, signature: int) -> Known | None:
        about = self._raw.execute(
            f"SELECT {entries.COLUMNS} FROM audit_entry WHERE subject IN ('account', 'account_key') "  # noqa: S608
            f"OR action IN {_ANNOUNCING} ORDER BY sequence"
        )
        waiting = (entries.told(row, self._read) for row in about)
        ahead = next(waiting, None)
        rows = self._raw.execute(
            "SELECT number, first, last, account, public_key, revision, note FROM audit_signature WHERE number <= ? "
            "ORDER BY number",
            (signature,),
        ).fetchall()
        for number, first, last, account, public, revision, text in rows:
            note = notes.read(text) or Note()
            if self._first and note.came_from:
                self._before = first - 1
                self._begin(first)
            self._first = False
            mine = Work(account, first)
            while ahead is not None and ahead.sequence <= last:
                mine.take(ahead)
                ahead = next(waiting, None)
            self._introduce(account, bytes(public), mine)
            self._revision, self._after = revision, number
            self._signed_to = max(self._signed_to, last)
        if self._after != signature:
            return None
        head = self._raw.execute("SELECT entry_hash FROM audit_entry WHERE sequence = ?", (self._signed_to,)).fetchone()
        return Known(
            signature, self._signed_to, GENESIS if head is None else bytes(head[0]), self._revision, self._before,
            self._authorities,
        )  # fmt: skip

    def all(self, keep: Callable[[int, bytes], None], progress: Callable[[float], None]) -> Chain:
        total = int(self._raw.execute("SELECT count(*) FROM audit_entry").fetchone()[0])
        links = self._links(progress, total)
        transactions: list[Transaction] = []
        signatures = self._raw.execute(
            "SELECT number, first, last, account, public_key, signature, revision, note, marks FROM audit_signature "
            "WHERE number > ? ORDER BY number",
            (self._after,),
        )
        for number, first, last, account, public, signature, revision, text, marked in signatures:
            note = notes.read(text)
            if note is None:
                self._findings.add(Finding(What.NOTE, entry=last, account=account))
                note = Note()
            one = Transaction(number, first, last, account, revision, note)
            if self._first and note.came_from:
                self._before = first - 1
                self._begin(first)
            elif first > self._signed_to + 1:
                self._unsigned(self._signed_to + 1, first - 1)
            elif first <= self._signed_to:
                self._findings.add(Finding(What.OVERLAP, entry=first, account=account))
            mine = Work(account, first)
            self._take_to(links, last, mine)
            head = self._at[1] if self._at[0] == last else b""
            self._schema(one)
            signed = Signed(
                self._vault_id, revision, first, last, head, account, digest_of(bytes(marked)), digest_of(text)
            )
            had_key = self._authorities.has_sealed_key(account)
            self._sign(one, signed, (bytes(public), bytes(signature)), mine)
            self._signed_to = max(self._signed_to, last)
            keep(number, bytes(marked))
            opens = had_key or self._authorities.has_sealed_key(account)
            transactions.append(one if opens else replace(one, opens_sealed=False))
        self._take_to(links, None, None)
        end, head = self._at
        if end > self._signed_to:
            self._unsigned(self._signed_to + 1, end)
        if not transactions and not self._after:
            self._findings.add(Finding(What.UPGRADE))
        return Chain(total, head, self._before, transactions, self._authorities, self._turned_back)

    def _links(self, progress: Callable[[float], None], total: int) -> Iterator[tuple[Told, bytes]]:
        """The entries, each looked at; with its seal."""
        names = ", ".join(f'"{name}"' for name in audit_chain.COLUMNS)
        done, previous = self._at
        rows = self._raw.execute(f"SELECT {names} FROM audit_entry WHERE sequence > ? ORDER BY sequence", (done,))  # noqa: S608 (own names)
        expected = done + 1
        for count, row in enumerate(rows):
            if count % _STEP == 0:
                progress(count / max(total, 1))
            sequence, at, account, action, subject = row[:5]
            if _turned_back(self._time, at):
                self._turned_back.append(sequence)
            self._time = at
            if sequence != expected:
                self._findings.add(Finding(What.MISSING, entry=expected, about=str(sequence - 1)))
            linked = bytes(row[8]) == previous or sequence != expected
            if not linked or not audit_chain.holds(row, self._read):
                key = None if row[5] is None else key_of(bytes(row[5]))
                self._findings.add(Finding(What.LINK, subject, key, sequence, account))
            previous, expected = bytes(row[9]), sequence + 1
            told = entries.told((sequence, account, action, subject, row[5], row[6], row[7]), self._read)
            yield told, previous

    def _take_to(self, links: Iterator[tuple[Told, bytes]], last: int | None, mine: Work | None) -> None:
        """Read on to an entry, or to the end."""
        while last is None or self._at[0] < last:
            found = next(links, None)
            if found is None:
                if last is not None:
                    self._findings.add(Finding(What.MISSING, entry=self._at[0] + 1, about=str(last)))
                return
            told, head = found
            self._at = (told.sequence, head)
            if mine is not None:
                mine.take(told)

    def _begin(self, first: int) -> None:
        """Take the accounts as they stood when the vault came to be signed; they are what the entries before say."""
        about = f"SELECT {entries.COLUMNS} FROM audit_entry WHERE subject = 'account' AND sequence"  # noqa: S608
        since = self._raw.execute(f"{about} >= ? ORDER BY sequence DESC", (first,))
        known = accounts_before(self._raw, (entries.told(row, self._read) for row in since))
        self._authorities.begin(known)
        keys = Work("", 0)
        rows = f"SELECT {entries.COLUMNS} FROM audit_entry WHERE subject = 'account_key' AND sequence < ? ORDER BY sequence"  # noqa: S608
        for row in self._raw.execute(rows, (first,)):
            keys.take(entries.told(row, self._read))
        self._authorities.introduce(keys, b"", opening=True)
        earlier = self._raw.execute(f"{about} < ? ORDER BY sequence", (first,))
        for key, told in told_before(entries.told(row, self._read) for row in earlier).items():
            now = known.get(key)
            wrong: list[str] = [] if now is None else [
                name for name in ("name", "role") if name in told and told[name] != now[name]
            ]  # fmt: skip
            if now is not None and bool(now["sees_sealed"]) and not told.get("sees_sealed"):
                wrong.append("sees_sealed")
            if wrong:
                self._findings.add(Finding(
                    What.ROLE_BEFORE, "account", key_of(key), account=str(told.get("name", "")), columns=tuple(wrong)
                ))  # fmt: skip

    def _unsigned(self, first: int, last: int) -> None:
        row = self._raw.execute("SELECT account FROM audit_entry WHERE sequence = ?", (first,)).fetchone()
        self._findings.add(Finding(What.UNSIGNED, entry=first, account=row[0] if row else "", about=str(last)))

    def _schema(self, one: Transaction) -> None:
        """Whether a vault can have come to this schema here."""
        note = one.note
        if self._first:
            good = (
                (note.made == one.revision and one.first == 1)
                or (bool(note.came_from) and note.came_from < FIRST_SIGNED <= note.came_to == one.revision)
            ) and not (note.made and note.came_from)  # fmt: skip
            self._first = False
        elif note.begins:
            good = not note.made and self._revision == note.came_from < note.came_to == one.revision
        else:
            good = one.revision == self._revision
        if not good:
            self._findings.add(Finding(What.UPGRADE, entry=one.last, account=one.account))
        self._revision = one.revision

    def _sign(self, one: Transaction, signed: Signed, proof: tuple[bytes, bytes], mine: Work) -> None:
        public, signature = proof
        if not holds(public, signature, signed.message()):
            self._findings.add(Finding(What.SIGNATURE, entry=one.last, account=one.account, about=str(one.first)))
        if not self._introduce(one.account, public, mine):
            self._findings.add(Finding(What.KEY, entry=one.last, account=one.account))
        for told in mine.others:
            self._findings.add(Finding(What.OTHERS, entry=told.sequence, account=told.account, about=one.account))

    def _introduce(self, account: str, public: bytes, mine: Work) -> bool:
        """Take in what a transaction changes of accounts and keys, and judge it; whether it was signed with a known key."""
        self._authorities.introduce(mine, public, opening=self._opening)
        self._opening = False
        known = self._authorities.is_key_of(account, public)
        if known:
            self._authorities.used(account, public)
        self._authorities.judge(account, mine)
        return known


def _turned_back(before: str, at: str) -> bool:
    """Whether a time of the trail (UTC, as written: later is greater) is much earlier than the one before."""
    try:
        return at < before and datetime.fromisoformat(before) - datetime.fromisoformat(at) >= _MUCH
    except (TypeError, ValueError):
        return False  # what is no time is no entry of the program: its seal says so

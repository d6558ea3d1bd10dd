"""Knows a sealed identity number again where nobody can read it: by a slow digest, so that trying them all takes long.

Who has the key reads the numbers. An import of who has not asks here whether a new number is a sealed person's; only
numbers whose month of birth some sealed person has are tried at all.
"""

import hashlib
import os
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from sqlalchemy import Connection

PROVISIONAL = "临时"
PEPPER = "sealed_numbers"
_WORK, _BLOCK, _MEMORY = 2**14, 8, 2**26


class Numbers:
    """The digests of a vault.

    Args:
        connection: from `Ledger.read()`, or from `Ledger.write()` to keep one.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, person: bytes, number: str | None, born: str | None) -> bool:
        """Note what a sealed person is met and counted by; None leaves what is noted. Tell whether the pepper was made."""
        fresh = self._connection.exec_driver_sql("SELECT 1 FROM setting WHERE name = ?", (PEPPER,)).fetchone() is None
        digest = None if number is None else _digest(self._pepper(), number)
        month = None if born is None else f"{born[:7]}-01"
        self._connection.exec_driver_sql(
            "INSERT INTO sealed_person (person_id, birth_month, number_digest) VALUES (?, ?, ?) "
            "ON CONFLICT (person_id) DO UPDATE SET birth_month = coalesce(excluded.birth_month, birth_month), "
            "number_digest = coalesce(excluded.number_digest, number_digest)",
            (person, month, digest),
        )
        return fresh and number is not None

    def known(self, numbers: Iterable[str]) -> dict[str, uuid.UUID]:
        """Return whose those of the numbers are that belong to sealed people in the ledger."""
        kept = self._connection.exec_driver_sql(
            "SELECT number_digest, sealed_person.person_id, sealed_person.birth_month FROM sealed_person "
            "JOIN person ON person.id = sealed_person.person_id "
            "WHERE number_digest IS NOT NULL AND person.deleted_at IS NULL"
        ).fetchall()
        if not kept:
            return {}
        months = {row[2] for row in kept}
        tried = [one for one in numbers if None in months or _month(one) in months]
        pepper, owners = self._pepper(), {bytes(row[0]): uuid.UUID(bytes=row[1]) for row in kept}
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # scrypt lets other threads run
            digests = pool.map(lambda one: _digest(pepper, one), tried)
            return {number: owners[one] for number, one in zip(tried, digests, strict=True) if one in owners}

    def _pepper(self) -> bytes:
        """Random bytes of this vault, so that no table made beforehand helps."""
        found = self._connection.exec_driver_sql("SELECT value FROM setting WHERE name = ?", (PEPPER,)).fetchone()
        if found is not None:
            return bytes.fromhex(found[0].strip('"'))
        made = os.urandom(16)
        self._connection.exec_driver_sql("INSERT INTO setting (name, value) VALUES (?, ?)", (PEPPER, f'"{made.hex()}"'))
        return made


def _month(number: str) -> str:
    """The first day of the month of birth a number tells, empty if it tells none."""
    try:
        return date(int(number[6:10]), int(number[10:12]), 1).isoformat()
    except ValueError:
        return ""


def _digest(pepper: bytes, number: str) -> bytes:
    return hashlib.scrypt(number.upper().encode(), salt=pepper, n=_WORK, r=_BLOCK, p=1, maxmem=_MEMORY, dklen=32)

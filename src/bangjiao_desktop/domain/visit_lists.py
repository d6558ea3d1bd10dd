"""走访单: whom a day's walk is to, what was agreed with them last, and the code by which a sheet finds its person again."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

_CODE = re.compile(r"BJ1:([0-9A-F]{32})")


@dataclass(frozen=True)
class PlannedVisit:
    """Somebody to be visited, as the sheet tells it.

    Attributes:
        name: of the person.
        about: sex, age, risk, caseworker: a line.
        village: they live in; "" where it is not known.
        address: where they live.
        telephone: of theirs.
        family: name and telephone.
        last: when they were met last, and what was said.
        agreed: what was agreed for this time; "" for nothing.
        due: what is to be done.
        code: `code_of` the person.
    """

    name: str
    about: str
    village: str
    address: str
    telephone: str
    family: str
    last: str
    agreed: str
    due: str
    code: str


def code_of(person_id: uuid.UUID) -> str:
    """Return what a sheet's code says of a person: their key in this ledger, and nothing else."""
    return f"BJ1:{person_id.hex.upper()}"


def person_of(code: str) -> uuid.UUID | None:
    """Return the person a code means, None where it is no code of ours."""
    found = _CODE.fullmatch(code.strip())
    return None if found is None else uuid.UUID(hex=found[1])


def by_village(visits: Sequence[PlannedVisit]) -> list[tuple[str, list[PlannedVisit]]]:
    """Return visits by village, in the order of villages and addresses; those without one last, as 未写村（社区）."""
    found: dict[str, list[PlannedVisit]] = {}
    for one in sorted(visits, key=lambda one: (not one.village, one.village, one.address, one.name)):
        found.setdefault(one.village or "未写村（社区）", []).append(one)
    return list(found.items())

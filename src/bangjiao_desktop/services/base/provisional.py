"""Provisional numbers of people who have no identity number yet, or another paper."""

import uuid
from collections.abc import Collection
from typing import Any

from bangjiao_desktop.domain.identity_number import (
    DOCUMENT_LABELS,
    OtherDocument,
    is_provisional,
    provisional_number,
    without_number,
)
from bangjiao_desktop.store.reads import records


class Provisional:
    """Hands out provisional numbers, each once.

    Args:
        connection: from `Ledger.write()`.
        kept: numbers that are not in the ledger yet and are not to be handed out.
    """

    def __init__(self, connection: Any, kept: Collection[str] = ()) -> None:
        self._connection = connection
        self._kept = frozenset(kept)
        self._taken: dict[int, int] = {}

    def next(self, office_id: uuid.UUID) -> str:
        """Return the next free number of an office."""
        places = {row["id"]: place for place, row in enumerate(records.offices(self._connection), start=1)}
        place = places.get(office_id, 0)
        head = provisional_number(place, 1)[:-4]
        if place not in self._taken:
            used = [int(text[len(head) :]) for text in records.numbers_like(self._connection, head)]
            self._taken[place] = max(used, default=0)
        while True:
            self._taken[place] += 1
            number = provisional_number(place, self._taken[place])
            if number not in self._kept:
                return number


def paper_remark(document: OtherDocument) -> str:
    """Return what 备注 keeps of another paper: “护照：E12345678”, "" if there is none."""
    return f"{document.label}：{document.number}" if document.number and document.kind != "provisional" else ""


def papers_in(remarks: str) -> list[str]:
    """Return the numbers of other papers that stand in 备注 as `paper_remark` writes them."""
    parts = [part.partition("：") for part in remarks.split("；")]
    return [number for label, _, number in parts if label in DOCUMENT_LABELS.values() and number]


def take_provisional_number(connection: Any, person: dict[str, Any], office_id: uuid.UUID, known: str) -> None:
    """Give a person whose number says that there is none (待补, a passport …) a provisional one; change `person`.

    `known` is the number the ledger has of them, "" for none: a provisional one stays.
    """
    document = without_number(person["identity_number"])
    if document is None:
        return
    if document.kind == "provisional":
        person["identity_number"] = document.number
        return
    person["identity_number"] = known if is_provisional(known) else Provisional(connection).next(office_id)
    paper = paper_remark(document)
    if paper and paper not in person["remarks"]:
        person["remarks"] = "；".join(part for part in (person["remarks"], paper) if part)

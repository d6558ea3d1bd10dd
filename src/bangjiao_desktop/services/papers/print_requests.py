"""What is wanted of the print centre, for whom, and what comes of it; requests are kept in the history as JSON."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bangjiao_desktop.domain.audience import (
    NOBODY,
    Audience,
    Chosen,
    Filtered,
    ForOffice,
    audience_of,
    audience_values,
    filter_of_values,
)
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.print_kinds import FOR_OFFICE, FOR_PEOPLE


@dataclass(frozen=True)
class PrintRequest:
    """What is to be printed.

    Attributes:
        kind: a name of domain.print_kinds.KINDS.
        audience: for whom; which sort of audience fits depends on the kind (`domain.audience.require_audience`).
        options: plain JSON values; which ones depends on the kind (see the makers of services.papers.printing).
    """

    kind: str
    audience: Audience = NOBODY
    options: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return the request as JSON."""
        return json.dumps(
            {"kind": self.kind, "for": audience_values(self.audience), "options": dict(self.options)},
            ensure_ascii=False,
        )  # fmt: skip

    @staticmethod
    def read(text: str) -> "PrintRequest":
        """Return the request `text` wrote, or what an earlier version of the program did."""
        data = json.loads(text)
        if "for" in data:
            return PrintRequest(data["kind"], audience_of(data["for"]), data["options"])
        return _earlier(data)


def _earlier(data: Mapping[str, Any]) -> PrintRequest:
    """A request from before it said for whom in one way: people beside a filter and an office among the options."""
    kind, options = data["kind"], dict(data["options"])
    people = tuple(uuid.UUID(hex=one) for one in data["people"])
    wanted, office = options.pop("filter", None), options.pop("office", None)
    for name in ("papers", "numbers"):
        if options.get(name) == []:
            del options[name]  # nothing ticked meant all
    audience: Audience = NOBODY
    if kind in FOR_PEOPLE and people:
        audience = Chosen(people)
    elif kind in FOR_PEOPLE:
        audience = Filtered(LedgerFilter() if wanted is None else filter_of_values(wanted))
    elif kind in FOR_OFFICE:
        audience = ForOffice(uuid.UUID(hex=office) if office else None)
    return PrintRequest(kind, audience, options)


@dataclass(frozen=True)
class Printed:
    """A paper ready to be shown, printed or saved.

    Attributes:
        title: no personal data; serves as window title, job name and file name.
        content: the PDF.
        pages: how many.
        people: how many people it concerns.
        cards_for: to whom contact cards on it belong, to be entered as handed out.
        faults: what could not be bound in, a sentence each.
        again: the request that draws this very paper again, where it is not the one that was asked.
        change_number: of the ledger, read before the paper was drawn.
    """

    title: str
    content: bytes
    pages: int
    people: int = 0
    cards_for: tuple[uuid.UUID, ...] = ()
    faults: tuple[str, ...] = ()
    again: PrintRequest | None = None
    change_number: int = 0


@dataclass(frozen=True)
class PrintedBefore:
    """A line of the history: what, for whom, how many, who, when (local time), and how."""

    id: uuid.UUID
    at: datetime
    title: str
    kind: str
    whom: str
    pages: int
    people: int
    copies: int
    way: str
    printed_by: str
    request: PrintRequest

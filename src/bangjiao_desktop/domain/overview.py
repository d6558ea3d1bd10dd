"""What overviews tell of people: their four needs, and on which day they come out or their term ends."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class NeedState:
    """How it stands with one need of a person.

    Attributes:
        status: code of need_status.
        since_on: the day it was told.
        acted_on: the day of the last measure; None where there was none.
    """

    status: str
    since_on: date
    acted_on: date | None


@dataclass(frozen=True)
class NeedsLine:
    """A person on the register and their needs.

    Attributes:
        id, name, caseworker, office_name, risk, sealed: of the person.
        needs: code of need_kind → how it stands; those that were told.
        stuck_since: the oldest day at which an open need was last touched, None if none is open.
    """

    id: uuid.UUID
    name: str
    caseworker: str
    office_name: str
    risk: str
    sealed: bool
    needs: Mapping[str, NeedState]
    stuck_since: date | None


@dataclass(frozen=True)
class CalendarEntry:
    """Somebody's release, or the end of their term, on a day."""

    on: date
    kind: Literal["release", "term_end"]
    id: uuid.UUID
    name: str
    office_name: str
    sealed: bool

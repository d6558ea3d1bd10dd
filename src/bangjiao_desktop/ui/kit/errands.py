"""What one page wants of another: the window brings it there, whoever asks."""

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from bangjiao_desktop.domain.ledger import OfficeInfo
    from bangjiao_desktop.services.papers.print_requests import PrintRequest


@dataclass(frozen=True)
class Errand:
    """Something a page takes; `page` is its name in ui.shell.pages."""

    page: ClassVar[str]


@dataclass(frozen=True)
class ShowPerson(Errand):
    """Show somebody."""

    page: ClassVar[str] = "person"
    identifier: uuid.UUID


@dataclass(frozen=True)
class ExplainFigure(Errand):
    """Show who is behind an indicator of the quarter one is in, so far; of one office, None for all together."""

    page: ClassVar[str] = "statistics"
    key: str
    office: "OfficeInfo | None" = None


@dataclass(frozen=True)
class ShowPeriod(Errand):
    """Show the forms of a period, of one office or of all together."""

    page: ClassVar[str] = "statistics"
    period: str
    office_id: uuid.UUID | None = None


@dataclass(frozen=True)
class ShowPending(Errand):
    """List who was released and not handed over yet, of one office or of all together."""

    page: ClassVar[str] = "ledger"
    office_id: uuid.UUID | None = None


@dataclass(frozen=True)
class PrintFor(Errand):
    """Print a kind of paper for people, with the options as they stand; of one release (第几期), None for the latest."""

    page: ClassVar[str] = "print"
    kind: str
    people: tuple[uuid.UUID, ...]
    release: int | None = None


@dataclass(frozen=True)
class PrintRequested(Errand):
    """Print what is wanted exactly."""

    page: ClassVar[str] = "print"
    request: "PrintRequest"

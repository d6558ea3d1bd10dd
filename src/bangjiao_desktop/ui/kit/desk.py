"""What pages may ask of the window they lie in, without knowing it."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bangjiao_desktop.domain.ledger import FirstLook, OfficeInfo
    from bangjiao_desktop.services.base.session import Session
    from bangjiao_desktop.services.papers.print_requests import PrintRequest
    from bangjiao_desktop.ui.kit.errands import Errand
    from bangjiao_desktop.ui.kit.page_info import PageInfo
    from bangjiao_desktop.ui.kit.preferences import Preferences


class Desk(Protocol):
    """Where a page works: whose session, and what the window does for it."""

    @property
    def session(self) -> "Session":
        """The user's session."""

    @property
    def preferences(self) -> "Preferences":
        """What this computer remembers."""

    @property
    def look(self) -> "FirstLook":
        """What the window showed first."""

    @property
    def infos(self) -> "Sequence[PageInfo]":
        """Every page of the program."""

    def open_record(
        self,
        kind: str,
        *,
        identifier: uuid.UUID | None = None,
        person_id: uuid.UUID | None = None,
        preset: Mapping[str, Any] | None = None,
    ) -> None:
        """Open the dialog of a record: a known one, or a new one for a person or nobody yet."""

    def open_together(
        self, kind: str, people: Sequence[uuid.UUID] = (), preset: Mapping[str, Any] | None = None
    ) -> None:
        """Open the dialog in which one piece of work is recorded for several people (一起登记)."""

    def change_people(self, people: Mapping[uuid.UUID, str]) -> None:
        """Open the dialog in which one field of several people (key → name) is changed."""

    def change_records(self, kind: str, records: Mapping[uuid.UUID, str]) -> None:
        """Open the dialog in which one field of several records (key → what each is called) is changed."""

    def edit_person(
        self, identifier: uuid.UUID | None = None, *, arrival: bool = False, withheld: bool = False
    ) -> None:
        """Open the dialog of a person's own data: a known one, somebody new, or the arrival alone.

        `withheld`: what the law seals of itself was opened on the page, and is shown (domain.withheld).
        """

    def open_person(self, identifier: uuid.UUID) -> None:
        """Show a person's page."""

    def say(self, text: str) -> None:
        """Show a short message."""

    def offer_undo(self, text: str, undo: Callable[[], object]) -> None:
        """Show a short message with a way to take it back."""

    def preview(self, title: str, content: bytes) -> None:
        """Show a PDF that is kept in the vault."""

    def print_for(self, kind: str, people: tuple[uuid.UUID, ...], release: int | None = None) -> None:
        """Go to the print centre with people chosen elsewhere; `release`: which of theirs (第几期), None for the latest."""

    def print_request(self, request: "PrintRequest") -> None:
        """Go to the print centre with something chosen elsewhere."""

    def bring(self, errand: "Errand") -> None:
        """Let the page an errand is for do it, and show that page; Esc or 返回 comes back."""

    def explain(self, key: str, office: "OfficeInfo | None" = None) -> None:
        """Show the people behind a figure of this quarter so far, of an office or of all together."""

    def show_page(self, name: str) -> None:
        """Go to a page."""

    def back(self) -> None:
        """Go back to the page one came from."""

"""The first look at a ledger on a server; at a vault it is store.vault.opening.look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bangjiao_desktop.domain.ledger import FIRST_PAGE, FirstLook, LedgerFilter, LedgerPage, LedgerSort
from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.services.base.offices import office_info
from bangjiao_desktop.store.reads import ledger, records
from bangjiao_desktop.store.writes import audit

if TYPE_CHECKING:
    from datetime import date

    from bangjiao_desktop.store.port import Ledger


def look_at_server(port: Ledger, authority: tuple[Role, bool], on: date) -> FirstLook:
    """Return what the window shows first.

    Args:
        port: the open ledger.
        authority: the user's role, and whether they see sealed files.
        on: the day.
    """
    role, sees_sealed = authority
    with port.read() as connection:
        sight = Sight(sealed=sees_sealed, numbers=may(role, Permission.SHOW_NUMBERS))
        wanted = LedgerFilter(on=on)
        allowed = may(role, Permission.SEE_PEOPLE)
        page = ledger.ledger_page(connection, sight, wanted, LedgerSort(), None, FIRST_PAGE) if allowed else None
        return FirstLook(
            str(records.bureau(connection)["name"]), tuple(office_info(row) for row in records.offices(connection)),
            page or LedgerPage([], None), role, sees_sealed, audit.change_number(connection),
        )  # fmt: skip

"""Printing contact cards for people chosen by search, or all."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bangjiao_desktop.domain.cards import ContactCard, card_sheet
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.permissions import needs
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.store import ledger, records
from bangjiao_desktop.store.writer import Writer


@needs(Permission.PRINT)
def cards_for(session: Session, wanted: LedgerFilter) -> list[ContactCard]:
    """Return a card for each person a filter lets through, by office, caseworker and name."""
    with session.vault.read() as connection:
        offices = {row["id"]: row for row in records.offices(connection)}
        chosen = ledger.card_rows(connection, replace(wanted, sealed=session.sees_sealed))
    return [_card(offices[office_id], caseworker) for office_id, caseworker in chosen]


@needs(Permission.PRINT)
def cards_of(session: Session, people: Sequence[dict[str, Any]]) -> list[ContactCard]:
    """Return a card for each of the given people (rows of the ledger)."""
    with session.vault.read() as connection:
        offices = {row["id"]: row for row in records.offices(connection)}
    return [_card(offices[person["office_id"]], person["caseworker"]) for person in people]


@needs(Permission.PRINT)
def cards_pdf(session: Session, cards: Sequence[ContactCard], sheet: str = "a4-10") -> bytes:
    """Draw the cards on sheets; the print is audited.

    Raises:
        InvalidInputError: no card, or no such sheet.
    """
    chosen = card_sheet(sheet)
    if not cards:
        raise InvalidInputError("没有符合条件的人，未生成联系卡。")
    from bangjiao_desktop.documents.cards import draw_cards  # ReportLab is loaded only to print

    content = draw_cards(cards, chosen)
    with session.vault.write() as connection:
        Writer(connection, session.user).act("print", "contact_cards", {"cards": len(cards), "sheet": sheet})
    return content


def _card(office: dict[str, Any], caseworker: str) -> ContactCard:
    return ContactCard(office["name"], caseworker, office["telephone"], office["address"])

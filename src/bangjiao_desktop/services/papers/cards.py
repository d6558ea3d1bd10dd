"""Contact cards for people chosen by search, or all: drawn, and entered as handed out once they are."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangjiao_desktop.domain.cards import NEUTRAL_TITLE, CardOptions, ContactCard, card_sheet
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.publicity import Handout as HandoutRecord
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.papers.paper_settings import kept_logo
from bangjiao_desktop.store.reads import ledger, reads, records
from bangjiao_desktop.store.tables.models import Account, Handout
from bangjiao_desktop.store.writes.writer import Writer

_CARD = "01"  # publicity_kind 联系卡


@dataclass(frozen=True)
class CardOrder:
    """A card and the person it is for."""

    person_id: uuid.UUID
    card: ContactCard


@needs(Permission.PRINT)
def orders_for(session: Session, wanted: LedgerFilter, title: str = NEUTRAL_TITLE) -> list[CardOrder]:
    """Return a card for each person a filter lets through, by office, caseworker and name."""
    with session.ledger.read() as connection:
        chosen = ledger.card_rows(connection, sight_of(session), wanted.dated(session.today()))
        make = _Maker(connection, title)
    return [CardOrder(person, make.card(office, caseworker)) for person, office, caseworker in chosen]


@needs(Permission.PRINT)
def orders_of(session: Session, people: Sequence[uuid.UUID], title: str = NEUTRAL_TITLE) -> list[CardOrder]:
    """Return a card for each of the given people.

    Raises:
        InvalidInputError: somebody is gone.
        NotPermittedError: somebody's file is sealed.
    """
    with session.ledger.read() as connection:
        known = reads.people_by_key(connection, sight_of(session), people)
        make = _Maker(connection, title)
    if any(one not in known for one in people):
        raise InvalidInputError("这个人已不在台账中。")
    return [CardOrder(one, make.card(known[one].office_id, known[one].caseworker)) for one in people]


@needs(Permission.PRINT)
def draw(
    session: Session, cards: Sequence[ContactCard], sheet: str = "a4-10", options: CardOptions = CardOptions()
) -> bytes:
    """Draw the cards on sheets, in memory.

    Raises:
        InvalidInputError: no card, no such sheet, or options that do not fit it.
    """
    chosen = card_sheet(sheet, in_force(session).card_sheets)
    if not cards:
        raise InvalidInputError("没有符合条件的人，未生成联系卡。")
    from bangjiao_desktop.documents.cards import draw_cards  # ReportLab is loaded only to print

    return draw_cards(cards, chosen, options)


def calibration_pdf() -> bytes:
    """Return the page that shows what a printer is off by; it holds no data."""
    from bangjiao_desktop.documents.cards import draw_calibration

    return draw_calibration()


@needs(Permission.RECORD_WORK)
def mark_handed_out(session: Session, people: Sequence[uuid.UUID], on: date | None = None) -> int:
    """Enter a contact card as handed out for each person; who got one that day is passed over.

    Returns:
        How many were entered.
    """
    day = on or session.today()
    with session.ledger.write() as connection:
        known = reads.people_by_key(connection, sight_of(session), people)
        given = {one.person_id for one in records.kept_with(connection, HandoutRecord, handed_on=day, kind=_CARD)}
        rows = [
            {"office_id": known[one].office_id, "person_id": one, "handed_on": day, "kind": _CARD, "copies": 1}
            for one in dict.fromkeys(people)
            if one in known and one not in given
        ]
        Writer(connection, session.user).insert(Handout, rows)
    return len(rows)


@needs(Permission.PRINT)
def logo(session: Session) -> bytes | None:
    """Return the office's own emblem for cards and brochures, None if there is none."""
    with session.ledger.read() as connection:
        return kept_logo(connection)


class _Maker:
    """Makes cards from offices and the telephones of the users who are caseworkers."""

    def __init__(self, connection: Any, title: str) -> None:
        self._title = title
        self._offices = {row["id"]: row for row in records.offices(connection)}
        self._telephones = {row["name"]: row["telephone"] for row in records.live_rows(connection, Account)}

    def card(self, office_id: uuid.UUID | None, caseworker: str) -> ContactCard:
        office = self._offices[office_id]  # a kept person always has one
        return ContactCard(
            office["name"], caseworker, office["telephone"], office["address"], self._title,
            self._telephones.get(caseworker, ""), office["mediator"], office["mediator_telephone"],
            office["office_hours"],
        )  # fmt: skip

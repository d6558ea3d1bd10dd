"""Finding people and their records: the ledger page by page, one person's whole story."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerPage, LedgerSort, OfficeInfo
from bangjiao_desktop.domain.rates import yuan
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.store import ledger, records
from bangjiao_desktop.store.models import (
    GroupMember,
    Handout,
    Office,
    Placement,
    RegisterChange,
    Relief,
    Reoffence,
    SupportRecord,
)
from bangjiao_desktop.store.writer import Writer


def page(
    session: Session,
    wanted: LedgerFilter,
    sort: LedgerSort = LedgerSort(),
    after: tuple[Any, uuid.UUID] | None = None,
    limit: int = 150,
) -> LedgerPage:
    """Return one page of the ledger (store.ledger.ledger_page)."""
    with session.vault.read() as connection:
        return ledger.ledger_page(connection, wanted, sort, after, limit)


def count(session: Session, wanted: LedgerFilter) -> int:
    """Return how many people a filter lets through."""
    with session.vault.read() as connection:
        return ledger.ledger_count(connection, wanted)


@dataclass(frozen=True)
class Event:
    """Something in a person's story.

    Attributes:
        on: the day; None where it is unknown.
        kind: "release", "handover", "support", "placement", "placement_end", "relief", "reoffence", "change",
            "handout", "member", "term_end".
        title: what happened, a few words.
        text: the rest.
        alarming: a sign of trouble (abnormal visit, crime).
    """

    on: date | None
    kind: str
    title: str
    text: str
    alarming: bool = False


@dataclass(frozen=True)
class PersonStory:
    """A person's row (with office_name, status, change) and everything recorded, the latest first."""

    person: dict[str, Any]
    members: list[dict[str, Any]]
    events: list[Event]
    counts: dict[str, int]


def story(session: Session, identifier: uuid.UUID, on: date | None = None) -> PersonStory:
    """Return everything about one person.

    Raises:
        InvalidInputError: the person is not in the ledger.
    """
    today = on or date.today()
    with session.vault.read() as connection:
        person = ledger.person_row(connection, identifier, today)
        if person is None:
            raise InvalidInputError("这个人已不在台账中。")
        members = list(records.live_rows(connection, GroupMember, [identifier]))
        supports = list(records.live_rows(connection, SupportRecord, [identifier]))
        placements = list(records.live_rows(connection, Placement, [identifier]))
        reliefs = list(records.live_rows(connection, Relief, [identifier]))
        reoffences = list(records.live_rows(connection, Reoffence, [identifier]))
        changes = list(records.live_rows(connection, RegisterChange, [identifier]))
        handouts = [row for row in records.live_rows(connection, Handout, [identifier]) if row["person_id"]]
    events = [
        *_own_events(person, today),
        *(_support_event(row) for row in supports),
        *(event for row in placements for event in _placement_events(row)),
        *(_relief_event(row) for row in reliefs),
        *(_reoffence_event(row) for row in reoffences),
        *(Event(row["changed_on"], "change", "变动：" + _label("change_reason", row["reason"]), "") for row in changes),
        *(_handout_event(row) for row in handouts),
        *(_member_event(row) for row in members),
    ]
    # a story is read from its end; the day decides, and within a day what comes later in life
    events.sort(key=lambda event: event.on or date.min, reverse=True)
    counts = {
        "support": len(supports), "placement": len(placements), "relief": len(reliefs),
        "reoffence": len(reoffences), "handout": sum(row["copies"] for row in handouts), "member": len(members),
    }  # fmt: skip
    return PersonStory(person, members, events, counts)


def show_private(session: Session, identifier: uuid.UUID) -> None:
    """Note that a person's identity number and telephone were shown on purpose."""
    with session.vault.write() as connection:
        Writer(connection, session.user).act("show", "person", {"fields": "identity_number, telephone"}, identifier)


def note_listing(session: Session, what: str, count: int) -> None:
    """Note that a list with whole identity numbers was handed out (JSON on the command line)."""
    with session.vault.write() as connection:
        Writer(connection, session.user).act("show", what, {"rows": count, "fields": "identity_number"})


def export_list(
    session: Session, path: Path, wanted: LedgerFilter, sort: LedgerSort, headers: Sequence[str], texts: Any
) -> int:
    """Write the list as seen (same filter, order and columns) as XLSX; the export is audited.

    Args:
        session: who exports.
        path: the file.
        wanted: the filter.
        sort: the order.
        headers: headings of the columns.
        texts: turns a row into its cells.

    Returns:
        The number of people written.

    Raises:
        StorageError: the file cannot be written.
    """
    from bangjiao_desktop.exchange.writer import write_table  # XlsxWriter is loaded only to export

    rows: list[Sequence[Any]] = []
    after: tuple[Any, uuid.UUID] | None = None
    while True:
        found = page(session, wanted, sort, after, 2000)
        rows.extend(texts(row) for row in found.rows)
        after = found.following
        if after is None:
            break
    write_table(path, "人员", headers, rows)
    with session.vault.write() as connection:
        Writer(connection, session.user).act("export", "people", {"rows": len(rows), "columns": list(headers)})
    return len(rows)


def save_office(session: Session, office: OfficeInfo, telephone: str, address: str) -> None:
    """Change what stands on an office's cards."""
    with session.vault.write() as connection:
        row = next(one for one in records.offices(connection) if one["id"] == office.id)
        Writer(connection, session.user).update(
            Office, office.id, row["revision"], {"telephone": telephone.strip(), "address": address.strip()}
        )


def _label(table: str, code: str | None) -> str:
    return code_table(table).label(code)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _own_events(person: dict[str, Any], today: date) -> list[Event]:
    found = [
        Event(
            person["release_date"], "release", _label("person_category", person["category"]).replace("人员", ""),
            _joined(person["prison"], person["offence"], person["sentence"]),
        )
    ]  # fmt: skip
    if person["handover_date"]:
        mode = _label("handover_mode", person["handover_mode"])
        found.append(Event(person["handover_date"], "handover", "衔接", mode))
    found.append(Event(person["term_end"], "term_end", "帮教期满日", "" if person["term_end"] > today else "期限已到"))
    return found


def _support_event(row: dict[str, Any]) -> Event:
    heading = _joined(_label("support_method", row["method"]), _label("support_form", row["form"]), row["place"])
    text = _joined(row["content"], f"帮教人：{row['worker']}" if row["worker"] else "")
    return Event(row["happened_on"], "support", heading, text, bool(row["abnormal"]))


def _placement_events(row: dict[str, Any]) -> list[Event]:
    kind = _label("placement_kind", row["kind"])
    found = [Event(row["placed_on"], "placement", "安置：" + kind, row["employer"])]
    if row["ended_on"]:
        found.append(Event(row["ended_on"], "placement_end", "安置结束：" + kind, row["employer"]))
    return found


def _relief_event(row: dict[str, Any]) -> Event:
    amount = "" if row["amount_fen"] is None else f"{yuan(row['amount_fen'])} 元"
    return Event(
        row["granted_on"], "relief", "救助：" + _label("relief_kind", row["kind"]), _joined(amount, row["agency"])
    )


def _reoffence_event(row: dict[str, Any]) -> Event:
    heading = "重新" + _label("reoffence_class", row["reoffence_class"])
    return Event(row["happened_on"], "reoffence", heading, _joined(row["offence"], row["outcome"]), alarming=True)


def _handout_event(row: dict[str, Any]) -> Event:
    return Event(row["handed_on"], "handout", "发放" + _label("publicity_kind", row["kind"]), f"{row['copies']} 份")


def _member_event(row: dict[str, Any]) -> Event:
    return Event(row["joined_on"], "member", "帮教小组：" + row["name"], _label("member_kind", row["kind"]))

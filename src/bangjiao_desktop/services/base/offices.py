"""Offices between their rows and what is shown of them."""

from typing import Any

from bangjiao_desktop.domain.ledger import OfficeInfo


def office_info(row: dict[str, Any]) -> OfficeInfo:
    """Return what is shown of an office, from its row."""
    return OfficeInfo(
        row["id"], row["name"], row["telephone"], row["address"], row["post_code"], row["office_hours"],
        row["mediator"], row["mediator_telephone"], row["remind_from"], row["revision"],
    )  # fmt: skip


def new_office(bureau_id: Any, name: str, position: int, telephone: str = "", address: str = "") -> dict[str, Any]:
    """Return the values of a new office."""
    return {
        "bureau_id": bureau_id, "name": name, "telephone": telephone, "address": address, "position": position,
    }  # fmt: skip

"""The releases of people with what held of each from which day on, as other programs read them (`people --json`)."""

import uuid
from collections.abc import Sequence
from typing import Any

from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.listing import release_json
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.store.reads import episodes as reads
from bangjiao_desktop.store.reads import records


@needs(Permission.SEE_PEOPLE)
def releases_json(session: Session, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Return the releases of people for JSON, the first first, each with its `standings`; of a sealed file without texts.

    Args:
        session: who asks.
        people: their keys; files that the user may not see stay out.
    """
    sight = sight_of(session)
    with session.ledger.read() as connection:
        sealed = {row["id"]: bool(row["sealed"]) for row in records.people_by_key(connection, people)}
        shown = [key for key, hidden in sealed.items() if sight.sealed or not hidden]
        offices = {row["id"]: str(row["name"]) for row in records.offices(connection)}
        found = reads.histories(connection, sight, shown)
    return {
        key: [release_json(row, some, offices, sealed=sealed[key]) for row, some in told] for key, told in found.items()
    }

"""What a session's user may see: the one place where role and authority become a `Sight`."""

import uuid

from bangjiao_desktop.domain.errors import NotPermittedError
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.domain.withheld import MAY_NOT
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.writes.writer import Writer


def sight_of(viewer: Session) -> Sight:
    """Return what a session's user may see now; asked anew for each read, kept nowhere."""
    return Sight(viewer.sees_sealed, viewer.may(Permission.SHOW_NUMBERS))


def require_withheld(viewer: Session) -> None:
    """Refuse what the law seals of itself (domain.withheld) to who has no authority for sealed files.

    Raises:
        NotPermittedError: with a sentence.
    """
    if not viewer.sees_sealed:
        raise NotPermittedError(MAY_NOT)


def note_withheld(viewer: Session, subject_id: uuid.UUID | None = None, *, where: str = "person") -> None:
    """Note that what the law seals of itself was opened on purpose.

    Args:
        viewer: by whom.
        subject_id: whose; None for a list.
        where: "person", or the kind of record of a list.
    """
    with viewer.ledger.write() as connection:
        Writer(connection, viewer.user).act("show", "withheld", {"where": where}, subject_id)

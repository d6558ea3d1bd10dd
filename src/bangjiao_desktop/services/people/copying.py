"""Rows that leave by the clipboard: as much an export as a file."""

from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.writes.writer import Writer


@needs(Permission.EXPORT)
def note_copy(session: Session, where: str, rows: int) -> None:
    """Note that rows are put on the clipboard, before they are.

    Args:
        session: who copies.
        where: what they are copied from (人员台账).
        rows: how many.

    Raises:
        VaultBusyError: somebody else is writing; nothing may be copied.
    """
    fields = "identity_number, telephone" if session.may(Permission.SHOW_NUMBERS) else ""
    with session.ledger.write() as connection:
        Writer(connection, session.user).act(
            "export", "clipboard", {"where": where[:40], "rows": rows, "fields": fields}
        )

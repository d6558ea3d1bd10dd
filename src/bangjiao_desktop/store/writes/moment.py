"""What time it is for a transaction: the clock its ledger was given."""

from sqlalchemy import Connection

from bangjiao_desktop.domain.clock import COMPUTER, Clock

OPTION = "clock"  # execution option of a connection that writes


def clock_of(connection: Connection) -> Clock:
    """Return the clock of the ledger a connection belongs to; the computer's where none was given."""
    found = connection.get_execution_options().get(OPTION, COMPUTER)
    assert isinstance(found, Clock)
    return found

"""The bureau's own rule for passwords: what it is, and changing it."""

from dataclasses import asdict
from typing import Any

from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.passwords import RULE_SETTING, PasswordRule, rule_of
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.writes.writer import Writer


def rule(session: Session) -> PasswordRule:
    """Return the rule in force."""
    with session.ledger.read() as connection:
        return rule_in(connection)


def rule_in(connection: Any) -> PasswordRule:
    """Return the rule in force, as it stands in a transaction."""
    return rule_of(records.setting(connection, RULE_SETTING))


@needs(Permission.MANAGE_USERS)
def save_rule(session: Session, changed: PasswordRule) -> None:
    """Change the rule; passwords of now stay until they are changed, or are older than it lets them be.

    Raises:
        InvalidRecordError: it is out of bounds; nobody goes below the program's own.
    """
    faults = changed.faults()
    if faults:
        raise InvalidRecordError(faults)
    with session.ledger.write() as connection:
        before = rule_in(connection)
        if before != changed:
            records.store_setting(connection, RULE_SETTING, asdict(changed))
            about = {"before": before.text(), "after": changed.text()}
            Writer(connection, session.user).act("settings", RULE_SETTING, about)

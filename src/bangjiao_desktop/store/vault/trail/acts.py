"""Which act needs which permission (domain.roles), so that an entry by who could not have done it is noticed."""

from bangjiao_desktop.domain.acts import ACTIONS
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.store.vault.trail.entries import Told

ROWS = ("insert", "update", "delete", "restore")
_OF_SUBJECT: dict[str, Permission] = {
    "account": Permission.MANAGE_USERS, "bureau": Permission.SETTINGS, "office": Permission.SETTINGS,
    "form_definition": Permission.SETTINGS, "form_entry": Permission.FILL_FORMS, "form_filing": Permission.FILE_FORMS,
    "print_job": Permission.PRINT, "key_decision": Permission.DECIDE,
}  # fmt: skip
"""Rows of these subjects; of every other one it is casework."""
_OF_ACT: dict[str, Permission] = {
    "reset_password": Permission.MANAGE_USERS, "new_recovery_key": Permission.RECOVERY_KEY, "file": Permission.FILE_FORMS,
    "import": Permission.IMPORT, "undo": Permission.IMPORT, "settings": Permission.SETTINGS, "print": Permission.PRINT,
    "backup": Permission.BACK_UP, "note_backup": Permission.BACK_UP, "explain": Permission.SEE_FIGURES,
    "keep_filter": Permission.SEE_PEOPLE, "accept_ledger": Permission.ACCEPT_LEDGER,
}  # fmt: skip
WITH_IMPORT = frozenset((Permission.RECORD_WORK, Permission.DELETE, Permission.DECIDE))
"""What an import may whatever the role: rows of casework. Accounts, seals, filings and settings are not a file's to write."""
_WORK = {"delete": Permission.DELETE, "restore": Permission.DELETE}


def known(told: Told) -> bool:
    """Tell whether the program has such an act at all; what it has not, nobody may."""
    return told.action in ACTIONS


def needed(told: Told) -> Permission | None:
    """Return the permission an entry needs at least; None for what everybody may who comes in.

    An import writes what its own permission allows, whatever the rows are about.
    """
    if told.action not in ROWS:
        return _OF_ACT.get(told.action)
    if told.subject == "account_key":
        return None  # whose key who may introduce is looked at by itself (authorities)
    if told.subject == "person" and told.action == "update" and not set(Person.OF_SEALING).isdisjoint(told.after or ()):
        return Permission.SEAL
    return _OF_SUBJECT.get(told.subject) or _WORK.get(told.action, Permission.RECORD_WORK)

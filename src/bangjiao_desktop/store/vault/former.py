"""The passwords before: whether a new one is among them; kept stretched and salted (Argon2id), as their slots were.

They stand in the ledger (`AccountKey.former`), one a line, the newest last, and only as many as the bureau's rule asks for.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bangjiao_desktop.store.vault import keys


def is_among(former: str, password: str, count: int) -> bool:
    """Tell whether a password is one of the last.

    Args:
        former: as kept.
        password: the new one.
        count: how many of the last are asked.
    """
    return count > 0 and any(_is(one, password) for one in former.splitlines()[-count:])


def with_added(former: str, password: str, count: int) -> str:
    """Return what is kept once a password is set: it, and those before, so many in all; nothing for none."""
    if not count:
        return ""
    hasher = PasswordHasher(*keys.stretching())  # guessing at what is kept here is no easier than at keys.json
    return "\n".join([*former.splitlines(), hasher.hash(password)][-count:])


def _is(kept: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False

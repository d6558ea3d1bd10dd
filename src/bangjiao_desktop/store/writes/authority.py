"""What an account may, as its row says; without SQLAlchemy, as `store.vault.opening`, which asks it before the window."""

from collections.abc import Sequence
from typing import Any

from bangjiao_desktop.domain.errors import AccountGoneError, VaultDamagedError
from bangjiao_desktop.domain.roles import Role, known_role

# one row for a name: the live account, else one that was taken away
AUTHORITY = (
    "SELECT role, sees_sealed, deleted_at FROM account WHERE name = :name ORDER BY deleted_at IS NOT NULL, id LIMIT 1"
)


def authority_of(account: Sequence[Any] | None, user: str) -> tuple[Role, bool]:
    """Return role and whether sealed files are shown.

    Args:
        account: the row of `AUTHORITY`.
        user: whose it is.

    Raises:
        AccountGoneError: there is no such account, or not any more.
        VaultDamagedError: its role is none the program wrote.
    """
    if account is None:
        raise AccountGoneError(f"没有名为“{user}”的用户。请核对用户名，或找所长、系统管理员。")
    if account[2] is not None:
        raise AccountGoneError(f"用户“{user}”已被停用，请找所长或系统管理员。")
    role = known_role(account[0])
    if role is None:
        raise VaultDamagedError(
            f"用户“{user}”的角色不是程序写的：台账被绕过程序改动过。请由别的所长登录核验，或从备份恢复。"
        )
    return role, bool(account[1])

"""Who may do what: the four roles of a vault's users and the one table of their permissions."""

from enum import StrEnum

from bangjiao_desktop.domain.errors import NotPermittedError


class Role(StrEnum):
    """A user's role; the value is kept in the vault, labels stand in codes/role.csv."""

    CHIEF = "chief"
    WORKER = "worker"
    READER = "reader"
    ADMIN = "admin"


class Permission(StrEnum):
    """Something a user may do; the value finishes the sentence “您的角色不能…”."""

    SEE_PEOPLE = "查看人员和工作记录"
    SHOW_NUMBERS = "显示完整的身份证号和电话"
    RECORD_WORK = "登记或修改工作记录"
    EDIT_PEOPLE = "新增或修改人员资料"
    DELETE = "删除或恢复记录"
    DECIDE = "认定重点对象或办理解除"
    SEAL = "封存或启封档案"
    IMPORT = "导入台账"
    EXPORT = "导出名单或台账"
    PRINT = "打印联系卡、文书和报表"
    SEE_FIGURES = "查看统计"
    FILL_FORMS = "填写报表"
    FILE_FORMS = "报出报表"
    SEE_RULES = "查看提醒规则"
    SETTINGS = "修改单位资料和提醒规则"
    MANAGE_USERS = "管理用户"
    RECOVERY_KEY = "更换恢复密钥"
    SEE_AUDIT = "查看操作记录"
    ACCEPT_LEDGER = "承认换回的台账"
    BACK_UP = "备份和检查台账"


_ALL = frozenset(Role)
_CASEWORK = frozenset((Role.CHIEF, Role.WORKER))
_READING = frozenset((Role.CHIEF, Role.WORKER, Role.READER))
_KEEPING = frozenset((Role.CHIEF, Role.ADMIN))

PERMISSIONS: dict[Permission, frozenset[Role]] = {
    Permission.SEE_PEOPLE: _READING,
    Permission.SHOW_NUMBERS: _CASEWORK,
    Permission.RECORD_WORK: _CASEWORK,
    Permission.EDIT_PEOPLE: _CASEWORK,
    Permission.DELETE: _CASEWORK,
    Permission.DECIDE: frozenset((Role.CHIEF,)),
    Permission.SEAL: frozenset((Role.CHIEF,)),
    Permission.IMPORT: _CASEWORK,
    Permission.EXPORT: _CASEWORK,
    Permission.PRINT: _READING,
    Permission.SEE_FIGURES: _READING,
    Permission.FILL_FORMS: _CASEWORK,
    Permission.FILE_FORMS: frozenset((Role.CHIEF,)),
    Permission.SEE_RULES: _ALL,
    Permission.SETTINGS: _KEEPING,
    Permission.MANAGE_USERS: _KEEPING,
    # the recovery key opens the ledger as anybody, also as a chief
    Permission.RECOVERY_KEY: frozenset((Role.CHIEF,)),
    Permission.SEE_AUDIT: _KEEPING,
    Permission.ACCEPT_LEDGER: frozenset((Role.CHIEF,)),
    Permission.BACK_UP: frozenset((Role.CHIEF, Role.WORKER, Role.ADMIN)),
}


def known_role(value: object) -> Role | None:
    """Return the role a ledger keeps; None for one the program does not know, which it never wrote."""
    try:
        return Role(value)  # type: ignore[arg-type]
    except ValueError:
        return None


def may(role: Role, permission: Permission) -> bool:
    """Tell whether a role has a permission."""
    return role in PERMISSIONS[permission]


def holds_sealed_key(role: Role | None, *, sees_sealed: bool) -> bool:
    """Tell whether an account gets the key of sealed files: who may see them, and a chief, who gives it to others.

    Not one of an unknown role (None), whatever else was written beside it.
    """
    return role is not None and (sees_sealed or role is Role.CHIEF)


def require(role: Role, permission: Permission) -> None:
    """Refuse what a role may not do.

    Raises:
        NotPermittedError: with a sentence.
    """
    if not may(role, permission):
        from bangjiao_desktop.domain.codes import code_table

        label = code_table("role").label(role.value)
        whom = "所长" if role is Role.ADMIN else "所长或系统管理员"
        raise NotPermittedError(f"您的角色是“{label}”，不能{permission.value}。需要时请找{whom}。")

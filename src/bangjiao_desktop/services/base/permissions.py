"""Permissions at the door of every service: `needs` refuses what the user's role does not allow (domain.roles)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from bangjiao_desktop.domain.roles import Permission, require
from bangjiao_desktop.services.base.arguments import require_fitting
from bangjiao_desktop.services.base.session import Session

_Rest = ParamSpec("_Rest")
_Result = TypeVar("_Result")
Service = Callable[Concatenate[Session, _Rest], _Result]


def needs(permission: Permission) -> Callable[[Service[_Rest, _Result]], Service[_Rest, _Result]]:
    """Let a service run only for roles that have a permission.

    The wrapped function's first argument is the session; it raises NotPermittedError before anything is done, and
    InvalidInputError for arguments that do not fit its annotations (services.base.arguments).
    The permission stands as `permission` on the function, so that a test can try every role on every service.
    """

    def wrap(service: Service[_Rest, _Result]) -> Service[_Rest, _Result]:
        @wraps(service)
        def guarded(session: Session, /, *arguments: _Rest.args, **named: _Rest.kwargs) -> _Result:
            require(session.role, permission)
            require_fitting(service, arguments, named)
            return service(session, *arguments, **named)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return wrap

"""What a session's user may see: the one place where role and authority become a `Sight`."""

from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.sight import Sight
from bangjiao_desktop.services.base.session import Session


def sight_of(viewer: Session) -> Sight:
    """Return what a session's user may see now; asked anew for each read, kept nowhere."""
    return Sight(viewer.sees_sealed, viewer.may(Permission.SHOW_NUMBERS))

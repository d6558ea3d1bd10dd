"""What the office wants on all its papers: numbers masked, a watermark, its emblem; read and saved as one."""

import base64
from dataclasses import dataclass
from typing import Any

from bangjiao_desktop.domain.definition_kinds import PRINT, PrintDefaults
from bangjiao_desktop.domain.definitions.layers import BUREAU
from bangjiao_desktop.domain.errors import InvalidInputError, StaleError
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.base.definitions import in_force_on
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.writes.writer import Writer

LOGO = "print-logo"  # the setting that holds the emblem
_LARGEST_LOGO = 2 * 1024 * 1024


@dataclass(frozen=True)
class PaperSettings:
    """What stands on all papers.

    Attributes:
        defaults: identity numbers masked, a watermark.
        logo: the emblem (PNG or JPEG), None for none.
        revision: of the bureau's own defaults as they were read, 0 where it has none.
    """

    defaults: PrintDefaults
    logo: bytes | None
    revision: int = 0


@needs(Permission.SETTINGS)
def read(session: Session) -> PaperSettings:
    """Return what the office wants on its papers, to be changed."""
    with session.ledger.read() as connection:
        return _read(session, connection)


@needs(Permission.SETTINGS)
def save(session: Session, wanted: PaperSettings, seen: PaperSettings | None = None) -> None:
    """Change what the office wants on its papers, all of it or nothing.

    Args:
        session: who changes it.
        wanted: defaults and emblem; its revision is not looked at.
        seen: as they were read; None where nobody looked.

    Raises:
        InvalidInputError: no picture, or too large.
        StaleError: somebody else changed them since; carries what stands as "settings".
    """
    if wanted.logo is not None:
        if len(wanted.logo) > _LARGEST_LOGO:
            raise InvalidInputError("标志图片超过 2 MB，请缩小后再选。")
        from bangjiao_desktop.documents.setting.pictures import picture

        picture(wanted.logo)
    if not all(isinstance(one, bool) for one in (wanted.defaults.masked, wanted.defaults.watermark)):
        raise InvalidInputError("打印设置的隐去中段和水印应为是或否，没有保存。")
    text = f"masked = {str(wanted.defaults.masked).lower()}\nwatermark = {str(wanted.defaults.watermark).lower()}\n"
    definitions.check(session, PRINT, "defaults", text)
    with session.ledger.write() as connection:
        now = _read(session, connection)
        if seen is not None and now != seen:
            raise StaleError("打印设置刚被别人修改过，您的修改没有保存。", {"settings": now})
        if wanted.defaults != now.defaults:
            definitions.put(connection, session.user, PRINT, "defaults", text)
        if wanted.logo != now.logo:
            kept = None if wanted.logo is None else base64.b64encode(wanted.logo).decode()
            records.store_setting(connection, LOGO, kept)
            Writer(connection, session.user).act("settings", "logo", {"size": len(wanted.logo or b"")})


def kept_logo(connection: Any) -> bytes | None:
    """Return the emblem, None if there is none."""
    kept = records.setting(connection, LOGO)
    return None if not kept else base64.b64decode(kept)


def _read(session: Session, connection: Any) -> PaperSettings:
    known = in_force_on(connection, session)
    own = next((one.revision for one in known.kept if (one.layer, one.kind) == (BUREAU, PRINT)), 0)
    return PaperSettings(known.print_defaults, kept_logo(connection), own)

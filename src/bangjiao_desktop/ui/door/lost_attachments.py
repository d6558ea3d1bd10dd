"""The question whether a backup is to be used without the attachments it lacks."""

from PySide6.QtWidgets import QWidget

from bangjiao_desktop.domain.errors import AttachmentsLostError
from bangjiao_desktop.ui.kit.question import goes_on

_NAMED = 12


def wishes_without(parent: QWidget, error: AttachmentsLostError) -> bool:
    """Ask whether to go on without the attachments that are lost; each is named."""
    lines = error.lost[:_NAMED] + ((f"……共 {len(error.lost)} 件",) if len(error.lost) > _NAMED else ())
    more = "\n".join(lines)
    return goes_on(parent, "缺附件", error.message, "不恢复", "不要这些附件，继续", more=more, warning=True)

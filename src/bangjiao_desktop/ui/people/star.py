"""关注: puts a star on people or takes it away, with a way back."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background


class Star(QObject):
    """The star.

    Args:
        session: the user's.
        parent: the page.

    Signals:
        said: a short message.
        undo_offered: a short message, and what takes back what it tells.
    """

    said = Signal(str)
    undo_offered = Signal(str, object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session

    def put(self, people: Sequence[uuid.UUID], *, on: bool) -> None:
        """Put it on people, or take it away."""
        told = f"已{'关注' if on else '取消关注'} {len(people)} 人"
        done = self._change(dict.fromkeys(people, on))
        done.then(lambda before: self.undo_offered.emit(told, lambda: self._back(before))).fails(self.said.emit)
        done.at_once()

    def _back(self, before: Mapping[uuid.UUID, Any]) -> None:
        self._change(before).then(lambda _: self.said.emit("已撤销")).fails(self.said.emit)

    def _change(self, wanted: Mapping[uuid.UUID, Any]) -> background.Task[Any]:
        from bangjiao_desktop.services.people.batch import change_people  # the first picture does not wait for it

        return background.save(self, change_people, self._session, "watched", wanted)

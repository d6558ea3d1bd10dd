"""Lays duties to rest and takes that back, asking what has to be asked; and says from which day offices are reminded."""

import uuid
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from bangjiao_desktop.domain.duties import Duty
from bangjiao_desktop.domain.kinds.duty_decision import DutyDecision
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import background

_KIND = DutyDecision.KIND.name


class DutyRest(QObject):
    """What 工作台 does with duties that are not to be done now.

    Args:
        session: the user's.
        page: its dialogs' parent.

    Signals:
        said: a short message.
        undo_offered: a short message, and what takes back what it tells.
        begun: from another day on offices are reminded.
    """

    said = Signal(str)
    undo_offered = Signal(str, object)
    begun = Signal()

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._page = session, page

    def decide(self, chosen: Sequence[Duty]) -> None:
        """Ask whether duties are put off or do not apply, and why."""
        if any(duties.person_key(one) is None and one.rule.subject != "office" for one in chosen):
            self.said.emit("选中的有封存的档案，只有获授权的人才能登记。")
            return
        read = background.latest(self, "reasons", work.suggestions, self._session, _KIND, "reason")
        read.then(lambda reasons: self._ask(chosen, reasons)).at_once()

    def take_back(self, decisions: Sequence[DutyDecision]) -> None:
        """Let duties be due again."""
        keys = {one.id: one.revision for one in decisions if one.id is not None and one.revision is not None}
        self._delete(keys, f"已恢复提醒 {len(keys)} 项")

    def ask_beginning(self, offices: Sequence[OfficeInfo]) -> None:
        """Ask from which day offices are reminded."""
        from bangjiao_desktop.ui.today.rest_dialogs import BeginDialog

        days = {one.remind_from for one in offices}
        day = next(iter(days)) if len(days) == 1 else None
        dialog = BeginDialog(self._session, {one.id: one.name for one in offices}, day, self._page)
        dialog.accepted.connect(self.begun)
        dialog.open()

    def _ask(self, chosen: Sequence[Duty], reasons: Sequence[str]) -> None:
        from bangjiao_desktop.ui.today.rest_dialogs import RestDialog

        dialog = RestDialog(self._session, chosen, reasons, self._page)
        dialog.decided.connect(self._decided)
        dialog.open()

    def _decided(self, words: str, made: Mapping[uuid.UUID, int]) -> None:
        self.undo_offered.emit(words, lambda: self._delete(made, "已撤销，照常提醒"))

    def _delete(self, keys: Mapping[uuid.UUID, int], told: str) -> None:
        task = background.save(self, work.delete_all, self._session, _KIND, keys)
        task.then(lambda _: self.said.emit(told)).fails(self.said.emit)


def beginning_in_words(offices: Sequence[OfficeInfo]) -> str:
    """Return from which day offices are reminded, as the link says it; "" where none of them has a day."""
    days = {one.remind_from for one in offices}
    if days <= {None}:
        return ""
    return f"提醒从 {next(iter(days))} 起" if len(days) == 1 else "提醒从哪天起（各所不同）"

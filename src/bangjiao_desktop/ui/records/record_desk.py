"""Where records are opened from every page: the right dialog for each kind, and what is told once it is saved."""

import uuid
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.person_picker import PickDialog
from bangjiao_desktop.ui.records.assessment_dialog import AssessmentDialog
from bangjiao_desktop.ui.records.opening import read_assessment, read_person, read_record
from bangjiao_desktop.ui.records.person_dialog import ARRIVAL, PersonDialog
from bangjiao_desktop.ui.records.record_dialog import RecordDialog

_OPENING = "opening"  # of two that were asked for quickly only the later one opens


class RecordDesk(QObject):
    """Opens the dialogs of one window.

    Args:
        session: the user's.
        window: the dialogs' parent.

    Signals:
        saved: what was saved, in words; pages read anew.
        person_saved: key of a person whose own data were saved.
        said: a sentence about why something cannot be opened.
    """

    saved = Signal(str)
    person_saved = Signal(object)
    said = Signal(str)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.dialog: QDialog | None = None

    def open_record(
        self,
        model: str,
        *,
        identifier: uuid.UUID | None = None,
        person_id: uuid.UUID | None = None,
        preset: Mapping[str, Any] | None = None,
    ) -> None:
        """Open the dialog of a record: a known one, or a new one for a person or nobody yet."""
        if kind_of(model).record.KIND.asked:
            if identifier is None and person_id is None:
                self._pick_for(model, preset)
                return
            occasion = str((preset or {}).get("occasion", "02"))
            assessed = background.latest(self, _OPENING, read_assessment, self._session, person_id, identifier)
            assessed.then(
                lambda found: self._show_record(AssessmentDialog(self._session, found, self._window, occasion), model)
            )
            assessed.fails(self.said.emit).at_once()
            return
        read = background.latest(
            self, _OPENING, read_record, self._session, model,
            person_id=person_id, preset=preset, identifier=identifier,
        )  # fmt: skip
        read.then(lambda found: self._show_record(RecordDialog(self._session, found, self._window), model))
        read.fails(self.said.emit).at_once()

    def open_person(self, identifier: uuid.UUID | None = None, *, arrival: bool = False) -> None:
        """Open the dialog of a person's own data: a known one, somebody new, or the arrival alone."""
        only = ARRIVAL if arrival else ()
        read = background.latest(self, _OPENING, read_person, self._session, identifier)
        read.then(lambda found: self._show_person(PersonDialog(self._session, found, self._window, only)))
        read.fails(self.said.emit).at_once()

    def _show_record(self, dialog: RecordDialog | AssessmentDialog, model: str) -> None:
        title = kind_of(model).title
        dialog.saved.connect(lambda _: self.saved.emit(f"已保存{title}"))
        self._show(dialog)

    def _show_person(self, dialog: PersonDialog) -> None:
        dialog.saved.connect(self.person_saved)
        self._show(dialog)

    def _pick_for(self, model: str, preset: Mapping[str, Any] | None) -> None:
        """Ask for the person first, then open."""
        dialog = PickDialog(self._session, f"{kind_of(model).title}：先选择人员", self._window)
        dialog.picked.connect(lambda key: self.open_record(model, person_id=key, preset=preset))
        self._show(dialog)

    def _show(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda _: self._forget(dialog))
        dialog.open()

    def _forget(self, dialog: QDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None

"""Where records are opened from every page: the right dialog for each kind, and what is told once it is saved."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.layout import Kind, kind_of
from bangjiao_desktop.domain.roles import Permission, Role, may
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people.batch import change_people
from bangjiao_desktop.services.records import together, work
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.gradually import gradually
from bangjiao_desktop.ui.kit.held_keys import HeldKeys
from bangjiao_desktop.ui.kit.person_picker import PickDialog
from bangjiao_desktop.ui.records.assessment_dialog import AssessmentDialog
from bangjiao_desktop.ui.records.change_dialog import Change, ChangeDialog
from bangjiao_desktop.ui.records.episode_dialog import EpisodeDialog, EpisodeOpening, parts_of_episode, read_episode
from bangjiao_desktop.ui.records.one_back import OneBack
from bangjiao_desktop.ui.records.opening import (
    AssessmentOpening,
    Opening,
    PersonOpening,
    read_assessment,
    read_person,
    read_record,
)
from bangjiao_desktop.ui.records.person_dialog import ARRIVAL, PersonDialog, parts_of_person
from bangjiao_desktop.ui.records.record_dialog import Before, RecordDialog, parts_of_record
from bangjiao_desktop.ui.records.standing_dialog import (
    StandingDialog,
    StandingOpening,
    parts_of_standing,
    read_standing,
)
from bangjiao_desktop.ui.records.together_dialog import (
    TogetherDialog,
    TogetherOpening,
    parts_of_together,
    read_together,
)

_EPISODE = "episode"
_NEW = 1  # the revision a record is made with
_OPENING = "opening"  # of two that were asked for quickly only the later one opens


class RecordDesk(QObject):
    """Opens the dialogs of one window.

    Args:
        session: the user's.
        window: the dialogs' parent.
        role: the user's, as the window knows it.

    Signals:
        saved: what was saved, in words; pages read anew.
        undo_offered: what was saved, in words, and what takes it back.
        person_saved: key of a person whose own data were saved.
        said: a sentence about why something cannot be opened.
    """

    saved = Signal(str)
    undo_offered = Signal(str, object)
    person_saved = Signal(object)
    said = Signal(str)

    def __init__(self, session: Session, window: QWidget, role: Role) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.dialog: QDialog | None = None
        self._one_back, self._may_undo = OneBack(session), may(role, Permission.DELETE)
        self._making: object = None  # the dialog asked for last
        self._keys = HeldKeys(window)

    def open_record(
        self,
        kind: str,
        *,
        identifier: uuid.UUID | None = None,
        person_id: uuid.UUID | None = None,
        preset: Mapping[str, Any] | None = None,
    ) -> None:
        """Open the dialog of a record: a known one, or a new one for a person or nobody yet.

        A release ("episode") and a standing are opened for a person: a known one, or the next, or a forgotten one.
        """
        if kind in (_EPISODE, Standing.KIND.name):
            assert person_id is not None
            self._open_of_release(kind, person_id, identifier, dict(preset or {}).get("episode_id"))
            return
        if kind == Person.KIND.name:
            self.open_person(person_id)
            return
        if kind_of(kind).record.KIND.asked:
            if identifier is None and person_id is None:
                self._pick_for(kind, preset)
                return
            occasion = str((preset or {}).get("occasion", "02"))
            assessed = background.latest(self, _OPENING, read_assessment, self._session, person_id, identifier)
            assessed.then(lambda found: self._make(self._assessment(found, occasion)))
            assessed.fails(self.said.emit).at_once()
            return
        read = background.latest(
            self, _OPENING, read_record, self._session, kind,
            person_id=person_id, preset=preset, identifier=identifier,
        )  # fmt: skip
        read.then(lambda found: self._make(self._record(found)))
        read.fails(self.said.emit).at_once()

    def open_together(
        self, kind: str, people: Sequence[uuid.UUID] = (), preset: Mapping[str, Any] | None = None
    ) -> None:
        """Open the dialog in which one piece of work is recorded for several people (一起登记)."""
        read = background.latest(self, _OPENING, read_together, self._session, kind, people, preset)
        read.then(lambda found: self._make(self._together(found))).fails(self.said.emit).at_once()

    def _together(self, found: TogetherOpening) -> Iterator[QDialog | None]:
        parts = parts_of_together(self._session, found.opening)
        yield from parts.make()
        dialog = TogetherDialog(self._session, found, self._window, parts)
        kind = found.opening.kind
        dialog.saved.connect(lambda made: self._saved_together(kind, made))
        yield dialog

    def _saved_together(self, kind: Kind, made: Mapping[uuid.UUID, int]) -> None:
        told = f"已登记 {len(made)} 条{kind.title}"
        if self._may_undo:
            self.undo_offered.emit(told, lambda: self._take_back(kind, made))
        else:
            self.saved.emit(told)

    def _saved_one(self, dialog: RecordDialog, key: uuid.UUID) -> None:
        """Say what was saved, with a way back where nothing else follows from a record of its kind."""
        kind, before = dialog.kind, dialog.before
        told = f"已{'保存' if before is None else '修改'}{dialog.whose}{kind.title}"
        if kind.record.follows is not Record.follows or not self._may_undo:
            self.saved.emit(told)
        elif before is None:
            self.undo_offered.emit(told, lambda: self._new_back(kind, key))
        else:
            self.undo_offered.emit(told, lambda: self._change_back(kind, key, before))

    def _new_back(self, kind: Kind, key: uuid.UUID) -> None:
        task = background.save(self, self._one_back.delete, kind.key, key, _NEW)
        task.then(lambda _: self.saved.emit(f"已撤销，{kind.title}没有登记")).fails(self.said.emit).at_once()

    def _change_back(self, kind: Kind, key: uuid.UUID, before: Before) -> None:
        task = background.save(self, self._one_back.change, kind.key, key, before.values, before.revision)
        task.then(lambda _: self.saved.emit(f"已撤销修改，{kind.title}和原来一样")).fails(self.said.emit).at_once()

    def _take_back(self, kind: Kind, made: Mapping[uuid.UUID, int]) -> None:
        task = background.save(self, work.delete_all, self._session, kind.key, made)
        task.then(lambda _: self.saved.emit(f"已撤销 {len(made)} 条{kind.title}")).fails(self.said.emit).at_once()

    def change_people(self, people: Mapping[uuid.UUID, str]) -> None:
        """Open the dialog in which one field of several people (key → name) is changed (批量修改)."""
        session = self._session

        def change(wanted: Change) -> Mapping[uuid.UUID, Any]:
            values = dict.fromkeys(people, wanted.value)
            return change_people(session, wanted.column.field, values, since=wanted.since, knowing=wanted.knowing)

        def back(made: Change, before: Mapping[uuid.UUID, Any]) -> object:
            return change_people(session, made.column.field, before, since=made.since)

        self._change(f"{len(people)} 人", kind_of("person"), people, change, back, "人")

    def change_records(self, kind: str, records: Mapping[uuid.UUID, str]) -> None:
        """Open the dialog in which one field of several records (key → what each is called) is changed."""
        session, known = self._session, kind_of(kind)

        def change(wanted: Change) -> Mapping[uuid.UUID, Any]:
            values = dict.fromkeys(records, wanted.value)
            return together.change_records(session, kind, wanted.column.field, values, knowing=wanted.knowing)

        def back(made: Change, before: Mapping[uuid.UUID, Any]) -> object:
            return together.change_records(session, kind, made.column.field, before)

        self._change(f"{len(records)} 条{known.title}", known, records, change, back, "条")

    def _change(
        self, what: str, kind: Kind, named: Mapping[uuid.UUID, str],
        change: Callable[[Change], Mapping[uuid.UUID, Any]],
        back: Callable[[Change, Mapping[uuid.UUID, Any]], object], unit: str,
    ) -> None:  # fmt: skip
        def taken_back(count: int) -> None:
            self.saved.emit(f"已撤销 {count} {unit}的修改")

        def undo(made: Change, before: Mapping[uuid.UUID, Any]) -> None:
            task = background.save(self, back, made, before)
            task.then(lambda _: taken_back(len(before))).fails(self.said.emit).at_once()

        def done(made: Change, before: Mapping[uuid.UUID, Any]) -> None:
            if not before:
                self.saved.emit("选中的本来就是这样，没有改动")
                return
            self.undo_offered.emit(f"已把 {len(before)} {unit}的{made.words}", lambda: undo(made, before))

        dialog = ChangeDialog(
            what, kind.changeable, list(named.values()), change, done, self._session.clock, self._window,
            of_people=kind.of_people,
        )  # fmt: skip
        self._show(dialog)

    def _open_of_release(
        self, kind: str, person_id: uuid.UUID, identifier: uuid.UUID | None, episode_id: uuid.UUID | None
    ) -> None:
        """Open the dialog of a release, or of a standing within one."""
        if kind == _EPISODE:
            release = background.latest(self, _OPENING, read_episode, self._session, person_id, identifier)
            release.then(lambda found: self._make(self._episode(found))).fails(self.said.emit).at_once()
        else:
            held = background.latest(self, _OPENING, read_standing, self._session, person_id, identifier, episode_id)
            held.then(lambda found: self._make(self._standing(found))).fails(self.said.emit).at_once()

    def open_person(
        self, identifier: uuid.UUID | None = None, *, arrival: bool = False, withheld: bool = False
    ) -> None:
        """Open the dialog of a person's own data: a known one, somebody new, or the arrival alone."""
        only = ARRIVAL if arrival else ()
        read = background.latest(self, _OPENING, read_person, self._session, identifier, withheld=withheld)
        read.then(lambda found: self._make(self._person(found, only)))
        read.fails(self.said.emit).at_once()

    def _make(self, steps: Iterator[QDialog | None]) -> None:
        """Make a dialog, over several turns of the event loop where it is a large one, and open it.

        Keys that are pressed meanwhile are for the dialog. Of two that were asked for only the later one opens.
        """
        self._making = making = object()
        self._keys.hold()

        def opened() -> Iterator[None]:
            heir: QWidget = self._window
            try:
                for made in steps:
                    yield  # opening is a step of its own
                    if self._making is not making:
                        if made is not None:
                            made.deleteLater()
                        return
                    if made is not None:
                        self._show(made)
                        heir = made
            finally:
                if self._making is making:
                    self._keys.give(heir)

        gradually(self, opened())

    def _assessment(self, found: AssessmentOpening, occasion: str) -> Iterator[QDialog | None]:
        dialog = AssessmentDialog(self._session, found, self._window, occasion)
        dialog.saved.connect(lambda _: self.saved.emit(f"已保存{kind_of('assessment').title}"))
        yield dialog

    def _record(self, found: Opening) -> Iterator[QDialog | None]:
        parts = parts_of_record(self._session, found)
        yield from parts.make()
        dialog = RecordDialog(self._session, found, self._window, parts)
        dialog.saved.connect(lambda key: self._saved_one(dialog, key))
        dialog.next_wanted.connect(lambda kept: self.open_record(found.kind.key, preset=kept))
        yield dialog

    def _person(self, found: PersonOpening, only: tuple[str, ...]) -> Iterator[QDialog | None]:
        parts = parts_of_person(self._session, found, only)
        yield from parts.make()
        dialog = PersonDialog(self._session, found, self._window, only, parts)
        dialog.saved.connect(self.person_saved)
        yield dialog

    def _episode(self, found: EpisodeOpening) -> Iterator[QDialog | None]:
        parts = parts_of_episode(self._session, found)
        yield from parts.make()
        dialog = EpisodeDialog(self._session, found, self._window, parts)
        dialog.saved.connect(self.person_saved)
        yield dialog

    def _standing(self, found: StandingOpening) -> Iterator[QDialog | None]:
        parts = parts_of_standing(self._session, found)
        yield from parts.make()
        dialog = StandingDialog(self._session, found, self._window, parts)
        dialog.saved.connect(lambda _: self.saved.emit("已保存履历"))
        yield dialog

    def _pick_for(self, kind: str, preset: Mapping[str, Any] | None) -> None:
        """Ask for the person first, then open."""
        dialog = PickDialog(self._session, f"{kind_of(kind).title}：先选择人员", self._window)
        dialog.picked.connect(lambda key: self.open_record(kind, person_id=key, preset=preset))
        self._show(dialog)

    def _show(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda _: self._forget(dialog))
        dialog.open()

    def _forget(self, dialog: QDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None

"""Filling an assessment: the items of a form, the sum and its band at once, checked key-person criteria beside it."""

import uuid
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QHBoxLayout,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bangjiao_desktop.domain.assessments import (
    AssessmentForm,
    answers_of,
    answers_text,
    assessment_form,
)
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import InvalidRecordError, KnownError
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit.fields import CodeField, DateField, FieldError, NoteField, TextField
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import button, field, label, row, save_keys, set_role
from bangjiao_desktop.ui.kit.question import UNSAVED, goes_on
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo
from bangjiao_desktop.ui.records.opening import AssessmentOpening


class AssessmentDialog(QDialog):
    """An assessment of a person.

    Args:
        session: the user's.
        opening: what it opens with (ui.records.opening.read_assessment).
        parent: the window.
        occasion: code of assessment_occasion a new one begins with.

    Signals:
        saved: key of the assessment.
    """

    saved = Signal(object)

    def __init__(
        self, session: Session, opening: AssessmentOpening, parent: QWidget | None, occasion: str = "02"
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("登记评估" if opening.known is None else "修改评估")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._session = session
        self._known = opening.known
        self._groups: dict[str, QButtonGroup] = {}
        self._begun: tuple[Any, ...] = ()
        person = opening.person
        self._person_id = person.id
        self._forms = opening.forms
        gone = "" if self._known is None else f"{self._known.form}（这张评估表已停用）"
        self.chooser = ValueCombo(((form.name, form.name) for form in self._forms), unknown=gone)
        self.day = DateField("评估日期", session.clock)
        self.occasion = CodeField(
            [(one.code, one.label) for one in code_table("assessment_occasion").entries], required=True
        )
        self.assessor = TextField()
        self.note = NoteField("评估中了解到的其他情况、下一步打算", 2)
        self.score = label("", "strong")
        self._source = label("", "muted")
        self._fault = label("", "error")
        self._fault.setWordWrap(True)
        self._items = QVBoxLayout()
        self.save_button = button("保存", "primary")
        self._build(f"{person.name}　{person.office_name}")
        self._load(person, occasion)

    @property
    def form(self) -> AssessmentForm | None:
        """The form being filled; None for an assessment whose form is no longer there."""
        return assessment_form(self.chooser.value(), self._forms)

    def choose(self, key: str, number: int) -> None:
        """Answer an item with its n-th option, 0-based."""
        self._groups[key].button(number).setChecked(True)
        self._show_score()

    def answers(self) -> dict[str, int]:
        """Return item key → number of the chosen option."""
        return {key: group.checkedId() for key, group in self._groups.items() if group.checkedId() >= 0}

    def save(self) -> None:
        """Save the filled form; what lacks is said."""
        form, answers = self.form, self.answers()
        if form is None or self.saving.under_way:
            return
        try:
            score = form.score(answers)
            values: dict[str, Any] = {
                "person_id": self._person_id, "assessed_on": self.day.value(), "form": form.name,
                "occasion": self.occasion.value(), "answers": answers_text(form, answers), "score": score,
                "band": form.band(score).label, "assessor": self.assessor.value(), "content": self.note.value(),
            }  # fmt: skip
        except (FieldError, KnownError) as error:
            self._fault.setText(error.message)
            return
        self._fault.setText("")
        known = self._known
        self.saving.write(
            self._saved, self._refused, work.save, self._session, "assessment", values,
            identifier=None if known is None else known.id, revision=None if known is None else known.revision,
        )  # fmt: skip

    def _saved(self, saved: uuid.UUID) -> None:
        self._begun = self._state()
        self.saved.emit(saved)
        self.accept()

    def _refused(self, error: KnownError) -> None:
        faults = error.faults.values() if isinstance(error, InvalidRecordError) else (error.message,)
        self._fault.setText("；".join(faults))

    def is_changed(self) -> bool:
        """Tell whether something chosen or typed is not saved."""
        return self._state() != self._begun and self.result() != QDialog.DialogCode.Accepted

    def reject(self) -> None:
        """Close without saving; ask only if something was chosen or typed. What is being saved is waited for."""
        if not self.saving.holds_open() and self._may_leave():
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """The window's own cross is as Esc."""
        if not self.saving.holds_open() and self._may_leave():
            event.accept()
        else:
            event.ignore()

    def _build(self, who: str) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label(self.windowTitle(), "title"))
        layout.addWidget(label(who, "muted"))
        layout.addLayout(
            row(
                field("评估表", self.chooser),
                field("时机", self.occasion),
                field("评估日期", self.day),
                field("评估人", self.assessor),
            )
        )
        inside = QWidget()
        inside.setLayout(self._items)
        self._items.setContentsMargins(0, 0, 2 * GRID, 0)
        self._items.setSpacing(GRID)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        layout.addWidget(area, 1)
        layout.addWidget(field("说明", self.note))
        self._source.setWordWrap(True)
        layout.addWidget(self._source)
        layout.addWidget(self._fault)
        cancel = button("取消")
        self.save_button.setDefault(True)
        layout.addLayout(row(self.score, None, cancel, self.save_button))
        self.save_button.clicked.connect(self.save)
        save_keys(self, self.save_button)
        cancel.clicked.connect(self.reject)
        self.chooser.activated.connect(lambda _: self._show_items({}))
        typed = (self.chooser, self.occasion, self.day, self.assessor, inside, self.note)
        self.saving = Saving(self, self.save_button, cancel, typed, self._fault.setText)
        fit(self, 860, 720)

    def _load(self, person: ListedPerson, occasion: str) -> None:
        known = self._known
        if known is None:
            self.day.set_value(self._session.today())
            self.occasion.set_value(occasion)
            self.assessor.set_value(self._session.user)
            self._show_items({})
            self._suggest(person)
        else:
            self.chooser.set_value(known.form)
            self.chooser.setEnabled(False)
            self.day.set_value(known.assessed_on)
            self.occasion.set_value(known.occasion)
            self.assessor.set_value(known.assessor)
            self.note.set_value(known.content)
            form = self.form
            self._show_items({} if form is None else answers_of(form, known.answers))
        self._begun = self._state()

    def _suggest(self, person: ListedPerson) -> None:
        """Answers the ledger already knows are chosen beforehand; they can be changed."""
        if self.form is None or self.form.key != "risk":
            return
        if person.recidivist or (person.prior_convictions or 0) >= 2:
            self.choose("prior", 2)
        elif person.prior_convictions == 1:
            self.choose("prior", 1)
        if person.drug_history:
            self.choose("addiction", 2)
        if person.mental_disorder:
            self.choose("health", 2)

    def _show_items(self, answers: dict[str, int]) -> None:
        while self._items.count():
            taken = self._items.takeAt(0)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self._groups.clear()
        form = self.form
        self.save_button.setEnabled(form is not None)
        if form is None:
            self._say_form_gone()
            return
        for number, item in enumerate(form.items, start=1):
            frame = QFrame()
            frame.setProperty("role", "card")
            inner = QVBoxLayout(frame)
            inner.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
            inner.setSpacing(GRID)
            inner.addWidget(label(f"{number}. {item.text}", "strong"))
            options = QHBoxLayout()
            options.setSpacing(4 * GRID)
            group = QButtonGroup(self)
            for place, option in enumerate(item.options):
                choice = QRadioButton(f"{option.label}（{option.points}分）")
                choice.setAccessibleName(f"{item.text}：{option.label}")
                choice.setChecked(answers.get(item.key) == place)
                group.addButton(choice, place)
                options.addWidget(choice)
            options.addStretch(1)
            group.idClicked.connect(lambda _: self._show_score())
            inner.addLayout(options)
            self._groups[item.key] = group
            self._items.addWidget(frame)
        self._items.addStretch(1)
        self._source.setText(f"表式出处：{form.source}（{form.version} 版）")
        self._show_score()

    def _say_form_gone(self) -> None:
        known = self._known
        self._items.addStretch(1)
        self._source.setText("这次评估所用的表式已不在程序里，只能查看结果，不能修改。")
        if known is not None:
            self.score.setText(f"总分 {known.score}　{known.band}")

    def _show_score(self) -> None:
        form, answers = self.form, self.answers()
        if form is None:
            return
        left = len(form.items) - len(answers)
        if left:
            self.score.setText(f"还有 {left} 题没有选")
            set_role(self.score, "tone", "")
            return
        score = form.score(answers)
        band = form.band(score)
        self.score.setText(f"总分 {score} / {form.highest}　{band.label}")
        set_role(self.score, "tone", band.tone)

    def _state(self) -> tuple[Any, ...]:
        return (
            self.chooser.currentIndex(),
            tuple(sorted(self.answers().items())),
            self.day.edit.text(),
            self.note.value(),
        )

    def _may_leave(self) -> bool:
        if not self.is_changed():
            return True
        if not goes_on(self, UNSAVED, "评估还没有保存。", "继续填写", "不保存"):
            return False
        self._begun = self._state()
        return True

"""The entry page of a form filled by hand (AB-1): a field for each cell, last period's values carried over, checks at once."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import KnownError, StaleError
from bangjiao_desktop.domain.form_filling import fill_form
from bangjiao_desktop.domain.forms import FilledForm
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.figures.typed_cells import Cell, save_cells
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import button, label, row, save_keys, set_role
from bangjiao_desktop.ui.kit.question import UNSAVED, goes_on
from bangjiao_desktop.ui.kit.saving import Saving
from bangjiao_desktop.ui.kit.theme import GRID


class EntryDialog(QDialog):
    """Types the values of a form.

    Args:
        session: the user's.
        form: as it is filled now.
        before: what was typed for the period before (`typed_cells.carried_over`).
        parent: the window.
    """

    saved = Signal()

    def __init__(
        self, session: Session, form: FilledForm, before: Mapping[Cell, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._form = session, form
        definition = form.definition
        self.setWindowTitle(f"填写 {definition.number}")
        self.fields: dict[Cell, QLineEdit] = {}
        self.failures = label("", "error")
        self.failures.setWordWrap(True)
        self._seen: dict[Cell, str] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * GRID)
        grid.setVerticalSpacing(2 * GRID)
        for place, column in enumerate(form.columns):
            head = label(column.header, "strong")
            head.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(head, 0, place + 2)
        for number, (line, cells) in enumerate(zip(definition.rows, form.cells, strict=True), start=1):
            if line.group:
                grid.addWidget(label(line.label, "strong"), number, 0, 1, len(form.columns) + 2)
                continue
            grid.addWidget(label("　" * line.indent + line.label), number, 0)
            grid.addWidget(label(line.unit, "muted"), number, 1)
            for place, cell in enumerate(cells):
                if cell.kind != "entry":
                    grid.addWidget(label(cell.text, "muted"), number, place + 2)
                    continue
                edit = QLineEdit(cell.text)
                self._seen[line.line, place] = cell.text
                edit.setAlignment(Qt.AlignmentFlag.AlignRight)
                edit.setFixedWidth(110)
                edit.setAccessibleName(f"{line.label}，{form.columns[place].header}")
                carried = before.get((line.line, place), "")
                edit.setPlaceholderText(f"上期 {carried}" if carried else "")
                edit.setToolTip(f"上期：{carried}" if carried else "上期没有填")
                edit.textEdited.connect(lambda _: self.check())
                self.fields[line.line, place] = edit
                grid.addWidget(edit, number, place + 2)
        inside = QWidget()
        inside.setLayout(grid)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.save_button = save = button("保存", "primary")
        self.cancel_button = close = button("取消")
        save.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label(definition.title, "title"))
        layout.addWidget(label(f"{form.organisation}　{form.period_label}　　没有改的，下一期自动带过去。", "muted"))
        layout.addWidget(area, 1)
        layout.addWidget(self.failures)
        layout.addLayout(row(None, close, save))
        save.clicked.connect(self.save)
        save_keys(self, save)
        close.clicked.connect(self.reject)
        self.saving = Saving(self, save, close, tuple(self.fields.values()), self._say_waiting)
        self._begun = self.values()
        fit(self, 840, 660)
        self.check()

    def values(self) -> dict[Cell, str]:
        """What is typed: (line, column from 0) → text."""
        return {place: edit.text().strip() for place, edit in self.fields.items()}

    def check(self) -> None:
        """Say which 审核关系 the typed values break."""
        definition = self._form.definition
        typed = {place: text.replace(",", "") for place, text in self.values().items()}
        found = fill_form(definition, self._form.organisation, self._form.period_label, {}, (), typed)
        self._say("\n".join(found.failures[:4]))

    def is_changed(self) -> bool:
        """Tell whether something typed is not saved."""
        return self.values() != self._begun

    def save(self) -> None:
        """Keep everything, or say what is wrong; another write is waited for with what is typed in its place."""
        self.saving.write(
            self._saved, self._refused, save_cells, self._session, self._form, self.values(), dict(self._seen),
        )  # fmt: skip

    def reject(self) -> None:
        """Close without saving, also by the cross; ask only if something was typed. What is being saved is waited for."""
        if self.saving.holds_open() or (self.is_changed() and not self._may_leave()):
            return
        super().reject()

    def _saved(self, _: None) -> None:
        self._begun = self.values()
        self.saved.emit()
        self.accept()

    def _refused(self, error: KnownError) -> None:
        if isinstance(error, StaleError):
            for place, text in error.current.items():  # told now: who saves again knows what stood there
                line, column = str(place).split(":")
                self._seen[int(line), int(column)] = str(text)
        self._say(error.message)

    def _say(self, text: str, tone: str = "overdue") -> None:
        set_role(self.failures, "tone", tone)
        self.failures.setText(text)

    def _say_waiting(self, text: str) -> None:
        if text:
            self._say(text, "soon")
        else:
            self.check()

    def _may_leave(self) -> bool:
        return goes_on(self, UNSAVED, "填写的内容还没有保存。", "继续填写", "不保存")

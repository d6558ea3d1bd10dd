"""批量修改: one column, one value, for everything that is selected."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtWidgets import QRadioButton, QStackedWidget, QWidget

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.domain.errors import InvalidRecordError, KnownError, RefusedLinesError
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.layout import Column, cell_text, column_of
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog
from bangjiao_desktop.ui.kit.fields import Field, FieldError, make_field
from bangjiao_desktop.ui.kit.parts import label
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

_TOLD = 3  # of so many it is said what is wrong


@dataclass(frozen=True)
class Change:
    """What is to be changed.

    Attributes:
        column: which.
        value: what it is to be.
        since: from which day, for what is kept by days of a person; None puts right what was wrong.
        knowing: whoever changes knows what is doubtful.
    """

    column: Column
    value: Any
    since: date | None = None
    knowing: bool = False

    @property
    def words(self) -> str:
        """The column and the value as they are read."""
        return f"{self.column.header}改为“{cell_text(self.column, self.value) or '（空）'}”"


class ChangeDialog(FaultDialog):
    """Asks which column is changed, and to what.

    Args:
        what: what is selected: 6 人, 3 条帮教记录.
        columns: those there are to choose from.
        names: what each of the selected is called, in order, for what is said of it.
        change: changes all, off the window's thread; returns key → the value before.
        done: told what was changed and what `change` returned.
        clock: for days.
        parent: the window.
        of_people: people are changed: some of what they have is kept by days.
    """

    def __init__(
        self,
        what: str,
        columns: Sequence[Column],
        names: Sequence[str],
        change: Callable[[Change], Mapping[uuid.UUID, Any]],
        done: Callable[[Change, Mapping[uuid.UUID, Any]], object],
        clock: Clock,
        parent: QWidget | None,
        *,
        of_people: bool = False,
    ) -> None:
        super().__init__(f"批量修改：{what}", parent)
        self._columns, self._names, self._change, self._done = tuple(columns), tuple(names), change, done
        self._clock, self._of_people = clock, of_people
        self._doubted: tuple[str, Any, Any] | None = None
        self.made: tuple[Change, Mapping[uuid.UUID, Any]] | None = None
        self.which = ValueCombo([(one.field, one.header) for one in columns])
        self.which.setMaxVisibleItems(16)
        self._stack = QStackedWidget()
        self.fields: dict[str, Field] = {}
        self.from_today = QRadioButton("从今天起是这样（以前的不变，统计照旧）")
        self.ever = QRadioButton("以前就录错了，一并更正")
        self.from_today.setChecked(True)
        for choice in (self.from_today, self.ever):  # the dialog does not jump from column to column
            policy = choice.sizePolicy()
            policy.setRetainSizeWhenHidden(of_people)
            choice.setSizePolicy(policy)
        self.ask("field", "改哪一栏", self.which)
        self.ask("value", "改成", self._stack)
        self.body.addWidget(self.from_today)
        self.body.addWidget(self.ever)
        hint = label("选中的全部改，或者一个也不改；改完可以撤销。", "muted")
        hint.setWordWrap(True)
        self.body.addWidget(hint)
        self.finish("修改")
        self.which.currentIndexChanged.connect(self._show)
        self.accepted.connect(self._tell)
        self.finished.connect(self.deleteLater)
        self._show()
        self.which.setFocus()

    def write(self) -> Callable[[], object]:
        column = self._columns[self.which.currentIndex()]
        try:
            value = self.fields[column.field].value()
        except FieldError as error:
            raise InvalidRecordError({"value": error.message}) from error
        if column.required and value in (None, ""):
            raise InvalidRecordError({"value": f"请填写{column.header}"})
        since = self._clock.today() if self._dated(column) and self.from_today.isChecked() else None
        wanted = Change(column, value, since, (column.field, value, since) == self._doubted)

        def work() -> None:
            self.made = wanted, self._change(wanted)

        self._wanted = wanted
        return work

    def _tell(self) -> None:
        if self.made is not None:
            self._done(*self.made)

    def _refused(self, error: KnownError) -> None:
        if not isinstance(error, RefusedLinesError):
            super()._refused(error)
            return
        told = error.faults or error.remarks
        lines = [f"{self._names[number]}：{'；'.join(one.values())}" for number, one in list(told.items())[:_TOLD]]
        more = f"\n……共 {len(told)} 个" if len(told) > _TOLD else ""
        begun = "都没有修改。" if error.faults else "有可疑的，还没有修改；再按一次“修改”就照改。"
        if not error.faults:
            self._doubted = (self._wanted.column.field, self._wanted.value, self._wanted.since)
        self.say("\n".join((begun, *lines)) + more)
        self._fit()

    def _dated(self, column: Column) -> bool:
        return self._of_people and column_of(column.field) in Person.OF_STANDING

    def _show(self) -> None:
        column = self._columns[self.which.currentIndex()]
        if column.field not in self.fields:
            made = self.fields[column.field] = make_field(column, clock=self._clock)
            (made.focusProxy() or made).setAccessibleName(column.header)
            made.changed.connect(self._typed)
            self._stack.addWidget(made)
        self._stack.setCurrentWidget(self.fields[column.field])
        for one in (self.from_today, self.ever):
            one.setVisible(self._dated(column))
        self._typed()

    def _typed(self) -> None:
        self._doubted = None
        self._mended("value")

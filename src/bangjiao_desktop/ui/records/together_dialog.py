"""一起登记: one piece of work for several people: what is the same is filled once, a line for each has its own words."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QHeaderView, QWidget

from bangjiao_desktop.domain.errors import InvalidInputError, KnownError, RefusedLinesError
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.layout import Kind
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import together
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.choice_delegate import ChoiceDelegate, TextDelegate
from bangjiao_desktop.ui.kit.edit_dialog import EditDialog, columns_but
from bangjiao_desktop.ui.kit.fields import NoteField, TextField
from bangjiao_desktop.ui.kit.fitting import fit
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.person_picker import PersonPicker
from bangjiao_desktop.ui.kit.record_form import FormParts, Section
from bangjiao_desktop.ui.kit.table_view import TableView
from bangjiao_desktop.ui.records.opening import Opening, read_record
from bangjiao_desktop.ui.records.record_dialog import choose_by_keys
from bangjiao_desktop.ui.records.together_model import Line, TogetherModel

_WIDTH, _HIGH, _LOWEST, _FOUND = 860, 700, 66, 96
_WIDTHS = (90, 110, 130)
_MANY = 2000  # people of one piece of work: what the program reads in one go


@dataclass(frozen=True)
class TogetherOpening:
    """What the dialog opens with.

    Attributes:
        opening: of a new record about nobody yet.
        people: whom it is for already, in the order they were chosen.
        left_out: how many of those chosen may not be seen.
    """

    opening: Opening
    people: tuple[ListedPerson, ...] = ()
    left_out: int = 0


def read_together(
    session: Session, kind: str, chosen: Sequence[uuid.UUID], preset: Mapping[str, Any] | None = None
) -> TogetherOpening:
    """Read what the dialog opens with.

    Args:
        session: the user's.
        kind: its name.
        chosen: whom it is for already.
        preset: fields it begins with.

    Raises:
        InvalidInputError: more people than can be worked on in one go.
        KnownError: something cannot be read.
    """
    keys = tuple(dict.fromkeys(chosen))
    if len(keys) > _MANY:
        raise InvalidInputError(f"一次最多为 {_MANY} 人一起登记，选中了 {len(keys)} 人。请先筛选。")
    opening = read_record(session, kind, preset=preset)
    if not keys:
        return TogetherOpening(opening)
    found = {one.id: one for one in people.page(session, LedgerFilter(people=keys), limit=_MANY).rows}
    known = tuple(found[key] for key in keys if key in found)
    return TogetherOpening(opening, known, len(keys) - len(known))


def parts_of_together(session: Session, opening: Opening) -> FormParts:
    """Return the fields of what is mostly the same for all.

    Not the office, which is each person's own, nor what is told of one person alone: what was noticed of him, and
    whatever the workbook has beside its fixed columns.
    """
    columns = [
        one for one in columns_but(opening.kind.asked)
        if one.required or one.type == "date" or not (one.extra or one.type in ("office", "flag"))
    ]  # fmt: skip
    return FormParts([Section("", tuple(columns))], opening.choices, session.clock)


class TogetherDialog(EditDialog):
    """One piece of work for several people; `saved` tells the keys and revisions of the records (dict).

    Args:
        session: the user's.
        found: what it opens with.
        parent: the window.
        parts: its form's, from `parts_of_together`; None makes them now.
    """

    def __init__(
        self, session: Session, found: TogetherOpening, parent: QWidget | None, parts: FormParts | None = None
    ) -> None:
        opening = found.opening
        self.kind: Kind = opening.kind
        super().__init__(f"一起登记{self.kind.title}", parts or parts_of_together(session, opening), parent)
        self._session = session
        self._lines: list[dict[str, Any]] = []
        self._begun = 0
        self.model = TogetherModel(self.kind.own)
        self.table = TableView()
        self.picker = PersonPicker(session)
        self._remove = button("移出选中的人", "link", "从这次登记中移出（Delete）")
        for name, texts in opening.suggestions.items():
            one = self.form.fields.get(name)
            if isinstance(one, TextField):
                one.suggest(texts)
        self._build()
        self._connect()
        self._begin(opening.record, found)

    def add(self, person_ids: Sequence[uuid.UUID]) -> None:
        """Add people, and put the cursor where the first of them is told of."""
        wanted = LedgerFilter(people=tuple(person_ids))
        task = background.latest(self, "people", people.page, self._session, wanted, limit=_MANY)
        task.then(lambda page: self._take(page.rows)).fails(self._say).at_once()

    def save(self) -> None:
        """Save a record for each, all or none."""
        if self.saving.under_way:
            return
        self.setFocus()  # what is being typed in a line is taken
        if not self.model.rows:
            self._say("请先选人：在下面输入姓名或首字母，回车加入。")
            self.picker.setFocus()
            return
        self._lines = [
            {**{name: given for name, given in line.values.items() if given}, "person_id": line.person_id,
             "office_id": line.office_id} for line in self.model.rows
        ]  # fmt: skip
        self.model.tell({}, {})
        super().save()

    def is_changed(self) -> bool:
        """Tell whether something typed, or somebody added, is not saved."""
        return super().is_changed() or len(self.model.rows) != self._begun or any(one.values for one in self.model.rows)

    def remove_selected(self) -> None:
        """Take the selected people out."""
        at = self.table.selected_rows()
        self.model.remove(at)
        if at and self.model.rows:
            self.table.selectRow(min(at[0], len(self.model.rows) - 1))

    def _build(self) -> None:
        self.table.setModel(self.model)
        self.table.setAccessibleName("为谁登记")
        self.table.setMinimumHeight(_LOWEST)  # a small screen at 150 % has room for a line, and for whom one looks up
        self.picker.list.setFixedHeight(_FOUND)
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )  # fmt: skip
        for column, width in enumerate(_WIDTHS[: self.model.columnCount()]):
            self.table.setColumnWidth(column, width)
        self._choosing, self._typing = ChoiceDelegate(self.table), TextDelegate(self.table)
        for number, one in enumerate(self.kind.own, start=2):
            self.table.setItemDelegateForColumn(number, self._choosing if one.type == "code" else self._typing)
        last = self.model.columnCount() - 1
        self.table.horizontalHeader().setSectionResizeMode(last, QHeaderView.ResizeMode.Stretch)
        self.picker.list.hide()
        self._who = label("", "strong")
        place = self._layout.indexOf(self.form) + 1
        self._layout.insertLayout(place, row(self._who, None, self._remove))
        self._layout.insertWidget(place + 1, self.table, 2)
        self._layout.setStretchFactor(self.form, 3)
        self._layout.insertWidget(place + 2, self.picker)
        choose_by_keys(self, self.form, self.kind, self._choose_in_line)
        for part in (self.table, self.picker, self._remove):
            self.saving.hold_too(part)

    def _connect(self) -> None:
        self.model.typed.connect(self._typed)
        self.picker.picked.connect(lambda key: self.add((key,)))
        self.picker.edit.textChanged.connect(lambda text: self.picker.list.setVisible(bool(text.strip())))
        self._remove.clicked.connect(self.remove_selected)
        self.table.delete_wanted.connect(self.remove_selected)
        self.table.opened.connect(self._edit)
        self._typing.closeEditor.connect(self._ended)

    def _begin(self, record: Record, found: TogetherOpening) -> None:
        self.load(record)
        self.model.add([_line(one) for one in found.people])
        self._begun = len(self.model.rows)
        self._typed()
        if found.left_out:
            self._say(f"选中的人里有 {found.left_out} 人不能登记（封存的档案，或已被删除），没有列出。", "soon")
        told = next((one for one in self.form.fields.values() if isinstance(one, NoteField)), None)
        if not self.model.rows:
            self.picker.setFocus()
        elif told is not None:
            told.setFocus()

    def _fit(self, more: int = 0) -> None:
        """Room for what is the same, and for some lines."""
        fit(self, _WIDTH, _HIGH)

    def _typed(self) -> None:
        count = len(self.model.rows)
        same = f"上面填的对每人都一样；某人{'、'.join(one.header for one in self.kind.own)}不同的，填在他那一行。"
        self.head.setText(same if self.kind.own else "上面填的对每人都一样。")
        self._who.setText(f"共 {count} 人" if count else "还没有选人")
        self._remove.setEnabled(count > 0)
        self._doubt(None)

    def _doubt(self, values: dict[str, Any] | None) -> None:
        super()._doubt(values)
        if values is None:
            count = len(self.model.rows)
            self.save_button.setText(f"登记 {count} 条" if count > 1 else "保存")

    def _take(self, found: Sequence[ListedPerson]) -> None:
        self.picker.edit.clear()
        at = self.model.add([_line(one) for one in found])
        if at < 0:
            self._say("这个人不能登记：可能是封存的档案。")
            return
        self._say("")
        if self.model.texts >= 0:
            self._edit(self.model.index(at, self.model.texts))
        else:
            self.table.selectRow(at)
            self.picker.setFocus()

    def _edit(self, index: QModelIndex) -> None:
        """Type or choose in a cell; from a name, what is told of that person."""
        column = index.column() if index.column() >= 2 else self.model.texts
        if column < 0:
            return
        cell = self.model.index(index.row(), column)
        self.table.setFocus()
        self.table.setCurrentIndex(cell)
        self.table.edit(cell)

    def _ended(self, _: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """After Enter: the next person's, or whoever comes next after the last."""
        if hint == QAbstractItemDelegate.EndEditHint.SubmitModelCache:
            QTimer.singleShot(0, self, self._next)

    def _next(self) -> None:
        at = self.table.currentIndex()
        if at.row() + 1 < len(self.model.rows):
            self._edit(self.model.index(at.row() + 1, at.column()))
        else:
            self.picker.setFocus()

    def _choose_in_line(self, name: str, code: str) -> bool:
        """Choose for the person whose line the cursor is in; False where it is in none."""
        fields = [one.field for one in self.kind.own]
        at = self.table.currentIndex().row()
        if at < 0 or name not in fields or not (self.table.hasFocus() or self._typing.editing):
            return False
        return self.model.setData(self.model.index(at, 2 + fields.index(name)), code)

    def _refused(self, values: dict[str, Any], error: KnownError) -> None:
        if not isinstance(error, RefusedLinesError):
            super()._refused(values, error)
            return
        told = error.faults or error.remarks
        everyone = _of_all(told, len(self.model.rows))
        above = {name: text for name, text in everyone.items() if name in self.form.fields}
        lines = {
            number: "；".join(text for name, text in one.items() if name not in above) for number, one in told.items()
        }
        lines = {number: text for number, text in lines.items() if text}
        if error.faults:
            self.form.show_faults(above)
            self.model.tell(lines, {})
        else:
            self.form.show_remarks(above)
            self.model.tell({}, lines)
            self._doubt(values)
        named = [f"{self.model.rows[number].name}：{text}" for number, text in list(lines.items())[:3]]
        more = f"等 {len(lines)} 人" if len(lines) > len(named) else ""
        if not named:  # the fields for all may lie out of sight on a small screen
            named = list(dict.fromkeys(above.values()))[:3]
        begun = "都没有保存。" if error.faults else "还没有保存。"
        self._say(f"{begun}{'；'.join(named)}{more}", "overdue" if error.faults else "soon")
        if lines and self.model.texts >= 0:
            self.table.setCurrentIndex(self.model.index(next(iter(lines)), self.model.texts))

    def _write(
        self, values: dict[str, Any], identifier: uuid.UUID | None, revision: int | None, *, knowing: bool
    ) -> object:
        lines = [{**values, **one} for one in self._lines]
        return together.save_all(self._session, self.kind.key, lines, knowing=knowing)


def _line(person: ListedPerson) -> Line:
    return Line(person.id, person.name, person.office_name, person.office_id)


def _of_all(told: Mapping[int, Mapping[str, str]], count: int) -> dict[str, str]:
    """What is said of each of the records in the same words, by field."""
    if len(told) < count:
        return {}
    first = next(iter(told.values()))
    return {name: text for name, text in first.items() if all(one.get(name) == text for one in told.values())}

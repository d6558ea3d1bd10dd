"""The people of one piece of work that is recorded for all of them: a line each, with what is another for each."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal

from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.layout import Column
from bangjiao_desktop.domain.text import tidy_lines
from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.choice_delegate import OPTIONS_ROLE
from bangjiao_desktop.ui.kit.list_model import ListModel

Index = QModelIndex | QPersistentModelIndex
_NAME, _OFFICE = "姓名", "责任单位"
_ABOVE = "同上"


@dataclass
class Line:
    """One person's.

    Attributes:
        person_id: whose.
        name, office_name: as they are shown.
        office_id: the record's.
        values: field → value of what was given for this person alone.
        fault, doubt: what was wrong, or doubtful, when it was saved last.
    """

    person_id: uuid.UUID
    name: str
    office_name: str
    office_id: uuid.UUID
    values: dict[str, Any] = field(default_factory=dict)
    fault: str = ""
    doubt: str = ""


class TogetherModel(ListModel[Line]):
    """Lines of people.

    Args:
        own: the columns that may be another for each (domain.layout.Kind.own).

    Signals:
        typed: something was given for somebody, or somebody came or went.
    """

    typed = Signal()

    def __init__(self, own: Sequence[Column]) -> None:
        super().__init__()
        self.own = tuple(own)
        self.headers = (_NAME, _OFFICE, *(one.header for one in own))

    @property
    def texts(self) -> int:
        """The column in which one types for each, -1 for none."""
        found = [number for number, one in enumerate(self.own, start=2) if one.type == "note"]
        return found[0] if found else -1

    def add(self, lines: Sequence[Line]) -> int:
        """Add people who are not there yet; return the row of the first that was meant, -1 for none."""
        if not lines:
            return -1
        known = {one.person_id: number for number, one in enumerate(self.rows)}
        new = [one for one in lines if one.person_id not in known]
        if new:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(new) - 1)
            known |= {one.person_id: len(self.rows) + number for number, one in enumerate(new)}
            self.rows += new
            self.endInsertRows()
            self.typed.emit()
        return known[lines[0].person_id]

    def remove(self, rows: Sequence[int]) -> None:
        """Take people out."""
        for row in sorted(rows, reverse=True):
            self.beginRemoveRows(QModelIndex(), row, row)
            del self.rows[row]
            self.endRemoveRows()
        if rows:
            self.typed.emit()

    def tell(self, faults: Mapping[int, str], doubts: Mapping[int, str]) -> None:
        """Say on their lines what is wrong or doubtful about some; nothing about the others."""
        for number, line in enumerate(self.rows):
            line.fault, line.doubt = faults.get(number, ""), doubts.get(number, "")
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.headers) - 1))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """What is another for each can be typed."""
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsEditable if index.column() >= 2 else found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts; what was not given for somebody is that of all."""
        line = self.rows[index.row()]
        column = self.own[index.column() - 2] if index.column() >= 2 else None
        value = None if column is None else line.values.get(column.field)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                if column is None:
                    return (line.name, line.office_name)[index.column()]
                shown = code_table(column.table).label(value) if column.type == "code" and value else value
                told = (line.fault or line.doubt) if index.column() == self.texts else ""
                return str(shown or "").replace("\n", " ") or told or _ABOVE
            case Qt.ItemDataRole.EditRole:
                return value if column is not None and column.type == "code" else value or ""
            case Qt.ItemDataRole.ToolTipRole:
                return (
                    line.fault
                    or line.doubt
                    or (str(value) if value and column is not None and column.type == "note" else None)
                )
            case Qt.ItemDataRole.ForegroundRole:
                unsaid = (
                    column is not None
                    and not value
                    and not (index.column() == self.texts and (line.fault or line.doubt))
                )
                if unsaid:
                    return theme.theme().colour("muted")
                return theme.theme().colour("overdue" if line.fault else "soon") if line.fault or line.doubt else None
            case Qt.ItemDataRole.FontRole:
                return self._font
            case _ if role == OPTIONS_ROLE and column is not None and column.type == "code":
                return ((None, _ABOVE), *((one.code, one.label) for one in code_table(column.table).entries))
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Take what was typed or chosen for somebody."""
        if role != Qt.ItemDataRole.EditRole or index.column() < 2:
            return False
        column, line = self.own[index.column() - 2], self.rows[index.row()]
        given = tidy_lines(str(value)) if column.type == "note" else value
        if given != (line.values.get(column.field) or ("" if column.type == "note" else None)):
            line.values = {**line.values, column.field: given}
            line.fault = line.doubt = ""
            self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), len(self.headers) - 1))
            self.typed.emit()
        return True

"""What is due as a table model: all in memory, since it is reckoned at once."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from bangjiao_desktop.domain.duties import OVERDUE, SOON, TODAY, Duty
from bangjiao_desktop.domain.duty_rest import BEFORE, NOT_APPLICABLE, PUT_OFF, RESTING
from bangjiao_desktop.ui.kit import theme
from bangjiao_desktop.ui.kit.list_model import ListModel

Index = QModelIndex | QPersistentModelIndex
STATE_LABELS = {
    OVERDUE: "已逾期", TODAY: "今天到期", SOON: "将到期", BEFORE: "建账前", PUT_OFF: "已推迟", NOT_APPLICABLE: "不适用",
}  # fmt: skip
_TONES = {OVERDUE: "overdue", TODAY: "overdue", SOON: "soon"} | dict.fromkeys(RESTING, "muted")
_ICONS = {OVERDUE: "alert-circle-outline", TODAY: "clock-alert-outline"}
_HEADERS = ("状态", "到期日", "事项", "姓名", "责任单位", "责任人")
WIDTHS = (122, 84, 218, 66, 84, 62)


class DutyModel(ListModel[Duty]):
    """Duties as they are shown."""

    HEADERS = _HEADERS

    def __init__(self) -> None:
        super().__init__()
        self._today = date.min
        self._strong = QFont(self._font)
        self._strong.setBold(True)

    def show(self, duties: Sequence[Duty], today: date) -> None:
        """Take other duties, and the day they were asked for."""
        self._today = today
        self.take(duties)

    def key(self, row: int) -> object:
        """Return what tells a duty from others, also after they were reckoned anew."""
        duty = self.rows[row]
        about = duty.subject
        return duty.rule.key, about.id, about.record_id, about.label, duty.due

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, states with icon, word and colour."""
        duty = self.rows[index.row()]
        column = index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(duty, column)
            case Qt.ItemDataRole.ToolTipRole:
                note = f"\n{duty.note}" if duty.note else ""
                whole = " ".join(filter(None, (self._text(duty, 3), self._text(duty, 2))))  # a cell may cut it short
                return f"{whole}\n{duty.rule.rule}\n出处：{duty.rule.source}{note}"
            case Qt.ItemDataRole.FontRole:
                return self._strong if column == 3 else self._font
            case Qt.ItemDataRole.ForegroundRole if column == 0:
                return theme.theme().colour(_TONES[duty.state])
            case Qt.ItemDataRole.DecorationRole if column == 0:
                return theme.icon(_ICONS.get(duty.state, "clock-outline"), _TONES[duty.state])
            case Qt.ItemDataRole.DecorationRole if column == 3 and duty.subject.sealed:
                return theme.icon("lock-outline", "sealed")
        return None

    def _text(self, duty: Duty, column: int) -> str:
        about = duty.subject
        office = duty.rule.subject == "office"
        match column:
            case 0:
                late = (self._today - duty.due).days
                return f"逾期 {late} 天" if duty.state == OVERDUE and late > 0 else STATE_LABELS[duty.state]
            case 1:
                return duty.due.isoformat()
            case 2:
                return f"{duty.title}：{duty.about}" if duty.about else duty.title
            case 3:
                return "" if office else about.name
            case 4:
                return about.office_name
            case _:
                return "" if office else about.caseworker

"""What held of a person's releases from which day on (履历): seen in one small table, and mended there."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit.parts import EmptyState, button, label
from bangjiao_desktop.ui.kit.rows_model import RowsModel
from bangjiao_desktop.ui.kit.table_view import TableView

_HEADERS = ("期次", "起始日期", "责任单位", "风险", "户籍类型", "责任人", "村（社区）")
_ROOM_FOR_WORDS = 260  # pixels
_WIDTHS = (64, 108, 130, 110, 90, 90, 120)


class StandingsPanel(QWidget):
    """The standings of one release, or of all, in the order of time.

    Args:
        session: the user's.

    Signals:
        edit_wanted: a standing that is to be put right.
        add_wanted: the key of the release a forgotten one is to be added to.
        remove_wanted: a standing that was recorded by mistake.
    """

    edit_wanted = Signal(object)
    add_wanted = Signal(object)
    remove_wanted = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.rows: list[Standing] = []
        self._episode_id: uuid.UUID | None = None
        self._may = session.may(Permission.EDIT_PEOPLE)
        self.model = RowsModel(_HEADERS)
        self.table = TableView()
        self.table.setModel(self.model)
        self.table.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.table.setAccessibleName("履历")
        self.table.set_empty_state(EmptyState("history", "没有履历", ""))
        for number, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(number, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.add = button("补录…", tip="补上漏记的一次变更（Insert）")
        self.edit = button("修改…", tip="修改选中的一条（Enter）")
        self.remove = button("删除", tip="删除选中的一条误录（Delete）；可以撤销")
        told = label("某日的值是起始日期不晚于该日的最后一条；在这里改动，统计的历史数随之改变。", "muted")
        told.setWordWrap(True)
        self._told_below = told
        self.table.setToolTip(told.text())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for one in (self.add, self.edit, self.remove):
            self._buttons.addWidget(one)
        self._buttons.addStretch(1)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.addWidget(self.table, 1)
        self._body.addWidget(told)
        self._body.addLayout(self._buttons)
        layout.addLayout(self._body, 1)
        self.table.act_on_rows(self.edit, self.remove)
        for one in (self.add, self.edit, self.remove):
            one.setVisible(self._may)
        self._connect()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """In a low window the rows have the whole height: the buttons stand beside them, the table tells the words."""
        super().resizeEvent(event)
        low, way = event.size().height() < _ROOM_FOR_WORDS, QBoxLayout.Direction
        self._told_below.setVisible(not low)
        self._body.setDirection(way.LeftToRight if low else way.TopToBottom)
        self._buttons.setDirection(way.TopToBottom if low else way.LeftToRight)

    def show_standings(
        self, episodes: Sequence[Episode], found: Sequence[Standing], offices: Mapping[uuid.UUID, str],
        episode_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        """Show what held of a release, or of all; the row the cursor was in keeps it.

        Args:
            episodes: the releases of the person, the first first.
            found: the standings of all of them.
            offices: key → name.
            episode_id: the release; None for all.
        """
        before = self.chosen()
        numbers = {one.id: one.number for one in episodes if episode_id in (None, one.id)}
        kept = [one for one in found if one.episode_id in numbers]
        kept.sort(key=lambda one: (numbers[one.episode_id] if one.episode_id else 0, one.from_date or date.min))
        self.rows = kept
        self._episode_id = episode_id or (episodes[-1].id if episodes else None)
        self.model.show([_told(one, numbers, offices) for one in kept])
        self.table.setColumnHidden(0, len(numbers) < 2)
        if before is not None:
            self.select(before.id)
        elif len(kept) == 1:
            self.table.selectRow(0)

    def select(self, identifier: uuid.UUID | None) -> None:
        """Put the cursor on a standing."""
        place = next((number for number, one in enumerate(self.rows) if one.id == identifier), None)
        if place is not None:
            self.table.selectRow(place)
            self.table.setCurrentIndex(self.model.index(place, 1))

    def chosen(self) -> Standing | None:
        """Return the standing the cursor is on."""
        numbers = self.table.selected_rows()
        return self.rows[numbers[0]] if numbers else None

    def _connect(self) -> None:
        self.table.opened.connect(lambda _: self._edit())
        self.table.delete_wanted.connect(self._remove)
        self.edit.clicked.connect(self._edit)
        self.remove.clicked.connect(self._remove)
        self.add.clicked.connect(self._add)
        shortcut = QShortcut(QKeySequence("Ins"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._add)

    def _add(self) -> None:
        if self._may and self._episode_id is not None:
            chosen = self.chosen()
            self.add_wanted.emit(self._episode_id if chosen is None else chosen.episode_id)

    def _edit(self) -> None:
        if self._may and (chosen := self.chosen()) is not None:
            self.edit_wanted.emit(chosen)

    def _remove(self) -> None:
        if self._may and (chosen := self.chosen()) is not None:
            self.remove_wanted.emit(chosen)


def _told(one: Standing, numbers: Mapping[uuid.UUID, int], offices: Mapping[uuid.UUID, str]) -> tuple[str, ...]:
    number = numbers.get(one.episode_id) if one.episode_id is not None else None
    day = "待释放" if one.from_date is None or one.from_date == date.min else one.from_date.isoformat()
    office = "" if one.office_id is None else offices.get(one.office_id, "")
    words = (one.word(name) for name in ("risk", "residence_type", "caseworker", "village"))
    return (f"第{number}期", day, office, *words)

"""Choosing a person by name, initials or number: a line to type in and what is found below it."""

import uuid

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from bangjiao_desktop.domain.kinds.person import STATUS_LABELS, PersonLine
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.text import mask_identity_number
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import people
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.theme import GRID

_SHOWN = 8


class PersonPicker(QWidget):
    """A line that finds people.

    Args:
        session: the user's.

    Signals:
        picked: the person's key.
    """

    picked = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("姓名、拼音首字母或身份证号，回车选中")
        self.edit.setAccessibleName("选择人员")
        self.edit.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("找到的人")
        self.list.setFixedHeight(124)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.edit)
        layout.addWidget(self.list)
        self.setFocusProxy(self.edit)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(90)
        self._typing.timeout.connect(self.find_now)
        self._entered = False
        self.edit.textChanged.connect(lambda _: self._typing.start())
        self.edit.installEventFilter(self)
        self.list.installEventFilter(self)
        self.list.itemClicked.connect(self._pick)

    def find_now(self) -> None:
        """Show who is found now."""
        self._typing.stop()
        text = self.edit.text().strip()
        if not text:
            background.drop(self, "found")
            self.list.clear()
            return
        found = background.latest(self, "found", people.page, self._session, LedgerFilter(text=text), limit=_SHOWN)
        found.then(lambda page: self._show(page.rows)).fails(self._say).at_once()

    def _show(self, rows: list[PersonLine]) -> None:
        self.list.clear()
        for person in rows:
            self._add(person)
        if rows:
            self.list.setCurrentRow(0)
        else:
            self._say("没有找到")
        if self._entered:
            self._enter()

    def _say(self, text: str) -> None:
        self._entered = False
        self.list.clear()
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def _enter(self) -> None:
        """Take the marked one; Enter that comes before the answer takes the first of those found."""
        if self._typing.isActive():
            self._entered = True
            self.find_now()
            return
        self._entered = False
        item = self.list.currentItem()
        if item is not None:
            self._pick(item)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Enter takes the marked one; up and down move in the list while the cursor stays in the line."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # never the dialog's own button
                self._enter()
                return True
            if watched is self.edit and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
                return True
        return super().eventFilter(watched, event)

    def _add(self, person: PersonLine) -> None:
        number = mask_identity_number(person.identity_number)
        status = STATUS_LABELS[person.status]
        item = QListWidgetItem(f"{person.name}　{number}　{status}　{person.office_name}")
        item.setData(Qt.ItemDataRole.UserRole, person.id)
        self.list.addItem(item)

    def _pick(self, item: QListWidgetItem) -> None:
        key = item.data(Qt.ItemDataRole.UserRole)
        if isinstance(key, uuid.UUID):
            self.picked.emit(key)


class PickDialog(QDialog):
    """Asks for a person before anything else can be asked.

    Args:
        session: the user's.
        title: what the person is wanted for.
        parent: the window.

    Signals:
        picked: the person's key; the dialog is closed.
    """

    picked = Signal(object)

    def __init__(self, session: Session, title: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("选择人员")
        self.setMinimumWidth(560)
        self.picker = PersonPicker(session)
        cancel = button("取消")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.addWidget(label(title, "title"))
        layout.addWidget(self.picker)
        layout.addLayout(row(None, cancel))
        cancel.clicked.connect(self.reject)
        self.picker.picked.connect(self._take)
        self.picker.setFocus()

    def _take(self, person_id: uuid.UUID) -> None:
        self.accept()
        self.picked.emit(person_id)

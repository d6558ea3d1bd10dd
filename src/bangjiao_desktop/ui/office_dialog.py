"""司法所资料: telephone and address of each office, as they stand on its contact cards."""

from PySide6.QtWidgets import QDialog, QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.services import people
from bangjiao_desktop.services.session import Session
from bangjiao_desktop.ui.parts import button, label, row
from bangjiao_desktop.ui.theme import GRID


class OfficeDialog(QDialog):
    """Telephone and address of the offices.

    Args:
        session: the user's.
        parent: the main window.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("司法所资料")
        self.setMinimumSize(760, 360)
        self.fields: list[tuple[OfficeInfo, QLineEdit, QLineEdit]] = []
        self._error = label("", "error")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addWidget(label("司法所资料", "title"))
        layout.addWidget(label("这里的电话和地址印在联系卡上，并写进卡上的二维码。", "muted"))
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2 * GRID)
        for column, text in enumerate(("司法所", "电话", "地址")):
            grid.addWidget(label(text, "field"), 0, column)
        for number, office in enumerate(session.offices(), start=1):
            telephone, address = QLineEdit(office.telephone), QLineEdit(office.address)
            telephone.setMaxLength(40)
            address.setMaxLength(200)
            telephone.setAccessibleName(f"{office.name}电话")
            address.setAccessibleName(f"{office.name}地址")
            grid.addWidget(label(office.name), number, 0)
            grid.addWidget(telephone, number, 1)
            grid.addWidget(address, number, 2)
            self.fields.append((office, telephone, address))
        grid.setColumnStretch(2, 1)
        grid.setColumnMinimumWidth(1, 170)
        grid.setRowStretch(len(self.fields) + 1, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        layout.addWidget(area, 1)
        save, cancel = button("保存", "primary"), button("取消")
        save.setDefault(True)
        layout.addLayout(row(self._error, None, cancel, save))
        save.clicked.connect(self.save)
        cancel.clicked.connect(self.reject)

    def save(self) -> None:
        """Keep what was changed."""
        try:
            for office, telephone, address in self.fields:
                if (telephone.text(), address.text()) != (office.telephone, office.address):
                    people.save_office(self._session, office, telephone.text(), address.text())
        except KnownError as error:
            self._error.setText(error.message)
            return
        self.accept()

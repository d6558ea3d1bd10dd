"""A small dialog of a few fields whose faults stand below them."""

from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from bangjiao_desktop.domain.errors import InvalidRecordError, KnownError
from bangjiao_desktop.ui.parts import button, field, label, row
from bangjiao_desktop.ui.theme import GRID


class FaultDialog(QDialog):
    """Fields, what is wrong with each, save and cancel; subclasses say what is written.

    Args:
        title: what the dialog is about.
        parent: the window.
    """

    def __init__(self, title: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(480)
        self.faults: dict[str, QLabel] = {}
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        self.body.setSpacing(2 * GRID)
        self.body.addWidget(label(title, "title"))
        self._other = label("", "error")
        self._other.setWordWrap(True)
        self._other.hide()

    def ask(self, name: str, caption: str, widget: QWidget) -> None:
        """Add a field; `name` is the key of its fault in InvalidRecordError."""
        self.body.addWidget(field(caption, widget))
        fault = label("", "error")
        fault.setWordWrap(True)
        fault.hide()
        self.faults[name] = fault
        self.body.addWidget(fault)

    def finish(self, text: str = "保存") -> None:
        """Add the line for other faults and the buttons."""
        save, cancel = button(text, "primary"), button("取消")
        save.setDefault(True)
        self.body.addWidget(self._other)
        self.body.addLayout(row(None, cancel, save))
        save.clicked.connect(self.save)
        cancel.clicked.connect(self.reject)

    def save(self) -> None:
        """Try to save; say what is wrong."""
        for fault in self.faults.values():
            fault.hide()
        self.say("")
        try:
            self.write()
        except InvalidRecordError as error:
            for name, reason in error.faults.items():
                if name in self.faults:
                    self.faults[name].setText(reason)
                    self.faults[name].show()
                else:
                    self.say(reason)
            return
        except KnownError as error:
            self.say(error.message)
            return
        self.accept()

    def say(self, text: str) -> None:
        """Say a fault that belongs to no field."""
        self._other.setText(text)
        self._other.setVisible(bool(text))

    def write(self) -> None:
        """Save; raises KnownError."""
        raise NotImplementedError

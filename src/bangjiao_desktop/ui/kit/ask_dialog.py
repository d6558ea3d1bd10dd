"""Asks for one short text, with texts used before to choose from."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QComboBox, QWidget

from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.ui.kit.fault_dialog import FaultDialog


class AskDialog(FaultDialog):
    """One line; shown with open(), so that it waits as it is while the program is locked.

    Args:
        title: what the text is for.
        caption: above the line.
        take: called with the text.
        parent: the window.
        known: texts to choose from.
        may_be_empty: whether nothing is an answer too.
        above: what is told above the line.
        go: caption of the button that takes the text.
        refuse: says why a text cannot be taken; "" where it can.
    """

    def __init__(
        self,
        title: str,
        caption: str,
        take: Callable[[str], object],
        parent: QWidget | None,
        known: Sequence[str] = (),
        *,
        may_be_empty: bool = False,
        above: Sequence[QWidget] = (),
        go: str = "确定",
        refuse: Callable[[str], str] = lambda _: "",
    ) -> None:
        super().__init__(title, parent)
        self._caption, self._take, self._may_be_empty, self._refuse = caption, take, may_be_empty, refuse
        self.box = QComboBox()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.addItems(list(known))
        self.box.setEditText("")
        line = self.box.lineEdit()
        assert line is not None
        self.line = line
        self.line.setMaxLength(60)
        self.line.setPlaceholderText("输入，或从右边的箭头中选" if known else "")
        for one in above:
            self.body.addWidget(one)
        self.ask("text", caption, self.box)
        self.finish(go)
        self.accepted.connect(lambda: self._take(self.line.text().strip()))
        self.finished.connect(self.deleteLater)
        self.box.setFocus()

    def write(self) -> None:
        if not self.line.text().strip() and not self._may_be_empty:
            raise InvalidRecordError({"text": f"请填写{self._caption}"})
        if fault := self._refuse(self.line.text().strip()):
            raise InvalidRecordError({"text": fault})

"""For whom something is printed: people chosen elsewhere, or everybody a filter lets through."""

import uuid
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from bangjiao_desktop.domain.audience import Audience, Chosen, Filtered, filter_of_values, filter_values
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS
from bangjiao_desktop.domain.ledger import APART_LABELS, LedgerFilter, OfficeInfo
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.papers import audiences
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import field, label
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

_TYPING_MILLISECONDS = 200


class PrintPeople(QWidget):
    """Chooses people.

    Args:
        session: the user's.

    Signals:
        changed: others are meant.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.chosen: tuple[uuid.UUID, ...] = ()
        self.by_choice = QRadioButton("选中的人")
        self.by_filter = QRadioButton("按条件")
        group = QButtonGroup(self)
        group.addButton(self.by_choice)
        group.addButton(self.by_filter)
        self.by_filter.setChecked(True)
        self.by_choice.hide()
        self.text = QLineEdit()
        self.text.setPlaceholderText("姓名、拼音首字母、证号、地址；空为全部")
        self.office = _box([(None, "全部司法所")])
        self.status = _box([(None, "全部状态"), *STATUS_LABELS.items()])
        self.status.choose("registered")
        self.risk = _box([(None, "重点和一般"), *_codes("risk")])
        self.residence = _box([(None, "本地和外地"), *_codes("residence_type")])
        self.apart = _box([(None, "不论拒绝、失联"), *APART_LABELS.items()])
        self.without_card = QCheckBox("只要还没有发过联系卡的")
        self.again = QCheckBox("只要再次释放的（多期）")
        self.count = label("", "strong")
        self.count.setWordWrap(True)
        self.count.setAccessibleName("为谁打印")
        self._meant = self.audience()
        self._filter = QWidget()
        inside = QVBoxLayout(self._filter)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(GRID)
        for widget, name in (
            (self.text, "查人"), (self.office, "司法所"), (self.status, "状态"), (self.risk, "风险"), (self.residence, "户籍"),
            (self.apart, "拒绝和失联"),
        ):  # fmt: skip
            widget.setAccessibleName(name)
            inside.addWidget(widget)
        inside.addWidget(self.without_card)
        inside.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(field("为谁打印", self.by_choice))
        layout.addWidget(self.by_filter)
        layout.addWidget(self._filter)
        layout.addWidget(self.count)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_TYPING_MILLISECONDS)
        self._later.timeout.connect(self.load)
        self.text.textChanged.connect(lambda _: self._later.start())
        for box in (self.office, self.status, self.risk, self.residence, self.apart):
            box.currentIndexChanged.connect(lambda _: self.load())
        self.without_card.toggled.connect(lambda _: self.load())
        self.again.toggled.connect(lambda _: self.load())
        self.by_filter.toggled.connect(lambda _: self.load())
        self.refresh_offices()

    def refresh_offices(self) -> None:
        """Offer the offices of now, once they are read."""
        background.latest(self, "offices", self._session.offices).then(self._offer_offices).at_once()

    def _offer_offices(self, offices: list[OfficeInfo]) -> None:
        chosen, quiet = self.office.value(), self.office.blockSignals(True)
        self.office.set_options([(None, "全部司法所"), *((one.id.hex, one.name) for one in offices)])
        there = self.office.choose(chosen)
        self.office.blockSignals(quiet)
        if not there:
            self.load()  # the one that was chosen is no more

    def choose(self, audience: Audience) -> None:
        """Mean these people, or whom this filter lets through."""
        if isinstance(audience, Chosen):
            self.chosen = audience.people
            self.by_choice.show()
            self.by_choice.setChecked(True)  # nobody chosen stays nobody
        elif isinstance(audience, Filtered):
            self._show_filter(audience.wanted)
        self.load()

    def audience(self) -> Audience:
        """For whom it is as things are chosen now."""
        return Chosen(self.chosen) if self.by_choice.isChecked() else Filtered(filter_of_values(self.filter()))

    def filter(self) -> dict[str, Any]:
        """The filter as JSON values."""
        return {
            "text": self.text.text().strip(), "office": self.office.currentData(), "status": self.status.currentData(),
            "risk": self.risk.currentData(), "residence_type": self.residence.currentData(), "without_card": self.without_card.isChecked(),
            "apart": self.apart.currentData(), "again": self.again.isChecked(),
        }  # fmt: skip

    def _show_filter(self, wanted: LedgerFilter) -> None:
        self.chosen = ()
        self.by_choice.hide()
        self.by_filter.setChecked(True)
        known = filter_values(wanted)
        self.text.setText(known["text"])
        for box, name in ((self.office, "office"), (self.status, "status"), (self.risk, "risk"),
                          (self.residence, "residence_type"), (self.apart, "apart")):  # fmt: skip
            box.set_value(known[name])
        self.without_card.setChecked(known["without_card"])
        self.again.setChecked(known["again"])

    def load(self) -> None:
        """Say anew for whom it is; names and numbers are read off the UI thread."""
        self._filter.setVisible(self.by_filter.isChecked())
        wanted = self.audience()
        if wanted != self._meant:
            self._meant = wanted
            self.count.setText("")
            self.changed.emit()
        asked = background.latest(self, "whom", audiences.whom, self._session, wanted)
        asked.then(self.count.setText).fails(self.count.setText)


def _box(choices: list[tuple[Any, str]]) -> ValueCombo:
    box = ValueCombo(choices)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(10)
    return box


def _codes(table: str) -> list[tuple[str, str]]:
    known = code_table(table)
    return [(code, known.label(code)) for code in known.codes]

"""Which period and whose figures are shown: year, part of it, office."""

import uuid
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period, parse_period
from bangjiao_desktop.ui.kit.parts import field, offer
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.kit.value_combo import ValueCombo

_PARTS = (
    ("第一季度", "Q1"), ("第二季度", "Q2"), ("第三季度", "Q3"), ("第四季度", "Q4"), ("上半年", "H1"), ("下半年", "H2"),
    ("全年", ""), *((f"{month}月", f"M{month:02d}") for month in range(1, 13)),
)  # fmt: skip


class ReportScope(QObject):
    """The fields of period and office.

    Signals:
        changed: another period or office was chosen.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.year = QSpinBox()
        self.part = ValueCombo()
        self.office = QComboBox()
        self._offices: dict[uuid.UUID, OfficeInfo] = {}
        self.year.setRange(1990, 2100)
        self.year.setSuffix(" 年")
        for text, key in _PARTS:
            self.part.addItem(text, key)
        for widget, width in ((self.year, 96), (self.part, 110), (self.office, 160)):
            widget.setMinimumWidth(width)
            widget.setFixedHeight(8 * GRID)
        self.offer_offices(())
        self.year.valueChanged.connect(lambda _: self.changed.emit())
        self.part.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.office.currentIndexChanged.connect(lambda _: self.changed.emit())

    def fields(self) -> tuple[QWidget, ...]:
        """Return the fields with their captions, in order."""
        return field("年份", self.year), field("统计期", self.part), field("填报单位", self.office)

    @property
    def period(self) -> Period:
        """The period chosen."""
        return parse_period(f"{self.year.value()}{self.part.currentData()}")

    def choose(self, period: Period) -> None:
        """Choose a period."""
        self.year.setValue(period.first.year)
        self.part.choose(period.key[4:])

    def choose_office(self, identifier: uuid.UUID | None) -> bool:
        """Choose an office by its key, None for all together; False where it was not offered yet."""
        for place in range(self.office.count()):
            if _key(self.office.itemData(place)) == identifier:
                self.office.setCurrentIndex(place)
                return True
        return False

    @property
    def chosen_office(self) -> OfficeInfo | None:
        """The office chosen, None for all together."""
        chosen: OfficeInfo | None = self.office.currentData()
        return chosen

    @property
    def key(self) -> object:
        """What tells one choice from another."""
        return self.period, _key(self.chosen_office)

    def known_office(self, identifier: uuid.UUID | None) -> OfficeInfo | None:
        """Return one of the offices that were offered last, None for all together or one that is not known."""
        return None if identifier is None else self._offices.get(identifier)

    def offer_offices(self, offices: Sequence[OfficeInfo]) -> None:
        """Offer these offices; what is chosen stays while it is among them."""
        self._offices = {one.id: one for one in offices}
        offer(self.office, (("全部司法所", None), *((one.name, one) for one in offices)), _key)


def _key(office: OfficeInfo | None) -> object:
    return None if office is None else office.id

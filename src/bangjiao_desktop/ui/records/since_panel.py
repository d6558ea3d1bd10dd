"""The question what kind of change it is: something became so on a day, or it was recorded wrongly from the first."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QFrame, QGridLayout, QRadioButton, QVBoxLayout

from bangjiao_desktop.domain.clock import Clock
from bangjiao_desktop.ui.kit.fields import DateField, FieldError
from bangjiao_desktop.ui.kit.parts import label
from bangjiao_desktop.ui.kit.theme import GRID

_CAPTION = "起始日期"


class SincePanel(QFrame):
    """Two ways to choose from, each with what it means for figures; hidden while nothing was changed that is counted.

    Args:
        clock: whose today it begins with.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._asked = False
        self._answered = False
        self._told = label("", "strong")
        self._told.setWordWrap(True)
        self.became = QRadioButton("从何日起变了：")
        self.wrong = QRadioButton("更正（原来就录错了）")
        self.day = DateField(_CAPTION, clock)
        self.day.set_value(clock.today())
        self.day.edit.setAccessibleName("从何日起")
        self.fault = label("", "error")
        self.fault.setWordWrap(True)
        self.fault.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * GRID)
        grid.setVerticalSpacing(GRID)
        grid.addWidget(self.became, 0, 0)
        grid.addWidget(self.day, 0, 1)
        grid.addWidget(label("这一天以前的历史数不变", "muted"), 0, 2)
        grid.addWidget(self.fault, 1, 1, 1, 2)
        grid.addWidget(self.wrong, 2, 0)
        grid.addWidget(label("历史数随之更正；已报出的期次会列出差异", "muted"), 2, 1, 1, 2)
        grid.setColumnStretch(2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self._told)
        layout.addLayout(grid)
        self.day.changed.connect(self._day_given)
        for one in (self.became, self.wrong):
            one.clicked.connect(self._choose)
        self.hide()

    def ask(self, changed: Sequence[str], *, filled_in: bool) -> bool:
        """Ask about some fields; nothing is asked about none.

        Args:
            changed: what they are called.
            filled_in: they were all empty before: what was not known is not something that became so.

        Returns:
            Whether it came or went.
        """
        was, self._asked = self._asked, bool(changed)
        self._told.setText(f"改了{'、'.join(changed)}，是哪一种？")
        if not self._answered:
            (self.wrong if filled_in else self.became).setChecked(True)
        self.setVisible(self._asked)
        return was != self._asked

    def since(self) -> date | None:
        """Return the day it became so; None where it was recorded wrongly, or nothing is asked.

        Raises:
            FieldError: no day was given, or none that can be read; it is said beside it, too.
        """
        self.say("")
        if not self._asked or self.wrong.isChecked():
            return None
        try:
            day = self.day.value()
            if day is None:
                raise FieldError("请填写从何日起")
        except FieldError as error:
            self.say(error.message)
            raise
        assert isinstance(day, date)
        return day

    def say(self, text: str) -> None:
        """Say what is wrong with the day, beside it."""
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
        self.day.mark(invalid=bool(text))
        if text:
            self.day.edit.setFocus()

    def _choose(self) -> None:
        self._answered = True
        self.say("")

    def _day_given(self) -> None:
        """Who gives a day means that it became so."""
        self.became.setChecked(True)
        self._choose()

"""The releases of a person (帮教期次) as a row of chips: all of them, or one whose story is shown."""

import uuid
from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.ui.kit.parts import button
from bangjiao_desktop.ui.kit.wrap_row import WrapRow

ALL = "全部"


class EpisodeChips(QWidget):
    """One chip for each release, and one for all; a person with one release has none.

    Args:
        may_edit: whether the user may put a past release right.

    Signals:
        chosen: another release, or all, is shown: its key, None for all.
        edit_wanted: the key of a past release that is to be put right.
    """

    chosen = Signal(object)
    edit_wanted = Signal(object)

    def __init__(self, *, may_edit: bool) -> None:
        super().__init__()
        self.episode_id: uuid.UUID | None = None
        self._may_edit = may_edit
        self._episodes: Sequence[Episode] = ()
        self._whole = QHBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._row: QWidget | None = None
        self._group = QButtonGroup(self)
        self.edit = button("", "link", "更正这一期的释放、刑罚、衔接等资料")
        self.edit.clicked.connect(lambda: self.edit_wanted.emit(self.episode_id))
        self.hide()

    def show_episodes(self, episodes: Sequence[Episode], today: date, *, anew: bool) -> None:
        """Show the releases of a person.

        Args:
            episodes: the first first.
            today: tells how each stands.
            anew: of somebody else: all of theirs are shown.
        """
        had = self._row is not None and self._row.isAncestorOf(self.window().focusWidget() or self)
        if anew or all(one.id != self.episode_id for one in episodes):
            self.episode_id = None
        self._episodes = episodes
        self._make(episodes, today)
        self.setVisible(len(episodes) > 1)
        if had:
            self.take_focus()

    def take_focus(self) -> None:
        """Put the cursor on the chip of what is shown."""
        chip = self._group.checkedButton()
        if chip is not None:
            chip.setFocus()

    def chips(self) -> list[QPushButton]:
        """Return the chips as they lie."""
        return [one for one in self._group.buttons() if isinstance(one, QPushButton)]

    def _make(self, episodes: Sequence[Episode], today: date) -> None:
        """Make the chips anew; those before go with their row."""
        self.edit.setParent(self)
        if self._row is not None:
            self._whole.removeWidget(self._row)
            self._row.hide()
            self._row.deleteLater()
        self._group.deleteLater()
        self._group = QButtonGroup(self)
        chips = [self._chip(ALL, None), *(self._chip(one.called(today), one.id) for one in episodes)]
        self._row = QWidget()
        self._row.setAccessibleName("帮教期次")
        self._row.setLayout(WrapRow(*chips, self.edit))
        self._whole.addWidget(self._row)
        self._offer_edit()

    def _chip(self, text: str, key: uuid.UUID | None) -> QPushButton:
        chip = button(text, "choice", "看这一期的经历、资料和履历" if key else "看各期的全部经历")
        chip.setCheckable(True)
        chip.setChecked(key == self.episode_id)
        self._group.addButton(chip)
        chip.clicked.connect(lambda: self._choose(key))
        return chip

    def _choose(self, key: uuid.UUID | None) -> None:
        if key == self.episode_id:
            return
        self.episode_id = key
        self._offer_edit()
        self.chosen.emit(key)

    def _offer_edit(self) -> None:
        """A past release is put right here; the latest with the person's own data."""
        past = next((one for one in self._episodes[:-1] if one.id == self.episode_id), None)
        if past is not None:
            self.edit.setText(f"更正第{past.number}期资料…")
        self.edit.setVisible(self._may_edit and past is not None)

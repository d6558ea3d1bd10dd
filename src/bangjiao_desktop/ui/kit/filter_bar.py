"""Filters of a list: a menu for each, what is chosen as chips that can be taken away."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QWidget

from bangjiao_desktop.ui.kit.parts import button, tool
from bangjiao_desktop.ui.kit.wrap_row import WrapRow


@dataclass(frozen=True)
class FilterChoice:
    """A filter: its name, caption, and (value, label) pairs to choose from."""

    name: str
    caption: str
    choices: tuple[tuple[Any, str], ...]


class FilterBar(QWidget):
    """Menus and chips.

    Args:
        filters: in the order shown.

    Signals:
        changed: after a choice; `values` tells what is chosen.
        removed: the key of a chip of `show_more` that was taken away.
    """

    changed = Signal()
    removed = Signal(str)

    def __init__(self, filters: tuple[FilterChoice, ...]) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._filters = filters
        self._groups: dict[str, QActionGroup] = {}
        self._menus: dict[str, QMenu] = {}
        self._chips: dict[str, QPushButton] = {}
        self._more: dict[str, QPushButton] = {}
        shown: list[QWidget] = [self._menu_button(one) for one in filters]
        for one in filters:
            chip = button("", "chip", "去掉这个条件")
            chip.clicked.connect(lambda _=False, name=one.name: self.choose(name, None))
            chip.hide()
            self._chips[one.name] = chip
            shown.append(chip)
        self.setLayout(WrapRow(*shown))

    def choose(self, name: str, value: Any) -> None:
        """Set a filter; None takes it away."""
        chosen = next(one for one in self._filters if one.name == name)
        text = next((text for key, text in chosen.choices if key == value), "")
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value
        for action in self._groups[name].actions():
            action.setChecked(action.data() == value)
        self._chips[name].setText(f"{chosen.caption}：{text}  ✕")
        self._chips[name].setAccessibleName(f"去掉条件 {chosen.caption}：{text}")
        self._chips[name].setVisible(value is not None)
        self.changed.emit()

    def show_more(self, chips: Mapping[str, str]) -> None:
        """Show chips of conditions that were chosen elsewhere: key → what is asked."""
        layout = self.layout()
        assert isinstance(layout, WrapRow)
        for key in [one for one in self._more if one not in chips]:
            gone = self._more.pop(key)
            layout.removeWidget(gone)
            gone.deleteLater()
        for key, text in chips.items():
            if key not in self._more:
                made = self._more[key] = button("", "chip", "去掉这个条件")
                made.clicked.connect(lambda _=False, key=key: self.removed.emit(key))
                layout.add(made)
            self._more[key].setText(f"{text}  ✕")
            self._more[key].setAccessibleName(f"去掉条件 {text}")
        layout.invalidate()

    def take_away(self, name: str) -> None:
        """Take a filter away where it is chosen, and tell nobody."""
        if name in self.values:
            quiet = self.blockSignals(True)
            self.choose(name, None)
            self.blockSignals(quiet)

    def show_only(self, values: Mapping[str, Any]) -> None:
        """Set these filters (None: none), and take all others away."""
        self.blockSignals(True)  # told once
        for one in self._filters:
            self.choose(one.name, values.get(one.name))
        self.blockSignals(False)
        self.changed.emit()

    def offer(self, name: str, choices: tuple[tuple[Any, str], ...]) -> None:
        """Offer other choices in a filter; what is chosen stays while it is among them."""
        place = next(number for number, one in enumerate(self._filters) if one.name == name)
        known = self._filters[place]
        if known.choices == choices:
            return
        self._filters = (*self._filters[:place], replace(known, choices=choices), *self._filters[place + 1 :])
        for action in self._groups[name].actions():
            self._groups[name].removeAction(action)
            action.deleteLater()
        self._fill(self._menus[name], self._groups[name], choices)
        value = self.values.get(name)
        if value is not None and all(key != value for key, _ in choices):
            self.choose(name, None)
        elif value is not None:
            quiet = self.blockSignals(True)
            self.choose(name, value)
            self.blockSignals(quiet)

    def clear(self) -> None:
        """Take every filter away."""
        self.values.clear()
        for name, chip in self._chips.items():
            chip.hide()
            for action in self._groups[name].actions():
                action.setChecked(action.data() is None)
        self.changed.emit()

    def _menu_button(self, one: FilterChoice) -> QToolButton:
        made = tool(f"{one.caption} ▾", "", f"按{one.caption}筛选")
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(made)
        group = QActionGroup(self)
        self._fill(menu, group, one.choices)
        group.triggered.connect(lambda action: self.choose(one.name, action.data()))
        made.setMenu(menu)
        self._groups[one.name], self._menus[one.name] = group, menu
        return made

    @staticmethod
    def _fill(menu: QMenu, group: QActionGroup, choices: tuple[tuple[Any, str], ...]) -> None:
        for value, text in ((None, "全部"), *choices):
            action = QAction(text, menu, checkable=True, checked=value is None)
            action.setData(value)
            group.addAction(action)
            menu.addAction(action)

"""Colours can be read: contrast of every text colour on every ground it stands on is at least 4.5:1 (WCAG)."""

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLineEdit, QVBoxLayout

from bangjiao_desktop.ui.kit.parts import button, tool
from bangjiao_desktop.ui.kit.theme import DARK, LIGHT, theme


def _luminance(colour):
    def linear(value):
        value /= 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["text", "muted", "accent", "overdue", "soon", "done", "sealed"])
@pytest.mark.parametrize("ground", ["surface", "window", "raised"])
def test_text_can_be_read(scheme, text, ground):
    assert contrast(getattr(scheme, text), getattr(scheme, ground)) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_coloured_grounds_can_be_read(scheme):
    assert contrast(scheme.on_accent, scheme.accent) >= 4.5
    assert contrast(scheme.text, scheme.selection) >= 4.5
    assert contrast(scheme.overdue, scheme.alarm_fill) >= 4.5
    assert contrast(scheme.surface, scheme.text) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["plain", "primary", "link", "chip", "tool", "flat", "check", "line"])
def test_the_focus_is_seen(qtbot, qapp, dark, kind):
    theme().apply(qapp, dark=dark)
    made = {
        "tool": lambda: tool("列 ▾", ""),
        "flat": lambda: tool("锁定"),
        "check": lambda: QCheckBox("只看我负责的人"),
        "line": QLineEdit,
    }
    dialog = QDialog()
    qtbot.addWidget(dialog)
    layout = QVBoxLayout(dialog)
    widget = made[kind]() if kind in made else button("确认导入", kind)
    other = QLineEdit()
    for one in (widget, other):
        layout.addWidget(one)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    other.setFocus()
    rest = widget.grab().toImage()
    widget.setFocus()
    assert widget.hasFocus()
    focused = widget.grab().toImage()
    assert focused.size() == rest.size()
    seen = 0
    for across in range(rest.width()):
        for down in range(rest.height()):
            before, after = (one.pixelColor(across, down).name() for one in (rest, focused))
            seen += contrast(before, after) >= 1.5
    assert seen >= rest.width() + rest.height()  # a ring, not just another colour of the words
    theme().apply(qapp, dark=False)


def test_a_short_drop_down_shows_all_it_offers(qtbot, qapp):
    """Found by looking: the last line of every drop-down was cut behind an arrow to scroll by."""
    theme().apply(qapp, dark=False)
    combo = QComboBox()
    combo.addItems(["联系卡", "一人一档", "单份文书"])
    qtbot.addWidget(combo)
    combo.show()
    combo.showPopup()
    qtbot.waitUntil(combo.view().isVisible)
    view = combo.view()
    last = view.visualRect(view.model().index(2, 0))
    assert view.viewport().rect().contains(last)
    assert last.height() >= 24
    combo.hidePopup()

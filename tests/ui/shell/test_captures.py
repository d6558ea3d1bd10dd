"""Windows are kept out of screenshots as the setting says; what Windows does with it is not tried here."""

import ctypes

import pytest
from PySide6.QtWidgets import QDialog

from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.shell import captures


@pytest.fixture
def told(monkeypatch):
    """What Windows was told: (window, how), and a Windows to tell."""
    found = []

    class User32:
        knows = (0x00, 0x01, 0x11)

        def SetWindowDisplayAffinity(self, handle, how):  # noqa: N802
            found.append((handle.value, how))
            return how in self.knows

    class Windll:
        user32 = User32()

    monkeypatch.setattr(ctypes, "windll", Windll, raising=False)
    monkeypatch.setattr(captures.sys, "platform", "win32")
    return found


def switch(window):
    return [one for one in window.more.actions() if "截屏" in one.text()]


def test_where_the_system_cannot_nothing_is_offered(make_window, demo_session):
    assert switch(make_window(demo_session)) == []


def test_windows_open_and_shown_later_are_kept_out_until_it_is_switched_off(qtbot, make_window, demo_session, told):
    window = make_window(demo_session)
    window.show()
    [action] = switch(window)
    assert not action.isChecked()
    assert told == []
    action.trigger()
    assert (int(window.winId()), 0x11) in told
    dialog = QDialog(window)
    qtbot.addWidget(dialog)
    dialog.show()
    assert told[-1] == (int(dialog.winId()), 0x11)
    action.trigger()
    assert (int(window.winId()), 0x00) in told[-2:]
    count = len(told)
    dialog.hide()
    dialog.show()
    assert len(told) == count


def test_an_older_windows_shows_a_black_picture_and_the_setting_is_kept(qtbot, tmp_path, told, monkeypatch):
    monkeypatch.setattr(ctypes.windll.user32, "knows", (0x00, 0x01))
    preferences = Preferences(tmp_path / "window.toml")
    preferences.set(captures.PREFERENCE, True)
    kept = Preferences(tmp_path / "window.toml")
    dialog = QDialog()
    qtbot.addWidget(dialog)
    hiding = captures.Captures(kept, dialog)
    assert hiding.hidden
    dialog.show()
    assert [how for _, how in told] == [0x11, 0x01]
    hiding.hide(False)

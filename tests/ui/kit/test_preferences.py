"""What a computer remembers is read by the one reader; a damaged file is told in the log and never stops the program."""

import base64

import pytest

from bangjiao_desktop.services.base.log import log_folder
from bangjiao_desktop.ui.kit.preferences import Preferences


def log():
    path = log_folder() / "bangjiao.log"
    return path.read_text("utf-8") if path.exists() else ""


def read(tmp_path, text):
    path = tmp_path / "window.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Preferences(path)


@pytest.fixture
def preferences(tmp_path, request):
    """The window's, from a file with the lines a test asks for."""
    return read(tmp_path, request.param)


def test_what_was_kept_comes_back_whole_and_nothing_is_said(tmp_path):
    first = Preferences(tmp_path / "new" / "window.toml")
    kept = {
        "last_vault": "/data/台账", "dark": True, "side_collapsed": True, "start_page": "ledger", "idle_minutes": 30,
        "version": "0.3.0", "printer_offsets": {"HP": [0.5, 0.0, -1.5, 0.0]}, "columns_relief": "", "print_options_cards": "{}",
    }  # fmt: skip
    for name, value in kept.items():
        first.set(name, value)
    first.keep_state("geometry", b"\x00\x01")
    again = Preferences(tmp_path / "new" / "window.toml")
    assert {name: again.get(name) for name in kept} == kept
    assert again.state("geometry") == b"\x00\x01"
    assert again.state("ledger_columns") is None
    assert log() == ""


@pytest.mark.parametrize(
    ("line", "name", "told"),
    [
        ('dark = "ja"', "dark", "第 2 行：“dark”应为true 或 false。"),
        ('idle_minutes = "ten"', "idle_minutes", "第 2 行：“idle_minutes”应为整数。"),
        ("idle_minutes = 0", "idle_minutes", "第 2 行：“idle_minutes”应不小于 1。"),
        ('start_page = "moon"', "start_page", "第 2 行：“start_page”写的“moon”不认识"),
        ("printer_offsets = { HP = [1.0] }", "printer_offsets", "第 2 行：“printer_offsets”应有至少 4 个。"),
        ("colour = 3", "colour", "第 2 行：不认识的项“colour”"),
    ],
)
def test_one_wrong_value_is_told_with_its_line_and_the_rest_is_used(tmp_path, line, name, told):
    found = read(tmp_path, f'version = "0.3.0"\n{line}\nlast_vault = "/data"\n')
    assert found.get(name, "default") == "default"
    assert (found.get("version"), found.get("last_vault")) == ("0.3.0", "/data")
    assert f"本机设置文件 window.toml {told}" in log()


@pytest.mark.parametrize("text", ["dark = ", b"\xff\xfe\x00", "[" * 5000, "idle_minutes = " + "9" * 5000])
def test_a_file_that_is_none_is_told_and_defaults_hold(tmp_path, text):
    found = read(tmp_path, text)
    assert found.get("dark", False) is False
    assert "本机设置文件 window.toml" in log()
    found.set("dark", True)  # and is written anew
    assert Preferences(tmp_path / "window.toml").get("dark") is True


SPOILT = "\n".join((
    'geometry = "%%%"', f'ledger_columns = "{base64.b64encode(b"nonsense").decode()}"', 'columns_relief = "!"',
    'side_collapsed = "no"', "idle_minutes = -3", 'print_options_cards = "[1]"', "printer_offsets = 7",
))  # fmt: skip


@pytest.mark.parametrize("preferences", [SPOILT], indirect=True)
def test_a_damaged_file_opens_the_window_as_it_is_at_first(make_window, sample, preferences):
    window = make_window(sample)
    for page in ("ledger", "print", "placement"):
        window.show_page(page)
    assert window.isVisible()
    assert window.width() == 1366
    assert "“geometry”不是本程序写的样子" in log()

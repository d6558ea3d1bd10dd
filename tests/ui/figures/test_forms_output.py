"""输出 of 统计 off the window's thread: the window goes on while files are drawn, and a file can be taken back."""

import threading
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import forms
from bangjiao_desktop.ui.figures.entry_dialog import EntryDialog
from bangjiao_desktop.ui.kit import background
from tests.ui.kit.test_saving import Pulse, held


@pytest.fixture(autouse=True)
def quick(monkeypatch, patience):
    monkeypatch.setattr(background, "PATIENCE", 0.025)


@pytest.fixture
def slow(monkeypatch):
    """Drawing takes until it is let go; returns what lets it."""
    go = threading.Event()
    for name in ("forms_pdf", "forms_xlsx"):
        real = getattr(forms, name)

        def late(session, found, *arguments, real=real, **named):
            progress = next(one for one in arguments if callable(one))
            for _ in range(1500):
                if go.wait(0.02):
                    break
                progress(0.1, "排版")
            return real(session, found, *arguments, **named)

        monkeypatch.setattr(forms, name, late)
    yield go
    go.set()


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_the_window_goes_on_while_a_file_is_written(qtbot, window, page, slow, tmp_path, kind, monkeypatch):
    output, target = page.output, tmp_path / f"f.{kind}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    pressed, other = (output.to_pdf, output.to_xlsx) if kind == "pdf" else (output.to_xlsx, output.to_pdf)
    caption, pulse = pressed.text(), Pulse(window)
    qtbot.mouseClick(pressed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: output.under_way, timeout=10_000)
    before = pulse.ticks
    qtbot.wait(1000)
    assert pulse.ticks - before > 15  # 50 on a machine that is not loaded
    assert (pressed.text(), other.isEnabled()) == ("取消", False)
    page.list.setCurrentRow(3)
    assert page.model.form is page._forms[3]
    slow.set()
    qtbot.waitUntil(lambda: not output.under_way, timeout=60_000)
    assert target.exists()
    assert (pressed.text(), pressed.isEnabled(), other.isEnabled()) == (caption, True, True)
    assert window.toast.text == f"已保存 {target.name}"


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_a_file_that_is_written_can_be_taken_back(qtbot, window, page, slow, tmp_path, kind):
    output, target = page.output, tmp_path / f"f.{kind}"
    pressed = output.to_pdf if kind == "pdf" else output.to_xlsx
    getattr(output, f"save_{kind}")(target)
    qtbot.waitUntil(lambda: output.under_way, timeout=10_000)
    qtbot.mouseClick(pressed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not output.under_way, timeout=10_000)
    assert window.toast.text == "已取消，没有输出"
    assert not target.exists()
    assert pressed.isEnabled()
    assert [one.name for one in tmp_path.iterdir()] == ["vault"]


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_nothing_is_written_while_another_writes_and_the_window_goes_on(qtbot, window, page, tmp_path, kind):
    pulse, target = Pulse(window), tmp_path / f"f.{kind}"
    with held(window.session):
        getattr(page.output, f"save_{kind}")(target)
        before = pulse.ticks
        qtbot.wait(2000)
        assert pulse.ticks - before > 30
        assert not target.exists()  # the file and its entry in the audit trail both, or neither
    qtbot.waitUntil(lambda: target.exists() or "占用" in window.toast.text, timeout=60_000)


def test_the_offices_are_read_off_the_windows_thread(qtbot, window, page, monkeypatch):
    read = []
    real = Session.offices

    def offices(session):
        read.append(threading.current_thread() is threading.main_thread())
        return real(session)

    monkeypatch.setattr(Session, "offices", offices)
    page.list.setCurrentRow(0)
    page.reload()
    qtbot.waitUntil(lambda: page._shown == page._asked and bool(page._forms), timeout=120_000)
    page.list.setCurrentRow(1)
    for row in range(page.model.rowCount()):
        page.explain_at(page.model.index(row, 3))
    page.list.setCurrentRow(0)
    page.open_entry()
    qtbot.waitUntil(lambda: page.findChildren(EntryDialog) != [], timeout=10_000)
    page.findChildren(EntryDialog)[0].reject()
    qtbot.waitUntil(background.idle, timeout=60_000)
    assert read
    assert not any(read)


def test_the_page_comes_before_slow_offices_and_offers_them_later(qtbot, window, page, monkeypatch):
    real, known = Session.offices, page.scope.office.count()

    def offices(session):
        time.sleep(0.5)
        return real(session)

    monkeypatch.setattr(Session, "offices", offices)
    began = time.monotonic()
    page.refresh_offices()
    assert time.monotonic() - began < 0.4
    page.scope.office.setCurrentIndex(2)
    chosen = page.scope.chosen_office
    qtbot.waitUntil(background.idle, timeout=60_000)
    assert page.scope.office.count() == known
    assert page.scope.chosen_office.id == chosen.id

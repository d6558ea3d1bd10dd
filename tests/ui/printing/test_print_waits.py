"""打印 off the window's thread: nothing freezes while something is read, drawn or written, and what is offered is of now."""

import threading
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinterInfo
from sqlalchemy import text

from bangjiao_desktop.domain.print_kinds import KINDS
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import form_definitions, forms
from bangjiao_desktop.services.papers import audiences, brochures, cards, printing
from bangjiao_desktop.services.papers.pdf_pages import PdfPages
from bangjiao_desktop.ui.kit import background
from tests.pdf import Pdf
from tests.ui.kit.test_saving import Pulse, held
from tests.ui.printing.steps import answer, choose, choose_people, drawn, several, someone

_ALIVE = 15  # ticks in a second; 50 on a machine that is not loaded
FORM = """number = "省-9"
title = "省表"
unit = "人"

[[column]]
header = "合计"
scope = "current"

[[row]]
label = "在册"
key = "reg.end"
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch, patience):
    monkeypatch.setattr(background, "PATIENCE", 0.025)


def plainly_drawn(qtbot, centre):
    """Wait until the paper is seen, and nothing is said against it; return it."""
    printed = drawn(qtbot, centre)
    assert centre.message.text() == ""
    return printed


def chosen_and_drawn(qtbot, centre, kind):
    choose(qtbot, centre, kind)
    centre.preview()
    return plainly_drawn(qtbot, centre)


def alive(qtbot, window):
    """Whether the window's own timer goes on for a second."""
    pulse = Pulse(window)
    qtbot.wait(1000)
    return pulse.ticks > _ALIVE


def alone(function):
    """Wrap a function: it notes whether it was called on the window's thread, and takes its time."""
    on_window = []

    def late(*arguments, **named):
        on_window.append(threading.current_thread() is threading.main_thread())
        time.sleep(0.5)
        return function(*arguments, **named)

    late.on_window = on_window
    return late


def test_a_file_waits_for_another_write_and_the_window_goes_on(qtbot, window, centre, tmp_path):
    printed = chosen_and_drawn(qtbot, centre, "brochure")
    said, target = [], tmp_path / "b.pdf"
    centre.said.connect(said.append)
    centre._save.setFocus()
    with held(window.session):
        began = time.monotonic()
        centre.save_to(target)
        assert time.monotonic() - began < 1
        qtbot.waitUntil(lambda: centre.out.under_way, timeout=10_000)
        assert not centre._save.isEnabled()
        qtbot.waitUntil(lambda: any("另一个窗口或命令" in one for one in said), timeout=10_000)
        assert alive(qtbot, window)
        assert not target.exists()
    qtbot.waitUntil(target.exists, timeout=10_000)
    qtbot.waitUntil(lambda: not centre.out.under_way, timeout=10_000)
    assert target.read_bytes() == printed.content
    assert centre._save.isEnabled()
    assert centre.focusWidget() is centre._save
    qtbot.waitUntil(lambda: bool(centre.history.lines) and centre.history.lines[0].way == "存为 PDF", timeout=10_000)
    assert any(one.startswith("已保存 b.pdf") for one in said)


def test_a_file_that_waits_can_be_taken_back(qtbot, window, centre, tmp_path):
    chosen_and_drawn(qtbot, centre, "brochure")
    said, target = [], tmp_path / "b.pdf"
    centre.said.connect(said.append)
    with held(window.session):
        centre.save_to(target)
        qtbot.waitUntil(lambda: any("另一个窗口或命令" in one for one in said), timeout=10_000)
        qtbot.mouseClick(centre.paper.stop, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not centre.out.under_way, timeout=10_000)
    assert said[-1] == "已取消，没有保存"
    assert not target.exists()
    assert printing.history(window.session) == []


def test_a_file_that_cannot_be_written_is_said_and_not_in_the_history(qtbot, window, centre, tmp_path):
    chosen_and_drawn(qtbot, centre, "brochure")
    said = []
    centre.said.connect(said.append)
    centre.save_to(tmp_path / "no" / "b.pdf")
    qtbot.waitUntil(lambda: any("无法写入文件" in one for one in said), timeout=10_000)
    assert printing.history(window.session) == []
    assert centre._save.isEnabled()


def test_every_kind_is_drawn_while_the_window_goes_on(qtbot, window, centre, demo_session, monkeypatch):
    real = printing.draw
    go = threading.Event()

    def slow(session, request, progress, **named):
        assert threading.current_thread() is not threading.main_thread()
        go.wait(20)
        return real(session, request, progress, **named)

    monkeypatch.setattr(printing, "draw", slow)
    choose_people(centre, [someone(demo_session)])
    for kind in KINDS:
        go.clear()
        choose(qtbot, centre, kind)
        if kind == "forms":
            centre.forms[kind].load({"confirmed": True})
        if kind == "envelopes":
            choose_people(centre, several(demo_session))  # not everybody has somebody to write to
        centre.preview()
        qtbot.waitUntil(centre.paper.bar.isVisible, timeout=10_000)
        assert alive(qtbot, window), kind
        go.set()
        plainly_drawn(qtbot, centre)
        assert centre.current[0].kind == kind


def test_cards_are_entered_as_handed_out_once_the_other_write_has_ended(
    qtbot, window, centre, demo_session, monkeypatch, tmp_path
):
    choose_people(centre, [someone(demo_session)])
    chosen_and_drawn(qtbot, centre, "cards")
    entering = alone(cards.mark_handed_out)
    monkeypatch.setattr(cards, "mark_handed_out", entering)
    answer(monkeypatch, "登记为已发放")
    said = []
    centre.said.connect(said.append)
    centre.save_to(tmp_path / "c.pdf")
    qtbot.waitUntil(lambda: "已登记发放联系卡 1 份" in said, timeout=30_000)
    assert entering.on_window == [False]


def test_what_is_offered_for_whom_and_the_history_are_read_off_the_windows_thread(
    qtbot, window, centre, demo_session, monkeypatch
):
    looked_at = {
        "history": alone(printing.history), "people_of": alone(audiences.people_of), "offices": alone(Session.offices),
    }  # fmt: skip
    monkeypatch.setattr(printing, "history", looked_at["history"])
    monkeypatch.setattr(audiences, "people_of", looked_at["people_of"])
    monkeypatch.setattr(Session, "offices", looked_at["offices"])
    began = time.monotonic()
    centre.reload()
    centre.kind.choose("forms")  # its offices and forms come later
    assert time.monotonic() - began < 0.4
    qtbot.waitUntil(lambda: "forms" in centre.forms, timeout=60_000)
    choose_people(centre, [someone(demo_session)])
    choose(qtbot, centre, "papers")
    began = time.monotonic()
    centre.enqueue()
    assert time.monotonic() - began < 0.4
    assert not centre._enqueue.isEnabled()
    qtbot.waitUntil(lambda: len(centre.queue.items) == 1, timeout=60_000)
    qtbot.waitUntil(background.idle, timeout=60_000)
    assert centre._enqueue.isEnabled()
    assert all(one.on_window and not any(one.on_window) for one in looked_at.values())


def test_forms_added_changed_and_taken_out_elsewhere_are_listed(qtbot, window, centre, demo_session, tmp_path, settle):
    choose(qtbot, centre, "forms")

    def listed():
        found = centre.forms["forms"].widgets["numbers"]
        return [found.list.item(row).text() for row in range(found.list.count())]

    before = listed()
    assert centre.request().options["numbers"] is None
    file = tmp_path / "s.toml"
    file.write_text(FORM, encoding="utf-8")
    form_definitions.add(demo_session, file)
    settle(window)
    qtbot.waitUntil(lambda: listed() == [*before, "省-9 省表"], timeout=60_000)
    assert centre.request().options["numbers"] is None  # all of them, also the one that came
    form_definitions.save(demo_session, "省-9", FORM.replace("省表", "省表（新）"))
    qtbot.waitUntil(lambda: listed() == [*before, "省-9 省表（新）"], timeout=60_000)
    centre.forms["forms"].load({"numbers": ["AB-2", "省-9"]})
    period = centre.forms["forms"].widgets["period"]
    period.setCurrentIndex(2)
    chosen = period.currentData()
    form_definitions.restore(demo_session, "省-9")
    qtbot.waitUntil(lambda: listed() == before, timeout=60_000)
    assert centre.request().options["numbers"] == ["AB-2"]
    assert centre.request().options["period"] == chosen
    window.show_page("ledger")
    form_definitions.add(demo_session, file)  # while another page is in front
    window.show_page("print")
    qtbot.waitUntil(lambda: listed() == [*before, "省-9 省表"], timeout=60_000)
    assert centre.request().options["numbers"] == ["AB-2"]


def _words(printed):
    return Pdf(printed.content).text


@pytest.mark.parametrize("kind", ["brochure", "forms"])
def test_a_brochure_and_a_form_reckoned_before_a_change_are_never_saved(
    qtbot, window, centre, demo_session, tmp_path, kind
):
    if kind == "forms":
        choose(qtbot, centre, "forms")
        centre.forms["forms"].load({"numbers": ["AB-1"], "confirmed": True})
    printed = chosen_and_drawn(qtbot, centre, kind)
    assert "四七三一" not in _words(printed)
    window.show_page("ledger")  # nobody looks at the paper while it grows old
    if kind == "brochure":
        name, markdown = next(iter(brochures.sections(demo_session).items()))
        brochures.save(demo_session, name, f"{markdown}\n\n四七三一")
        wanted = "四七三一"
    else:
        [form] = [one for one in form_definitions.definitions(demo_session) if one.number == "AB-1"]
        period = forms.parse_period(centre.request().options["period"])
        forms.save_entries(demo_session, period, None, form, {(4, 0): "4731"})
        wanted = "4731"
    assert centre.current is not None
    assert printing.out_of_date(demo_session, centre.current[1])
    target = tmp_path / "x.pdf"
    said = []
    centre.said.connect(said.append)
    centre.save_to(target)
    qtbot.waitUntil(target.exists, timeout=120_000)
    assert "台账有改动，已重新生成" in said
    assert wanted in _words(centre.current[1])
    assert target.read_bytes() == centre.current[1].content
    with_pages = PdfPages(target.read_bytes())
    assert len(with_pages.sizes) == centre.current[1].pages
    with_pages.close()


def test_a_check_that_does_not_hold_is_said_with_what_to_do(qtbot, window, centre, demo_session):
    with demo_session.ledger.write() as connection:
        connection.execute(text("UPDATE episode SET handover_mode = NULL WHERE release_date >= '2026-01-01'"))
    choose(qtbot, centre, "forms")
    centre.preview()
    qtbot.waitUntil(lambda: "项审核关系不成立" in centre.message.text(), timeout=120_000)
    assert "审核关系不成立也打印" in centre.message.text()
    assert "已衔接等于各衔接情况之和" in centre.message.toolTip()
    choose(qtbot, centre, "brochure")
    assert (centre.message.text(), centre.message.toolTip()) == ("", "")  # nothing of the paper before
    choose(qtbot, centre, "forms")
    centre.forms["forms"].load({"confirmed": True})
    centre.preview()
    plainly_drawn(qtbot, centre)


def test_printers_are_asked_for_once_however_often_the_page_is_read_anew(qtbot, window, centre, monkeypatch):
    asked = []
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", lambda: asked.append(1) or [])
    for _ in range(3):
        centre.reload()
        qtbot.waitUntil(background.idle, timeout=60_000)
    centre.kind.choose("roster")
    centre.kind.choose("cards")
    assert asked == []  # they were when the page was made

"""The one way off the window's thread: newest answer only, no failure swallowed, saves that wait for another write."""

import threading
import time

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.ui.kit import background


@pytest.fixture(autouse=True)
def quick(monkeypatch, patience):
    """As a person has it."""
    monkeypatch.setattr(background, "PATIENCE", 0.025)


@pytest.fixture
def owner(qapp):
    return QObject()


@pytest.fixture
def unheard():
    told = []
    background.voice().told.connect(told.append)
    yield told
    background.voice().told.disconnect(told.append)


def test_the_newest_answer_counts_however_late_the_older_one_comes(qtbot, owner):
    shown, first = [], threading.Event()
    background.latest(owner, "figure", lambda: first.wait(10) and "older").then(shown.append)
    qtbot.wait(20)
    background.latest(owner, "figure", lambda: "newer").then(shown.append)
    qtbot.waitUntil(lambda: shown == ["newer"])
    first.set()
    qtbot.waitUntil(background.idle)
    assert shown == ["newer"]


def test_other_topics_and_other_owners_are_not_dropped(qtbot, owner):
    shown, other = [], QObject()
    for whose, topic in ((owner, "figure"), (owner, "story"), (other, "figure")):
        background.latest(whose, topic, lambda: topic).then(shown.append)  # noqa: B023
    qtbot.waitUntil(lambda: len(shown) == 3)


def test_a_failure_nobody_listens_to_is_told(qtbot, owner, unheard):
    def fail():
        raise InvalidInputError("读不了。")

    background.call(owner, fail)
    qtbot.waitUntil(lambda: unheard == ["读不了。"])
    heard = []
    background.call(owner, fail).fails(heard.append)
    qtbot.waitUntil(lambda: heard == ["读不了。"])
    assert unheard == ["读不了。"]


def test_our_own_bug_is_said_without_its_text(qtbot, owner, unheard):
    background.call(owner, lambda: {}["张三"])
    qtbot.waitUntil(lambda: unheard == [background.BUG])


def test_who_is_no_more_is_not_told(qtbot, qapp):
    told, go, gone = [], threading.Event(), QObject()
    background.call(gone, go.wait, 10).then(told.append)
    qtbot.wait(20)
    gone.deleteLater()
    qtbot.wait(20)
    go.set()
    qtbot.waitUntil(background.idle)
    assert told == []


def test_at_once_tells_in_the_same_turn_or_lets_the_window_go_on(qtbot, owner):
    told = []
    background.call(owner, lambda: QThread.currentThread() is not QApplication.instance().thread()).then(
        told.append
    ).at_once()
    assert told == [True]
    began = time.monotonic()
    task = background.call(owner, time.sleep, 0.4).then(told.append).at_once()
    assert time.monotonic() - began < 0.3
    assert not task.told
    qtbot.waitUntil(lambda: told == [True, None])


def test_what_is_cancelled_before_it_began_is_not_done(qtbot, owner):
    done, ended = [], []
    task = background.call(owner, done.append, 1)
    task.cancelled.connect(lambda: ended.append("cancelled"))
    task.cancel()
    qtbot.waitUntil(lambda: ended == ["cancelled"])
    assert done == []


def test_saves_are_written_in_the_order_they_were_asked(qtbot, owner):
    done = []

    def write(number):
        time.sleep(0.05 if number == 0 else 0)
        done.append(number)

    for number in range(8):
        background.save(owner, write, number)
    qtbot.waitUntil(background.idle)
    assert done == list(range(8))


def test_closing_waits_for_a_save_that_is_under_way(qtbot, owner):
    done, begun = [], threading.Event()

    def write():
        begun.set()
        time.sleep(0.3)
        done.append(True)

    background.save(owner, write).at_once()
    begun.wait(5)
    background.wait_for_all()
    assert done == [True]
    qtbot.waitUntil(background.idle)


def test_a_save_names_the_import_of_this_window_as_what_it_waits_for(qtbot, owner):
    go = threading.Event()
    background.run(lambda progress: go.wait(20), what="导入")
    assert "本窗口正在导入" in background.waiting_words()
    go.set()
    qtbot.waitUntil(background.idle)
    assert "另一个窗口或命令" in background.waiting_words()


def test_a_work_that_reports_without_end_leaves_the_window_its_time(qtbot, owner):
    heard, ended = [], []

    def work(progress):
        for step in range(5000):
            progress(step / 5000, "读")
        progress(0.0, "写")
        progress(1.0, "写")
        return 7

    task = background.run(work, owner=owner)
    task.progressed.connect(lambda fraction, text: heard.append((fraction, text)))
    task.then(ended.append)
    task.start()
    assert task._done.wait(60)  # the window had no time meanwhile
    qtbot.waitUntil(lambda: ended == [7], timeout=60_000)
    assert heard == [(4999 / 5000, "读"), (1.0, "写")]

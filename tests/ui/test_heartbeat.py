"""What the heartbeat counts as the window's own standing still: computing and waiting, not the load of others."""

import threading
import time

import pytest
from PySide6.QtTest import QTest

from tests.ui.heartbeat import Heartbeat, own_part

MAIN = str(threading.main_thread().native_id)


@pytest.mark.parametrize(
    ("wall", "cpu", "kept", "own"),
    [
        (0.100, 0.100, {}, 0.100),  # computing
        (0.100, 0.020, {}, 0.100),  # waiting for something of ours counts as well
        (0.100, 0.030, {MAIN: 0.070}, 0.030),  # the processors worked for others
        (0.100, 0.080, {"7": 0.500}, 0.080),  # what another thread was kept from is never taken off computing
        (0.100, 0.020, {"7": 0.050}, 0.050),  # but off waiting: it may have been waited for
        (0.100, 0.020, {MAIN: 0.030, "7": 0.010, "8": 0.020}, 0.050),  # the longest of them, once
    ],
)
def test_only_the_load_of_others_is_taken_off(wall, cpu, kept, own):
    assert own_part(wall, cpu, {}, {MAIN: 0.0, **kept}) == pytest.approx(own)


def test_computing_and_waiting_are_told_apart(qtbot):
    beat = Heartbeat()
    beat.start("computing")
    QTest.qWait(20)
    end = time.thread_time() + 0.08
    while time.thread_time() < end:
        pass
    QTest.qWait(20)
    beat.start("waiting")
    time.sleep(0.08)
    QTest.qWait(20)
    beat.stop()
    computed = max(gap for gap in beat.gaps if gap.what == "computing")
    assert computed.cpu >= 0.08
    assert computed.wall >= computed.own >= computed.cpu
    waited = max((gap for gap in beat.gaps if gap.what == "waiting"), key=lambda gap: gap.wall)
    assert waited.wall - waited.cpu >= 0.06
    assert len(beat.table()) >= 2

"""Kills work at a random moment (SIGKILL) and asks afterwards what is left of it.

Children are forked from a process that has everything loaded, so that a kill costs what the work costs. What the work
says through `ack` before the kill was promised to the user; it must be there afterwards.
"""

import json
import os
import random
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LONGEST = 120.0
"""Seconds after which a child hangs."""


@dataclass
class Run:
    """What came of one child.

    Attributes:
        said: what it promised, in order.
        killed: it was killed at its work; False if it had ended by itself before.
        seconds: how long it lived after it began its work.
        fault: what it ended with, "" if nothing.
    """

    said: list[Any] = field(default_factory=list)
    killed: bool = False
    seconds: float = 0.0
    fault: str = ""


def run(
    work: Callable[[Callable[[Any], None]], None], kill_after: float | None = None, *, silence: float | None = None
) -> Run:
    """Do work in a child; kill it so many seconds after it began.

    Args:
        work: given `ack`, which it calls with what it promises (anything JSON knows); `ack("begin")` starts the clock.
        kill_after: seconds; None lets it end.
        silence: seconds without a word after which it hangs; default `LONGEST` altogether.
    """
    return begun(work, kill_after, silence=silence)()


def begun(
    work: Callable[[Callable[[Any], None]], None], kill_after: float | None = None, *, silence: float | None = None
) -> Callable[[], Run]:
    """Begin work in a child as `run` does; call what is returned to wait for its end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live(work, writing)
    os.close(writing)
    return lambda: _followed(child, reading, kill_after, silence)


def _followed(child: int, reading: int, kill_after: float | None, silence: float | None) -> Run:
    found = Run()
    text = b""
    begun: float | None = None
    deadline = time.monotonic() + (silence or LONGEST)
    while True:
        now = time.monotonic()
        until = deadline if begun is None or kill_after is None or found.killed else begun + kill_after
        if now >= until:
            os.kill(child, signal.SIGKILL)
            if until == deadline:
                found.fault = "hung"
            found.killed, deadline = True, now + LONGEST
        ready, _, _ = select.select([reading], [], [], max(0.0, until - now))
        if ready:
            piece = os.read(reading, 65536)
            if not piece:
                break
            text += piece
            if silence is not None:
                deadline = time.monotonic() + silence
            if begun is None and b"\n" in text:
                begun = time.monotonic()
    os.close(reading)
    _, status = os.waitpid(child, 0)
    found.killed = os.WIFSIGNALED(status) and found.killed
    found.seconds = 0.0 if begun is None else time.monotonic() - begun
    if os.WIFSIGNALED(status) and not found.killed:
        found.fault = f"died of signal {os.WTERMSIG(status)}"
    for line in text.split(b"\n")[:-1]:  # a line cut short was not promised
        told = json.loads(line)
        if isinstance(told, dict) and "fault" in told:
            found.fault = str(told["fault"])
        elif told != "begin":
            found.said.append(told)
    return found


def _live(work: Callable[[Callable[[Any], None]], None], writing: int) -> None:
    """The child's life; it never returns."""

    def ack(told: Any) -> None:
        os.write(writing, json.dumps(told).encode() + b"\n")

    status = 0
    try:
        work(ack)
    except BaseException as error:  # told to who asks
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        ack({"fault": f"{type(error).__name__}: {error}\n{where}"})
        status = 1
    finally:
        os._exit(status)


def moment(chance: random.Random, usual: float) -> float:
    """A moment to kill at: anywhere in the work, somewhat oftener near its beginning and end, where commits are."""
    return usual * chance.choice((chance.uniform(0, 1.05), chance.uniform(0, 0.2), chance.uniform(0.8, 1.05)))

"""Deals files of tests to the workers, and sees to it that a run ends by itself and says where it stood.

xdist's own `loadfile` puts back on the queue whatever a dead worker had ever done: the tail of the run is then pieces of
work with nothing in them, nobody is told to stop, and the run stands still for ever (pytest-xdist issues 1323, 1327 and
1378). Here a dead worker leaves what it did not begin; the test it died in has failed, and is not run again.

- The longest files go first, so that the workers end together (durations.txt; each run writes .setup/durations.txt).
- A test that with its fixtures takes longer than `faulthandler_timeout` is ended with the stacks of all threads, also
  after it has failed; another worker takes the place of the one that died of it.
- A run that is told to end (packaging/dev.sh gives it 65 minutes) says what was running, and what has failed so far.
"""

import faulthandler
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

KNOWN = Path(__file__).with_name("durations.txt")
_MEASURED = Path(".setup") / "durations.txt"
_USUAL = 0.3  # seconds a test of a file not measured yet is taken to need
_ENOUGH = 3  # tests a worker has in hand: it begins one only when it knows the next


def file_of(nodeid):
    """The file a test stands in."""
    return nodeid.partition("::")[0]


def seconds_of_files(path=KNOWN):
    """Seconds each file took when it was last measured."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: float(seconds) for seconds, name in (line.split() for line in lines)}


class Dealing(LoadFileScheduling):
    """A file's tests share what they prepare: each goes to one worker, the longest first."""

    @property
    def collection_is_completed(self):
        """Whether the first workers have collected; one that takes another's place is waited for by nobody."""
        return self.collection is not None or super().collection_is_completed

    def add_node_collection(self, node, collection):
        super().add_node_collection(node, collection)
        if node not in self.registered_collections:
            node.shutdown()  # it found other tests than the first ones: xdist has told so

    def schedule(self):
        if self.collection is None:
            if not self._check_nodes_have_same_collection():
                return
            self.collection = list(next(iter(self.registered_collections.values())))
            self.workqueue.update(self._files())
        for node in self.nodes:
            self._reschedule(node)

    def _files(self):
        files, seconds = {}, seconds_of_files()
        for nodeid in self.collection:
            files.setdefault(file_of(nodeid), {})[nodeid] = False
        longest = sorted(files, key=lambda name: -seconds.get(name, _USUAL * len(files[name])))
        return {name: files[name] for name in longest}

    def remove_node(self, node):
        died_in = None
        self.registered_collections.pop(node, None)
        for name, unit in self.assigned_work.pop(node).items():
            left = {nodeid: False for nodeid, done in unit.items() if not done}
            if left and died_in is None:
                died_in = next(iter(left))
                del left[died_in]
            if left:
                self.workqueue[name] = left
        for other in self.nodes:
            self._reschedule(other)
        return died_in

    def _reschedule(self, node):
        if node.shutting_down or node not in self.registered_collections:
            return
        while self.workqueue and self._pending_of(self.assigned_work[node]) < _ENOUGH:
            self._assign_work_unit(node)
        if not self.workqueue:
            node.shutdown()  # when it has done what it has in hand


class Overseer:
    """Where the workers are handed their tests: knows what runs, and measures.

    Args:
        config: pytest's.
    """

    def __init__(self, config):
        self._config = config
        self._running = {}  # test → when it began
        self._seconds = Counter()
        signal.signal(signal.SIGTERM, self._end)

    @pytest.hookimpl
    def pytest_xdist_make_scheduler(self, config, log):
        return Dealing(config, log) if config.getvalue("dist") == "loadfile" else None

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid):
        self._running[nodeid] = time.monotonic()

    @pytest.hookimpl
    def pytest_runtest_logfinish(self, nodeid):
        self._running.pop(nodeid, None)

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report):
        self._seconds[file_of(report.nodeid)] += report.duration
        if report.when == "???":  # its worker died
            self._running.pop(report.nodeid, None)

    @pytest.hookimpl
    def pytest_sessionfinish(self):
        path = self._config.rootpath / _MEASURED
        if path.parent.is_dir():
            lines = (f"{seconds:.1f} {name}\n" for name, seconds in self._seconds.most_common())
            path.write_text("".join(lines), encoding="utf-8")

    def _end(self, *_):
        now = time.monotonic()
        running = [f"{nodeid}（{now - begun:.0f} 秒）" for nodeid, begun in self._running.items()]
        words = "、".join(running) or "没有一个测试在运行"
        os.write(2, f"\n测试没有做完就被停止。正在运行：{words}\n".encode())
        raise KeyboardInterrupt  # pytest tells what it has, and ends the workers


class Limit:
    """Where tests are run: keeps the limit of a test's time also after it has failed, which pytest gives up then."""

    @pytest.hookimpl(trylast=True)
    def pytest_exception_interact(self, node):
        if isinstance(node, pytest.Item) and not node.config.getoption("usepdb"):
            seconds = float(node.config.getini("faulthandler_timeout"))
            faulthandler.dump_traceback_later(seconds, exit=True, file=self._file(node.config))

    @staticmethod
    def _file(config):
        from _pytest.faulthandler import fault_handler_stderr_fd_key

        return config.stash[fault_handler_stderr_fd_key]


def oversee(config):
    """Register the above: the one where tests are handed out, the other where they are run."""
    if config.getoption("numprocesses", None):
        config.pluginmanager.register(Overseer(config), "overseer")
    else:
        config.pluginmanager.register(Limit(), "limit")

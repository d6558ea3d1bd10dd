"""Measures coverage while those tests run that pyproject.toml names ([tool.bangjiao.coverage] tests), and no others.

Measuring makes whatever runs twice as slow, also what is not measured: window and papers are left out of it, and tests
marked `unmeasured`, which go through the same lines hundreds of times.
"""

import tomllib
from pathlib import Path

import pytest

from tests import ledgers

ROOT = Path(__file__).parent.parent


def measured_places():
    """Where the measured tests lie, as the beginnings of paths from the root."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(settings["tool"]["bangjiao"]["coverage"]["tests"])


class Measuring:
    """Stops and starts the measuring between tests.

    Args:
        plugin: pytest-cov's; it takes another controller when the session begins.
    """

    def __init__(self, plugin):
        self._plugin = plugin
        self._places = measured_places()
        self._on = True  # as pytest-cov begins: what is run by importing counts

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        wanted = item.nodeid.startswith(self._places) and not _once_more(item)
        wanted = wanted and item.get_closest_marker("unmeasured") is None
        if wanted is not self._on:
            self._turn(on=wanted)
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self):
        if not self._on:
            self._turn(on=True)

    def _turn(self, *, on):
        controller = self._plugin.cov_controller
        (controller.resume if on else controller.pause)()
        self._on = on


def _once_more(item):
    """Whether a test of services runs on a server: on a vault it ran the same lines."""
    given = getattr(getattr(item, "callspec", None), "params", {})
    return given.get("ledger_kind") == ledgers.SERVER and item.nodeid.startswith("tests/services/")


def measure(config):
    """Register the above where coverage is measured at all, and tests are run here rather than handed to workers."""
    plugin = config.pluginmanager.getplugin("_cov")
    if getattr(plugin, "cov_controller", None) is not None and config.getoption("numprocesses", None) is None:
        config.pluginmanager.register(Measuring(plugin), "measuring")

"""A working day at the window, as in test_story but among everybody: what the event loop's gaps are measured through."""

import time
from datetime import timedelta

from PySide6.QtCore import Qt, QThreadPool
from PySide6.QtTest import QTest

from bangjiao_desktop.domain.dates import add_years
from bangjiao_desktop.ui.kit import background
from tests.ui.heartbeat import Heartbeat

NUMBER = "411627196912126552"
LONGEST_WAIT = 180.0  # seconds for an answer, on a machine that is busy with others


class Day:
    """One day's work.

    Args:
        window: the main window, shown.
        beat: measures meanwhile.
    """

    def __init__(self, window, beat: Heartbeat) -> None:
        self.window, self._beat = window, beat

    def work(self) -> None:
        """From opening the day's page to discharging somebody."""
        self._beat.start("first picture")
        self._until(lambda: self.window.page("ledger").model.rowCount() > 0)
        QTest.qWait(500)  # until it is painted, and as long as nobody is quicker
        self._settle()
        for step in (
            self._look_at_the_day, self._find_people, self._enter_somebody, self._record_work, self._walk_the_lists,
            self._see_needs, self._see_figures, self._discharge,
        ):  # fmt: skip
            self._beat.start(step.__name__.strip("_").replace("_", " "))
            step()
            self._settle()
        self._beat.stop()

    def _look_at_the_day(self) -> None:
        self.window.show_page("today")
        page = self.window.page("today")
        self._until(lambda: page._loaded and bool(page.shown()))
        page.kinds.setCurrentRow(1)
        self._settle()
        page.kinds.setCurrentRow(0)

    def _find_people(self) -> None:
        for letter in "zhang":
            QTest.keyClicks(self.window.search, letter)
            QTest.qWait(120)
        self._settle()
        self.window.search.clear()
        self._settle()
        ledger = self.window.page("ledger")
        for _ in range(6):
            ledger.table.scrollToBottom()
            self._settle()
        ledger.table.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self._settle()

    def _enter_somebody(self) -> None:
        self.window.edit_person()
        today = self.window.session.today()
        self.release = add_years(today - timedelta(days=1), -5)
        self._fill(
            identity_number=NUMBER, name="沈秀志", release_date=self.release, offence="盗窃罪", prison="东湖监狱",
            handover_date=self.release, handover_mode="03", caseworker="周立新",
        )  # fmt: skip
        page = self.window.page("person")
        self._until(lambda: page.name.text() == "沈秀志")

    def _record_work(self) -> None:
        page = self.window.page("person")
        for model, values in (
            ("group_member", {"name": "马超", "kind": "03", "joined_on": self.release}),
            ("plan", {"made_on": self.release + timedelta(days=3), "goals": "一年内稳定就业"}),
            ("placement", {"placed_on": self.release + timedelta(days=20), "kind": "06", "employer": "某厂"}),
            ("need_action", {"acted_on": self.release + timedelta(days=9), "kind": "4", "content": "协助申请临时救助"}),
            ("handout", {"handed_on": self.release, "kind": "01"}),
            ("support_record", {"happened_on": self.release + timedelta(days=5), "content": "首次上门走访"}),
        ):
            page.record(model)
            self._fill(**values)
        page.record("assessment")
        dialog = self._dialog()
        for item in dialog.form.items:
            dialog.choose(item.key, 0)
        dialog.save()
        self._until(lambda: self.window.desk.dialog is None)
        for place in range(page.tabs.count()):
            page.tabs.setCurrentIndex(place)
            self._settle()

    def _walk_the_lists(self) -> None:
        for name in ("handover", "assist", "placement", "activity", "mediation", "publicity"):
            self.window.show_page(name)
            self._settle()
            table = self.window.page(name).current.table
            for _ in range(3):
                table.scrollToBottom()
                self._settle()

    def _see_needs(self) -> None:
        self.window.show_page("needs")
        self._settle()
        page = self.window.page("needs")
        for _ in range(3):
            page.table.scrollToBottom()
            self._settle()

    def _see_figures(self) -> None:
        self.window.show_page("statistics")
        page = self.window.page("statistics")
        self._until(lambda: page.model.rowCount() > 0)
        page.explain_figure("aid.rate")
        self._until(lambda: page.panel.isVisible())

    def _discharge(self) -> None:
        page = self.window.page("person")
        self.window.open_person(page.person_id)
        self._settle()
        page.record("register_change")
        self._fill(reason="01", review="遵纪守法", opinion="同意", approval="同意", approver="李局长")
        self._until(lambda: page._story.person.status == "closed")

    def _fill(self, **values: object) -> None:
        dialog = self._dialog()
        for name, value in values.items():
            dialog.form.fields[name].set_value(value)
        QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
        self._until(lambda: self.window.desk.dialog is None or bool(dialog.fault.text()))
        assert self.window.desk.dialog is None, (dialog.fault.text(), dialog.form.values())
        self._settle()

    def _dialog(self):
        self._until(lambda: self.window.desk.dialog is not None and self.window.desk.dialog.isVisible())
        return self.window.desk.dialog

    def _settle(self) -> None:
        """Wait for the answer; a hand on the keyboard meanwhile, as somebody at work has."""
        QTest.keyClick(self.window.windowHandle(), Qt.Key.Key_Shift)
        QTest.qWait(30)
        self._until(lambda: _answered() and not self.window.pages.front.stale)

    def _until(self, condition) -> None:
        end = time.monotonic() + LONGEST_WAIT
        while not condition():
            assert time.monotonic() < end, "nothing came"
            QTest.qWait(15)


def _answered() -> bool:
    """Whether all that pages asked for was told; what goes on for minutes beside the work (backup, its trial, the proof) may."""
    asked = any(task._pool is not QThreadPool.globalInstance() for task in tuple(background._running))
    return not asked and not background.turn().making

"""报出: whether a period was reported, what was corrected since, and the step of reporting itself."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from bangjiao_desktop.domain.errors import CheckFailedError
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import filing_review, filings
from bangjiao_desktop.services.figures.filing_review import FilingReview
from bangjiao_desktop.services.figures.filings import Difference, FiledForm
from bangjiao_desktop.ui.figures.differences_dialog import DifferencesDialog
from bangjiao_desktop.ui.figures.filing_dialog import FilingDialog
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button, label, row
from bangjiao_desktop.ui.kit.question import goes_on


class FilingBar(QWidget):
    """The line above a form that tells about its filing.

    Args:
        session: the user's.
        unsaved: says that figures just typed are not in the ledger yet, "" if all are.

    Signals:
        changed: something was filed, or other figures are to be shown.
        person_opened: key of a person behind a difference.
        said: a short message.
        form_wanted: number of a form that is to be looked at.
    """

    changed = Signal()
    person_opened = Signal(object)
    said = Signal(str)
    form_wanted = Signal(str)

    def __init__(self, session: Session, unsaved: Callable[[], str] = str) -> None:
        super().__init__()
        self._session, self._unsaved = session, unsaved
        self._wanted: tuple[Period, OfficeInfo | None] | None = None
        self._review: background.Task[Any] | None = None
        self.dialog: FilingDialog | None = None
        self.filed: list[FiledForm] = []
        self.differences: list[Difference] = []
        self.state = label("", "pill")
        self.as_filed = QCheckBox("看报出时的数")
        self.compare = button("", "link", "报出以后有改动的数，和背后的人")
        self.file_button = button("报出…", tip="冻结这一期的数，记下时间和报出人；以后的改动显示为差异")
        layout = row(self.state, self.as_filed, self.compare, None, self.file_button)
        self.setLayout(layout)
        self.file_button.setVisible(session.may(Permission.FILE_FORMS))
        self.as_filed.toggled.connect(lambda _: self.changed.emit())
        self.compare.clicked.connect(self.show_differences)
        self.file_button.clicked.connect(self.ask)
        self._show()

    @property
    def showing_filed(self) -> bool:
        """Whether the figures as they were reported are wanted."""
        return self.as_filed.isChecked()

    def load(self, period: Period, office: OfficeInfo | None) -> None:
        """Look at another period or office; differences are reckoned off the UI thread."""
        self._wanted = (period, office)
        self.differences = []
        background.drop(self, "differences")
        self.filed = []
        self._show()
        read = background.latest(self, "filed", filings.filed_forms, self._session, period, office)
        read.then(lambda filed: self._take_filed(filed, period, office)).at_once()

    def _take_filed(self, filed: list[FiledForm], period: Period, office: OfficeInfo | None) -> None:
        self.filed = filed
        if not self.filed and self.as_filed.isChecked():
            self.as_filed.blockSignals(True)
            self.as_filed.setChecked(False)
            self.as_filed.blockSignals(False)
        self._show()
        if self.filed:
            reckoned = background.newest(
                self, "differences", lambda progress: filings.differences(self._session, period, office, progress)
            )
            reckoned.then(self._take).fails(self.said.emit)

    def file(self, reason: str = "", *, confirmed: bool = False, seen: int | None = None) -> None:
        """Report the period."""
        if self._wanted is None:
            return
        period, office = self._wanted
        task = background.run(
            lambda progress: filings.file_forms(
                self._session, period, office, reason=reason, confirmed=confirmed, seen=seen, progress=progress
            )
        )
        self.file_button.setEnabled(False)
        task.succeeded.connect(self._done)
        task.failed.connect(lambda text, error: self._refused(text, error, reason))
        task.ended.connect(lambda: self.file_button.setEnabled(True))

    def show_differences(self) -> None:
        """Show what differs and who is behind it."""
        if self._wanted is None:
            return
        dialog = DifferencesDialog(self.differences, self._wanted[0].label, self)
        dialog.person_opened.connect(self.person_opened)
        dialog.open()

    def _take(self, found: list[Difference]) -> None:
        self.differences = found
        self._show()

    def _tell(self, text: str, _: object) -> None:
        self.said.emit(text)

    def _show(self) -> None:
        latest = max(
            (one.form.filing for one in self.filed if one.form.filing), key=lambda one: one.correction, default=None
        )
        if latest is None:
            self.state.setText("未报出")
        else:
            times = f"，更正第 {latest.correction} 次" if latest.correction else ""
            self.state.setText(f"✓ {latest.filed_on} 由{latest.filed_by}报出{times}")
        self.as_filed.setVisible(bool(self.filed))
        self.compare.setVisible(bool(self.differences))
        self.compare.setText(f"报出后有 {len(self.differences)} 处变化")
        self.file_button.setText("更正…" if self.filed else "报出…")
        self.file_button.setVisible(
            self._session.may(Permission.FILE_FORMS) and (not self.filed or bool(self.differences))
        )

    def ask(self) -> None:
        """Look at what stands against reporting, off the UI thread, and ask."""
        assert self._wanted is not None
        period, office = self._wanted
        if period.last >= self._session.today():
            self.said.emit(f"{period.label}还没有结束，不能报出。")
            return
        if unsaved := self._unsaved():
            self.said.emit(unsaved)
            return
        self.file_button.setEnabled(False)
        self._review = background.run(lambda progress: filing_review.review(self._session, period, office, progress))
        self._review.succeeded.connect(self._confirm)
        self._review.failed.connect(self._tell)
        self._review.ended.connect(self._reviewed)

    def _reviewed(self) -> None:
        self.file_button.setEnabled(True)

    def _confirm(self, found: FilingReview) -> None:
        if self.sender() is not self._review or self._wanted is None:
            return
        self.dialog = FilingDialog(found, self._wanted[0].label, correcting=bool(self.filed), parent=self)
        self.dialog.confirmed.connect(
            lambda reason: self.file(reason, confirmed=found.failed, seen=found.change_number)
        )
        self.dialog.form_wanted.connect(self.form_wanted)
        self.dialog.open()

    def _done(self, done: list[FiledForm]) -> None:
        self.said.emit("已报出 " + "、".join(one.form.definition.number for one in done))
        self.changed.emit()

    def _refused(self, text: str, error: Any, reason: str) -> None:
        if not isinstance(error, CheckFailedError):
            self.said.emit(text)
            return
        more = "\n".join(error.failures[:8])
        if goes_on(
            self, "审核关系不成立", "报表可能有误。", "返回核对", "仍然报出", more=more, warning=True, loses=False
        ):
            self.file(reason, confirmed=True)

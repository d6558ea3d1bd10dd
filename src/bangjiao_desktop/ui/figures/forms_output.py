"""输出 of 统计: which forms go out, whether they may with a check that does not hold, and how: PDF, XLSX, the print centre."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QWidget

from bangjiao_desktop.domain.audience import ForOffice
from bangjiao_desktop.domain.form_checks import failures_of
from bangjiao_desktop.domain.forms import FilledForm
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import forms
from bangjiao_desktop.services.figures.form_definitions import KnownForm
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button, field, row
from bangjiao_desktop.ui.kit.question import goes_on
from bangjiao_desktop.ui.kit.theme import GRID

_CANCEL = "取消"


@dataclass(frozen=True)
class ShownForms:
    """What 统计 shows.

    Attributes:
        period: reported.
        office: whose figures, None for all together.
        filed: whether the figures are those that were reported.
        forms: the forms, as they are filled.
        unread: those that this version cannot read; listed after `forms`.
        number: which of both is in front.
    """

    period: Period
    office: OfficeInfo | None
    filed: bool
    forms: Sequence[FilledForm]
    unread: Sequence[KnownForm]
    number: int


class FormsOutput(QObject):
    """The fields and buttons by which forms go out.

    Args:
        session: the user's.
        page: window of the questions.
        shown: tells what is shown now.
        when_true: calls a function once what is shown is the ledger's state of now.

    Signals:
        said: a short message.
        print_wanted: a request for the print centre.
    """

    said = Signal(str)
    print_wanted = Signal(object)

    def __init__(
        self,
        session: Session,
        page: QWidget,
        shown: Callable[[], ShownForms],
        when_true: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(page)
        self._session, self._page, self._shown, self._when_true = session, page, shown, when_true
        self._task: background.Task[Any] | None = None
        self.which = QComboBox()
        self.which.addItem("全部报表", "all")
        self.which.addItem("只当前表", "one")
        self.which.setMinimumWidth(120)
        self.which.setFixedHeight(8 * GRID)
        self.to_paper = button("打印预览…", "primary")
        self.to_pdf = button("保存 PDF…")
        self.to_xlsx = button("保存 XLSX…")
        self.to_paper.clicked.connect(self.preview)
        self.to_pdf.clicked.connect(self._choose_pdf)
        self.to_xlsx.clicked.connect(self._choose_xlsx)

    def fields(self) -> QHBoxLayout:
        """Return field and buttons, one beside the other."""
        buttons = (self.to_xlsx, self.to_pdf, self.to_paper)
        which = field("输出", self.which)
        self.widgets = (which, *buttons)
        layout = row(which, *buttons)
        for one in buttons:
            layout.setAlignment(one, Qt.AlignmentFlag.AlignBottom)
        return layout

    @property
    def all_wanted(self) -> bool:
        """Whether all forms are meant, not the one in front alone."""
        return bool(self.which.currentData() == "all")

    @property
    def under_way(self) -> bool:
        """Whether a file is being written."""
        return self._task is not None

    def chosen(self) -> list[FilledForm]:
        """The forms to be printed or saved."""
        shown = self._shown()
        return list(shown.forms if self.all_wanted else shown.forms[shown.number : shown.number + 1])

    def preview(self) -> None:
        """Show the chosen forms in the print centre as they will be printed."""
        self._when_true(self._preview_now)

    def _preview_now(self) -> None:
        found, shown = self.chosen(), self._shown()
        if self._confirmed(found):
            options = {
                "period": shown.period.key,
                "numbers": None if self.all_wanted else [found[0].definition.number],
                "filed": "latest" if shown.filed else "", "confirmed": bool(failures_of(found)),
            }  # fmt: skip
            self.print_wanted.emit(PrintRequest("forms", ForOffice(shown.office.id if shown.office else None), options))

    def save_pdf(self, path: Path) -> None:
        """Write the chosen forms as PDF."""
        self._when_true(lambda: self._save_pdf(path))

    def _save_pdf(self, path: Path) -> None:
        found = self.chosen()
        if not self.under_way and self._confirmed(found):
            asked = bool(failures_of(found))  # what begins to fail later is refused
            task = background.run(
                lambda progress: forms.forms_pdf(self._session, found, path, progress, confirmed=asked), owner=self
            )
            self._follow(task, path, self.to_pdf)

    def save_xlsx(self, path: Path) -> None:
        """Write the chosen forms as XLSX."""
        self._when_true(lambda: self._save_xlsx(path))

    def _save_xlsx(self, path: Path) -> None:
        found = self.chosen()
        if not self.under_way and self._confirmed(found):
            asked = bool(failures_of(found))  # what begins to fail later is refused
            task = background.run(
                lambda progress: forms.forms_xlsx(self._session, found, path, progress, confirmed=asked), owner=self
            )
            self._follow(task, path, self.to_xlsx)

    def _follow(self, task: background.Task[Any], path: Path, pressed: QPushButton) -> None:
        """While a file is written its button takes it back, the other one waits; then say how it ended."""
        self._task = task
        caption, other = pressed.text(), self.to_pdf if pressed is self.to_xlsx else self.to_xlsx
        pressed.setMinimumWidth(pressed.width())
        pressed.setText(_CANCEL)
        other.setEnabled(False)
        anew: list[str] = []

        def ended() -> None:
            self._task = None
            pressed.setText(caption)
            other.setEnabled(True)

        task.progressed.connect(lambda _, text: anew.append(text) if text == forms.RECKONED_ANEW else None)
        task.then(lambda _: self.said.emit("，".join([*anew[:1], f"已保存 {path.name}"])))
        task.fails(self.said.emit).anyway(ended)
        task.cancelled.connect(lambda: self.said.emit("已取消，没有输出"))

    def _taken_back(self) -> bool:
        """Whether a press means the file that is being written."""
        if self._task is None:
            return False
        self._task.cancel()
        return True

    def _suggested(self, suffix: str) -> str:
        return f"安置帮教统计报表-{self._shown().period.key}{suffix}"

    def _choose_pdf(self) -> None:
        if self._taken_back():
            return
        name, _ = QFileDialog.getSaveFileName(self._page, "保存 PDF", self._suggested(".pdf"), "PDF 文件 (*.pdf)")
        if name:
            self.save_pdf(Path(name).with_suffix(".pdf"))

    def _choose_xlsx(self) -> None:
        if self._taken_back():
            return
        name, _ = QFileDialog.getSaveFileName(
            self._page, "保存 XLSX", self._suggested(".xlsx"), "Excel 工作簿 (*.xlsx)"
        )
        if name:
            self.save_xlsx(Path(name).with_suffix(".xlsx"))

    def _confirmed(self, found: Sequence[FilledForm]) -> bool:
        """Whether all is there and the checks hold, or the user wants the paper all the same."""
        shown = self._shown()
        missing = shown.unread
        if not self.all_wanted:
            missing = missing[shown.number - len(shown.forms) :] if not found else []
        if missing:
            self.said.emit(f"{missing[0].fault}其余的表可以选“只当前表”逐张输出。")
            return False
        if not found:
            return False  # still being reckoned
        failures = failures_of(found)
        if not failures:
            return True
        told = f"有 {len(failures)} 项审核关系不成立，报表可能有误。"
        return goes_on(
            self._page, "审核关系不成立", told, "返回核对", "仍然输出",
            more="\n".join(failures[:8]), warning=True, loses=False,
        )  # fmt: skip

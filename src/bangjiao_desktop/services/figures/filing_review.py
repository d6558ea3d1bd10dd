"""What stands against reporting a period: looked at and listed before anything is frozen."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bangjiao_desktop.domain.forms import FilledForm
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import form_definitions, forms

Level = Literal["failed", "empty", "below", "left"]
LEVELS: dict[Level, str] = {
    "failed": "审核关系不成立",
    "empty": "没有填写",
    "below": "没有达到目标",
    "left": "还没有办完",
}
_LEFT = {"link.pending": "还没有衔接", "reg.end.overdue": "期限已到、还没有解除"}
_NAMED = 3


@dataclass(frozen=True)
class Concern:
    """One thing to look at before reporting: of which sort, on which form, in a sentence."""

    level: Level
    number: str
    text: str


@dataclass(frozen=True)
class FilingReview:
    """What was found, and the ledger's change number it was found at.

    Attributes:
        forms: how many forms are to be reported.
        concerns: the gravest first; empty where nothing stands against it.
        change_number: handed to `filings.file_forms`, so that what is frozen is what was looked at.
    """

    forms: int
    concerns: tuple[Concern, ...]
    change_number: int

    @property
    def failed(self) -> bool:
        """Whether a 审核关系 does not hold."""
        return any(one.level == "failed" for one in self.concerns)


@needs(Permission.FILE_FORMS)
def review(
    session: Session, period: Period, office: OfficeInfo | None = None, progress: Progress = silent
) -> FilingReview:
    """List what is empty, does not hold, misses its target or is left over; changes nothing.

    Args:
        session: who is about to report.
        period: the period.
        office: one office, or the bureau.
        progress: told of the work.

    Raises:
        DefinitionError: a form no longer reads.
    """
    number = session.change_number()
    form_definitions.require_readable(session)
    filled = forms.filled_forms(session, period, office, progress=progress)
    found = [concern for form in filled for concern in _concerns(form)]
    found += _left_over(filled)
    order = list(LEVELS)
    return FilingReview(len(filled), tuple(sorted(found, key=lambda one: order.index(one.level))), number)


def _concerns(form: FilledForm) -> Iterator[Concern]:
    number = form.definition.shown_number
    for failure in form.failures:
        yield Concern("failed", number, failure)
    blank = [
        f"第 {row.line} 行“{row.label}”" if len(form.columns) == 1 else f"第 {row.line} 行“{row.label}”的“{column.header}”"
        for row, line in zip(form.definition.rows, form.cells, strict=True)
        for column, cell in zip(form.columns, line, strict=False) if cell.kind == "entry" and not cell.text
    ]  # fmt: skip
    total = sum(cell.kind == "entry" for line in form.cells for cell in line)
    if blank and len(blank) == total:
        yield Concern("empty", number, f"要手工填写的 {total} 格全部是空的")
    elif blank:
        more = f"等 {len(blank)} 格" if len(blank) > _NAMED else ""
        yield Concern("empty", number, f"{'、'.join(blank[:_NAMED])}{more}还是空的")
    for row, line in zip(form.definition.rows, form.cells, strict=True):
        for column, cell in zip(form.columns, line, strict=False):
            value = cell.value
            if row.target is None or column.scope not in ("current", "total") or value is None:
                continue
            if Decimal(value) < row.target:
                yield Concern(
                    "below",
                    number,
                    f"第 {row.line} 行“{row.label}”{cell.text}，目标 {(row.target * 100).normalize():f}%",
                )


def _left_over(filled: list[FilledForm]) -> list[Concern]:
    """People who still should have been received or discharged, as the forms themselves count them."""
    found: dict[str, Concern] = {}
    for form in filled:
        for line in form.cells:
            for column, cell in zip(form.columns, line, strict=False):
                if cell.key in _LEFT and column.scope in ("current", "total") and cell.value:
                    text = f"{cell.text} 人{_LEFT[cell.key]}"
                    found.setdefault(cell.key, Concern("left", form.definition.shown_number, text))
    return list(found.values())

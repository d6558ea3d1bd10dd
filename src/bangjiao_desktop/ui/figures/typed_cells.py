"""What is typed into the cells of official forms: shown until the ledger has it, saved off the window's thread."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from bangjiao_desktop.domain.errors import InvalidInputError, KnownError, StaleError
from bangjiao_desktop.domain.forms import FilledForm
from bangjiao_desktop.domain.ledger import OfficeInfo
from bangjiao_desktop.domain.periods import Period, parse_period
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.figures import forms
from bangjiao_desktop.ui.kit import background

_NOT_SAVED = "这一格没有保存。按 F2 再按回车，重新保存；不要了，按 Delete。"
_WAITING = "还没有存进台账，一空出来就会自动保存"

Cell = tuple[int, int]  # line as numbered, column from 0
_Key = tuple[str, object, str, int, int]  # period, office, form, line, column from 0


@dataclass
class TypedCell:
    """A cell somebody typed into.

    Attributes:
        text: as typed last.
        seen: what the ledger had there when it was last known.
        reading: number of the newest reckoning that had begun when it was saved.
        under_way: what is being saved, None for nothing.
        fault: why it was refused, "" if it was not.
    """

    text: str
    seen: str
    reading: int = 0
    under_way: str | None = None
    fault: str = ""

    @property
    def saved(self) -> bool:
        """Whether the ledger has it."""
        return self.under_way is None and not self.fault

    @property
    def hint(self) -> str:
        """What is to be known about it, "" for nothing."""
        return self.fault or (_WAITING if self.under_way is not None else "")


class TypedCells(QObject):
    """Every cell that was typed into, of whichever form, period and office, until it is read back from the ledger.

    Args:
        session: the user's.

    Signals:
        changed: number of a form, line, column: what is to be shown there is another.
        said: a short message.
    """

    changed = Signal(str, int, int)
    said = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._cells: dict[_Key, TypedCell] = {}
        self.may_fill = session.may(Permission.FILL_FORMS)
        self.reading = 0

    def at(self, form: FilledForm, line: int, column: int) -> TypedCell | None:
        """Return what was typed into a cell and is not read back yet."""
        return self._cells.get(_key(form, line, column))

    @property
    def unsaved(self) -> int:
        """How many are not in the ledger."""
        return sum(not cell.saved for cell in self._cells.values())

    @property
    def refused(self) -> int:
        """How many were refused and wait for somebody to mend them."""
        return sum(bool(cell.fault) for cell in self._cells.values())

    def unsaved_words(self) -> str:
        """Say that not everything is in the ledger, "" if it is."""
        if self.refused:
            return f"有 {self.refused} 格填写的数（红字）没有存进台账，请先改好。"
        return f"有 {self.unsaved} 格填写的数还没有存进台账，存好以后再办。" if self.unsaved else ""

    def take(self, form: FilledForm, line: int, column: int, text: str) -> None:
        """Keep what was typed and save it; what is as it was is not saved."""
        key = _key(form, line, column)
        cell = self._cells.get(key)
        stood = form.text_at(line, column) if cell is None else cell.text
        if text == stood and (cell is None or not cell.fault):
            return
        if cell is not None and cell.fault and text == cell.seen:
            self.give_up(form, line, column)  # typed back to what the ledger has
            return
        if cell is None:
            cell = self._cells[key] = TypedCell(text, stood)
        cell.text = text
        if cell.under_way is None:
            self._save(key, cell, form)
        self._tell(key)

    def give_up(self, form: FilledForm, line: int, column: int) -> None:
        """Drop what was refused: what the ledger has is shown again."""
        key = _key(form, line, column)
        if key in self._cells and self._cells[key].fault:
            del self._cells[key]
            self._tell(key)

    def give_up_all(self) -> None:
        """Drop everything that was refused."""
        for key in [key for key, cell in self._cells.items() if cell.fault]:
            del self._cells[key]
            self._tell(key)

    def read_back(self, reading: int) -> None:
        """A reckoning is shown: what was saved before it began is in it."""
        for key in [key for key, cell in self._cells.items() if cell.saved and cell.reading < reading]:
            del self._cells[key]
            self._tell(key)

    def _save(self, key: _Key, cell: TypedCell, form: FilledForm) -> None:
        cell.under_way, cell.fault = cell.text, ""
        place = key[3:]
        task = background.save(self, save_cells, self._session, form, {place: cell.text}, {place: cell.seen})
        task.waiting.connect(self.said)
        ended = partial(self._ended, key, cell, form)
        task.then(lambda _: ended(None)).refused(ended)
        task.cancelled.connect(lambda: ended(KnownError(_NOT_SAVED)))
        task.at_once()

    def _ended(self, key: _Key, cell: TypedCell, form: FilledForm, error: KnownError | None) -> None:
        tried, cell.under_way = cell.under_way, None
        if error is None:
            cell.seen, cell.reading = tried or "", self.reading
        if cell.text != tried:
            self._save(key, cell, form)  # typed anew while it was saved
        elif isinstance(error, StaleError):
            cell.seen = str(next(iter(error.current.values())))
            cell.fault = (
                f"第 {key[3]} 行这一格刚被别人改为“{cell.seen or '空'}”，您填的“{cell.text or '空'}”还没有保存。"
                "要以您填的为准，按 F2 再按回车；不要了，按 Delete。"
            )
        elif error is not None:
            cell.fault = error.message
        if cell.fault:
            self.said.emit(cell.fault)
        self._tell(key)

    def _tell(self, key: _Key) -> None:
        self.changed.emit(*key[2:])


def save_cells(session: Session, form: FilledForm, values: Mapping[Cell, str], seen: Mapping[Cell, str]) -> None:
    """Keep values typed into a form for the period and office it was reckoned for; not on the window's thread.

    Raises:
        InvalidInputError: its office is no more, or something that is no number not below 0.
        StaleError: somebody else wrote into a cell that was changed here.
    """
    period, office = _reported(session, form)
    forms.save_entries(session, period, office, form.definition, values, seen)


def carried_over(session: Session, form: FilledForm) -> dict[Cell, str]:
    """Return what was typed into a form for the period before; not on the window's thread.

    Raises:
        InvalidInputError: its office is no more.
    """
    period, office = _reported(session, form)
    return forms.entries_before(session, period, office, form.definition)


def _reported(session: Session, form: FilledForm) -> tuple[Period, OfficeInfo | None]:
    found = next((one for one in session.offices() if one.id == form.office_id), None)
    if form.office_id is not None and found is None:
        raise InvalidInputError(f"“{form.organisation}”已不在台账中，填写的数没有保存。")
    return parse_period(form.period_key), found


def _key(form: FilledForm, line: int, column: int) -> _Key:
    return form.period_key, form.office_id, form.definition.number, line, column

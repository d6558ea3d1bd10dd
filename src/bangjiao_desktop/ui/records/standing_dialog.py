"""What holds of a release from a day on (履历): putting a line of its history right, or adding one that was forgotten."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtWidgets import QWidget

from bangjiao_desktop.domain.episodes import BEGINNING
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.layout import column_of, kind_of
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import episodes
from bangjiao_desktop.ui.kit.edit_dialog import EditDialog
from bangjiao_desktop.ui.kit.fields import FieldError
from bangjiao_desktop.ui.kit.record_form import FormParts, Section

_FIELDS = ("from_date", "office", "risk", "residence_type", "caseworker", "village")


@dataclass(frozen=True)
class StandingOpening:
    """A standing as its dialog opens with it: of which release of whom, and the offices that can be chosen.

    Attributes:
        held: of one that is added: what holds of the release, the first first.
    """

    person: ListedPerson
    episode: Episode
    record: Standing
    offices: list[tuple[Any, str]]
    called: str
    held: tuple[Standing, ...] = ()

    def on(self, day: date) -> Standing:
        """What held on a day, the first before there was any: what one that is added then begins with."""
        begun = (one for one in reversed(self.held) if one.from_date is not None and one.from_date <= day)
        return next(begun, self.held[0])


def read_standing(
    session: Session, person_id: uuid.UUID, identifier: uuid.UUID | None, episode_id: uuid.UUID | None
) -> StandingOpening:
    """Read a standing, or what a new one begins with: what held last, from today on.

    Args:
        session: the user's.
        person_id: whose.
        identifier: of a known one; None for a new one.
        episode_id: the release a new one is of; None for the latest.

    Raises:
        KnownError: the person cannot be read, or it is gone.
    """
    found = episodes.history(session, person_id)
    every = [one for some in found.standings.values() for one in some]
    known = next((one for one in every if one.id == identifier), None)
    if identifier is not None and known is None:
        raise InvalidInputError("这条履历已被删除。")
    wanted = episode_id if known is None else known.episode_id
    episode = next((one for one in found.episodes if one.id == wanted), found.episodes[-1])
    held = tuple(found.standings.get(episode.id, ()))
    begun = {**(held[-1].row() if held else {}), "from_date": session.today(), "episode_id": episode.id}
    offices = [(office.id, office.name) for office in session.offices()]
    record = known or Standing.of({**begun, "person_id": person_id})
    called = episode.called(session.today()) if len(found.episodes) > 1 else ""
    return StandingOpening(found.person, episode, record, offices, called, held if known is None else ())


def parts_of_standing(session: Session, opening: StandingOpening) -> FormParts:
    """Return the fields of the form of a standing; one of who is in prison holds from the release on, whenever that is."""
    columns = {column.field: column for column in kind_of("standing").columns}
    asked = [columns[name] for name in _FIELDS if name != "from_date" or opening.record.from_date != BEGINNING]
    return FormParts([Section("", tuple(asked))], {"office": opening.offices}, session.clock)


class StandingDialog(EditDialog):
    """One standing.

    Args:
        session: the user's.
        opening: what it opens with (`read_standing`).
        parent: the window.
        parts: its form's, from `parts_of_standing`; None makes them now.
    """

    def __init__(
        self, session: Session, opening: StandingOpening, parent: QWidget | None, parts: FormParts | None = None
    ) -> None:
        title = "补录履历" if opening.record.id is None else "修改履历"
        super().__init__(title, parts or parts_of_standing(session, opening), parent)
        self._session = session
        self._person_id, self._episode_id = opening.person.id, opening.episode.id
        told = [opening.person.name, opening.called, "从起始日期起是这样，到下一条为止；统计的历史数随之改变"]
        self.head.setText("　".join(one for one in told if one))
        self._opening, self._begun = opening, opening.record
        self.load(opening.record)
        if opening.held:
            self.form.fields["from_date"].changed.connect(self._follow_day)

    def _follow_day(self) -> None:
        """What is added begins with what held on its day; what was typed already stays."""
        try:
            day = self.form.fields["from_date"].value()
        except FieldError:
            return
        if day is None:
            return
        typed, before, now = self.form.typed(), self._begun.row(), self._opening.on(day)
        self.form.set_values({
            name: now.row()[key]
            for name in _FIELDS
            if name != "from_date" and (typed.get(name) or None) == (before[key := column_of(name)] or None)
        })  # fmt: skip
        self._begun = now

    def _write(
        self, values: dict[str, Any], identifier: uuid.UUID | None, revision: int | None, *, knowing: bool
    ) -> uuid.UUID:
        episodes.save_standing(
            self._session,
            self._person_id,
            values,
            identifier=identifier,
            revision=revision,
            episode_id=self._episode_id,
        )
        return self._person_id

"""The releases of a person on their page: the chips, the next release, the table of what held from which day on."""

import uuid

from PySide6.QtCore import QObject, Signal

from bangjiao_desktop.domain.kinds.record import Event
from bangjiao_desktop.domain.kinds.register_change import DIED
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import episodes
from bangjiao_desktop.services.people.people import PersonStory
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.kit.parts import button
from bangjiao_desktop.ui.people.episode_chips import EpisodeChips
from bangjiao_desktop.ui.people.standings_panel import StandingsPanel
from bangjiao_desktop.ui.records.duty_opening import Opener

_EPISODE = "episode"


class Releases(QObject):
    """What a person's page shows of releases (帮教期次) and standings (履历), and what can be done with them.

    Args:
        session: the user's.
        open_record: opens the dialog of a record, as on the page.

    Signals:
        chosen: another release, or all, is shown (`episode_id`).
        said: a short message.
        undo_offered: a standing was taken away: the person's key and its own.
        outdated: what is shown is no longer so.
    """

    chosen = Signal()
    said = Signal(str)
    undo_offered = Signal(object, object)
    outdated = Signal()

    def __init__(self, session: Session, open_record: Opener) -> None:
        super().__init__()
        self._session, self._open_record = session, open_record
        self._story: PersonStory | None = None
        self.chips = EpisodeChips(may_edit=session.may(Permission.EDIT_PEOPLE))
        self.standings = StandingsPanel(session)
        tip = "上一期已结束，又释放了（或再次入狱待释放）的：登记新的一期，以前各期保持原样"
        self.again = button("再次衔接…", tip=tip)
        self.again.clicked.connect(self.begin_again)
        self.chips.chosen.connect(lambda _: self.chosen.emit())
        self.chips.edit_wanted.connect(self._edit_past)
        self.standings.edit_wanted.connect(lambda one: self._open_standing(one.id, one.episode_id))
        self.standings.add_wanted.connect(lambda key: self._open_standing(None, key))
        self.standings.remove_wanted.connect(self._remove)

    @property
    def episode_id(self) -> uuid.UUID | None:
        """The release that is shown; None for all."""
        return self.chips.episode_id

    @property
    def number(self) -> int | None:
        """Which release is shown (第几期); None for all."""
        told = () if self._story is None else self._story.episodes
        return next((one.number for one in told if one.id == self.episode_id), None)

    def show_story(self, story: PersonStory, *, anew: bool) -> None:
        """Show the releases of a person; `anew` of somebody else."""
        self._story = story
        held = self.again.hasFocus()
        self.chips.show_episodes(story.episodes, self._session.today(), anew=anew)
        self.again.setVisible(self.may_begin_again())
        if held and not self.again.isVisible():
            self.chips.take_focus()  # else the menu beside it would have the cursor

    def show_standings(self) -> None:
        """Show what held of the release that is shown."""
        if self._story is not None:
            shown = self._story
            self.standings.show_standings(shown.episodes, shown.of(Standing), shown.offices, self.episode_id)

    def may_begin_again(self) -> bool:
        """Tell whether the next release can be recorded: the last one has ended, and not by death."""
        person = None if self._story is None else self._story.person
        ended = person is not None and person.changed_on is not None and person.reason != DIED
        return ended and self._session.may(Permission.EDIT_PEOPLE)

    def begin_again(self) -> None:
        """Record the next release."""
        if self._story is not None and self.may_begin_again():
            self._open_record(_EPISODE, person_id=self._story.person.id)

    def opens_past(self, event: Event) -> bool:
        """Open the release an event tells of, where that is not the latest; tell whether it was such an event."""
        latest = None if self._story is None else self._story.person.episode_id
        if event.opens or event.episode_id in (None, latest):
            return False
        self._edit_past(event.episode_id)
        return True

    def restoring(self, person_id: uuid.UUID, identifier: uuid.UUID) -> background.Task[None]:
        """Begin to bring a standing back that was taken away."""
        return background.save(self, episodes.restore_standing, self._session, person_id, identifier)

    def _edit_past(self, episode_id: uuid.UUID | None) -> None:
        if self._story is not None and self._session.may(Permission.EDIT_PEOPLE):
            self._open_record(_EPISODE, identifier=episode_id, person_id=self._story.person.id)

    def _open_standing(self, identifier: uuid.UUID | None, episode_id: uuid.UUID | None) -> None:
        if self._story is not None:
            preset = {"episode_id": episode_id}
            self._open_record("standing", identifier=identifier, person_id=self._story.person.id, preset=preset)

    def _remove(self, one: Standing) -> None:
        if self._story is None or one.id is None:
            return
        person_id, key = self._story.person.id, one.id
        task = background.save(self, episodes.remove_standing, self._session, person_id, key, one.revision or 0)
        task.then(lambda _: self.undo_offered.emit(person_id, key)).fails(self._not_removed).at_once()

    def _not_removed(self, text: str) -> None:
        self.said.emit(text)
        self.outdated.emit()

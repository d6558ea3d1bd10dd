"""A release of a person (帮教期次): the next one (再次衔接), or a past one put right."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtWidgets import QWidget

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.person import ListedPerson, Person
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import episodes, people
from bangjiao_desktop.ui.kit.edit_dialog import EditDialog
from bangjiao_desktop.ui.kit.record_form import FormParts, Section
from bangjiao_desktop.ui.records.recidivism_hint import Earlier, earlier_of, suggest_in

_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("刑罚", ("category", "offence", "sentence", "prison", "release_date", "imprisoned", "recidivist", "prior_convictions",
            "early_release", "early_release_reason", "sentence_kind", "sentence_years", "sentence_months", "supplementary_kinds",
            "supplementary_penalty", "rights_until", "age_at_offence", "prison_training", "prison_conduct",
            "prison_warning")),
    ("衔接", ("escort_required", "handover_date", "handover_mode")),
    ("帮教", ("office", "caseworker", "risk", "residence_type", "village", "sanwu", "unplaced_reason")),
)  # fmt: skip


@dataclass(frozen=True)
class EpisodeOpening:
    """A release as its dialog opens with it.

    Attributes:
        person: whose.
        known: the past release that is put right; None for the next one.
        record: what the form shows, in a person's fields.
        earlier: what is known from before it.
        offices: that can be chosen.
        called: the release, or the one before, in words.
    """

    person: ListedPerson
    known: Episode | None
    record: Person
    earlier: Earlier
    offices: list[tuple[Any, str]]
    called: str


def read_episode(session: Session, person_id: uuid.UUID, identifier: uuid.UUID | None) -> EpisodeOpening:
    """Read a past release, or what the next one begins with.

    Args:
        session: the user's.
        person_id: whose.
        identifier: of the past release; None for the next one.

    Raises:
        KnownError: the person cannot be read, the release is gone, or the last one has not ended.
    """
    story, today = people.story(session, person_id), session.today()
    known = next((one for one in story.episodes if one.id == identifier), None)
    if identifier is not None and known is None:
        raise InvalidInputError("这一期帮教已不在台账中。")
    earlier = earlier_of(story, None if known is None else known.number)
    if known is not None:
        record = episodes.as_person(known)
    else:
        begun = episodes.blank_again(session, person_id)
        record = replace(Person.of({**story.person.values(), **begun}), office_id=begun["office_id"])
    offices = [(office.id, office.name) for office in session.offices()]
    called = (known or story.episodes[-1]).called(today)
    return EpisodeOpening(story.person, known, record, earlier, offices, called)


def parts_of_episode(session: Session, opening: EpisodeOpening) -> FormParts:
    """Return the fields of the form of a release: of a past one only what is its own."""
    columns = {column.field: column for column in kind_of("person").columns}
    own: tuple[str, ...] = (*Person.OF_EPISODE, "imprisoned")
    if opening.known is None:
        own += (*Person.OF_STANDING, "office")
    asked = [(title, [name for name in names if name in own]) for title, names in _SECTIONS]
    named = {name for _, names in asked for name in names} | {"office_id"}
    asked[-1][1].extend(name for name in own if name not in named)  # a new field of a release is asked at once
    sections = [Section(title, tuple(columns[name] for name in names)) for title, names in asked if names]
    return FormParts(sections, {"office": opening.offices}, session.clock)


class EpisodeDialog(EditDialog):
    """The next release of a person, or a past one.

    Args:
        session: the user's.
        opening: what it opens with (`read_episode`).
        parent: the window.
        parts: its form's, from `parts_of_episode`; None makes them now.
    """

    def __init__(
        self, session: Session, opening: EpisodeOpening, parent: QWidget | None, parts: FormParts | None = None
    ) -> None:
        known = opening.known
        title = "再次衔接" if known is None else f"更正第{known.number}期资料"
        super().__init__(title, parts or parts_of_episode(session, opening), parent)
        self._session, self._opening = session, opening
        if known is None:
            told = (
                "，保持原样；家庭、住址、照片等属于本人的资料沿用。仍在押、释放日期未定的，勾选“在押”，释放日期留空。"
            )
            self.head.setText(f"{opening.person.name}　上一期：{opening.called}{told}")
        else:
            told = "这一期的责任单位、风险、责任人等在“履历”里改；改释放、衔接日期会改变统计的历史数。"
            self.head.setText(f"{opening.person.name}　{opening.called}　{told}")
        self.load(opening.record)
        if known is not None and known.release.release_date is None:
            self.form.load({**opening.record.row(), "imprisoned": True})
        suggest_in(self.form, opening.earlier)

    def _write(
        self, values: dict[str, Any], identifier: uuid.UUID | None, revision: int | None, *, knowing: bool
    ) -> uuid.UUID:
        key = self._opening.person.id
        if identifier is None:
            episodes.begin_again(self._session, key, values, knowing=knowing)
        else:
            episodes.save_episode(self._session, key, values, identifier=identifier, revision=revision, knowing=knowing)
        return key

"""The story of a person under one tab: the timeline, with the scores of assessments or the state of the needs above it."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from bangjiao_desktop.domain.assessments import AssessmentForm, assessment_form
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.kinds.assessment import Assessment
from bangjiao_desktop.domain.kinds.need import Need
from bangjiao_desktop.domain.kinds.record import Event
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.layout import kind_of
from bangjiao_desktop.services.people.people import PersonStory
from bangjiao_desktop.ui.kit.charts import ScoreLine
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.parts import label
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.people.timeline import Timeline


class StoryPanel(QWidget):
    """The events of one tab.

    Args:
        infos: the pages of the program, each with the tab of its records.
    """

    def __init__(self, infos: Sequence[PageInfo]) -> None:
        super().__init__()
        self.tabs = _tabs_of(infos)
        self._apart = frozenset(kind for info in infos for _, kinds in info.apart for kind in kinds)
        self.timeline = Timeline()
        self.scores = ScoreLine()
        self._scores_caption = label("", "muted")
        self._needs = label("")
        self.nothing = label("还没有这一类记录。", "empty")
        self._needs.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        for one in (self._scores_caption, self.scores, self._needs, self.nothing):
            layout.addWidget(one)
        layout.addWidget(self.timeline, 1)

    def show_story(
        self, story: PersonStory, tab: str, forms: Sequence[AssessmentForm], episode_id: uuid.UUID | None = None
    ) -> None:
        """Show what stands under a tab.

        Args:
            story: of the person.
            tab: one of `tabs`.
            forms: the forms of assessments there are.
            episode_id: the release whose story it is; None for all.
        """
        chosen = self.tabs[tab]
        told = [event for event in story.events if episode_id is None or event.episode_id in (None, episode_id)]
        events = [event for event in told if not chosen or _belongs(event, chosen, self._apart)]
        self.timeline.show_events(events)
        self.timeline.setVisible(bool(events))
        self.nothing.setVisible(not events)
        self._show_scores(story.of(Assessment), forms, visible="assessment" in chosen)
        self._show_needs(story.of(Need), visible="needs" in chosen)

    def _show_scores(self, known: Iterable[Assessment], forms: Sequence[AssessmentForm], *, visible: bool) -> None:
        rows = sorted(known, key=lambda one: (one.assessed_on or date.min, str(one.id)))
        form = assessment_form(rows[-1].form, forms) if rows else None
        shown = visible and form is not None
        self.scores.setVisible(shown)
        self._scores_caption.setVisible(shown)
        if form is None:
            return
        same = [
            (one.assessed_on, one.score, one.band)
            for one in rows
            if one.form == form.name and one.score is not None and one.assessed_on is not None
        ]
        self._scores_caption.setText(f"{form.name}，{len(same)} 次")
        self.scores.show_scores(
            same,
            [(band.upto, band.label, band.tone) for band in form.bands],
        )

    def _show_needs(self, known: Iterable[Need], *, visible: bool) -> None:
        status = {one.kind: one for one in known}
        told = []
        for entry in code_table("need_kind").entries:
            one = status.get(entry.code)
            state = code_table("need_status").label(one.status) if one else "未评"
            told.append(f"{entry.label}：{state}")
        self._needs.setText("　　".join(told))
        self._needs.setVisible(visible)


def _tabs_of(infos: Sequence[PageInfo]) -> dict[str, tuple[str, ...]]:
    """The tabs of the timeline: caption → the pages or kinds of record whose events stand there, () for all."""
    tabs: dict[str, tuple[str, ...]] = {"全部": ()}
    for info in infos:
        if info.tab:
            tabs[info.tab] = (*tabs.get(info.tab, ()), info.name)
        tabs.update(info.apart)
    return tabs


def _belongs(event: Event, chosen: tuple[str, ...], apart: frozenset[str]) -> bool:
    """Whether an event stands under a tab: named by the kind it opens, or by its page if it has no tab of its own."""
    if event.kind == Standing.KIND.name:  # has a table of its own
        return False
    if not event.opens:  # release, handover, end of the term
        return "handover" in chosen
    return event.opens in chosen or (event.opens not in apart and kind_of(event.opens).page in chosen)

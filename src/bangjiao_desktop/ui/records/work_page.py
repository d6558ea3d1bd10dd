"""A page of work: the kinds of record of one field (衔接, 帮教, 安置 …) as lists with filters and actions."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout

from bangjiao_desktop.domain.layout import kinds_of
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.preferences import Preferences
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.records.duty_opening import Opener
from bangjiao_desktop.ui.records.record_list import RecordList


@dataclass(frozen=True)
class PageInfo:
    """A page of work: its name, caption, icon, what an empty one says, and the kind of record shown first."""

    name: str
    caption: str
    icon: str
    hint: str
    first: str


WORK_PAGES = (
    PageInfo(
        "handover",
        "衔接",
        "handshake-outline",
        "从监所收到的预释放信息、接送、报到、查找和转接都登记在这里",
        "release_notice",
    ),
    PageInfo("assist", "帮教", "account-heart-outline", "走访、约谈、结对、方案和评估都登记在这里", "support_record"),
    PageInfo("placement", "安置救助", "briefcase-outline", "就业安置、救助、就业服务、安置基地和用人单位", "placement"),
    PageInfo("activity", "活动", "school-outline", "技能培训、就业指导、专场招聘、法治教育和监所帮教", "activity"),
    PageInfo("mediation", "调解", "scale-balance", "纠纷的排查、受理、调解和履行", "mediation"),
    PageInfo("publicity", "宣传", "card-account-details-outline", "联系卡、宣传册、法律书籍的入库和发放", "handout"),
)


class WorkPage(Page):
    """One page of work.

    Args:
        session: the user's.
        preferences: where columns are remembered.
        info: which page.
        open_record: (model, identifier=…, person_id=…, preset=…) opens the dialog.

    Signals:
        person_opened: key of the person to show.
        said: a short message.
        print_wanted: a kind of paper and the keys of the people it is for.
    """

    person_opened = Signal(object)
    said = Signal(str)
    print_wanted = Signal(str, tuple)

    def __init__(self, session: Session, preferences: Preferences, info: PageInfo, open_record: Opener) -> None:
        super().__init__()
        self._session = session
        self._preferences = preferences
        self.info = info
        self._open_record = open_record
        self.tabs = QTabBar()
        self.lists = QStackedWidget()
        self._made: dict[str, RecordList] = {}
        self._kinds = tuple(sorted(kinds_of(info.name), key=lambda kind: kind.key != info.first))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName(f"{info.caption}的各种记录")
        for kind in self._kinds:
            self.tabs.addTab(kind.name)
        layout.addWidget(self.tabs)
        layout.addWidget(self.lists, 1)
        self.tabs.currentChanged.connect(lambda number: self.show_kind(self._kinds[number].key))

    @property
    def current(self) -> "RecordList":
        """The list that is seen."""
        found = self.lists.currentWidget()
        assert isinstance(found, RecordList)
        return found

    def show_kind(self, model: str) -> None:
        """Show the list of a kind of record."""
        place = next(number for number, kind in enumerate(self._kinds) if kind.key == model)
        if self.tabs.currentIndex() != place:
            self.tabs.setCurrentIndex(place)
            return
        if model not in self._made:
            made = RecordList(
                self._session, self._preferences, self._kinds[place], self.info.hint, self.info.icon, self._open_record
            )
            made.person_opened.connect(self.person_opened)
            made.said.connect(self.said)
            made.print_wanted.connect(self.print_wanted)
            made.residents_wanted.connect(lambda name: self.show_found("placement", name))
            self._made[model] = made
            self.lists.addWidget(made)
        self.lists.setCurrentWidget(self._made[model])
        self._made[model].load()

    def refresh(self) -> None:
        """Read the list that is seen; the others are read when they are."""
        if self.lists.count() == 0:
            self.show_kind(self._kinds[0].key)
        else:
            self.current.refresh()

    def refresh_offices(self) -> None:
        """Offer the offices of now in the filters."""
        for one in self._made.values():
            one.refresh_offices()

    def record_new(self) -> bool:
        """Ctrl+N: what the list that is seen lists."""
        self.current.add()
        return True

    def show_found(self, model: str, text: str) -> None:
        """Show the list of a kind of record with a text searched in it."""
        self.show_kind(model)
        self.current.text.setText(text)
        self.current.load()

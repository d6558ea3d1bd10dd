"""管理: users, audit trail, offices and rules; each role sees the tabs it may use."""

from typing import Self

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from bangjiao_desktop.domain.definition_kinds import BROCHURE, DUTY, FORM
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.ui.kit.desk import Desk
from bangjiao_desktop.ui.kit.page import Page
from bangjiao_desktop.ui.kit.page_info import PageInfo
from bangjiao_desktop.ui.kit.theme import GRID
from bangjiao_desktop.ui.manage.audit_panel import AuditPanel
from bangjiao_desktop.ui.manage.brochure_panel import BrochurePanel
from bangjiao_desktop.ui.manage.definitions_panel import DefinitionsPanel
from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel
from bangjiao_desktop.ui.manage.settings_panel import SettingsPanel
from bangjiao_desktop.ui.manage.users_panel import UsersPanel

Panel = DefinitionsPanel | UsersPanel | AuditPanel | SettingsPanel | FormEditorPanel | BrochurePanel


class ManagePage(Page):
    """The page of what is set up rather than worked on.

    Args:
        session: the user's.

    Signals:
        said: a short message.
        undo_offered: a message, and what is done if it is taken back.
        person_opened: whose page is wanted (uuid.UUID).
    """

    said = Signal(str)
    undo_offered = Signal(str, object)
    person_opened = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("管理")
        self.panels = QStackedWidget()
        self._made: list[Panel] = []
        self._add("单位与规则", SettingsPanel(session))
        if session.may(Permission.MANAGE_USERS):
            self._add("用户与权限", UsersPanel(session))
        if session.may(Permission.SETTINGS):
            listed = DefinitionsPanel(session)
            listed.editor_wanted.connect(self._open_editor)
            self._add("规则与样式", listed)
        if session.may(Permission.SETTINGS) and session.may(Permission.SEE_FIGURES):
            self._add("表样", FormEditorPanel(session))
        if session.may(Permission.SETTINGS) and session.may(Permission.PRINT):
            self._add("宣传册", BrochurePanel(session))
        if session.may(Permission.SEE_AUDIT):
            trail = AuditPanel(session)
            trail.person_opened.connect(self.person_opened)
            self._add("操作记录", trail)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.panels, 1)
        self.tabs.currentChanged.connect(self._show)

    @classmethod
    def made_for(cls, desk: Desk, info: PageInfo) -> Self:
        """Return the page, connected to the window it lies in."""
        made = cls(desk.session)
        made.said.connect(desk.say)
        made.undo_offered.connect(desk.offer_undo)
        made.person_opened.connect(desk.open_person)
        return made

    def refresh(self) -> None:
        """Read the panel that is seen; the others are read when they are. What is typed and not saved stays."""
        self._show(self.tabs.currentIndex())

    def come_to_front(self) -> None:
        """Read in any case: the audit trail tells of looking and printing, which change nothing."""
        self.make_stale()
        super().come_to_front()

    def panel(self, kind: type[QWidget]) -> QWidget:
        """Return the panel of a kind and show it."""
        place = next(number for number, one in enumerate(self._made) if isinstance(one, kind))
        self.tabs.setCurrentIndex(place)
        return self._made[place]

    def is_changed(self) -> bool:
        """Tell whether something edited in a panel is not saved."""
        return any(
            one.is_changed()
            for one in self._made
            if isinstance(one, DefinitionsPanel | FormEditorPanel | BrochurePanel)
        )

    def may_close(self) -> bool:
        """Ask about what is edited and not saved, and about a new recovery key that nobody wrote down."""
        asking = (DefinitionsPanel, FormEditorPanel, BrochurePanel, UsersPanel)
        return all(one.may_leave() for one in self._made if isinstance(one, asking))

    def _open_editor(self, kind: str, key: str) -> None:
        """Open the editor made for a kind with one definition chosen, where the user has it."""
        for one in self._made:
            if kind == FORM and isinstance(one, FormEditorPanel):
                self.panel(FormEditorPanel)
                one.choose(key)
            elif kind == BROCHURE and isinstance(one, BrochurePanel):
                self.panel(BrochurePanel)
                one.choose(key)
            elif kind == DUTY and isinstance(one, SettingsPanel):
                self.panel(SettingsPanel)
                one.open_rule(key)

    def _add(self, caption: str, panel: Panel) -> None:
        panel.said.connect(self.said)
        if isinstance(panel, DefinitionsPanel | FormEditorPanel | BrochurePanel):
            panel.undo_offered.connect(self.undo_offered)
        self._made.append(panel)
        self.tabs.addTab(caption)
        self.panels.addWidget(panel)

    def _show(self, place: int) -> None:
        self.panels.setCurrentIndex(place)
        self._made[place].load()

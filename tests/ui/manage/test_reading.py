"""管理 is read off the window's thread, and what is wanted before it is read is shown once it is."""

import pytest

from bangjiao_desktop.domain.definition_kinds import BROCHURE, DUTY, FORM
from bangjiao_desktop.services.people import duties
from bangjiao_desktop.services.upkeep import backups
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.manage.audit_panel import AuditPanel
from bangjiao_desktop.ui.manage.brochure_panel import BrochurePanel
from bangjiao_desktop.ui.manage.definitions_panel import DefinitionsPanel
from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel
from bangjiao_desktop.ui.manage.manage_page import ManagePage
from bangjiao_desktop.ui.manage.settings_dialogs import RuleDialog
from bangjiao_desktop.ui.manage.settings_panel import SettingsPanel
from bangjiao_desktop.ui.manage.users_panel import UsersPanel

SHOWN = {
    SettingsPanel: lambda panel: panel.office_model.rows and panel.rule_model.rows and panel._bureau.text(),
    UsersPanel: lambda panel: panel.model.rows,
    DefinitionsPanel: lambda panel: panel.tree.topLevelItemCount(),
    FormEditorPanel: lambda panel: panel.list.count() and panel.head["title"].text(),
    BrochurePanel: lambda panel: panel.list.count() and panel.edit.toPlainText(),
    AuditPanel: lambda panel: panel.model.lines and panel.filters._filters[0].choices,
}


@pytest.fixture
def slow(monkeypatch):
    """Nothing is ever told in the turn in which it is asked."""

    def begun(task):
        task.start()
        return task

    monkeypatch.setattr(background.Task, "at_once", begun)


@pytest.fixture
def unread(sample, qtbot, asked_on_the_window):
    made = ManagePage(sample)
    qtbot.addWidget(made)
    made.resize(1300, 720)
    made.show()
    return made


@pytest.mark.usefixtures("slow")
def test_showing_a_tab_asks_nothing_on_the_windows_thread(unread, asked_on_the_window, qtbot):
    unread.refresh()
    for kind, shown in [*SHOWN.items(), *SHOWN.items()]:
        panel = unread.panel(kind)
        qtbot.waitUntil(background.idle, timeout=60_000)
        assert shown(panel), kind
    assert len(SHOWN) == unread.tabs.count()
    assert asked_on_the_window == []


@pytest.mark.usefixtures("slow")
def test_an_editor_opened_before_it_is_read_shows_what_was_wanted(unread, qtbot):
    unread._open_editor(FORM, "AB-3")
    forms = unread.panels.currentWidget()
    assert not forms.head["title"].isEnabled()  # nothing to type into yet
    qtbot.waitUntil(lambda: forms._number() == "AB-3")
    assert forms.head["title"].isEnabled()
    unread._open_editor(BROCHURE, "05-startup")
    brochure = unread.panels.currentWidget()
    assert not brochure.edit.isEnabled()
    qtbot.waitUntil(lambda: brochure._name() == "05-startup")
    assert brochure.edit.isEnabled()
    unread._open_editor(DUTY, "visit:01")
    qtbot.waitUntil(lambda: unread.findChild(RuleDialog) is not None)
    assert unread.findChild(RuleDialog)._rule.key == "visit:01"


def test_the_words_of_a_rule_follow_the_number_the_bureau_changed(page, sample, qtbot):
    panel = page.panel(SettingsPanel)
    duties.change_rule(sample, "verify", {"workdays": 13})
    page.refresh()
    [line] = [one for one in panel.rule_model.rows if one[0] == "核查预释放信息并回复"]
    assert line[1:3] == ("收到预释放信息后10个工作日内核查并回复（现定为13个工作日）", "13 个工作日")


def test_an_entry_with_nothing_more_says_so(sample, qtbot):
    backups.back_up(sample)
    panel = AuditPanel(sample)
    qtbot.addWidget(panel)
    panel.load()
    qtbot.waitUntil(lambda: bool(panel.model.lines) and background.idle(), timeout=60_000)
    assert "选一条" in panel.details.placeholderText()
    bare = next(number for number, line in enumerate(panel.model.lines) if not line.details)
    told = next(number for number, line in enumerate(panel.model.lines) if line.details)
    for number, shown in ((bare, ""), (told, "\n".join(panel.model.lines[told].details))):
        panel.table.setCurrentIndex(panel.model.index(number, 0))
        assert panel.details.toPlainText() == shown
        assert panel.details.placeholderText() == "这一条没有更多内容"

"""The pages and dialogs of casework on the demo ledger."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDialog, QLabel, QLineEdit, QMessageBox

from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.domain.layout import kind_of, record_kinds
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.base import accounts
from bangjiao_desktop.services.demo import demo
from bangjiao_desktop.services.figures import statistics as figures
from bangjiao_desktop.services.people import attachments, duties, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from bangjiao_desktop.ui.kit.conflict_dialog import ConflictDialog
from bangjiao_desktop.ui.kit.fields import DateField
from bangjiao_desktop.ui.kit.theme import theme
from bangjiao_desktop.ui.manage.audit_panel import AuditPanel
from bangjiao_desktop.ui.manage.password_dialogs import PasswordDialog
from bangjiao_desktop.ui.manage.proof_dialog import ProofDialog
from bangjiao_desktop.ui.manage.settings_dialogs import RuleDialog
from bangjiao_desktop.ui.manage.settings_panel import SettingsPanel
from bangjiao_desktop.ui.manage.user_dialog import UserDialog
from bangjiao_desktop.ui.manage.users_panel import UsersPanel
from bangjiao_desktop.ui.records.record_dialog import RecordDialog
from bangjiao_desktop.ui.shell.pages import PAGES, pages_for
from tests.conftest import PASSWORD
from tests.services.exchange.test_import import cells
from tests.services.test_permissions import as_role


@pytest.fixture
def window(make_window, demo_session):
    return make_window(demo_session)


def settle(qtbot, condition):
    qtbot.waitUntil(condition, timeout=120_000)


@pytest.mark.parametrize("page", [info.name for info in PAGES if info.first])
def test_every_list_shows_its_records(qtbot, window, demo_session, page):
    window.show_page(page)
    shown = window.page(page)
    for place, kind in enumerate(shown._kinds):
        shown.tabs.setCurrentIndex(place)
        count = work.count(demo_session, WorkFilter(kind.key))
        assert shown.current.model.rowCount() == min(150, count)
        settle(qtbot, lambda count=count: shown.current._count.text().startswith(f"共 {count} 条"))
        assert shown.current.add_button.text() == f"登记{kind.title}"


def test_a_list_is_filtered_sorted_saved_and_exported(qtbot, window, demo_session, tmp_path):
    window.show_page("assist")
    page = window.page("assist")
    page.show_kind("support_record")
    records = page.current
    records.filters.choose("abnormal", True)
    rows = [records.model.record(number) for number in range(records.model.rowCount())]
    assert rows
    assert all(row.record.abnormal for row in rows)
    records.save_filter("异常")
    records.filters.clear()
    assert records.model.rowCount() == 150
    records.apply_filter("异常")
    assert records.model.rowCount() == len(rows)
    assert list(settings.saved_filters(demo_session, "support_record")) == ["异常"]
    records.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    names = [records.model.record(number).sort_value for number in range(records.model.rowCount())]
    assert names == sorted(names)
    with qtbot.waitSignal(records.said, timeout=120_000):
        records.export_to(tmp_path / "异常.xlsx")
    assert len(cells(tmp_path / "异常.xlsx")["帮教记录"]) == len(rows) + 1


def test_several_are_deleted_and_assigned_at_once(qtbot, window, demo_session):
    window.show_page("placement")
    page = window.page("placement")
    page.show_kind("relief")
    records = page.current
    before = work.count(demo_session, WorkFilter("relief"))
    records.table.selectRow(0)
    records.table.selectionModel().select(
        records.model.index(1, 0),
        records.table.selectionModel().SelectionFlag.Select | records.table.selectionModel().SelectionFlag.Rows,
    )
    chosen = {row.person_id for row in records.selected()}
    with qtbot.waitSignal(records.said, timeout=120_000):
        records.assign("新责任人")
    assert all(people.brief(demo_session, one).caseworker == "新责任人" for one in chosen)
    records.table.selectRow(0)
    with qtbot.waitSignal(records.undo_offered, timeout=120_000):
        qtbot.keyClick(records.table, Qt.Key.Key_Delete)
    assert work.count(demo_session, WorkFilter("relief")) == before - 1
    assert "30 天内可在人员页恢复" in window.toast.text


@pytest.mark.parametrize("model", [sheet.key for sheet in record_kinds() if sheet.key != "assessment"])
def test_every_dialog_opens_says_what_is_missing_and_can_be_left(qtbot, window, model):
    person = window.ledger.model.person(0).id
    window.desk.open_record(model, person_id=person)
    dialog = window.desk.dialog
    assert isinstance(dialog, RecordDialog)
    required = [
        column.field for column in dialog.kind.columns if column.required and column.field in dialog.form.fields
    ]
    for name in required:
        dialog.form.fields[name].set_value(None)
    dialog.save()
    assert dialog.isVisible()
    for name in required:
        assert dialog.form._faults[name].text(), name
    assert all(
        field.accessibleName()
        for field in dialog.findChildren(QLineEdit)
        if field.objectName() != "qt_spinbox_lineedit"
    )
    dialog.form.load({})
    dialog.reject()
    assert not dialog.isVisible()


def test_a_wrong_date_is_said_below_the_field(qtbot, window):
    window.desk.open_record("support_record", person_id=window.ledger.model.person(0).id)
    dialog = window.desk.dialog
    field = dialog.form.fields["happened_on"]
    assert isinstance(field, DateField)
    field.edit.setText("2026年2月30日")
    dialog.save()
    assert "没有这一天" in dialog.form._faults["happened_on"].text()
    field.edit.clear()
    qtbot.keyClicks(field.edit, "20260901")
    field.edit.clearFocus()
    assert field.value() == date(2026, 9, 1)
    qtbot.keyClick(field.edit, Qt.Key.Key_Up)
    assert field.edit.text() == "2026-09-02"


def test_what_was_typed_is_not_lost_by_escape(qtbot, window, monkeypatch):
    window.desk.open_record("plan", person_id=window.ledger.model.person(0).id)
    dialog = window.desk.dialog
    asked = []

    def stay(box):
        asked.append(box.text())
        box.setProperty("clicked", "stay")

    monkeypatch.setattr(QMessageBox, "exec", stay)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.buttons()[0])
    dialog.form.fields["goals"].edit.setPlainText("写了一半")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert asked == ["填写的内容还没有保存。"]
    assert dialog.isVisible()
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.buttons()[1])
    dialog.reject()
    assert not dialog.isVisible()


def test_a_save_that_meets_anothers_shows_both(qtbot, window, demo_session, monkeypatch):
    person = window.ledger.model.person(0).id
    key = work.save(
        demo_session,
        "plan",
        {**work.blank(demo_session, "plan", person).row(), "goals": "原来的", "measures": "原措施"},
    )
    window.desk.open_record("plan", identifier=key, person_id=person)
    dialog = window.desk.dialog
    row = work.read(demo_session, "plan", key).row()
    work.save(demo_session, "plan", {**row, "goals": "别人改的", "measures": "别人的措施"}, identifier=key, revision=1)
    dialog.form.fields["goals"].set_value("我改的")
    dialog.save()
    [conflict] = dialog.findChildren(ConflictDialog)
    assert conflict.isVisible()
    assert [column.field for column in conflict._columns] == ["goals"]  # what I did not touch is theirs
    header = kind_of("plan").column("measures").header
    assert any(f"您没有动过的{header}照台账中现在的" in one.text() for one in conflict.findChildren(QLabel))
    conflict.accept()
    saved = work.read(demo_session, "plan", key)
    assert (saved.goals, saved.measures) == ("我改的", "别人的措施")


def test_what_two_changed_in_different_fields_is_put_together_without_a_question(qtbot, window, demo_session):
    person = window.ledger.model.person(0).id
    key = work.save(demo_session, "plan", {**work.blank(demo_session, "plan", person).row(), "goals": "原来的"})
    window.desk.open_record("plan", identifier=key, person_id=person)
    dialog = window.desk.dialog
    row = work.read(demo_session, "plan", key).row()
    work.save(demo_session, "plan", {**row, "measures": "别人的措施"}, identifier=key, revision=1)
    dialog.form.fields["goals"].set_value("我改的")
    dialog.save()
    assert dialog.findChildren(ConflictDialog) == []
    saved = work.read(demo_session, "plan", key)
    assert (saved.goals, saved.measures) == ("我改的", "别人的措施")


def test_a_save_of_what_another_deleted_is_told_and_keeps_what_was_typed(qtbot, window, demo_session):
    person = window.ledger.model.person(0).id
    key = work.save(demo_session, "plan", {**work.blank(demo_session, "plan", person).row(), "goals": "原来的"})
    window.desk.open_record("plan", identifier=key, person_id=person)
    dialog = window.desk.dialog
    work.delete(demo_session, "plan", key, 1)
    dialog.form.fields["goals"].set_value("我改的")
    dialog.save()
    assert dialog.fault.text().startswith("这条记录刚被别人删除了。")
    assert dialog.findChildren(ConflictDialog) == []
    assert dialog.form.fields["goals"].value() == "我改的"
    dialog.form.load(dialog.form.values())
    dialog.reject()


def test_reckoning_is_no_fault_and_does_not_look_like_one(qtbot, window, monkeypatch):
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page._loaded, timeout=120_000)
    counts, red = page._counts["overdue"], theme().colour("overdue")
    assert counts.palette().windowText().color() == red
    page._loaded = False
    page.load()
    assert counts.text().startswith("正在计算")
    assert counts.palette().windowText().color() == theme().colour("muted")
    qtbot.waitUntil(lambda: page._loaded, timeout=120_000)
    assert counts.text().startswith("已逾期")
    assert counts.palette().windowText().color() == red


def test_the_day_counts_its_duties_and_opens_the_right_dialog(qtbot, window):
    window.show_page("today")
    page = window.page("today")
    settle(qtbot, lambda: page._loaded and bool(page.shown()))
    everything = len(page.shown())
    assert page.kinds.item(0).text() == f"全部　{everything}"
    counts = [int(page._counts[state].text().split(" ")[-1]) for state in ("overdue", "today", "soon")]
    assert sum(counts) == everything
    for place in range(1, page.kinds.count()):
        page.kinds.setCurrentRow(place)
        assert page.shown()
        assert len({duty.rule.key for duty in page.shown()}) == 1
        page.table.selectRow(0)
        if page._note.isVisibleTo(page):  # a report is made on another page, and noted here
            page._note.click()
        else:
            qtbot.keyClick(page.table, Qt.Key.Key_Return)
        dialog = window.desk.dialog
        assert dialog is not None
        assert page.shown()[0].rule.opens in (getattr(getattr(dialog, "kind", None), "key", "assessment"),)
        dialog.reject()
    page.kinds.setCurrentRow(0)
    page.mine.setChecked(True)
    assert all(duty.subject.caseworker == window.session.user for duty in page.shown())


def test_rates_open_the_people_behind_them(qtbot, window):
    window.show_page("today")
    page = window.page("today")
    settle(qtbot, lambda: "%" in page.aside.rates["aid"].accessibleName())
    qtbot.keyClick(page.aside.rates["aid"], Qt.Key.Key_Return)
    assert window.pages.info.name == "statistics"
    statistics = window.page("statistics")
    settle(qtbot, lambda: statistics.panel.isVisible())


def test_figures_of_the_day_are_of_the_quarter_so_far_and_of_the_office_chosen(qtbot, make_window, demo_on):
    """本期至今 (DOMAIN.md §5): who is released later this quarter is not due yet, and not behind the figure."""
    session = demo_on(date(2026, 12, 30))
    office, quarter = session.offices()[0], parse_period("2026Q4")
    number = "33041119800101001"
    key = people.save_person(session, people.blank_person(session).row() | {
        "identity_number": number + check_character(number), "name": "将释放", "release_date": quarter.last,
        "office_id": office.id,
    })  # fmt: skip
    due = figures.figures(session, quarter, office).total["link.due"] - 1
    window = make_window(session)
    window.show_page("today")
    page = window.page("today")
    settle(qtbot, lambda: page.office.count() > 1)
    page.office.setCurrentIndex(page.office.findText(office.name))
    page.office.activated.emit(page.office.currentIndex())
    settle(qtbot, lambda: f"/{due}，" in page.aside.rates["link"].accessibleName())
    page.aside.rates["link"].clicked.emit()
    panel = window.page("statistics").panel
    settle(qtbot, lambda: panel.isVisible() and "至今" in panel._definition.text())
    assert office.name in panel._definition.text()
    assert key not in {one.id for one in panel._found.rows}
    assert len(panel._found.rows) == due


def test_a_visit_is_recorded_from_anywhere_with_one_key(qtbot, window):
    window.show_page("statistics")
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    dialog = window.desk.dialog
    assert not dialog.save_button.isEnabled()
    person = window.ledger.model.person(3)
    dialog.picker.edit.setText(person.identity_number)
    dialog.picker.find_now()
    qtbot.keyClick(dialog.picker.edit, Qt.Key.Key_Return)
    assert dialog.save_button.isEnabled()
    assert person.name in dialog.head.text()
    dialog.form.fields["content"].edit.setPlainText("走访")
    dialog.save()
    assert not dialog.isVisible()
    assert "的帮教记录" in window.toast.text


def test_needs_show_who_is_stuck_longest_first(qtbot, window):
    window.show_page("needs")
    page = window.page("needs")
    days = [row.stuck_since for row in page.model.rows]
    assert days == sorted(days)
    page.filters.choose("kind", "1")
    assert all(row.needs["1"].status in ("02", "03") for row in page.model.rows)
    page.table.setCurrentIndex(page.model.index(0, 3))
    qtbot.mouseClick(page._action, Qt.MouseButton.LeftButton)
    assert window.desk.dialog.form.fields["kind"].value() == "1"
    window.desk.dialog.form.load({})
    window.desk.dialog.reject()


def test_the_assessment_history_is_drawn(qtbot, window, demo_session):
    rows = work.page(demo_session, WorkFilter("assessment")).rows
    window.open_person(rows[0].person_id)
    page = window.page("person")
    page.tabs.setCurrentIndex(3)
    assert page.scores.isVisible()
    assert f"{rows[0].record.score} 分" in page.scores.accessibleName()


def test_an_attachment_is_added_and_shown_inside_the_program(qtbot, window, tmp_path):
    window.open_person(window.ledger.model.person(0).id)
    page = window.page("person")
    page.tabs.setCurrentIndex(next(n for n in range(page.tabs.count()) if "附件" in page.tabs.tabText(n)))
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"%PDF-1.4 x")
    page.attachments.add_file(file)
    assert page.attachments.model.rowCount() == 1
    page.attachments.table.selectRow(0)
    page.preview_wanted.disconnect(window.preview)
    with qtbot.waitSignal(page.preview_wanted) as caught:
        page.attachments.show_selected()
    assert bytes(caught.args[1]) == b"%PDF-1.4 x"


def test_users_are_added_and_passwords_changed(qtbot, window, demo_session):
    window.show_page("manage")
    panel = window.page("manage").panel(UsersPanel)
    dialog = UserDialog(demo_session, None, panel)
    dialog.name.setText("陆建平")
    dialog.password.edit.setText("123")
    dialog.save()
    assert "至少 8 位" in dialog.faults["password"].text()
    dialog.password.edit.setText("linhe-2026")
    assert "强度" in dialog.password._said.text()
    dialog.save()
    panel.load()
    assert [one.name for one in panel.users][-1] == "陆建平"
    assert panel.model.rows[-1][1] == "工作人员"
    change = PasswordDialog(demo_session, window)
    for widget, typed in ((change.old, PASSWORD), (change.new.edit, "xinkouling-1"), (change.again, "xinkouling-2")):
        widget.setText(typed)
    change.save()
    assert "不一致" in change.faults["again"].text()
    change.again.setText("xinkouling-1")
    change.save()
    assert change.result() == QDialog.DialogCode.Accepted


def test_the_audit_page_filters_and_verifies(qtbot, window, demo_session):
    work.save(
        demo_session,
        "plan",
        {**work.blank(demo_session, "plan", window.ledger.model.person(0).id).row(), "goals": "甲"},
    )
    window.show_page("manage")
    panel = window.page("manage").panel(AuditPanel)
    panel.filters.choose("subject", "plan")
    panel.filters.choose("action", "insert")
    assert panel.model.rowCount() >= 1
    panel.table.selectRow(0)
    assert "帮教目标：甲" in panel.details.toPlainText()
    panel.verify()
    proof = window.findChild(ProofDialog)
    proof.start.click()
    settle(qtbot, lambda: "台账完好" in proof.said.text())
    proof.accept()
    assert panel.model._wanted == AuditFilter(action="insert", subject="plan")


def test_a_rule_is_changed_and_comes_into_force(qtbot, window, demo_session):
    window.show_page("manage")
    panel = window.page("manage").panel(SettingsPanel)
    rule = next(one for one in panel.rules if one.kind == "review")
    dialog = RuleDialog(demo_session, rule, 0, panel)
    dialog.numbers["months"].setValue(3)
    dialog.save()
    panel.load()
    changed = next(one for one in panel.rules if one.kind == "review")
    assert changed.months == 3
    again = RuleDialog(demo_session, changed, 1, panel)
    again._reset()
    panel.load()
    assert next(one for one in panel.rules if one.kind == "review").months == 6


@pytest.mark.parametrize("role", [Role.WORKER, Role.READER, Role.ADMIN])
def test_each_role_sees_its_pages_and_no_others(qtbot, make_window, demo_session, role):
    session = as_role(demo_session, role)
    window = make_window(session)
    assert tuple(window._side.buttons) == tuple(info.name for info in pages_for(role))
    for info in pages_for(role):
        window.show_page(info.name)
    if role is Role.ADMIN:
        assert window.ledger.model.rowCount() == 0
        assert not window.search.isVisible()
        rules = window.page("manage").panel(SettingsPanel)
        qtbot.waitUntil(lambda: bool(rules.rules))  # whoever may change them sees them
    if role is Role.READER:
        window.open_person(window.ledger.model.person(0).id)
        page = window.page("person")
        assert not page.record_button.isVisible()
        assert not page.head.reveal.isVisible()
        qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        qtbot.keyClick(page, Qt.Key.Key_F2)  # 修改资料 is not theirs, nor is its key
        assert window._desk is None or window.desk.dialog is None
    session.close()


def test_every_page_can_be_used_with_the_keyboard_alone(qtbot, window):
    """Whatever can be clicked takes the focus by Tab and says what it is."""
    for name in (info.name for info in pages_for(Role.CHIEF)):
        window.show_page(name)
        page = window.page(name)
        for kind in (QAbstractButton, QLineEdit, QComboBox):
            for widget in page.findChildren(kind):
                if not widget.isVisible() or not widget.isEnabled() or widget.objectName().startswith("qt_"):
                    continue
                if widget.parent() and widget.parent().objectName().startswith("qt_"):
                    continue
                assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.toolTip().startswith("从日历"), (
                    name,
                    widget,
                )
                assert widget.accessibleName() or getattr(widget, "text", str)() or widget.toolTip(), (name, widget)


def test_accounts_are_the_vaults(demo_session):
    assert [one.name for one in accounts.users(demo_session)] == ["所长", *(name for name, _, _ in demo.USERS)]


def test_a_base_shows_who_is_placed_there(qtbot, window):
    window.show_page("placement")
    page = window.page("placement")
    page.show_kind("host")
    hosts = page.current
    place = next(number for number in range(hosts.model.rowCount()) if hosts.model.record(number).occupied)
    name = hosts.model.record(place).record.name
    hosts.table.selectRow(place)
    qtbot.mouseClick(hosts._residents_button, Qt.MouseButton.LeftButton)
    assert page.current.kind.key == "placement"
    assert {page.current.model.record(number).record.employer for number in range(page.current.model.rowCount())} == {
        name
    }


def test_a_scan_is_attached_to_a_record(qtbot, window, demo_session, tmp_path):
    person = window.ledger.model.person(0).id
    key = work.save(demo_session, "plan", {**work.blank(demo_session, "plan", person).row(), "goals": "甲"})
    window.desk.open_record("plan", identifier=key, person_id=person)
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"%PDF-1.4 x")
    window.desk.dialog.attach(file)
    [row] = attachments.listed(demo_session, person)
    assert (row.subject, row.subject_id) == ("plan", key)


def test_people_without_a_card_are_found(qtbot, window, demo_session):
    person = next(row for row in people.page(demo_session, LedgerFilter(status="registered"), limit=500).rows)
    [card] = [one for one in people.story(demo_session, person.id).records["handout"] if one.kind == "01"]
    work.delete(demo_session, "handout", card.id, card.revision)
    window.show_page("ledger")
    window.ledger.filters.choose("without_card", True)
    assert [window.ledger.model.person(0).id] == [person.id]
    assert window.ledger.model.rowCount() == 1


def test_closing_the_window_keeps_what_was_typed(qtbot, window, monkeypatch):
    window.desk.open_record("plan", person_id=window.ledger.model.person(0).id)
    dialog = window.desk.dialog
    dialog.form.fields["goals"].edit.setPlainText("写了一半")
    monkeypatch.setattr(QMessageBox, "exec", lambda box: 0)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.buttons()[0])
    assert not window.close()
    assert dialog.isVisible()
    dialog.form.load({})
    assert window.close()


def test_a_persons_page_says_what_is_due_for_them(qtbot, window, demo_session):
    duty = next(one for one in duties.due(demo_session) if one.kind == "visit")
    window.open_person(duties.person_key(duty))
    page = window.page("person")

    def links():
        return [one for one in page.findChildren(QAbstractButton) if one.text().startswith(duty.title)]

    settle(qtbot, lambda: bool(links()))
    qtbot.mouseClick(links()[0], Qt.MouseButton.LeftButton)
    dialog = window.desk.dialog
    assert dialog.kind.key == "support_record"
    dialog.form.fields["happened_on"].set_value(date.today())
    dialog.form.fields["content"].set_value("在家，情绪稳定")
    dialog.save()
    settle(qtbot, lambda: not links())


def test_a_deleted_attachment_comes_back_from_the_persons_page(qtbot, window, demo_session):
    person = window.ledger.model.person(0).id
    key = attachments.add_content(demo_session, person, "scan.pdf", b"%PDF-1.4 x")
    attachments.delete(demo_session, key, 1)
    window.open_person(person)
    page = window.page("person")
    page.tabs.setCurrentIndex(page.tabs.count() - 1)
    assert page.deleted.model.rows[0][1:] == ("附件", "scan.pdf")
    page.deleted.table.selectRow(0)
    qtbot.mouseClick(page.deleted.restore, Qt.MouseButton.LeftButton)
    assert [row.id for row in attachments.listed(demo_session, person)] == [key]
    assert page.deleted.model.rows == []


def test_somebody_entered_by_mistake_is_taken_out_but_nobody_with_work(qtbot, window, demo_session):
    before = people.count(demo_session, LedgerFilter())
    known = next(row for row in people.page(demo_session, LedgerFilter(status="registered")).rows)
    window.open_person(known.id)
    page = window.page("person")
    page.delete()
    assert "不能删除" in window.toast.text
    values = {
        **people.blank_person(demo_session).row(),
        "identity_number": "411627196912126552",
        "name": "误录",
        "release_date": date(2026, 1, 5),
    }
    window.open_person(people.save_person(demo_session, values))
    page.delete()
    assert people.count(demo_session, LedgerFilter()) == before
    assert window.pages.info.name == "ledger"
    assert "误录" not in {window.ledger.model.person(place).name for place in range(window.ledger.model.rowCount())}

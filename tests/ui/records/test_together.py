"""Many at once: one talk for six, eight visits of an afternoon, several duties; keys are counted beside the texts."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.pinyin import initials
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.records.change_dialog import ChangeDialog
from bangjiao_desktop.ui.records.together_dialog import TogetherDialog

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier,
)  # fmt: skip


class Keys:
    """Presses keys where the cursor is, and counts them; what is told in words is not counted."""

    def __init__(self, qtbot):
        self._qtbot, self.count = qtbot, 0

    def press(self, key, held=Qt.KeyboardModifier.NoModifier, times=1):
        for _ in range(times):
            self._qtbot.keyClick(QApplication.focusWidget(), key, held)
            self.count += 1

    def letters(self, text):
        self._qtbot.keyClicks(QApplication.focusWidget(), text)
        self.count += len(text)

    def tell(self, text):
        """As an input method puts words where the cursor is."""
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(QApplication.focusWidget(), event)


@pytest.fixture
def keys(qtbot):
    return Keys(qtbot)


def together_dialog(qtbot, window):
    qtbot.waitUntil(lambda: isinstance(window.desk.dialog, TogetherDialog), timeout=60_000)
    dialog = window.desk.dialog
    qtbot.waitUntil(dialog.isActiveWindow, timeout=60_000)
    qtbot.waitUntil(background.idle, timeout=60_000)
    return dialog


def records(session, key):
    return work.page(session, WorkFilter("support_record", person_id=key)).rows


def chosen(window, rows):
    return [window.ledger.model.person(number).id for number in rows]


def first_of_the_registered(window, settle):
    """The cursor on the first of those on the register, in the ledger."""
    window.show_page("ledger")
    settle(window)
    window.ledger.filters.choose("status", "registered")
    settle(window)
    window.ledger.table.setFocus()
    window.ledger.table.selectRow(0)


def test_one_talk_for_six_is_eight_keys(qtbot, window, sample, keys, settle):
    first_of_the_registered(window, settle)
    keys.press(Qt.Key.Key_Down, SHIFT, times=5)
    six = chosen(window, range(6))
    before = {key: len(records(sample, key)) for key in six}
    keys.press(Qt.Key.Key_R, CTRL)
    dialog = together_dialog(qtbot, window)
    assert dialog.save_button.text() == "登记 6 条"
    keys.press(Qt.Key.Key_2, CTRL)
    keys.tell("集中谈话，讲了法律援助")
    keys.press(Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=60_000)
    settle(window)
    assert keys.count <= 8
    for key in six:
        newest = max((one.record for one in records(sample, key)), key=lambda one: one.id)
        assert (newest.method, newest.content) == ("02", "集中谈话，讲了法律援助")
        assert len(records(sample, key)) == before[key] + 1
    assert window.toast.text == "已登记 6 条帮教记录"
    qtbot.mouseClick(window.toast._action, Qt.MouseButton.LeftButton)
    settle(window)
    assert {key: len(records(sample, key)) for key in six} == before


def test_eight_visits_of_yesterday_are_forty_five_keys_beside_the_texts(qtbot, window, sample, keys, settle):
    found = people.page(sample, LedgerFilter(status="registered"), limit=200).rows
    known = [one.name for one in people.page(sample, LedgerFilter(), limit=5000).rows]
    eight = [one for one in found if sum(initials(name) == initials(one.name) for name in known) == 1][:8]
    assert len(eight) == 8
    settle(window)
    keys.press(Qt.Key.Key_R, CTRL | SHIFT)
    dialog = together_dialog(qtbot, window)
    keys.press(Qt.Key.Key_Down, CTRL)
    for number, one in enumerate(eight):
        keys.letters(initials(one.name))
        keys.press(Qt.Key.Key_Return)
        qtbot.waitUntil(
            lambda number=number: len(dialog.model.rows) == number + 1 and dialog._typing.editing, timeout=60_000
        )
        keys.tell(f"第{number}家，情况稳定")
        keys.press(Qt.Key.Key_Return)
        qtbot.waitUntil(dialog.picker.edit.hasFocus, timeout=60_000)
    keys.press(Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=60_000)
    settle(window)
    assert keys.count <= 45
    yesterday = sample.today() - timedelta(days=1)
    for number, one in enumerate(eight):
        newest = max((row.record for row in records(sample, one.id)), key=lambda record: record.id)
        assert (newest.happened_on, newest.content) == (yesterday, f"第{number}家，情况稳定")


def test_who_was_not_met_has_his_own_line_and_a_fault_is_said_there(qtbot, window, sample, keys, settle):
    first_of_the_registered(window, settle)
    keys.press(Qt.Key.Key_Down, SHIFT, times=2)
    three = chosen(window, range(3))
    window.ledger.record_together("support_record")
    dialog = together_dialog(qtbot, window)
    keys.press(Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not dialog.saving.under_way and bool(dialog.fault.text()), timeout=60_000)
    assert dialog.fault.text().startswith("都没有保存。")
    assert "请写明走访内容" in dialog.form._faults["content"].text()
    dialog.table.setFocus()
    for number, words in enumerate(("在家，种菜", "在厂里上班")):
        dialog._edit(dialog.model.index(number, dialog.model.texts))
        keys.tell(words)
        keys.press(Qt.Key.Key_Return)
        qtbot.waitUntil(lambda number=number: dialog.table.currentIndex().row() == number + 1, timeout=60_000)
    keys.press(Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not dialog.saving.under_way and "：" in dialog.fault.text(), timeout=60_000)
    assert dialog.model.rows[2].fault == "请写明走访内容"
    assert dialog.model.rows[0].fault == ""
    dialog.table.setFocus()
    keys.press(Qt.Key.Key_2, ALT)
    assert dialog.model.rows[2].values == {"outcome": "02"}
    assert dialog.form.fields["outcome"].value() == "01"
    keys.press(Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=60_000)
    settle(window)
    told = [max((one.record for one in records(sample, key)), key=lambda record: record.id) for key in three]
    assert [(one.met, one.content) for one in told] == [(True, "在家，种菜"), (True, "在厂里上班"), (False, "")]


def kinds_of(page):
    return [page.kinds.item(number).data(Qt.ItemDataRole.UserRole) for number in range(page.kinds.count())]


def test_several_duties_of_a_kind_are_ended_by_one_dialog(qtbot, make_window, demo_session, settle):
    window = make_window(demo_session)
    window.show_page("today")
    page = window.page("today")
    settle(window)
    visits = [number for number, one in enumerate(page.shown()) if one.rule.opens == "support_record"][:3]
    rule = page.shown()[visits[0]].rule.key
    page.kinds.setCurrentRow(next(
        number for number in range(page.kinds.count()) if page.kinds.item(number).data(Qt.ItemDataRole.UserRole) == rule
    ))  # fmt: skip
    page.table.selectRow(0)
    qtbot.keyClick(page.table, Qt.Key.Key_Down, SHIFT)
    qtbot.keyClick(page.table, Qt.Key.Key_Down, SHIFT)
    whose = [duties.person_key(page.shown()[number]) for number in range(3)]
    assert page._act.text() == "一起处理 3 项"
    order = kinds_of(page)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    dialog = together_dialog(qtbot, window)
    assert [one.person_id for one in dialog.model.rows] == whose
    for name, value in page.shown()[0].preset:
        assert dialog.form.fields[name].value() == value
    dialog.form.fields["content"].set_value("一起走访")
    dialog.save()
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=60_000)
    settle(window)
    assert not {duties.person_key(one) for one in page.shown()} & set(whose)
    assert kinds_of(page) == [key for key in order if key in kinds_of(page)]  # fewer of it now, and where it was


def test_saving_and_the_next_keeps_what_is_mostly_the_same(qtbot, window, sample, settle):
    first, second = (one.id for one in people.page(sample, LedgerFilter(status="registered"), limit=2).rows)
    window.open_record("support_record", person_id=first)
    qtbot.waitUntil(lambda: window.desk.dialog is not None and window.desk.dialog.isActiveWindow(), timeout=60_000)
    dialog = window.desk.dialog
    day = sample.today() - timedelta(days=2)
    dialog.form.set_values({"happened_on": day, "method": "02", "place": "村委会", "content": "谈话", "worker": "王和"})
    qtbot.keyClick(dialog.form.fields["place"].edit, Qt.Key.Key_Return, CTRL | SHIFT)
    qtbot.waitUntil(lambda: window.desk.dialog not in (None, dialog), timeout=60_000)
    following = window.desk.dialog
    qtbot.waitUntil(following.isActiveWindow, timeout=60_000)
    assert following.picker.edit.hasFocus()
    assert not following.next_button.isEnabled()
    following.pick(second)
    qtbot.waitUntil(following.save_button.isEnabled, timeout=60_000)
    values = following.form.values()
    assert [values[name] for name in ("happened_on", "method", "place", "worker")] == [day, "02", "村委会", "王和"]
    assert values["content"] == ""
    following.form.set_values({"content": "又一次谈话"})
    following.save()
    qtbot.waitUntil(lambda: window.desk.dialog is None, timeout=60_000)
    settle(window)
    newest = max((one.record for one in records(sample, second)), key=lambda record: record.id)
    assert (newest.happened_on, newest.method, newest.content) == (day, "02", "又一次谈话")


def test_letters_and_digits_choose_in_a_drop_down(qtbot, window, sample):
    window.edit_person()
    qtbot.waitUntil(lambda: window.desk.dialog is not None and window.desk.dialog.isActiveWindow(), timeout=60_000)
    fields = window.desk.dialog.form.fields
    box = fields["ethnicity"].box
    for typed, name in (("m", "蒙古族"), ("m", "苗族"), ("zz", "壮族")):
        box._typed_at = 0.0
        qtbot.keyClicks(box, typed)
        assert box.currentText() == name
    box._typed_at = 0.0
    qtbot.keyClicks(box, "1")
    assert fields["ethnicity"].value().lstrip("0").startswith("1")


def test_one_column_of_six_people_is_changed_from_today_and_taken_back(qtbot, window, sample, settle):
    first_of_the_registered(window, settle)
    window.ledger.table.selectRow(0)
    for _ in range(5):
        qtbot.keyClick(window.ledger.table, Qt.Key.Key_Down, SHIFT)
    six = chosen(window, range(6))

    def told(name):
        found = {one.id: one for one in people.page(sample, LedgerFilter(people=tuple(six))).rows}
        return [getattr(found[key], name) for key in six]

    before = told("village")
    qtbot.mouseClick(window.ledger._change_button, Qt.MouseButton.LeftButton)
    dialog = window.desk.dialog
    assert isinstance(dialog, ChangeDialog)
    dialog.which.set_value("village")
    assert dialog.from_today.isVisible()
    dialog.fields["village"].edit.setText("河东村")
    qtbot.keyClick(dialog.fields["village"].edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.desk.dialog is None, timeout=60_000)
    settle(window)
    assert told("village") == ["河东村"] * 6
    assert window.toast.text == "已把 6 人的村（社区）改为“河东村”"
    qtbot.mouseClick(window.toast._action, Qt.MouseButton.LeftButton)
    settle(window)
    assert told("village") == before


def test_what_is_wrong_with_some_is_said_by_name_and_none_is_changed(qtbot, window, sample, settle):
    first_of_the_registered(window, settle)
    window.show_page("assist")
    settle(window)
    shown = window.page("assist").current
    shown.table.selectRow(0)
    qtbot.keyClick(shown.table, Qt.Key.Key_Down, SHIFT)
    records = shown.selected()
    qtbot.mouseClick(shown._change_button, Qt.MouseButton.LeftButton)
    dialog = window.desk.dialog
    assert isinstance(dialog, ChangeDialog)
    assert not dialog.from_today.isVisible()
    dialog.which.set_value("happened_on")
    dialog.fields["happened_on"].set_value(sample.today() + timedelta(days=9))
    dialog.save()
    qtbot.waitUntil(lambda: dialog._other.isVisible(), timeout=60_000)
    assert dialog._other.text().startswith(f"都没有修改。\n{records[0].person_name}")
    dialog.fields["happened_on"].set_value(sample.today())
    dialog.save()
    qtbot.waitUntil(lambda: window.desk.dialog is None, timeout=60_000)
    settle(window)
    assert [work.read(sample, "support_record", one.id).happened_on for one in records] == [sample.today()] * 2


def test_ten_duties_down_the_list_take_two_keys_each_beside_their_texts(qtbot, make_window, demo_session, keys):
    """ui.md (c): about 60 keys before, at most 30; the cursor goes on with the next by itself."""
    window = make_window(demo_session)
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page._loaded and background.idle(), timeout=120_000)
    page.kinds.setCurrentRow(next(
        n for n in range(page.kinds.count()) if page.kinds.item(n).data(Qt.ItemDataRole.UserRole) == "visit:02"
    ))  # fmt: skip
    before = len(page.shown())
    assert before > 15
    page.table.setFocus()
    page.table.selectRow(4)
    done = []
    for number in range(10):
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=60_000)
        assert page.table.hasFocus()
        done.append(page._current().subject.id)
        keys.press(Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: window.desk.dialog is not None and window.desk.dialog.isActiveWindow(), timeout=60_000)
        qtbot.waitUntil(background.idle, timeout=60_000)
        keys.tell(f"第 {number + 1} 户，在家")
        keys.press(Qt.Key.Key_Return, CTRL)
        qtbot.waitUntil(lambda: window.desk.dialog is None, timeout=60_000)
        qtbot.waitUntil(
            lambda wanted=before - number - 1: background.idle() and len(page.shown()) == wanted, timeout=60_000
        )
    assert len(set(done)) == 10
    assert keys.count == 20
    for number, key in enumerate(done):
        assert f"第 {number + 1} 户，在家" in [row.record.content for row in records(demo_session, key)]

"""What a lock puts away behind the door, and that everything is back afterwards."""

import dataclasses
import gc
import sys
import threading
from types import FunctionType, MappingProxyType, ModuleType

import pytest
from PySide6.QtWidgets import QLabel, QMessageBox

from bangjiao_desktop.domain.errors import LockedError, NotPermittedError
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.people import people
from bangjiao_desktop.ui.door.unlock_dialog import UnlockDialog
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.shell import putting_away
from bangjiao_desktop.ui.shell.help_window import show_help
from tests.conftest import PASSWORD
from tests.ui.shell.test_lock import TYPED, at_the_lock, left, program, shown, unlock, visit  # noqa: F401 (fixtures)


def live_texts(wanted):
    """Objects that hold a text in which one of the wanted stands."""
    gc.collect()
    found = []
    for one in gc.get_objects():
        if one is wanted:
            continue
        if isinstance(one, dict) and "wanted" in one:
            continue
        texts = [text for text in gc.get_referents(one) if type(text) is str]
        found.extend(type(one) for text in texts if any(part in text for part in wanted))
    return found


def locked_state(qtbot, program, look):  # noqa: F811
    """Lock, look at the program while everything is put away, unlock."""

    def act(screen):
        qtbot.waitUntil(lambda: program._away is not None and program._away.done, timeout=60_000)
        look(screen)
        unlock(qtbot)(screen)

    at_the_lock(qtbot, act)
    program.lock()


def test_the_ledger_is_closed_and_nothing_read_lives_on(qtbot, program, left, settle):  # noqa: F811
    window = program.window
    settle(window)
    window.show_page("ledger")
    settle(window)
    ledger = window.page("ledger")
    first = ledger.model.person(0)
    key, numbers = first.id, [first.identity_number]
    del first
    window.open_person(key)
    settle(window)
    window.show_page("ledger")
    ledger.table.selectRow(2)
    rows = ledger.model.rowCount()
    seen = {}

    def look(screen):
        seen["texts"] = [one.text() for one in window.findChildren(QLabel) if one.text()]
        seen["live"] = live_texts(numbers)
        with pytest.raises(LockedError):
            _ = window.session.ledger
        with pytest.raises(LockedError):
            people.brief(window.session, key)
        seen["entry"] = window.session._entry

    locked_state(qtbot, program, look)
    assert seen == {"texts": [], "live": [], "entry": None}
    assert ledger.model.rowCount() == rows
    assert ledger.table.selected_rows() == [2]
    assert people.brief(window.session, key).id == key
    assert ledger.model.person(0).identity_number == numbers[0]
    assert left == []


def test_a_half_written_form_is_emptied_and_comes_back_with_its_cursor(qtbot, program, left):  # noqa: F811
    dialog, content = visit(qtbot, program.window)
    cursor = content.textCursor()
    cursor.setPosition(3)
    cursor.setPosition(7, cursor.MoveMode.KeepAnchor)
    content.setTextCursor(cursor)
    title, seen = dialog.windowTitle(), []
    locked_state(qtbot, program, lambda screen: seen.append((content.toPlainText(), dialog.windowTitle())))
    assert seen == [("", "")]
    assert (content.toPlainText(), dialog.windowTitle()) == (TYPED, title)
    assert (content.textCursor().anchor(), content.textCursor().position()) == (3, 7)
    assert dialog.is_changed()
    dialog.save()
    assert not dialog.isVisible()


def test_what_another_did_meanwhile_is_seen_after_unlocking(qtbot, program, left, settle):  # noqa: F811
    window = program.window
    window.show_page("ledger")
    settle(window)
    key = window.page("ledger").model.person(0).id

    def other(screen):
        beside = entrance.unlock(program._folder, None, PASSWORD)
        people.assign(beside, [key], "何平")
        beside.close()

    locked_state(qtbot, program, other)
    window.show_page("ledger")  # the window may have gone to its first page meanwhile
    model = window.page("ledger").model
    qtbot.waitUntil(lambda: any(model.person(row).caseworker == "何平" for row in range(3)), timeout=30_000)
    assert people.brief(window.session, key).caseworker == "何平"


def test_the_recovery_key_unlocks_too(qtbot, program, left):  # noqa: F811
    recovery = accounts.new_recovery_key(program.window.session)
    dialog, content = visit(qtbot, program.window)

    def act(screen):
        qtbot.waitUntil(lambda: program._away is not None and program._away.done, timeout=60_000)
        screen.password.setText(recovery)
        screen.try_password()

    at_the_lock(qtbot, act)
    program.lock()
    assert dialog.isVisible()
    assert content.toPlainText() == TYPED
    assert left == []


def test_what_is_under_way_ends_first_and_who_comes_back_before_goes_on(qtbot, program, left):  # noqa: F811
    go_on, told = threading.Event(), []
    task = background.run(lambda progress: go_on.wait(60), what="导入")
    task.then(told.append)
    states = []

    def act(screen):
        states.append(program._away.done)
        unlock(qtbot)(screen)

    at_the_lock(qtbot, act)
    program.lock()
    assert states == [False]
    assert program.window.session.is_open or program.window.session._entry is not None
    go_on.set()
    qtbot.waitUntil(lambda: told == [True], timeout=60_000)


def test_the_system_does_not_wait_for_what_is_under_way(qtbot, program, left, monkeypatch):  # noqa: F811
    def reading(progress):
        while True:
            progress(0, "")

    ends = []
    background.run(reading, what="导入").anyway(lambda: ends.append(True))

    def act(screen):
        program.lock_at_once()
        assert program._away.done
        unlock(qtbot)(screen)

    at_the_lock(qtbot, act)
    program.lock()
    assert ends == [True]
    assert program.window.isVisible()


def test_a_fault_while_putting_away_still_closes_the_ledger(qtbot, program, left, monkeypatch):  # noqa: F811
    monkeypatch.setattr(putting_away.stash_words, "look_at", lambda *_: 1 / 0)
    _, content = visit(qtbot, program.window)
    seen = []
    locked_state(qtbot, program, lambda screen: seen.append(program.window.session._entry))
    assert seen == [None]
    assert content.toPlainText() == TYPED


def test_being_locked_is_told_to_nobody(qtbot, qapp):
    told = []
    voice = background.voice()
    voice.told.connect(told.append)

    def locked():
        raise LockedError("程序已锁定。")

    ended = []
    background.call(qapp, locked).anyway(lambda: ended.append(True)).at_once()
    qtbot.waitUntil(lambda: ended == [True], timeout=60_000)
    assert told == []


def test_only_the_same_user_goes_on(demo_session):
    kept = demo_session.put_away(b"x")
    other = entrance.unlock(demo_session.folder, None, PASSWORD)
    other._user = "别人"
    with pytest.raises(NotPermittedError):
        demo_session.take_back(other, kept)
    other.close()
    again = entrance.unlock(demo_session.folder, None, PASSWORD)
    assert demo_session.take_back(again, kept) == b"x"
    assert demo_session.offices()


def test_the_door_itself_keeps_its_words(qtbot, program, left):  # noqa: F811
    texts = []
    locked_state(qtbot, program, lambda screen: texts.extend(one.text() for one in screen.findChildren(QLabel)))
    assert "已锁定，请输入口令继续" in texts
    assert not [one for one in shown() if isinstance(one, UnlockDialog)]


def own_words():
    """What the columns of the ledger, and all that modules of the window carry in functions, say of themselves."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith("bangjiao_desktop.ui."):
            waiting = [(name, vars(module))]
            seen = {}
            while waiting:
                where, one = waiting.pop()
                if id(one) in seen or isinstance(one, ModuleType):
                    continue
                seen[id(one)] = one
                if isinstance(one, str | bytes | int):
                    found[where] = one
                elif isinstance(one, dict | MappingProxyType):
                    waiting += [(f"{where}.{key}", value) for key, value in one.items()]
                elif isinstance(one, tuple | list):
                    waiting += [(f"{where}[{place}]", value) for place, value in enumerate(one)]
                elif isinstance(one, FunctionType) and one.__module__.startswith("bangjiao_desktop.ui."):
                    cells = [cell.cell_contents for cell in one.__closure__ or ()]
                    waiting += [(f"{where}({place})", value) for place, value in enumerate(cells)]
                    waiting.append((f"{where}=", one.__defaults__ or ()))
                elif isinstance(one, type) and one.__module__.startswith("bangjiao_desktop.ui."):
                    waiting.append((where, vars(one)))
                elif dataclasses.is_dataclass(one) and not isinstance(one, type):
                    waiting += [(f"{where}.{key.name}", getattr(one, key.name)) for key in dataclasses.fields(one)]
    return found


def test_what_the_program_itself_says_stays(qtbot, program, left):  # noqa: F811
    before = own_words()
    assert {"name", "identity_number"} <= {value for where, value in before.items() if "LEDGER_COLUMNS" in where}
    seen = []
    locked_state(qtbot, program, lambda screen: seen.append(own_words()))
    [locked] = seen
    assert {where: (value, locked.get(where)) for where, value in before.items() if locked.get(where) != value} == {}


def test_a_ledger_whose_keys_changed_meanwhile_opens_a_window_that_shows_it(qtbot, program, left, monkeypatch, settle):  # noqa: F811
    told = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: told.append(arguments[-1]))
    monkeypatch.setattr(program.window.session, "take_back", lambda *_: None)  # as after `bangjiao rekey`
    show_help("first-day")
    locked_state(qtbot, program, lambda _: at_the_lock(qtbot, unlock(qtbot)))  # and at the door after it
    assert show_help("first-day").chapter == "first-day"  # not the one that was put away
    assert told == ["锁定期间台账换了密钥，锁定前打开的窗口恢复不了，请重新登录。"]
    window = program.window
    window.show_page("ledger")
    settle(window)
    model = window.page("ledger").model
    names = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert len(names) > 5
    assert all(names)

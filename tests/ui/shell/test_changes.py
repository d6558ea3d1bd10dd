"""Every page held open across a change made elsewhere shows what a page opened after it shows."""

import re
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QCalendarWidget,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QTableView,
)
from sqlalchemy import Engine, event

from bangjiao_desktop.domain.changes import EVERYTHING
from bangjiao_desktop.domain.layout import kinds_of
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.store.reads.records import MODELS
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.shell import pages
from tests.conftest import PASSWORD
from tests.services.exchange.test_import import books

WAIT = 240_000
_ROWS = 40
_SAMPLES, _APART = 8, 0.05  # seconds: a page is read whole each time
_SHOW = 0  # Qt.ItemDataRole.DisplayRole


def shown(page):
    """What a page shows, in words: texts, choices, and the first rows of every table that can be seen."""
    told = []
    hidden = {id(one) for calendar in page.findChildren(QCalendarWidget) for one in calendar.findChildren(QComboBox)}
    for kind in (QLabel, QAbstractButton):
        told += [one.text() for one in page.findChildren(kind) if one.isVisibleTo(page) and one.text()]
    for box in page.findChildren(QComboBox):
        if box.isVisibleTo(page) and id(box) not in hidden:
            told += [box.currentText(), *(box.itemText(place) for place in range(min(box.count(), _ROWS)))]
    for view in page.findChildren(QAbstractItemView):
        if view.isVisibleTo(page) and isinstance(view, QTableView | QListWidget) and view.model() is not None:
            told += rows(view)
    told += [action.text() for action in page.findChildren(QAction) if action.isCheckable()]
    return told


def rows(view):
    model = view.model()
    if isinstance(view, QListWidget):
        return [view.item(row).text() for row in range(min(view.count(), _ROWS))]
    columns = [column for column in range(model.columnCount()) if not view.isColumnHidden(column)]
    return [
        "|".join(str(model.index(row, column).data(_SHOW)) for column in columns)
        for row in range(min(model.rowCount(), _ROWS))
    ]


def settled(qtbot, page):
    """What a page shows once nothing is being read any more, and for a while nothing came."""
    seen, last = [], [0.0]

    def still():
        if time.monotonic() - last[0] < _APART:
            return False
        last[0] = time.monotonic()
        seen.append(shown(page))
        if not page.isVisible() or page.stale or not background.idle() or seen[-1] != seen[0]:
            seen.clear()
        return len(seen) > _SAMPLES

    qtbot.waitUntil(still, timeout=WAIT)
    return seen[-1]


def open_every_page(qtbot, window, person):
    """Show every page the chief has, last of all a person's; what each shows."""
    found = {}
    for info in pages.PAGES:
        if info.listed:
            window.show_page(info.name)
            found[info.name] = settled(qtbot, window.page(info.name))
    window.open_person(person.id)
    found["person"] = settled(qtbot, window.page("person"))
    return found


@pytest.fixture
def workbook(sample, tmp_path):
    """A workbook that changes something on every page, and whom it is about."""
    rows = people.page(sample, LedgerFilter(status="registered"), limit=400).rows
    person = next(row for row in rows if row.handover_date.isoformat() < "2026-06-01" and row.last_support_on)
    number, day = person.identity_number, "2026-09-28"
    path = books(tmp_path / "changes.xlsx", {
        "人员": [["公民身份号码", "姓名", "释放日期", "衔接日期", "衔接方式", "司法所"],
                ["110101199003074717", "秦新来", day, day, "必接必送", "王江泾司法所"]],
        "预释放与核查": [["公民身份号码", "收到日期"], [number, day]],
        "帮教记录": [["公民身份号码", "日期", "方式", "帮教人", "内容"], [number, day, "走访", "测试员", "情况正常"]],
        "帮扶需求": [["公民身份号码", "需求", "进展", "提出日期"], [number, "就业", "正在帮扶", day]],
        "安置记录": [["公民身份号码", "安置日期", "安置情况"], [number, day, "自主创业"]],
        "活动": [["日期", "类别", "司法所"], [day, "法治教育", "王江泾司法所"]],
        "调解": [["编号", "受理日期", "司法所"], ["T-1", day, "王江泾司法所"]],
        "发放": [["日期", "品类", "份数", "司法所"], [day, "联系卡", 7, "王江泾司法所"]],
    })  # fmt: skip
    return path, person


def in_this_window(window, path, bangjiao):
    take_in(window.session, path)


def in_another_session(window, path, bangjiao):
    other = entrance.unlock(window.session.folder, None, PASSWORD)
    take_in(other, path)
    other.close()


def take_in(session, path):
    assert not import_file(session, path).rejected
    settings.add_office(session, "新设司法所", "", "", {})


def by_the_command(window, path, bangjiao):
    code, _, told = bangjiao("import", window.session.folder, path)
    assert code == 0, told


@pytest.mark.parametrize("change", [in_this_window, in_another_session, by_the_command])
def test_every_page_shows_a_change_made_elsewhere(qtbot, make_window, sample, workbook, bangjiao, change):
    path, person = workbook
    window = make_window(sample)
    window.changes.watch(active=True)
    before = open_every_page(qtbot, window, person)
    change(window, path, bangjiao)
    other = entrance.unlock(sample.folder, None, PASSWORD)
    fresh = open_every_page(qtbot, make_window(other), person)
    # each page has something to be wrong about; no command makes an office, which is all that these two show
    blind = {"import", "manage"} if change is by_the_command else set()
    assert {name for name in fresh if fresh[name] == before[name]} == blind
    window.changes.watch(active=True)
    front = window.page("person")
    assert window.pages.currentWidget() is front
    wait_for(qtbot, front, fresh["person"])  # in front, and never left
    for info in pages.PAGES:
        if info.listed:
            window.show_page(info.name)
            wait_for(qtbot, window.page(info.name), fresh[info.name])
    background.wait_for_all()
    other.close()


def wait_for(qtbot, page, wanted):
    try:
        qtbot.waitUntil(lambda: shown(page) == wanted, timeout=WAIT // 4)
    except Exception:
        assert shown(page) == wanted


def assign_elsewhere(session, person_id, name):
    """Somebody at another window makes somebody the caseworker of a person."""
    other = entrance.unlock(session.folder, None, PASSWORD)
    people.assign(other, [person_id], name)
    other.close()


@pytest.mark.parametrize("name", ["ledger", "assist", "needs"])
def test_a_list_in_front_is_read_anew_and_one_stays_at_ones_place(qtbot, window, name):
    window.show_page(name)
    page = window.page(name)
    if name == "needs":
        page.filters.choose("everybody", True)
    settled(qtbot, page)
    table = page.current.table if name == "assist" else page.table
    model = table.model()
    while model.rowCount() < 200 and model.canFetchMore(model.index(-1, -1)):
        count = model.rowCount()
        model.fetchMore(model.index(-1, -1))
        qtbot.waitUntil(lambda count=count: model.rowCount() > count, timeout=WAIT)
    row = min(90, model.rowCount() - 2)
    table.selectRow(row)
    table.scrollTo(model.index(row, 0), table.ScrollHint.PositionAtTop)
    down, count = table.verticalScrollBar().value(), model.rowCount()
    assert down > 0
    person_id = {"ledger": lambda: model.person(row).id, "needs": lambda: model.rows[row].id,
                 "assist": lambda: model.record(row).person_id}[name]()  # fmt: skip
    column = next(n for n in range(model.columnCount()) if "责任人" in str(model.headerData(n, Qt.Orientation.Horizontal))) \
        if name != "assist" else None  # fmt: skip
    window.changes.watch(active=True)
    assign_elsewhere(window.session, person_id, "新责任人")
    if column is None:
        reset = []
        model.modelReset.connect(lambda: reset.append(True))
        qtbot.waitUntil(lambda: bool(reset) or not page.stale, timeout=WAIT)
    else:
        qtbot.waitUntil(lambda: model.index(row, column).data() == "新责任人", timeout=WAIT)
    qtbot.waitUntil(lambda: table.selected_rows() == [row], timeout=WAIT)
    assert model.rowCount() >= count
    assert table.verticalScrollBar().value() == down


def test_what_is_being_typed_is_finished_first(qtbot, window):
    window.show_page("statistics")
    page = window.page("statistics")
    settled(qtbot, page)
    place = next(n for n, form in enumerate(page._forms) if any(row.entry for row in form.definition.rows))
    page.list.setCurrentRow(place)
    cell = next(
        page.model.index(row, column)
        for row in range(page.model.rowCount()) for column in range(page.model.columnCount())
        if page.model.flags(page.model.index(row, column)) & Qt.ItemFlag.ItemIsEditable
    )  # fmt: skip
    page.table.setCurrentIndex(cell)
    page.table.edit(cell)
    [editor] = page.table.findChildren(QLineEdit)
    qtbot.keyClicks(editor, "12")
    asked = page._asked
    person = people.page(window.session, LedgerFilter(status="registered"), limit=1).rows[0]
    window.changes.watch(active=True)
    assign_elsewhere(window.session, person.id, "新责任人")
    qtbot.waitUntil(lambda: page.stale, timeout=WAIT)
    qtbot.wait(600)
    assert (page._asked, editor.text()) == (asked, "12")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page._asked > asked and not page.stale, timeout=WAIT)


def test_many_changes_in_a_row_are_one_reading(qtbot, window):
    window.show_page("needs")
    page = window.page("needs")
    settled(qtbot, page)
    read = []
    page.refresh = lambda: read.append(True)
    for person in people.page(window.session, LedgerFilter(status="registered"), limit=5).rows:
        people.assign(window.session, [person.id], "新责任人")
    qtbot.waitUntil(lambda: bool(read), timeout=WAIT)
    qtbot.wait(200)
    assert read == [True]


def tables_read(act):
    """The tables of the ledger that statements of an act name, in any thread."""
    found = set()

    def note(connection, cursor, statement, *_):
        found.update(re.findall(r"(?:FROM|JOIN)\s+\"?(\w+)", statement))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return found & set(MODELS)


@pytest.mark.parametrize("info", [info for info in pages.PAGES if info.first or info.menu], ids=lambda info: info.name)
def test_a_list_depends_on_every_table_it_reads(qtbot, window, info):
    def read():
        window.show_page(info.name)
        page = window.page(info.name)
        for kind in kinds_of(info.name) if info.first else ():
            page.show_kind(kind.key)
        page.reload()
        settled(qtbot, page)

    found = tables_read(read) - {"account", "bureau"}
    assert "person" in found or info.name in ("activity", "mediation", "publicity")
    assert found <= window.page(info.name).depends
    assert window.page(info.name).depends != EVERYTHING


def test_the_bureau_at_the_top_is_called_as_it_is_now(qtbot, window):
    session = window.session
    settings.save_bureau(session, "改了名的司法局", "")
    qtbot.waitUntil(lambda: window._top.who.text() == f"改了名的司法局　{session.user}")
    other = entrance.unlock(session.folder, None, PASSWORD)
    settings.save_bureau(other, "别处改的司法局", "")
    other.close()
    window.changes.watch(active=True)
    qtbot.waitUntil(lambda: window._top.who.text() == f"别处改的司法局　{session.user}", timeout=WAIT)

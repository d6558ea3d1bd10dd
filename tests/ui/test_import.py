import threading

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDropEvent
from PySide6.QtWidgets import QMessageBox

from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services import people
from bangjiao_desktop.ui import import_page
from tests.conftest import DATA


def page_of(window):
    window.show_page("import")
    return window.page("import")


def drop(page, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPoint(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    page.drop.dropEvent(event)


def test_drop_look_confirm(qtbot, make_window, empty, tmp_path):
    window = make_window(empty)
    page = page_of(window)
    drop(page, DATA / "ledger-messy.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 2, timeout=120_000)
    assert "还没有写入" in page.heading.text()
    assert people.count(empty, LedgerFilter()) == 0
    assert len(page.refused.rows) == 20
    assert tuple(page.refused.rows[0][:3]) == ("刑释人员名单", "6", "身份证号")
    page.save_refused_to(tmp_path / "refused.xlsx")
    assert (tmp_path / "refused.xlsx").exists()
    assert page.confirm.text() == "确认导入 100 行"
    qtbot.mouseClick(page.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "已写入" in page.heading.text(), timeout=120_000)
    assert people.count(empty, LedgerFilter()) == 100
    qtbot.mouseClick(page.to_ledger, Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.ledger
    assert window.ledger.model.rowCount() == 100


def test_new_offices_appear_in_the_filters(qtbot, make_window, empty):
    window = make_window(empty)
    page = page_of(window)
    page.look_at(DATA / "ledger.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 2, timeout=120_000)
    assert "将新建司法所" in page.summary.text()
    page.start_import()
    qtbot.waitUntil(lambda: "已写入" in page.heading.text(), timeout=120_000)
    texts = [action.text() for action in window.ledger.filters._groups["office_id"].actions()]
    assert "油车港司法所" in texts


def test_a_file_that_is_no_workbook_is_said_on_the_page(qtbot, make_window, empty, tmp_path):
    page = page_of(make_window(empty))
    path = tmp_path / "letter.xlsx"
    path.write_text("no workbook", encoding="utf-8")
    drop(page, path)
    qtbot.waitUntil(lambda: page.error.isVisible(), timeout=120_000)
    assert "不是可以读取的工作簿" in page.error.text()
    assert page.stack.currentIndex() == 0


def _slow(monkeypatch):
    """Make the import wait in the middle until it is told to go on."""
    go, waiting = threading.Event(), threading.Event()
    original = import_page.import_file

    def slow(session, path, *, progress, **options):
        def held(fraction, text):
            if fraction > 0.3:
                waiting.set()
                go.wait(10)
            progress(fraction, text)

        return original(session, path, progress=held, **options)

    monkeypatch.setattr(import_page, "import_file", slow)
    return go, waiting


def test_an_import_can_be_cancelled(qtbot, make_window, empty, monkeypatch):
    window = make_window(empty)
    page = page_of(window)
    page.look_at(DATA / "ledger.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 2, timeout=120_000)
    go, waiting = _slow(monkeypatch)
    page.start_import()
    qtbot.waitUntil(waiting.is_set, timeout=120_000)
    qtbot.mouseClick(page.cancel, Qt.MouseButton.LeftButton)
    go.set()
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 0, timeout=120_000)
    qtbot.waitUntil(lambda: "没有改动" in window.toast.text)
    assert people.count(empty, LedgerFilter()) == 0


def test_closing_the_window_during_an_import_asks_and_undoes_it(qtbot, make_window, empty, monkeypatch):
    window = make_window(empty)
    page = page_of(window)
    page.look_at(DATA / "ledger.xlsx")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 2, timeout=120_000)
    go, waiting = _slow(monkeypatch)
    page.start_import()
    qtbot.waitUntil(waiting.is_set, timeout=120_000)
    monkeypatch.setattr(window, "_leave_import", lambda: False)
    event = QCloseEvent()
    window.closeEvent(event)
    assert not event.isAccepted()
    monkeypatch.setattr(window, "_leave_import", lambda: True)
    threading.Timer(0.3, go.set).start()
    event = QCloseEvent()
    window.closeEvent(event)
    assert event.isAccepted()
    assert people.count(empty, LedgerFilter()) == 0
    qtbot.waitUntil(lambda: not page.busy)


def test_the_question_before_leaving_keeps_the_import_by_default(qtbot, make_window, empty, monkeypatch):
    window = make_window(empty)
    boxes = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: boxes.append(box) or 0)
    assert window._leave_import() is False
    assert boxes[0].defaultButton().text() == "继续导入"

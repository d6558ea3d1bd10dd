"""走访单: printed from the duties of the day, entered from the history in the evening."""

from bangjiao_desktop.domain.audience import Chosen
from bangjiao_desktop.services.papers import printing
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.ui.kit import background
from bangjiao_desktop.ui.records.together_dialog import TogetherDialog


def test_the_days_duties_become_a_sheet_and_the_sheet_becomes_records(qtbot, make_window, demo_session):
    window = make_window(demo_session)
    window.show_page("today")
    page = window.page("today")
    qtbot.waitUntil(lambda: page._loaded and background.idle(), timeout=120_000)
    rows = [n for n, one in enumerate(page.shown()) if one.rule.subject == "person" and not one.subject.sealed][:3]
    wanted = tuple(dict.fromkeys(page.shown()[n].subject.id for n in rows))
    page.table.selectRow(rows[0])
    selection = page.table.selectionModel()
    for n in rows[1:]:
        selection.select(page.model.index(n, 0), selection.SelectionFlag.Select | selection.SelectionFlag.Rows)
    page.print_shown()
    assert window.pages.info.name == "print"
    centre = window.page("print")
    qtbot.waitUntil(lambda: centre.current is not None and background.idle(), timeout=120_000)
    request, printed = centre.current
    assert (request.kind, set(request.audience.people)) == ("visits", set(wanted))
    printing.note_output(demo_session, request, printed, "printer")
    printing.note_output(demo_session, PrintRequest("cards", Chosen(wanted)), printed, "printer")
    centre.tabs.setCurrentWidget(centre.history)
    centre.history.load()
    qtbot.waitUntil(lambda: background.idle() and len(centre.history.lines) == 2, timeout=60_000)
    kinds = [line.request.kind for line in centre.history.lines]
    centre.history.table.selectRow(kinds.index("cards"))
    assert not centre.history.record.isVisibleTo(centre)
    centre.history.table.selectRow(kinds.index("visits"))
    assert centre.history.record.isVisibleTo(centre)
    centre.history.record.click()
    qtbot.waitUntil(lambda: isinstance(window.desk.dialog, TogetherDialog), timeout=60_000)
    dialog = window.desk.dialog
    assert dialog.kind.key == "support_record"
    assert {row.person_id for row in dialog.model.rows} == set(wanted)
    dialog.reject()

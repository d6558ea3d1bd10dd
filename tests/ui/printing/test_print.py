"""The print centre as a person uses it, over a real vault."""

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QMenu, QPushButton

from bangjiao_desktop.domain.audience import Chosen, Filtered, audience_of, audience_values
from bangjiao_desktop.domain.errors import InvalidInputError, StorageError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.print_kinds import KINDS
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.figures import form_definitions
from bangjiao_desktop.services.papers import cards, dossiers, printing
from bangjiao_desktop.services.people import people
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.store.tables.models import Handout
from bangjiao_desktop.ui.kit.preview_dialog import PreviewDialog
from bangjiao_desktop.ui.kit.printer import print_dialog
from bangjiao_desktop.ui.printing.print_options import options_of
from bangjiao_desktop.ui.printing.print_queue import CANCELLED, DONE
from tests.pdf import Pdf
from tests.services.test_permissions import as_role
from tests.ui.printing.steps import answer, choose, choose_people, drawn, preview, someone

ADD_ROW = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows


@pytest.mark.parametrize("kind", ["cards", "roster", "forms", "brochure", "calibration"])
def test_a_paper_is_chosen_seen_and_saved(qtbot, window, centre, tmp_path, kind, monkeypatch):
    answer(monkeypatch, "暂不登记")
    choose(qtbot, centre, kind)
    printed = preview(qtbot, centre)
    assert centre.view.pages == printed.pages > 0
    centre.save_to(tmp_path / "x.pdf")
    assert (tmp_path / "x.pdf").read_bytes() == printed.content
    assert centre.history.model.rows[0][1] == printed.title
    assert "已保存" in window.toast.text


def test_only_who_comes_back_to_an_older_picture_is_told_that_it_is_drawn_anew(qtbot, window, centre, demo_session):
    said = []
    centre.said.connect(said.append)
    choose(qtbot, centre, "calibration")
    preview(qtbot, centre)
    window.show_page("ledger")
    with pytest.raises(InvalidInputError):  # looked up and not found: noted, but nothing of the ledger is another
        dossiers.person_by_number(demo_session, "330411199001010014")
    window.show_page("print")
    assert said == []
    window.show_page("ledger")
    _change_somebody(demo_session)
    window.ledger.table.selectRow(3)
    window.ledger.print_for("dossier")
    drawn(qtbot, centre)
    assert said == []  # the picture from before is replaced by what is wanted now
    window.show_page("ledger")
    _change_somebody(demo_session)
    window.show_page("print")
    qtbot.waitUntil(lambda: said == ["台账有改动，已重新生成"], timeout=120_000)
    drawn(qtbot, centre)


def _change_somebody(session):
    person = people.page(session, LedgerFilter(status="registered")).rows[0]
    known = people.brief(session, person.id)
    people.save_person(
        session, {**known.row(), "remarks": f"{known.remarks}改"}, identifier=person.id,
        revision=known.revision, knowing=True,
    )  # fmt: skip


def test_dossiers_of_people_selected_in_the_ledger(qtbot, window, centre):
    window.show_page("ledger")
    window.ledger.table.selectRow(3)
    window.ledger.print_for("dossier")
    assert window.pages.currentWidget() is centre
    qtbot.waitUntil(lambda: centre.current is not None, timeout=120_000)
    assert centre.people.by_choice.isChecked()
    assert centre.people.by_choice.isVisible()
    name = window.ledger.model.person(3).name
    assert name in Pdf(centre.current[1].content)[0].text
    assert name not in centre.current[1].title + window.windowTitle()


def test_the_chosen_go_along_to_every_other_kind(qtbot, window, centre, tmp_path, monkeypatch):
    answer(monkeypatch, "暂不登记")
    window.show_page("ledger")
    chosen = [row for row in range(12) if not window.ledger.model.person(row).sealed][:4]
    for row in chosen:
        window.ledger.table.selectionModel().select(window.ledger.model.index(row, 0), ADD_ROW)
    names = [window.ledger.model.person(row).name for row in chosen]
    window.ledger.print_for("cards")
    qtbot.waitUntil(lambda: centre.current is not None, timeout=120_000)
    qtbot.waitUntil(lambda: centre.people.count.text() == f"{names[0]}、{names[1]}等 4 人", timeout=120_000)
    choose(qtbot, centre, "roster")
    qtbot.waitUntil(lambda: centre.current is not None and centre.current[0].kind == "roster", timeout=120_000)
    printed = centre.current[1]
    assert (printed.people, printed.pages) == (4, 1)
    text = Pdf(printed.content)[0].text
    assert all(name in text for name in names)
    assert "合计 4 人" in text
    centre.save_to(tmp_path / "r.pdf")
    assert centre.history.model.rows[0][2] == f"{names[0]}、{names[1]}等 4 人"


def test_the_ledger_offers_every_kind_that_is_for_people(qtbot, window):
    window.show_page("ledger")
    window.ledger.table.selectRow(1)
    window.ledger._cards_button.click()
    [menu] = [one for one in window.ledger.findChildren(QMenu) if one.actions() and one.actions()[0].text() == "联系卡"]
    assert [one.text() for one in menu.actions()] == [
        "联系卡",
        "一人一档",
        "单份文书",
        "函件",
        "信封",
        "花名册",
        "走访单",
    ]
    menu.actions()[-2].trigger()
    centre = window.page("print")
    assert centre.kind.currentData() == "roster"
    assert centre.request().audience == Chosen((window.ledger.model.person(1).id,))
    menu.close()


def test_for_whom_a_filter_means_is_said(qtbot, centre, demo_session):
    count = people.count(demo_session, LedgerFilter(status="registered"))
    qtbot.waitUntil(lambda: centre.people.count.text() == f"全部在册 {count} 人", timeout=120_000)
    centre.people.status.setCurrentIndex(0)
    everybody = people.count(demo_session, LedgerFilter())
    qtbot.waitUntil(lambda: centre.people.count.text() == f"台账中所有人 {everybody} 人", timeout=120_000)


def test_nothing_ticked_is_refused_and_all_is_one_click(qtbot, window, centre):
    centre.people.choose(Chosen((window.ledger.model.person(2).id,)))
    choose(qtbot, centre, "dossier")
    papers = centre.forms["dossier"].widgets["papers"]
    assert papers.all.checkState() == Qt.CheckState.Checked
    assert centre.request().options["papers"] is None
    qtbot.mouseClick(papers.all, Qt.MouseButton.LeftButton, pos=QPoint(8, papers.all.height() // 2))
    assert centre.request().options["papers"] == []
    qtbot.mouseClick(centre._show, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "一种文书也没有勾选" in centre.message.text(), timeout=120_000)
    assert centre.current is None
    papers.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert papers.all.checkState() == Qt.CheckState.PartiallyChecked
    qtbot.mouseClick(papers.all, Qt.MouseButton.LeftButton, pos=QPoint(8, papers.all.height() // 2))
    assert centre.request().options["papers"] is None


def test_no_caption_says_that_nothing_means_everything(demo_session):
    captions = [option.caption for kind in KINDS for option in options_of(kind, demo_session)]
    assert captions
    assert not [caption for caption in captions if "不选为" in caption]


def test_an_old_picture_is_greyed_and_drawn_anew_by_itself(qtbot, centre):
    choose(qtbot, centre, "brochure")
    first = preview(qtbot, centre)
    assert centre._print.property("role") == "primary"
    centre.forms["brochure"].widgets["fold"].setCurrentIndex(1)
    assert centre.view.greyed
    assert centre._show.property("role") == "primary"
    qtbot.waitUntil(lambda: centre.current is not None, timeout=120_000)
    assert not centre.view.greyed
    assert centre.current[1].content != first.content


@pytest.mark.parametrize("way", ["save", "print", "show"])
def test_a_picture_older_than_the_ledger_is_never_put_out(qtbot, window, centre, demo_session, tmp_path, way):
    person = someone(demo_session)
    choose(qtbot, centre, "roster")
    choose_people(centre, [person])
    qtbot.waitUntil(lambda: centre.people.count.text() == person.name, timeout=120_000)
    preview(qtbot, centre)
    said = []
    centre.said.connect(said.append)
    people.assign(demo_session, [person.id], "新责任人")
    target = tmp_path / "r.pdf"
    if way == "save":
        centre.save_to(target)
    elif way == "print":
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(target))
        centre.print_on(printer)
    else:
        window.show_page("needs")
        window.show_page("print")
    qtbot.waitUntil(lambda: "台账有改动，已重新生成" in said, timeout=120_000)
    if way == "show":
        drawn(qtbot, centre)
        centre.save_to(target)
    qtbot.waitUntil(lambda: target.exists() and not centre.out.under_way, timeout=120_000)
    if way == "print":  # a picture of the page, without text
        assert "新责任人" in Pdf(centre.current[1].content)[0].text
        return
    assert "新责任人" in Pdf(target)[0].text


def test_the_way_back_leads_to_where_one_came_from(qtbot, window, centre):
    assert not centre._back.isVisible()
    window.open_person(window.ledger.model.person(2).id)
    window.page("person").print_for("papers")
    assert window.pages.currentWidget() is centre
    assert centre._back.text() == "返回人员"
    qtbot.keyClick(centre.view, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is window.page("person")
    window.show_page("print")
    assert not centre._back.isVisible()


@pytest.mark.parametrize(("role", "offered"), [("READER", False), ("CHIEF", True)])
def test_printing_into_a_file_is_offered_only_to_those_who_may_have_one(
    qtbot, make_window, demo_session, role, offered
):
    session = demo_session if role == "CHIEF" else as_role(demo_session, Role[role])
    window = make_window(session)
    window.show_page("print")
    centre = window.page("print")
    choose(qtbot, centre, "roster")
    preview(qtbot, centre)
    assert centre._may_save() is offered
    dialog = print_dialog(QPrinter(), centre, 2, to_file=centre._may_save())
    assert dialog.testOption(QPrintDialog.PrintDialogOption.PrintToFile) is offered
    attached = PreviewDialog("附件", centre.current[1].content, "附件.pdf", window, may_save=offered)
    qtbot.addWidget(attached)
    attached.show()
    assert any(one.text() == "保存为 PDF…" and one.isVisible() for one in attached.findChildren(QPushButton)) is offered
    if role != "CHIEF":
        session.close()


def test_nothing_selected_is_said(qtbot, window):
    window.show_page("ledger")
    window.ledger.table.clearSelection()
    window.ledger.print_for("cards")
    assert "请先选中人员" in window.toast.text


def test_another_choice_must_be_seen_before_it_is_printed(qtbot, centre):
    choose(qtbot, centre, "brochure")
    preview(qtbot, centre)
    assert centre._print.isEnabled()
    fold = centre.forms["brochure"].widgets["fold"]
    fold.setCurrentIndex(1)
    assert centre.current is None
    assert not centre._print.isEnabled()
    assert "选择已改" in centre.paper.where.text()


def test_zoom_true_size_and_pages(qtbot, centre):
    choose(qtbot, centre, "brochure")
    preview(qtbot, centre)
    centre.paper.zoom.setCurrentIndex(centre.paper.zoom.findData(1.0))
    inches = 297 / 25.4
    assert centre.view._rectangles[0].width() == pytest.approx(inches * centre.view.logicalDpiX(), abs=2)
    qtbot.mouseClick(centre.paper.after, Qt.MouseButton.LeftButton)
    assert centre.paper.where.text() == "第 2 页，共 2 页"
    qtbot.keyClick(centre.view, Qt.Key.Key_Home)
    assert centre.view.number == 0
    assert not centre.view.grab().isNull()


def test_printed_cards_are_entered_after_confirmation_only(qtbot, centre, demo_session, monkeypatch, tmp_path):
    printed = preview(qtbot, centre)
    assert printed.cards_for

    def handed():
        with demo_session.ledger.read() as connection:
            return records.rows_with(connection, Handout, handed_on=date.today(), kind="01")

    before = len(handed())
    answer(monkeypatch, "暂不登记")
    centre.save_to(tmp_path / "a.pdf")
    assert len(handed()) == before
    answer(monkeypatch, "登记为已发放")
    centre.save_to(tmp_path / "b.pdf")
    assert len(handed()) == before + len(printed.cards_for)


def test_offsets_are_remembered_for_each_printer(qtbot, window, centre):
    form = centre.forms["cards"]
    form.widgets["offset"].boxes[0].setValue(0.7)
    form.widgets["back_offset"].boxes[1].setValue(-0.4)
    assert centre.choice._preferences.get("printer_offsets") == {"-": [0.7, 0.0, 0.0, -0.4]}
    assert centre.request().options["offset"] == [0.7, 0.0]
    printer = form.widgets["printer"]
    printer.addItem("另一台", "另一台")
    printer.setCurrentIndex(printer.findData("另一台"))
    assert centre.request().options["offset"] == [0.0, 0.0]
    printer.setCurrentIndex(0)
    assert centre.request().options["offset"] == [0.7, 0.0]


def test_a_queue_writes_a_file_for_each_person_without_names(qtbot, window, centre, tmp_path, demo_session):
    people = tuple(window.ledger.model.person(number).id for number in range(4))
    names = [window.ledger.model.person(number).name for number in range(4)]
    choose(qtbot, centre, "papers")
    centre.people.choose(Chosen(people))
    qtbot.mouseClick(centre._enqueue, Qt.MouseButton.LeftButton)
    assert [item.title for item in centre.queue.items] == [f"单份文书 {number}/4" for number in range(1, 5)]
    centre.queue.save_all(tmp_path)
    qtbot.waitUntil(lambda: all(item.state == DONE for item in centre.queue.items), timeout=120_000)
    files = sorted(path.name for path in tmp_path.glob("*.pdf"))
    assert files == [f"{number:03d}-单份文书.pdf" for number in range(1, 5)]
    assert not any(name in file for name in names for file in files)
    assert len(printing.history(demo_session)) == 4


def test_a_queue_is_cancelled(qtbot, window, centre, tmp_path):
    people = tuple(window.ledger.model.person(number).id for number in range(8))
    choose(qtbot, centre, "dossier")
    centre.people.choose(Chosen(people))
    centre.enqueue()
    centre.queue.save_all(tmp_path)
    qtbot.waitUntil(lambda: any(item.state == DONE for item in centre.queue.items), timeout=120_000)
    centre.queue.cancel()
    qtbot.waitUntil(lambda: not centre.queue.running, timeout=120_000)
    states = [item.state for item in centre.queue.items]
    assert states.count(CANCELLED) >= 1
    assert len(list(tmp_path.glob("*.pdf"))) == states.count(DONE)
    assert not list(tmp_path.glob(".*"))


def test_a_queue_prints_on_a_printer_off_the_ui_thread(qtbot, window, centre, tmp_path):
    choose(qtbot, centre, "brochure")
    centre.enqueue()
    choose(qtbot, centre, "calibration")
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "p.pdf"))
    centre.queue.print_all(printer)
    qtbot.waitUntil(lambda: centre.queue.items[0].state == DONE, timeout=120_000)
    assert len(Pdf(tmp_path / "p.pdf")) == 2
    assert centre.history.model.rows[0][3] == "打印"


def test_a_print_is_made_again_from_the_history(qtbot, centre, tmp_path):
    choose(qtbot, centre, "roster")
    centre.forms["roster"].load({"columns": ["name", "status"], "title": "试用名单"})
    preview(qtbot, centre)
    centre.save_to(tmp_path / "r.pdf")
    choose(qtbot, centre, "brochure")
    centre.tabs.setCurrentIndex(2)
    centre.history.table.selectRow(0)
    centre.history._again()
    qtbot.waitUntil(lambda: centre.current is not None, timeout=120_000)
    assert centre.kind.currentData() == "roster"
    assert centre.request().options["columns"] == ["name", "status"]
    assert "试用名单" in Pdf(centre.current[1].content)[0].text


def test_what_goes_wrong_is_said_and_nothing_is_shown(qtbot, centre):
    choose(qtbot, centre, "forms")
    centre.forms["forms"].load({"filed": "latest"})
    qtbot.mouseClick(centre._show, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "还没有报出" in centre.message.text(), timeout=120_000)
    assert centre.current is None


def test_a_reader_may_print_but_cards_are_not_entered(qtbot, make_window, demo_session, tmp_path):
    reader = as_role(demo_session, Role.READER)
    window = make_window(reader)
    window.show_page("print")
    centre = window.page("print")
    preview(qtbot, centre)
    centre.save_to(tmp_path / "c.pdf")  # asks nothing: a reader enters no work
    assert (tmp_path / "c.pdf").exists()
    reader.close()


def test_logo_masking_and_watermark_are_set(qtbot, window, demo_session):
    import io

    from PIL import Image

    from bangjiao_desktop.ui.manage.settings_panel import SettingsPanel

    picture = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(picture, "PNG")
    window.show_page("manage")
    panel = window.page("manage").panel(SettingsPanel)
    panel.edit_papers()
    from bangjiao_desktop.ui.manage.paper_settings_dialog import PaperSettingsDialog

    [dialog] = panel.findChildren(PaperSettingsDialog)
    dialog.masked.setChecked(True)
    dialog.take(b"no picture")
    dialog.save()
    assert "打不开" in dialog._other.text()
    dialog.take(picture.getvalue())
    dialog.save()
    assert cards.logo(demo_session) == picture.getvalue()
    assert printing.defaults(demo_session).masked


def test_the_brochure_is_edited_with_the_paper_beside(qtbot, window, demo_session):
    from bangjiao_desktop.services.papers import brochures
    from bangjiao_desktop.ui.manage.brochure_panel import BrochurePanel

    window.show_page("manage")
    panel = window.page("manage").panel(BrochurePanel)
    qtbot.waitUntil(lambda: panel.view.pages == 2, timeout=120_000)
    panel.list.setCurrentRow(1)
    panel.edit.setPlainText("# 落户\n\n![x](y)\n")
    qtbot.waitUntil(lambda: "第 3 行" in panel.fault.text(), timeout=120_000)
    panel.edit.setPlainText("# 落户\n\n我们陪您去。\n")
    qtbot.waitUntil(lambda: panel.fault.text() == "", timeout=120_000)
    qtbot.mouseClick(panel._save, Qt.MouseButton.LeftButton)
    assert brochures.sections(demo_session)["01-household"] == "# 落户\n\n我们陪您去。\n"
    panel.list.setCurrentRow(1)
    qtbot.mouseClick(panel._restore, Qt.MouseButton.LeftButton)
    assert brochures.sections(demo_session) == brochures.shipped()


def test_a_form_is_edited_with_the_paper_beside(qtbot, window, demo_session, tmp_path):
    from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel

    window.show_page("manage")
    panel = window.page("manage").panel(FormEditorPanel)
    panel.list.setCurrentRow(3)
    qtbot.waitUntil(lambda: panel.view.pages == 1, timeout=120_000)
    panel.head["title"].setText("安置季报")
    panel.rows.item(3, 4).setText("97")
    panel.rows.setCurrentCell(3, 0)
    panel.rows.insert_line()
    panel.rows.item(4, 0).setText("其中外地籍")
    box = panel.rows.cellWidget(4, 1)
    box.setCurrentIndex(box.findData("reg.end.nonlocal"))
    panel.rows.move_line(1)
    assert panel.rows.item(5, 0).text() == "其中外地籍"
    panel.rows.move_line(-1)
    qtbot.mouseClick(panel._save, Qt.MouseButton.LeftButton)
    assert panel.fault.text() == "审核关系“12<=13+14+15+16+17+18+19”" or panel.fault.text() == ""
    known = {one.number: one for one in form_definitions.known_forms(demo_session)}
    form = known["AB-4"].definition
    assert (known["AB-4"].origin, form.title) == ("changed", "安置季报")
    assert float(form.rows[3].target) == pytest.approx(0.97)
    assert (form.rows[4].label, form.rows[4].key) == ("其中外地籍", "reg.end.nonlocal")
    qtbot.mouseClick(panel._restore, Qt.MouseButton.LeftButton)
    assert all(one.origin == "built-in" for one in form_definitions.known_forms(demo_session))


def test_a_wrong_form_is_told_with_its_line(qtbot, window, demo_session):
    from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel

    window.show_page("manage")
    panel = window.page("manage").panel(FormEditorPanel)
    panel.list.setCurrentRow(1)
    panel.tabs.setCurrentIndex(1)
    panel.source.setPlainText(panel.source.toPlainText().replace('key = "reg.new"', 'key = "reg.nix"'))
    qtbot.waitUntil(lambda: "reg.nix" in panel.fault.text(), timeout=120_000)
    assert "AB-2.toml 第" in panel.fault.text()


def test_a_form_that_no_longer_reads_is_mended_or_given_up(qtbot, window, demo_session):
    from bangjiao_desktop.domain.form_reader import built_in_forms
    from bangjiao_desktop.services.base import definitions
    from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel

    source = next(form for form in built_in_forms() if form.number == "AB-2").source
    with demo_session.ledger.write() as connection:  # as another version of the program kept it
        kept = {"AB-2": source.replace('key = "reg.new"', 'key = "reg.nix"'), "浙-1": "number = 1"}
        for number, text in kept.items():
            definitions.put(connection, demo_session.user, "form", number, text)
    window.show_page("statistics")
    page = window.page("statistics")
    qtbot.waitUntil(lambda: page.list.count() == 10, timeout=120_000)
    assert [page.list.item(row).text() for row in (8, 9)] == ["AB-2　读不了　⚠", "浙-1　读不了　⚠"]
    page.list.setCurrentRow(8)
    assert "AB-2 是这里改过的" in page.view.failures.text()
    assert page.view.failures.isVisible()
    assert page.model.rowCount() == 0
    assert page.view._empty._text.text() == "这张表读不了"
    said = []
    page.said.connect(said.append)
    page.output.save_pdf(Path("/never/written.pdf"))
    assert "只当前表" in said[0]
    page.output.which.setCurrentIndex(page.output.which.findData("one"))
    page.list.setCurrentRow(9)
    page.output.save_xlsx(Path("/never/written.xlsx"))
    assert "浙-1" in said[1]
    page.output.preview()
    assert "浙-1" in said[2]
    page.list.setCurrentRow(0)
    assert page.model.rowCount() > 3
    window.show_page("manage")
    panel = window.page("manage").panel(FormEditorPanel)
    panel.list.setCurrentRow(1)
    assert panel.list.item(1).text() == "AB-2　读不了（已改）"
    assert "AB-2.toml 第" in panel.fault.text()
    assert panel.tabs.currentIndex() == 1
    assert not panel.tabs.isTabEnabled(0)
    panel.source.setPlainText(panel.source.toPlainText().replace("reg.nix", "reg.new"))
    qtbot.waitUntil(lambda: panel.fault.text() == "", timeout=120_000)
    qtbot.mouseClick(panel._save, Qt.MouseButton.LeftButton)
    assert (
        panel.list.item(1).text() == "AB-2　安置帮教对象变动与结构情况"
    )  # mended to what is built in: not of the bureau
    assert panel.tabs.isTabEnabled(0)
    panel.list.setCurrentRow(panel.list.count() - 1)
    assert panel._restore.text() == "删除这张表"
    qtbot.mouseClick(panel._restore, Qt.MouseButton.LeftButton)
    assert not any(one.fault for one in form_definitions.known_forms(demo_session))


def test_an_office_has_its_hours_and_mediator(qtbot, window, demo_session):
    from bangjiao_desktop.ui.manage.settings_dialogs import OfficeEditDialog

    dialog = OfficeEditDialog(demo_session, demo_session.offices()[0], window)
    dialog.printed["post_code"].setText("31400")
    dialog.save()
    assert "6 位" in dialog.faults["post_code"].text()
    dialog.printed["post_code"].setText("314000")
    dialog.printed["mediator"].setText("李和平")
    dialog.save()
    office = demo_session.offices()[0]
    assert (office.post_code, office.mediator) == ("314000", "李和平")


def test_what_is_shown_is_printed_off_the_ui_thread_and_noted(qtbot, window, centre, tmp_path):
    choose(qtbot, centre, "brochure")
    preview(qtbot, centre)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "p.pdf"))
    centre.print_on(printer)
    assert centre.paper.bar.isVisible()
    qtbot.waitUntil(lambda: bool(centre.history.lines), timeout=120_000)
    assert centre.history.lines[0].way == "打印"
    assert len(Pdf(tmp_path / "p.pdf")) == 2
    qtbot.waitUntil(lambda: not centre.paper.bar.isVisible(), timeout=5_000)


def test_a_title_of_ones_own_that_gives_somebody_away_is_noticed(qtbot, centre):
    title = centre.forms["cards"].widgets["title"]
    title.setEditText("回归人员联系卡")
    printed = preview(qtbot, centre)
    assert "会让人看出持卡人的身份" in centre.message.text()
    assert printed.pages > 0
    title.setEditText("便民卡")
    preview(qtbot, centre)
    assert centre.message.text() == ""
    assert centre.request().options["title"] == "便民卡"


def test_only_the_chosen_pages_are_printed(tmp_path, demo_session, qapp):
    from bangjiao_desktop.services.papers.print_requests import PrintRequest
    from bangjiao_desktop.ui.kit.printer import print_pdf

    content = printing.draw(demo_session, PrintRequest("roster", Filtered(LedgerFilter()))).content
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "p.pdf"))
    printer.setPrintRange(QPrinter.PrintRange.PageRange)
    printer.setFromTo(2, 4)
    print_pdf(content, printer, "花名册")
    assert len(Pdf(tmp_path / "p.pdf")) == 3


def test_a_form_of_the_province_keeps_its_cells_when_it_is_edited(qtbot, window, demo_session, tmp_path):
    from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel

    file = tmp_path / "p.toml"
    file.write_text(
        '# 省厅表样\nnumber = "省-1"\ntitle = "省表"\nunit = "人"\n\n'
        '[[column]]\nheader = "合计"\nscope = "current"\n\n[[column]]\nheader = "重点"\nscope = "current"\n\n'
        '[[row]]\nlabel = "一、在册"\ngroup = true\n\n'
        '[[row]]\nlabel = "在册"\nkey = "reg.end"\nside = "情况"\ncells = ["", "reg.end.key"]\n\n'
        '[[row]]\nlabel = "两倍"\nformula = "1+1"\n\n[[row]]\nlabel = "手填"\nentry = true\n',
        encoding="utf-8",
    )
    window.show_page("manage")
    panel = window.page("manage").panel(FormEditorPanel)
    panel.add(file)
    before = next(one for one in form_definitions.known_forms(demo_session) if one.origin == "added").definition
    panel.head["title"].setText("省表（新）")
    panel.rows.item(1, 0).setText("期末在册")
    panel.save()
    assert panel.fault.text() == ""
    after = next(one for one in form_definitions.known_forms(demo_session) if one.origin == "added").definition
    assert after.title == "省表（新）"
    assert after.rows[1].label == "期末在册"
    assert [row.cells for row in after.rows] == [row.cells for row in before.rows]
    assert [(row.key, row.side, row.entry, row.group) for row in after.rows] == [
        (row.key, row.side, row.entry, row.group) for row in before.rows
    ]
    assert after.source.startswith("# 省厅表样")
    box = panel.rows.cellWidget(2, 1)
    box.setEditText("=1")
    panel.save()
    after = next(one for one in form_definitions.known_forms(demo_session) if one.origin == "added").definition
    assert after.rows[2].cells[0].formula.text == "1"


def test_options_are_remembered_on_this_computer_but_not_for_whom(
    qtbot, window, centre, make_window, demo_session, preferences
):
    choose(qtbot, centre, "roster")
    centre.forms["roster"].load({"columns": ["name", "office"], "sort": "office", "paper": "A3"})
    centre.people.text.setText("潘")
    qtbot.wait(300)
    preview(qtbot, centre)
    kept = preferences.get("print_options_roster")
    assert "潘" not in kept
    again = make_window(demo_session)
    again.show_page("print")
    other = again.page("print")
    choose(qtbot, other, "roster")
    assert other.forms["roster"].values()["columns"] == ["name", "office"]
    assert other.forms["roster"].values()["sort"] == "office"
    assert other.people.text.text() == ""


def test_what_is_typed_into_the_brochure_stays_until_it_is_saved(qtbot, window, demo_session):
    from bangjiao_desktop.services.papers import brochures
    from bangjiao_desktop.ui.manage.brochure_panel import BrochurePanel

    window.show_page("manage")
    panel = window.page("manage").panel(BrochurePanel)
    for number, text in ((1, "# 落户\n\n我们陪您去。\n"), (2, "# 救助\n\n先打个电话。\n")):
        panel.list.setCurrentRow(number)
        panel.edit.setPlainText(text)
    assert panel.list.item(1).text() == "落户（未保存）"
    panel.load()
    panel.list.setCurrentRow(1)
    assert panel.edit.toPlainText() == "# 落户\n\n我们陪您去。\n"
    qtbot.mouseClick(panel._save, Qt.MouseButton.LeftButton)
    kept = brochures.sections(demo_session)
    assert (kept["01-household"], kept["02-relief"]) == ("# 落户\n\n我们陪您去。\n", "# 救助\n\n先打个电话。\n")
    assert panel.list.item(1).text() == "落户"


def test_a_form_being_edited_is_not_lost_by_looking_at_another(qtbot, window, monkeypatch):
    from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel

    window.show_page("manage")
    panel = window.page("manage").panel(FormEditorPanel)
    panel.list.setCurrentRow(3)
    panel.rows.item(3, 0).setText("安置率（改）")
    answer(monkeypatch, "继续修改")
    panel.list.setCurrentRow(4)
    assert panel.list.currentRow() == 3
    panel.load()
    assert panel.rows.item(3, 0).text() == "安置率（改）"
    answer(monkeypatch, "不保存")
    panel.list.setCurrentRow(4)
    assert panel.list.currentRow() == 4
    panel.list.setCurrentRow(3)
    assert panel.rows.item(3, 0).text() == "安置率"


@pytest.mark.parametrize(("column", "typed"), [(3, "一"), (4, "九十八"), (4, "9,8"), (4, "1e9")])
def test_a_wrong_indent_or_target_is_told_with_its_row(qtbot, window, column, typed):
    from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel

    window.show_page("manage")
    panel = window.page("manage").panel(FormEditorPanel)
    panel.list.setCurrentRow(3)
    panel.rows.item(3, column).setText(typed)
    qtbot.mouseClick(panel._save, Qt.MouseButton.LeftButton)
    assert f"第 4 行“安置率”的{'缩进' if column == 3 else '目标'}“{typed}”" in panel.fault.text()


def test_a_target_of_nought_is_kept():
    from bangjiao_desktop.services.figures.form_definitions import edited

    source = 'title = "甲"\n[[row]]\nlabel = "率"\ntarget = 0.0\nindent = 1\n'
    made = edited(source, {}, [{"was": 0, "label": "率", "target": 0.0, "indent": 0}])
    assert "target = 0.0" in made
    assert "indent" not in made


def test_looking_at_another_paper_does_not_stop_a_print(qtbot, window, centre, tmp_path):
    choose(qtbot, centre, "brochure")
    preview(qtbot, centre)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "p.pdf"))
    centre.print_on(printer)
    centre.preview()
    qtbot.waitUntil(lambda: bool(centre.history.lines), timeout=120_000)
    assert len(Pdf(tmp_path / "p.pdf")) == 2
    qtbot.waitUntil(lambda: not centre.paper.bar.isVisible(), timeout=5_000)
    preview(qtbot, centre)


def test_cards_for_those_who_have_none(qtbot, centre, demo_session):
    from sqlalchemy import text

    from bangjiao_desktop.domain.ledger import LedgerFilter
    from bangjiao_desktop.services.people import people

    with demo_session.ledger.write() as connection:
        connection.execute(
            text("UPDATE handout SET deleted_at = '2026-01-01' WHERE person_id IN (SELECT id FROM person LIMIT 100)")
        )
    wanted = LedgerFilter(status="registered", without_card=True)
    few = people.count(demo_session, wanted)
    assert 0 < few < people.count(demo_session, LedgerFilter(status="registered"))
    choose(qtbot, centre, "cards")
    centre.people.without_card.setChecked(True)
    qtbot.waitUntil(lambda: centre.people.count.text() == f"在册、还没有发过联系卡 {few} 人", timeout=120_000)
    assert len(preview(qtbot, centre).cards_for) == few
    again = Filtered(LedgerFilter(again=True))
    centre.people.choose(again)
    assert centre.people.audience() == again
    assert audience_of(audience_values(again)) == again  # as the history keeps it
    centre.people.choose(Filtered(LedgerFilter(without_card=True)))
    assert centre.people.filter()["without_card"]
    centre.people.choose(Filtered(LedgerFilter()))
    assert not centre.people.filter()["without_card"]


def test_printing_an_intricate_page_can_be_stopped(tmp_path, qapp):
    from bangjiao_desktop.domain.errors import CancelledError
    from bangjiao_desktop.ui.kit.printer import print_pdf
    from tests.documents.hostile_pdf import hostile_pdf, lines

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "p.pdf"))
    printer.setResolution(100)
    told = []

    def progress(part, text):
        told.append(text)
        if len(told) > 2:
            raise CancelledError("已取消。")

    with pytest.raises(CancelledError):
        print_pdf(hostile_pdf(lines(2000)), printer, "附件", progress)
    assert set(told) == {"第 1 页，共 1 页"}
    with pytest.raises(StorageError, match=r"不合常理.*没有打印"):
        print_pdf(hostile_pdf(size=(14_400.0, 300.0)), printer, "附件")

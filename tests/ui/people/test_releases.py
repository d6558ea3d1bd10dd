"""A person released more than once, on their page: chips, the next release, what held from which day, as a person does it."""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import episodes, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.ui.kit.conflict_dialog import ConflictDialog
from bangjiao_desktop.ui.people.episode_chips import ALL
from bangjiao_desktop.ui.records.episode_dialog import EpisodeDialog
from bangjiao_desktop.ui.records.person_dialog import PersonDialog
from bangjiao_desktop.ui.records.standing_dialog import StandingDialog, read_standing

NUMBER = "330411198005150037"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(qtbot, make_window, empty, settle):
    """The page of a man released in 2021, back in prison in 2023, at home there for a visit."""
    begun = people.blank_person(empty)
    values = begun.row() | {
        "identity_number": NUMBER, "name": "沈方舟", "release_date": date(2021, 3, 1), "handover_date": date(2021, 3, 2),
        "handover_mode": "03", "prison": "甲监狱", "offence": "盗窃罪", "sentence": "有期徒刑三年", "family_name": "沈母",
    }  # fmt: skip
    key = people.save_person(empty, values)
    about = {"person_id": key, "office_id": begun.office_id}
    visit = {"happened_on": date(2022, 5, 1), "method": "01", "content": "在家", **about}
    work.save(empty, "support_record", work.blank(empty, "support_record", key).row() | visit)
    left = {"changed_on": date(2023, 6, 1), "reason": "03", **about}
    work.save(empty, "register_change", work.blank(empty, "register_change", key).row() | left)
    window = make_window(empty)
    window.open_person(key)
    settle(window)
    found = window.page("person")

    def told():
        settle(window)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)

    found.told = told
    found.dialog = lambda: window.desk.dialog
    return found


def released_again(qtbot, page, **values):
    """Record the next release with the button of the page."""
    qtbot.mouseClick(page.releases.again, LEFT)
    qtbot.waitUntil(lambda: isinstance(page.dialog(), EpisodeDialog))
    dialog = page.dialog()
    dialog.form.set_values(
        {"release_date": date(2026, 7, 10), "handover_date": date(2026, 7, 11), "handover_mode": "03"} | values
    )
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert not dialog.isVisible(), (dialog.fault.text(), dialog.form.values())
    page.told()


def shown(page):
    return [page.timeline.model().index(row, 0).data() for row in range(page.timeline.model().rowCount())]


def figure(page, period, key):
    return statistics.figures(page._session, parse_period(period)).total[key]


def test_one_release_is_shown_without_chips(page):
    assert page.releases.chips.isHidden()
    assert page.releases.again.isVisible()


def test_the_next_release_is_recorded_from_the_page(qtbot, page):
    qtbot.mouseClick(page.releases.again, LEFT)
    dialog = page.dialog()
    form = dialog.form
    assert "family_name" not in form.fields  # it is the person's, and stays
    assert (form.fields["offence"].value(), form.fields["caseworker"].value()) == ("", "所长")
    assert form._hints["recidivist"].text().startswith("是否累犯还看不出")
    form.set_values({"offence": "抢劫罪", "sentence": "有期徒刑三年", "release_date": date(2026, 7, 10)})
    form.fields["sentence"].changed.emit()
    assert "符合刑法第六十五条" in form._hints["recidivist"].text()
    assert form.fields["recidivist"].value() is False  # suggested, decided by the person
    qtbot.mouseClick(dialog.save_button, LEFT)
    page.told()
    chips = [chip.text() for chip in page.releases.chips.chips()]
    assert chips[:2] == [ALL, "第1期 2021–2023 收监"]
    assert chips[2].startswith("第2期 2026–")
    assert page.releases.again.isHidden()
    assert people.brief(page._session, page.person_id).family_name == "沈母"
    assert figure(page, "2022", "reg.end") == 1


def test_a_release_that_cannot_be_is_said_beside_its_field(qtbot, page):
    qtbot.mouseClick(page.releases.again, LEFT)
    dialog = page.dialog()
    dialog.form.set_values({"release_date": date(2023, 5, 31)})
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert dialog.isVisible()
    assert "两期不能重叠" in dialog.form._faults["release_date"].text()
    dialog.form.load(dialog.form.values())
    dialog.reject()


def test_who_is_in_prison_waits_without_a_day(qtbot, page):
    released_again(qtbot, page, release_date=None, handover_date=None, handover_mode=None, imprisoned=True)
    assert page.releases.chips.chips()[-1].text() == "第2期 在押"
    assert page.head.term.isHidden()
    assert "在押" in page.head.term_text.text()
    page.tabs.setCurrentIndex([page.tabs.tabText(n) for n in range(page.tabs.count())].index("履历"))
    table = page.releases.standings.table
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    dialog = page.dialog()
    assert "from_date" not in dialog.form.fields
    dialog.form.set_values({"village": "东村"})
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert not dialog.isVisible(), dialog.fault.text()
    page.told()
    assert people.brief(page._session, page.person_id).village == "东村"


def test_a_chip_shows_the_story_and_the_facts_of_one_release(qtbot, page):
    released_again(qtbot, page, prison="乙监狱")
    everything = shown(page)
    chips = page.releases.chips.chips()
    qtbot.mouseClick(chips[1], LEFT)
    first = shown(page)
    assert any("走访" in one for one in first)
    assert not any("2026" in one for one in first)
    assert page._facts.title.text() == "基本情况（第1期）"
    chips[1].setFocus()
    qtbot.keyClick(chips[1], Qt.Key.Key_Right)  # as in any group of choices
    second = shown(page)
    assert not any("走访" in one for one in second)
    assert sorted(first + second) == sorted(everything)
    page.reload()
    page.told()
    assert shown(page) == second  # what was chosen stays


def test_a_paper_is_of_the_release_that_is_shown(qtbot, page):
    """And the next one, for whomever, is of the latest again."""
    released_again(qtbot, page, prison="乙监狱")
    centre = page.window().page("print")

    def printed(kind):
        page.print_for(kind)
        qtbot.waitUntil(lambda: centre.current is not None and centre.current[0].kind == kind, timeout=120_000)
        found = centre.current[0].options["episode"]
        centre.left.emit()
        page.told()
        return found

    assert printed("dossier") is None
    qtbot.mouseClick(page.releases.chips.chips()[1], LEFT)
    assert [printed("dossier"), printed("papers")] == [1, 1]
    qtbot.mouseClick(page.releases.chips.chips()[0], LEFT)
    assert printed("dossier") is None


def test_a_past_release_is_put_right_from_its_chip(qtbot, page):
    released_again(qtbot, page)
    qtbot.mouseClick(page.releases.chips.chips()[1], LEFT)
    qtbot.mouseClick(page.releases.chips.edit, LEFT)
    dialog = page.dialog()
    assert "office" not in dialog.form.fields  # in the table of standings
    dialog.form.set_values({"offence": "抢劫罪"})
    qtbot.mouseClick(dialog.save_button, LEFT)
    page.told()
    offences = [one.release.offence for one in people.story(page._session, page.person_id).episodes]
    assert offences == ["抢劫罪", ""]


def changed(qtbot, page, **values):
    qtbot.mouseClick(page._edit, LEFT)
    qtbot.waitUntil(lambda: isinstance(page.dialog(), PersonDialog))
    dialog = page.dialog()
    assert dialog.since_panel.isHidden()
    dialog.form.set_values(values)
    return dialog


def test_the_person_s_own_form_says_what_the_law_says_of_a_recidivist(qtbot, page):
    """Also later, when the sentence of the second release is typed."""
    released_again(qtbot, page)
    qtbot.mouseClick(page._edit, LEFT)
    qtbot.waitUntil(lambda: isinstance(page.dialog(), PersonDialog))
    form = page.dialog().form
    before = form._hints["recidivist"].text()
    assert "由您认定" in before
    form.set_values({"offence": "诈骗罪", "sentence": "有期徒刑二年"})
    form.fields["sentence"].changed.emit()
    assert form._hints["recidivist"].text() != before


def test_a_change_asks_from_which_day_on(qtbot, page):
    released_again(qtbot, page)
    dialog = changed(qtbot, page, remarks="无关")
    assert dialog.since_panel.isHidden()
    dialog.form.set_values({"risk": "01"})
    assert dialog.since_panel.isVisible()
    assert dialog.since_panel.day.value() == page._session.today()
    dialog.since_panel.day.set_value("2026-07-09")
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert "不能早于释放日期（2026-07-10）" in dialog.since_panel.fault.text()
    assert dialog.fault.isHidden()
    dialog.since_panel.day.set_value("2026-09-01")
    qtbot.mouseClick(dialog.save_button, LEFT)
    page.told()
    assert [figure(page, key, "reg.end.key") for key in ("2026M08", "2026M09")] == [0, 1]
    assert any("履历变更" in one and "重点" in one for one in shown(page))


def test_another_office_alone_is_a_change_from_today_on(qtbot, page):
    """The office is a field of another name than its column: it was taken for one that had been empty."""
    from bangjiao_desktop.services.upkeep import settings

    settings.add_office(page._session, "乙司法所")
    other = next(one.id for one in page._session.offices() if one.name == "乙司法所")
    released_again(qtbot, page)
    dialog = changed(qtbot, page, office=other)
    assert dialog.since_panel.became.isChecked()
    qtbot.mouseClick(dialog.save_button, LEFT)
    page.told()
    found = people.story(page._session, page.person_id)
    held = [one for one in found.of(Standing) if one.episode_id == found.person.episode_id]
    assert [one.office_id for one in sorted(held, key=lambda one: one.from_date)][-1] == other
    assert len(held) == 2


def test_a_correction_changes_the_past_with_it(qtbot, page):
    released_again(qtbot, page)
    dialog = changed(qtbot, page, risk="01")
    qtbot.mouseClick(dialog.since_panel.wrong, LEFT)
    dialog.since_panel.wrong.click()
    qtbot.mouseClick(dialog.save_button, LEFT)
    page.told()
    assert figure(page, "2026M08", "reg.end.key") == 1
    assert figure(page, "2022", "reg.end.key") == 0  # of the other release nothing changed


def test_what_was_not_known_is_filled_in_for_all_of_the_release(qtbot, page):
    released_again(qtbot, page)
    dialog = changed(qtbot, page, village="东村")
    assert dialog.since_panel.wrong.isChecked()
    qtbot.mouseClick(dialog.save_button, LEFT)
    page.told()
    story = people.story(page._session, page.person_id)
    assert [one.village for one in story.records["standing"]] == ["", "东村"]


def test_standings_are_mended_in_their_table_with_the_keyboard(qtbot, page):
    released_again(qtbot, page)
    told = {"risk": "01", "residence_type": "01", "caseworker": "何平", "village": ""}
    office = people.brief(page._session, page.person_id).office_id
    episodes.save_standing(page._session, page.person_id, told | {"from_date": date(2026, 8, 1), "office_id": office})
    page.reload()
    page.told()
    page.tabs.setCurrentIndex([page.tabs.tabText(n) for n in range(page.tabs.count())].index("履历"))
    panel = page.releases.standings
    days = [panel.model.index(row, 1).data() for row in range(panel.model.rowCount())]
    assert days == ["2021-03-01", "2026-07-10", "2026-08-01"]
    panel.table.selectRow(2)
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    dialog = page.dialog()
    assert isinstance(dialog, StandingDialog)
    dialog.form.set_values({"from_date": date(2026, 7, 9)})
    dialog.save()
    assert "不能早于释放日期" in dialog.form._faults["from_date"].text()
    dialog.form.set_values({"from_date": date(2026, 8, 5)})
    dialog.save()
    page.told()
    assert panel.model.index(2, 1).data() == "2026-08-05"
    panel.table.selectRow(2)
    panel.table.setFocus()
    offered = []
    page.undo_offered.connect(lambda text, undo: offered.append(undo))
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    page.told()
    assert panel.model.rowCount() == 2
    offered[0]()
    page.told()
    assert panel.model.rowCount() == 3
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Insert)
    qtbot.waitUntil(lambda: page.dialog() is not None)
    dialog = page.dialog()
    assert dialog.form.fields["from_date"].value() == page._session.today()
    dialog.form.set_values({"from_date": page._session.today() - timedelta(days=1), "caseworker": "柳三"})
    dialog.save()
    page.told()
    assert people.brief(page._session, page.person_id).caseworker == "柳三"


def test_what_another_changed_meanwhile_is_not_put_back(qtbot, page):
    """Fields nobody touched here are theirs, also those that hold from a day on; the same field is chosen, then asked."""
    released_again(qtbot, page)
    session, key = page._session, page.person_id

    def by_another(**values):
        known = people.brief(session, key)
        people.save_person(
            session, known.row() | values, identifier=key, revision=known.revision, since=session.today()
        )

    settings.add_office(session, "乙司法所")
    second = session.offices()[1]
    dialog = changed(qtbot, page, telephone="13900000001")
    by_another(caseworker="郑晓峰", office_id=second.id)
    qtbot.mouseClick(dialog.save_button, LEFT)
    page.told()
    found = people.brief(session, key)
    assert (found.telephone, found.caseworker, found.office_name) == ("13900000001", "郑晓峰", "乙司法所")

    dialog = changed(qtbot, page, caseworker="何平")
    by_another(caseworker="柳三")
    qtbot.mouseClick(dialog.save_button, LEFT)
    [conflict] = dialog.findChildren(ConflictDialog)
    assert [column.field for column in conflict._columns] == ["caseworker"]
    conflict.accept()
    page.told()
    assert people.brief(session, key).caseworker == "何平"

    dialog = changed(qtbot, page, office=session.offices()[0].id)
    by_another(office_id=second.id, caseworker="钱一", telephone="13900000002")
    dialog.form.set_values({"telephone": "13900000003"})
    qtbot.mouseClick(dialog.save_button, LEFT)
    [conflict] = dialog.findChildren(ConflictDialog)
    told = " ".join(one.text() for one in conflict.findChildren(QLabel))
    assert "13900000003" in told
    assert "您没有动过的帮教责任人照台账中现在的" in told
    conflict.reject()


def test_a_standing_that_is_added_begins_with_what_held_on_its_day(qtbot, page):
    released_again(qtbot, page)
    session, key = page._session, page.person_id
    office = people.brief(session, key).office_id
    told = {"risk": "01", "residence_type": "02", "caseworker": "何平", "village": "西村"}
    episodes.save_standing(session, key, told | {"from_date": date(2026, 9, 1), "office_id": office})
    opening = read_standing(session, key, None, None)
    dialog = StandingDialog(session, opening, None)
    qtbot.addWidget(dialog)
    fields = dialog.form.fields
    assert (fields["risk"].value(), fields["village"].value()) == ("01", "西村")

    def day(text):
        fields["from_date"].edit.setText(text)
        fields["from_date"].changed.emit()

    fields["caseworker"].set_value("柳三")
    day("2026-08-01")
    assert (fields["risk"].value(), fields["village"].value(), fields["caseworker"].value()) == ("02", "", "柳三")
    fields["village"].set_value("东村")
    day("2026-10-01")
    assert (fields["risk"].value(), fields["village"].value(), fields["caseworker"].value()) == ("01", "东村", "柳三")
    dialog.form.load(dialog.form.values())


def test_the_only_standing_stays_and_the_reason_is_said(qtbot, page):
    page.tabs.setCurrentIndex([page.tabs.tabText(n) for n in range(page.tabs.count())].index("履历"))
    panel, said = page.releases.standings, []
    page.said.connect(said.append)
    assert panel.table.isColumnHidden(0)  # one release: no need to say which
    qtbot.mouseClick(panel.remove, LEFT)
    page.told()
    assert said == ["一期至少要有一条履历，不能删除；录错的请修改。"]
    assert panel.model.rowCount() == 1


def test_the_facts_keep_their_room_whatever_tab_was_looked_at(qtbot, page):
    """On a small screen a wide table of records squeezed them, and they stayed so."""
    window = page.window()
    window.resize(911, 480)
    qtbot.waitUntil(lambda: page.width() < 911)
    for place in (*range(page.tabs.count()), 0):
        page.tabs.setCurrentIndex(place)
        qtbot.wait(20)
        assert page._facts.width() >= 240, page.tabs.tabText(place)

"""What a person reads in 管理 has names, not keys of the program."""

import re
from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.services.figures import form_definitions
from bangjiao_desktop.ui.kit.theme import theme
from bangjiao_desktop.ui.manage.definitions_panel import DefinitionsPanel
from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel
from bangjiao_desktop.ui.manage.settings_panel import SettingsPanel


@pytest.fixture
def panels(qtbot, sample):
    made = DefinitionsPanel(sample), FormEditorPanel(sample)
    for one in made:
        qtbot.addWidget(one)
        one.load()
        one.show()
    return made


def test_a_definition_says_its_kind_and_layer_and_no_key(panels, sample):
    listed, _ = panels
    for one in definitions.entries(sample):
        listed.choose(one.kind, one.key)
        if listed._chosen is not None and listed._chosen.key == one.key:
            assert not re.search(r"[a-z]", listed.origin.text()), listed.origin.text()
            assert "现在用的是：" in listed.origin.text()
            assert one.key in listed.origin.toolTip()


def test_the_rows_of_a_form_name_their_figures_and_are_saved_as_before(panels):
    _, editor = panels
    for number in range(len(editor.known)):
        editor.list.setCurrentRow(number)
        for line in range(editor.rows.rowCount()):
            box = editor.rows.cellWidget(line, 1)
            assert not re.match(r"\w+\.\w+|.*　\w+\.", box.currentText()), box.currentText()
            shown = editor.rows.said(line)
            known = editor._definition.rows[line]
            assert shown.get("key", known.key) == known.key
    labels = [one.label for one in indicators().values()]
    assert len(set(labels)) == len(labels)  # a name typed or chosen means one figure


def test_the_names_of_a_forms_rows_can_be_read_on_a_small_screen(panels):
    _, editor = panels
    for width, height in ((1300, 700), (850, 440)):
        editor.resize(width, height)
        editor.choose("AB-2")
        assert editor.rows.columnWidth(0) >= 160
        whole = sum(editor.rows.columnWidth(number) for number in range(editor.rows.columnCount()))
        assert whole >= editor.rows.viewport().width()


def test_a_form_that_was_changed_says_so_uncut_in_the_list(panels, sample, qtbot):
    for one in form_definitions.known_forms(sample):
        form_definitions.save(sample, one.number, one.definition.source.replace('title = "', 'title = "改过的', 1), 0)
    _, editor = panels
    editor.load()
    qtbot.waitUntil(lambda: all(editor.list.item(n).text().endswith("（已改）") for n in range(editor.list.count())))
    for width, height in ((1220, 640), (850, 440)):
        editor.resize(width, height)
        qtbot.wait(50)
        for number in range(editor.list.count()):
            place = editor.list.visualItemRect(editor.list.item(number))
            style, option = editor.list.style(), QStyleOptionViewItem()
            editor.list.initViewItemOption(option)
            editor.list.itemDelegate().initStyleOption(option, editor.list.indexFromItem(editor.list.item(number)))
            option.rect = place
            room = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, editor.list)
            margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, editor.list) + 1
            room.adjust(margin, 0, -margin, 0)
            flags = Qt.TextFlag.TextWordWrap.value
            needed = option.fontMetrics.boundingRect(0, 0, room.width(), 1000, flags, option.text)
            assert needed.height() <= room.height(), option.text


def test_the_title_of_a_form_is_read_whole_on_a_small_screen(panels, qtbot):
    _, editor = panels
    for width, height in ((1220, 640), (850, 440)):
        editor.resize(width, height)
        qtbot.wait(50)
        for number in range(editor.list.count()):
            editor.list.setCurrentRow(number)
            for edit in editor.head.values():
                assert edit.fontMetrics().horizontalAdvance(edit.text()) <= edit.width() - 20, edit.text()
        parts = [*editor.head.values(), editor.notes, editor.rows]
        assert not any(one.geometry().intersects(other.geometry()) for one, other in combinations(parts, 2))


@pytest.mark.parametrize("size", [(1220, 640), (826, 360)])
def test_offices_and_rules_show_several_rows_on_a_small_screen(qtbot, qapp, demo_session, size):
    theme().apply(qapp, dark=False)
    panel = SettingsPanel(demo_session)
    qtbot.addWidget(panel)
    panel.resize(*size)
    panel.load()
    panel.show()
    qtbot.waitUntil(lambda: panel.rule_model.rowCount() > 4)
    qtbot.wait(50)
    assert panel.size().toTuple() == size
    for table in (panel.office_table, panel.rule_table):
        last = table.visualRect(table.model().index(min(3, table.model().rowCount() - 1), 0))
        assert last.isValid()
        assert last.bottom() <= table.viewport().height(), table.accessibleName()

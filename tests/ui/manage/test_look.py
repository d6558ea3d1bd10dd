"""What a person reads in 管理 has names, not keys of the program."""

import re

import pytest

from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.services.base import definitions
from bangjiao_desktop.ui.manage.definitions_panel import DefinitionsPanel
from bangjiao_desktop.ui.manage.form_editor_panel import FormEditorPanel


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

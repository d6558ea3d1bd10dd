"""Choices hold values that are compared by ==: whatever is read from the vault again is shown by its name."""

import re
import uuid
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit

import bangjiao_desktop.ui
from bangjiao_desktop.domain.audience import Filtered
from bangjiao_desktop.domain.codes import code_table
from bangjiao_desktop.domain.errors import InvalidRecordError
from bangjiao_desktop.domain.kinds.person import STATUS_LABELS
from bangjiao_desktop.domain.layout import cell_text, kind_of, record_kinds
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.base import accounts, entrance
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import settings
from bangjiao_desktop.store.reads import records
from bangjiao_desktop.ui.kit.fields import (
    CodeField,
    CodesField,
    DateField,
    FlagField,
    NoteField,
    NumberField,
    TextField,
)
from bangjiao_desktop.ui.kit.option_form import Option, OptionForm
from bangjiao_desktop.ui.kit.value_combo import UNKNOWN, ValueCombo
from bangjiao_desktop.ui.manage.settings_dialogs import OfficeEditDialog
from bangjiao_desktop.ui.manage.user_dialog import UserDialog
from bangjiao_desktop.ui.manage.users_panel import UsersPanel
from bangjiao_desktop.ui.printing.print_people import PrintPeople
from bangjiao_desktop.ui.records.assessment_dialog import AssessmentDialog
from bangjiao_desktop.ui.records.opening import read_assessment, read_person, read_record
from bangjiao_desktop.ui.records.person_dialog import ARRIVAL, PersonDialog
from bangjiao_desktop.ui.records.record_dialog import RecordDialog
from tests.conftest import PASSWORD, USER

KINDS = [sheet.key for sheet in record_kinds() if sheet.key != "assessment"]
RAW_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{32}|UUID\(")


def reopened(session):
    """The same vault, opened again: what is read from it are other objects."""
    folder = session.folder
    session.close()
    return entrance.unlock(folder, USER, PASSWORD)


def texts(widget):
    """Everything a dialog says and shows."""
    found = [one.text() for kind in (QLabel, QLineEdit) for one in widget.findChildren(kind)]
    found += [one.toPlainText() for one in widget.findChildren(QPlainTextEdit)]
    return found + [one.itemText(place) for one in widget.findChildren(QComboBox) for place in range(one.count())]


def shown(field):
    """What a person reads in a field."""
    match field:
        case CodeField():
            return field.box.currentText()
        case CodesField():
            return [box.text() for box in field._boxes.values() if box.isChecked()]
        case FlagField():
            return field.box.isChecked()
        case NoteField():
            return field.edit.toPlainText()
        case DateField() | NumberField() | TextField():
            return field.edit.text()
    raise AssertionError(type(field))


def wanted(session, column, record):
    """What should be read for the value that is stored."""
    value = record["office_id" if column.field == "office" else column.field]
    match column.type:
        case "office":
            return next(one.name for one in session.offices() if one.id == value)
        case "reference":
            return record["pointed"].label
        case "code":
            return code_table(column.table).label(value) if value else "请选择" if column.required else "（未填）"
        case "codes":
            return [code_table(column.table).label(code) for code in (value or "").split(",") if code]
        case "flag":
            return bool(value)
        case _:
            return cell_text(column, value)


def filled(session, kind, person_id):
    """Values for every field of a kind."""
    offices = session.offices()
    found = {"person_id": person_id if kind.personal else None, "office_id": offices[-1].id}
    for column in kind.columns:
        match column.type:
            case "date":
                found[column.field] = date(2026, 3, 9)
            case "code":
                found[column.field] = code_table(column.table).codes[-1]
            case "codes":
                found[column.field] = ",".join(code_table(column.table).codes[:2])
            case "flag":
                found[column.field] = True
            case "count":
                found[column.field] = 3
            case "money":
                found[column.field] = 123450
            case "telephone":
                found[column.field] = "13905730000"
            case "reference":
                found[column.field] = work.references(session, column.table)[-1][0]
            case "text" | "note" | "name":
                found[column.field] = f"填写的{column.header}"
    return found


def stored(session, model):
    """A new record of a kind, as full as its checks allow."""
    kind = kind_of(model)
    person = people.page(session, LedgerFilter(status="registered")).rows[-1]
    values = filled(session, kind, person.id)
    begun = work.blank(session, model, values["person_id"]).row()
    for _ in range(8):
        try:
            return work.save(session, model, {**begun, **values})
        except InvalidRecordError as error:
            for name in error.faults:
                values.pop(name, None)
    known = work.page(session, WorkFilter(model), limit=1).rows
    return known[0].id


def row(session, model, identifier):
    """A record as its table has it."""
    with session.ledger.read() as connection:
        return records.row(connection, records.MODELS[model], identifier)


@pytest.mark.parametrize("model", KINDS)
def test_every_dialog_shows_what_is_stored(qtbot, demo_session, model):
    identifier = stored(demo_session, model)
    session = reopened(demo_session)
    found, before = work.read(session, model, identifier), row(session, model, identifier)
    record = {**found.row(), "pointed": found.pointed}
    dialog = RecordDialog(session, read_record(session, model, identifier=identifier), None)
    qtbot.addWidget(dialog)
    assert {column.field: shown(dialog.form.fields[column.field]) for column in dialog._columns} == {
        column.field: wanted(session, column, record) for column in dialog._columns
    }
    assert len([column for column in dialog._columns if record.get(column.field)]) >= len(dialog._columns) // 2
    assert not [text for text in texts(dialog) if RAW_KEY.search(text) or UNKNOWN in text or "（原来的" in text]
    dialog.save()
    moved = {"revision", "updated_at"}
    after = row(session, model, identifier)
    assert {name: value for name, value in after.items() if name not in moved} == {
        name: value for name, value in before.items() if name not in moved
    }
    assert replace(work.read(session, model, identifier), revision=found.revision) == found
    session.close()


def test_the_dialog_of_a_person_shows_what_is_stored(qtbot, demo_session):
    person = people.page(demo_session, LedgerFilter(status="registered")).rows[3]
    session = reopened(demo_session)
    record = people.brief(session, person.id).row() | {"imprisoned": False}
    for only in ((), ARRIVAL):
        dialog = PersonDialog(session, read_person(session, person.id), None, only)
        qtbot.addWidget(dialog)
        assert dialog._columns
        assert {column.field: shown(dialog.form.fields[column.field]) for column in dialog._columns} == {
            column.field: wanted(session, column, record) for column in dialog._columns
        }
        assert not [text for text in texts(dialog) if RAW_KEY.search(text) or "（原来的" in text]
        dialog.save()
        assert people.brief(session, person.id).office_id == record["office_id"]
    session.close()


def test_the_dialog_of_an_assessment_shows_what_is_stored(qtbot, demo_session):
    known = work.page(demo_session, WorkFilter("assessment"), limit=1).rows[0].record
    session = reopened(demo_session)
    dialog = AssessmentDialog(session, read_assessment(session, identifier=known.id), None)
    qtbot.addWidget(dialog)
    assert dialog.chooser.currentText() == known.form
    assert dialog.day.edit.text() == known.assessed_on.isoformat()
    assert dialog.occasion.box.currentText() == code_table("assessment_occasion").label(known.occasion)
    assert dialog.assessor.edit.text() == known.assessor
    assert f"总分 {known.score} " in dialog.score.text()
    assert known.band in dialog.score.text()
    assert len(dialog.answers()) == len(dialog.form.items)
    session.close()


def test_an_assessment_whose_form_is_gone_is_shown_and_cannot_be_overwritten(qtbot, demo_session):
    known = work.page(demo_session, WorkFilter("assessment"), limit=1).rows[0].record
    opening = read_assessment(demo_session, identifier=known.id)
    others = tuple(form for form in opening.forms if form.name != known.form)
    dialog = AssessmentDialog(demo_session, replace(opening, forms=others), None)
    qtbot.addWidget(dialog)
    assert dialog.chooser.currentText() == f"{known.form}（这张评估表已停用）"
    assert f"总分 {known.score}" in dialog.score.text()
    assert not dialog.save_button.isEnabled()
    dialog.save()
    assert work.read(demo_session, "assessment", known.id).revision == known.revision


@pytest.mark.parametrize("role", list(Role))
def test_a_user_keeps_the_office_when_the_dialog_is_saved(qtbot, demo_session, role):
    office = demo_session.offices()[2]
    accounts.add(
        demo_session, "柳三", role, "Linhe-2026-ok", office_id=office.id, sees_sealed=True, telephone="0573-82110000"
    )
    session = reopened(demo_session)
    before = next(one for one in accounts.users(session) if one.name == "柳三")
    dialog = UserDialog(session, before, None)
    qtbot.addWidget(dialog)
    assert dialog.office.currentText() == office.name
    assert dialog.role.currentText() == code_table("role").label(role.value)
    assert dialog.telephone.text() == "0573-82110000"
    assert dialog.sealed.isChecked()
    dialog.save()
    after = next(one for one in accounts.users(session) if one.name == "柳三")
    assert (after.office_id, after.role, after.sees_sealed) == (office.id, role, True)
    session.close()


def test_a_user_of_an_office_that_is_gone_is_not_shown_as_one_of_all(qtbot, demo_session):
    office = demo_session.offices()[2]
    accounts.add(demo_session, "柳三", Role.WORKER, "Linhe-2026-ok", office_id=office.id)
    accounts.add(demo_session, "柳四", Role.WORKER, "Linhe-2026-ok")
    user = next(one for one in accounts.users(demo_session) if one.name == "柳三")
    others = [one for one in demo_session.offices() if one.id != office.id]
    demo_session.offices = lambda: others
    dialog = UserDialog(demo_session, user, None)
    qtbot.addWidget(dialog)
    assert dialog.office.currentText() == "（原来的司法所，已不在单位名单中）"
    assert dialog.office.value() == office.id
    panel = UsersPanel(demo_session)
    qtbot.addWidget(panel)
    panel.load()
    assert [row[2] for row in panel.model.rows if row[0] == "柳三"] == ["（原来的司法所，已不在单位名单中）"]
    assert [row[2] for row in panel.model.rows if row[0] == "柳四"] == ["全局"]


def test_the_dialog_of_an_office_shows_what_is_stored(qtbot, demo_session):
    told = {"post_code": "314000", "office_hours": "工作日", "mediator": "何平", "mediator_telephone": "0573-1"}
    settings.save_office(demo_session, demo_session.offices()[0], "临河司法所", "0573-2", "人民路1号", told)
    session = reopened(demo_session)
    dialog = OfficeEditDialog(session, session.offices()[0], None)
    qtbot.addWidget(dialog)
    found = [dialog.name, dialog.telephone, dialog.address, *dialog.printed.values()]
    assert [one.text() for one in found] == ["临河司法所", "0573-2", "人民路1号", *told.values()]
    session.close()


def test_a_reference_beyond_those_offered_is_still_called_by_its_name(qtbot, demo_session, monkeypatch):
    identifier = stored(demo_session, "participation")
    label = work.read(demo_session, "participation", identifier).pointed.label
    monkeypatch.setattr(work, "references", lambda session, model: [])
    dialog = RecordDialog(demo_session, read_record(demo_session, "participation", identifier=identifier), None)
    qtbot.addWidget(dialog)
    assert label
    assert dialog.form.fields["activity_id"].box.currentText() == label


def test_equal_values_are_the_same_choice_and_unknown_ones_are_kept(qtbot):
    key, other = uuid.uuid4(), uuid.uuid4()
    box = ValueCombo([(None, "（未填）"), (key, "甲所"), (True, "是")])
    qtbot.addWidget(box)
    box.set_value(uuid.UUID(str(key)))
    assert (box.currentText(), box.value(), box.count()) == ("甲所", key, 3)
    box.set_value(other)
    assert (box.currentText(), box.value(), box.count()) == (UNKNOWN, other, 4)
    box.set_value(uuid.uuid4())
    assert (box.currentText(), box.count()) == (UNKNOWN, 4)
    box.set_value(None)
    assert (box.currentText(), box.count()) == ("（未填）", 3)
    assert not box.choose(other)
    assert box.currentText() == "（未填）"
    form = OptionForm([Option("office", "所", "choice", [(None, "全部"), (key, "甲所")])])
    qtbot.addWidget(form)
    form.load({"office": uuid.UUID(str(key))})
    assert form.values() == {"office": key}


def test_a_filter_of_an_office_that_is_gone_is_not_everybody(qtbot, demo_session):
    chooser = PrintPeople(demo_session)
    qtbot.addWidget(chooser)
    gone = uuid.uuid4()
    chooser.choose(Filtered(LedgerFilter(office_id=gone, status="closed")))
    assert chooser.office.currentText() == UNKNOWN
    assert chooser.audience() == Filtered(LedgerFilter(office_id=gone, status="closed"))
    assert chooser.status.currentText() == STATUS_LABELS["closed"]


def test_nothing_looks_values_up_by_identity():
    folder = Path(bangjiao_desktop.ui.__file__).parent
    assert [
        path.name for path in sorted(folder.rglob("*.py")) if re.search(r"\.findData\(", path.read_text("utf-8"))
    ] == []

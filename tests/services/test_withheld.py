"""What the law seals of itself (违法、吸毒: 治安管理处罚法第136条) is left out of what is passed on, and opened on purpose."""

from datetime import date

import pytest

from bangjiao_desktop.domain.errors import NotPermittedError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.work import WorkFilter
from bangjiao_desktop.services.base.listing import person_json
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.papers.dossiers import DossierOptions, dossier
from bangjiao_desktop.services.papers.rosters import columns
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter
from tests.pdf import Pdf
from tests.services.exchange.test_import import cells

PUNISHED, CRIME = "殴打他人被行政拘留", "盗窃罪"


@pytest.fixture
def somebody(sample):
    """Somebody who used drugs, was punished once and committed a crime once; a key person for it."""
    person = people.page(sample, LedgerFilter(status="registered")).rows[0]
    values = person.values() | {"drug_history": True, "offence": "盗窃罪", "office_id": person.office_id}
    people.save_person(sample, values, identifier=person.id, revision=person.revision)
    day = person.release_date
    for code, offence in (("2", PUNISHED), ("1", CRIME)):
        about = {"person_id": person.id, "happened_on": date(2026, 7, 1), "reoffence_class": code, "offence": offence}
        work.save(sample, "reoffence", about, knowing=True)
    work.save(sample, "key_decision", {
        "person_id": person.id, "decided_on": date(2026, 7, 2), "criteria": "累犯、毒品犯罪或吸毒史", "suggested": "01",
        "decision": "01", "decided_by": "所长",
    }, knowing=True)  # fmt: skip
    assert day is not None
    return person.id


def _openings(session):
    return sum("依法封存" in repr(one) for one in audit_log.page(session, AuditFilter()))


def _told(story):
    return repr((story.events, story.records, story.deleted, story.person))


def test_the_story_tells_nothing_of_it_till_it_is_opened_and_that_is_audited(sample, somebody):
    shut = people.story(sample, somebody)
    assert PUNISHED not in _told(shut)
    assert "吸毒" not in _told(shut)
    assert CRIME in _told(shut)
    assert not shut.person.drug_history
    assert not _openings(sample)
    opened = people.story(sample, somebody, withheld=True)
    assert _openings(sample) == 1
    assert PUNISHED in _told(opened)
    assert "吸毒" in _told(opened)
    assert opened.person.drug_history


def test_what_was_deleted_of_it_is_not_told_either(sample, somebody):
    [one] = [
        row for row in work.page(sample, WorkFilter("reoffence", person_id=somebody, withheld=True)).rows
        if row.record.offence == PUNISHED
    ]  # fmt: skip
    work.delete(sample, "reoffence", one.id, one.revision)
    assert PUNISHED not in _told(people.story(sample, somebody))
    assert any(PUNISHED in row.brief for row in people.story(sample, somebody, withheld=True).deleted)


def test_lists_leave_it_out_till_it_is_asked_for(sample, somebody):
    shut = work.page(sample, WorkFilter("reoffence", person_id=somebody)).rows
    assert {row.record.offence for row in shut} == {CRIME}
    assert work.count(sample, WorkFilter("reoffence", person_id=somebody)) == 1
    wanted = WorkFilter("reoffence", person_id=somebody, withheld=True)
    assert {row.record.offence for row in work.page(sample, wanted).rows} == {CRIME, PUNISHED}
    assert work.count(sample, wanted) == 2
    row = next(one for one in people.page(sample, LedgerFilter(people=(somebody,))).rows)
    assert "drug_history" not in person_json(row)
    assert "drug_history" not in columns()


def test_the_dossier_leaves_it_out_till_it_is_asked_for(sample, somebody):
    def printed(**options):
        content = dossier(sample, somebody, DossierOptions(papers=("04-basic",), catalogue=False, **options)).content
        return Pdf(content).text

    assert "依法封存" in printed()
    assert "依法封存" not in printed(withheld=True)


def test_an_export_leaves_it_out_and_taking_that_back_wipes_nothing(sample, somebody, tmp_path):
    export_workbook(sample, tmp_path / "shut.xlsx", with_sealed=True)
    export_workbook(sample, tmp_path / "open.xlsx", with_sealed=True, with_offences=True)
    shut, opened = repr(cells(tmp_path / "shut.xlsx")), repr(cells(tmp_path / "open.xlsx"))
    assert PUNISHED not in shut
    assert "吸毒" not in shut
    assert PUNISHED in opened
    assert "有无吸毒史" in opened
    for sheet, column in (
        ("重点认定", "符合条件"),
        ("评估", "各项得分"),
    ):  # an empty cell of some would tell it of these
        assert column not in cells(tmp_path / "shut.xlsx").get(sheet, [[]])[0]
        assert column in cells(tmp_path / "open.xlsx").get(sheet, [[column]])[0]
    result = import_file(sample, tmp_path / "shut.xlsx")
    assert not result.rejected
    assert not result.changes
    export_workbook(sample, tmp_path / "after.xlsx", with_sealed=True, with_offences=True)
    assert cells(tmp_path / "after.xlsx") == cells(tmp_path / "open.xlsx")


def test_either_export_taken_elsewhere_and_exported_again_is_the_same(sample, somebody, ledger_copy, tmp_path):
    for name, options in (("shut", {}), ("open", {"with_offences": True})):
        first, second = tmp_path / f"{name}1.xlsx", tmp_path / f"{name}2.xlsx"
        other = ledger_copy("empty", tmp_path / name)
        export_workbook(sample, first, with_sealed=True, **options)
        assert not import_file(other, first).rejected
        export_workbook(other, second, with_sealed=True, **options)
        assert cells(second) == cells(first)


def test_who_has_no_authority_opens_nothing(sample, somebody, monkeypatch, tmp_path):
    monkeypatch.setattr(type(sample), "sees_sealed", property(lambda _: False))
    identifier = work.page(sample, WorkFilter("reoffence", person_id=somebody)).rows[0].id
    assert work.read(sample, "reoffence", identifier).offence == CRIME
    for act in (
        lambda: people.story(sample, somebody, withheld=True),
        lambda: work.page(sample, WorkFilter("reoffence", withheld=True)),
        lambda: work.count(sample, WorkFilter("reoffence", withheld=True)),
        lambda: export_workbook(sample, tmp_path / "out.xlsx", with_offences=True),
        lambda: dossier(sample, somebody, DossierOptions(withheld=True)),
    ):
        with pytest.raises(NotPermittedError, match="依法封存"):
            act()
    assert not (tmp_path / "out.xlsx").exists()
    with pytest.raises(NotPermittedError, match="依法封存"):
        people.for_editing(sample, somebody, withheld=True)
    assert people.for_editing(sample, somebody).drug_history  # the form keeps what it does not show

import json
import re
from datetime import date

import pytest

from bangjiao_desktop.domain.audience import NOBODY, Chosen, Filtered, ForOffice
from bangjiao_desktop.domain.definition_kinds import PrintDefaults
from bangjiao_desktop.domain.errors import InvalidInputError, NotPermittedError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.print_kinds import KINDS
from bangjiao_desktop.domain.roles import Role
from bangjiao_desktop.services.papers import paper_settings, printing, rosters
from bangjiao_desktop.services.papers.paper_settings import PaperSettings
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.upkeep.audit_log import AuditFilter, page
from tests.ledgers import raw
from tests.pdf import Pdf
from tests.services.test_permissions import as_role

MM = 72 / 25.4


def _text(printed):
    return Pdf(printed.content).text


@pytest.fixture
def someone(demo_session):
    return next(row for row in people.page(demo_session, LedgerFilter(), limit=60).rows if not row.sealed)


def _request(kind, someone):
    options = {"forms": {"period": "2026Q3"}, "papers": {"papers": ["05-group"]}}.get(kind, {})
    audiences = {
        "roster": Filtered(LedgerFilter()),
        "forms": ForOffice(),
        "brochure": ForOffice(),
        "calibration": NOBODY,
    }
    return PrintRequest(kind, audiences.get(kind, Chosen((someone.id,))), options)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "envelopes"])
def test_every_kind_is_drawn_noted_and_made_again_from_the_history(demo_session, someone, kind):
    request = _request(kind, someone)
    printed = printing.draw(demo_session, request)
    assert printed.pages == len(Pdf(printed.content)) >= 1
    printing.note_output(demo_session, request, printed, "printer", copies=3, printer="针式打印机")
    [line] = printing.history(demo_session)
    assert (line.title, line.copies, line.way, line.printed_by) == (printed.title, 3, "打印", "所长")
    assert line.request == request
    again = printing.draw(demo_session, line.request)
    assert again.pages == printed.pages
    assert someone.name not in line.title


@pytest.mark.both
def test_every_print_is_in_the_audit_trail_with_who_what_and_how_many(demo_session, someone):
    request = PrintRequest("dossier", Chosen((someone.id,)))
    printed = printing.draw(demo_session, request)
    printing.note_output(demo_session, request, printed, "pdf")
    # between them stands the line of the history
    lines = page(demo_session, AuditFilter())[:3:2]
    assert [(line.action, line.subject, line.account) for line in lines] == [
        ("导出", "一人一档", "所长"), ("预览", "一人一档", "所长")
    ]  # fmt: skip
    told = " ".join(lines[0].details)
    assert f"页数：{printed.pages}" in told
    assert "人数：1" in told
    assert "份数：1" in told
    assert "方式：存为 PDF" in told


@pytest.mark.file
def test_the_paper_itself_is_kept_nowhere(demo_session, someone):
    request = PrintRequest("dossier", Chosen((someone.id,)))
    before = {path: path.stat().st_size for path in demo_session.folder.rglob("*")}
    printed = printing.draw(demo_session, request)
    printing.note_output(demo_session, request, printed, "printer")
    after = set(demo_session.folder.rglob("*"))
    assert {path.name for path in after} - {path.name for path in before} <= {"ledger.db-wal", "ledger.db-shm"}
    with demo_session.ledger.read() as connection:
        from bangjiao_desktop.store.reads import records

        [row] = records.rows_with(connection, records.MODELS["print_job"])
    assert "%PDF" not in json.dumps(row, default=str)


@pytest.mark.both
def test_others_see_their_own_prints_only(demo_session, someone):
    worker = as_role(demo_session, Role.WORKER)
    request = PrintRequest("brochure", ForOffice())
    printing.note_output(demo_session, request, printing.draw(demo_session, request), "pdf")
    printing.note_output(worker, request, printing.draw(worker, request), "pdf")
    assert [line.printed_by for line in printing.history(worker)] == ["用户worker"]
    assert {line.printed_by for line in printing.history(demo_session)} == {"所长", "用户worker"}
    worker.close()


def test_masking_and_watermark_by_default(demo_session, someone):
    paper_settings.save(demo_session, PaperSettings(PrintDefaults(masked=True, watermark=True), None))
    assert printing.defaults(demo_session) == PrintDefaults(masked=True, watermark=True)
    options = {"masked": True, "watermark": True}
    audience = Filtered(LedgerFilter(text=someone.identity_number))
    text = _text(printing.draw(demo_session, PrintRequest("roster", audience, options)))
    assert someone.identity_number not in text
    assert "********" in text
    assert f"所长 {date.today():%Y-%m-%d}" in text.replace("\u3000", " ")


def test_nobody_and_nothing_is_said(demo_session):
    with pytest.raises(InvalidInputError, match="没有符合条件的人"):
        printing.draw(demo_session, PrintRequest("cards", Filtered(LedgerFilter(text="没有这个人"))))
    with pytest.raises(InvalidInputError, match="没有名为“nix”的打印种类"):
        printing.draw(demo_session, PrintRequest("nix"))
    with pytest.raises(InvalidInputError, match="还没有报出"):
        printing.draw(demo_session, PrintRequest("forms", ForOffice(), {"period": "2026Q3", "filed": "latest"}))


def test_several_dossiers_are_one_pdf_with_a_bookmark_each(demo_session):
    rows = [row for row in people.page(demo_session, LedgerFilter(), limit=20).rows if not row.sealed][:3]
    printed = printing.draw(demo_session, PrintRequest("dossier", Chosen(tuple(row.id for row in rows))))
    document = Pdf(printed.content)
    assert [item.title for item in document.outline if item.level == 0] == [row.name for row in rows]
    assert printed.people == 3
    assert sum("— 1 —" in text for text in document.texts) == 3
    assert b"<pdfaid:part>2</pdfaid:part>" in printed.content


@pytest.mark.both
def test_forms_of_each_office_follow_the_bureau(demo_session):
    printed = printing.draw(
        demo_session, PrintRequest("forms", ForOffice(), {"period": "2026Q3", "numbers": ["AB-2"], "each_office": True})
    )
    document = Pdf(printed.content)
    assert len(document) == 1 + len(demo_session.offices())
    for office, one in zip(demo_session.offices(), list(document)[1:], strict=True):
        assert f"填报单位：{office.name}" in one.text


# rosters


def test_a_roster_repeats_its_heads_and_sums_every_page(demo_session):
    wanted = LedgerFilter()
    content, pages, count = rosters.roster(demo_session, wanted, on=date(2026, 10, 8))
    document = Pdf(content)
    assert count == people.count(demo_session, wanted)
    assert len(document) == pages > 3
    shown = 0
    for number, one in enumerate(document, start=1):
        assert one.millimetres == [297, 210]
        text = one.text
        for words in ("安置帮教对象花名册", "公民身份号码", f"第 {number} 页，共 {pages} 页", f"— {number} —"):
            assert words in text
        here = int(text.split("本页小计 ")[1].split(" 人")[0])
        shown += here
        assert f"累计 {shown} 人" in text
    assert shown == count
    assert f"合计 {count} 人" in text


def test_every_person_stands_on_the_roster_once_and_whole(demo_session):
    content, _, _ = rosters.roster(demo_session, LedgerFilter(), ("name", "identity_number", "residence_address"))
    text = Pdf(content).text
    text = text.replace("\r\n", "")
    rows = people.page(demo_session, LedgerFilter(), limit=500).rows
    for row in rows:
        if not row.sealed:
            assert text.count(row.identity_number) == 1
            assert row.residence_address in text


def test_columns_are_chosen_and_too_many_refused(demo_session):
    content, _, _ = rosters.roster(demo_session, LedgerFilter(), ("name", "status", "office"), paper="A3")
    one = Pdf(content)[0]
    assert one.millimetres == [420, 297]
    assert "公民身份号码" not in one.text
    with pytest.raises(InvalidInputError, match="A4 纸一行最多放"):
        rosters.roster(demo_session, LedgerFilter(), tuple(rosters.columns()))
    with pytest.raises(InvalidInputError, match="没有名为“nix”的列"):
        rosters.roster(demo_session, LedgerFilter(), ("nix",))


@pytest.mark.both
def test_sealed_files_are_counted_without_their_names(demo_session, someone):
    from sqlalchemy import text as sql

    with demo_session.ledger.write() as connection:
        connection.execute(sql("UPDATE person SET sealed = true WHERE id = :id"), {"id": raw(connection, someone.id)})
    content, _, count = rosters.roster(demo_session, LedgerFilter())
    text = Pdf(content).text
    assert count == people.count(demo_session, LedgerFilter())
    assert someone.identity_number not in text
    assert "封存档案" in re.sub(r"\s", "", text)


def test_an_empty_roster_is_a_page_that_says_so(demo_session):
    content, pages, count = rosters.roster(demo_session, LedgerFilter(text="没有这个人"))
    assert (pages, count) == (1, 0)
    assert "合计 0 人" in Pdf(content)[0].text


def test_a_role_without_print_is_refused(demo_session):
    admin = as_role(demo_session, Role.ADMIN)
    with pytest.raises(NotPermittedError):
        printing.draw(admin, PrintRequest("brochure", ForOffice()))
    admin.close()


def test_a_filed_form_comes_again_from_the_history_as_it_was_although_corrected_since(sample):
    from sqlalchemy import text as sql

    from bangjiao_desktop.domain.periods import parse_period
    from bangjiao_desktop.services.figures import filings, statistics

    period = parse_period("2026Q3")
    filings.file_forms(sample, period, numbers=["AB-2"], on=date(2026, 10, 8))
    request = PrintRequest("forms", ForOffice(), {"period": "2026Q3", "numbers": ["AB-2"], "filed": "latest"})
    printed = printing.draw(sample, request)
    printing.note_output(sample, request, printed, "printer")
    row = statistics.explain(sample, period, "reg.end.key").rows[0]
    with sample.ledger.write() as connection:
        connection.execute(
            sql("UPDATE standing SET risk = '02' WHERE person_id = :id"), {"id": raw(connection, row.id)}
        )
    filings.file_forms(sample, period, numbers=["AB-2"], reason="录错", on=date(2026, 10, 9))
    [line] = printing.history(sample)
    assert printing.draw(sample, line.request).content == printed.content
    assert "更正" in _text(printing.draw(sample, request))
    first = printing.draw(sample, PrintRequest("forms", ForOffice(), {**request.options, "filed": "first"}))
    assert "更正" not in _text(first)


def test_fonts_are_parsed_once_and_shared_by_all_papers(demo_session, monkeypatch):
    from reportlab.pdfbase import pdfmetrics, ttfonts

    printing.draw(demo_session, PrintRequest("brochure", ForOffice()))
    known = pdfmetrics.getFont("NotoSansSC")
    parsed = []
    original = ttfonts.TTFontFile.__init__
    monkeypatch.setattr(
        ttfonts.TTFontFile, "__init__", lambda self, *a, **k: (parsed.append(a), original(self, *a, **k))[1]
    )
    for kind, audience in (("brochure", ForOffice()), ("forms", ForOffice()), ("roster", Filtered(LedgerFilter()))):
        printing.draw(demo_session, PrintRequest(kind, audience, {"period": "2026Q3"}))
    assert parsed == []
    assert pdfmetrics.getFont("NotoSansSC") is known


def test_who_may_not_see_numbers_does_not_print_or_save_them(demo_session, someone, tmp_path):
    reader = as_role(demo_session, Role.READER)
    for request in (
        PrintRequest("dossier", Chosen((someone.id,))),
        PrintRequest("roster", Filtered(LedgerFilter())),
    ):
        text = _text(printing.draw(reader, request))
        assert someone.identity_number not in text
        with pytest.raises(NotPermittedError, match="导出"):
            printing.require_saving(reader, request)
        printing.require_saving(demo_session, request)
    printing.require_saving(reader, PrintRequest("brochure", ForOffice()))
    reader.close()


def test_an_attachment_that_was_printed_is_audited(demo_session):
    printing.note_attachment(demo_session, "printer", copies=2, printer="针式打印机")
    line = page(demo_session, AuditFilter())[0]
    assert (line.action, line.subject) == ("打印", "附件")
    assert "份数：2" in " ".join(line.details)


@pytest.mark.both
def test_papers_drawn_at_the_same_time_do_not_disturb_one_another(demo_session, someone):
    from concurrent.futures import ThreadPoolExecutor

    requests = [
        PrintRequest("brochure", ForOffice()), PrintRequest("dossier", Chosen((someone.id,))), PrintRequest("roster", Filtered(LedgerFilter())),
        PrintRequest("forms", ForOffice(), {"period": "2026Q3"}),
    ]  # fmt: skip
    alone = [printing.draw(demo_session, request, audited=False).content for request in requests]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda request: printing.draw(demo_session, request, audited=False).content, requests * 3)
        )
    assert together == alone * 3

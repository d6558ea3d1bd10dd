import io
import re
import subprocess
from datetime import date, datetime

import pytest
from PIL import Image

from bangjiao_desktop.domain.attachments import PHOTO
from bangjiao_desktop.domain.errors import DefinitionError, InvalidInputError, NotPermittedError
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.domain.papers import dossier_papers, letters, read_paper
from bangjiao_desktop.services.papers import dossiers
from bangjiao_desktop.services.papers.dossiers import DossierOptions
from bangjiao_desktop.services.people import attachments, episodes, people
from bangjiao_desktop.services.records import work
from bangjiao_desktop.services.upkeep import audit_log
from bangjiao_desktop.store.tables.casework_models import Attachment
from tests.ledgers import raw
from tests.pdf import PATH, Pdf

MM = 72 / 25.4
DAY = date(2026, 10, 8)
# DOMAIN.md §7, beside the catalogue
WANTED = (
    "刑满释放人员通知书", "刑满释放人员衔接登记表", "刑满释放人员必接必送交接单", "安置帮教对象基本情况登记表", "帮教小组名单",
    "帮教协议（责任书）", "帮教方案", "走访谈话记录", "帮教对象评估表", "困难救助审批表", "就业安置登记表", "委托帮教函",
    "期满解除安置帮教审批表",
)  # fmt: skip


@pytest.fixture
def someone(demo_session):
    """The person of the demo with the most records."""
    rows = people.page(demo_session, LedgerFilter(), limit=60).rows
    return max((people.story(demo_session, row.id) for row in rows if not row.sealed), key=lambda one: len(one.events))


def _texts(content):
    return Pdf(content).texts


def _plain(text):
    return re.sub(r"\s", "", text)


def _picture(colour="white", size=(620, 877)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_every_paper_of_the_field_is_there():
    assert tuple(paper.title for paper in dossier_papers()) == WANTED


def test_the_catalogue_names_the_page_of_every_paper(demo_session, someone):
    bound = dossiers.dossier(demo_session, someone.person.id, on=DAY)
    texts = _texts(bound.content)
    document = Pdf(bound.content)
    assert len(texts) == bound.pages
    for number, text in enumerate(texts, start=1):
        assert f"— {number} —" in text
    entries = [(item.title, item.page + 1) for item in document.outline if item.title != "卷内目录"]
    assert {title for title, _ in entries} == set(WANTED)
    catalogue = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=bound.content, capture_output=True, check=True
    ).stdout.decode()
    front = "\n".join(page for page in catalogue.split("\f") if "页次" in _plain(page))
    listed = re.findall(r"^\s*(\d+)\s+(\S+)\s+(?:\d+年\d+月\d+日\s+)?(\d+)\s*$", front, re.MULTILINE)
    assert [(title, int(page)) for _, title, page in listed] == entries
    for title, page in entries:
        assert _plain(title) in _plain(texts[page - 1])


@pytest.mark.both
def test_papers_are_filled_from_the_ledger(demo_session, someone):
    bound = dossiers.dossier(demo_session, someone.person.id, on=DAY)
    whole = _plain("".join(_texts(bound.content)))
    person = someone.person
    for words in (person.name, person.identity_number, person.prison, person.offence, person.caseworker):
        assert _plain(words) in whole
    assert f"{person.release_date.year}年{person.release_date.month}月{person.release_date.day}日" in whole
    for record in someone.records["support_record"]:
        assert _plain(record.content) in whole
    for member in someone.members:
        assert member.name in whole
    assert "None" not in whole
    assert whole.count("走访谈话记录") >= len(someone.records["support_record"])


def test_nothing_stands_in_the_binding_margin(demo_session, someone):
    document = Pdf(dossiers.dossier(demo_session, someone.person.id, on=DAY).content)
    for page in document:
        assert page.millimetres == [210, 297]
        image = page.picture(60, "L")
        margin = image.crop((0, 0, int(24.6 * 60 / 25.4), image.height))
        assert margin.getextrema()[0] > 200


def test_what_is_missing_is_ruled_for_handwriting(empty):
    from bangjiao_desktop.services.people.people import blank_person, save_person

    person = save_person(empty, {**blank_person(empty).row(), "name": "单某", "identity_number": "110101199003070011",
                                 "release_date": date(2026, 7, 1)})  # fmt: skip
    bound = dossiers.dossier(empty, person, on=DAY)
    texts = _texts(bound.content)
    assert len(texts) == 1 + len(WANTED)  # one blank paper of each kind, and the catalogue
    talk = texts[next(number for number, text in enumerate(texts) if "走访谈话内容" in _plain(text))]
    assert "单某" in talk
    page = Pdf(bound.content)[8]
    assert page.objects.count(PATH) > 12


def test_scans_are_bound_in_at_their_place(demo_session, someone):
    person = someone.person.id
    visit = someone.records["support_record"][-1]
    attachments.add_content(demo_session, person, "走访签字.png", _picture("red"), subject="support_record",
                            subject_id=visit.id)  # fmt: skip
    attachments.add_content(demo_session, person, "身份证明.png", _picture("blue"))
    attachments.add_content(demo_session, person, "坏图.png", _picture()[:200])
    bound = dossiers.dossier(demo_session, person, on=DAY)
    assert bound.faults == ("附件“坏图.png”没有装订：这张图片打不开，可能已损坏。",)
    document = Pdf(bound.content)
    entries = [(item.title, item.page) for item in document.outline]
    titles = [title for title, _ in entries]
    before = titles[titles.index("走访签字.png") - 1]
    assert before == "走访谈话记录"
    assert titles[titles.index("身份证明.png") - 1] == "安置帮教对象基本情况登记表"
    page = dict(entries)["走访签字.png"]
    image = document[page].picture(36)
    red, green, _ = image.getpixel((image.width // 2, image.height // 2))
    assert red > 200 > green + 100


def test_pdf_attachments_are_bound_page_by_page(demo_session, someone):
    from bangjiao_desktop.documents.setting.canvas import Document

    scan = Document("扫描", (595, 842))
    for _ in range(3):
        scan.put(100, 400, "判决书", "NotoSansSC", 30)
        scan.end_page()
    person = someone.person.id
    pages = dossiers.dossier(demo_session, person, on=DAY).pages
    attachments.add_content(demo_session, person, "判决书.pdf", scan.finish())
    bound = dossiers.dossier(demo_session, person, on=DAY)
    assert bound.pages == pages + 3
    assert any("附件：判决书.pdf（2/3）" in text for text in _texts(bound.content))


def test_a_long_record_runs_on_and_loses_nothing(demo_session, someone):
    from bangjiao_desktop.services.records import work

    story = [f"第{number}句谈话内容，说的是家里的事情和今后的打算。" for number in range(260)]
    key = work.save(demo_session, "support_record", {
        "person_id": someone.person.id, "happened_on": date(2026, 10, 7), "method": "01", "content": "".join(story),
    })  # fmt: skip
    assert key
    bound = dossiers.dossier(demo_session, someone.person.id, DossierOptions(papers=("08-talk",)), on=DAY)
    whole = _plain("".join(re.sub(r"— \d+ —", "", text) for text in _texts(bound.content)))
    whole = re.sub(r"走访谈话内容", "", whole)
    for sentence in story:
        assert sentence in whole


def test_numbers_can_be_masked(demo_session, someone):
    bound = dossiers.dossier(demo_session, someone.person.id, DossierOptions(masked=True), on=DAY)
    whole = "".join(_texts(bound.content))
    assert someone.person.identity_number not in whole
    assert f"{someone.person.identity_number[:6]}********" in whole


def test_numbers_within_texts_are_masked_too(demo_session, someone):
    number = someone.person.identity_number
    visit = {"person_id": someone.person.id, "happened_on": DAY, "method": "01", "worker": "某甲",
             "content": f"与{number}谈话，改打139-1111-2222"}  # fmt: skip
    key = work.save(demo_session, "support_record", visit)
    try:
        for masked in (True, False):
            options = DossierOptions(masked=masked, scans=False)
            bound = dossiers.dossier(demo_session, someone.person.id, options, on=DAY)
            whole = _plain("".join(_texts(bound.content)))
            assert (number in whole, "1111-2222" in whole) == (not masked, not masked)
    finally:
        work.delete(demo_session, "support_record", key, 1)


def test_single_papers_without_a_catalogue(demo_session, someone):
    options = DossierOptions(papers=("05-group",), catalogue=False)
    bound = dossiers.dossier(demo_session, someone.person.id, options, on=DAY)
    assert bound.pages == 1
    assert "帮教小组名单" in _texts(bound.content)[0]
    with pytest.raises(InvalidInputError, match="没有名为“nix”的文书"):
        dossiers.dossier(demo_session, someone.person.id, DossierOptions(papers=("nix",)))


def test_a_sealed_file_is_not_printed_without_authority(demo_session, someone):
    from sqlalchemy import text

    with demo_session.ledger.write() as connection:
        connection.execute(
            text("UPDATE person SET sealed = true WHERE id = :id"), {"id": raw(connection, someone.person.id)}
        )
        connection.execute(text("UPDATE account SET sees_sealed = false"))
    demo_session.forget_authority()
    with pytest.raises(NotPermittedError):
        dossiers.dossier(demo_session, someone.person.id)
    number = someone.person.identity_number
    absent = number[:10] + "0000" + number[14:]  # the same to look at: 330411********1234
    told = []
    for wanted in (number, absent):
        with pytest.raises(InvalidInputError) as caught:
            dossiers.person_by_number(demo_session, wanted)
        told.append((type(caught.value), caught.value.message))
    assert told[0] == told[1]
    entries = audit_log.page(demo_session, audit_log.AuditFilter(action="look_up"))
    assert [entry.details for entry in entries] == [("条数：0",)] * 2


@pytest.mark.parametrize("key", [letter.key for letter in letters()])
def test_letters_keep_to_the_standard(demo_session, someone, key):
    with demo_session.ledger.write() as connection:
        from sqlalchemy import text

        connection.execute(
            text("DELETE FROM commission WHERE person_id = :id"), {"id": raw(connection, someone.person.id)}
        )
    for red_head in (False, True):
        bound = dossiers.letter(demo_session, [someone.person.id], key, red_head=red_head, on=DAY)
        document = Pdf(bound.content)
        assert len(document) == 1
        page = document[0]
        assert "2026年10月8日" in page.text
        left, _, right, _ = page.letters[page.found(someone.person.name)[0]].field
        assert right - left == pytest.approx(16, abs=0.6)  # 3号字
        [title, *_] = page.found({"1": "关于委托帮教的函", "2": "委托帮教函回执", "3": "信息核查回执"}[key[0]])
        left, _, right, _ = page.letters[title].field
        assert right - left == pytest.approx(22, abs=0.6)  # 2号字
        image = page.picture(72)
        reds = sum(red > 180 and green < 80 for red, green, _ in image.get_flattened_data())
        assert (reds > 500) is red_head


def test_envelopes_have_their_size_and_squares(demo_session):
    rows = people.page(demo_session, LedgerFilter(), limit=200).rows
    chosen = [row.id for row in rows if people.story(demo_session, row.id).records["commission"]]
    content, count = dossiers.envelopes(demo_session, chosen, "DL")
    document = Pdf(content)
    assert len(document) == count >= 1
    assert document[0].millimetres == [220, 110]
    assert "司法所" in document[0].text
    without = [row.id for row in rows if not people.story(demo_session, row.id).records["commission"]][:1]
    with pytest.raises(InvalidInputError, match="没有可以打印的信封"):
        dossiers.envelopes(demo_session, without)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('["姓　　名", "person.name"]', '["姓　　名", "person.nix"]', "第 8 行：字段“person.nix”不存在"),
        ('kind = "grid"', 'kind = "gird"', "第 6 行：“kind”写的“gird”不认识"),
        ("[[block]]", "[[block]]\nkin = 1", "第 6 行：不认识的项“kin”"),
        ("order = 1", "", "缺少 order"),
    ],
)
def test_a_wrong_paper_names_file_and_line(old, new, word):
    good = 'title = "试"\norder = 1\n\n\n[[block]]\nkind = "grid"\nrows = [\n  [["姓　　名", "person.name"]],\n]\n'
    assert read_paper(good, "x").title == "试"
    with pytest.raises(DefinitionError, match=re.escape(word)) as caught:
        read_paper(good.replace(old, new, 1), "x")
    assert "x.toml" in caught.value.message


@pytest.mark.both
def test_letters_of_several_offices_carry_their_own_heads(demo_session):
    offices = {}
    for row in people.page(demo_session, LedgerFilter(), limit=100).rows:
        if not row.sealed:
            offices.setdefault(row.office_name, row.id)
    assert len(offices) > 2
    bound = dossiers.letter(demo_session, list(offices.values()), "1-commission", red_head=True, on=DAY)
    for name, text in zip(offices, _texts(bound.content), strict=True):
        assert _plain(text).startswith(name) or name in _plain(text.splitlines()[0] + text.splitlines()[1])
        assert name in _plain(text.split("2026年10月8日")[0][-20:])


@pytest.fixture
def returned(empty):
    """A man released in 2021, back in prison in 2023, released again in 2026, with papers and scans of both releases."""
    begun = people.blank_person(empty)
    values = begun.row() | {
        "identity_number": "330411198005150037", "name": "沈方舟", "release_date": date(2021, 3, 1),
        "handover_date": date(2021, 3, 2), "handover_mode": "03", "prison": "甲监狱", "offence": "盗窃罪", "sentence": "有期徒刑三年",
    }  # fmt: skip
    key = people.save_person(empty, values)
    about = {"person_id": key, "office_id": begun.office_id}

    def record(sheet, **told):
        return work.save(empty, sheet, work.blank(empty, sheet, key).row() | told | about)

    visit = record("support_record", happened_on=date(2022, 5, 1), method="01", content="头一期的走访")
    attachments.add_content(
        empty, key, "头一期.png", _picture("red"), subject="support_record", subject_id=visit
    )  # fmt: skip
    record("placement", placed_on=date(2021, 6, 1), kind="06", employer="旧厂")
    record("register_change", changed_on=date(2023, 6, 1), reason="03")
    record("release_notice", received_on=date(2026, 6, 1), sender="乙监狱", number="乙字第8号")
    told = {"release_date": date(2026, 7, 10), "handover_date": date(2026, 7, 11), "handover_mode": "03"}
    more = {"prison": "乙监狱", "offence": "诈骗罪", "sentence": "有期徒刑二年"}
    episodes.begin_again(empty, key, episodes.blank_again(empty, key) | told | more)
    record("support_record", happened_on=date(2026, 7, 20), method="01", content="再次释放后的走访")
    return key


def _of_release(session, key, number):
    bound = dossiers.dossier(session, key, DossierOptions(episode=number, catalogue=False), on=DAY)
    return _plain("".join(_texts(bound.content)))


def test_a_file_is_of_one_release_whichever_is_asked_for(empty, returned):
    first, second = _of_release(empty, returned, 1), _of_release(empty, returned, 2)
    for words in ("甲监狱", "盗窃罪", "有期徒刑三年", "2021年3月1日", "2022年5月1日", "旧厂", "2023年6月1日"):
        assert words in first, words
        assert words not in second, words
    for words in ("乙监狱", "诈骗罪", "有期徒刑二年", "2026年7月10日", "2026年7月20日", "乙字第8号"):
        assert words in second, words
        assert words not in first, words
    assert _of_release(empty, returned, None) == second


def test_a_file_of_each_release_has_its_own_catalogue(empty, returned):
    bound = dossiers.dossier(empty, returned, DossierOptions(episode=dossiers.EACH, scans=False), on=DAY)
    texts = [_plain(one) for one in _texts(bound.content)]
    catalogues = [one for one in texts if "卷内目录" in one]
    assert [("第1期" in one, "第2期" in one) for one in catalogues] == [(True, False), (False, True)]
    toc = [item.title for item in Pdf(bound.content).outline]
    assert [one for one in toc if "沈方舟" in one] == ["沈方舟（第1期）", "沈方舟（第2期）"]


def test_a_release_nobody_has_is_refused_in_words(empty, returned):
    with pytest.raises(InvalidInputError, match="沈方舟没有第3期帮教（共 2 期）"):
        dossiers.dossier(empty, returned, DossierOptions(episode=3))


def test_a_letter_tells_of_the_release_that_is_asked_for(empty, returned):
    texts = {
        number: _plain(
            "".join(_texts(dossiers.letter(empty, [returned], "1-commission", episode=number, on=DAY).content))
        )
        for number in (None, 1)
    }
    assert "2021年3月1日" in texts[1]
    assert "2021年3月1日" not in texts[None]
    assert "2026年7月10日" in texts[None]


def test_an_attachment_belongs_to_its_record_or_where_it_was_put_or_to_its_day(empty, returned):
    found = episodes.history(empty, returned).episodes
    attachments.add_content(empty, returned, "释放证明.png", _picture())
    attachments.add_content(empty, returned, "旧证明.png", _picture(), episode_id=found[0].id)
    attachments.add_content(empty, returned, "照片.png", _picture(), subject=PHOTO)
    old = attachments.add_content(empty, returned, "老扫描.png", _picture())
    with empty.ledger.write() as connection:
        table = Attachment.__table__
        connection.execute(
            table.update().where(table.c.id == old).values(episode_id=None, created_at=datetime(2022, 3, 4))
        )
    listed = {one.title: one.episode for one in attachments.listed(empty, returned)}
    assert listed == {"释放证明.png": 2, "旧证明.png": 1, "照片.png": 0, "老扫描.png": 1, "头一期.png": 1}
    numbers = [one.episode for one in attachments.listed(empty, returned)]
    assert numbers == sorted(numbers, reverse=True)
    with pytest.raises(InvalidInputError, match="这一期帮教已不在台账中"):
        attachments.add_content(empty, returned, "别处.png", _picture(), episode_id=returned)

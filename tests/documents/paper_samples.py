"""Every document of the program from fixed fictional values, as reference pictures want them.

`.venv/bin/python -m tests.documents.paper_samples` remakes the reference pictures in tests/documents/references.
"""

import json
import os
import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("BANGJIAO_FONT_FOLDERS", "")  # the shipped faces, whatever this computer has

from PIL import Image, ImageDraw

from bangjiao_desktop.documents.brochure import Brochure, draw_booklet, draw_trifold
from bangjiao_desktop.documents.brochure_text import read_section
from bangjiao_desktop.documents.cards import draw_calibration, draw_cards
from bangjiao_desktop.documents.dossier import BoundPaper, Scan, draw_dossiers, draw_letters
from bangjiao_desktop.documents.envelopes import draw_envelopes
from bangjiao_desktop.documents.rosters import RosterColumn, draw_roster
from bangjiao_desktop.documents.setting.canvas import Watermark
from bangjiao_desktop.documents.statistics_forms import draw_forms
from bangjiao_desktop.documents.visit_lists import draw_visit_list
from bangjiao_desktop.domain.cards import CardOptions, ContactCard, card_sheets
from bangjiao_desktop.domain.form_comparison import compare
from bangjiao_desktop.domain.form_filling import fill_form
from bangjiao_desktop.domain.form_reader import built_in_forms
from bangjiao_desktop.domain.forms import Filing, FilledForm
from bangjiao_desktop.domain.indicators import indicators
from bangjiao_desktop.domain.letters import Address, Envelope
from bangjiao_desktop.domain.papers import Filling, dossier_papers, letters
from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.domain.visit_lists import PlannedVisit, code_of
from tests.pdf import Pdf

REFERENCES = Path(__file__).with_name("references")
DATA = Path(__file__).parents[1] / "data"
DOTS = 50
_CARD = ContactCard("柳浦司法所", "潘国梁", "0579-80010303", "云溪区柳浦街道柳堤路5号", caseworker_telephone="13900000000",
                    mediator="李和平", mediator_telephone="0579-80010300", hours="工作日 8:30—12:00，13:30—17:00")  # fmt: skip
_FIELDS = {
    "person.name": "单䶮", "person.sex": "男", "person.birth_date": "1988年2月3日", "person.ethnicity": "汉族",
    "person.identity_number": "330411198802031214", "person.category": "刑满释放人员", "person.telephone": "13900000001",
    "person.household": "云溪区荷塘镇荷香路31号", "person.residence": "云溪区柳浦街道建设路210号3幢2单元502室",
    "person.offence": "盗窃罪", "person.sentence": "有期徒刑三年", "person.prison": "东湖监狱",
    "person.release_date": "2026年7月1日", "person.term_end": "2031年7月1日", "person.handover_date": "2026年7月3日",
    "person.handover_mode": "司法所接回", "person.risk": "重点帮教人员", "person.sanwu": "否", "person.age": "38",
    "person.caseworker": "潘国梁", "person.education": "初中", "person.skills": "电焊", "today": "2026年10月8日",
    "office.name": "柳浦司法所", "office.telephone": "0579-80010303", "office.address": "云溪区柳浦街道柳堤路5号",
    "office.post_code": "321000", "user": "潘国梁", "commission.counterpart": "贵州省织金县八步司法所",
    "commission.letter_number": "委〔2026〕93号", "commission.content": "共同帮教，按季反馈",
    "record.happened_on": "2026年9月2日", "record.method": "走访", "record.form": "亲情", "record.worker": "潘国梁",
    "record.place": "家中", "record.outcome": "见到本人", "record.content": "本人在物流公司上班，情绪平稳，和父母同住，盼望把驾照考出来。" * 3,
    "pairing.helper": "网格员结对", "pairing.signed_on": "2026年7月5日",
}  # fmt: skip
_LISTS = {
    "group_member": [{"name": "潘国梁", "sex": "男", "kind": "司法所工作人员", "telephone": "13900000000", "joined_on": "2026年7月3日"},
                     {"name": "李和平", "sex": "女", "kind": "志愿者", "post": "退休教师", "joined_on": "2026年7月5日"}],
    "answers": [{"text": "住房", "choice": "有固定住房", "points": "0"}, {"text": "就业与收入", "choice": "零工", "points": "5"}],
}  # fmt: skip


def forms() -> list[FilledForm]:
    """The nine forms of 2026Q3 from the expected figures, one of them with a page of comparison."""
    data = json.loads((DATA / "ledger.expected.json").read_text(encoding="utf-8"))["figures"]

    def figures(key: str) -> dict:
        found = {}
        for name, one in indicators().items():
            value = data[key].get(name, 0)
            if one.kind == "rate" and value is not None:
                value = Decimal(str(value)).quantize(Decimal("0.0001"))
            found[name] = value
        return found

    scopes = {
        "current": figures("2026Q3"),
        "total": figures("2026Q3"),
        "previous": figures("2026Q2"),
        "last_year": figures("2026Q1"),
    }
    offices = [(f"第{number}司法所", number, figures("2026Q1")) for number in range(1, 7)]
    filled = [fill_form(form, "云溪区司法局", "2026年第三季度", scopes, offices) for form in built_in_forms()]
    rows = compare(filled[1].definition, scopes)
    filled[1] = replace(filled[1], filing=Filing(date(2026, 10, 8), "潘国梁", 1), compared=rows)
    return filled


def brochure() -> Brochure:
    """The shipped brochure of one office."""
    fields = {"office.name": "柳浦司法所", "office.telephone": "0579-80010303", "office.address": "云溪区柳浦街道柳堤路5号",
              "office.office_hours": "工作日 8:30—17:00", "office.mediator": "李和平", "office.mediator_telephone": "0579-80010300"}  # fmt: skip
    read = {path.stem: read_section(path.stem, path.read_text(encoding="utf-8"), fields)
            for path in sorted(resource_path("brochure").glob("*.md"))}  # fmt: skip
    special = ("00-cover", "10-reach", "11-places")
    return Brochure(read["00-cover"], tuple(one for name, one in read.items() if name not in special), read["10-reach"],
                    read["11-places"], "柳浦司法所")  # fmt: skip


def samples() -> dict[str, bytes]:
    """Name → PDF of each kind of document."""
    filling = Filling(_FIELDS, _LISTS)
    picture = Image.new("RGB", (620, 877), "white")
    ImageDraw.Draw(picture).rectangle((60, 60, 560, 820), outline="black", width=4)
    import io

    scan = io.BytesIO()
    picture.save(scan, "PNG")
    bound = [BoundPaper(paper, filling, "2026年7月3日" if paper.order < 3 else "",
                        (Scan("通知书.png", "image/png", scan.getvalue()),) if paper.order == 1 else ())
             for paper in dossier_papers()]  # fmt: skip
    columns = [RosterColumn(name, 1.0, name in ("姓名", "性别", "释放日期")) for name in
               ("姓名", "性别", "公民身份号码", "现住地详址", "释放日期", "帮教责任人")]  # fmt: skip
    rows = [(f"单{'䶮㛃𬭊𠅤𫍯'[n % 5]}", "男", f"33041119880203{1000 + n}", "云溪区柳浦街道建设路210号3幢2单元502室", "2026-07-01", "潘国梁")
            for n in range(45)]  # fmt: skip
    return {
        "forms": draw_forms(forms(), compare=True),
        "cards-band": draw_cards([_CARD] * 10, card_sheets()["a4-10"], CardOptions("band", "long")),
        "cards-side": draw_cards([_CARD] * 8, card_sheets()["a4-8"], CardOptions("side", start=2)),
        "cards-plain": draw_cards([_CARD] * 10, card_sheets()["card-85x54"], CardOptions("plain")),
        "calibration": draw_calibration(),
        "brochure": draw_trifold(brochure()),
        "booklet": draw_booklet(brochure()),
        "dossier": draw_dossiers([(bound, filling)]).content,
        "letters": draw_letters([BoundPaper(letter, filling) for letter in letters()], red_head=True).content,
        "envelopes": draw_envelopes([Envelope(Address("贵州省织金县八步司法所", "织金县八步街道中山路6号", "552100", "王助理"),
                                              Address("柳浦司法所", "云溪区柳浦街道柳堤路5号", "321000"))], "DL"),
        "visits": draw_visit_list("走访单", "柳浦司法所　　2026年10月8日　　共 6 人　　走访人：", visits())[0],
        "roster": draw_roster("安置帮教对象花名册", "单位：柳浦司法所　　日期：2026年10月8日　　共 45 人", columns, rows,
                              watermark=Watermark("潘国梁　2026-10-08 09:00"))[0],
    }  # fmt: skip


def visits() -> list[PlannedVisit]:
    """Six people of two villages and of none, with much and with little to tell."""
    long = "本人在物流公司上班，情绪平稳，和父母同住，盼望把驾照考出来，下次带身份证和毕业证来。" * 3
    told = [
        ("建设村", "建设路210号3幢2单元502室", "2026-09-02 走访 " + long, "2026-10-08 再见", "每季度走访（9月30日）、半年回访评估（10月20日）"),
        ("建设村", "建设路8号", "2026-08-20 约谈 在家务农", "", "每季度走访（9月30日）"),
        ("荷香社区", "荷香路31号", "还没有见到过本人", "", "首次上门走访（10月9日）、签订帮教协议（10月7日）"),
        ("荷香社区", "荷香路33号", "2026-09-12 走访 母亲住院，家庭开支紧张，已告知临时救助申请办法", "2026-10-12 再见", ""),
        ("荷香社区", "荷香路40号", "2026-09-13 电话 在外地", "", "外地籍人员走访核实（10月15日）"), ("", "", "", "", ""),
    ]  # fmt: skip
    return [
        PlannedVisit(f"单䶮{number}", "男　38 岁　重点帮教人员　责任人 潘国梁", village, address, "13900000001", "家属 单某 13900000002",
                     last, agreed, due, code_of(uuid.UUID(int=number)))
        for number, (village, address, last, agreed, due) in enumerate(told, start=1)
    ]  # fmt: skip


def pictures(dots: int = DOTS) -> dict[str, Image.Image]:
    """Name of each page → its picture in shades of grey."""
    found = {}
    for name, content in samples().items():
        for number, page in enumerate(Pdf(content), start=1):
            found[f"{name}-{number:02d}"] = page.picture(dots).convert("L")
    return found


def remake() -> None:
    """Write the reference pictures anew."""
    REFERENCES.mkdir(exist_ok=True)
    for path in REFERENCES.glob("*.png"):
        path.unlink()
    made = pictures()
    for name, image in made.items():
        image.quantize(16).save(REFERENCES / f"{name}.png", optimize=True)
    print(f"{len(made)} reference pictures in {REFERENCES}")


if __name__ == "__main__":
    remake()

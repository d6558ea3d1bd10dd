"""Rosters: numbers stay whole, names wrap (cases.md no. 45)."""

from datetime import date

import pytest

from bangjiao_desktop.documents.rosters import RosterColumn, draw_roster
from bangjiao_desktop.domain.audience import Chosen
from bangjiao_desktop.domain.ledger import LedgerFilter
from bangjiao_desktop.services.papers import printing, rosters
from bangjiao_desktop.services.papers.print_requests import PrintRequest
from bangjiao_desktop.services.people import people
from tests.pdf import Pdf

DAY = date(2026, 3, 2)
NAME, NUMBER = "古丽巴哈尔·阿卜杜热合曼", "330411198005150037"


def lines_of(content):
    """The texts of every page's lines, as they stand in the PDF."""
    return [line for text in Pdf(content).texts for line in text.split("\r\n")]


def one_line(content, number):
    """Whether all characters of a number share a base line and none of them is cut off at the page's edge."""
    for page in Pdf(content):
        for place in page.found(number)[:1]:
            letters = page.letters[place : place + len(number)]
            bottoms = [letter.field[1] for letter in letters]
            return max(bottoms) - min(bottoms) < 1 and min(round(letter.size, 1) for letter in letters) >= 6
    return False


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_one_long_name_breaks_nobodys_number(empty, paper):
    keys = []
    for place, name in enumerate((NAME, "陆青禾")):
        values = {
            **people.blank_person(empty).row(), "name": name, "identity_number": (NUMBER, "330411198005150053")[place],
            "release_date": DAY, "handover_date": DAY, "handover_mode": "01", "caseworker": name, "offence": "非法吸收公众存款罪",
            "telephone": "13800000001、13900000001" if place == 0 else "13800000002", "prison": "某监狱",
            "residence_address": "云溪区柳浦街道柳堤路168号综合服务中心三楼东侧316室",
        }  # fmt: skip
        keys.append(people.save_person(empty, values))
    content = printing.draw(empty, PrintRequest("roster", Chosen(tuple(keys)), {"paper": paper})).content
    for number in (NUMBER, "330411198005150053", "13800000001", "13900000001", "13800000002", "2026-03-02"):
        assert one_line(content, number), number
    assert NAME in "".join(lines_of(content)).replace(" ", "")


def test_every_number_of_a_ledger_stands_whole_on_the_usual_roster(demo_session):
    content, _, _ = rosters.roster(demo_session, LedgerFilter())
    for row in people.page(demo_session, LedgerFilter(), limit=500).rows:
        if not row.sealed:
            assert one_line(content, row.identity_number)


def test_with_too_many_columns_numbers_are_set_smaller_but_never_broken():
    columns = [RosterColumn(f"号码{place}", 1.0, unbroken=True) for place in range(9)] + [RosterColumn("姓名", 1.0)]
    content, pages = draw_roster("名单", "", columns, [[NUMBER] * 9 + [NAME]])
    assert pages == 1
    assert sum(line.count(NUMBER) for line in lines_of(content)) == 9


def test_a_name_of_four_characters_stands_whole_among_those_of_three(demo_session):
    """Found by looking: 封存档案 broke over two lines, as 诸葛娜娜 would, though the column of addresses had room to give."""
    content, _, _ = rosters.roster(demo_session, LedgerFilter())
    names = [row.name for row in people.page(demo_session, LedgerFilter(), limit=500).rows if not row.sealed]
    longest = max(names, key=len)
    assert len(longest) == 4 > sorted(map(len, names))[int(len(names) * 0.9)]
    assert one_line(content, longest)

"""Fuzzed rows: `python -m tests.campaigns.hostile_rows --count 1000000`.

Tables of invented people whose cells hold good values in many spellings, odd ones, and rubbish, are imported into empty
ledgers. Every row must be there or refused with its place; every cell of a row that is there must say in the ledger what it
said in the file, or be told of. A bug box, a death, a hang over 60 s, more than 1 GB, a row gone and a cell changed without
a word are counted.
"""

import argparse
import csv
import random
import re
import resource
import shutil
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.identity_number import check_character
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.store.vault import keys
from tests.campaigns import killing, kills
from tests.campaigns.operations import PASSWORD, USER, opened

HANG = 60.0
MOST_KIB = 1 << 20
ROWS = 1000  # of a table
_FIRST = date(2026, 1, 1)
_TEXTS = ("曾用名", "户籍地详址", "现住地详址", "原罪名", "服刑场所", "备注", "帮教责任人")
_COLUMNS = (
    "公民身份号码", "姓名", "曾用名", "性别", "民族", "文化程度", "联系方式", "户籍地详址", "现住地详址", "原罪名", "原判刑期",
    "服刑场所", "释放日期", "衔接日期", "衔接情况", "是否三无人员", "帮教责任人", "备注",
)  # fmt: skip
_FIELDS = {
    "姓名": "name", "曾用名": "former_name", "性别": "sex", "民族": "ethnicity", "文化程度": "education", "联系方式": "telephone",
    "户籍地详址": "household_address", "现住地详址": "residence_address", "原罪名": "offence", "原判刑期": "sentence",
    "服刑场所": "prison", "释放日期": "release_date", "衔接日期": "handover_date", "衔接情况": "handover_mode",
    "是否三无人员": "sanwu", "帮教责任人": "caseworker", "备注": "remarks",
}  # fmt: skip
_GOOD_CODES: dict[str, tuple[tuple[str, str], ...]] = {
    "性别": (("男", "1"), ("女", "2")),
    "民族": (("汉族", "01"), ("汉", "01"), ("回族", "03")),
    "文化程度": (("初中", ""), ("高中", ""), ("小学", "")),
    "衔接情况": (("", ""),),
    "是否三无人员": (("是", "1"), ("否", "0"), ("", "0")),
}
_RUBBISH = (
    "？", "?", "无", "-", "——", "/", "不详", "待查", "x", "12", "2026-02-30", "2026.13.01", "2026年", "上个月", "9999-12-31", "0000-00-00",
    "1e9", "NaN", "#REF!", "=1+1", "=cmd|' /C calc'!A0", "+8613800000000", "TRUE", "null", "是否", "男女", "汉汉", "\u202e倒",
    "\ufeff", "\u200b", "　", "￿", "𬭊", "e\u0301", "ﬁ", "①", "２０２６－０１－０３", "甲\n乙", "甲\r\n乙\t丙", '他说"好"', "O'Brien",
    "'123", "一" * 500, "A" * 5000, "🙂", "<b>", "&amp;", "%s", "{}", "\\", ";", "，",
)  # fmt: skip
_SPELLINGS: tuple[Callable[[date], str], ...] = (
    lambda day: day.isoformat(), lambda day: f"{day:%Y.%m.%d}", lambda day: f"{day:%Y/%m/%d}", lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day.year}年{day.month}月{day.day}日", lambda day: f" {day.isoformat()} ", lambda day: f"{day.isoformat()} 00:00:00",
)  # fmt: skip
_SURNAMES, _GIVEN = "费糜裴沈陆钮干虞邬厉", "学勤子墨望秋方舟青禾若谷明远"


def number_of(chance: random.Random, place: int) -> str:
    """A number that checks out and that nobody else of the ledger has."""
    born = date(1960, 1, 1) + timedelta(days=chance.randrange(14_000))
    seventeen = f"330411{born:%Y%m%d}{place % 1000:03d}"
    return seventeen + check_character(seventeen)


def _any(chance: random.Random) -> str:
    """A character that may stand in a text (those that may not make no table: hostile_files.py)."""
    while unicodedata.category(found := chr(chance.randrange(32, 0xFFFD))) in ("Cc", "Cs", "Cn", "Co"):
        pass
    return found


def row(chance: random.Random, place: int) -> tuple[dict[str, str], dict[str, str]]:
    """Return a row (heading → cell) and what the ledger must say where the cell is good (heading → value)."""
    released = _FIRST + timedelta(days=chance.randrange(250))
    name = chance.choice(_SURNAMES) + "".join(chance.sample(_GIVEN, 2))
    cells = dict.fromkeys(_COLUMNS, "") | {"公民身份号码": number_of(chance, place), "姓名": name}
    sure = {"姓名": name}
    for heading in ("释放日期", "衔接日期"):
        day = released + timedelta(days=0 if heading == "释放日期" else chance.randrange(9))
        cells[heading] = chance.choice(_SPELLINGS)(day)
        sure[heading] = day.isoformat()
    for heading, words in _GOOD_CODES.items():
        word, code = chance.choice(words)
        cells[heading] = word
        if code:
            sure[heading] = code
    sure.pop("性别")  # the number decides, and a contradiction is told
    for heading in _TEXTS:
        cells[heading] = chance.choice(("", f"文本{place}", "某某路1号", "盗窃罪"))
    for heading in _COLUMNS[1:]:
        if chance.random() < 0.06:
            cells[heading] = chance.choice(_RUBBISH)
            if chance.random() < 0.3:
                cells[heading] = "".join(
                    chance.choice((_any(chance), chr(chance.randrange(32, 127)))) for _ in range(6)
                )
            sure.pop(heading, None)
    if chance.random() < 0.03:
        number = cells["公民身份号码"]
        cells["公民身份号码"] = chance.choice(
            (number[:-1], number + "1", number.lower(), f" {number}", number[:17] + "*", "", "无")
        )
    return cells, sure


def plain(told: object) -> str:
    """What a text says, without blanks, width, case, marks nobody sees, and the marks put around and between (DOMAIN.md §8)."""
    found = unicodedata.normalize("NFC", "" if told is None else str(told)).strip(_AROUND + " ")
    found = unicodedata.normalize("NFKC", found)
    kept = "".join(one for one in found if not one.isspace() and one != "、" and not _unseen(one))
    kept = kept.strip(_AROUND).casefold()
    return "" if kept in _NOTHING else kept.removeprefix("+86")


def _told(heading: str, value: object) -> str:
    """`plain` of a cell; telephones each once and the parts of a name, with whatever stands between them."""
    found = plain(value)
    if heading in ("姓名", "曾用名"):
        return found.translate(dict.fromkeys(map(ord, _DOTS))).strip(_AROUND)
    if heading == "联系方式":
        pieces = re.split(r"[;,/|\\、]", unicodedata.normalize("NFKC", "" if value is None else str(value)))
        found = "".join(dict.fromkeys(plain(one) for one in pieces))
        found = "".join("-" if unicodedata.category(one) == "Pd" else one for one in found)
    return found


def _unseen(one: str) -> bool:
    # what Unicode calls ignorable beside its categories: variation selectors, fillers, and what stands for an object
    selects = (
        "\ufe00" <= one <= "\ufe0f"
        or "\u180b" <= one <= "\u180f"
        or one in "\u17b4\u17b5\u034f\u115f\u1160\u3164\u2800\ufffc"
    )
    return selects or unicodedata.category(one) in ("Cc", "Cf", "Cn", "Co", "Cs")


_AROUND = "'\"=`\\’‘´′"
_DOTS = "·.・∙⋅•‣‧◦▪●⸱᛫ꞏ"
"""What people type between the parts of a name."""
_NOTHING = frozenset(("-", "--", "—", "——", "/", "无", "null", "nan", ";", ","))
"""What stands in a cell in which nothing stands (resources/codes/words.toml: empty.every), as far as it is tried here."""
_NOTHING_THERE = {"衔接日期": frozenset(("不详", "9999-12-31")), "曾用名": frozenset(("不详",))}
"""The same, of one column: days that are none (domain.dates.NO_DAYS), words of days and of names."""


def _work(
    rows: list[tuple[dict[str, str], dict[str, str]]], folder: Path, file: Path, ack: Callable[[Any], None]
) -> None:
    session = opened(folder)
    ack("begin")
    try:
        result = import_file(session, file)
    except KnownError as error:
        ack({"refused whole": error.message[:60]})
        return
    except Exception as error:
        ack({"bug": f"{type(error).__name__}: {str(error)[:200]}"})
        return
    told = {(one.row, one.column) for one in (*result.remarks, *result.rejected)}
    refused = {one.row for one in result.rejected}
    whole_rows = {one.row for one in result.remarks if not one.column}
    people = _people(session)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    for place, (cells, sure) in enumerate(rows, start=2):
        counts["rows"] += 1
        if place in refused:
            counts["refused"] += 1
            continue
        person = people.get(plain(cells["公民身份号码"]).upper())
        if person is None:
            # who has no number is in the ledger under a provisional one
            if not plain(cells["公民身份号码"]) or any(row == place for row, _ in told):
                counts["told"] += 1
            else:
                faults.append(f"row {place} gone: {cells['公民身份号码']!r}")
            continue
        counts["taken"] += 1
        for heading, field in _FIELDS.items():
            cell, value = cells[heading], person[field]
            if plain(cell) in _NOTHING_THERE.get(heading, ()) and not value:
                continue
            if (place, heading) in told or place in whole_rows:
                counts["remarks"] += 1
            elif heading in sure:
                if str(value if value is not None else "") != sure[heading]:
                    faults.append(f"{heading} {cell!r} became {value!r}")
            elif heading in _TEXTS or heading in ("姓名", "联系方式", "原判刑期"):
                if _told(heading, cell) != _told(heading, value):
                    faults.append(f"{heading} {cell!r} became {value!r}")
            elif plain(cell) and value in (None, "", 0) and heading != "是否三无人员":
                faults.append(f"{heading} {cell!r} dropped")
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    if used > MOST_KIB:
        faults.append(f"memory {used >> 10} MiB")
    session.close()
    ack({"counts": counts, "faults": faults})


def _people(session: Session) -> dict[str, dict[str, Any]]:
    with session.ledger.read() as connection:
        found = connection.execute(text("SELECT * FROM person")).mappings().all()
    return {str(row["identity_number"]): dict(row) for row in found}


def campaign(template: Path, scratch: Path, count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Import so many rows; return counts, and what was changed or lost without a word."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    done = 0
    while done < count:
        rows = [row(chance, place) for place in range(min(ROWS, count - done))]
        done += len(rows)
        file, folder = scratch / "rows.csv", scratch / "ledger"
        with file.open("w", encoding="utf-8-sig", newline="", errors="surrogatepass") as target:
            lines = csv.writer(target)
            lines.writerow(_COLUMNS)
            lines.writerows([cells[one] for one in _COLUMNS] for cells, _ in rows)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)
        run = killing.run(lambda ack, those=rows, here=folder, table=file: _work(those, here, table, ack), silence=HANG)
        if run.fault or not run.said:
            counts["hung" if run.fault == "hung" else "died"] += 1
            faults.append(f"rows up to {done}: {run.fault}")
            continue
        told = run.said[0]
        if "counts" not in told:
            counts.update(told.keys())
            faults.append(str(told))
            continue
        counts.update(told["counts"])
        faults.extend(told["faults"])
    return counts, faults


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="rows altogether")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    keys._MEMORY_KIB, keys._PASSES = 8192, 1
    began = time.monotonic()
    with kills.scratch() as scratch:
        entrance.create(scratch / "empty", "某区司法局", ["某司法所"], USER, PASSWORD)[0].close()
        counts, faults = campaign(scratch / "empty", scratch, chosen.count, chosen.seed)
    for one, number in Counter(faults).most_common(40):
        print(f"{number:>6} × {one}")
    print(", ".join(f"{name} {number}" for name, number in sorted(counts.items())))
    print(f"{len(faults)} faults, {time.monotonic() - began:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

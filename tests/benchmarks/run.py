"""Measurements on an encrypted vault of 20,000 people: `.venv/bin/python tests/benchmarks/run.py`.

Prints one table: what was measured, what it took, the bound of the issue, the ratio of the two. Comparisons
(XLSX beside XlsxWriter alone, start beside a bare window) are measured in the same run.
"""

import os
import random
import shutil
import statistics as averages
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import xlsxwriter

from bangjiao_desktop.domain.ledger import LedgerFilter, LedgerSort
from bangjiao_desktop.domain.periods import parse_period
from bangjiao_desktop.services.base.session import Session, create
from bangjiao_desktop.services.demo import demo
from bangjiao_desktop.services.exchange.export_ledger import export_workbook
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.figures import statistics
from bangjiao_desktop.services.people import duties, people
from bangjiao_desktop.store.vault.door import unlock

PEOPLE, PASSWORD, USER = 20_000, "benchmark-only", "所长"
HERE = Path(__file__).parent
rows: list[tuple[str, float, float, str]] = []


def note(name: str, taken: float, bound: float, unit: str) -> None:
    rows.append((name, taken, bound, unit))
    print(f"  {name}: {taken:.3g} {unit} (bound {bound:g})", flush=True)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def p95(work: Callable[[str], object], arguments: list[str]) -> float:
    taken = sorted(seconds(lambda argument=argument: work(argument)) for argument in arguments)
    return taken[int(len(taken) * 0.95)] * 1000


def reading(session: Session) -> None:
    chance = random.Random(5)
    known = people.page(session, LedgerFilter(), LedgerSort("birth_date"), limit=3000).rows
    chosen = chance.sample(known, 120)

    def search(text: str) -> None:
        people.page(session, LedgerFilter(text=text))

    kinds = {
        "search, two characters of a name": [row["name"][:2] for row in chosen],
        "search, initials": [row["name_pinyin"][:1] + chance.choice("abcdefghjlmnpqrstwxyz") for row in chosen],
        "search, part of an identity number": [row["identity_number"][6:14] for row in chosen],
    }
    for name, texts in kinds.items():
        note(f"{name}, p95", p95(search, texts), 30, "ms")
    note("one ledger page, p95", p95(lambda _: people.page(session, LedgerFilter()), [""] * 60), 15, "ms")
    figures = [seconds(lambda: statistics.figures(session, parse_period("2026Q3"))) for _ in range(5)]
    due = [seconds(lambda: duties.due(session)) for _ in range(7)]
    note("duties of all people, median", averages.median(due), 0.4, "s")
    note("all figures of a quarter, all offices, median", averages.median(figures), 1.0, "s")


def workbooks(session: Session, folder: Path) -> Path:
    whole = folder / "ledger.xlsx"
    export_workbook(session, whole)
    import python_calamine

    cells = python_calamine.CalamineWorkbook.from_path(str(whole)).get_sheet_by_name("人员").to_python()

    def alone() -> None:
        workbook = xlsxwriter.Workbook(str(folder / "alone.xlsx"), {"in_memory": True})
        tab = workbook.add_worksheet()
        for number, line in enumerate(cells):
            tab.write_row(number, 0, line)
        workbook.close()

    from bangjiao_desktop.services.exchange.export_ledger import export_people

    bare = min(seconds(alone) for _ in range(2))
    ours = min(seconds(lambda: export_people(session, folder / "people.xlsx")) for _ in range(2))
    assert len(cells[0]) >= 32  # the fixed columns of DOMAIN.md §8, and what the demo fills beyond them
    note("XLSX of all people, 32 columns, beside XlsxWriter alone", ours / bare, 1.5, "times")
    return folder / "people.xlsx"


def importing(folder: Path, workbook: Path) -> None:
    session, _ = create(folder / "fresh", "局", ["所"], USER, PASSWORD)
    note("import of 20,000 rows", seconds(lambda: import_file(session, workbook)), 8, "s")
    session.close()


def starting(vault: Path, key: bytes) -> None:
    # the second start of a person has bytecode, which the first one wrote
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(vault.parent / "bytecode"),
                   "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}  # fmt: skip
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(*words: str) -> float:
        command = [sys.executable, *words, str(time.time())]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        return float(done.stdout.split()[-1])

    bare, ours = str(HERE / "start_bare.py"), (str(HERE / "start_ledger.py"), str(vault), key.hex())
    run(bare)
    run(*ours)
    bare_time = averages.median(run(bare) for _ in range(7))
    ours_time = averages.median(run(*ours) for _ in range(7))
    note("process start to a filled ledger, beside a bare window", ours_time / bare_time, 2.5, "times")


def cards(folder: Path) -> None:
    vault = folder / "thousand"
    demo.make(vault, USER, PASSWORD, people=1000)[0].close()
    environment = {**os.environ, "BANGJIAO_PASSWORD": PASSWORD}

    def run(*words: str) -> float:
        command = [sys.executable, "-m", "bangjiao_desktop", *words]
        return seconds(lambda: subprocess.run(command, check=True, capture_output=True, env=environment))

    opening = min(run("people", str(vault), "--limit", "1") for _ in range(3))
    whole = min(run("cards", str(vault), str(folder / "c.pdf"), "--all") for _ in range(3))
    note("1,000 cards, process beyond opening the vault", whole - opening, 1.5, "s")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bangjiao-benchmark-"))
    try:
        vault = folder / "vault"
        start = time.perf_counter()
        session, _ = demo.make(vault, USER, PASSWORD, people=PEOPLE)
        note("demo of 20,000 people", time.perf_counter() - start, 60, "s")
        reading(session)
        importing(folder, workbooks(session, folder))
        session.close()
        starting(vault, unlock(vault, USER, PASSWORD)[1])
        cards(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{'measured':<62}{'taken':>10}{'bound':>8}{'':>7}{'ratio':>8}")
    for name, taken, bound, unit in rows:
        print(f"{name:<62}{taken:>10.3g}{bound:>8g} {unit:<6}{taken / bound:>8.2f}")


if __name__ == "__main__":
    main()

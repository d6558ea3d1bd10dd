"""The least that each piece of work can cost on the machine at hand: the bare library on the same vault or file.

Every floor returns the processor seconds it took, in this process and in what it starts, so that other people's work on
the same machine counts little.
"""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import python_calamine
import sqlcipher3.dbapi2 as driver
import xlsxwriter

RECORDS = {
    "support_record": "happened_on", "relief": "granted_on", "activity": "held_on", "mediation": "accepted_on",
    "handout": "handed_on", "reoffence": "happened_on", "placement": "placed_on",
}  # fmt: skip

OF_RELEASES = {
    "support_record": "happened_on",
    "relief": "granted_on",
    "handout": "handed_on",
    "reoffence": "happened_on",
}
"""Records that count for the office of the standing of their day (DOMAIN.md §5), and the day of each."""


def busy() -> float:
    """The processor seconds of this process and of its finished children."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def cost(work: Callable[[], object], times: int = 1) -> float:
    """The processor seconds of some work: the least of several tries."""
    taken = []
    for _ in range(times):
        start = busy()
        work()
        taken.append(busy() - start)
    return min(taken)


class BareVault:
    """The vault through sqlcipher3 alone.

    Args:
        folder: where it lies.
        key: its data key.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._key = key
        self.connection = _connect(folder / "ledger.db", key)

    def page(self) -> list[tuple[object, ...]]:
        """One page of people, the latest release first, all columns."""
        return self.connection.execute(
            "SELECT person.*, office.name FROM person JOIN office ON office.id = person.office_id "
            "WHERE person.deleted_at IS NULL ORDER BY release_date DESC, person.id DESC LIMIT 151"
        ).fetchall()

    def figures(self) -> None:
        """One count of people and one of each kind of record in a quarter, by office."""
        quarter = ("2026-07-01", "2026-09-30")
        self.connection.execute(
            "SELECT person.office_id, sum(handover_date <= ? AND (changed_on IS NULL OR changed_on > ?)) FROM person "
            "LEFT JOIN register_change ON register_change.person_id = person.id GROUP BY person.office_id", quarter,
        ).fetchall()  # fmt: skip
        for table, day in RECORDS.items():
            self.connection.execute(
                f"SELECT office_id, count(*) FROM {table} WHERE {day} BETWEEN ? AND ? GROUP BY office_id", quarter
            ).fetchall()

    def releases(self) -> None:
        """By office, once each: who is registered before a quarter and at its end, records and placements by their day.

        Each with its release and the standing of its day, as DOMAIN.md §5 has figures ask; no other condition, no split.
        """
        first, last, eve = "2026-07-01", "2026-09-30", "2026-06-30"
        registered = (
            "SELECT standing.office_id, count(*) FROM episode JOIN standing ON standing.episode_id = episode.id AND "
            "standing.deleted_at IS NULL {} WHERE episode.deleted_at IS NULL AND valid_from <= :day AND valid_until > :day "
            "AND episode.handover_date <= :day AND (episode.changed_on IS NULL OR episode.changed_on > :day) "
            "GROUP BY standing.office_id"
        )
        with_people = "JOIN person ON person.id = episode.person_id AND person.deleted_at IS NULL"
        self.connection.execute(registered.format(""), {"day": eve}).fetchall()
        self.connection.execute(registered.format(with_people), {"day": last}).fetchall()
        between = {table: f"r.{day} BETWEEN :first AND :last" for table, day in OF_RELEASES.items()}
        in_force = {"placement": "r.placed_on <= :last AND (r.ended_on IS NULL OR r.ended_on > :last)"}
        for table, which in (between | in_force).items():
            day = f"r.{OF_RELEASES.get(table, 'placed_on')}"
            self.connection.execute(
                f"SELECT standing.office_id, count(*) FROM {table} r JOIN episode ON episode.person_id = r.person_id AND "
                f"episode.deleted_at IS NULL AND records_from <= {day} AND records_until > {day} JOIN standing ON "
                f"standing.episode_id = episode.id AND standing.deleted_at IS NULL AND valid_from <= {day} AND "
                f"valid_until > {day} WHERE r.deleted_at IS NULL AND {which} GROUP BY standing.office_id",
                {"first": first, "last": last},
            ).fetchall()

    def people(self) -> list[tuple[object, ...]]:
        """Everybody, all columns: what an import must know, and what duties are reckoned from."""
        return self.connection.execute("SELECT * FROM person").fetchall()

    def visits(self) -> None:
        """The last visit of everybody."""
        self.connection.execute(
            "SELECT person_id, max(happened_on) FROM support_record WHERE deleted_at IS NULL GROUP BY person_id"
        ).fetchall()

    def copy(self, target: Path, tables: tuple[str, ...] | None = None) -> int:
        """Write rows of the vault into a fresh encrypted file, in one transaction; return how many."""
        made, count = _connect(target, self._key), 0
        made.execute("BEGIN")
        for (name,) in self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if (tables is not None and name not in tables) or "search" in name or name.startswith("sqlite_"):
                continue
            rows = self.connection.execute(f'SELECT * FROM "{name}"').fetchall()
            if rows:
                width = len(rows[0])
                made.execute(f'CREATE TABLE "{name}" ({", ".join(f"c{n}" for n in range(width))})')
                made.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * width)})', rows)
                count += len(rows)
        made.execute("COMMIT")
        made.close()
        return count


def _connect(path: Path, key: bytes) -> driver.Connection:
    made = driver.connect(str(path), isolation_level=None)
    made.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    made.execute("PRAGMA cache_size = -131072")
    return made


def cells_of(file: Path, tab: str) -> list[list[object]]:
    """A sheet through calamine alone."""
    return python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_name(tab).to_python()


def write_cells(cells: list[list[object]], target: Path) -> None:
    """A sheet through XlsxWriter alone."""
    workbook = xlsxwriter.Workbook(str(target), {"in_memory": True})
    tab = workbook.add_worksheet()
    for number, line in enumerate(cells):
        tab.write_row(number, 0, line)
    workbook.close()


def draw_cards(count: int, target: Path) -> None:
    """As many cards as plain ReportLab draws them: ten a page, a frame, eight lines in the fonts of the house."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    from bangjiao_desktop.domain.resources import resource_path

    font = next(one for one in sorted(resource_path("fonts").rglob("*.ttf")) if "Sans" in one.name)
    pdfmetrics.registerFont(TTFont("bare", str(font)))
    canvas = Canvas(str(target))
    for number in range(count):
        place = number % 10
        x, y = 40 + 260 * (place % 2), 700 - 150 * (place // 2)
        canvas.rect(x, y, 250, 140)
        canvas.setFont("bare", 10)
        for line in range(8):
            canvas.drawString(x + 8, y + 120 - 14 * line, f"第 {number} 张：法律服务联系卡 0573-8391{line}")
        if place == 9:
            canvas.showPage()
    canvas.save()


def start(script: Path, *words: str, tries: int = 5) -> float:
    """The processor seconds of a process until its first picture: the median of several starts, bytecode written."""
    import subprocess
    import sys

    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    taken = []
    for _ in range(tries + 1):
        done = subprocess.run(
            [sys.executable, str(script), *words, str(time.time())], check=True, capture_output=True, text=True,
            env=environment,
        )  # fmt: skip
        taken.append(float(done.stdout.split()[0]))
    return sorted(taken[1:])[tries // 2]

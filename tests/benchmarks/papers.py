"""Speed of the papers, beside what an office would use instead, in one run: `.venv/bin/python tests/benchmarks/papers.py`.

The others turn the texts of 1,000 cards into a table or pages, without QR codes, designs or a vault: LibreOffice
headless (Debian's libreoffice-writer-nogui, if it is there), fpdf2 and typst (`uv sync --group benchmarks`).
"""

import importlib.util
import os
import resource
import shutil
import statistics as averages
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bangjiao_desktop.domain.resources import resource_path
from bangjiao_desktop.services.demo import demo

PASSWORD, USER, ROUNDS = "benchmark-only", "所长", 5
TEXTS = [
    ("法律服务联系卡", f"云溪区第{number % 6 + 1}司法所", f"联系人 潘国梁{number}", "电话 0579-80010303", f"云溪区柳浦街道柳堤路{number}号")
    for number in range(1000)
]  # fmt: skip
FONT = resource_path("fonts", "NotoSansSC-Regular.ttf")


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    return averages.median(seconds(work) for _ in range(rounds))


def command(folder: Path, *words: str) -> Callable[[], object]:
    environment = {**os.environ, "BANGJIAO_PASSWORD": PASSWORD}
    return lambda: subprocess.run(
        [sys.executable, "-m", "bangjiao_desktop", *words], check=True, capture_output=True, env=environment, cwd=folder
    )


def peak(folder: Path, *words: str) -> float:
    """Largest memory of a process in MB."""
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run([sys.executable, '-m', 'bangjiao_desktop', *sys.argv[1:]], check=True, capture_output=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    environment = {**os.environ, "BANGJIAO_PASSWORD": PASSWORD}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], check=True, capture_output=True, text=True, env=environment, cwd=folder
    )
    return int(done.stdout.split()[-1]) / 1024


def with_libreoffice(folder: Path) -> None:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in TEXTS)
    (folder / "cards.html").write_text(f"<meta charset=utf-8><table>{rows}</table>", encoding="utf-8")
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/lo", "--convert-to", "pdf", "--outdir", folder,
         folder / "cards.html"], check=True, capture_output=True,
    )  # fmt: skip


def with_fpdf2(folder: Path) -> None:
    code = f"""
import fpdf
pdf = fpdf.FPDF(); pdf.add_font("n", fname={str(FONT)!r}); pdf.set_font("n", size=9)
for number, row in enumerate({TEXTS!r}):
    if number % 10 == 0: pdf.add_page()
    x, y = 15 + number % 2 * 90, 13.5 + number % 10 // 2 * 54
    for place, cell in enumerate(row): pdf.text(x + 6, y + 8 + place * 8, cell)
pdf.output({str(folder / "fpdf2.pdf")!r})
"""
    script(folder, code)


def script(folder: Path, code: str) -> None:
    (folder / "other.py").write_text(code, encoding="utf-8")
    subprocess.run([sys.executable, folder / "other.py"], check=True, capture_output=True)


def with_typst(folder: Path) -> None:
    cells = "\n".join("[" + " \\ ".join(row) + "]," for row in TEXTS)
    source = f'#set text(font: "Noto Sans SC", size: 9pt)\n#grid(columns: (90mm, 90mm), rows: 54mm,\n{cells})\n'
    (folder / "cards.typ").write_text(source, encoding="utf-8")
    code = f"import typst; typst.compile({str(folder / 'cards.typ')!r}, output={str(folder / 'typst.pdf')!r}, font_paths=[{str(FONT.parent)!r}])"
    script(folder, code)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bangjiao-papers-"))
    rows: list[tuple[str, float, str, str]] = []

    def note(name: str, value: float, unit: str, about: str = "") -> None:
        rows.append((name, value, unit, about))
        print(f"  {name}: {value:.3g} {unit} {about}", flush=True)

    try:
        vault = folder / "vault"
        session, _ = demo.make(vault, USER, PASSWORD, people=1000)
        with session.ledger.read() as connection:  # the identity number of somebody with a full file
            from sqlalchemy import text

            found = connection.execute(
                text("SELECT identity_number FROM person WHERE id = (SELECT person_id FROM support_record GROUP BY 1 "
                     "ORDER BY count(*) DESC LIMIT 1)")
            ).scalar_one()  # fmt: skip
        session.close()
        opening = median(command(folder, "people", "vault", "--limit", "1"))
        both = ("cards", "vault", "c.pdf", "--all", "--duplex", "long")
        ours = median(command(folder, *both))
        note("1,000 cards, both sides, with QR: process beyond opening the vault", ours - opening, "s", "(bound 1.5)")
        note("1,000 cards, both sides, with QR: whole process", ours, "s")
        note("  its largest memory", peak(folder, *both), "MB", "(bound 250)")
        for name, words in (
            ("nine forms with comparison", ("stats", "vault", "2026Q3", "--pdf", "s.pdf", "--compare", "--confirm")),
            ("a dossier", ("dossier", "vault", found, "d.pdf")),
            ("a roster of 1,000", ("roster", "vault", "r.pdf", "--all")),
            ("the tri-fold brochure", ("brochure", "vault", "b.pdf")),
        ):
            note(f"{name}: process beyond opening the vault", median(command(folder, *words)) - opening, "s")
        note("  nine forms with comparison", (folder / "s.pdf").stat().st_size / 1024, "KB", "(bound 600)")
        others: list[tuple[str, bool, Callable[[Path], None]]] = [
            (
                "LibreOffice headless, a table of 1,000 card texts",
                shutil.which("soffice") is not None,
                with_libreoffice,
            ),
            ("fpdf2, 1,000 card texts", importlib.util.find_spec("fpdf") is not None, with_fpdf2),
            ("typst, 1,000 card texts", importlib.util.find_spec("typst") is not None, with_typst),
        ]
        for name, there, work in others:
            if not there:
                print(f"  {name}: not installed")
                continue
            work(folder)  # the first start makes profiles and caches
            taken = median(lambda work=work: work(folder))
            note(f"{name}: whole process", taken, "s", f"(ours {ours / taken:.2f} times)")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{'measured':<72}{'':>9}")
    for name, value, unit, about in rows:
        print(f"{name:<72}{value:>9.3g} {unit:<3} {about}")
    print(f"(this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB)")


if __name__ == "__main__":
    main()

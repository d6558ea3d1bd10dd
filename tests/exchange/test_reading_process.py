"""Hostile files end in a sentence, in bounded memory and time, and the process that asked lives on."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from bangjiao_desktop.domain.errors import CancelledError, WorkbookError
from bangjiao_desktop.exchange import limits, reader, reading_process
from bangjiao_desktop.exchange.reader import read_workbook
from tests.conftest import DATA

ROOT = Path(__file__).parents[2]
INLINE = DATA / "cases" / "inline.xlsx"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MEASURE = """
import json, resource, sys, time
from pathlib import Path
from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.exchange.reader import read_workbook
begin = time.monotonic()
try:
    told = [len(sheet.rows) for sheet in read_workbook(Path(sys.argv[1]))]
except WorkbookError as error:
    told = error.message
print(json.dumps([told, time.monotonic() - begin,
    resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024]))
"""


def measured(path):
    """Read in a process of its own: what came of it; its child had at most 1 GB, itself hardly anything."""
    run = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    told, seconds, child, own = json.loads(run.stdout)
    print(path.name, told, f"{seconds:.1f} s, child {child} MB, own {own} MB")
    assert child <= 1024
    return told, own


def raw_xlsx(path, sheet, strings=None):
    """Write the least there must be of a workbook round the XML of a sheet, given in pieces."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        packages = "http://schemas.openxmlformats.org/package/2006/relationships"
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{packages}"><Relationship Id="r" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        links = f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        if strings is not None:
            links += f'<Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
            archive.writestr("xl/sharedStrings.xml", strings)
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{packages}">{links}</Relationships>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for piece in sheet:
                part.write(piece if isinstance(piece, bytes) else piece.encode())
            part.write(b"</sheetData></worksheet>")
    return path


def test_corners_take_little(tmp_path):
    path = tmp_path / "corners.xlsx"
    book = xlsxwriter.Workbook(str(path))
    tab = book.add_worksheet()
    tab.write(0, 0, "a")
    tab.write(1_048_575, 16_383, "x")
    book.close()
    told, own = measured(path)
    assert told == [2]
    assert own < 200


def test_corners_that_the_sheet_does_not_admit(tmp_path):
    cells = '<row r="1"><c r="A1"><v>1</v></c></row>', '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    assert measured(raw_xlsx(tmp_path / "a.xlsx", cells))[0] == [2]


def test_a_column_of_strays_is_refused_before_it_takes_memory(tmp_path):
    rows = (f'<row r="{number}"><c r="XFD{number}"><v>1</v></c></row>' for number in range(1, 100_001))
    told, own = measured(raw_xlsx(tmp_path / "a.xlsx", rows))
    assert "万个单元格" in told
    assert own < 200


def test_a_workbook_that_unpacks_to_more_than_400_mb_is_refused_at_once(tmp_path):
    blank = b" " * 1_000_000
    told, own = measured(raw_xlsx(tmp_path / "a.xlsx", (blank for _ in range(430))))
    assert "解开后超过 400 MB" in told
    assert own < 100


def test_too_many_rows_of_a_workbook(tmp_path):
    rows = (f'<row r="{number}"><c r="A{number}"><v>1</v></c></row>' for number in range(1, 1_100_001))
    told, _ = measured(raw_xlsx(tmp_path / "a.xlsx", rows))
    assert "超过 1,000,000 行" in told


def test_cells_that_refer_to_one_huge_text(tmp_path):
    strings = f'<sst xmlns="{MAIN}"><si><t>{"长" * 1_000_000}</t></si></sst>'
    rows = (f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 5_001))
    told, own = measured(raw_xlsx(tmp_path / "a.xlsx", rows, strings))
    assert "过大或已损坏，读取时超出内存上限" in told
    assert own < 200


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ((b"a" * 1_000_000 for _ in range(50)), "第 1 行超过 100 万字"),
        ((b"1,\xe6\xb2\x88\n" * 100_000 for _ in range(20)), "超过 1,000,000 行"),
        ((b"\n" * 1_000_000 for _ in range(30)), "超过 1,000,000 行"),
        ((b"1," * 400_000 + b"\n" for _ in range(20)), "万个单元格|列"),
        ((b'1,"x\n' if number == 0 else b"\n" * 1_000_000 for number in range(20)), "第 1 行的引号没有结束"),
    ],
)
def test_texts_that_never_end(tmp_path, pieces, words):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
    told, own = measured(path)
    assert isinstance(told, str)
    assert any(word in told for word in words.split("|")), told
    assert own < 200


@pytest.mark.parametrize("stop", ["kill", "cancel"])
def test_a_reading_that_ends_in_the_midst(tmp_path, monkeypatch, stop):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2,3\n" * 250_000)
    children = []
    start = subprocess.Popen

    def watched(*words, **more):
        children.append(start(*words, **more))
        return children[-1]

    def look():
        if stop == "cancel":
            raise CancelledError("已取消")
        children[0].send_signal(signal.SIGKILL)

    monkeypatch.setattr(reader.subprocess, "Popen", watched)
    monkeypatch.setattr(reader, "_LOOK_SECONDS", 0.1)
    before = set(threading.enumerate())
    with pytest.raises(CancelledError if stop == "cancel" else (WorkbookError, RuntimeError)):
        read_workbook(path, look)
    assert children[0].poll() is not None
    assert set(threading.enumerate()) <= before  # none is left; another test's may have ended meanwhile


def test_a_process_killed_while_it_reads_gives_a_sentence(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2,3\n" * 299_000)
    ready = reader._Reading._listen

    def killing(self):
        dump = pickle.load

        def load(unpickler):
            message = dump(self._child.stdout)
            if message == ("ready",):
                self._child.kill()
            return message

        monkeypatch.setattr(reader._PlainUnpickler, "load", load)
        ready(self)

    monkeypatch.setattr(reader._Reading, "_listen", killing)
    with pytest.raises(WorkbookError, match=r"文件“a\.csv”过大或已损坏"):
        read_workbook(path)


def test_a_reading_without_end_is_ended(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2,3\n" * 250_000)
    monkeypatch.setattr(reading_process, "SECONDS", 0.01)
    with pytest.raises(WorkbookError, match="没有读完"):
        read_workbook(path)


def test_nothing_personal_is_on_the_command_line_or_in_the_environment(tmp_path, monkeypatch):
    path = tmp_path / "沈方舟330411198005150037.xlsx"
    shutil.copy(INLINE, path)
    seen = []
    start = subprocess.Popen

    def watched(words, **more):
        seen.append((words, more["env"]))
        return start(words, **more)

    monkeypatch.setattr(reader.subprocess, "Popen", watched)
    monkeypatch.setenv("BANGJIAO_PASSWORD", "geheim-2026")
    assert read_workbook(path)[0].rows
    [(words, environment)] = seen
    assert not any("沈方舟" in word or "3304" in word for word in words)
    assert "geheim-2026" not in environment.values()


def test_an_answer_can_name_nothing_but_plain_values():
    import io

    for harmful in (os.system, print, Path("x"), subprocess.Popen):
        with pytest.raises(pickle.UnpicklingError):
            reader._PlainUnpickler(io.BytesIO(pickle.dumps(harmful))).load()


def test_an_answer_has_a_largest_size(monkeypatch):
    import io

    monkeypatch.setattr(reader, "_LARGEST_ANSWER", 1000)
    with pytest.raises(EOFError):
        io.BufferedReader(reader._Bounded(io.BytesIO(b"x" * 2000)), 100).read(1500)


def test_a_bug_is_no_fault_of_the_file_and_tells_no_cell(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n")
    monkeypatch.setattr(reader, "_command", lambda: [sys.executable, "-I", "-c", "raise SystemExit(3)"])
    with pytest.raises(RuntimeError, match="did not start: exit code 3"):
        read_workbook(path)
    broken = "import sys, runpy; m = runpy.run_path(sys.argv[1]); g = m['main'].__globals__; g['_send_sheet'] = None; m['main']()"
    monkeypatch.setattr(reader, "_command", lambda: [sys.executable, "-I", "-c", broken, reading_process.__file__])
    with pytest.raises(RuntimeError, match=r"TypeError at reading_process\.py:\d+$"):
        read_workbook(path)


def test_what_the_process_loads_is_light():
    code = "import sys; import bangjiao_desktop.exchange.opening; print(' '.join(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    loaded = set(run.stdout.split())
    assert "python_calamine" in loaded
    assert not loaded & {"PySide6", "sqlalchemy", "reportlab", "openpyxl", "PIL", "subprocess", "asyncio"}


def test_it_starts_from_the_installed_program_too(tmp_path, monkeypatch):
    """The launcher of Windows starts launch.py and nothing else; sys.executable is the launcher there."""
    import python_calamine

    import bangjiao_desktop

    site = tmp_path / "app" / "site"
    site.mkdir(parents=True)
    for package in (bangjiao_desktop, python_calamine):
        folder = Path(package.__file__).parent
        (site / folder.name).symlink_to(folder)
    shutil.copy(ROOT / "packaging/bundle/launch.py", tmp_path / "app" / "launch.py")
    for name in ("bangjiao-desktop.exe", "bangjiao.exe"):
        launcher = tmp_path / name
        launcher.write_text(
            f'#!/bin/sh\necho "$0" >>"{tmp_path}/ran"\nexec "{sys.executable}" -I -S -B -X utf8 "{tmp_path}/app/launch.py" "$@"\n'
        )
        launcher.chmod(0o755)
    before = read_workbook(INLINE)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bangjiao-desktop.exe"))
    monkeypatch.setattr(
        sys, "path", [str(site), *[one for one in sys.path if "lib/python3" in one and "site-packages" not in one]]
    )
    assert read_workbook(INLINE) == before
    assert (tmp_path / "ran").read_text() == f"{tmp_path / 'bangjiao.exe'}\n"


def test_many_readings_at_once(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2,3\n" * 5_000)
    found = []
    threads = [threading.Thread(target=lambda: found.append(len(read_workbook(path)[0].rows))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [5_000] * 4


def test_a_small_file_takes_no_time_to_speak_of():
    read_workbook(INLINE)
    begin = time.monotonic()
    read_workbook(INLINE)
    assert time.monotonic() - begin < 10  # 0.07 s on a quiet machine


def test_the_limits_are_those_told_to_people():
    assert (limits.ROWS, limits.COLUMNS, limits.CELLS, limits.UNPACKED_BYTES) == (
        1_000_000,
        500,
        12_000_000,
        400 * 1024**2,
    )

"""Start of the installed Debian package, second start: process start to a filled ledger beside a bare PySide6 window, both
with the package's own interpreter and Qt. `python3 tests/benchmarks/installed.py [PEOPLE]`; the package must be installed.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOME = Path("/opt/bangjiao-desktop")
HERE = Path(__file__).parent
PASSWORD = "benchmark-only"
RUN = (
    "import runpy, sys; sys.path.append('/opt/bangjiao-desktop/site'); del sys.argv[0]; "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)
KEY = (
    "import sys; sys.path.append('/opt/bangjiao-desktop/site'); from pathlib import Path; "
    "from bangjiao_desktop.store.vault.door import unlock; print(unlock(Path(sys.argv[1]), None, sys.argv[2])[1].data.hex())"
)
environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}


def python(*words: str) -> str:
    command = [str(HOME / "python/bin/python3.13"), "-I", "-S", "-B", "-X", "utf8", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def start(*words: str) -> float:
    return float(python("-c", RUN, *words, str(time.time())).split()[-1])


def main() -> None:
    people = sys.argv[1] if len(sys.argv) > 1 else "20000"
    with tempfile.TemporaryDirectory(prefix="bangjiao-benchmark-") as folder:
        vault = str(Path(folder) / "vault")
        subprocess.run(
            ["bangjiao", "demo", vault, "--people", people], check=True, capture_output=True,
            env={**environment, "BANGJIAO_PASSWORD": PASSWORD},
        )  # fmt: skip
        key = python("-c", KEY, vault, PASSWORD).strip()
        bare, ledger = (str(HERE / "start_bare.py"),), (str(HERE / "start_ledger.py"), vault, key)
        start(*bare)
        start(*ledger)  # the second start counts: files are in memory
        pairs = [(start(*bare), start(*ledger)) for _ in range(11)]
    ratios = sorted(ours / alone for alone, ours in pairs)
    print(f"bare window, median         {statistics.median(one for one, _ in pairs):.3f} s")
    print(f"filled ledger, median       {statistics.median(one for _, one in pairs):.3f} s")
    print(f"ratio, median of 11 pairs   {statistics.median(ratios):.2f}  ({ratios[0]:.2f}–{ratios[-1]:.2f}; bound 2.5)")


if __name__ == "__main__":
    main()

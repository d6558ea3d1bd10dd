"""Starts the installed program: the packages lie beside this file, nothing else of the computer is looked at."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "site"))

from bangjiao_desktop.cli.main import entry

entry()

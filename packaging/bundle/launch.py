"""Starts the installed program: the packages lie beside this file, nothing else of the computer is looked at."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "site"))

if sys.argv[1:] == ["--reading-process"]:
    # On Windows the launcher is the only program there is: the process that reads foreign files starts here, too.
    from bangjiao_desktop.exchange.reading_process import main

    main()
else:
    from bangjiao_desktop.cli.main import entry

    entry()

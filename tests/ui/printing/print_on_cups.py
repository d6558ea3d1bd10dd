"""Prints a PDF as the print centre does, on a printer of CUPS: a process of its own, since CUPS is asked once a process.

Arguments: name of the printer, PDF, title of the job.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QApplication

from bangjiao_desktop.ui.kit.printer import print_pdf

application = QApplication([])
assert sys.argv[1] in QPrinterInfo.availablePrinterNames(), QPrinterInfo.availablePrinterNames()
printer = QPrinter(QPrinterInfo.printerInfo(sys.argv[1]), QPrinter.PrinterMode.HighResolution)
print_pdf(Path(sys.argv[2]).read_bytes(), printer, sys.argv[3])

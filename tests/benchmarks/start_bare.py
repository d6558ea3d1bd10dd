"""A bare PySide6 window with an empty table: what every start pays for.

Prints the processor seconds, and the seconds since the process started.
"""

import sys
import time

from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

application = QApplication(sys.argv[:1])
window = QMainWindow()
window.setCentralWidget(QTableView())
window.show()
application.processEvents()
window.grab()
print(time.process_time(), time.time() - float(sys.argv[-1]))

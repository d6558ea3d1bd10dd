"""A bare PySide6 window with an empty table: what every start pays for."""

import sys

from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

application = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(QTableView())
window.show()
application.processEvents()
window.grab()

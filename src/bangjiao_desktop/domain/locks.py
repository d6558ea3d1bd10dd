"""Locks for libraries that may not be entered by two threads at once."""

import threading

# PDFium (pypdfium2): held around every call, since pages are drawn on the screen while others go to a printer.
PDFIUM = threading.RLock()

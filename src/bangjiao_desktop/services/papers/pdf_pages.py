"""Pages of a PDF as pictures, for the screen (documents.setting.pdf_pages does the work)."""

from bangjiao_desktop.documents.setting.pdf_pages import LONGEST_SIDE, MOST_DOTS, PdfPages, Picture, within_dots

__all__ = ["LONGEST_SIDE", "MOST_DOTS", "PdfPages", "Picture", "within_dots"]

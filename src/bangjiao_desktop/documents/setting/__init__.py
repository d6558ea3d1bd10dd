"""How pages are set: faces, typography, canvas, tables, pictures; pages of PDFs read back."""

"""Import and export of lists and ledgers."""

"""People: the ledger, one person's story, duties, the day's overview, attachments."""

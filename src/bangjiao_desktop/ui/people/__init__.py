"""The ledger and one person's page."""

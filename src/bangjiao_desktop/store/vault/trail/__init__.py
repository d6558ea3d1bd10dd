"""The trail that proves: rows marked and signed with each transaction, and what compares the ledger with them."""

"""Changes of the ledger: writer, audit trail and its chain, search index."""

"""The demo ledger: invented people and their casework."""

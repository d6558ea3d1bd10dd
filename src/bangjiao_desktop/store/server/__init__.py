"""A ledger on a PostgreSQL server: a schema for each bureau."""

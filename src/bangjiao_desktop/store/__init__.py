"""Store room: the encrypted vault, its tables, queries, audit trail and backups. SQLAlchemy lives here alone."""

"""Backups, restoring, audit trail, settings."""

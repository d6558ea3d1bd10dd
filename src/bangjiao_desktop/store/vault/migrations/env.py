"""Alembic's entry: runs the migrations on the connection it is handed (store.schema.migrate)."""

from alembic import context

from bangjiao_desktop.store.tables import casework_models  # noqa: F401 (its tables belong to Base)
from bangjiao_desktop.store.tables.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata)
context.run_migrations()

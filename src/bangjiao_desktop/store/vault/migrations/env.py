"""Alembic's entry: runs the migrations on the connection it is handed (store.vault.schema.migrate)."""

import pkgutil
from importlib import import_module

from alembic import context

from bangjiao_desktop.store import tables
from bangjiao_desktop.store.tables.models import Base, partial_on_postgresql

for module in pkgutil.iter_modules(tables.__path__, f"{tables.__name__}."):
    import_module(module.name)  # every table belongs to Base once its module was read
connection = context.config.attributes["connection"]
partial_on_postgresql(Base.metadata, connection)
context.configure(connection=connection, target_metadata=Base.metadata)
context.run_migrations()

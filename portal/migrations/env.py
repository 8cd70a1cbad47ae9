"""Alembic: runs on the connection it is given."""

from alembic import context

from portal.foundation.database import Base
from portal.migrations import tables

assert tables  # noqa: S101 - imported so that every table is known

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

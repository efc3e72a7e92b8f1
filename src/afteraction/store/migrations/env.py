"""Alembic's entry: carries migrations out on the connection that `migrate.py` gives."""

from alembic import context

from afteraction.store.migrate import in_tables
from afteraction.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True,
    include_object=in_tables,
)  # fmt: skip
with context.begin_transaction():
    context.run_migrations()

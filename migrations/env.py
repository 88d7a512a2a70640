"""Alembic's entry: runs the revisions on the engine that the program hands over."""

from alembic import context

from tracker.store.models import Base

engine = context.config.attributes["engine"]
with engine.connect().execution_options(write=True) as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()

"""Alembic's entry: runs the revisions on the engine that the program hands over, all of them in one transaction.

Whoever comes second waits, and finds the work done.
"""

from alembic import context

from tracker.store.locks import Lock, hold
from tracker.store.models import Base

engine = context.config.attributes["engine"]
with engine.connect().execution_options(write=True) as connection, connection.begin():
    hold(connection, Lock.SCHEMA)
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    context.run_migrations()

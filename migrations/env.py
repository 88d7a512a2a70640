"""Alembic's entry: runs the revisions on the engine that the program hands over, all of them in one transaction.

Whoever comes second waits, and finds the work done. Processes of the program that write just now are waited for; those
that come later find another revision and write nothing (`Store.stay_at`). A connection that is handed over instead has a
transaction of its own, which holds the lock already.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, inspect

from tracker.store.locks import Lock, hold
from tracker.store.models import Base

attributes = context.config.attributes


def _told(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    """As Alembic calls it after each revision."""
    del ctx, heads, run_args
    if tell := attributes.get("tell"):
        tell(step.up_revision_id, step.is_upgrade)


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        on_version_apply=_told,
    )
    context.run_migrations()


def _keep_writers_waiting(connection: Connection) -> None:
    hold(connection, Lock.SCHEMA)
    if connection.dialect.name == "postgresql" and inspect(connection).has_table("alembic_version"):
        connection.exec_driver_sql("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")


if (given := attributes.get("connection")) is not None:
    _run(given)
else:
    with attributes["engine"].connect().execution_options(write=True) as own, own.begin():
        _keep_writers_waiting(own)
        _run(own)

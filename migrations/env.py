"""Alembic's entry: runs the revisions on the engine that the program hands over, all of them in one transaction.

Whoever comes second waits, and finds the work done. Processes of the program that write just now are waited for; those
that come later find another revision and write nothing (`Store.stay_at`).
"""

from alembic import context
from sqlalchemy import inspect

from tracker.store.locks import Lock, hold
from tracker.store.models import Base

attributes = context.config.attributes
tell = attributes.get("tell")


def _told(*, step, **_rest) -> None:  # type: ignore[no-untyped-def]  # as Alembic calls it
    if tell is not None:
        tell(step.up_revision_id, step.is_upgrade)


with attributes["engine"].connect().execution_options(write=True) as connection, connection.begin():
    hold(connection, Lock.SCHEMA)
    if connection.dialect.name == "postgresql" and inspect(connection).has_table("alembic_version"):
        connection.exec_driver_sql("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        on_version_apply=_told,
    )
    context.run_migrations()

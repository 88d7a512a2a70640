"""A kept month for the tests of the pages: June 2026, kept on the morning of the world, and told otherwise half an hour later."""

from datetime import date, datetime, timedelta

from sqlalchemy import inspect

from app.context import AppContext
from app.snapshots import SnapshotQuestion, act_of, body_of, counted, digest_of
from tracker.store import audit, snapshot_store
from tracker.store.models import Dossier, DossierRevision
from tracker.store.session import Store
from tracker.store.snapshot_store import Snapshot

MONTH = "2026-06"
IN_TIME_BY_NOW = 8  # the dossier that was late then, by the due date that was known


def add_kept_month(context: AppContext, taken_at: datetime) -> None:
    """What is known since half an hour after `taken_at` differs in one due date."""
    _tell_otherwise(context.store, taken_at + timedelta(minutes=30))
    question = SnapshotQuestion(date(2026, 6, 1), context.config.score_edition, taken_at)
    figures = counted(context.store, question)
    assert figures is not None
    body = body_of(figures, 1)
    snapshot = Snapshot(MONTH, question.as_of, taken_at, body, digest_of(body))
    with context.store.transaction() as session:
        snapshot_store.add(session, snapshot)
        audit.append_acts(session, [act_of(snapshot)])


def _tell_otherwise(store: Store, since: datetime) -> None:
    with store.transaction() as session:
        row = session.get_one(Dossier, IN_TIME_BY_NOW)
        then = {column.key: getattr(row, column.key) for column in inspect(Dossier).mapper.column_attrs}
        assert row.source_due_at is not None
        then["source_due_at"] = row.source_due_at - timedelta(days=4)
        session.add(DossierRevision(**then, known_until=since))
        row.known_from = since

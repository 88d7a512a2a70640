"""Counting the causes of a month reads the dossiers of that month alone, by index, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from tests.flows.office import NOW, csv_text, row
from tracker.measures.months import closing, opening
from tracker.pipeline import IngestPlan, ingest
from tracker.store.cause_queries import EndedDossier, EndsAsked, in_time_with_steps, late_ones
from tracker.store.session import Store

MARCH = EndsAsked(opening(202203), closing(202203))
Query = Callable[[Session, EndsAsked], Iterator[EndedDossier]]


@pytest.fixture
def filled(store: Store, tmp_path: Path) -> Store:
    ends = ("", "10/03/2022 08:00:00", "20/03/2022 08:00:00", "20/04/2022 08:00:00")
    path = tmp_path / "tep.csv"
    path.write_text(csv_text([row(n, finished_at=ends[n % 4]) for n in range(1, 60)]), "utf-8")
    ingest(store, "B", IngestPlan((path,), NOW), lambda _: None)
    return store


def plan(store: Store, query: Query) -> str:
    """How the database finds the dossiers: the first statement that the query asks."""
    asked: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", keep)
    with store.read() as session:
        list(query(session, MARCH))
    event.remove(store.engine, "before_cursor_execute", keep)
    statement, parameters = next(each for each in asked if "FROM dossier" in each[0])
    is_sqlite = store.engine.dialect.name == "sqlite"
    with store.read() as session:
        if not is_sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        rows = session.connection().exec_driver_sql(f"{explain} {statement}", parameters)
        return "\n".join(str(each[-1]) for each in rows)


def test_late_ones_are_found_by_an_index_of_ends(filled: Store) -> None:
    # Of sixty dossiers PostgreSQL takes either index; where few are late it takes that of those that ended late.
    is_sqlite = filled.engine.dialect.name == "sqlite"
    assert ("ix_dossier_ended_late" if is_sqlite else "ix_dossier_ended") in plan(filled, late_ones)


def test_those_in_time_are_found_by_their_ends_and_their_steps_by_key(filled: Store) -> None:
    found = plan(filled, in_time_with_steps)
    assert "ix_dossier_ended" in found
    assert "SCAN progress_event" not in found

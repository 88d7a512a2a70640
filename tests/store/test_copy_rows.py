"""Rows on their way into PostgreSQL, in its own notation, and what its planner is told of them after a load."""

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.letter_world import add_dossiers, at, ended
from tracker.store.bulk import PLANNED_BY, BulkWriter, copy_kinds
from tracker.store.models import AlertRule, Dossier, Event
from tracker.store.session import Store

EVENT = ("dossier_id", "seq", "at", "kind", "text", "batch_id")
numbers, shorts = st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
cells = st.tuples(shorts, numbers, texts, texts, numbers)


@pytest.mark.postgresql_only("it takes rows in its own notation")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(cells, min_size=1, max_size=6, unique_by=lambda row: row[0]))
@example([(0, 5, "finished", "a\tb\\", 7), (1, 5, "\\N", "x\r\ny", 7), (2, 5, "", "ễ", 7)])
def test_rows_are_read_as_they_were_written(store: Store, rows: list[tuple[int, int, str, str, int]]):
    written = sorted((1, *row) for row in rows)
    with store.transaction() as session:
        BulkWriter(session).append_events(written)
        stored = session.connection().exec_driver_sql(f"SELECT {', '.join(EVENT)} FROM event ORDER BY seq")
        assert list(map(tuple, stored)) == written
        session.connection().exec_driver_sql("DELETE FROM event")


@pytest.mark.postgresql_only("its driver would cut the number off")
def test_a_number_that_does_not_fit_is_refused(store: Store):
    with pytest.raises(OverflowError), store.transaction() as session:
        BulkWriter(session).append_events([(1, 2**31, 5, "finished", "", 7)])


def test_tables_whose_values_are_given_otherwise_go_as_text():
    assert copy_kinds(Event.__tablename__, EVENT) == (
        ("int8", "int4", "int8", "varchar", "varchar", "int8"),
        (1,),
    )
    assert copy_kinds(AlertRule.__tablename__, ("id", "is_urgent")) is None
    assert copy_kinds("staged_dossier", ("id",)) is None


def test_the_planner_is_told_of_every_column_that_an_index_is_about():
    table = Dossier.__table__
    indexed = {column.name for index in table.indexes for column in index.columns}
    conditions = " ".join(str(index.dialect_options["postgresql"]["where"]) for index in table.indexes)
    named = set(re.findall(r"\w+", conditions)) & {column.name for column in table.columns}
    assert indexed | named <= set(PLANNED_BY) <= {column.name for column in table.columns}


@pytest.mark.postgresql_only("its planner has to be told")
def test_the_planner_is_not_told_of_names(store: Store):
    add_dossiers(store, ended(1, at(10)))
    with store.transaction() as session:
        BulkWriter(session).analyze()
        told = session.scalars(text("SELECT attname FROM pg_stats WHERE tablename = 'dossier'")).all()
    assert {"code", "ended_at", "resolving_unit_id"} <= set(told)
    assert not {"applicant_name", "phone", "address", "note"} & set(told)

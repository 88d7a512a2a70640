"""Rows on their way into PostgreSQL: narrow ones as one text, and what its planner is told of them after a load."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select, text

from tests.letter_world import add_dossiers, at, ended
from tracker.store.bulk import NARROW, PLANNED_BY, BulkWriter, copy_text
from tracker.store.models import Dossier, Event
from tracker.store.session import Store

UNWRITTEN = {r"\N": None}
cells = (
    st.none() | st.integers(-(10**12), 10**12) | st.text(max_size=8) | st.booleans() | st.binary(max_size=3)
)
rows_of = st.integers(1, NARROW + 2).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width).map(tuple), min_size=1, max_size=6)
)


@given(rows_of)
@example([("a\tb", 1)])
@example([("a\\nb", None)])
@example([("\\N", None)])
@example([("a\r", 1)])
@example([("x\ny",), (None,)])
def test_rows_written_as_one_text_are_the_rows(rows: list[tuple[Any, ...]]):
    written = copy_text(rows)
    if written is None:
        return
    lines = written.decode().split("\n")[:-1]
    read = [[UNWRITTEN.get(cell, cell) for cell in line.split("\t")] for line in lines]
    assert read == [[cell if cell is None else str(cell) for cell in row] for row in rows]
    assert not any(isinstance(cell, bool | bytes) for row in rows for cell in row)


def test_rows_of_numbers_and_plain_words_are_written_as_one_text():
    due, event = (7, 0, "source", 1646096400, 1672506000, 7), (7, 0, 1646096400, "finished", "", 7)
    assert copy_text([due, (8, 0, "previous", None, 1, 7)]) == (
        b"7\t0\tsource\t1646096400\t1672506000\t7\n8\t0\tprevious\t\\N\t1\t7\n"
    )
    assert copy_text([event]) is not None
    assert copy_text([event, (7, 1, 5, "x")]) is None


def test_the_planner_is_told_of_every_column_that_an_index_is_about():
    table = Dossier.__table__
    indexed = {column.name for index in table.indexes for column in index.columns}
    conditions = " ".join(str(index.dialect_options["postgresql"]["where"]) for index in table.indexes)
    named = set(re.findall(r"\w+", conditions)) & {column.name for column in table.columns}
    assert indexed | named <= set(PLANNED_BY) <= {column.name for column in table.columns}


@pytest.mark.postgresql_only("its planner has to be told, and takes rows as text")
def test_the_planner_is_not_told_of_names_and_texts_are_taken_as_they_are(store: Store):
    add_dossiers(store, ended(1, at(10)))
    rows = [(1, 0, 5, "finished", "ễ", 7), (1, 1, 5, "finished", "a\tb\\", 7), (1, 2, 5, "finished", "", 7)]
    with store.transaction() as session:
        writer = BulkWriter(session)
        writer.append_events(rows[:1])
        writer.append_events(rows[1:])
        writer.analyze()
        told = session.scalars(text("SELECT attname FROM pg_stats WHERE tablename = 'dossier'")).all()
        events = select(Event.dossier_id, Event.seq, Event.kind, Event.text).where(Event.dossier_id == 1)
        stored = session.execute(events.order_by(Event.seq)).all()
    assert {"code", "ended_at", "resolving_unit_id"} <= set(told)
    assert not {"applicant_name", "phone", "address", "note"} & set(told)
    assert [tuple(row) for row in stored] == [(row[0], row[1], row[3], row[4]) for row in rows]

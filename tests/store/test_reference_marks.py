"""Reference data are read once a process, and anew as soon as any of them change, by whomever and however."""

from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from tracker.store import catalogue
from tracker.store.models import Base, ChangeMark, Field, Source, Unit
from tracker.store.session import MARK_QUERY, Session, Store, kept


def mark(store: Store) -> int:
    with store.read() as session:
        return session.scalars(MARK_QUERY).one()


def change(store: Store, statement: Any) -> None:
    with store.transaction() as session:
        session.execute(statement)


def asked(store: Store, said: list[int]) -> int:
    """How often the value of a reader was asked for by now."""

    def ask() -> int:
        said.append(1)
        return len(said)

    with store.read() as session:
        return kept(session, "what a test asks", ask)


CHANGES: dict[str, tuple[Any, Any, Any]] = {
    "source": (
        insert(Source).values(id=901, key="nguon", name="Nguồn", priority=1),
        update(Source).where(Source.id == 901).values(name="Nguồn khác"),
        delete(Source).where(Source.id == 901),
    ),
    "field": (
        insert(Field).values(id=901, name="Lĩnh vực", folded="linh vuc thu"),
        update(Field).where(Field.id == 901).values(name="Lĩnh vực khác"),
        delete(Field).where(Field.id == 901),
    ),
}


@pytest.mark.parametrize("table", CHANGES)
def test_each_way_of_changing_a_row_renews_the_mark(store: Store, table: str):
    seen = {mark(store)}
    for number, statement in enumerate(CHANGES[table], 2):
        change(store, statement)
        seen.add(mark(store))
        assert len(seen) == number


def test_what_was_kept_is_asked_again_after_a_change_and_not_before(store: Store):
    said: list[int] = []
    assert [asked(store, said) for _ in range(3)] == [1, 1, 1]
    change(store, CHANGES["source"][0])
    assert [asked(store, said) for _ in range(2)] == [2, 2]


def test_a_change_past_the_program_is_seen_as_well(store: Store):
    with store.read() as session:
        unit_id = min(catalogue.units(session))
    change(store, text(f"UPDATE unit SET name = 'Tên mới' WHERE id = {unit_id}"))
    with store.read() as session:
        assert catalogue.units(session)[unit_id].name == "Tên mới"


def test_a_unit_that_is_moved_belongs_at_once_to_its_new_parent(store: Store):
    with store.read() as session:
        parent, child = _two_apart(session)
        assert child not in catalogue.unit_subtree(session, parent)
    change(store, update(Unit).where(Unit.id == child).values(parent_id=parent))
    with store.read() as session:
        assert child in catalogue.unit_subtree(session, parent)


def _two_apart(session: Session) -> tuple[int, int]:
    leaves = [key for key in catalogue.units(session) if len(catalogue.unit_subtree(session, key)) == 1]
    return leaves[0], leaves[1]


def test_a_session_that_writes_asks_each_time_and_what_it_takes_back_is_kept_by_nobody(store: Store):
    said: list[int] = []

    with store.transaction() as session:
        session.execute(CHANGES["source"][0])
        for number in (1, 2):
            assert kept(session, "what a test asks", lambda: said.append(1) or len(said)) == number
        session.rollback()
    before = mark(store)
    assert asked(store, said) == 3
    assert mark(store) == before


def test_another_process_sees_the_change(store: Store):
    other = Store(store.engine)  # keeps for itself what it reads
    said: list[int] = []
    with other.read() as session:
        kept(session, "what a test asks", lambda: said.append(1) or len(said))
    change(store, CHANGES["field"][0])
    with other.read() as session:
        assert kept(session, "what a test asks", lambda: said.append(1) or len(said)) == 2


def test_every_table_of_reference_data_renews_its_own_mark(store: Store):
    """The triggers of the revision are there, on every table that it names; rows that change nothing are a change too."""
    tables = import_module("migrations.versions.0011_change_mark").TABLES
    assert set(tables) <= set(Base.metadata.tables)
    for table in tables:
        column = next(iter(Base.metadata.tables[table].columns)).name
        with store.read() as session:
            there = session.execute(text(f"SELECT 1 FROM {table} LIMIT 1")).first()
        before = _marks(store)
        change(store, text(f"UPDATE {table} SET {column} = {column}"))
        renewed = {name for name, stamp in _marks(store).items() if before.get(name) != stamp}
        # PostgreSQL tells of a statement, SQLite of the rows that it changed.
        assert renewed == ({table} if there or store.works_elsewhere else set())


def _marks(store: Store) -> dict[str, int]:
    with store.read() as session:
        return {name: stamp for name, stamp in session.execute(select(ChangeMark.name, ChangeMark.stamp))}

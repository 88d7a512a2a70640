"""PostgreSQL with a partition a year: which of the tables there are, where a year's numbers begin, and the next year's.

A partition holds what became known in a local calendar year: ids are assigned in the order of knowledge, and at the turn
of the year they jump to the first one of the next partition. Nothing else of the program knows of it; where there are no
partitions, ids just go on. `tracker.store.partitioning` makes such tables out of whole ones.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracker.errors import MachineFault
from tracker.store.locks import Lock, hold
from tracker.store.session import Store
from tracker.types import VN

DECEMBER = 12
# Whole numbers of eight bytes, exact in JSON as well until the year 9,007,199.
DOSSIERS_A_YEAR, BATCHES_A_YEAR = 1_000_000_000, 100_000_000


@dataclass(frozen=True, slots=True)
class Split:
    """A table that may be in partitions: by which column, and how many numbers a year has."""

    table: str
    key: str
    a_year: int


# What grows with the dossiers. Not: what few dossiers have (letters, obligations, alerts, findings, notes, risks), since it
# is small and asked for whole; rejections, whose numbers stand in `row_no`, of four bytes; the log, one chain from its start;
# search keys, since a search of a province looks once for each of its units, and would for each of the years as well (855
# units, 6 years: 85 ms instead of 25).
SPLITS = (
    Split("dossier", "id", DOSSIERS_A_YEAR),
    Split("dossier_revision", "id", DOSSIERS_A_YEAR),
    Split("due_seen", "dossier_id", DOSSIERS_A_YEAR),
    Split("event", "dossier_id", DOSSIERS_A_YEAR),
    Split("progress_event", "dossier_id", DOSSIERS_A_YEAR),
    Split("suspension", "dossier_id", DOSSIERS_A_YEAR),
    Split("suspension_revision", "dossier_id", DOSSIERS_A_YEAR),
    Split("telling", "dossier_id", DOSSIERS_A_YEAR),
    Split("raw_block", "batch_id", BATCHES_A_YEAR),
)
# Ids of dossiers and batches are assigned by these.
DOSSIERS, BATCHES = "dossier", "raw_block"
# Kept by triggers of a table in partitions: PostgreSQL knows no unique index over all of them.
CODES = "dossier_code"

_PARTITIONS = text(
    "SELECT p.relname, c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i"
    " JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent"
    " WHERE p.relkind = 'p' AND p.oid IN (SELECT to_regclass(name) FROM unnest(CAST(:names AS text[])) AS name)"
)
_INDEXES = text(
    "SELECT own.relname, of_all.relname FROM pg_index x JOIN pg_class own ON own.oid = x.indexrelid"
    " JOIN pg_inherits i ON i.inhrelid = own.oid JOIN pg_class of_all ON of_all.oid = i.inhparent"
    " WHERE x.indrelid = to_regclass(:name)"
)
_BOUNDS = re.compile(r"FROM \((?:'?(-?\d+)'?|MINVALUE)\) TO \('?(-?\d+)'?\)")


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: ids from `first` (None: from the lowest) to before `end`."""

    table: str
    name: str
    year: int
    first: int | None
    end: int


def partition_name(table: str, year: int) -> str:
    """What a year's partition of a table is called."""
    return f"{table}_{year}"


def partitions(connection: Connection) -> dict[str, tuple[Partition, ...]]:
    """Table -> its partitions in order; only tables that have any, none on SQLite. One question."""
    if connection.dialect.name != "postgresql":
        return {}
    found: dict[str, list[Partition]] = {}
    for table, name, bounds in connection.execute(_PARTITIONS, {"names": [each.table for each in SPLITS]}):
        told, year = _BOUNDS.search(bounds), name.rpartition("_")[2]
        if told is not None and year.isdigit():
            first = None if told[1] is None else int(told[1])
            found.setdefault(table, []).append(Partition(table, name, int(year), first, int(told[2])))
    return {table: tuple(sorted(each, key=lambda one: one.end)) for table, each in found.items()}


def floor(session: Session, table: str, at: datetime) -> int:
    """The lowest number that a row may get which becomes known at this moment; 0 where its year has no partition."""
    year = at.astimezone(VN).year
    there = partitions(session.connection()).get(table, ())
    return next((each.first or 0 for each in there if each.year == year), 0)


# ---------------------------------------------------------------- the next year's


def missing(connection: Connection, at: datetime) -> tuple[Partition, ...]:
    """The partitions that loads from this moment on need: of its year, and in December of the next."""
    local = at.astimezone(VN)
    years = (local.year, local.year + 1) if local.month == DECEMBER else (local.year,)
    there = partitions(connection)
    return tuple(_missing(there, years))


def _missing(there: Mapping[str, tuple[Partition, ...]], years: tuple[int, ...]) -> Iterator[Partition]:
    for split in SPLITS:
        for year in years if split.table in there else ():
            first = year * split.a_year
            # A clock that was put back needs none: ids never go back, and whoever has come so far has a partition.
            if first >= there[split.table][-1].end:
                yield Partition(
                    split.table, partition_name(split.table, year), year, first, first + split.a_year
                )


def cover(connection: Connection, dossier_id: int, batch_id: int) -> None:
    """Make the partitions that rows of another store need; its highest numbers."""
    highest = {DOSSIERS_A_YEAR: dossier_id, BATCHES_A_YEAR: batch_id}
    there = partitions(connection)
    for split in SPLITS:
        if split.table in there:
            last = there[split.table][-1].year
            years = tuple(range(last + 1, highest[split.a_year] // split.a_year + 1))
            for each in _missing({split.table: there[split.table]}, years):
                attach(connection, each)


def own_tables(connection: Connection) -> set[str]:
    """What a store in partitions has beside its tables: the partitions, and the table of codes."""
    there = partitions(connection)
    return {each.name for table in there.values() for each in table} | ({CODES} if there else set())


def prepare(store: Store, at: datetime) -> tuple[str, ...]:
    """Before a load: make the partitions that it needs, in a short transaction of its own; the names of those made.

    A year without a partition is no fault: its rows go on in the last one.
    """
    if not store.works_elsewhere:
        return ()
    with store.read() as session:
        if not missing(session.connection(), at):
            return ()
    try:
        with store.transaction() as session:
            hold(session, Lock.SCHEMA)
            wanted = missing(session.connection(), at)
            for each in wanted:
                attach(session.connection(), each)
    except MachineFault:  # no right to make tables, or somebody is busy with them: `dunghen doctor` tells
        return ()
    return tuple(each.name for each in wanted)


def attach(connection: Connection, new: Partition) -> None:
    """Make an empty partition beside the table and join it: readers and writers of the table go on meanwhile."""
    run = connection.exec_driver_sql
    run(f"CREATE TABLE {new.name} (LIKE {new.table} INCLUDING ALL)")
    run(f"ALTER TABLE {new.table} ATTACH PARTITION {new.name} FOR VALUES {bounds(new.first, new.end)}")
    name_indexes(connection, new.name, new.year)


def name_indexes(connection: Connection, partition: str, year: int) -> None:
    """Call the indexes of a partition as those of its table, with the year: the database's own names tell nothing."""
    for index, of_all in connection.execute(_INDEXES, {"name": partition}).all():
        connection.exec_driver_sql(f"ALTER INDEX {index} RENAME TO {of_all}_{year}")


def bounds(first: int | None, end: int) -> str:
    """The bounds of a partition in the words of the database."""
    return f"FROM ({'MINVALUE' if first is None else first}) TO ({end})"


def to_analyze(connection: Connection, tables: Sequence[str]) -> list[str]:
    """Which of them the planner has to look at anew after a load: of a table in partitions the newest, and the one before
    it, since in December the next year's is there already.
    """
    there = partitions(connection)
    whole = [table for table in tables if table not in there]
    return [*whole, *(each.name for table in tables if table in there for each in there[table][-2:])]

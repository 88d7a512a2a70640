"""What every earlier revision held comes through all later ones: each row, each column, letter by letter."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, text

from tests.store.past_revisions import (
    Rows,
    filled_oddly,
    frozen,
    migrated_to,
    rows_of,
    shapes,
    tables_of,
)
from tracker.store.migrate import newest_revision, revisions, upgrade
from tracker.store.session import Store, open_store

EARLIER = revisions()[:-1]
Row = Mapping[str, Any]
# What a column that a row had not holds afterwards; of all others nothing: null, 0, no, an empty text.
GAINED: Mapping[tuple[str, str], Callable[[Row], Any]] = {
    ("dossier", "ended_known_at"): lambda row: row["known_from"] if row["ended_at"] is not None else None,
    ("dossier_revision", "ended_known_at"): lambda row: (
        row["known_from"] if row["ended_at"] is not None else None
    ),
    ("dossier", "told"): lambda _: -1,
    ("dossier_revision", "told"): lambda _: -1,
    ("batch", "warnings"): lambda _: "[]",
    ("batch", "origin"): lambda _: "file",
    ("letter", "paper"): lambda _: "a4",
    ("obligation", "steps"): lambda _: 1,
    ("obligation", "judged_at"): lambda row: row["opened_at"],
}
CHAIN = ("audit_entry", "chain")  # each entry's own; see the test of the frozen databases


def everything(store: Store, tables: Sequence[Table] = ()) -> dict[str, Rows]:
    with store.engine.connect() as connection:
        return {table.name: rows_of(connection, table) for table in tables or tables_of(connection)}


def came_through(before: Mapping[str, Rows], after: Mapping[str, Rows]) -> int:
    """Rows that were there are there as they were; how many were looked at."""
    looked = 0
    for table, rows in before.items():
        for key, row in rows.items():
            now = after[table][key]
            assert {name: now[name] for name in row} == row, (table, key)
            for name in now.keys() - row.keys():
                if (table, name) == CHAIN:
                    assert len(now[name]) == 64
                elif known := GAINED.get((table, name)):
                    assert now[name] == known(row), (table, key, name)
                else:
                    assert not now[name], (table, key, name)
            looked += 1
    return looked


def test_odd_rows_of_every_table_of_every_revision_come_through_each_later_one(empty_store: Store):
    before: dict[str, Rows] = {}
    looked = 0
    for revision in revisions():
        migrated_to(empty_store, revision)
        with empty_store.engine.begin() as connection:
            tables = tables_of(connection)
        looked += came_through(before, everything(empty_store, tables))
        with empty_store.engine.begin() as connection:
            filled_oddly(connection, revision, tables)
        before = everything(empty_store, tables)
    assert looked > 10_000
    assert all(len(rows) >= 19 for rows in before.values())


def test_what_a_revision_adds_is_derived_from_what_was_there(empty_store: Store):
    migrated_to(empty_store, "0006")
    with empty_store.engine.begin() as connection:
        filled_oddly(connection, "0006", tables_of(connection))
    upgrade(empty_store)
    found = everything(empty_store)
    # Each obligation tells its own history from its first step on; keys and causes are made by the first worker that looks.
    assert {(key[0], 1) for key in found["obligation"]} <= set(found["obligation_step"])
    ids = [key[0] for key in found["dossier"]]
    (stale,) = found["search_stale"].values()
    assert (stale["first_id"], stale["last_id"]) == (min(ids), max(ids))
    assert len(found["cause_stale"]) == 1
    assert not found["rate_standing"]  # no month counts as counted


def test_two_sources_of_one_code_keep_both_their_dossiers(empty_store: Store):
    migrated_to(empty_store, "0005")
    with empty_store.engine.begin() as connection:
        filled_oddly(connection, "0005", tables_of(connection))
        ids = list(connection.scalars(text("SELECT id FROM dossier ORDER BY id")))
        for source, dossier, priority in zip((7, 8, 9), ids, (9, 1, 5), strict=False):
            named = (
                f"INSERT INTO source (id, key, name, priority) VALUES ({source}, 'k{source}', '', {priority})"
            )
            connection.execute(text(named))
            connection.execute(
                text(f"UPDATE dossier SET code = 'H15-1', source_id = {source} WHERE id = {dossier}")
            )
    upgrade(empty_store)
    found = everything(empty_store)
    assert [found["dossier"][id_,]["code"] for id_ in ids[:3]] == ["H15-1@k7", "H15-1", "H15-1@k9"]
    assert len(found["dossier"]) == len(ids)


@pytest.mark.sqlite_only("shapes of the files that offices have")
def test_a_revision_that_offices_have_is_not_changed_any_more(tmp_path: Path):
    store = open_store(f"sqlite:///{(tmp_path / 'now.sqlite3').as_posix()}")
    for revision in EARLIER:
        migrated_to(store, revision)
        frozen(revision, tmp_path / f"{revision}.sqlite3")
        with (
            closing(sqlite3.connect(tmp_path / "now.sqlite3")) as now,
            closing(sqlite3.connect(tmp_path / f"{revision}.sqlite3")) as then,
        ):
            assert dict(shapes(now)) == dict(shapes(then)), revision
    store.close()
    assert newest_revision() not in EARLIER

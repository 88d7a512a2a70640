"""After an erasure the database is written anew: what was deleted stands in no free page and in no log."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests import databases
from tracker.store.backup.copies import sqlite_file
from tracker.store.privacy.leftovers import written_anew
from tracker.store.session import open_store

SIGN = b"Ho Thi Con Sot"


def held(file: Path) -> bool:
    return any(SIGN in path.read_bytes() for path in file.parent.glob(f"{file.name}*"))


@pytest.mark.sqlite_only("reads the bytes of the file")
def test_what_was_deleted_stands_in_no_free_page_and_no_log(tmp_path: Path):
    url = databases.chosen().furnished(tmp_path)
    file = sqlite_file(url)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA secure_delete = OFF")  # as most builds have it
        for number in range(100, 400):
            other.execute(
                "INSERT INTO source (id, key, name, priority) VALUES (?, ?, ?, 9)",
                (number, f"s{number}", SIGN.decode()),
            )
        other.execute("DELETE FROM source WHERE id >= 100")
    assert held(file)
    store = open_store(url)
    assert written_anew(store, url)
    store.close()
    assert not held(file)


@pytest.mark.sqlite_only("holds a lock of SQLite's")
def test_where_somebody_reads_all_the_time_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tracker.store.privacy.leftovers.BUSY_TIMEOUT_MS", 1)
    url = databases.chosen().furnished(tmp_path)
    store = open_store(url)
    with closing(sqlite3.connect(sqlite_file(url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not written_anew(store, url)
        other.execute("ROLLBACK")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM source").fetchone()
        assert not written_anew(store, url)
    store.close()


def test_on_every_database_it_does_its_work(tmp_path: Path):
    url = databases.chosen().furnished(tmp_path)
    store = open_store(url)
    assert written_anew(store, url)
    store.close()

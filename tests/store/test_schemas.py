"""Several offices in one PostgreSQL database, a schema each: what a country of provinces on one distributed server rests on.

The address names the schema (`?options=-csearch_path%3D…`), and nothing else of the program knows of it. No SQL names a
schema, nothing needs an extension or more rights than to make tables, and no office sees or waits for another.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import databases
from tests.databases import libpq
from tests.flows.office import Office, row
from tests.store.test_locks import be_impatient, held_elsewhere
from tracker.store.locks import Lock, hold
from tracker.store.migrate import ensure_current
from tracker.store.partitioning import convert
from tracker.store.session import open_store

pytestmark = pytest.mark.postgresql_only("schemas")

NAMES = ("tinh_dak_lak", "tinh_gia_lai")
ROOT = Path(__file__).parents[2]
# What would not do on a distributed server, or for an account that owns nothing but its schema.
FORBIDDEN = re.compile(
    r"\bpublic\.|create\s+extension|create\s+sequence|\bbigserial\b|\bnextval\s*\(|set\s+search_path|superuser",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Office]]:
    """Two offices in one database, by an account that may make nothing outside its two schemas."""
    home = tmp_path_factory.mktemp("hai-tinh")
    url = databases.chosen().empty(home)
    with psycopg.connect(libpq(url), autocommit=True) as admin:
        admin.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for name in NAMES:
            admin.execute(f"CREATE SCHEMA {name}".encode())
    made = []
    for name in NAMES:
        folder = home / name
        folder.mkdir()
        office = Office(folder)
        office.url = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}"
        made.append(office)
    yield made
    databases.chosen().forget(url)


def tables_outside(office: Office) -> list[tuple[str, ...]]:
    return office.query(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema', ?, ?)",
        *NAMES,
    )


def test_each_office_does_the_whole_job_and_sees_nothing_of_the_other(offices: list[Office]):
    for number, office in enumerate(offices, 1):
        late = [
            row(n, due_at=f"{14 + number}/03/2022 17:00:00", late_reason="Chờ xác minh")
            for n in range(1, 3 + number)
        ]
        assert office.ingest(late)["new"] == 2 + number
        drafted = office.run("letters", "draft", "--as-of", "2022-06-01", "--json")
        assert drafted.status == 0, drafted.err
        assert drafted.json["written"] == 2 + number
    for number, office in enumerate(offices, 1):
        assert office.query("SELECT count(*) FROM dossier") == [(2 + number,)]
        assert office.query("SELECT max(id) FROM letter") == [(2 + number,)]
        listed = office.ask("overdue", "--as-of", "2022-06-01")
        assert {each["code"] for each in listed["rows"]} == {
            f"H15.03-220301-{n:04d}" for n in range(1, 3 + number)
        }
        assert office.run("audit", "verify").status == 0
    assert tables_outside(offices[0]) == []


def test_a_lock_of_one_office_keeps_no_other_waiting(offices: list[Office]):
    mine, other = (open_store(office.url) for office in offices)
    ensure_current(mine)
    ensure_current(other)
    be_impatient(mine)
    for lock in (Lock.INGEST, Lock.AUDIT, Lock.SCHEMA):
        with held_elsewhere(other, lock), mine.transaction() as session:
            hold(session, lock)
    mine.close()
    other.close()


def test_one_office_goes_into_partitions_and_the_other_stays_as_it_is(offices: list[Office]):
    first, second = offices
    before = second.query("SELECT count(*) FROM dossier")
    store = open_store(first.url)
    convert(store, first.now, lambda _told: None)
    store.close()
    assert first.run("ingest", first.write("them.csv", [row(901), row(902)])).status == 0
    assert second.query("SELECT count(*) FROM dossier") == before
    parts = "SELECT DISTINCT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'p'"
    assert first.query(parts) == [(NAMES[0],)]


def test_no_sql_names_a_schema_or_wants_an_extension():
    found = [
        f"{path.relative_to(ROOT)}: {told[0]}"
        for folder in ("tracker/store", "migrations")  # nobody else builds SQL
        for path in sorted((ROOT / folder).rglob("*.py"))
        for told in FORBIDDEN.finditer(path.read_text("utf-8"))
    ]
    assert found == []

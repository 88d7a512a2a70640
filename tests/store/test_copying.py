"""`dunghen db copy`: a store moved from any kind of database to any other is the same store, or nothing was moved."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import BigInteger, text

from tests import postgres
from tests.databases import Databases, PostgresqlServer, SqliteFiles, libpq
from tests.flows.office import Answer, Office, row
from tests.store.odd_rows import TEXTS, key_of, odd_row
from tests.store.past_program import TABLES, do, everything, planted, rows_in, uprooted
from tracker.store.migrate import create_tables, newest_revision
from tracker.store.session import open_store
from tracker.synthetic.generate import generate

pytestmark = pytest.mark.sqlite_only("goes from each kind to each other, with a server of its own")

LAST = TABLES[-1].name
KINDS = ("sqlite", "postgresql")


# ---------------------------------------------------------------- databases


@pytest.fixture(scope="module")
def kinds() -> Iterator[Mapping[str, Databases]]:
    """Both kinds of database."""
    server = postgres.start()
    both = {"sqlite": SqliteFiles(), "postgresql": PostgresqlServer(server.url, f"{os.getpid()}_copying")}
    yield both
    for kind in both.values():
        kind.close()
    server.stop()


class Targets:
    """Databases to copy into, with our tables and no rows: made once by the program, then copied."""

    def __init__(self, kinds: Mapping[str, Databases], folder: Path) -> None:
        self._kinds = kinds
        self._made = {}
        for name, kind in kinds.items():
            self._made[name] = kind.empty(folder)
            store = open_store(self._made[name])
            create_tables(store)
            store.close()

    def new(self, kind: str, folder: Path) -> str:
        """One more."""
        return self._kinds[kind].copy(self._made[kind], folder)


@pytest.fixture(scope="module")
def targets(kinds: Mapping[str, Databases], tmp_path_factory: pytest.TempPathFactory) -> Targets:
    """Targets of both kinds."""
    return Targets(kinds, tmp_path_factory.mktemp("targets"))


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A province-year in small, told twice, with rejections, letters, accounts and audit entries."""
    office = Office(tmp_path_factory.mktemp("busy")).furnished()
    made = generate(
        "daklak-2022", office.folder / "in", rows=None, seed=5, as_of=date(2026, 8, 24), scale=0.001
    )
    assert office.run("ingest", *made.files).status == 0
    first, second = (
        office.write(
            f"{n}.csv",
            [row(1, updated_at=f"0{n}/03/2022 09:00:00", note=f"lần {n}"), row(2, received_at="x")],
        )
        for n in (1, 2)
    )
    assert office.run("ingest", first).status == 1
    office.now += timedelta(days=1)
    assert office.run("ingest", second).status == 1
    assert office.run(
        "letters", "draft", "--as-of", "2023-01-01", "--out", office.folder / "letters"
    ).status in (0, 1)
    assert office.run("user", "list").status == 0
    return office


@pytest.fixture(scope="module")
def full(busy: Office, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same and in every table rows with the oddest values that its columns can hold."""
    folder = tmp_path_factory.mktemp("full")
    path = folder / "full.sqlite3"
    _backup(busy.database, path)
    store = open_store(f"sqlite:///{path.as_posix()}")
    with store.transaction() as session:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for table in TABLES:
            session.execute(table.insert(), [odd_row(table, number) for number in range(len(TEXTS))])
    store.close()
    return path.as_posix()


@pytest.fixture(scope="module")
def in_postgresql(full: str, kinds: Mapping[str, Databases], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The full store on PostgreSQL."""
    url = kinds["postgresql"].empty(tmp_path_factory.mktemp("pg"))
    assert copied(tmp_path_factory.mktemp("office"), full, url).status == 0
    return url


def _backup(source: Path, target: Path) -> None:
    """With what stands only in its write-ahead log."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def copied(folder: Path, source: str, target: str, *more: str) -> Answer:
    return Office(folder).run("db", "copy", source, target, *more)


def url_of(path: str | Path) -> str:
    return f"sqlite:///{Path(path).as_posix()}"


# ---------------------------------------------------------------- the same on both sides


def test_the_store_that_is_moved_has_rows_in_every_table_and_the_usual_ones_besides(full: str):
    found = everything(SqliteFiles(), url_of(full))
    assert {name for name, rows in found.items() if len(rows) < len(TEXTS)} == set()
    usual = {
        "dossier",
        "due_seen",
        "event",
        "dossier_revision",
        "rejection",
        "letter",
        "letter_step",
        "audit_entry",
    }
    assert {name for name in usual if len(found[name]) <= len(TEXTS)} == set()


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_every_row_arrives_as_it_was_in_all_directions(
    kinds: Mapping[str, Databases], full: str, in_postgresql: str, tmp_path: Path, source: str, target: str
):
    told = full if source == "sqlite" else in_postgresql
    url = kinds[target].empty(tmp_path)
    answer = copied(tmp_path, told, url, "--json")
    assert answer.status == 0, answer.err
    arrived = everything(kinds[target], url)
    assert arrived == everything(SqliteFiles(), url_of(full))
    assert {each["name"]: each["rows"] for each in answer.json["tables"]} == {
        n: len(r) for n, r in arrived.items()
    }
    with kinds[target].asking(url) as ask:
        assert kinds[target].faults(ask) == []


def test_equal_stores_have_equal_sums_wherever_they_lie(
    kinds: Mapping[str, Databases], full: str, in_postgresql: str, tmp_path: Path
):
    sums = []
    for number, source in enumerate((full, in_postgresql)):
        folder = tmp_path / str(number)
        folder.mkdir()
        sums.append(copied(folder, source, (folder / "new.sqlite3").as_posix(), "--json").json)
    assert sums[0]["tables"] == sums[1]["tables"]
    assert sums[0]["sha256"] == sums[1]["sha256"]
    assert sums[0]["equal"] is True


def test_a_url_and_a_bare_path_mean_the_same_and_a_folder_is_made(full: str, tmp_path: Path):
    for number, source in enumerate((full, url_of(full))):
        assert copied(tmp_path, source, (tmp_path / "deep" / f"{number}.sqlite3").as_posix()).status == 0
    assert (tmp_path / "deep" / "1.sqlite3").is_file()


def test_the_answers_from_both_databases_are_equal(
    kinds: Mapping[str, Databases], busy: Office, tmp_path: Path, targets: Targets
):
    url = targets.new("postgresql", tmp_path)
    assert copied(tmp_path, busy.database.as_posix(), url).status == 0
    (tmp_path / "moved").mkdir()
    moved = Office(tmp_path / "moved", database_url=f'"{url}"')
    moved.now = busy.now
    questions = (
        ("overdue", "--as-of", "2023-01-01", "--state", "all"),
        ("overdue", "--as-of", "2022-06-30", "--basis", "documented"),
        ("rates", "--from", "2022-01-01", "--to", "2022-12-31", "--by", "level,field"),
        ("score", "3.4.1", "--year", "2022"),
        ("letters", "status"),
        ("rejections",),
    )
    for question in questions:
        here, there = (office.run(*question, "--json") for office in (busy, moved))
        assert here.json == there.json, question
    assert len(moved.run("overdue", "--as-of", "2023-01-01", "--json").json["rows"]) > 5


# ---------------------------------------------------------------- what a person reads


def test_the_answer_is_one_document_without_passwords_and_progress_goes_elsewhere(
    kinds: Mapping[str, Databases], full: str, tmp_path: Path, targets: Targets
):
    url = targets.new("postgresql", tmp_path)
    password = url.split(":")[2].split("@")[0]
    answer = copied(tmp_path, full, url, "--json")
    document = answer.json
    assert set(document) == {"from", "to", "equal", "tables", "rows", "sha256"}
    assert (document["from"], document["to"]) == (url_of(full), url.replace(password, "***"))
    assert document["rows"] == sum(table["rows"] for table in document["tables"])
    assert [table["name"] for table in document["tables"]] == [table.name for table in TABLES]
    assert f"Chép {LAST}…" in answer.err
    assert password not in answer.out + answer.err
    refused = copied(tmp_path, full, url)
    assert refused.status == 3
    assert password not in refused.out + refused.err


def test_a_password_among_the_parameters_of_an_address_is_not_shown_either(
    kinds: Mapping[str, Databases], full: str, tmp_path: Path, targets: Targets
):
    url = targets.new("postgresql", tmp_path)
    password = url.split(":")[2].split("@")[0]
    answer = copied(tmp_path, full, url.replace(f":{password}@", "@") + f"&password={password}")
    assert answer.status == 0, answer.err
    assert password not in answer.out + answer.err


def test_people_are_told_of_the_files_that_are_not_in_the_database(full: str, tmp_path: Path):
    answer = copied(tmp_path, full, (tmp_path / "new.sqlite3").as_posix())
    assert "hai bên giống nhau từng dòng" in answer.out
    assert "Tệp thư xin lỗi không nằm trong cơ sở dữ liệu" in answer.out


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_with_rows_is_refused_and_left_alone(
    kinds: Mapping[str, Databases], full: str, tmp_path: Path, kind: str
):
    url = kinds[kind].furnished(tmp_path)
    before = everything(kinds[kind], url)
    answer = copied(tmp_path, full, url)
    assert answer.status == 3
    assert "đã có dữ liệu" in answer.err
    assert everything(kinds[kind], url) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_with_tables_of_another_program_is_refused(
    kinds: Mapping[str, Databases], full: str, tmp_path: Path, kind: str
):
    url = kinds[kind].empty(tmp_path)
    Path(tmp_path / "var").mkdir(exist_ok=True)
    do(url, "CREATE TABLE invoices (id integer)")
    answer = copied(tmp_path, full, url)
    assert answer.status == 3
    assert "invoices" in answer.err
    with kinds[kind].asking(url) as ask:
        assert set(kinds[kind].columns(ask)) == {"invoices"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_with_our_tables_of_another_revision_is_refused(
    kinds: Mapping[str, Databases], full: str, tmp_path: Path, targets: Targets, kind: str
):
    url = targets.new(kind, tmp_path)
    do(url, "UPDATE alembic_version SET version_num = '0001'")
    answer = copied(tmp_path, full, url)
    assert (answer.status, rows_in(kinds[kind], url)) == (3, 0)
    assert "0001" in answer.err


def test_a_source_of_another_revision_is_to_be_upgraded_first(full: str, tmp_path: Path):
    old = tmp_path / "old.sqlite3"
    shutil.copyfile(full, old)
    do(url_of(old), "UPDATE alembic_version SET version_num = '0001'")
    answer = copied(tmp_path, old.as_posix(), (tmp_path / "new.sqlite3").as_posix())
    assert answer.status == 3
    assert "phiên bản 0001" in answer.err
    assert "dunghen db upgrade" in answer.err


def test_one_database_under_two_names_is_refused(in_postgresql: str, full: str, tmp_path: Path):
    link = tmp_path / "link.sqlite3"
    link.symlink_to(full)
    pairs = (
        (full, url_of(full)),
        (full, link.as_posix()),
        (in_postgresql, in_postgresql.replace("postgresql://", "postgresql+psycopg://")),
    )
    for source, target in pairs:
        answer = copied(tmp_path, source, target)
        assert answer.status == 2
        assert "là một cơ sở dữ liệu" in answer.err


def test_what_is_not_there_or_is_no_place_to_keep_anything_is_refused(full: str, tmp_path: Path):
    missing, new = tmp_path / "missing.sqlite3", (tmp_path / "new.sqlite3").as_posix()
    assert copied(tmp_path, missing.as_posix(), new).status == 2
    assert copied(tmp_path, full, "sqlite://").status == 2
    assert copied(tmp_path, full, "mysql://root:bi-mat@somewhere/x").status == 2
    assert "bi-mat" not in copied(tmp_path, full, "postgresql:/root:bi-mat@x").err
    assert not missing.exists()
    assert not Path(new).exists()


# ---------------------------------------------------------------- differences, kills


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_was_changed_on_the_way_is_found_and_nothing_is_kept(
    kinds: Mapping[str, Databases], full: str, tmp_path: Path, targets: Targets, kind: str
):
    key = key_of(BigInteger(), 3)
    url = targets.new(kind, tmp_path)
    planted(
        url,
        "unit",
        sqlite=f"UPDATE unit SET name = name || ' ' WHERE id = new.id AND id >= {key}",
        postgresql=f"IF NEW.id >= {key} THEN NEW.name := NEW.name || ' '; END IF",
    )
    answer = copied(tmp_path, full, url)
    assert answer.status == 3
    assert f"Bảng unit: nguồn {count(full, 'unit')} dòng, đích {count(full, 'unit')} dòng" in answer.err
    assert f"có khóa {key}." in answer.err
    assert rows_in(kinds[kind], url) == 0


def count(path: str, table: str) -> int:
    return int(SqliteFiles().query(url_of(path), f"SELECT count(*) FROM {table}")[0][0])


def test_a_row_that_did_not_arrive_is_found_by_itskey_of(full: str, tmp_path: Path, targets: Targets):
    key = key_of(BigInteger(), 2)
    url = targets.new("sqlite", tmp_path)
    planted(url, "rejection", sqlite=f"DELETE FROM rejection WHERE id = {key}", postgresql="")
    answer = copied(tmp_path, full, url)
    assert (answer.status, rows_in(SqliteFiles(), url)) == (3, 0)
    assert (
        f"Bảng rejection: nguồn {count(full, 'rejection')} dòng, đích {count(full, 'rejection') - 1} dòng"
        in answer.err
    )
    assert f"có khóa {key}." in answer.err


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("UPDATE field SET name = 'a' || char(0) || 'b' WHERE id = 1", "field"),
        ("UPDATE source SET priority = 99999999999 WHERE id = 1", "source"),
        ("UPDATE batch SET source_id = 777 WHERE id = 1", "batch"),
    ],
    ids=["a NUL", "a number too large", "a key that leads nowhere"],
)
def test_what_postgresql_cannot_hold_is_told_with_its_table(
    kinds: Mapping[str, Databases], full: str, tmp_path: Path, targets: Targets, change: str, table: str
):
    bad = tmp_path / "bad.sqlite3"
    shutil.copyfile(full, bad)
    do(url_of(bad), change)
    url = targets.new("postgresql", tmp_path)
    answer = copied(tmp_path, bad.as_posix(), url)
    assert (answer.status, rows_in(kinds["postgresql"], url)) == (3, 0)
    assert f"Không chép được bảng {table}:" in answer.err


def test_a_key_that_leads_nowhere_is_told_by_sqlite_too(full: str, tmp_path: Path, targets: Targets):
    bad = tmp_path / "bad.sqlite3"
    shutil.copyfile(full, bad)
    do(url_of(bad), "UPDATE batch SET source_id = 777 WHERE id = 1")
    url = targets.new("sqlite", tmp_path)
    answer = copied(tmp_path, bad.as_posix(), url)
    assert (answer.status, rows_in(SqliteFiles(), url)) == (3, 0)
    assert "Không chép được bảng batch: có dòng trỏ đến source không tồn tại" in answer.err


def blocked(url: str) -> str:
    """A trigger that lets nobody past the first row of the last table: until it is released, or for ever on SQLite."""
    planted(
        url,
        LAST,
        sqlite="SELECT count(*) FROM unit a, unit b, unit c, unit d, unit e, unit f",
        postgresql="PERFORM pg_advisory_xact_lock(4711)",
    )
    return url


@contextmanager
def holding(url: str) -> Iterator[None]:
    """Hold what such a trigger waits for."""
    if url.startswith("sqlite"):
        yield
        return
    with closing(psycopg.connect(libpq(url))) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(4711)")
        yield


def reached_last_table(process: subprocess.Popen[str]) -> bool:
    assert process.stderr
    return any(f"Chép {LAST}…" in line for line in iter(process.stderr.readline, ""))


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_killed_in_the_middle_leaves_the_target_empty_and_can_be_repeated(
    kinds: Mapping[str, Databases], full: str, tmp_path: Path, targets: Targets, kind: str
):
    url = blocked(targets.new(kind, tmp_path))
    with holding(url), Office(tmp_path).start("db", "copy", full, url) as process:
        assert reached_last_table(process)
        process.kill()
    uprooted(url, LAST)
    assert rows_in(kinds[kind], url) == 0
    answer = copied(tmp_path, full, url, "--json")
    assert answer.status == 0, answer.err
    assert everything(kinds[kind], url) == everything(SqliteFiles(), url_of(full))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_to_the_source_meanwhile_is_not_moved(
    kinds: Mapping[str, Databases], full: str, in_postgresql: str, tmp_path: Path, targets: Targets, kind: str
):
    source = kinds[kind].copy(url_of(full) if kind == "sqlite" else in_postgresql, tmp_path)
    before = everything(kinds[kind], source)
    url = blocked(targets.new("postgresql", tmp_path))
    with holding(url):
        process = Office(tmp_path).start("db", "copy", source, url)
        assert reached_last_table(process)
        do(source, *(f"DELETE FROM {name}" for name in ("dossier", "event", LAST)))
    with process:
        assert process.wait() == 0
    assert everything(kinds["postgresql"], url) == before


def test_the_target_is_at_the_newest_revision_and_is_used_as_it_is(busy: Office, tmp_path: Path):
    path = tmp_path / "var" / "dunghen.sqlite3"
    assert copied(tmp_path, busy.database.as_posix(), path.as_posix()).status == 0
    before = everything(SqliteFiles(), url_of(path))
    store = open_store(url_of(path))
    assert SqliteFiles().query(url_of(path), "SELECT version_num FROM alembic_version") == [
        (newest_revision(),)
    ]
    store.close()
    assert Office(tmp_path).run("units", "list").status == 0
    assert everything(SqliteFiles(), url_of(path)) == before

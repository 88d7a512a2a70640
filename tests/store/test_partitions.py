"""PostgreSQL with a partition a year: the same store as before, whatever happens while it is made, and at the turns of years."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, event, text
from sqlalchemy.exc import IntegrityError

from tests.databases import libpq
from tests.flows.office import NOW, Office, row
from tests.flows.test_both_databases import QUESTIONS, told_twice
from tests.store.test_locks import be_impatient
from tracker.errors import WorkFailed
from tracker.pipeline.search_checking import check
from tracker.pipeline.search_keeping import rebuild
from tracker.store import search_marks
from tracker.store.ids import runs
from tracker.store.migrate import create_tables
from tracker.store.models import Dossier
from tracker.store.partitioning import convert, look, undo
from tracker.store.partitions import SPLITS, floor, partitions, prepare
from tracker.store.session import Store, open_store
from tracker.types import VN

pytestmark = pytest.mark.postgresql_only("partitions are PostgreSQL's")

LOADS = (datetime(2024, 5, 6, 8, tzinfo=VN), datetime(2025, 5, 6, 8, tzinfo=VN), NOW)
YEARS = (2024, 2025, 2026)
EACH, ALSO = 12, 37
NEXT_YEAR = 2_027_000_000_000


def quiet(_told: str) -> None:
    """Nobody listens."""


def codes(year: int) -> list[str]:
    return [f"H15.03-{year % 100}0301-{n:04d}" for n in range(1, EACH + 1)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that loaded dossiers in three years, and told those of the first anew in the last; in whole tables."""
    office = Office(tmp_path_factory.mktemp("ba-nam")).furnished()
    for now, year in zip(LOADS, YEARS, strict=True):
        office.now = now
        office.ingest([row(code) for code in codes(year)])
    office.ingest([row(code, finished_at="20/04/2022 08:00:00") for code in codes(2024)[:3]])
    for number, rows in enumerate(told_twice(), 1):
        office.ingest(office.write(f"lan-{number}.csv", rows))
    return office


@pytest.fixture
def whole(told: Office, tmp_path: Path) -> Office:
    """The same for one test."""
    office = Office(tmp_path).like(told)
    office.now = NOW
    return office


@pytest.fixture
def store(whole: Office) -> Iterator[Store]:
    """Its store, still of whole tables."""
    store = open_store(whole.url)
    yield store
    store.close()


@pytest.fixture
def parted(whole: Office, store: Store) -> Office:
    """It in partitions."""
    convert(store, NOW, quiet)
    return whole


def years_of(office: Office, table: str = "dossier") -> dict[str, int]:
    found = office.query(f"SELECT tableoid::regclass::text, count(*) FROM {table} GROUP BY 1 ORDER BY 1")
    return dict(found)


# ---------------------------------------------------------------- what it changes, and what not


def test_every_row_is_there_in_the_partition_of_the_year_in_which_its_dossier_became_known(
    whole: Office, store: Store
):
    before = whole.dump()
    moved = convert(store, NOW, quiet)
    assert whole.dump() == before
    assert [each.table for each in moved] == [split.table for split in SPLITS]
    assert years_of(whole) == {"dossier_2024": EACH, "dossier_2025": EACH, "dossier_2026": EACH + ALSO}
    assert years_of(whole, "dossier_revision")["dossier_revision_2024"] == 3
    assert sum(years_of(whole, "raw_block").values()) == len(before["raw_block"])
    assert whole.is_sound()


def test_every_question_has_the_same_answer_as_of_whole_tables(told: Office, parted: Office):
    questions = [
        *QUESTIONS,
        ("dossier", codes(2024)[0]),
        ("dossier", codes(2026)[0], "--known", "2026-08-24T07:00:00"),
    ]
    for question in questions:
        assert parted.run(*question, "--json") == told.run(*question, "--json"), question


def test_done_once_it_is_done(parted: Office, store: Store):
    before = years_of(parted)
    assert convert(store, NOW, quiet) == ()
    assert look(store, NOW).tables == ()
    assert years_of(parted) == before


def test_whole_tables_can_be_had_back(parted: Office, told: Office, store: Store):
    moved = undo(store, quiet)
    assert {each.table for each in moved} == {split.table for split in SPLITS}
    assert parted.dump() == told.dump()
    with store.read() as session:
        assert partitions(session.connection()) == {}
    indexes = "SELECT i.indexrelid::regclass::text, indrelid::regclass::text, indisunique, indkey::text FROM pg_index i WHERE indrelid::regclass::text NOT LIKE 'pg_%' ORDER BY 1"
    assert parted.query(indexes) == told.query(indexes)
    assert undo(store, quiet) == ()


def test_indexes_are_called_as_those_of_the_table_with_the_year_and_rights_stay(whole: Office, store: Store):
    with psycopg.connect(libpq(whole.url), autocommit=True) as admin:
        admin.execute("GRANT SELECT ON dossier TO PUBLIC")
    convert(store, NOW, quiet)
    assert whole.query("SELECT has_table_privilege('public', 'dossier', 'SELECT')") == [(True,)]
    names = {
        name for (name,) in whole.query("SELECT indexname FROM pg_indexes WHERE tablename = 'dossier_2025'")
    }
    assert {"ix_dossier_ended_late_2025", "uq_dossier_code_2025", "pk_dossier_2025"} <= names


# ---------------------------------------------------------------- while it is made


@pytest.mark.parametrize("at", [3, 40, 80, 120, 160])
def test_a_run_that_is_killed_leaves_the_store_as_it_was(whole: Office, at: int):
    before, done = whole.dump(), 0
    dying = open_store(whole.url)

    def kill(connection, *_rest) -> None:
        nonlocal done
        done += 1
        if done == at:
            number = connection.connection.driver_connection.info.backend_pid
            with psycopg.connect(libpq(whole.url), autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", [number])

    event.listen(dying.engine, "before_cursor_execute", kill)
    with pytest.raises(WorkFailed):
        convert(dying, NOW, quiet)
    dying.close()
    assert done == at
    assert whole.dump() == before
    again = open_store(whole.url)
    assert len(convert(again, NOW, quiet)) == len(SPLITS)
    again.close()
    assert whole.dump() == before


def test_it_is_refused_while_somebody_else_is_connected(whole: Office, store: Store):
    with psycopg.connect(libpq(whole.url)), pytest.raises(WorkFailed, match="1 kết nối khác"):
        convert(store, NOW, quiet)
    assert years_of(whole) == {"dossier": 3 * EACH + ALSO}


# ---------------------------------------------------------------- one code, one dossier


def second_of(other: str, number: int, code: str = "code") -> str:
    """A dossier like another."""
    names = [column.name for column in Dossier.__table__.columns]
    values = ", ".join({"id": str(number), "code": code}.get(name, f'"{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO dossier ({quoted}) SELECT {values} FROM dossier WHERE code = '{other}'"


def test_the_database_refuses_a_second_dossier_of_one_code_in_another_year(parted: Office, store: Store):
    with pytest.raises(IntegrityError, match="pk_dossier_code"), store.transaction() as session:
        session.execute(text(second_of(codes(2024)[0], 900_000)))
    with pytest.raises(IntegrityError, match="pk_dossier_code"), store.transaction() as session:
        session.execute(text(f"UPDATE dossier SET code = '{codes(2024)[0]}' WHERE code = '{codes(2026)[0]}'"))


def test_the_table_of_codes_follows_what_is_inserted_changed_and_deleted(parted: Office, store: Store):
    compared = (
        "SELECT count(*) FROM dossier d FULL JOIN dossier_code c ON c.code = d.code AND c.dossier_id = d.id"
        " WHERE d.id IS NULL OR c.dossier_id IS NULL"
    )
    assert parted.query(compared) == [(0,)]
    with store.transaction() as session:
        session.execute(text(f"UPDATE dossier SET code = code || 'X' WHERE code = '{codes(2024)[0]}'"))
        session.execute(text(second_of(codes(2024)[0] + "X", 900_000, code="'MOI'")))
        session.execute(text(f"DELETE FROM dossier WHERE code = '{codes(2025)[0]}'"))
    assert parted.query(compared) == [(0,)]
    assert parted.query("SELECT dossier_id FROM dossier_code WHERE code = 'MOI'") == [(900_000,)]
    with store.transaction() as session:
        session.execute(text("TRUNCATE dossier"))
    assert parted.query("SELECT count(*) FROM dossier_code") == [(0,)]


# ---------------------------------------------------------------- the turn of the year


def test_ids_jump_to_the_new_year_and_old_dossiers_stay_where_they_are(parted: Office, store: Store):
    parted.now = datetime(2026, 12, 30, 8, tzinfo=VN)
    parted.ingest([row("H15.03-261230-0001")])
    assert "dossier_2027" in [
        name for (name,) in parted.query("SELECT relname FROM pg_class WHERE relkind = 'r'")
    ]
    parted.now = datetime(2027, 1, 2, 8, tzinfo=VN)
    ended = row(codes(2024)[5], finished_at="25/04/2022 08:00:00")
    report = parted.ingest([row("H15.03-270102-0001"), row("H15.03-270102-0002"), ended])
    assert (report["new"], report["changed"]) == (2, 1)
    found = dict(parted.query("SELECT code, id FROM dossier WHERE code LIKE '%27010%' ORDER BY 1"))
    assert found == {"H15.03-270102-0001": NEXT_YEAR, "H15.03-270102-0002": NEXT_YEAR + 1}
    assert years_of(parted)["dossier_2024"] == EACH
    assert years_of(parted)["dossier_2026"] == EACH + ALSO + 1
    assert years_of(parted)["dossier_2027"] == 2
    assert years_of(parted, "raw_block")["raw_block_2027"] == 1
    assert parted.query("SELECT max(id) FROM batch") == [(202_700_000_000,)]
    parted.now = datetime(2026, 12, 31, 8, tzinfo=VN)  # a clock that is put back: ids only grow
    parted.ingest([row("H15.03-261231-0001")])
    assert parted.query("SELECT id FROM dossier WHERE code = 'H15.03-261231-0001'") == [(NEXT_YEAR + 2,)]
    parted.now = datetime(2029, 1, 2, 8, tzinfo=VN)  # a year without any load has no partition
    parted.ingest([row("H15.03-290102-0001")])
    assert [name for name in years_of(parted) if name > "dossier_2027"] == ["dossier_2029"]


def test_keys_are_made_and_compared_without_walking_the_numbers_between_two_years(
    parted: Office, store: Store, tmp_path: Path
):
    parted.now = datetime(2027, 1, 2, 8, tzinfo=VN)
    parted.ingest([row("H15.03-270102-0001", applicant_name="Trần Thị Năm Mới")])
    with store.read() as session:
        spans = list(runs(session, Dossier.id))
        assert spans == [(NEXT_YEAR, NEXT_YEAR), (1, 3 * EACH + ALSO)]
    with store.transaction() as session:
        search_marks.mark_all(session)
    assert rebuild(store, tmp_path) >= 3 * EACH + 36
    found = check(store)
    assert found.ok
    assert found.compared > 0


def test_a_year_without_a_partition_goes_on_in_the_last_one(parted: Office, store: Store):
    be_impatient(store)
    later = datetime(2027, 1, 2, 8, tzinfo=VN)
    with psycopg.connect(libpq(parted.url)) as busy:
        busy.execute("LOCK TABLE dossier IN SHARE UPDATE EXCLUSIVE MODE")
        assert prepare(store, later) == ()
        with store.read() as session:
            assert floor(session, "dossier", later) == 0
    assert prepare(store, later) == tuple(f"{split.table}_2027" for split in SPLITS)
    assert prepare(store, later) == ()


def test_the_next_year_missing_in_december_is_told_and_made_while_the_program_works(parted: Office):
    def look() -> dict[str, str]:
        return next(each for each in parted.ask("doctor")["checks"] if each["name"] == "partitions")

    parted.now = datetime(2026, 11, 30, 8, tzinfo=VN)
    assert look()["ok"]
    parted.now = datetime(2026, 12, 1, 8, tzinfo=VN)
    assert not look()["ok"]
    assert "2027" in look()["detail"]
    with psycopg.connect(libpq(parted.url)):
        assert parted.ask("db", "partition")["made"] == [f"{split.table}_2027" for split in SPLITS]
    assert look()["ok"]


def test_readers_and_writers_go_on_while_a_partition_is_made(parted: Office, store: Store):
    be_impatient(store)
    with psycopg.connect(libpq(parted.url)) as busy:
        busy.execute("SELECT count(*) FROM dossier")
        busy.execute("UPDATE dossier SET note = 'x' WHERE id = 1")
        assert prepare(store, datetime(2027, 1, 2, 8, tzinfo=VN)) != ()
        busy.commit()


def test_a_dry_run_makes_no_partition(parted: Office, store: Store):
    parted.now = datetime(2027, 1, 2, 8, tzinfo=VN)
    path = parted.write("thu.csv", [row("H15.03-270102-0001")])
    parted.ask("ingest", path, "--dry-run")
    assert "dossier_2027" not in years_of(parted)
    assert parted.query("SELECT to_regclass('dossier_2027')::text") == [(None,)]


# ---------------------------------------------------------------- with others


def test_a_later_migration_goes_through_the_table_to_all_partitions_and_to_those_made_afterwards(
    parted: Office, store: Store
):
    with store.transaction() as session:
        op = Operations(MigrationContext.configure(session.connection()))
        op.add_column("dossier", Column("priority", Integer(), nullable=False, server_default="0"))
        op.create_index(
            "ix_dossier_priority", "dossier", ["priority", "id"], postgresql_where=text("priority > 0")
        )
        with op.batch_alter_table("event") as batch:
            batch.add_column(Column("weight", Integer()))
            batch.alter_column("text", new_column_name="words")
        op.drop_index("ix_dossier_long", "dossier")
    prepare(store, datetime(2027, 1, 2, 8, tzinfo=VN))
    for year in (*YEARS, 2027):
        indexes = {
            name
            for (name,) in parted.query(f"SELECT indexdef FROM pg_indexes WHERE tablename = 'dossier_{year}'")
        }
        assert any(re.search(r"\(priority, id\) WHERE", each) for each in indexes)
        assert not any("ix_dossier_long" in each for each in indexes)
        parted.query(f"SELECT priority FROM dossier_{year}")
        parted.query(f"SELECT weight, words FROM event_{year}")


@pytest.mark.parametrize("into", [2025, 2027])
def test_a_copy_into_a_store_in_partitions_is_the_same_store(
    parted: Office, store: Store, tmp_path: Path, into: int
):
    """Also where the target was made for an earlier year than the source has come to."""
    parted.now = datetime(2027, 1, 2, 8, tzinfo=VN)
    parted.ingest([row("H15.03-270102-0001")])
    (tmp_path / "moi").mkdir()
    empty = Office(tmp_path / "moi")
    target = open_store(empty.url)
    create_tables(target)
    convert(target, datetime(into, 3, 1, tzinfo=VN), quiet)
    answer = parted.ask("db", "copy", parted.url, empty.url)
    assert answer["equal"]
    assert answer["rows"] > 0
    assert empty.query("SELECT count(*) FROM dossier_code") == empty.query("SELECT count(*) FROM dossier")
    assert [name for name in years_of(empty) if name.endswith("2027")] == ["dossier_2027"]
    target.close()


def test_the_command_says_what_it_would_do_does_it_and_notes_it(whole: Office):
    planned = whole.ask("db", "partition", "--dry-run")
    assert {each["table"] for each in planned["tables"]} == {split.table for split in SPLITS}
    assert planned["bytes"] > 0
    assert years_of(whole) == {"dossier": 3 * EACH + ALSO}
    done = whole.run("db", "partition")
    assert done.status == 0
    assert "trước và sau giống nhau" in done.out
    assert len(years_of(whole)) == len(YEARS)
    assert "từ trước" in whole.run("db", "partition").out
    assert whole.query("SELECT count(*) FROM audit_entry WHERE action = 'db_partition'") == [(1,)]
    assert whole.run("db", "partition", "--undo").status == 0
    assert years_of(whole) == {"dossier": 3 * EACH + ALSO}
    assert whole.run("db", "partition", "--undo", "--dry-run").status == 2

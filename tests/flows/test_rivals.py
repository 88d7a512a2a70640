"""Several processes on one database at the same moment, and a database that goes away under one of them."""

import subprocess
import zipfile
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.flows.office import Answer, Office, csv_text, row
from tracker.errors import WorkFailed
from tracker.store.migrate import ensure_current, upgrade
from tracker.store.session import Store

NEW_YEAR = ("--as-of", "2023-01-01")
REASON = "Số lượng hồ sơ tăng đột biến"
SECRET = "bi-mat-lam"


def ended(process: subprocess.Popen[str]) -> Answer:
    with process:
        out, err = process.communicate()
    return Answer(process.returncode, out, err)


def test_first_runs_at_the_same_moment_end_with_one_good_database(tmp_path: Path):
    office = Office(tmp_path)
    commands = [("db", "upgrade"), ("units", "list"), ("units", "list")]
    for process in [office.start(*command) for command in commands]:
        answer = ended(process)
        assert answer.status == 0, answer.err
    assert office.is_sound()
    other = tmp_path / "other"
    other.mkdir()
    alone = Office(other).furnished()
    assert office.dump() == alone.dump()


def test_an_upgrade_that_fails_half_way_leaves_the_database_as_it_was(empty_store: Store, tmp_path: Path):
    """A table of the second revision is there already, and is somebody else's."""
    with empty_store.transaction() as session:
        session.connection().exec_driver_sql("CREATE TABLE progress_event (id INTEGER)")
    with pytest.raises(WorkFailed, match="db upgrade"):
        ensure_current(empty_store)
    office = Office(tmp_path)
    office.url = empty_store.engine.url.render_as_string(hide_password=False)
    before = office.dump()
    with pytest.raises(DBAPIError, match="progress_event"):
        upgrade(empty_store)
    assert office.dump() == before


def late_office(tmp_path: Path, rows: int = 400) -> Office:
    office = Office(tmp_path).furnished()
    office.ingest([row(n, finished_at="20/04/2022 08:00:00", late_reason=REASON) for n in range(1, rows + 1)])
    return office


def test_two_drafts_at_once_write_each_letter_once(tmp_path: Path):
    office = late_office(tmp_path)
    due = office.ask("letters", "due", *NEW_YEAR)["count"]
    assert due == 400
    answers = [ended(each) for each in [office.start("letters", "draft", *NEW_YEAR, "--json") for _ in "ab"]]
    assert [answer.status for answer in answers] == [0, 0], answers
    assert sum(answer.json["written"] for answer in answers) == due
    found = office.query("SELECT id, dossier_id, file FROM letter ORDER BY id")
    assert [number for number, _, _ in found] == list(range(1, due + 1))
    assert len({dossier_id for _, dossier_id, _ in found}) == due
    assert office.query("SELECT count(*) FROM letter_step") == [(due,)]
    present = {path for path in (tmp_path / "var" / "letters").rglob("*") if path.is_file()}
    assert present == {tmp_path / "var" / file for _, _, file in found}
    assert all(zipfile.is_zipfile(path) for path in present)
    assert office.is_sound()


def test_a_draft_and_an_ingest_at_once_do_not_disturb_each_other(tmp_path: Path):
    office = late_office(tmp_path)
    more = office.write("nua.csv", [row(n, late_reason=REASON) for n in range(1_000, 3_000)])
    both = [office.start("ingest", more, "--json"), office.start("letters", "draft", *NEW_YEAR, "--json")]
    ingested, drafted = (ended(each) for each in both)
    assert (ingested.status, ingested.json["new"]) == (0, 2_000), ingested.err
    assert drafted.status == 0, drafted.err
    assert 400 <= drafted.json["written"] <= 2_400
    assert office.is_sound()


def test_a_server_that_is_not_there_ends_a_command_with_status_3_and_no_password(tmp_path: Path):
    office = Office(tmp_path)
    url = f"postgresql://dh:{SECRET}@127.0.0.1:1/co_so"
    path = office.write("tep.csv", [row(1)])
    for command in (("db", "upgrade"), ("ingest", path), ("overdue",)):
        answer = office.program(*command, environment={"DUNGHEN_DATABASE_URL": url})
        assert answer.status == 3
        assert "Không kết nối được" in answer.err
        assert "Traceback" not in answer.err
        assert SECRET not in answer.err + answer.out
    assert not (tmp_path / "var").exists()


def test_the_address_may_stand_in_the_configuration_as_well(tmp_path: Path):
    office = Office(tmp_path)
    office.configure(database_url=f'"{office.url}"')
    environment = {"DUNGHEN_DATABASE_URL": None}
    assert office.program("ingest", office.write("tep.csv", [row(1)]), environment=environment).status == 0
    assert office.query("SELECT count(*) FROM dossier") == [(1,)]


@pytest.mark.postgresql_only("a file cannot hang up")
def test_an_ingest_whose_server_hangs_up_ends_with_status_3_and_nothing_half_done(office: Office):
    office.configure(chunk_rows="100")
    office.ingest([row(9_000)])
    before = office.dump()
    path = office.write("tep.csv", csv_text([row(n) for n in range(1, 3_000)]))
    with office.start("ingest", path) as process:
        assert process.stderr
        assert "dòng" in process.stderr.readline()
        office.query(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'dunghen'"
        )
        _, err = process.communicate()
    assert process.returncode == 3
    assert "Mất kết nối" in err
    assert "Traceback" not in err
    assert office.dump() == before
    assert office.program("ingest", path).status == 0

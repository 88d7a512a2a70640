"""A process killed at any moment and started again leaves what an undisturbed one leaves."""

import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests import warm
from tests.flows.office import ROOT, Office, csv_text, row
from tracker.store.session import open_store
from tracker.synthetic.generate import generate

INSTANTS = (
    "known_from", "known_until", "ended_known_at", "seen_at", "batch.ingested_at", "audit_entry.at", "office_event.at", "audit_entry.chain",
)  # fmt: skip
NEW_YEAR = ("--as-of", "2023-01-01")
SEEDS = (0, pytest.param(1, marks=pytest.mark.long))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Some thousand dossiers, ingested in one go; `in/` holds the files."""
    office = Office(tmp_path_factory.mktemp("undisturbed"), chunk_rows="400")
    made = generate(
        "daklak-2022", office.folder / "in", rows=None, seed=3, as_of=date(2026, 8, 24), scale=0.02
    )
    office = office.furnished()
    assert office.program("ingest", *sorted(made.files)).status == 0
    return office


def files(office: Office) -> list[Path]:
    return sorted((office.folder / "in").glob("*.csv"))


def kill_after(process: subprocess.Popen[str], lines: int) -> int:
    """Kill a process when it has said so much on standard error; the lines it said."""
    with process:
        assert process.stderr
        said = 0
        while said < lines and process.stderr.readline():
            said += 1
        process.kill()
    return said


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_ingest_that_is_repeated_gives_the_store_of_an_undisturbed_one(
    undisturbed: Office, tmp_path: Path, seed: int
):
    office = Office(tmp_path, chunk_rows="400")
    chunks = 14_000 // 400
    moments = [*sorted(random.Random(seed).sample(range(1, chunks), 2)), chunks + 3]
    for moment in moments:
        kill_after(office.start("ingest", *files(undisturbed)), moment)
        assert office.is_sound()
        # All of a batch or nothing: the last kill may come after the commit.
        assert office.query("SELECT count(*) FROM dossier") in (
            [(0,)],
            undisturbed.query("SELECT count(*) FROM dossier"),
        )
    answer = office.program("ingest", *files(undisturbed), "--json")
    assert answer.status == 0
    assert answer.json["read"] == answer.json["new"] + answer.json["unchanged"]
    mine, theirs = office.dump(without=INSTANTS), undisturbed.dump(without=INSTANTS)
    if answer.json["unchanged"]:
        for grown in ("batch", "batch_seen", "office_event", "audit_entry"):
            assert len(mine.pop(grown)) == len(theirs.pop(grown)) + 1
    assert mine == theirs
    assert office.is_sound()


ENDS_IN_ITS_LAST_STEP = """
import os, sys
from datetime import datetime
from pathlib import Path
from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.store.session import open_store
from tracker.types import VN

store = open_store(sys.argv[1])
plan = IngestPlan((Path(sys.argv[2]),), datetime(2026, 8, 24, tzinfo=VN), chunk_rows=400)
ingest(store, "B", plan, lambda _message: None, in_same_step=lambda _session: os._exit(9))
"""


def test_an_ingest_killed_in_the_very_step_that_makes_it_visible_was_never_there(office: Office):
    path = office.write("tep.csv", [row(n) for n in range(1, 2_000)])
    before = office.dump()
    command = [sys.executable, "-c", ENDS_IN_ITS_LAST_STEP, office.url, str(path)]
    assert warm.run(command, cwd=ROOT).returncode == 9
    assert office.dump() == before
    assert office.is_sound()
    assert office.run("ingest", path).status == 0
    assert not [
        left for left in office.folder.rglob("*-ingest.*") if left.suffix != ".lock" or left.stat().st_size
    ]


@pytest.mark.parametrize("lines", [0, 1])
def test_a_first_run_killed_before_it_had_a_database_can_be_repeated(tmp_path: Path, lines: int):
    office = Office(tmp_path)
    path = office.write("tep.csv", [row(1)])
    kill_after(office.start("ingest", path), lines)
    answer = office.program("ingest", path, "--json")
    assert answer.status == 0
    assert answer.json["read"] == 1
    assert office.query("SELECT count(*) FROM unit WHERE level <> 'unknown'") > [(100,)]


def test_a_first_run_killed_between_its_tables_and_its_catalogues_is_no_office_without_units(tmp_path: Path):
    office = Office(tmp_path)
    store = open_store(office.furnished().url)
    with store.transaction() as session:  # what such a kill leaves: all tables, nothing in them
        connection = session.connection()
        for table in (
            "procedure_limit",
            "limit_extra",
            "procedure_alias",
            "procedure",
            "field",
            "unit_alias",
            "unit",
            "source",
        ):
            if table == "unit":
                connection.exec_driver_sql("UPDATE unit SET parent_id = NULL, successor_id = NULL")
            connection.exec_driver_sql(f"DELETE FROM {table}")
    store.close()
    report = office.ingest([row(1)])
    assert (report["new"], report["flagged"]) == (1, {})
    assert office.query("SELECT count(*) FROM unit WHERE level = 'unknown'") == [(0,)]


def kill_when(process: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    """Kill a process as soon as something has happened (or it has ended)."""
    with process:
        while process.poll() is None and not happened():
            try:
                process.wait(0.005)
            except subprocess.TimeoutExpired:
                continue
        process.kill()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_draft_that_is_repeated_leaves_one_row_and_one_whole_file_per_letter(
    undisturbed: Office, tmp_path: Path, seed: int
):
    office = Office(tmp_path).like(undisturbed)
    told = office.ask("letters", "due", *NEW_YEAR)
    due = {each["code"] for each in told["rows"]}
    out = office.folder / "var" / "letters"
    moments = sorted(random.Random(seed).sample(range(1, len(due)), 2))
    for moment in moments:
        kill_when(
            office.start("letters", "draft", *NEW_YEAR, "--json"),
            lambda: sum(1 for _ in out.rglob("*.docx")) >= moment,  # noqa: B023 - called within this turn
        )
        assert office.is_sound()
        assert office.query("SELECT count(*) FROM letter") in ([(0,)], [(len(due),)])
    answer = office.program("letters", "draft", *NEW_YEAR, "--json")
    assert (answer.status, answer.json["lacking"]) == (0, 0)
    recorded = office.query("SELECT d.code, l.file FROM letter l JOIN dossier d ON d.id = l.dossier_id")
    assert {code for code, _ in recorded} == due
    assert len(recorded) == len(due)
    present = {path for path in out.rglob("*") if path.is_file()}
    assert present == {office.folder / "var" / file for _, file in recorded}
    assert all(zipfile.is_zipfile(path) for path in present)
    assert office.query("SELECT count(*) FROM letter_step") == [(len(due),)]
    assert office.query("SELECT count(*) FROM obligation WHERE state = 'owed'") == [
        (len(due) + told["foreseen"],)
    ]
    assert office.run("letters", "draft", *NEW_YEAR, "--json").json["written"] == 0


def test_two_ingests_at_once_wait_for_each_other_and_tell_the_same_dossiers_once(office: Office):
    office.configure(chunk_rows="100")
    path = office.write("tep.csv", [row(n) for n in range(1, 3_000)])
    both = [office.start("ingest", path, "--json") for _ in range(2)]
    reports = []
    for process in both:
        with process:
            out, err = process.communicate()
        assert process.returncode == 0, err
        reports.append(json.loads(out))
    assert sorted((report["new"], report["unchanged"]) for report in reports) == [(0, 2_999), (2_999, 0)]
    assert {report["batch"] for report in reports} == {1, 2}
    assert office.is_sound()


def test_an_ingest_that_fails_half_way_leaves_readers_what_they_had(office: Office):
    """A file that breaks in its last chunk, after chunks that were already written."""
    office.configure(chunk_rows="100")
    office.ingest([row(9_000)])
    before = office.dump()
    broken = csv_text([row(n) for n in range(1, 950)]).encode() + b'"\xff\r\n'
    assert office.run("ingest", office.write("hong.csv", broken)).status == 3
    assert office.dump() == before
    assert office.is_sound()

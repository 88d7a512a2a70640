"""Large files are read by a process of their own: the same store as by one process, and nothing half-done if it dies."""

import os
import signal
from datetime import datetime
from pathlib import Path

import pytest

from tests.flows.office import Office, csv_text, row
from tracker.errors import WorkFailed
from tracker.pipeline import IngestPlan, ingest, reading_elsewhere
from tracker.store.session import open_store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)


@pytest.fixture
def rows_of_all_kinds(tmp_path: Path) -> Path:
    """Good rows, faulty ones, double ones, and lines that are no rows, in several chunks."""
    rows = [
        *(row(n, due_at="31/02/2022" if n % 50 == 7 else "15/03/2022 17:00:00") for n in range(1, 700)),
        *(row(n, note="CCCD 066099000001") for n in range(650, 720)),
        row("066099000001"),
    ]
    path = tmp_path / "tep.csv"
    path.write_text(csv_text(rows) + "Tổng cộng,,,\n", "utf-8")
    return path


def dumped(office: Office, path: Path) -> dict[str, list[tuple[object, ...]]]:
    store = open_store(office.url)
    plan = IngestPlan((path,), NOW, chunk_rows=100)
    reports = [ingest(store, "B", plan, lambda _: None) for _ in range(2)]
    store.close()
    told = office.dump(without=("audit_entry.chain", "audit_entry.detail"))
    return told | {
        "report": [(r.read, r.new, r.changed, r.unchanged, r.rejected, str(r.flagged)) for r in reports]
    }


def test_another_process_reads_what_this_one_would(
    rows_of_all_kinds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    stores = []
    for worth in (0, 1_000_000_000):
        monkeypatch.setattr(reading_elsewhere, "WORTH_A_PROCESS", worth)
        folder = tmp_path / str(worth)
        folder.mkdir()
        stores.append(dumped(Office(folder).furnished(), rows_of_all_kinds))
    elsewhere, here = stores
    assert elsewhere == here
    assert here["report"][0][0] > 700


def test_an_unusable_file_is_told_alike(office: Office, monkeypatch: pytest.MonkeyPatch):
    path = office.write("hong.csv", "không,phải,danh sách\n1,2,3\n")
    here = office.run("ingest", path)
    monkeypatch.setattr(reading_elsewhere, "WORTH_A_PROCESS", 0)
    elsewhere = office.run("ingest", path)
    assert (here.status, here.err) == (elsewhere.status, elsewhere.err)
    assert here.status == 3
    assert office.query("SELECT count(*) FROM batch") == [(0,)]


def test_a_load_whose_reader_is_killed_leaves_the_store_as_it_was(
    rows_of_all_kinds: Path, office: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading_elsewhere, "WORTH_A_PROCESS", 0)
    before = office.dump()
    store = open_store(office.url)
    told: list[str] = []

    def kill_the_reader(message: str) -> None:
        told.append(message)
        for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
            if b"reading_process" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)

    with pytest.raises(WorkFailed):
        ingest(store, "B", IngestPlan((rows_of_all_kinds,), NOW, chunk_rows=100), kill_the_reader)
    store.close()
    assert told
    assert office.dump() == before

"""Large files are read by a process of their own: the same store as by one process, and nothing half-done if it dies."""

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import databases
from tests.flows.office import Office, csv_text, row
from tests.flows.test_ingest_portal import dossier, event
from tests.trying import examples
from tracker.errors import WorkFailed
from tracker.ingest import reader_start
from tracker.pipeline import IngestPlan, ingest
from tracker.store.session import open_store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)


@pytest.fixture
def rows_of_all_kinds(tmp_path: Path) -> Path:
    """Good rows, faulty ones, double ones, and lines that are no rows, in several chunks."""
    rows = [
        *(row(n, **({"due_at": "31/02/2022"} if n % 50 == 7 else {})) for n in range(1, 700)),
        *(row(n, note="CCCD 066099000001") for n in range(650, 720)),
        row("066099000001"),
        *(row(n) for n in range(800, 1000)),
        # Told before and new by turns, after many that were new: some of a chunk that may have been sent whole.
        *(row(each) for n in range(1, 150) for each in (n + 1_000, n)),
        *(row(n) for n in range(1, 150)),
        *(row(n) for n in range(1_200, 1_500)),
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


def read_elsewhere_and_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office whose files another process reads, then one that reads its own."""
    for worth in (0, 1_000_000_000):
        monkeypatch.setattr(reader_start, "WORTH_A_PROCESS", worth)
        own = folder / str(worth)
        own.mkdir()
        yield Office(own).furnished()


def test_another_process_reads_what_this_one_would(
    rows_of_all_kinds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    elsewhere, here = (
        dumped(office, rows_of_all_kinds) for office in read_elsewhere_and_here(tmp_path, monkeypatch)
    )
    assert elsewhere == here
    assert here["report"][0][0] > 700


def test_an_unusable_file_is_told_alike(office: Office, monkeypatch: pytest.MonkeyPatch):
    path = office.write("hong.csv", "không,phải,danh sách\n1,2,3\n")
    here = office.run("ingest", path)
    monkeypatch.setattr(reader_start, "WORTH_A_PROCESS", 0)
    elsewhere = office.run("ingest", path)
    assert (here.status, here.err) == (elsewhere.status, elsewhere.err)
    assert here.status == 3
    assert office.query("SELECT count(*) FROM batch") == [(0,)]


def readers() -> list[int]:
    """The processes that this one has started to read."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [
        int(each) for each in children if b"reading_process" in Path(f"/proc/{each}/cmdline").read_bytes()
    ]


def test_the_command_has_its_reader_started_ahead_and_leaves_none(
    rows_of_all_kinds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told = []
    for office in read_elsewhere_and_here(tmp_path, monkeypatch):
        refused = office.run("ingest", rows_of_all_kinds, "--layout", "khong-co")
        assert (refused.status, readers()) == (2, [])
        report = office.ask("ingest", rows_of_all_kinds)
        assert readers() == []
        told.append(
            {**report, "seconds": 0} | office.dump(without=("audit_entry.chain", "audit_entry.detail"))
        )
    assert told[0] == told[1]


def test_a_load_whose_reader_is_killed_leaves_the_store_as_it_was(
    rows_of_all_kinds: Path, office: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reader_start, "WORTH_A_PROCESS", 0)
    before = office.dump()
    store = open_store(office.url)
    told: list[str] = []

    def kill_the_reader(message: str) -> None:
        told.append(message)
        for child in readers():
            os.kill(child, signal.SIGKILL)

    with pytest.raises(WorkFailed):
        ingest(store, "B", IngestPlan((rows_of_all_kinds,), NOW, chunk_rows=100), kill_the_reader)
    store.close()
    assert told
    assert office.dump() == before


ROUND = (
    ("20220301080000", "2", "Tiếp nhận hồ sơ"),
    ("20220304090000", "5", "Yêu cầu bổ sung bản vẽ"),
    ("20220308090000", "4", "Đã nhận bổ sung"),
    ("20220314100000", "9", "Kết thúc xử lý"),
    ("20220316080000", "4", "Xử lý lại"),
    ("20220318160000", "9", "Từ chối giải quyết"),
    ("20220321080000", "10", "Đã trả kết quả"),
    ("20220302080000", "99", "Không rõ"),
    ("20290302080000", "4", "Ở tương lai"),
    ("20220301080000", "9", "Tiếp nhận"),
)
ENDS = (
    {"TrangThaiHoSo": "2"},
    {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20220314100000"},
    {"TrangThaiHoSo": "9"},
    {"TrangThaiHoSo": "10", "NgayKetThucXuLy": "20220310100000", "NgayTra": "20220311100000"},
    {"TrangThaiHoSo": "3", "NgayTuChoi": "20220302090000", "NgayTiepNhan": ""},
    {"TrangThaiHoSo": "7", "NgayKetThucXuLy": "20220305100000"},
    {"NgayTiepNhan": "31/02/2022"},
)


@st.composite
def offices(draw: st.DrawFn) -> list[tuple[list[Any], list[Any]]]:
    """Loads of a file of dossiers and one of events each; events of dossiers that are new, known, faulty, told twice or not at all."""
    loads = []
    for _ in range(draw(st.integers(1, 2))):
        dossiers = [
            dossier(MaHoSo=f"H15.01-{number}", **draw(st.sampled_from(ENDS)))
            for number in draw(st.lists(st.integers(1, 8), min_size=1, max_size=8, unique=True))
        ]
        dossiers += draw(st.sampled_from([[], dossiers[:1]]))
        events = [
            event(*draw(st.sampled_from(ROUND)), MaHoSo=f"H15.01-{draw(st.integers(1, 9))}")
            for _ in range(draw(st.integers(0, 14)))
        ]
        events += draw(st.sampled_from([[], events[:3]]))
        loads.append((dossiers, events))
    return loads


def stored(folder: Path, loads: list[tuple[list[Any], list[Any]]], worth: int) -> dict[str, Any]:
    """The store and the reports, the files read by another process where they are worth one."""
    office = Office(folder).furnished()
    store = open_store(office.url)
    reports = []
    for number, (dossiers, events) in enumerate(loads):
        # Files of their own are chunks of their own; all events are one.
        lists = [*(part for part in (dossiers[:2], dossiers[2:5], dossiers[5:]) if part), events]
        paths = [folder / f"{number}-{at}.json" for at in range(len(lists))]
        for path, told in zip(paths, lists, strict=True):
            path.write_text(json.dumps(told), "utf-8")
        plan = IngestPlan(tuple(paths), NOW.replace(minute=number), chunk_rows=20)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader_start, "WORTH_A_PROCESS", worth)
            reports.append(replace(ingest(store, "B", plan, lambda _: None), seconds=0))
    store.close()
    told = office.dump(
        without=("audit_entry.chain", "audit_entry.detail", "raw_block.file", "rejection.file", "batch.files")
    )
    # Which months have to be counted anew may be more of them where a load is written in two steps.
    told.pop("rate_stale")
    told.pop("cause_stale")
    return told | {"reports": [replace(report, warnings=()) for report in reports]}


@settings(max_examples=examples(8, 60), deadline=None)
@given(offices())
def test_events_that_come_along_leave_the_store_that_two_steps_leave(
    loads: list[tuple[list[Any], list[Any]]],
):
    with databases.forgotten_afterwards(), tempfile.TemporaryDirectory() as folder:
        ways = []
        for worth in (0, 1_000_000_000):
            place = Path(folder, str(worth))
            place.mkdir()
            ways.append(stored(place, loads, worth))
    along, in_two_steps = ways
    for table, rows in in_two_steps.items():
        assert along[table] == rows, table


def test_events_of_a_dossier_that_says_nothing_new_are_kept_where_its_chunk_came_unasked(tmp_path: Path):
    first = [dossier(MaHoSo=f"H15.01-{number}") for number in range(1, 4)]
    fresh = [dossier(MaHoSo=f"H15.01-{number}") for number in range(10, 12)]
    loads: list[tuple[list[Any], list[Any]]] = [
        (first, []),
        ([*fresh, *first], [event(*ROUND[0], MaHoSo="H15.01-1"), event(*ROUND[2], MaHoSo="H15.01-2")]),
    ]
    ways = []
    for worth in (0, 1_000_000_000):
        place = tmp_path / str(worth)
        place.mkdir()
        ways.append(stored(place, loads, worth))
    along, in_two_steps = ways
    assert along == in_two_steps
    assert len(in_two_steps["progress_event"]) == 2

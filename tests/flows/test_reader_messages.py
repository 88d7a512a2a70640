"""What the reader of large files says arrives whole or not at all, and what it reads before it is asked is what it would read."""

import fcntl
import json
import os
import pickle
import signal
import struct
import subprocess
import termios
from datetime import datetime
from io import BytesIO
from pathlib import Path
from threading import Timer
from typing import IO

import pytest

from tests.flows.office import csv_text, row
from tests.flows.test_ingest_portal import dossier, event
from tests.flows.test_reading_process import read_elsewhere_and_here
from tracker.ingest import events_ahead as ahead
from tracker.ingest.columns import RecordColumns
from tracker.ingest.normalize import Circumstances
from tracker.ingest.reader_start import started
from tracker.ingest.reading import Closings, HowToRead, Midnights
from tracker.ingest.reading_process import Lines, Request
from tracker.pipeline import IngestPlan, ingest
from tracker.pipeline.reading_elsewhere import reading_elsewhere
from tracker.store.session import open_store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
A_PIPE_FULL = 64 * 1024
PATIENCE = 30.0  # seconds


def waiting_bytes(stream: IO[bytes]) -> int:
    room = fcntl.ioctl(stream.fileno(), termios.FIONREAD, bytes(4))
    return int(struct.unpack("i", room)[0])


def halt_while_it_writes(process: subprocess.Popen[bytes]) -> None:
    """Stop it in the middle of a message that is larger than the pipe, and let it go on, as a PC that sleeps and wakes does."""
    assert process.stdout is not None
    while waiting_bytes(process.stdout) < A_PIPE_FULL:
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)
    process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("buffering", ["", "1"])
def test_messages_are_whole_although_the_reader_is_halted_while_it_writes(
    tmp_path: Path, buffering: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONUNBUFFERED", buffering)
    path = tmp_path / "tep.csv"
    path.write_text(csv_text([row(n) for n in range(8_000)]), "utf-8")
    request = Request((path,), HowToRead(4_000), 100, None)
    told: list[RecordColumns] = []
    process = started([path])
    # If bytes were lost, both sides would wait for ever.
    patience = Timer(PATIENCE, process.kill)
    patience.start()
    with reading_elsewhere(request, process) as reading:
        reading.begin(Circumstances(int(NOW.timestamp()), 2031, Midnights(), Closings({})))
        halt_while_it_writes(process)
        for chunk in reading.chunks():
            reading.ask(range(len(chunk.codes)))
            halt_while_it_writes(process)
            told.append(reading.columns())
    patience.cancel()
    assert [columns.row_numbers for columns in told] == [list(range(2, 4_002)), list(range(4_002, 8_002))]
    assert [code for columns in told for code in columns.codes] == [
        row(n)["dossier_code"] for n in range(8_000)
    ]


def test_a_message_that_breaks_off_anywhere_is_the_end_of_the_other_side():
    body = pickle.dumps(("chunk", ["H15.01-1", "Nguyễn"], {1: b"\x00" * 300}, (1.5, None)), 5)
    for end in range(len(body)):
        with pytest.raises(EOFError):
            Lines(BytesIO(body[:end]), BytesIO()).receive()
    assert Lines(BytesIO(body), BytesIO()).receive()[0] == "chunk"


def written(path: Path, told: object) -> Path:
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return path


def events(count: int, code: str = "H15.01") -> list[object]:
    return [
        event(f"202203{n + 1:02}080000", "2", "Tiếp nhận", MaHoSo=f"{code}-{n % 5}") for n in range(count)
    ]


def test_events_are_read_ahead_of_files_that_begin_with_one_and_of_no_other(tmp_path: Path):
    broken = tmp_path / "hong.json"
    broken.write_text(json.dumps(events(20))[:-40], "utf-8")
    table = tmp_path / "tep.csv"
    table.write_text(csv_text([row(1)]), "utf-8")
    alone = written(tmp_path / "su-kien.json", events(20))
    mixed = written(tmp_path / "lan.json", [*events(3), dossier(MaHoSo="H15.01-1")])
    dossiers = written(tmp_path / "ho-so.json", [dossier(MaHoSo="H15.01-1"), *events(3)])
    nothing = written(tmp_path / "khac.json", [{"a": 1}])
    told = ahead.events_ahead(
        [table, broken, tmp_path / "khong-co.json", alone, dossiers, nothing, tmp_path, mixed]
    )
    assert {
        path: (sum(len(e.numbers) for e in one.events), one.holds_dossiers) for path, one in told.items()
    } == {
        alone: (20, False),
        mixed: (3, True),
    }


def test_no_more_events_are_read_ahead_than_can_be_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    paths = [written(tmp_path / f"{n}.json", events(4)) for n in range(3)]
    monkeypatch.setattr(ahead, "HELD_BYTES", 2 * paths[0].stat().st_size)
    monkeypatch.setattr(ahead, "MIB", 1)
    assert list(ahead.events_ahead(paths)) == paths[:2]


def test_a_file_of_events_that_holds_dossiers_too_is_loaded_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    own = [dossier(MaHoSo=f"H15.01-{n}") for n in range(3)]
    other = [dossier(MaHoSo=f"H15.02-{n}") for n in range(4)]
    paths = [
        written(tmp_path / "ho-so.json", other),
        written(tmp_path / "lan.json", [*events(7), *own, *events(7, "H15.02")]),
        written(tmp_path / "su-kien.json", events(9)),
    ]
    told = []
    for office in read_elsewhere_and_here(tmp_path, monkeypatch):
        store = open_store(office.url)
        report = ingest(store, "B", IngestPlan((*paths, paths[2]), NOW, chunk_rows=20), lambda _: None)
        store.close()
        told.append(
            (
                (report.read, report.new, report.changed, report.unchanged, report.rejected),
                office.query("SELECT d.code, e.at, e.text FROM progress_event e JOIN dossier d ON d.id = e.dossier_id ORDER BY 1, 2, 3"),
                office.query("SELECT code, status FROM dossier ORDER BY code"),
            )
        )  # fmt: skip
    assert told[0] == told[1]
    assert len(told[0][2]) == 7

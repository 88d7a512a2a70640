"""Payloads and progress events in any order of arrival, in any batches: the same store in the end."""

import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import databases
from tests.flows.office import NOW, Office, row
from tests.flows.test_ingest_portal import CODE, DOSSIER, dossier, event
from tracker.ingest.readers.payloads import Payload
from tracker.pipeline import IngestPlan, ingest
from tracker.store.session import open_store

# Received, asked for papers, went on, finished, taken up again, finished, handed over.
EVENTS = (
    event("20220301080000", "2", "Tiếp nhận hồ sơ"),
    event("20220304090000", "5", "Yêu cầu bổ sung bản vẽ"),
    event("20220308090000", "4", "Đã nhận bổ sung"),
    event("20220314100000", "9", "Kết thúc xử lý"),
    event("20220316080000", "4", "Xử lý lại"),
    event("20220318160000", "9", "Kết thúc xử lý"),
    event("20220321080000", "10", "Đã trả kết quả"),
)
COMPARED = {
    "dossier": (
        "code, received_at, source_due_at, documented_due_at, finished_at, returned_at, ended_at, end_kind, status,"
        " suspended_from, officer_name"
    ),
    "suspension": "kind, start_at, end_at",
    "progress_event": "at, status, officer_name, text",
}


def arrived(folder: Path, batches: Sequence[Sequence[Any]]) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in a fresh store after these batches, in a form that knows no order of arrival."""
    office = Office(folder).furnished()
    store = open_store(office.url)
    for number, elements in enumerate(batches):
        proof = hashlib.sha256(json.dumps(elements).encode()).hexdigest()
        payload = Payload(f"goi-{number}", elements, proof)
        moment = NOW.replace(hour=8, minute=number)
        ingest(store, "B", IngestPlan((), moment, payloads=(payload,), origin="push"), lambda _: None)
    store.close()
    return {
        table: sorted(office.query(f"SELECT {columns} FROM {table}"), key=repr)
        for table, columns in COMPARED.items()
    }


def stands(batches: Sequence[Sequence[Any]]) -> dict[str, list[tuple[Any, ...]]]:
    with tempfile.TemporaryDirectory() as folder, databases.forgotten_afterwards():
        return arrived(Path(folder), batches)


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[Any]]:
    """The dossier and its events in any order, some of them twice, cut into batches anywhere."""
    told = [DOSSIER, *EVENTS, draw(st.sampled_from(EVENTS)), DOSSIER]
    order = draw(st.permutations(told))
    cuts = sorted(draw(st.sets(st.integers(1, len(order) - 1), max_size=4)))
    return [list(order[a:b]) for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(arrivals())
def test_events_in_any_order_and_in_any_batches_give_the_same_store(batches: list[list[Any]]):
    assert stands(batches) == stands([[DOSSIER], list(EVENTS)])


def test_an_event_of_a_dossier_that_nobody_has_told_of_waits_and_comes_to_it(office: Office):
    path = office.write("tien-do.json", json.dumps([EVENTS[3]]))
    report = office.ask("ingest", path)
    assert (report["new"], report["rejected"], report["flagged"]) == (1, 0, {"EVENT_WAITING": 1})
    assert office.ask("ingest", path)["unchanged"] == 1
    office.ask("ingest", office.write("ho-so.json", json.dumps([DOSSIER])))
    assert office.ask("dossier", CODE)["finished_at"] == "2022-03-14T10:00+07:00"
    assert office.query("SELECT count(*) FROM waiting_event WHERE taken_batch_id IS NULL") == [(0,)]


def test_a_payload_that_was_replaced_before_is_stale_when_it_is_sent_again(office: Office):
    first, second = dossier(TrangThaiHoSo="2"), dossier(TrangThaiHoSo="9", NgayKetThucXuLy="20220314100000")
    for number, element in enumerate((first, second)):
        office.now = NOW.replace(minute=number)
        office.ask("ingest", office.write("goi.json", json.dumps([element])))
    office.now = NOW.replace(minute=5)
    report = office.ask("ingest", office.write("goi.json", json.dumps([first])))
    assert (report["stale"], report["changed"], report["flagged"]) == (
        1,
        0,
        {"OUT_OF_ORDER": 1, "PAUSES_UNKNOWN": 1},
    )
    assert office.ask("dossier", CODE)["finished_at"] == "2022-03-14T10:00+07:00"


def test_a_file_is_a_state_of_its_own_moment_and_may_say_what_was_said_before(office: Office):
    open_row, ended = row(), row(finished_at="14/03/2022 10:00:00", status="Đã xử lý xong")
    for number, told in enumerate((open_row, ended, open_row)):
        office.now = NOW.replace(minute=number)
        report = office.ingest([told])
    assert report["changed"] == 1
    assert office.ask("dossier", CODE)["finished_at"] is None

"""The event log of a period from real files: which dossiers are cases, what happened to them, no person in it."""

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office
from tracker.pipeline import event_log
from tracker.types import VN

XES = "{http://www.xes-standard.org/}"
APPLICANT, OFFICER, TOLD = "Nguyễn Văn Bịa", "Cán bộ Bịa", "Gọi cho bà Trần Thị Thử"
PERIOD = ("--from", "2022-03-01", "--to", "2022-03-31")


def dossier(number: int, **given: str) -> dict[str, str]:
    return {
        "MaHoSo": f"H15.03-220301-{number:04}", "MaTTHC": "1.090101", "TenTTHC": "Thủ tục bịa", "TenLinhVuc": "Đất đai",
        "ChuHoSo": APPLICANT, "SoDienThoai": "0912345678", "NgayNopHoSo": "20220301080000", "NgayTiepNhan": "20220301080000",
        "NgayHenTra": "20220315170000", "TrangThaiHoSo": "9", "NgayKetThucXuLy": "20220318100000", "DonViXuLy": PROVINCIAL,
        **given,
    }  # fmt: skip


def step(number: int, department: str, at: str, begun: str = "", **given: str) -> dict[str, str]:
    return {
        "MaHoSo": f"H15.03-220301-{number:04}", "NguoiXuLy": OFFICER, "ThoiDiemXuLy": at, "PhongBanXuLy": department,
        "NoiDungXuLy": TOLD, "TrangThai": "4", "NgayBatDau": begun, "NgayKetThucTheoQuyDinh": "20220310170000", **given,
    }  # fmt: skip


@pytest.fixture
def filled(office: Office) -> Office:
    open_one = {key: cell for key, cell in dossier(3).items() if key != "NgayKetThucXuLy"}
    dossiers = [
        dossier(1),
        dossier(2, DonViXuLy=OTHER_PROVINCIAL, NgayKetThucXuLy="20220310100000"),
        {**open_one, "TrangThaiHoSo": "4"},
        dossier(
            4, NgayTiepNhan="20220201080000", NgayNopHoSo="20220201080000", NgayKetThucXuLy="20220302090000"
        ),
    ]
    steps = [
        step(1, "Bộ phận một cửa", "20220301080000", "20220301080000"),
        step(1, "Chi cục Thuế Bịa", "20220314160000", "20220302080000"),
        step(1, OFFICER, "20220316090000"),
        step(3, "Chi nhánh VPĐK Bịa", "20220303090000"),
    ]
    for name, elements in (("ho-so.json", dossiers), ("tien-do.json", steps)):
        office.ask(
            "ingest", office.write(name, json.dumps({"session": "s", "service": "x", "data": elements}))
        )
    return office


def traces(path: Path) -> list[etree._Element]:
    return etree.parse(path).getroot().findall(f"{XES}trace")


def value(element: etree._Element, key: str) -> str | None:
    return next((each.get("value") for each in element if each.get("key") == key), None)


def asked(office: Office, *options: str, name: str = "nhat-ky.xes") -> tuple[dict[str, Any], Path]:
    path = office.folder / name
    return office.ask("eventlog", *PERIOD, "--out", path, *options), path


def test_dossiers_that_ended_in_the_period_are_its_cases(filled: Office):
    answer, path = asked(filled)
    codes = [value(trace, "concept:name") for trace in traces(path)]
    assert codes == [f"H15.03-220301-{number:04}" for number in (4, 2, 1)]  # in order of their ends
    assert (answer["cases"], answer["by"]) == (3, "ended")
    assert answer["events"] == sum(len(trace.findall(f"{XES}event")) for trace in traces(path))


def test_or_those_that_were_received_in_it_open_ones_with_what_has_happened(filled: Office):
    answer, path = asked(filled, "--by", "received")
    found = {value(trace, "concept:name"): trace for trace in traces(path)}
    assert sorted(found) == [f"H15.03-220301-{number:04}" for number in (1, 2, 3)]
    still_open = found["H15.03-220301-0003"]
    assert value(still_open, "ended") is None
    assert [value(each, "concept:name") for each in still_open.findall(f"{XES}event")] == [
        "Tiếp nhận hồ sơ",
        "Chi nhánh VPĐKĐĐ",
    ]
    assert answer["cases"] == 3


def test_a_case_tells_its_lateness_and_each_step_with_its_department(filled: Office):
    _, path = asked(filled)
    late = traces(path)[-1]
    assert value(late, "state") == "finished_late"
    # Due on Tuesday 15/03 17:00, done on Friday 18/03 10:00: two days of 480 minutes and the morning's three hours.
    assert value(late, "late_minutes") == "1140"
    told = [
        (value(each, "concept:name"), value(each, "lifecycle:transition"), value(each, "org:resource"))
        for each in late.findall(f"{XES}event")
    ]
    assert told == [
        ("Tiếp nhận hồ sơ", "complete", PROVINCIAL),
        ("Một cửa", "start", "Bộ phận một cửa"),
        ("Thuế", "start", "Chi cục Thuế Bịa"),
        ("Thuế", "complete", "Chi cục Thuế Bịa"),
        ("Bộ phận khác", "complete", "UNKNOWN"),
        ("Xử lý xong", "complete", PROVINCIAL),
    ]


@pytest.mark.parametrize("name", ["nhat-ky.xes", "nhat-ky.csv"])
def test_no_person_stands_in_the_file(filled: Office, name: str):
    _, path = asked(filled, name=name)
    text = path.read_text("utf-8")
    for personal in (APPLICANT, OFFICER, TOLD, "Trần", "0912345678"):
        assert personal not in text


def test_the_csv_holds_the_same_events(filled: Office):
    answer, path = asked(filled, name="nhat-ky.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == answer["events"]
    assert {row["case:concept:name"] for row in rows} == {
        f"H15.03-220301-{number:04}" for number in (1, 2, 4)
    }


def test_a_unit_has_its_own_dossiers_alone(filled: Office):
    answer, _ = asked(filled, "--unit", OTHER_PROVINCIAL)
    assert answer["cases"] == 1


def test_what_had_not_happened_by_then_is_not_told(filled: Office):
    answer, path = asked(filled, "--as-of", "2022-03-15")
    assert answer["cases"] == 2
    answer, path = asked(filled, "--by", "received", "--as-of", "2022-03-15")
    first = next(each for each in traces(path) if value(each, "concept:name") == "H15.03-220301-0001")
    assert (value(first, "ended"), value(first, "state")) == (None, "due_soon")
    moments = [
        datetime.fromisoformat(value(each, "time:timestamp") or "") for each in first.findall(f"{XES}event")
    ]
    assert max(moments) <= datetime(2022, 3, 15, 23, 59, 59, tzinfo=VN)


def test_a_log_of_many_turns_is_the_same(filled: Office, monkeypatch: pytest.MonkeyPatch):
    _, whole = asked(filled)
    monkeypatch.setattr(event_log, "TOGETHER", 1)
    _, piecewise = asked(filled, name="lai.xes")
    cut = [path.read_text("utf-8").partition("<trace>")[2] for path in (whole, piecewise)]
    assert cut[0] == cut[1] != ""


def test_taking_a_log_is_logged_and_a_wrong_ending_changes_nothing(filled: Office):
    asked(filled)
    entry = filled.ask("audit", "show", "--limit", "1")["entries"][0]
    assert entry["action"] == "event_log_export"
    assert entry["detail"]["cases"] == 3
    wrong = filled.run("eventlog", *PERIOD, "--out", filled.folder / "nhat-ky.txt")
    assert wrong.status == 2
    backwards = filled.run(
        "eventlog", "--from", "2022-04-01", "--to", "2022-03-01", "--out", filled.folder / "x.csv"
    )
    assert backwards.status == 2
    assert not (filled.folder / "x.csv").exists()

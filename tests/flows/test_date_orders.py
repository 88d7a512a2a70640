"""The order of day and month beyond one column of text: workbooks, rows that are mended later, sources that push."""

import json
from typing import Any

import pytest

from tests.flows.office import Office, at, csv_text, facts, row
from tests.flows.sheets import LIST, when, write_sheets
from tests.flows.test_mending import listed, workbook

CODE = "H15.03-220301-0001"


def american(number: int, day: int, **given: str) -> dict[str, str]:
    return row(number, received_at=f"03/{day:02}/2022 08:00:00", due_at=f"04/{day:02}/2022", **given)


def test_true_dates_beside_texts_of_an_american_export_are_not_believed_and_the_texts_are_read(
    office: Office,
):
    dates = [when(2025, 8, 10), *(f"08/{day}/2025" for day in (13, 20, 25, 31))]
    rows = [[f"A-000{n}", value, when(2026, 12, 31), None] for n, value in enumerate(dates)]
    report = office.ask("ingest", write_sheets(office.folder / "tep.xlsx", {"Sheet1": [LIST, *rows]}))
    assert (report["new"], report["rejected"]) == (4, 1)
    assert [one["code"] for one in listed(office)] == ["DATE_SWAPPED_SUSPECTED"]
    assert at(office, "received_at", "A-0003") == "2025-08-25 00:00:00"
    assert {one["code"] for one in report["warnings"]} == {"DATE_ORDER_MONTH_FIRST", "DATE_SWAPPED_SUSPECTED"}


def test_a_rejected_row_of_an_american_export_is_read_alike_when_it_is_mended(office: Office):
    rows = [american(n, n) for n in range(10, 29)]
    report = office.ingest([*rows, american(1, 5) | {"dossier_code": ""}])
    assert (report["new"], report["rejected"]) == (19, 1)
    assert office.ask("replay", workbook(office, Mã_hồ_sơ=CODE))["taken_in"] == 1
    assert at(office, "received_at") == "2022-03-05 08:00:00"
    assert at(office, "source_due_at") == "2022-04-05 17:00:00"


def test_an_open_date_of_a_column_with_both_orders_stays_refused_until_somebody_writes_it_out(office: Office):
    rows = [row(n, received_at=f"{n}/03/2022", due_at=f"{n}/04/2022") for n in range(13, 18)]
    rows += [row(n + 10, received_at=f"03/{n}/2022", due_at=f"04/{n}/2022") for n in range(13, 18)]
    report = office.ingest([*rows, row(received_at="03/04/2022", due_at="04/05/2022")])
    assert (report["new"], report["rejected"]) == (5, 6)
    newest = max(one["id"] for one in listed(office))
    (cells, fields) = office.query("SELECT cells, fields FROM rejection WHERE id = ?", newest)[0]
    told = dict(zip(json.loads(fields), json.loads(cells), strict=True))
    assert (told["received_at"], told["due_at"]) == ("03/04/2022 ⇄", "04/05/2022 ⇄")
    assert office.ask("replay", "1")["taken_in"] == 0


def test_mended_rows_of_one_order_do_not_turn_those_beside_them(office: Office):
    rows = [row(n, due_at=f"04/{n}/2022") for n in range(13, 16)]
    office.ingest([*rows, row(due_at="15/03/2022"), row(30, due_at="05/04/2022") | {"dossier_code": ""}])
    assert len(listed(office)) == 4
    report = office.ask("replay", workbook(office))
    assert (report["taken_in"], report["rejected"]) == (0, 4)


@pytest.mark.parametrize(("spelled", "channel"), [("1", "online"), ("0", "counter"), ("True", "online")])
def test_a_word_of_a_column_of_its_own_means_the_same_when_the_row_is_mended(
    office: Office, spelled: str, channel: str
):
    names = ["dossier_code", "received_at", "due_at", "online"]
    text = csv_text([row(online=spelled) | {"dossier_code": ""}], names=names, heading=lambda name: name)
    office.ingest(text)
    assert office.ask("replay", workbook(office, Mã_hồ_sơ=CODE))["taken_in"] == 1
    assert facts(office, "channel") == (channel,)


def test_a_rejected_row_of_a_source_that_writes_utc_is_moved_once(office: Office):
    office.configure(utc_sources='["quoc-te"]')
    told = [american(n, n) for n in range(10, 29)]
    path = office.write("tep.csv", [*told, american(1, 5) | {"dossier_code": ""}])
    office.ask("ingest", path, "--source", "quoc-te")
    report: Any = office.ask("replay", workbook(office, Mã_hồ_sơ=CODE))
    assert report["taken_in"] == 1
    assert at(office, "received_at") == "2022-03-05 15:00:00"


def test_the_events_of_a_source_that_writes_utc_are_local_times(office: Office):
    office.configure(utc_sources='["quoc-te"]')
    event = {
        "MaHoSo": CODE,
        "ThoiDiemXuLy": "20220303013000",
        "TrangThai": "9",
        "NoiDungXuLy": "",
        "NguoiXuLy": "x",
    }
    dossier = {
        "MaHoSo": CODE,
        "NgayTiepNhan": "20220301010000",
        "NgayHenTra": "20220315100000",
        "TrangThaiHoSo": "2",
    }
    office.ask("ingest", office.write("goi.json", json.dumps([dossier, event])), "--source", "quoc-te")
    assert at(office, "received_at") == "2022-03-01 08:00:00"
    assert at(office, "finished_at") == "2022-03-03 08:30:00"

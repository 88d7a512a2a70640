"""When a step of the work began and when it was to be done: kept whichever way the event comes, and shown."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.dossier_page import timeline
from tests.flows.office import Office
from tracker.pipeline.answers import dossier
from tracker.store.calendars import load_history
from tracker.store.session import open_store

CODE = "H15.03-220301-0001"
DOSSIER = {
    "MaHoSo": CODE, "MaTTHC": "1.090101", "TenTTHC": "Thủ tục bịa", "TenLinhVuc": "Đất đai", "ChuHoSo": "Nguyễn Văn Bịa",
    "NgayNopHoSo": "20220301080000", "NgayTiepNhan": "20220301080000", "NgayHenTra": "20220315170000",
    "TrangThaiHoSo": "4", "DonViXuLy": "Sở Tài nguyên và Môi trường tỉnh Đắk Lắk",
}  # fmt: skip
EVENT = {
    "MaHoSo": CODE, "NguoiXuLy": "Cán bộ Bịa", "ThoiDiemXuLy": "20220304090000", "PhongBanXuLy": "Phòng Bịa",
    "NoiDungXuLy": "Thẩm định xong", "TrangThai": "4",
    "NgayBatDau": "20220302080000", "NgayKetThucTheoQuyDinh": "20220303170000",
}  # fmt: skip
BEGUN, DUE = "2022-03-02T08:00+07:00", "2022-03-03T17:00+07:00"


def put(office: Office, name: str, *elements: Any) -> Any:
    return office.write(name, json.dumps({"session": "s-1", "service": "x", "data": elements}))


def together(office: Office) -> None:
    office.ask("ingest", put(office, "ho-so.json", DOSSIER), put(office, "tien-do.json", EVENT))


def afterwards(office: Office) -> None:
    office.ask("ingest", put(office, "ho-so.json", DOSSIER))
    office.ask("ingest", put(office, "tien-do.json", EVENT))


def before(office: Office) -> None:
    report = office.ask("ingest", put(office, "tien-do.json", EVENT))
    assert report["flagged"] == {"EVENT_WAITING": 1}
    office.ask("ingest", put(office, "ho-so.json", DOSSIER))


def step(office: Office) -> dict[str, Any]:
    (found,) = [told for told in office.ask("dossier", CODE)["events"] if told["kind"].startswith("step_")]
    return found


@pytest.mark.parametrize("come", [together, afterwards, before])
def test_a_step_keeps_when_it_began_and_was_due_in_whatever_order_it_comes(
    office: Office, come: Callable[[Office], None]
) -> None:
    come(office)
    told = step(office)
    assert (told["begun_at"], told["at"], told["due_at"]) == (BEGUN, "2022-03-04T09:00+07:00", DUE)


def test_a_step_that_tells_no_beginning_has_none(office: Office) -> None:
    untold = {name: cell for name, cell in EVENT.items() if not name.startswith("NgayB")}
    office.ask("ingest", put(office, "ho-so.json", DOSSIER), put(office, "tien-do.json", untold))
    assert (step(office)["begun_at"], step(office)["due_at"]) == (None, DUE)


@pytest.mark.parametrize("name", ["NgayBatDau", "NgayKetThucTheoQuyDinh"])
def test_a_moment_of_a_step_that_cannot_be_read_is_flagged_and_the_step_is_kept(
    office: Office, name: str
) -> None:
    odd = put(office, "tien-do.json", {**EVENT, name: "hôm qua"})
    report = office.ask("ingest", put(office, "ho-so.json", DOSSIER), odd)
    assert (report["rejected"], report["flagged"]["DATE_UNREADABLE"]) == (0, 1)
    told = step(office)
    expected = {"NgayBatDau": (None, DUE), "NgayKetThucTheoQuyDinh": (BEGUN, None)}[name]
    assert (told["begun_at"], told["due_at"]) == expected


def test_the_same_step_told_again_is_known(office: Office) -> None:
    together(office)
    assert office.ask("ingest", put(office, "lai.json", EVENT))["unchanged"] == 1


def test_the_timeline_says_who_took_a_step_up_and_who_did_it_and_repeats_no_suspension(
    office: Office,
) -> None:
    opened = {**EVENT, "ThoiDiemXuLy": EVENT["NgayBatDau"], "NoiDungXuLy": "Nhận hồ sơ"}
    stopped = {"MaHoSo": CODE, "ThoiDiemXuLy": "20220307090000", "TrangThai": "8", "PhongBanXuLy": ""}
    resumed = {**stopped, "ThoiDiemXuLy": "20220308090000", "TrangThai": "4"}
    untold = {**EVENT, "ThoiDiemXuLy": "20220309090000", "NgayBatDau": "", "NgayKetThucTheoQuyDinh": ""}
    steps = put(office, "tien-do.json", opened, EVENT, stopped, resumed, untold)
    office.ask("ingest", put(office, "ho-so.json", DOSSIER), steps)
    store = open_store(office.url)
    with store.read() as session:
        calendars = load_history(session, "B")
    answer = dossier(store, calendars, CODE, as_of=office.now)
    assert answer is not None
    told = [(moment.text, moment.detail) for moment in timeline(answer, names_visible=True)]
    store.close()
    due = "hạn của bước 03/03/2022 17:00"
    assert [each for each in told if "Phòng Bịa" in each[1]] == [
        ("Nhận xử lý", f"Phòng Bịa, {due}"),
        ("Xong một bước", f"Phòng Bịa, nhận 02/03/2022 08:00, {due}"),
        ("Đang xử lý", "Phòng Bịa"),
    ]
    assert [text for text, _ in told].count("Đang xử lý") == 1
    assert "Tiếp tục giải quyết" in [text for text, _ in told]

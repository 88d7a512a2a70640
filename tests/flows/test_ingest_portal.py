"""The national portal's payloads through the real command line: four wire variants, updates with holes, progress events."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.flows.office import LAND_PROCEDURE, PROVINCIAL, Office, csv_text, row

CODE = "H15.03-220301-0001"
DOSSIER = {
    "MaHoSo": CODE,
    "MaTTHC": LAND_PROCEDURE,
    "TenTTHC": "Thủ tục bịa",
    "MaLinhVuc": "G00-XX00",
    "TenLinhVuc": "Đất đai",
    "KenhThucHien": "1",
    "SoGiayToChuHoSo": "066099000001",
    "ChuHoSo": "Nguyễn Văn Bịa",
    "LoaiDoiTuong": "1",
    "MaDoiTuong": "066099000001",
    "Fax": "0912345678",
    "Email": "bia@example.vn",
    "SoDienThoai": "0912345678",
    "NgayTiepNhan": "20220301080000",
    "NgayHenTra": "20220315170000",
    "TrangThaiHoSo": "4",
    "NgayTra": "",
    "HinhThuc": "0",
    "NgayKetThucXuLy": "",
    "DonViXuLy": PROVINCIAL,
    "GhiChu": "",
    "TaiLieuNop": [{"TenTepDinhKem": "Đơn.pdf", "IsDeleted": "False"}],
    "DanhSachHoSoBoSung": [],
    "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "066099000001"}],
}
Payload = Mapping[str, Any]


def dossier(**changes: Any) -> dict[str, Any]:
    return {**DOSSIER, **changes}


def event(at: str, status: str, text: str = "", **changes: str) -> dict[str, str]:
    usual = {"MaHoSo": CODE, "NguoiXuLy": "Cán bộ Bịa", "ChucDanh": "", "PhongBanXuLy": "Phòng Bịa"}
    return {**usual, "ThoiDiemXuLy": at, "NoiDungXuLy": text, "TrangThai": status, **changes}


def envelope(data: Any, service: str = "DongBoHoSoMC", **more: Any) -> dict[str, Any]:
    return {"session": "s-1", "madonvi": "000.00.00.H15", "service": service, **more, "data": data}


def payload(office: Office, name: str, *documents: Any) -> Any:
    text = "\n".join(json.dumps(document) for document in documents)
    return office.write(name, text)


def ingest(office: Office, *documents: Any) -> Any:
    return office.ask("ingest", payload(office, "goi.json", *documents))


def shown(office: Office, code: str = CODE) -> Any:
    return office.ask("dossier", code)


@pytest.mark.parametrize(
    "document",
    [
        envelope([DOSSIER], isUpdating="False"),
        envelope([DOSSIER], isUpdating=True),
        [DOSSIER],
        envelope(DOSSIER, isUpdating="TRUE"),
        DOSSIER,
    ],
)
def test_every_wire_variant_tells_the_same_dossier(office: Office, document: Any):
    report = ingest(office, document)
    assert (report["read"], report["new"], report["rejected"]) == (1, 1, 0)
    answer = shown(office)
    assert (answer["unit"], answer["field"]) == (PROVINCIAL, "Đất đai")
    assert answer["received_at"] == "2022-03-01T08:00+07:00"
    assert answer["due"]["source"] == answer["due"]["promised"] == "2022-03-15T17:00+07:00"
    assert ingest(office, document)["unchanged"] == 1


def test_no_identity_number_fax_or_mail_of_a_payload_reaches_the_store(office: Office):
    ingest(office, envelope([dossier(GhiChu="CCCD 066099000002")]))
    everything = repr(office.dump())
    for kept_out in ("066099000001", "066099000002", "bia@example.vn", "Đơn.pdf"):
        assert kept_out not in everything


def test_a_payload_and_a_csv_row_tell_one_dossier(office: Office):
    office.ingest([row(1, limit_text="10 ngày làm việc", phone="0912345678")])
    report = ingest(office, [dossier(TrangThaiHoSo="9", NgayKetThucXuLy="20220314100000")])
    assert (report["changed"], report["flagged"].get("PAUSES_UNKNOWN")) == (1, 1)
    answer = shown(office)
    assert answer["finished_at"] == "2022-03-14T10:00+07:00"
    assert answer["due"]["documented"] == "2022-03-15T17:00+07:00", "the limit told by the list still holds"
    assert answer["applicant"]["address"] == "Thôn 1, xã Ea Bịa"
    assert "PAUSES_UNKNOWN" not in answer["flags"], "the list told that there was no suspension"


def test_a_field_that_is_not_sent_stays_and_one_that_is_sent_empty_is_emptied(office: Office):
    ingest(office, [dossier(NgayKetThucXuLy="20220314100000", TrangThaiHoSo="9")])
    without = {name: told for name, told in DOSSIER.items() if name not in ("SoDienThoai", "NgayKetThucXuLy")}
    ingest(office, [{**without, "TrangThaiHoSo": "10", "NgayTra": "20220315090000"}])
    answer = shown(office)
    assert (answer["finished_at"], answer["returned_at"]) == (
        "2022-03-14T10:00+07:00",
        "2022-03-15T09:00+07:00",
    )
    assert answer["applicant"]["phone"] == "0912345678"
    ingest(office, [dossier(SoDienThoai="", NgayHenTra="")])
    answer = shown(office)
    assert (answer["applicant"]["phone"], answer["due"]["source"]) == ("", None)
    assert answer["due"]["promised"] == "2022-03-15T17:00+07:00"


def test_spelling_of_field_names_codes_with_office_suffix_and_numbers_are_understood(office: Office):
    odd = {name[0].lower() + name[1:]: told for name, told in DOSSIER.items()}
    ingest(office, [{**odd, "maTTHC": f"{LAND_PROCEDURE}.000.00.00.H15", "trangThaiHoSo": 4}])
    assert shown(office)["state"] == "overdue"
    ((count,),) = office.query(
        f"SELECT count(*) FROM dossier d JOIN procedure p ON p.id = d.procedure_id WHERE p.code = '{LAND_PROCEDURE}'"
    )
    assert count == 1


def test_rounds_of_supplements_tell_the_first_promise_and_the_suspensions(office: Office):
    rounds = [
        {
            "HoSoBoSungId": 1, "NgayBoSung": "20220302090000", "NgayTiepNhanBoSung": "20220304090000",
            "NgayHenTraTruoc": "20220311170000", "NgayHenTraMoi": "20220315170000",
        }
    ]  # fmt: skip
    ingest(office, [dossier(DanhSachHoSoBoSung=rounds)])
    answer = shown(office)
    assert answer["due"]["promised"] == "2022-03-11T17:00+07:00"
    assert [(s["kind"], s["from"]) for s in answer["suspensions"]] == [
        ("supplement", "2022-03-02T09:00+07:00")
    ]


def test_a_withdrawal_is_dated_by_the_end_of_processing(office: Office):
    ingest(office, [dossier(TrangThaiHoSo="7", NgayKetThucXuLy="20220310100000")])
    answer = shown(office)
    assert (answer["state"], answer["finished_at"]) == ("withdrawn", None)


def test_dossiers_of_several_kinds_may_alternate_and_each_keeps_its_own_fields(office: Office):
    rounds = [{"NgayBoSung": "20220302090000", "NgayTiepNhanBoSung": "20220304090000"}, "chữ"]
    kinds: list[dict[str, Any]] = [
        {"TrangThaiHoSo": 4, "LoaiDoiTuong": 1, "GhiChu": None},
        {"DanhSachHoSoBoSung": rounds},
        {"TrangThaiHoSo": 7, "NgayKetThucXuLy": "20220310100000"},
        {"NgayNopHoSo": "20220228080000"},
    ]
    told = [dossier(MaHoSo=f"H15.03-220301-{n:04}", **kinds[n % 4]) for n in range(1, 101)]
    report = ingest(office, envelope(told))
    assert (report["new"], report["rejected"]) == (100, 0)
    for number in ("0001", "0002", "0099", "0100"):
        applicant = shown(office, f"H15.03-220301-{number}")["applicant"]
        assert (applicant["name"], applicant["phone"]) == ("Nguyễn Văn Bịa", "0912345678")
    paused, withdrawn = shown(office, "H15.03-220301-0097"), shown(office, "H15.03-220301-0098")
    assert [each["from"] for each in paused["suspensions"]] == ["2022-03-02T09:00+07:00"]
    assert (withdrawn["state"], withdrawn["suspensions"]) == ("withdrawn", [])
    assert shown(office, "H15.03-220301-0100")["state"] == "overdue"


# ---------------------------------------------------------------- progress


EVENTS = [
    event("20220301080000", "2", "Tiếp nhận hồ sơ"),
    event("20220302090000", "8", "Xác minh thực địa"),
    event("20220304090000", "4", "Tiếp tục xử lý"),
    event("20220316100000", "9", "Kết thúc xử lý"),
]


def test_progress_gives_suspensions_and_the_end_in_one_batch_whatever_file_comes_first(office: Office):
    files = [
        payload(office, "a-tien-do.json", envelope(EVENTS, "CapNhatTienDoHoSoMC")),
        payload(office, "b-ho-so.json", envelope([DOSSIER])),
    ]
    report = office.ask("ingest", *files)
    assert (report["read"], report["new"], report["changed"], report["rejected"]) == (5, 1, 4, 0)
    answer = shown(office)
    assert answer["finished_at"] == "2022-03-16T10:00+07:00"
    (pause,) = answer["suspensions"]
    assert (pause["kind"], pause["from"], pause["to"]) == (
        "pause", "2022-03-02T09:00+07:00", "2022-03-04T09:00+07:00",
    )  # fmt: skip
    assert "PAUSES_FROM_EVENTS" in answer["flags"]
    assert office.ask("ingest", *files)["unchanged"] == 5


def test_the_history_shows_every_step_with_the_place_it_happened_at(office: Office):
    ingest(office, envelope([DOSSIER]), envelope(EVENTS, "CapNhatTienDoHoSoMC"))
    steps = [event for event in shown(office)["events"] if event["kind"].startswith("step_")]
    assert [event["kind"] for event in steps] == [
        "step_accepted", "step_stopped", "step_processing", "step_done",
    ]  # fmt: skip
    assert (steps[1]["text"], steps[1]["department"]) == ("Xác minh thực địa", "Phòng Bịa")
    masked = office.ask("dossier", CODE, "--mask")["events"]
    assert {event["text"] for event in masked if event["kind"].startswith("step_")} == {""}


@pytest.mark.parametrize("more", [{}, {"NgayKetThucTheoQuyDinh": ""}, {"NgayKetThucTheoQuyDinh": None}])
def test_fields_of_an_event_may_be_missing_or_null(office: Office, more: dict[str, Any]):
    ingest(office, envelope([DOSSIER]), envelope([{**told, **more} for told in EVENTS]))
    steps = [step for step in shown(office)["events"] if step["kind"].startswith("step_")]
    assert [(step["text"], step["department"]) for step in steps] == [
        (told["NoiDungXuLy"], "Phòng Bịa") for told in EVENTS
    ]


def test_events_one_by_one_end_like_events_together(office: Office, tmp_path):
    ingest(office, DOSSIER)
    for each in (EVENTS[3], EVENTS[1], EVENTS[0], EVENTS[2]):
        assert ingest(office, envelope([each], "CapNhatTienDoHoSoMC"))["changed"] == 1
    answer = shown(office)
    assert (answer["finished_at"], len(answer["suspensions"])) == ("2022-03-16T10:00+07:00", 1)
    assert answer["state"] == "finished_late"


def test_dossiers_and_events_may_alternate_in_one_file(office: Office):
    other = "H15.03-220301-0002"
    report = ingest(
        office,
        envelope([EVENTS[1]], "CapNhatTienDoHoSoMC"),
        envelope([DOSSIER]),
        envelope([dossier(MaHoSo=other)]),
        envelope([{**EVENTS[3], "MaHoSo": other}], "CapNhatTienDoHoSoMC"),
    )
    assert (report["read"], report["new"], report["changed"]) == (4, 2, 2)
    assert shown(office)["suspensions"][0]["to"] is None
    assert shown(office, other)["state"] == "finished_late"


def test_a_dossier_told_again_keeps_what_its_events_said(office: Office):
    ingest(office, envelope([DOSSIER]), envelope(EVENTS[:3], "CapNhatTienDoHoSoMC"))
    ingest(office, [dossier(GhiChu="đã gọi điện")])
    assert len(shown(office)["suspensions"]) == 1


def test_what_was_known_before_the_events_came_is_still_answered(office: Office):
    ingest(office, DOSSIER)
    before = office.now.isoformat()
    office.now = office.now.replace(hour=15)
    ingest(office, envelope(EVENTS, "CapNhatTienDoHoSoMC"))
    then = office.ask("dossier", CODE, "--known", before)
    assert (then["finished_at"], then["suspensions"]) == (None, [])
    assert shown(office)["finished_at"] == "2022-03-16T10:00+07:00"


@pytest.mark.parametrize(
    ("told", "code", "column", "value"),
    [
        (event("20220301080000", "2", MaHoSo=""), "CODE_MISSING", "MaHoSo", ""),
        (event("", "2"), "DATE_INVALID", "ThoiDiemXuLy", ""),
        (event("20220231080000", "2"), "DATE_INVALID", "ThoiDiemXuLy", "20220231080000"),
        (event("20990101080000", "2"), "DATE_INVALID", "ThoiDiemXuLy", "20990101080000"),
        (event("20261231080000", "2"), "EVENT_IN_FUTURE", "ThoiDiemXuLy", "20261231080000"),
    ],
)
def test_an_event_that_cannot_be_used_is_kept_and_named(office: Office, told, code, column, value):
    ingest(office, DOSSIER)
    report = ingest(office, envelope([EVENTS[0], told], "CapNhatTienDoHoSoMC"))
    assert (report["read"], report["changed"], report["rejected"]) == (2, 1, 1)
    (kept,) = office.ask("rejections")["rejections"]
    assert (kept["code"], kept["column"], kept["value"], kept["row"]) == (code, column, value, 2)


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize("broken", [None, "chữ", 7, [], {}, {"MaHoSo": ""}, {"MaHoSo": None}])
def test_an_element_that_is_no_dossier_is_rejected_and_the_others_are_stored(office: Office, broken: Any):
    report = ingest(office, [DOSSIER, broken, dossier(MaHoSo="H15.03-220301-0003")])
    assert (report["read"], report["new"], report["rejected"]) == (3, 2, 1)
    (kept,) = office.ask("rejections")["rejections"]
    assert (kept["row"], kept["code"]) == (2, "CODE_MISSING")


def test_a_due_date_that_cannot_be_read_is_rejected_by_field_and_value(office: Office):
    report = ingest(office, [dossier(NgayHenTra="20221345000000")])
    assert report["rejected"] == 1
    (kept,) = office.ask("rejections")["rejections"]
    assert (kept["code"], kept["column"], kept["value"]) == ("DATE_INVALID", "NgayHenTra", "20221345000000")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"error_code": 0, "message": "Thành công"}', "MaHoSo"),
        ('[{"MaHoSo": "A-1"', "giữa chừng"),
        ('{"data": [{"TENTTHC": "x"}]}', "MaHoSo"),
        ("{'MaHoSo': 1}", "không phải JSON"),
    ],
)
def test_a_file_that_is_no_payload_is_refused_whole(office: Office, content: str, said: str):
    before = office.dump()
    answer = office.run("ingest", office.write("la.json", content))
    assert (answer.status, said in answer.err) == (3, True), answer.err
    assert office.dump() == before


def test_a_fault_in_the_middle_of_a_file_leaves_the_store_as_it_was(office: Office):
    before = office.dump()
    text = "[" + ",".join([json.dumps(DOSSIER)] * 20) + ', {"MaHoSo": ]'
    answer = office.run("ingest", office.write("hong.json", text))
    assert answer.status == 3
    assert "hong.json" in answer.err
    assert office.dump() == before


def test_two_tellings_of_one_dossier_in_one_file_keep_their_order(office: Office):
    first = {name: told for name, told in DOSSIER.items() if name != "GhiChu"}
    report = ingest(office, [first, dossier(GhiChu="sau", NgayHenTra="20220318170000")])
    assert (report["new"], report["changed"]) == (1, 1)
    answer = shown(office)
    assert answer["due"] == {
        **answer["due"],
        "source": "2022-03-18T17:00+07:00",
        "promised": "2022-03-15T17:00+07:00",
    }
    assert [seen["due_at"] for seen in answer["due_seen"]] == [
        "2022-03-15T17:00+07:00", "2022-03-18T17:00+07:00",
    ]  # fmt: skip


def test_what_no_database_takes_is_replaced_and_a_code_without_end_is_rejected(office: Office):
    ingest(office, [dossier(ChuHoSo="Nguyễn\x00Văn\ud800 Bịa"), dossier(MaHoSo="X" * 3000 + "1")])
    ((name,),) = office.query("SELECT applicant_name FROM dossier")
    assert name == "Nguyễn\ufffdVăn\ufffd Bịa"
    ((code,),) = office.query("SELECT code FROM rejection")
    assert code == "CODE_TOO_LONG"
    long = event("20220301080000", "2", "x\x00", MaHoSo="Y" * 3000)
    assert (
        ingest(office, envelope([{**EVENTS[0], "NoiDungXuLy": "a\x00b"}, long], "CapNhatTienDoHoSoMC"))[
            "changed"
        ]
        == 1
    )
    # Behind the beginning of the file, by which a reader tells what it is.
    many = [row(number, note="x" * 200) for number in range(100, 400)]
    office.ingest(csv_text([*many, row(9007, applicant_name="Bịa\x00 Nữa")]))
    ((name,),) = office.query("SELECT applicant_name FROM dossier WHERE code = 'H15.03-220301-9007'")
    assert name == "Bịa\ufffd Nữa"


def test_a_file_in_utf_16_or_with_a_mark_is_read(office: Office):
    text = json.dumps([DOSSIER], ensure_ascii=False)
    assert office.ask("ingest", office.write("a.json", text.encode("utf-16")))["new"] == 1
    assert office.ask("ingest", office.write("b.json", text.encode("utf-8-sig")))["unchanged"] == 1


@pytest.mark.parametrize(
    "code", ["066099000001", "066 099 000 001", "066.099.000.001", "H15.01-066099000001"]
)
def test_an_event_under_a_citizen_id_is_rejected_and_nothing_of_it_kept(office: Office, code: str):
    elements = [event("20220301080000", "2"), event("20220301080000", "2", MaHoSo=code)]
    report = office.ask("ingest", office.write("tien-do.json", json.dumps(elements)))
    assert (report["new"], report["rejected"]) == (1, 1)
    assert [row[0] for row in office.query("SELECT code FROM rejection")] == ["CODE_IS_IDENTITY"]
    assert "099000001" not in str(office.dump()).replace(" ", "").replace(".", "")

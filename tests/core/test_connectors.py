"""Records of other systems as elements spelt like the national portal's: codes, dates, ends, limits, nothing personal too much."""

import pytest

from tests.portal_servers import igate_record, opencps_record
from tracker.connectors import igate
from tracker.connectors.moments import comparable, moment
from tracker.connectors.opencps_records import (
    DONE,
    FILED,
    NOT_ACCEPTED,
    PAUSED,
    PROCESSING,
    REFUSED,
    RETURNED,
    STATUSES,
    WAITING,
    WITHDRAWN,
    element_of,
    is_numbered,
    limit_of,
    status_of,
)
from tracker.ingest.readers.payloads import FURTHER_FIELDS
from tracker.ingest.readers.portal_json import DOSSIER_FIELDS
from tracker.ingest.words import known_words
from tracker.text import fold

RELEASED, FINISHED = "14/03/2022 10:00:00", "16/03/2022 09:00:00"
ENDS = ("NgayKetThucXuLy", "NgayTra", "NgayTuChoi", "NgayRut")
IDENTITY = "001099999999"


# ---------------------------------------------------------------- moments


@pytest.mark.parametrize(
    ("told", "read", "compared"),
    [
        ("10/08/2026 09:20:00", "10/08/2026 09:20:00", "20260810092000"),
        ("2026-08-10T09:20:00.000Z", "2026-08-10T09:20:00.000Z", "20260810092000"),  # local hours
        ("2026-08-10T09:20:00", "2026-08-10T09:20:00", "20260810092000"),
        ("20260810092000", "20260810092000", "20260810092000"),
        (1_786_328_400_000, "20260810092000", "20260810092000"),  # milliseconds since 1970
        ("1786328400000", "20260810092000", "20260810092000"),
        (1.7863284e12, "20260810092000", "20260810092000"),
        (0, "19700101070000", "19700101070000"),  # "no date", which our reader knows and flags
        ("", "", ""),
        (None, "", ""),
        (True, "", ""),
        ([], "", ""),
        ("20260810", "20260810", ""),
        ("hôm qua", "hôm qua", ""),
        ("31/02/2026 25:00:00", "31/02/2026 25:00:00", "20260231250000"),
    ],
)
def test_a_date_of_another_system_is_read_as_it_was_meant(told: object, read: str, compared: str):
    assert moment(told) == read
    assert comparable(told) == compared


# ---------------------------------------------------------------- OpenCPS


def test_an_open_dossier_of_opencps_has_its_fields_in_the_portals_names():
    assert element_of(opencps_record(7)) == {
        "MaHoSo": "000.15.28.H15-220301-00007",
        "MaHoSoKhac": "8f0c-bia-000007",
        "MaTTHC": "1.090102",
        "TenTTHC": "Thủ tục thử nghiệm",
        "TenLinhVuc": "Đất đai",
        "DonViXuLy": "Sở Công Thương tỉnh Đắk Lắk",
        "ChuHoSo": "Nguyễn Văn Bịa",
        "LoaiDoiTuong": "1",
        "DiaChi": "Thôn 1, xã Ea Bịa",
        "SoDienThoai": "0912345678",
        "KenhThucHien": "1",
        "NgayNopHoSo": "01/03/2022 07:58:02",
        "NgayTiepNhan": "01/03/2022 08:00:00",
        "NgayHenTra": "15/03/2022 17:00:00",
        "NgayCapNhat": "01/04/2022 08:00:07",
        "TrangThaiHoSo": "Đang xử lý",
        "ThoiHanGiaiQuyet": "10 ngày làm việc",
        "NgayKetThucXuLy": "",
        "NgayTra": "",
        "NgayTuChoi": "",
        "NgayRut": "",
    }


@pytest.mark.parametrize(
    ("status", "given", "word"),
    [
        ("new", {}, FILED),
        ("receiving", {"receiveDate": ""}, FILED),
        ("receiving", {}, WAITING),
        ("waiting", {}, WAITING),
        ("processing", {}, PROCESSING),
        ("interoperating", {}, PROCESSING),
        ("posting", {}, PROCESSING),
        ("correcting", {}, PROCESSING),
        ("cancelling", {}, PROCESSING),
        ("pausing", {}, PAUSED),
        ("processing", {"lockState": "PAUSE"}, PAUSED),
        ("waiting", {"lockState": "PAUSE_OVERDUE"}, PAUSED),
        ("processing", {"lockState": "LOCK"}, PROCESSING),
        ("done", {"lockState": "PAUSE"}, RETURNED),
        ("releasing", {}, DONE),
        ("unresolved", {}, REFUSED),
        ("denied", {}, NOT_ACCEPTED),
        ("cancelled", {}, WITHDRAWN),
        ("done", {}, RETURNED),
        ("DONE", {}, RETURNED),
        ("dang-lam-gi-do", {}, "dang-lam-gi-do"),
    ],
)
def test_each_status_of_opencps_has_its_word(status: str, given: dict, word: str):
    assert status_of(opencps_record(1, dossierStatus=status, **given)) == word


def test_every_word_for_a_status_is_one_that_our_readers_know():
    words = known_words()["status"]
    assert {word for word in (*STATUSES.values(), PAUSED) if fold(word) not in words} == set()


@pytest.mark.parametrize(
    ("status", "given", "ends"),
    [
        ("processing", {}, ("", "", "", "")),
        ("releasing", {"releaseDate": RELEASED}, (RELEASED, "", "", "")),
        ("done", {"releaseDate": RELEASED, "finishDate": FINISHED}, (RELEASED, FINISHED, "", "")),
        ("unresolved", {"releaseDate": RELEASED, "finishDate": RELEASED}, (RELEASED, RELEASED, RELEASED, "")),
        ("denied", {"releaseDate": RELEASED, "finishDate": RELEASED}, ("", "", RELEASED, "")),
        ("cancelled", {"releaseDate": RELEASED, "finishDate": FINISHED}, ("", "", "", RELEASED)),
        ("cancelled", {"cancellingDate": FINISHED}, ("", "", "", FINISHED)),
        ("releasing", {"extendDate": FINISHED}, ("", "", "", "")),  # marks an early end, is no extension
    ],
)
def test_release_and_finish_are_the_end_that_the_status_says(status: str, given: dict, ends: tuple):
    element = element_of(opencps_record(1, dossierStatus=status, **given))
    assert tuple(element[name] for name in ENDS) == ends
    assert element["NgayHenTra"] == "15/03/2022 17:00:00"


@pytest.mark.parametrize(
    ("count", "unit", "words"),
    [
        (15.0, 0, "15 ngày làm việc"),
        (8, 1, "8 giờ làm việc"),
        (2.5, 0, "2,5 ngày làm việc"),
        ("20.0", "0", "20 ngày làm việc"),
        (100, None, "100 ngày làm việc"),
        (0, 0, ""),
        (-3, 0, ""),
        (None, 0, ""),
        ("nhiều", 0, ""),
        (float("nan"), 0, ""),
        (float("inf"), 0, ""),
        (15, 7, ""),
        (15, "inf", ""),
        ([15], 0, ""),
    ],
)
def test_the_limit_of_opencps_is_told_in_words(count: object, unit: object, words: str):
    assert limit_of({"durationCount": count, "durationUnit": unit}) == words


@pytest.mark.parametrize(
    ("given", "channel"),
    [
        ({"online": "true"}, "2"),
        ({"online": True}, "2"),
        ({"online": "1"}, "2"),
        ({"online": "false"}, "1"),
        ({"online": "false", "fromViaPostal": 1}, "3"),
        ({"online": "false", "viaPostal": "2"}, "1"),  # how the result goes back
    ],
)
def test_the_channel_is_how_it_came_in(given: dict, channel: str):
    assert element_of(opencps_record(1, **given))["KenhThucHien"] == channel


@pytest.mark.parametrize(
    ("record", "numbered"),
    [
        (opencps_record(1, dossierStatus=""), False),  # not handed in yet
        (opencps_record(1, dossierStatus="new", dossierNo=""), False),
        (opencps_record(1, dossierStatus="receiving", dossierNo="", receiveDate=""), False),
        (opencps_record(1, dossierStatus="new"), True),
        (opencps_record(1, dossierNo=""), True),  # in work without a number: rejected where it can be seen
        ({}, True),
    ],
)
def test_what_nobody_has_taken_in_has_no_number_yet(record: dict, numbered: bool):
    assert is_numbered(record) is numbered


def test_the_reference_is_told_as_a_further_code_and_never_stands_for_the_number():
    assert element_of(opencps_record(3))["MaHoSoKhac"] == "8f0c-bia-000003"
    assert element_of(opencps_record(3, dossierNo=""))["MaHoSo"] == ""


def test_a_refused_dossier_gives_its_reason_and_others_have_no_place_for_one():
    denied = element_of(opencps_record(1, dossierStatus="denied", lastActionNote="Thiếu giấy tờ"))
    assert denied["LyDoTuChoi"] == "Thiếu giấy tờ"
    assert "LyDoTuChoi" not in element_of(opencps_record(1, lastActionNote="Chuyển bước"))


def test_a_record_of_wrong_types_is_an_element_all_the_same():
    record = {name: [{"x": 1}] for name in opencps_record(1)}
    element = element_of(record)
    assert element["MaHoSo"] == ""
    assert all(isinstance(value, str) for value in element.values())


# ---------------------------------------------------------------- the iGate-style connector


@pytest.mark.parametrize("spell", [str, str.lower, str.upper])
def test_properties_of_the_igate_style_connector_may_be_spelt_in_any_case(spell):
    record = {spell(name): value for name, value in igate_record(7).items()}
    assert igate.element_of(igate._folded(record)) == {
        "MaHoSo": "000.15.28.H15-220301-00007",
        "ChuHoSo": "Nguyễn Văn Bịa",
        "SoDienThoai": "0912345678",
        "MaTTHC": "1.090102",
        "NgayTiepNhan": "2022-03-01T08:00:00.000",
        "NgayHenTra": "2022-03-15T17:00:00.000",
        "TrangThaiHoSo": "4",
    }


# ---------------------------------------------------------------- both


def test_no_identity_number_and_no_mail_address_is_taken_over():
    told = [
        element_of(opencps_record(1, delegateIdNo=IDENTITY, contactEmail="a@example.vn")),
        igate.element_of(igate._folded(igate_record(1))),
    ]
    assert not [element for element in told if IDENTITY in str(element) or "@" in str(element)]


def test_every_field_that_a_connector_tells_is_one_that_payloads_have():
    known = {*DOSSIER_FIELDS, *FURTHER_FIELDS}
    denied = element_of(opencps_record(1, dossierStatus="denied"))
    assert {*denied, *element_of(opencps_record(1)), *igate.TEXTS.values(), *igate.DATES.values()} <= known

"""A pushed call is the same in all four wire variants; what is no call is refused within bounds, in words."""

import json
from typing import Any

import pytest

from app.receiver_answers import Refused
from app.receiver_calls import DEEPEST, MOST_ELEMENTS, OPERATIONS, Call, Service, read_call, read_json
from app.receiver_elements import spelt

ONE = {"MaHoSo": "A-1"}


def read(document: Any, operation: str = "", **query: str) -> Call:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_call(body, query, OPERATIONS.get(operation.lower()))


@pytest.mark.parametrize(
    "call",
    [
        read(
            {"session": "s", "madonvi": "H99", "service": "DongBoHoSoMC", "isUpdating": "True", "data": [ONE]}
        ),
        read(
            {"SESSION": "s", "MaDonVi": "H99", "Service": "dongbohosomc", "ISUPDATING": True, "Data": [ONE]}
        ),
        read([ONE], "DongBoHoSoMC", MaDinhDanhDV="H99", isUpdating="true"),
        read([ONE], "capnhat", madonvi="H99"),
        read({"service": "DongBoHoSoMC", "isUpdating": 1, "madonvi": "H99", "data": ONE}),
        read(ONE, "CapNhat", MaDinhDanhDV="H99"),
    ],
    ids=["A", "A in another case", "B", "C", "D", "a bare object"],
)
def test_the_four_variants_ask_for_the_same(call: Call):
    assert (call.service, call.unit, call.is_updating, call.elements) == (
        Service.DOSSIERS,
        "H99",
        True,
        [ONE],
    )


@pytest.mark.parametrize(
    ("document", "operation", "code"),
    [
        ({"service": "TraCuuHoSo", "mahoso": "A-1"}, "", "A-1"),
        ({"MaHoSo": "A-1"}, "TraCuuHoSo", "A-1"),
        ({"service": "TraCuuHoSo", "data": [{"MaHoSo": "A-1"}]}, "", "A-1"),
        ({"service": "TraCuuHoSo"}, "", ""),
    ],
)
def test_a_lookup_asks_for_a_code(document: Any, operation: str, code: str):
    assert read(document, operation).code == code


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("True", True),
        ("FALSE", False),
        (True, True),
        (False, False),
        ("1", True),
        ("0", False),
        ("", None),
        (None, None),
    ],
)
def test_updating_is_understood_as_text_and_as_truth(given: Any, meant: bool | None):
    assert read({"service": "DongBoHoSoMC", "isUpdating": given, "data": [ONE]}).is_updating is meant


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "không phải JSON"),
        (b"\xff\xfe{", "UTF-8"),
        (b'{"service":"DongBoHoSoMC","data":[', "không phải JSON"),
        (b'{"service":"DongBoHoSoMC","data":[],"data":[]}', "“data” đứng hai lần"),
        (b'{"service":"DongBoHoSoMC","Service":"DongBoHoSoMC","data":[]}', "chỉ khác chữ hoa"),
        (b'{"service":"DongBoHoSoMC","data":[{"MaHoSo":NaN}]}', "“NaN”"),
        (b'{"service":"DongBoHoSoMC","data":[{"MaHoSo":' + b"9" * 5000 + b"}]}", "số dài hơn"),
        (b"[" * 100_000, "quá sâu"),
        (b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2), "quá sâu"),
        (b'{"service":"XoaHoSo","data":[{}]}', "service “XoaHoSo”"),
        (b'{"data":[{"MaHoSo":"A-1"}]}', "thiếu service"),
        (b'{"service":"DongBoHoSoMC"}', "thiếu data"),
        (b'{"service":"DongBoHoSoMC","data":"x"}', "thiếu data"),
        (b'{"service":"DongBoHoSoMC","data":[]}', "không có phần tử"),
        (b'{"service":["DongBoHoSoMC"],"data":[{}]}', "service: cần chữ"),
        (b'{"service":"DongBoHoSoMC","isUpdating":"co","data":[{}]}', "isUpdating “co”"),
        (b'"chu"', "thiếu service"),
    ],
)  # fmt: skip
def test_what_is_no_call_is_refused_in_words(body: bytes, words: str):
    with pytest.raises(Refused) as refused:
        read(body)
    assert words in refused.value.message
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("document", "operation", "words"),
    [
        ({"service": "TraCuuHoSo", "data": [ONE]}, "DongBoHoSoMC", "không phải việc của địa chỉ này"),
        ({"isUpdating": "True", "data": [ONE]}, "ThemMoi", "trái với địa chỉ này"),
        ([ONE] * (MOST_ELEMENTS + 1), "CapNhat", "tối đa"),
    ],
)
def test_a_body_that_contradicts_its_address_or_holds_too_much_is_refused(
    document: Any, operation: str, words: str
):
    with pytest.raises(Refused) as refused:
        read(document, operation)
    assert words in refused.value.message


def test_numbers_stay_as_they_were_written():
    assert read_json(b'\xef\xbb\xbf{"a": 20260810092000, "b": 1.50e3, "c": true}') == {
        "a": "20260810092000", "b": "1.50e3", "c": True,
    }  # fmt: skip


def test_only_fields_that_are_taken_in_go_on_in_the_portals_spelling():
    told = {"mahoso": "A-1", "SoGiayToChuHoSo": "x", "TaiLieuNop": [{}], "GHICHU": "g", "MaHoSoKhac": "B-1"}
    assert spelt([told], Service.DOSSIERS).elements == [{"MaHoSo": "A-1", "GhiChu": "g"}]
    assert spelt([{**told, "ThoiDiemXuLy": "20260810092000"}], Service.DOSSIERS).elements == [
        {"MaHoSo": "A-1", "GhiChu": "g"}
    ]
    assert spelt([told], Service.EVENTS).elements == [{"MaHoSo": "A-1", "ThoiDiemXuLy": ""}]


@pytest.mark.parametrize(
    ("element", "field", "code"),
    [
        ({"MaHoSo": "A-1", "ChuHoSo": {"Ten": "x"}}, "ChuHoSo", "FIELD_NOT_TEXT"),
        ({"MaHoSo": "A-1", "NgayHenTra": ["20260828"]}, "NgayHenTra", "FIELD_NOT_TEXT"),
        ({"MaHoSo": "A-1", "mahoso": "B-1"}, "MaHoSo", "FIELD_TWICE"),
        ({"MaHoSo": "A-1", "GhiChu": "x" * 10_001}, "GhiChu", "VALUE_TOO_LONG"),
        ({"MaHoSo": "A-1", "DanhSachHoSoBoSung": "x"}, "DanhSachHoSoBoSung", "FIELD_NOT_LIST"),
        ({"MaHoSo": "A-1", "DanhSachHoSoBoSung": [{"NgayBoSung": []}]}, "NgayBoSung", "FIELD_NOT_TEXT"),
        ({"MaHoSo": "A-1", "DanhSachHoSoBoSung": [{}] * 101}, "DanhSachHoSoBoSung", "VALUE_TOO_LONG"),
    ],
)
def test_an_element_with_a_value_of_the_wrong_kind_is_at_fault_and_its_number_is_kept(
    element: dict[str, Any], field: str, code: str
):
    found = spelt([ONE, element], Service.DOSSIERS)
    assert list(found.faults) == [2]
    assert (found.faults[2].field, found.faults[2].code) == (field, code)


def test_elements_that_are_left_out_change_no_number():
    found = spelt([{"MaHoSo": f"A-{n}"} for n in (1, 2, 3)], Service.DOSSIERS).without([2])
    assert (found.numbers, found.codes()) == ([1, 3], {1: "A-1", 3: "A-3"})

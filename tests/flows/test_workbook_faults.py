"""Workbooks that cannot be used: told for what they are, with file and sheet, and nothing is stored."""

from pathlib import Path

import pytest

from tests.flows.office import Office
from tests.flows.sheets import LIST, part_of, when, with_part, write_sheets

pytestmark = pytest.mark.sqlite_only("about files, which are refused before the store is asked")

SHEET = "xl/worksheets/sheet1.xml"


def listed(number: int) -> list:
    return [f"H15.03-260302-{number:04d}", when(2026, 3, 2, 8, 30), when(2026, 3, 16, 17, 0), None]


def book(office: Office, rows: list, name: str = "tep.xlsx") -> Path:
    return write_sheets(office.folder / name, {"Danh sách": rows})


def refused(office: Office, path: Path) -> str:
    answer = office.run("ingest", path)
    assert answer.status == 3
    assert str(path) in answer.err
    assert office.query("SELECT count(*) FROM dossier") == [(0,)]
    return answer.err


def test_a_workbook_without_any_list_says_what_each_sheet_lacks(office: Office):
    sheets = {"Một": [["x"]], "Hai": []}
    told = refused(office, write_sheets(office.folder / "tep.xlsx", sheets))
    assert "trang “Một”: không tìm thấy dòng tiêu đề" in told
    assert "trang “Hai”: trống" in told


def test_other_files_under_the_name_of_a_workbook_are_told_for_what_they_are(office: Office):
    ole = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600
    word = book(office, [LIST], "word.xlsx")
    with_part(word, "xl/workbook.xml", None)
    with_part(word, "word/document.xml", b"<w/>")
    for content, told in {
        ole + "EncryptedPackage".encode("utf-16-le"): "mật khẩu",
        ole + "WordDocument".encode("utf-16-le"): "tệp Word",
        ole: "hỏng",
        b"PK\x03\x04" + b"\0" * 300: "hỏng",
        b"%PDF-1.7": "PDF",
        "﻿\n<html><table>".encode(): "HTML",
        word.read_bytes(): "tệp Word",
    }.items():
        assert told in refused(office, office.write("tep.xlsx", content))


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_workbook_cut_off_is_refused(office: Office, part: float):
    path = book(office, [LIST, *map(listed, range(1, 500))])
    data = path.read_bytes()
    refused(office, office.write("tep.xlsx", data[: int(len(data) * part)]))


BROKEN = {
    "no end": lambda xml: xml[: len(xml) // 2],
    "a row that does not close": lambda xml: xml.replace('<row r="7"', '<row r="7"><row r="7"', 1),
    "a string that is not there": lambda xml: xml.replace("<v>6</v>", "<v>60000</v>", 1),
    "an unknown type": lambda xml: xml.replace('t="s"', 't="?"', 1),
    "an entity of its own": lambda xml: xml.replace("<v>6</v>", "<v>&a;</v>", 1),
    "a document type": lambda xml: xml.replace("<worksheet", '<!DOCTYPE a [<!ENTITY a "6">]><worksheet', 1),
    "no rows": lambda xml: "<worksheet/>",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_damaged_sheet_is_refused_with_its_name(office: Office, fault: str):
    path = book(office, [LIST, *map(listed, range(1, 500))])
    with_part(path, SHEET, BROKEN[fault](part_of(path, SHEET)).encode())
    assert "trang “Danh sách”" in refused(office, path)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_damaged_part_is_refused(office: Office, part: str):
    path = book(office, [LIST, listed(1)])
    with_part(path, part, part_of(path, part)[:-40].encode())
    assert "hỏng" in refused(office, path)


def test_an_archive_that_swells_is_refused_before_it_is_unpacked(office: Office):
    office.configure(max_file_mib="2")
    path = with_part(book(office, [LIST, listed(1)]), "xl/media/a.bin", b"\0" * 3 * 1024 * 1024)
    assert path.stat().st_size < 100_000
    answer = office.run("ingest", path)
    assert answer.status == 3
    assert "giải nén lớn 3 MiB, quá 2 MiB" in answer.err


def test_a_row_that_never_ends_is_refused(office: Office):
    path = book(office, [LIST, listed(1)])
    xml = part_of(path, SHEET)
    head, tail = xml.split("</row>", 1)
    with_part(path, SHEET, (head + "<c/>" * 6_000_000 + "</row>" + tail).encode())
    assert "trang “Danh sách”" in refused(office, path)


def test_a_thousand_columns_are_enough(office: Office):
    told = refused(office, book(office, [[*LIST, *[f"cột {n}" for n in range(1000)]], listed(1)]))
    assert "hơn 1000 cột" in told

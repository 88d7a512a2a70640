"""Markup under the name of a spreadsheet that cannot be used: refused within bounds, for what it is, nothing is stored."""

import tracemalloc
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.flows.office import Office
from tests.flows.sheets import with_part
from tests.sources import LISTS, as_html, as_mhtml, as_xml_spreadsheet, write_docx
from tracker.errors import UnusableFile
from tracker.ingest.readers.html_reader import file_page, html_sheets

pytestmark = pytest.mark.sqlite_only("about files, which are refused before the store is asked")

XML = as_xml_spreadsheet(LISTS["c"])
LAUGHS = '<!DOCTYPE Workbook [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE Workbook [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
MHTML_HEAD = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'


def refused(office: Office, content: str | bytes | Path) -> str:
    path = content if isinstance(content, Path) else office.write("tep.xls", content)
    answer = office.run("ingest", path)
    assert answer.status == 3
    assert str(path) in answer.err
    return answer.err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<html><body>Phiên làm việc đã hết, hãy đăng nhập lại</body></html>", "trang web (HTML), trong đó không có bảng"),
        ("<", "trang web (HTML)"),
        ("<html><table><tr>" + "<td>x" * 1001, "hơn 1000 cột"),
        ('<html><table><tr><td colspan="2000000000">x</table>', "hơn 1000 cột"),
        ("<html>" + "<table>" * 5000, "hơn 1000 bảng"),
        (XML.replace("<Workbook", LAUGHS + "<Workbook", 1), "bảng tính XML: tệp Excel hỏng"),
        (XML.replace("<Workbook", OUTSIDE + "<Workbook", 1), "bảng tính XML: tệp Excel hỏng"),
        (XML[: len(XML) // 2], "bảng tính XML: tệp Excel hỏng"),
        (XML.replace("<Row>", '<Row ss:Index="999999999">'), "hơn 3000000 dòng"),
        (XML.replace("<Cell>", '<Cell ss:Index="16384">', 1), "hơn 1000 cột"),
        (XML.replace("<Row>", '<Row ss:Index="9000000">'), "hơn 3000000 dòng"),
        (MHTML_HEAD, "không có trang web nào"),
        (MHTML_HEAD + b"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!!\r\n--b--", "rỗng hoặc hỏng"),
        (MHTML_HEAD + b"--b\r\n" * 1002, "hơn 1000 phần"),
        (MHTML_HEAD.replace(b'; boundary="b"', b""), "không thấy dấu ngăn"),
        ("{\\rtf1 x}", "tệp RTF"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_for_what_it_is(office: Office, content: str | bytes, told: str):
    assert told in refused(office, content)
    assert not office.has_tables() or office.query("SELECT count(*) FROM dossier") == [(0,)]


def test_entities_of_a_page_are_text_and_nothing_outside_is_read(office: Office):
    page = as_html(LISTS["c"]).replace("Lê Hư Cấu", "&a;&b;").replace("<html", OUTSIDE + "<html", 1)
    office.ingest(office.write("tep.xls", page))
    ((officer,),) = office.query("SELECT officer_name FROM dossier")
    assert officer == "&a;&b;"


@pytest.mark.parametrize("end", ["16/03/2026", "</td>", "</tr>", "</table>"])
def test_a_page_that_was_cut_off_is_refused_and_not_read_as_far_as_it_goes(office: Office, end: str):
    page = as_html(LISTS["c"])
    assert "bị cắt ngang" in refused(office, page[: page.rindex(end)])


def test_a_word_file_with_a_document_type_or_too_large_is_refused(office: Office):
    path = write_docx(office.folder / "tep.docx", LISTS["c"])
    with ZipFile(path) as archive:
        body = archive.read("word/document.xml")
    with_part(path, "word/document.xml", body.replace(b"<w:document", LAUGHS.encode() + b"<w:document", 1))
    assert "văn bản Word" in refused(office, path)
    office.configure(max_file_mib="2")
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:p/>" * 600_000)
    assert "giải nén lớn 3 MiB, quá 2 MiB" in refused(office, path)


def test_a_page_of_a_single_endless_cell_is_read_in_bounded_memory(tmp_path: Path):
    path = tmp_path / "tep.xls"
    path.write_bytes(b"<html><table><tr><td>" + b"a" * 20_000_000)
    tracemalloc.start()
    with pytest.raises(UnusableFile):
        html_sheets(file_page(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_a_saved_page_may_hold_many_pages_and_the_frame_is_none(office: Office):
    assert office.ingest(office.write("tep.mht", as_mhtml(LISTS["c"])))["new"] == 1

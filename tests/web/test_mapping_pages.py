"""Columns that nobody knows are explained on the import page in every kind of file that is read as rows, and once for all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.binary_sheets import write_xlsb
from tests.documents.office import converted
from tests.flows.sheets import write_sheets
from tests.sources import Rows, as_csv, as_html, as_mhtml, as_xml_spreadsheet, write_docx
from tests.web.imports import decided, previewed, select_of
from tests.web.test_sources_pages import MEANT, address_of, dossiers
from tests.web.world import StandingContext
from tracker.store import saved_layouts
from tracker.store.models import Dossier
from tracker.types import VN

pytestmark = pytest.mark.sqlite_only("the pages ask the same store functions on both databases")

HEADINGS = ["So bien", "Nguoi den", "Ngay vao", "Phai tra", "Co quan"]
UNIT = "Sở Công Thương tỉnh Đắk Lắk"
AsRole = Callable[[str], FlaskClient]


def rows(code: str) -> Rows:
    return [
        ["SỔ NHẬN HỒ SƠ CỦA XÃ BỊA"],
        HEADINGS,
        [code, "Nguyễn Văn Bịa", "03/08/2026", "20/08/2026", UNIT],
        ["", "", "", "", ""],
    ]


@pytest.fixture(scope="module")
def office_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Spreadsheets of old and other kinds, as LibreOffice writes them: A-0001 and A-0002."""
    folder = tmp_path_factory.mktemp("office")
    books = [write_sheets(folder / f"A-000{n}.xlsx", {"Sheet1": rows(f"A-000{n}")}) for n in (1, 2)]
    for ending in ("xls", "ods"):
        converted(books, folder, ending)
    return folder


def file_of(kind: str, code: str, folder: Path, office_made: Path) -> bytes:
    """The list in a kind of file."""
    if kind in ("xls", "ods"):
        return (office_made / f"{code}.{kind}").read_bytes()
    write = {
        "xlsx": lambda path, told: write_sheets(path, {"Sheet1": told}),
        "docx": write_docx,
        "xlsb": write_xlsb,
    }
    if kind in write:
        return Path(write[kind](folder / f"{code}.{kind}", rows(code))).read_bytes()
    text = {"csv": as_csv, "html": as_html, "mhtml": as_mhtml, "xml": as_xml_spreadsheet}[kind](rows(code))
    return text if isinstance(text, bytes) else text.encode()


KINDS = ("csv", "xlsx", "xls", "ods", "xlsb", "html", "mhtml", "xml", "docx")


def explained(client: FlaskClient, content: bytes, name: str, **meant: str):
    page = previewed(client, content, name)
    assert "Chưa nạp được" in page.text
    changes = {select_of(page.text, heading): field for heading, field in {**MEANT, **meant}.items()}
    return decided(client, address_of(page), page.text, "xem", **changes)


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_any_kind_of_file_are_explained_saved_and_known_the_next_time(
    as_role: AsRole, context: StandingContext, tmp_path: Path, office_made: Path, kind: str
):
    client = as_role("reform")
    first, second = (file_of(kind, f"A-000{n}", tmp_path, office_made) for n in (1, 2))
    page = previewed(client, first, "so.xls")
    assert "03/08/2026" in page.text  # samples: dates in full, persons by the shape of their names
    assert "Nguyễn Văn Bịa" not in page.text
    assert "Xxxxxx Xxx Xxx" in page.text
    seen = explained(client, first, "so.xls")
    assert "Nếu nạp bây giờ" in seen.text
    decided(client, address_of(seen), seen.text, "nap", **{"ten-cach-hieu": "Sổ xã Bịa"})
    with context.store.read() as session:
        stored = session.query(Dossier).filter(Dossier.code == "A-0001").one()
        assert stored.received_at
        assert (stored.received_at.astimezone(VN).day, stored.applicant_name) == (3, "")
        (layout,) = saved_layouts.all_layouts(session)
    assert layout.mapping["so bien"] == "dossier_code"
    again = previewed(client, second, "so-2.xls")
    assert "dùng cách hiểu cột đã lưu “so-xa-bia”" in again.text
    decided(client, address_of(again), again.text, "nap")
    assert dossiers(context, "A-0002") == 1


def test_what_was_explained_in_one_kind_of_file_is_known_in_every_other(
    as_role: AsRole, context: StandingContext, tmp_path: Path, office_made: Path
):
    client = as_role("reform")
    seen = explained(client, file_of("xls", "A-0001", tmp_path, office_made), "so.xls")
    decided(client, address_of(seen), seen.text, "nap", **{"ten-cach-hieu": "Sổ xã Bịa"})
    for kind in KINDS:
        again = previewed(client, file_of(kind, "A-0002", tmp_path, office_made), "so")
        assert "“so-xa-bia”" in again.text, kind
        assert "Nếu nạp bây giờ" in again.text, kind


def test_a_code_and_one_date_are_enough_though_nothing_else_is_known(
    as_role: AsRole, context: StandingContext
):
    client = as_role("reform")
    content = as_html([["So bien", "Ngay vao", "Viec"], ["A-0001", "03/08/2026", "x"]]).encode()
    page = previewed(client, content, "so.xls")
    changes = {
        select_of(page.text, "So bien"): "dossier_code",
        select_of(page.text, "Ngay vao"): "received_at",
    }
    seen = decided(client, address_of(page), page.text, "xem", **changes)
    assert "Nếu nạp bây giờ" in seen.text
    decided(client, address_of(seen), seen.text, "nap")
    assert dossiers(context, "A-0001") == 1


def test_headings_that_are_known_are_chosen_already_and_what_was_said_is_not_forgotten(as_role: AsRole):
    client = as_role("reform")
    content = as_html([["So bien", "Ngày tiếp nhận", "Viec"], ["A-0001", "03/08/2026", "x"]]).encode()
    page = previewed(client, content, "so.xls")
    assert '<option value="received_at" selected>' in page.text
    # Two columns of one meaning: it cannot be loaded, and the page shows what was said.
    changes = {select_of(page.text, "So bien"): "dossier_code", select_of(page.text, "Viec"): "received_at"}
    seen = decided(client, address_of(page), page.text, "xem", **changes)
    assert "hai cột cùng nghĩa" in seen.text
    assert '<option value="dossier_code" selected>' in seen.text
    assert seen.text.count('<option value="received_at" selected>') == 2
    mended = decided(client, address_of(seen), seen.text, "xem", **{select_of(seen.text, "Viec"): "note"})
    assert "Nếu nạp bây giờ" in mended.text


@pytest.mark.parametrize("kind", ["xlsx", "html"])
def test_every_sheet_that_looks_like_a_list_is_asked_about_once(as_role: AsRole, tmp_path: Path, kind: str):
    client = as_role("reform")
    other = [["Ma phieu", "Bat dau", "Ket thuc"], ["B-0001", "04/08/2026", "21/08/2026"]]
    if kind == "xlsx":
        sheets = {"Bìa": [["Xã Bịa"]], "Bảy": rows("A-0001"), "Tám": rows("A-0002"), "Khác": other}
        content = write_sheets(tmp_path / "so.xlsx", sheets).read_bytes()
    else:
        content = "".join(map(as_html, (rows("A-0001"), rows("A-0002"), other))).encode()
    page = previewed(client, content, "so.xls")
    assert page.text.count(">Cột So bien được hiểu là<") == 1
    assert ("trang “Bảy, Tám”" if kind == "xlsx" else "trang “bảng 1, bảng 2”") in page.text
    meant = {**MEANT, "Ma phieu": "dossier_code", "Bat dau": "received_at", "Ket thuc": "due_at"}
    changes = {select_of(page.text, heading): field for heading, field in meant.items()}
    seen = decided(client, address_of(page), page.text, "xem", **changes)
    assert "<dt>mới</dt><dd>3</dd>" in seen.text
    assert seen.text.count(">Cột So bien được hiểu là<") == 1  # what stands in both is said once
    assert seen.text.count("chọn ở bảng trên có cùng tiêu đề") == len(HEADINGS)


def test_a_file_without_rows_is_told_without_columns_to_choose(as_role: AsRole):
    client = as_role("reform")
    for content in (b'{"x": 1}', b"%PDF-1.7 x", b"<html><p>x</p></html>"):
        page = previewed(client, content, "so.xls")
        assert "Chưa nạp được" in page.text
        assert 'name="cot-' not in page.text

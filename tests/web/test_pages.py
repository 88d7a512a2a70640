"""What the pages say: counts and lists, filters in the address, unknown figures, exports, letters, errors."""

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from app.web import create_app
from tests.web.conftest import log_in
from tests.web.world import FINISHED_LATE, NAME, OVERDUE_A, OVERDUE_B, add_people, add_units, make_context


def test_the_board_counts_and_lists_the_most_urgent_first(as_role):
    text = as_role("head").get("/ban-theo-doi").text
    for word, count in (("Chờ tiếp nhận", 1), ("Đến hạn hôm nay", 1), ("Sắp đến hạn", 2), ("Quá hạn", 1)):
        assert f"{word}</span><b>{count}</b>" in text
    codes = [OVERDUE_A, "T01-260803-0003", "T01-260803-0004", "T01-260803-0006"]
    places = [text.index(f">{code}<") for code in codes]
    assert places == sorted(places)
    assert "quá 3 ngày làm việc" in text  # Fri 21, the make-up Saturday 22/08/2026, Mon 24
    assert "20/08/2026 17:00</time>" in text


@pytest.mark.parametrize(
    ("slot", "codes"),
    [
        ("cho-tiep-nhan", {"T01-260823-0009"}),
        ("hom-nay", {"T01-260803-0003"}),
        ("sap-den-han", {"T01-260803-0003", "T01-260803-0004"}),
        ("qua-han", {OVERDUE_A}),
        ("tam-dung", {"T01-260803-0005"}),
    ],
)
def test_each_count_of_the_board_is_a_filter(as_role, slot: str, codes: set[str]):
    text = as_role("desk").get(f"/ban-theo-doi?loc={slot}").text
    listed = {f"T01-{month}-000{n}" for month in ("260803", "260823", "260601") for n in range(1, 10)}
    assert {code for code in listed if f">{code}<" in text} == codes


def test_the_search_opens_a_dossier_by_its_whole_code_and_lists_by_its_beginning(as_role):
    client = as_role("auditor")
    assert client.get(f"/tim?q={OVERDUE_A.lower()}").location == f"/ho-so/{OVERDUE_A}"
    found = client.get("/tim?q=T01-260803").text
    assert OVERDUE_A in found
    assert OVERDUE_B in found
    assert "Không thấy hồ sơ nào" in client.get("/tim?q=Z99").text
    assert "Không thấy hồ sơ nào" in client.get("/tim?q=%25").text


def test_the_late_list_keeps_its_filters_in_the_address(as_role):
    client = as_role("auditor")
    assert FINISHED_LATE not in client.get("/qua-han").text
    finished = client.get("/qua-han?trang-thai=finished").text
    assert FINISHED_LATE in finished
    assert OVERDUE_A not in finished
    assert "/qua-han.xlsx?trang-thai=finished" in finished
    nothing = client.get("/qua-han?trang-thai=finished&tu=01/07/2026&den=31/07/2026").text
    assert "Không có hồ sơ quá hạn nào với bộ lọc này" in nothing
    assert OVERDUE_A not in client.get("/qua-han?ngay=2026-08-20").text


def test_a_date_that_is_none_is_told_and_left_out(as_role):
    text = as_role("auditor").get("/qua-han?ngay=31/02/2026").text
    assert "“31/02/2026” không phải là ngày" in text
    assert OVERDUE_A in text


def test_the_excel_export_holds_exactly_what_is_shown(as_role):
    answer = as_role("head").get("/qua-han.xlsx?trang-thai=all")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    cells = [cell for row in _cells(answer.data) for cell in row]
    assert OVERDUE_A in cells
    assert FINISHED_LATE in cells
    assert OVERDUE_B not in cells


def test_the_excel_export_masks_names_as_the_page_does(as_role):
    cells = [cell for row in _cells(as_role("reform").get("/qua-han.xlsx").data) for cell in row]
    assert NAME not in cells


def _cells(workbook: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0).to_python()


def test_a_dossier_tells_its_three_dates_its_history_and_its_letters(as_role):
    text = as_role("head").get(f"/ho-so/{FINISHED_LATE}").text
    for words in (
        "Ngày hẹn theo hệ thống nguồn",
        "Ngày hẹn ban đầu",
        "Hạn tính theo quy định",
        "Phiếu tính hạn",
    ):
        assert words in text
    assert "Đã giải quyết quá hạn" in text
    assert "Tiếp nhận" in text
    assert "/thu-xin-loi/1/tai-ve" in text


def test_letters_are_listed_by_state_and_downloaded(as_role):
    client = as_role("head")
    assert FINISHED_LATE in client.get("/thu-xin-loi?trang-thai=drafted").text
    assert FINISHED_LATE not in client.get("/thu-xin-loi?trang-thai=delivered").text
    answer = client.get("/thu-xin-loi/1/tai-ve")
    assert answer.data.startswith(b"PK")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get("/thu-xin-loi/99/tai-ve").status_code == 404


def test_the_score_is_shown_with_its_fraction_and_marked_unverified(as_role):
    text = as_role("reform").get("/tieu-chi/3.4.1?nam=2026").text
    assert "50,00\u00a0%" in text
    assert "(1/2 hồ sơ)" in text
    assert "chưa đối chiếu văn bản" in text
    assert "Ngưỡng 95 % cho phép trễ" in text
    assert 'id="chart-data"' in text


def test_a_year_without_data_has_no_score_and_never_0_percent(as_role):
    text = as_role("reform").get("/tieu-chi/3.4.1?nam=2019").text
    assert "Chưa có dữ liệu cho năm 2019" in text
    assert "0,00" not in text


def test_before_any_import_each_page_says_how_to_import(tmp_path: Path):
    context = make_context(tmp_path)
    add_units(context.store)
    add_people(context.store)
    client = create_app(context, RATELIMIT_ENABLED=False).test_client()
    log_in(client, "head")
    for address in ("/ban-theo-doi", "/qua-han", "/thu-xin-loi", "/tieu-chi/3.4.1"):
        text = client.get(address).text
        assert "Chưa có dữ liệu" in text
        assert "dunghen ingest" in text
        assert "0 %" not in text


def test_errors_say_what_to_do(as_role):
    client = as_role("admin")
    assert "Trang này không dành cho vai trò của bạn" in client.get("/ban-theo-doi").text
    assert "Không tìm thấy" in client.get("/khong-co").text


def test_an_unexpected_error_is_a_page_and_no_trace(app: Flask, as_role, monkeypatch: pytest.MonkeyPatch):
    def broken() -> str:
        raise RuntimeError("chi tiết kỹ thuật")

    monkeypatch.setitem(app.view_functions, "account.password", broken)
    answer = as_role("head").get("/tai-khoan")
    assert answer.status_code == 500
    assert "Có lỗi trong chương trình" in answer.text
    assert "chi tiết kỹ thuật" not in answer.text


def test_html_in_the_data_stays_text(as_role, context):
    from tracker.store.models import Dossier

    with context.store.transaction() as session:
        session.get_one(Dossier, 1).applicant_name = "<script>alert(1)</script>"
    text = as_role("head").get(f"/ho-so/{OVERDUE_A}").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_plotly_is_served_compressed_and_kept_for_a_year(as_role):
    client = as_role("reform")
    page = client.get("/tieu-chi/3.4.1?nam=2026").text
    address = page[page.index("/tai-nguyen/plotly-") :].split('"')[0]
    answer = client.get(address)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert len(answer.data) < 2_000_000
    assert "plotly" not in client.get("/tai-khoan").text

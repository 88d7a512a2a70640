"""The auditor's pages: what stands in the list, who reads whose kept questions, what files hold, what is logged."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from app.accounts import new_salt
from app.works import case_exporting
from tests.passwords import cheap_hash
from tests.web.conftest import log_in, token
from tests.web.works import work_all
from tests.web.world import (
    BRANCH_A,
    BRANCH_B,
    FINISHED_LATE,
    NAME,
    NOW,
    OVERDUE_A,
    OVERDUE_B,
    PASSWORD,
    StandingContext,
)
from tracker.store import audit, people
from tracker.store.people import NewAccount

EVER = "ky=moi-luc"
AsRole = Callable[[str], FlaskClient]


def keep(client: FlaskClient, name: str, **given: str):
    form = {"ten": name, "csrf_token": token(client, "/kiem-tra/"), **given}
    return client.post("/kiem-tra/truy-van", data=form, follow_redirects=True)


def newest(context: StandingContext) -> audit.Act:
    with context.store.read() as session:
        return audit.recent_acts(session, 1)[0]


def test_the_list_shows_three_due_dates_and_no_names(as_role: AsRole, context: StandingContext):
    text = as_role("auditor").get(f"/kiem-tra/?{EVER}").text
    for code in (OVERDUE_A, OVERDUE_B, FINISHED_LATE):
        assert code in text
    for words in ("Hẹn ban đầu", "Theo quy định", "Theo nguồn", "N. T. B. N.", "quá 5 ngày", "(ẩn)"):
        assert words in text
    assert NAME not in text
    assert "Khối lượng hồ sơ" not in text  # a reason is free text
    act = newest(context)
    assert (act.action, act.subject) == ("cases", "list")
    assert act.detail == {"ky": "moi-luc", "ids": [7, 1, 2]}


def test_filters_stand_in_the_address_and_what_cannot_be_used_is_told(as_role: AsRole):
    client = as_role("reform")
    assert FINISHED_LATE not in client.get(f"/kiem-tra/?{EVER}&trang-thai=open").text
    assert FINISHED_LATE in client.get("/kiem-tra/?tu=01/06/2026&den=30/06/2026&trang-thai=finished").text
    assert (
        "Không có hồ sơ quá hạn nào" in client.get("/kiem-tra/?trang-thai=finished").text
    )  # none this month
    text = client.get(f"/kiem-tra/?{EVER}&thu-tuc=Nguyễn&tre-tu=x&tu=31/02/2026&co=?").text
    for words in (
        "Mã thủ tục: danh mục",
        "Trễ từ: cần",
        "“31/02/2026” không phải",
        "Lưu ý về dữ liệu: danh mục",
    ):
        assert words in text


def test_a_page_goes_on_where_the_one_before_ended(as_role: AsRole, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.views.audit_cases.PAGE", 2)  # so that three dossiers are two pages
    client = as_role("auditor")
    first = client.get(f"/kiem-tra/?{EVER}").text
    assert (FINISHED_LATE in first, OVERDUE_A in first, OVERDUE_B in first) == (True, True, False)
    address = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = client.get(address).text
    assert (FINISHED_LATE in second, OVERDUE_A in second, OVERDUE_B in second) == (False, False, True)
    assert 'rel="next"' not in second


def test_an_account_of_a_unit_sees_its_own_dossiers_alone(app: Flask, context: StandingContext):
    with context.store.transaction() as session:
        new = NewAccount("kiem", "Kiểm tra", "auditor", BRANCH_A, cheap_hash(PASSWORD), new_salt())
        people.add_account(session, new, NOW)
    client = app.test_client()
    log_in(client, "kiem")
    text = client.get(f"/kiem-tra/?{EVER}").text
    assert (OVERDUE_A in text, OVERDUE_B in text) == (True, False)
    assert client.get(f"/kiem-tra/?don-vi={BRANCH_B}").status_code == 404
    assert OVERDUE_B not in client.get(f"/kiem-tra/ho-so?tep=csv&{EVER}").text
    assert OVERDUE_B not in client.get(f"/kiem-tra/mau?{EVER}&co-mau=5&hat=1").text


def test_the_files_hold_the_list_and_are_logged_with_what_was_asked(
    as_role: AsRole, context: StandingContext
):
    client = as_role("auditor")
    table = client.get(f"/kiem-tra/ho-so?tep=csv&{EVER}")
    rows = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"))))
    assert [each["Mã hồ sơ"] for each in rows] == [FINISHED_LATE, OVERDUE_A, OVERDUE_B]
    assert {each["Chủ hồ sơ"] for each in rows} == {"N. T. B. N."}
    act = newest(context)
    assert (act.action, act.detail) == ("case_export", {"ky": "moi-luc", "tep": ".csv", "rows": 3})
    book = client.get(f"/kiem-tra/ho-so?{EVER}")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert [line[1] for line in sheet[3:]] == [FINISHED_LATE, OVERDUE_A, OVERDUE_B]


def test_a_long_list_and_a_large_sample_are_made_by_a_worker(
    as_role: AsRole, context: StandingContext, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.views.audit_cases.ROWS_AT_ONCE", 1)  # so that three dossiers are a long list
    monkeypatch.setattr(case_exporting, "MOST_COUNTED", 1)
    client = as_role("auditor")
    for address, heading in ((f"ho-so?{EVER}", "STT"), (f"mau/tai-ve?{EVER}&co-mau=2&hat=7", "Nhóm")):
        asked = client.get(f"/kiem-tra/{address}")
        assert asked.status_code == 302
        work_id = int(asked.location.split("/cong-viec/")[1].split("/")[0])
        work_all(client)
        answer = client.get(f"/cong-viec/{work_id}/tai-ve")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
        assert heading in sheet[2]
        assert NAME not in str(sheet)


# ---------------------------------------------------------------- kept questions


def test_a_kept_question_is_opened_again_with_its_filters(as_role: AsRole, context: StandingContext):
    client = as_role("auditor")
    page = keep(client, "  Quá  lâu ", **{"tre-tu": "30", "ky": "thang-truoc"})
    assert "Quá lâu" in page.text
    assert "tre-tu=30" in page.text
    assert "kỳ (ngày kết thúc): tháng trước" in page.text
    act = newest(context)
    assert (act.action, act.detail) == (
        "case_query_keep",
        {"ky": "thang-truoc", "tre-tu": "30", "shared": False},
    )
    assert "đã có một truy vấn tên" in keep(client, "Quá lâu").text.lower()
    assert "hãy đặt tên" in keep(client, " ").text


def test_kept_questions_of_others_are_theirs_unless_shared_with_the_role(
    app: Flask, as_role: AsRole, context: StandingContext
):
    client = as_role("auditor")
    keep(client, "Riêng tôi")
    keep(client, "Cho cả tổ", **{"dung-chung": "1"})
    with context.store.transaction() as session:
        new = NewAccount("kiem", "Kiểm tra", "auditor", None, cheap_hash(PASSWORD), new_salt())
        people.add_account(session, new, NOW)
    other = app.test_client()
    log_in(other, "kiem")
    text = other.get("/kiem-tra/truy-van").text
    assert ("Riêng tôi" in text, "Cho cả tổ" in text) == (False, True)
    reform = as_role("reform").get("/kiem-tra/truy-van").text
    assert ("Riêng tôi" in reform, "Cho cả tổ" in reform) == (False, False)
    form = {"csrf_token": token(other, "/kiem-tra/")}
    for query_id in (1, 2):
        assert other.post(f"/kiem-tra/truy-van/{query_id}/xoa", data=form).status_code == 404
    mine = {"csrf_token": token(client, "/kiem-tra/")}
    assert client.post("/kiem-tra/truy-van/1/xoa", data=mine).status_code == 302
    assert "Riêng tôi" not in client.get("/kiem-tra/truy-van").text


# ---------------------------------------------------------------- samples


def test_a_sample_tells_its_seed_its_strata_and_draws_the_same_again(
    as_role: AsRole, context: StandingContext
):
    client = as_role("auditor")
    address = f"/kiem-tra/mau?{EVER}&co-mau=2&nhom=unit&hat=7"
    text = client.get(address).text
    act = newest(context)
    assert (act.action, act.detail["seed"], act.detail["by"]) == ("case_sample", "7", "unit")
    assert len(act.detail["ids"]) == 2
    assert "50,00\u00a0% (1/2)" in text
    assert OVERDUE_B in text  # the only one of its unit
    assert client.get(address).text.count('class="code"') == text.count('class="code"') == 2
    book = client.get(f"/kiem-tra/mau/tai-ve?{EVER}&co-mau=2&nhom=unit&hat=7")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book.data))
    codes = [line[2] for line in sheets.get_sheet_by_index(0).to_python()[3:]]
    assert all(code in text for code in codes)
    assert newest(context).action == "case_sample_export"


def test_what_cannot_be_drawn_is_told(as_role: AsRole):
    client = as_role("auditor")
    assert "nhỏ hơn số nhóm" in client.get(f"/kiem-tra/mau?{EVER}&co-mau=1&nhom=unit&hat=7").text
    assert "Cỡ mẫu: cần" in client.get(f"/kiem-tra/mau?{EVER}&co-mau=0&hat=7").text
    assert "Hạt giống: chỉ" in client.get(f"/kiem-tra/mau?{EVER}&co-mau=2&hat=Nguyễn Văn").text
    assert client.get(f"/kiem-tra/mau/tai-ve?{EVER}&co-mau=1&nhom=unit&hat=7").status_code == 302


def test_a_seed_is_offered_to_who_has_none(as_role: AsRole):
    client = as_role("auditor")
    seeds = {
        client.get("/kiem-tra/mau").text.partition('id="hat"')[2].partition('value="')[2][:8]
        for _ in range(2)
    }
    assert len(seeds) == 2


def test_what_is_kept_is_json_of_the_address(as_role: AsRole, context: StandingContext):
    keep(as_role("reform"), "Ẩn", **{"an": "1"})
    with context.store.read() as session:
        ((body,),) = session.connection().exec_driver_sql("SELECT body FROM saved_query").fetchall()
    assert json.loads(body) == {"an": "1"}

"""What goes wrong is told in its own words: what happened, what was kept, what to do, and a way back within the program."""

import logging
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import LOGINS
from app.web import create_app
from tests.web.conftest import token
from tests.web.world import StandingContext
from tracker.store import rate_reading

AsRole = Callable[[str], FlaskClient]
HERE = "http://localhost"


def test_a_page_of_another_role_says_whose_it_is(as_role: AsRole):
    text = as_role("desk").get("/quan-tri/").text
    assert "Trang dành cho: Quản trị hệ thống." in text


def test_what_is_not_found_sends_to_the_search_only_who_has_one(as_role: AsRole):
    assert "ô phía trên" in as_role("desk").get("/khong-co").text
    text = as_role("admin").get("/khong-co").text
    assert "ô phía trên" not in text
    assert "trang đầu" in text


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        (f"{HERE}/qua-han?don-vi=1", "/qua-han?don-vi=1"),
        (f"{HERE}/khong-co", None),  # the very page
        ("https://vi-du.vn/qua-han", None),
        (f"{HERE}//vi-du.vn/x", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_the_way_back_leads_to_a_page_of_this_program_alone(as_role: AsRole, referrer: str, back: str | None):
    text = as_role("head").get("/khong-co", headers={"Referer": referrer}).text
    found = re.search(r'href="([^"]*)">Quay lại trang trước', text)
    assert (found and found.group(1)) == back
    assert "Về trang đầu" in text
    assert "vi-du.vn" not in text


def test_an_unexpected_error_has_a_number_that_the_servers_log_has_too(
    app: Flask, as_role: AsRole, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken() -> str:
        raise RuntimeError("chi tiết kỹ thuật")

    monkeypatch.setitem(app.view_functions, "account.password", broken)
    with caplog.at_level(logging.ERROR):
        answer = as_role("head").get("/tai-khoan")
    found = re.search(r"Mã yêu cầu: <code>([a-z0-9-]{14})</code>", answer.text)
    assert answer.status_code == 500
    assert found
    assert answer.headers["X-Request-Id"] == found[1]
    [told] = [record.getMessage() for record in caplog.records]
    assert told.startswith(f"request_failed request={found[1]} method=GET rule=/tai-khoan error=RuntimeError")
    assert "tests.web.test_error_pages" in told
    assert "chi tiết kỹ thuật" not in told + answer.text


def test_too_much_in_one_body_says_how_much_may_be(as_role: AsRole):
    client = as_role("head")
    form = {"csrf_token": token(client, "/tai-khoan"), "present": "x" * (300 * 1024)}
    answer = client.post("/tai-khoan", data=form)
    assert answer.status_code == 413
    assert "256 KiB" in answer.text
    assert "256 MiB" in answer.text


def test_one_try_too_many_says_how_long_to_wait(context: StandingContext):
    client = create_app(context, WTF_CSRF_ENABLED=False).test_client()
    for _ in range(LOGINS.count + 1):
        answer = client.post("/dang-nhap", data={"login": "nobody", "password": ""})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == str(LOGINS.seconds)
    assert f"Đợi {LOGINS.seconds} giây" in answer.text


@pytest.mark.sqlite_only("a database that is away looks the same to the pages, whichever it is")
def test_while_the_database_is_away_the_page_says_when_to_try_again(
    as_role: AsRole, context: StandingContext
):
    client = as_role("head")
    context.store.close()
    for file in context.data_dir.glob("dunghen.sqlite3*"):
        file.unlink()
    (context.data_dir / "dunghen.sqlite3").mkdir()
    answer = client.get("/ban-theo-doi")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "Những gì đã ghi trước đó vẫn còn" in answer.text


def test_a_page_of_figures_that_are_being_counted_says_so_and_the_others_go_on(
    as_role: AsRole, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rate_reading, "MANY", 1)
    client = as_role("reform")
    answer = client.get("/ty-le?tu=2026-01-01&den=2026-12-31")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "15"
    assert "Số liệu theo tháng đang được đếm lại" in answer.text
    assert "Đợi 15 giây rồi thử lại" in answer.text
    assert client.get("/qua-han").status_code == 200

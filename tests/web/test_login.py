"""Logging in: who gets in, who is locked out, what a session is worth and for how long."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.web.conftest import log_in, token
from tests.web.world import NOW, PASSWORD, StandingContext
from tracker.store import audit, people

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

WRONG = "không đúng"


def test_nobody_is_sent_to_the_login_page_and_comes_back_to_the_page_they_wanted(app: Flask):
    client = app.test_client()
    answer = client.get("/qua-han?trang-thai=all")
    assert answer.status_code == 302
    assert answer.location.startswith("/dang-nhap?next=")
    assert log_in(client, "head", address=answer.location).location == "/qua-han?trang-thai=all"


@pytest.mark.parametrize(
    "address",
    ["https://example.org/", "//example.org", "/\\example.org", "\\\\example.org", "javascript:alert(1)"],
)
def test_login_never_leads_to_another_site(app: Flask, address: str):
    client = app.test_client()
    form = {"login": "head", "password": PASSWORD, "csrf_token": token(client)}
    assert client.post("/dang-nhap", query_string={"next": address}, data=form).location == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(app: Flask):
    wrong = log_in(app.test_client(), "head", "khong-phai-mat-khau")
    unknown = log_in(app.test_client(), "khong-co-ai", "khong-phai-mat-khau")
    assert wrong.status_code == unknown.status_code == 401
    assert WRONG in wrong.text
    assert WRONG in unknown.text


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(app: Flask, context: StandingContext):
    client = app.test_client()
    for _ in range(context.config.web.failed_logins_before_lock):
        log_in(client, "head", "sai-mat-khau")
    answer = log_in(client, "head")
    assert answer.status_code == 401
    assert "tạm khóa" in answer.text


def test_the_lock_opens_after_its_minutes(app: Flask, context: StandingContext):
    client = app.test_client()
    for _ in range(context.config.web.failed_logins_before_lock):
        log_in(client, "head", "sai-mat-khau")
    context.instant = NOW + timedelta(minutes=context.config.web.lock_minutes, seconds=1)
    assert log_in(client, "head").status_code == 302


def test_a_right_password_forgets_the_wrong_ones_before(app: Flask, context: StandingContext):
    for _ in range(3):
        for _ in range(context.config.web.failed_logins_before_lock - 1):
            log_in(app.test_client(), "head", "sai-mat-khau")
        assert log_in(app.test_client(), "head").status_code == 302


def test_a_disabled_account_gets_in_no_more_and_its_sessions_end(app: Flask, context: StandingContext):
    client = app.test_client()
    log_in(client, "head")
    with context.store.transaction() as session:
        account = people.find_login(session, "head")
        assert account
        people.disable(session, account.account_id, now=NOW)
    assert client.get("/tai-khoan").status_code == 302
    assert log_in(app.test_client(), "head").status_code == 401


def test_an_idle_session_ends(app: Flask, context: StandingContext):
    client = app.test_client()
    log_in(client, "head")
    minutes = context.config.web.session_minutes
    context.instant = NOW + timedelta(minutes=minutes - 1)
    assert client.get("/tai-khoan").status_code == 200
    context.instant += timedelta(minutes=minutes + 1)
    answer = client.get("/tai-khoan")
    assert "het_phien" in answer.location
    assert "Phiên làm việc đã hết" in client.get(answer.location).text


def test_logging_in_starts_a_new_session(app: Flask):
    client = app.test_client()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    log_in(client, "head")
    with client.session_transaction() as session:
        assert "planted" not in session


def test_a_copied_cookie_is_worth_nothing_after_logging_out(app: Flask):
    client, thief = app.test_client(), app.test_client()
    log_in(client, "head")
    cookie = client.get_cookie("dunghen")
    assert cookie
    thief.set_cookie("dunghen", cookie.value)
    assert thief.get("/tai-khoan").status_code == 200
    client.post("/dang-xuat", data={"csrf_token": token(client, "/tai-khoan")})
    assert thief.get("/tai-khoan").status_code == 302


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(app: Flask):
    client, other = app.test_client(), app.test_client()
    log_in(client, "head")
    log_in(other, "head")
    new = "mot cau de nho 2026"
    form = {"present": PASSWORD, "new": new, "again": new, "csrf_token": token(client, "/tai-khoan")}
    assert client.post("/tai-khoan", data=form).status_code == 302
    assert "Đã đổi mật khẩu" in client.get("/tai-khoan").text
    assert other.get("/tai-khoan").status_code == 302
    assert log_in(app.test_client(), "head", new).status_code == 302


@pytest.mark.parametrize(
    ("present", "new", "again", "told"),
    [
        ("sai", "mot cau de nho 2026", "mot cau de nho 2026", "Mật khẩu hiện tại không đúng"),
        (PASSWORD, "ngan", "ngan", "ít nhất 10 ký tự"),
        (PASSWORD, "head-head-head", "head-head-head", "tên đăng nhập"),
        (PASSWORD, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "quá ít ký tự"),
        (PASSWORD, "mot cau de nho 2026", "mot cau de nho 2027", "không giống nhau"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_its_reason(app: Flask, present, new, again, told):
    client = app.test_client()
    log_in(client, "head")
    form = {"present": present, "new": new, "again": again, "csrf_token": token(client, "/tai-khoan")}
    answer = client.post("/tai-khoan", data=form)
    assert answer.status_code == 400
    assert told in answer.text


def test_a_form_without_its_token_changes_nothing(app: Flask):
    client = app.test_client()
    assert client.post("/dang-nhap", data={"login": "head", "password": PASSWORD}).status_code == 400
    log_in(client, "head")
    assert client.post("/dang-xuat").status_code == 400
    assert client.get("/tai-khoan").status_code == 200


def test_log_ins_are_in_the_log_without_names(app: Flask, context: StandingContext):
    log_in(app.test_client(), "head")
    with context.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.actor, act.action) == ("head", "login")
    assert act.at == NOW

"""The pages of tokens and subscriptions: made, shown once, revoked by who may; receivers of the configuration alone."""

import re

import pytest
from flask import Flask

from app.api.faults import PREFIX
from tests.web.api_calls import bearer
from tests.web.conftest import token
from tests.web.factors import code_of, give_factor, log_in_with_code
from tests.web.world import HUB, PASSWORD, StandingContext
from tracker.store import api_tokens, audit, subscriptions

PAGE, SYSTEMS, ACCOUNT = "/tai-khoan/khoa-api", "/quan-tri/nhan-tin", "/tai-khoan"
SECRET = re.compile(r"dh1_[a-z0-9]{10}_[A-Za-z0-9_-]{43}")


def make(client, **given: object):
    form = {
        "ten": "Kho dữ liệu", "quyen": ["dossiers:read", "letters:read"], "han": "30", "mat-khau": PASSWORD, **given,
    }  # fmt: skip
    return client.post(PAGE, data={**form, "csrf_token": token(client, PAGE)})


def press(client, address: str, page: str = PAGE, **form: object):
    return client.post(address, data={**form, "csrf_token": token(client, page)})


def test_a_token_is_shown_once_and_opens_what_was_chosen(app: Flask, as_role):
    client = as_role("desk")
    answer = make(client)
    [secret] = set(SECRET.findall(answer.text))
    assert SECRET.search(client.get(PAGE).text) is None
    assert "Kho dữ liệu" in client.get(PAGE).text
    calls = app.test_client()
    assert calls.get(f"{PREFIX}/me", headers=bearer(secret)).json["scopes"] == [
        "dossiers:read",
        "letters:read",
    ]
    assert calls.get(f"{PREFIX}/alerts", headers=bearer(secret)).status_code == 403


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"ten": " "}, "Hãy ghi khóa này dùng cho chương trình nào."),
        ({"ten": "Gọi 0912345678"}, "Tên khóa không được có số điện thoại hay số định danh."),
        ({"quyen": []}, "Hãy chọn ít nhất một quyền."),
        ({"quyen": ["log:read"]}, "Vai trò của tài khoản không có quyền: log:read."),
        ({"quyen": ["<b>"]}, "Vai trò của tài khoản không có quyền: &lt;b&gt;."),
        ({"han": "0"}, "Thời hạn của khóa từ 1 đến 366 ngày."),
        ({"han": "9" * 30}, "Thời hạn của khóa từ 1 đến 366 ngày."),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_made(
    as_role, context: StandingContext, given: dict[str, object], fault: str
):
    client = as_role("desk")
    answer = make(client, **given)
    assert answer.status_code == 400
    assert fault in answer.text
    with context.store.read() as session:
        assert len(api_tokens.listed(session)) == 1  # that of the world


def test_a_token_is_revoked_by_its_owner_or_an_administrator_and_seen_by_no_other(
    app: Flask, as_role, context: StandingContext
):
    desk, head, admin = as_role("desk"), as_role("head"), as_role("admin")
    assert "Bảng điện tử ở sảnh" not in head.get(f"{PAGE}?loc=tat-ca").text
    assert press(head, f"{PAGE}/1/thu-hoi").status_code == 404
    assert "Bảng điện tử ở sảnh" in admin.get(f"{PAGE}?loc=tat-ca").text
    assert "Bảng điện tử ở sảnh" not in admin.get(PAGE).text
    assert press(admin, f"{PAGE}/1/thu-hoi").location == f"{PAGE}?loc=tat-ca"
    assert "bởi admin" in desk.get(PAGE).text
    assert press(desk, f"{PAGE}/1/thu-hoi").status_code == 302
    assert "đã hết hiệu lực từ trước" in desk.get(PAGE).text


@pytest.mark.parametrize(
    ("typed", "fault"),
    [("", "Hãy nhập mật khẩu hiện tại."), ("khong-phai-no", "Mật khẩu hiện tại không đúng.")],
)
def test_a_token_is_made_for_nobody_who_does_not_know_the_password(
    as_role, context: StandingContext, typed: str, fault: str
):
    answer = make(as_role("desk"), **{"mat-khau": typed})
    assert (answer.status_code, fault in answer.text, SECRET.search(answer.text)) == (400, True, None)
    assert 'value="Kho dữ liệu"' in answer.text  # what was chosen stays, the password does not
    assert "khong-phai-no" not in answer.text
    with context.store.read() as session:
        assert len(api_tokens.listed(session)) == 1  # that of the world


def test_with_a_second_factor_a_token_takes_a_code_of_it_and_each_only_once(
    app: Flask, context: StandingContext
):
    give_factor(context, "desk")
    client = log_in_with_code(app, context, "desk", by=-1)
    assert "Hãy nhập mã." in make(client).text
    assert "Mã không đúng hoặc đã dùng." in make(client, ma="000000").text
    # A form that is wrong otherwise uses up no code.
    assert make(client, ma=code_of(context.now()), ten=" ").status_code == 400
    assert SECRET.search(make(client, ma=code_of(context.now())).text)
    again = make(client, ma=code_of(context.now()))
    assert (again.status_code, SECRET.search(again.text)) == (400, None)


def test_only_scopes_of_the_own_role_are_offered(as_role):
    assert 'value="names"' in as_role("desk").get(PAGE).text
    assert 'value="log:read"' not in as_role("desk").get(PAGE).text
    auditor = as_role("auditor").get(PAGE).text
    assert 'value="names"' not in auditor
    assert 'value="log:read"' in auditor


def test_a_system_of_the_configuration_is_subscribed_and_ended(as_role, context: StandingContext):
    client = as_role("admin")
    form = {"he-thong": HUB, "loai": ["letter.signed", "dossier.overdue"], "don-vi": "T900001"}
    assert press(client, SYSTEMS, SYSTEMS, **form).status_code == 302
    page = client.get(SYSTEMS).text
    assert "Thư xin lỗi đã ký; Hồ sơ quá hạn đến một mốc cảnh báo" in page
    again = press(client, SYSTEMS, SYSTEMS, **form)
    assert (again.status_code, "đã nhận các sự kiện ấy" in again.text) == (400, True)
    assert press(client, f"{SYSTEMS}/2/thoi", SYSTEMS).status_code == 302
    with context.store.read() as session:
        assert [each.subscription_id for each in subscriptions.standing(session)] == [1]


@pytest.mark.parametrize(
    "given",
    [
        {"he-thong": "https://evil.vi-du.vn/"},
        {"he-thong": ""},
        {"loai": []},
        {"loai": ["khong-co"]},
        {"don-vi": "KHONG-CO"},
    ],
)
def test_no_page_subscribes_an_address_a_kind_or_a_unit_that_is_none(
    as_role, context: StandingContext, given: dict[str, object]
):
    form = {"he-thong": HUB, "loai": ["letter.signed"], "don-vi": "", **given}
    answer = press(as_role("admin"), SYSTEMS, SYSTEMS, **form)
    assert answer.status_code == 400
    with context.store.read() as session:
        assert len(subscriptions.listed(session)) == 1


def test_the_page_of_operations_says_what_the_reader_could_call(as_role):
    page = as_role("desk").get("/api").text
    assert "GET /api/v1/dossiers/{code}" in page
    assert 'id="SCOPE_MISSING"' in page


@pytest.mark.parametrize(
    ("box", "left", "told"),
    [
        ({"hoi-khoa": "1", "end_tokens": "y"}, 0, {"tokens_ended": 1}),
        ({"hoi-khoa": "1"}, 1, {"tokens_kept": 1}),
        ({}, 0, {"tokens_ended": 1}),  # who was not asked has not decided to keep them
    ],
)
def test_changing_the_own_password_ends_the_tokens_unless_they_are_kept(
    as_role, context: StandingContext, box: dict[str, str], left: int, told: dict[str, int]
):
    client, new = as_role("desk"), "con meo nam tren mai nha"
    assert re.search(r'<input checked id="end_tokens" name="end_tokens"', client.get(ACCOUNT).text)
    answer = press(client, ACCOUNT, ACCOUNT, present=PASSWORD, new=new, again=new, **box)
    with context.store.read() as session:
        [token_row] = api_tokens.listed(session)  # that of the world
        assert api_tokens.count_good(session, token_row.account_id, context.now()) == left
        act = next(act for act in audit.recent_acts(session, 5) if act.action == "password")
    assert (answer.status_code, act.detail) == (302, told)
    page = client.get(PAGE).text
    assert (
        ("khi chủ tài khoản đổi mật khẩu" in page)
        == ("các khóa API của tài khoản này đã kết thúc" in page)
        == (not left)
    )


def test_who_has_no_token_is_not_asked_about_tokens(as_role):
    assert "end_tokens" not in as_role("head").get(ACCOUNT).text

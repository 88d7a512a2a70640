"""The pages of tokens and subscriptions: made, shown once, revoked by who may; receivers of the configuration alone."""

import re

import pytest
from flask import Flask

from app.api.faults import PREFIX
from tests.web.api_calls import bearer
from tests.web.conftest import token
from tests.web.world import HUB, StandingContext
from tracker.store import api_tokens, subscriptions

PAGE, SYSTEMS = "/tai-khoan/khoa-api", "/quan-tri/nhan-tin"
SECRET = re.compile(r"dh1_[a-z0-9]{10}_[A-Za-z0-9_-]{43}")


def make(client, **given: object):
    form = {"ten": "Kho dữ liệu", "quyen": ["dossiers:read", "letters:read"], "han": "30", **given}
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

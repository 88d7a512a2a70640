"""The pages of accounts and of changes by two persons, and the same on the command line."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import new_salt
from app.commands.user_command import user
from tests.passwords import cheap_hash
from tests.web.conftest import log_in, token
from tests.web.world import BRANCH_A, NOW, PASSWORD, StandingContext
from tracker.errors import UsageError
from tracker.store import audit, people
from tracker.store.people import Account, NewAccount

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

ACCOUNTS, FIRST = "/quan-tri/tai-khoan", "/quan-tri/thay-doi/1"
REASON = "Quyết định phân công số 2"
AsRole = Callable[[str], FlaskClient]


@pytest.fixture
def second(app: Flask, context: StandingContext) -> FlaskClient:
    """A second administrator, logged in."""
    with context.store.transaction() as session:
        new = NewAccount("binh", "Bình", "admin", None, cheap_hash(PASSWORD), new_salt())
        people.add_account(session, new, NOW)
    client = app.test_client()
    log_in(client, "binh")
    return client


def post(client: FlaskClient, address: str, **form: str) -> Any:
    return client.post(address, data={"csrf_token": token(client, "/tai-khoan"), **form})


def found(context: StandingContext, login: str) -> Account:
    with context.store.read() as session:
        account = people.find_login(session, login)
    assert account
    return account


def run(context: StandingContext, *words: str) -> Result:
    return CliRunner().invoke(user, list(words), obj=context)


def test_the_list_shows_every_account_and_what_waits(as_role: AsRole):
    text = as_role("admin").get(ACCOUNTS).text
    assert "Đề nghị số 1: tài khoản mới" in text
    for login in ("desk", "head", "auditor", "reform", "admin"):
        assert f">{login}</a>" in text


def test_asking_for_a_new_account_leads_to_the_proposal(as_role: AsRole, context: StandingContext):
    form = {
        "login": "Chi",
        "full_name": "Chi",
        "email": "",
        "role": "desk",
        "unit": str(BRANCH_A),
        "reason": REASON,
    }
    admin = as_role("admin")
    answer = post(admin, f"{ACCOUNTS}/moi", **form)
    assert answer.location == "/quan-tri/thay-doi/2"
    text = admin.get(answer.location).text
    assert "Rút đề nghị" in text
    assert "Duyệt và áp dụng" not in text  # the own proposal
    with context.store.read() as session:
        assert people.find_login(session, "chi") is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"login": "operator"}, "dành cho chương trình"),
        ({"login": "desk"}, "Đã có tài khoản desk"),
        ({"reason": "vì thế"}, "ít nhất 10 ký tự"),
        ({"reason": ""}, "Hãy điền lý do"),
        ({"unit": "12345678"}, "Not a valid choice"),
        ({"role": "king"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_asked_for_is_told_on_the_form(as_role: AsRole, given: dict[str, str], told: str):
    form = {"login": "chi", "full_name": "Chi", "email": "", "role": "desk", "unit": "0", "reason": REASON}
    answer = post(as_role("admin"), f"{ACCOUNTS}/moi", **{**form, **given})
    assert answer.status_code == 400
    assert told in answer.text


def test_the_second_person_approves_and_sees_the_first_password_once(
    app: Flask, second: FlaskClient, context: StandingContext
):
    answer = post(second, f"{FIRST}/duyet")
    password = re.search(r"<code>([a-z0-9-]{14})</code>", answer.text)
    assert password
    assert password[1] not in second.get(FIRST).text
    assert "quyết định trước đó" in second.get(post(second, f"{FIRST}/duyet").location).text
    newcomer = app.test_client()
    assert log_in(newcomer, "thu.nghiem", password[1]).status_code == 302
    assert newcomer.get("/").location == "/tai-khoan"
    assert found(context, "thu.nghiem").must_change_password


def test_the_proposer_cannot_approve_by_the_bare_address_either(as_role: AsRole, context: StandingContext):
    admin = as_role("admin")
    assert "cần người thứ hai" in admin.get(post(admin, f"{FIRST}/duyet").location).text
    with context.store.read() as session:
        assert people.find_login(session, "thu.nghiem") is None


@pytest.mark.parametrize("role", ["desk", "head", "auditor", "reform"])
def test_nobody_but_an_administrator_decides(as_role: AsRole, role: str):
    client = as_role(role)
    for verb in ("duyet", "tu-choi", "rut"):
        assert post(client, f"{FIRST}/{verb}").status_code == 403


def test_rejecting_needs_a_word_why(second: FlaskClient):
    assert "lý do từ chối" in second.get(post(second, f"{FIRST}/tu-choi", note=" ").location).text
    post(second, f"{FIRST}/tu-choi", note="Chưa có quyết định")
    text = second.get(FIRST).text
    assert "Bị từ chối" in text
    assert "Chưa có quyết định" in text


def test_another_role_is_asked_for_and_applied_by_two(
    as_role: AsRole, second: FlaskClient, context: StandingContext
):
    admin, desk = as_role("admin"), as_role("desk")
    of = f"{ACCOUNTS}/{found(context, 'desk').account_id}"
    answer = post(admin, of, role="auditor", unit="0", reason=REASON)
    text = second.get(answer.location).text
    assert "Cán bộ một cửa" in text
    assert "Kiểm tra, thanh tra" in text
    post(second, f"{answer.location}/duyet")
    assert (found(context, "desk").role, found(context, "desk").unit_id) == ("auditor", None)
    assert desk.get("/ban-theo-doi").status_code == 302  # logged out


def test_one_person_closes_an_account_at_once_and_two_open_it(
    as_role: AsRole, second: FlaskClient, context: StandingContext
):
    admin, desk = as_role("admin"), as_role("desk")
    of = f"{ACCOUNTS}/{found(context, 'desk').account_id}"
    post(admin, f"{of}/khoa", reason="Nghỉ việc từ hôm nay")
    assert desk.get("/ban-theo-doi").status_code == 302
    assert found(context, "desk").disabled_at == NOW
    answer = post(admin, f"{of}/mo", reason="Khóa nhầm người, mở lại")
    assert found(context, "desk").disabled_at
    post(second, f"{answer.location}/duyet")
    assert found(context, "desk").disabled_at is None


def test_nobody_closes_the_own_account_or_closes_without_a_reason(as_role: AsRole, context: StandingContext):
    admin = as_role("admin")
    own = f"{ACCOUNTS}/{found(context, 'admin').account_id}"
    assert "Không tự khóa" in admin.get(post(admin, f"{own}/khoa", reason=REASON).location).text
    other = f"{ACCOUNTS}/{found(context, 'desk').account_id}"
    assert "lý do khóa" in admin.get(post(admin, f"{other}/khoa", reason="").location).text
    assert found(context, "desk").disabled_at is None


@pytest.mark.parametrize("reason", ["Tài khoản Desk nghỉ việc", "Gọi số 0912 345 678 để biết thêm"])
def test_the_reason_for_closing_stands_in_the_log_and_so_holds_no_personal_data(
    as_role: AsRole, context: StandingContext, reason: str
):
    admin = as_role("admin")
    of = f"{ACCOUNTS}/{found(context, 'desk').account_id}"
    assert "không giữ dữ liệu cá nhân" in admin.get(post(admin, f"{of}/khoa", reason=reason).location).text
    assert found(context, "desk").disabled_at is None


def test_what_does_not_exist_is_not_found(as_role: AsRole):
    admin = as_role("admin")
    for address in (f"{ACCOUNTS}/99", "/quan-tri/thay-doi/99"):
        assert admin.get(address).status_code == 404
    assert post(admin, "/quan-tri/thay-doi/99/duyet").status_code == 404


# ---------------------------------------------------------------- the command line


def test_the_operator_approves_on_the_command_line_and_it_is_logged(context: StandingContext):
    assert "Đề nghị số 1 (chờ người thứ hai duyệt): Tài khoản mới" in run(context, "changes").output
    answer = json.loads(run(context, "approve", "1", "--json").stdout)
    assert (answer["state"], answer["decided_by"]) == ("applied", "operator")
    assert len(answer["password"]) == 14
    assert found(context, "thu.nghiem").email == "thu.nghiem@vi-du.vn"
    with context.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.actor, act.action) == ("operator", "change_approve")
    assert isinstance(run(context, "approve", "1").exception, UsageError)


def test_the_operator_rejects_with_a_note(context: StandingContext):
    assert json.loads(run(context, "reject", "1", "--note", "không", "--json").stdout)["state"] == "rejected"


def test_role_and_scope_are_changed_on_the_command_line(context: StandingContext):
    before = found(context, "desk")
    run(context, "role", "desk", "--role", "head")
    assert (found(context, "desk").role, found(context, "desk").unit_id) == ("head", BRANCH_A)
    run(context, "role", "desk", "--whole-province")
    after = found(context, "desk")
    assert (after.role, after.unit_id) == ("head", None)
    assert after.session_salt != before.session_salt
    run(context, "role", "desk", "--unit", f"T{BRANCH_A}")
    assert found(context, "desk").unit_id == BRANCH_A
    for words in (
        ("desk",),
        ("desk", "--unit", "X", "--whole-province"),
        ("desk", "--unit", "khong-co"),
        ("khong-co",),
    ):
        assert isinstance(run(context, "role", *words).exception, UsageError)


def test_an_address_for_messages_is_set_and_taken_away(context: StandingContext):
    run(context, "email", "desk", " can.bo@vi-du.vn ")
    assert found(context, "desk").email == "can.bo@vi-du.vn"
    assert isinstance(run(context, "email", "desk", "can.bo").exception, UsageError)
    run(context, "email", "desk", "")
    assert found(context, "desk").email == ""

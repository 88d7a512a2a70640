"""Who must have a second factor, how a lost one is taken away, the key that opens them, and what the account tells."""

import json
import re
from base64 import b32encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from app import factor_key as keys
from app import second_factor, two_person
from app.access_changes import AccountFactor
from app.access_check import access_verdict
from app.accounts import create_demo_accounts, new_salt
from app.commands.user_command import user
from app.factor_key import factor_key
from app.two_person import Person
from app.web import create_app
from tests.web.conftest import Client, log_in, token
from tests.web.factors import (
    CODE,
    DOOR,
    PAGE,
    account,
    code_of,
    give_factor,
    log_in_with_code,
    press,
    shown_secret,
    to_second_step,
    type_code,
    with_prefix,
)
from tests.web.world import NOW, PASSWORD, StandingContext
from tracker.errors import ConfigurationError, UsageError
from tracker.store import audit, people, second_factors
from tracker.store.models import OutboxMessage, User

pytestmark = pytest.mark.sqlite_only(
    "forms and sessions are the same on both; what is taken once is tried on both in tests/store/test_second_factors.py"
)


def inside(client) -> bool:
    """Does this client open a page?"""
    return client.get("/tai-khoan").status_code == 200


def last_act(context: StandingContext, action: str) -> audit.Act:
    with context.store.read() as session:
        return audit.find_acts(session, audit.ActFilter(action=action), limit=1)[0].act


# ---------------------------------------------------------------- roles that must have one


def needing(context: StandingContext, *roles: str) -> Flask:
    web = replace(context.config.web, second_factor_roles=frozenset(roles))
    context.__dict__["config"] = replace(context.config, web=web)
    app = create_app(context, RATELIMIT_ENABLED=False)
    app.test_client_class = Client
    return app


def test_who_must_have_one_can_do_nothing_before_but_set_it_up(context: StandingContext):
    app = needing(context, "admin")
    client = app.test_client()
    log_in(client, "admin")
    for address in ("/", "/quan-tri/tai-khoan", "/nhat-ky/", "/tieu-chi/3.4.1"):
        assert client.get(address).location == PAGE
    refused = client.post(
        "/quan-tri/tai-khoan/1/khoa", data={"csrf_token": token(client, PAGE), "reason": "x"}
    )
    assert refused.location == PAGE
    press(client, f"{PAGE}/bat-dau", present=PASSWORD)
    press(client, f"{PAGE}/xac-nhan", code=code_of(NOW, shown_secret(client.get(PAGE).text)))
    assert client.get("/quan-tri/tai-khoan").status_code == 200


def test_who_must_have_one_does_not_switch_it_off(context: StandingContext):
    app = needing(context, "admin")
    give_factor(context, "admin")
    client = log_in_with_code(app, context, "admin")
    press(client, f"{PAGE}/tat", **with_prefix("off", code=code_of(NOW, by=1)))
    assert account(context, "admin").second_factor


def test_other_roles_and_demonstrations_on_this_machine_need_none(context: StandingContext):
    app = needing(context, "admin", "desk")
    client = app.test_client()
    log_in(client, "head")
    assert client.get("/tai-khoan").status_code == 200
    with context.store.transaction() as session:
        for row in session.scalars(select(User)):
            row.login = f"old.{row.login}"
    made = {login: password for login, password, _role, _unit in create_demo_accounts(context.store, NOW)}
    demo = app.test_client()
    log_in(demo, "admin", made["admin"])
    assert demo.get("/quan-tri/tai-khoan").status_code == 200


def test_demonstration_accounts_are_made_anew_with_their_factors_gone(context: StandingContext):
    with context.store.transaction() as session:
        for row in session.scalars(select(User)):
            row.login = f"old.{row.login}"
    create_demo_accounts(context.store, NOW)
    give_factor(context, "desk")
    create_demo_accounts(context.store, NOW)
    assert account(context, "desk").second_factor == ""


# ---------------------------------------------------------------- lost


def second_admin(context: StandingContext) -> None:
    with context.store.transaction() as session:
        new = people.NewAccount(
            "quan-tri-hai", "Hai", "admin", None, account(context, "admin").password_hash, new_salt()
        )
        people.add_account(session, new, NOW)


def test_a_lost_factor_is_taken_away_by_two_administrators_and_its_owner_is_told(
    app: Flask, context: StandingContext, as_role
):
    give_factor(context, "head")
    second_admin(context)
    owner = account(context, "head")
    asking, deciding = as_role("admin"), as_role("quan-tri-hai")
    page = f"/quan-tri/tai-khoan/{owner.account_id}"
    form = {"reason": "Mất điện thoại, đã gặp mặt", "csrf_token": token(asking, page)}
    change = asking.post(f"{page}/xac-thuc", data=form).location
    own = asking.post(f"{change}/duyet", data={"csrf_token": token(asking, "/quan-tri/thay-doi")})
    assert own.status_code == 302
    assert account(context, "head").second_factor  # one person is not enough
    deciding.post(f"{change}/duyet", data={"csrf_token": token(deciding, change)})
    assert account(context, "head").second_factor == ""
    assert log_in(app.test_client(), "head").location == "/"
    assert last_act(context, "change_approve").detail["of"] == f"user:{owner.account_id}"
    with context.store.read() as session:
        query = select(OutboxMessage.recipient).where(OutboxMessage.kind == "access_changed")
        told = list(session.scalars(query))
    assert told == [f"user:{owner.account_id}"]


def test_what_was_asked_for_is_not_applied_to_a_factor_that_was_set_up_since(context: StandingContext):
    give_factor(context, "head")
    second_admin(context)
    asked = AccountFactor(account(context, "head").account_id)
    row = two_person.propose(context.store, asked, person=Person("admin"), reason="Mất điện thoại", now=NOW)
    with context.store.transaction() as session:
        second_factors.clear_factor(session, asked.account_id)
    context.instant = NOW + timedelta(hours=1)
    give_factor(context, "head")
    with pytest.raises(UsageError, match="đã thay đổi"):
        two_person.approve(context.store, row.change_id, person=Person("quan-tri-hai"), now=NOW)


def test_the_operator_takes_a_lost_factor_away_by_a_command(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = to_second_step(app, "head")
    done = CliRunner().invoke(user, ["factor-off", "head", "--json"], obj=context)
    assert json.loads(done.output) == {"login": "head", "second_factor": False}
    assert client.get(CODE).location.startswith(DOOR)
    assert log_in(app.test_client(), "head").location == "/"
    assert last_act(context, "user_factor_off").actor == "operator"
    again = CliRunner().invoke(user, ["factor-off", "head"], obj=context)
    assert isinstance(again.exception, UsageError)


# ---------------------------------------------------------------- the key


def test_with_another_key_log_in_says_what_happened_and_lets_nobody_in(
    app: Flask, context: StandingContext, monkeypatch: pytest.MonkeyPatch
):
    give_factor(context, "head")
    monkeypatch.setenv(keys.KEY_VARIABLE, "x" * 40)
    client = to_second_step(app, "head")
    answer = type_code(client, code_of(NOW))
    assert answer.status_code == 503
    assert "khóa trên máy chủ" in answer.text
    assert not inside(client)


def test_changing_the_key_of_the_cookies_loses_no_factor(context: StandingContext):
    give_factor(context, "head")
    app = create_app(context, RATELIMIT_ENABLED=False, SECRET_KEY="another one since today")
    app.test_client_class = Client
    assert inside(log_in_with_code(app, context, "head"))


def test_a_key_that_is_too_short_to_be_one_is_refused(
    context: StandingContext, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(keys.KEY_VARIABLE, "ngan")
    with pytest.raises(ConfigurationError, match="32"):
        factor_key(context.data_dir)


def test_a_lost_key_is_made_anew_by_no_log_in(app: Flask, context: StandingContext):
    give_factor(context, "head")
    (context.data_dir / keys.KEY_FILE).unlink()
    assert type_code(to_second_step(app, "head"), code_of(NOW)).status_code == 503
    assert not (context.data_dir / keys.KEY_FILE).exists()


def test_the_doctor_tells_administrators_without_a_factor_and_factors_that_open_no_more(
    context: StandingContext,
):
    well, told = access_verdict(context)
    assert well
    assert "1 quản trị viên chưa có (admin)" in told
    give_factor(context, "admin")
    assert "quản trị viên chưa có" not in access_verdict(context)[1]
    (context.data_dir / keys.KEY_FILE).write_text("another key of at least 32 characters", "utf-8")
    well, told = access_verdict(context)
    assert not well
    assert "khóa trên máy không mở được: admin" in told


def test_codes_are_those_of_rfc_6238():
    """Appendix B of the RFC, SHA-1, the last six of its eight figures."""
    secret = b32encode(b"12345678901234567890").decode()
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        moment = datetime.fromtimestamp(seconds, UTC)
        assert second_factor.fitting_step(secret, code, moment) == seconds // 30


# ---------------------------------------------------------------- the own account


def test_the_account_tells_its_last_log_ins_and_ends_the_other_sessions(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = log_in_with_code(app, context, "head")
    other = log_in_with_code(app, context, "head", by=1)
    text = re.sub(r"\s+", " ", client.get("/tai-khoan").text)
    assert "mật khẩu và mã trên điện thoại" in text
    assert "Bật xác thực hai bước" in text
    press(client, "/tai-khoan/ket-thuc-phien")
    assert inside(client)
    assert not inside(other)

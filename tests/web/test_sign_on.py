"""Single sign-on against a real provider in a process of its own: log-in, linking, second factor, log-out, by its rules."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import new_salt
from app.commands.user_command import user
from tests.web.conftest import log_in, token
from tests.web.factors import CODE, account, code_of, give_factor, press, type_code
from tests.web.providers import BACK, SUBJECT, agree, query_of, real_provider, with_provider
from tests.web.world import NOW, PASSWORD, StandingContext
from tracker import clock
from tracker.config import load_config
from tracker.errors import ConfigurationError, UsageError
from tracker.store import audit, people, second_factors

pytestmark = pytest.mark.sqlite_only(
    "nothing of it is in the database but who is linked, tried in tests/store on both"
)

GO = "/dang-nhap/mot-lan"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The real provider."""
    with real_provider() as address:
        yield address


@pytest.fixture
def now(context: StandingContext) -> datetime:
    """The real provider signs by the real clock."""
    context.instant = clock.now()
    return context.instant


@pytest.fixture
def app(context: StandingContext, issuer: str, now: datetime) -> Flask:
    """The application whose people log in by the real provider."""
    return with_provider(context, issuer)


def link(context: StandingContext, login: str, subject: str = SUBJECT) -> None:
    told = f"{context.config.sign_on.issuer} {subject}"
    with context.store.transaction() as session:
        second_factors.set_subject(session, account(context, login).account_id, told)


def come_back(client: FlaskClient, start: str = GO, **form: str):
    """To the provider, agree there, and back."""
    there = client.get(start).location
    back = urlsplit(agree(there, **form))
    return client.get(f"{back.path}?{back.query}")


def last_act(context: StandingContext, action: str) -> audit.Act:
    with context.store.read() as session:
        return audit.find_acts(session, audit.ActFilter(action=action), limit=1)[0].act


def test_who_is_linked_logs_in_without_a_password_here(app: Flask, context: StandingContext):
    link(context, "head")
    client = app.test_client()
    assert context.config.sign_on.label in client.get("/dang-nhap").text
    assert come_back(client).location == "/"
    assert "Tài khoản head" in client.get("/tai-khoan").text
    assert last_act(context, "login").detail == {"way": "sign_on"}


def test_what_is_asked_of_the_provider_is_proven_bound_and_no_more_than_who_it_is(app: Flask, issuer: str):
    there = app.test_client().get(GO).location
    asked = query_of(there)
    assert there.startswith(f"{issuer}/oauth2/authorize?")
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == (
        "code",
        "openid",
        "S256",
    )
    assert asked["redirect_uri"] == f"http://localhost{BACK}"
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert query_of(app.test_client().get(GO).location)["state"] != asked["state"]


def test_the_way_back_is_the_address_that_people_type(context: StandingContext, issuer: str, now: datetime):
    app = with_provider(context, issuer, public_url="https://dung-hen.vi-du.vn")
    asked = query_of(app.test_client().get(GO).location)
    assert asked["redirect_uri"] == f"https://dung-hen.vi-du.vn{BACK}"


def test_it_leads_to_the_page_that_was_wanted_if_that_is_ours(app: Flask, context: StandingContext):
    link(context, "head")
    assert come_back(app.test_client(), f"{GO}?next=/qua-han").location == "/qua-han"
    for foreign in ("https://example.org/", "//example.org", "/\\example.org"):
        assert come_back(app.test_client(), f"{GO}?next={foreign}").location == "/"


def test_nothing_that_was_set_before_lives_on_after_it(app: Flask, context: StandingContext):
    link(context, "head")
    client = app.test_client()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    come_back(client)
    with client.session_transaction() as session:
        assert "planted" not in session


def test_no_account_is_made_by_it(app: Flask, context: StandingContext):
    client = app.test_client()
    before = len(people_of(context))
    assert come_back(client, sub="nguoi-la").location == "/dang-nhap"
    assert "chưa gắn với tài khoản nào" in client.get("/dang-nhap").text
    assert len(people_of(context)) == before


def people_of(context: StandingContext) -> list[people.Account]:
    with context.store.read() as session:
        return people.list_accounts(session)


@pytest.mark.parametrize("how", ["closed", "demonstration"])
def test_closed_and_demonstration_accounts_get_in_by_no_provider(
    app: Flask, context: StandingContext, how: str, now: datetime
):
    link(context, "head")
    with context.store.transaction() as session:
        owner = session.get_one(people.User, account(context, "head").account_id)
        owner.is_demo, owner.disabled_at = how == "demonstration", now if how == "closed" else None
    client = app.test_client()
    assert come_back(client).location == "/dang-nhap"
    assert client.get("/tai-khoan").status_code == 302


def test_who_says_no_there_is_not_logged_in(app: Flask, context: StandingContext):
    link(context, "head")
    client = app.test_client()
    assert come_back(client, action="deny").location == "/dang-nhap"
    assert client.get("/tai-khoan").status_code == 302


def test_a_page_of_another_site_starts_no_log_in(app: Flask):
    assert app.test_client().get(GO, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_second_factor_is_asked_for_here_too(app: Flask, context: StandingContext):
    link(context, "head")
    give_factor(context, "head")
    client = app.test_client()
    answer = come_back(client, f"{GO}?next=/qua-han")
    assert answer.location == f"{CODE}?next=/qua-han"
    assert client.get("/tai-khoan").status_code == 302
    assert type_code(client, code_of(context.now()), answer.location).location == "/qua-han"
    assert last_act(context, "login").detail == {"way": "sign_on+code"}


def test_trust_in_the_providers_second_factor_needs_its_word_that_it_asked(
    context: StandingContext, issuer: str, now: datetime
):
    app = with_provider(context, issuer, trusts_second_factor=True)
    link(context, "head")
    give_factor(context, "head")
    assert come_back(app.test_client()).location == CODE  # this provider says nothing of methods


def test_a_role_that_must_have_a_second_factor_sets_it_up_first(
    context: StandingContext, issuer: str, now: datetime
):
    web = replace(context.config.web, second_factor_roles=frozenset({"head"}))
    context.__dict__["config"] = replace(context.config, web=web)
    app = with_provider(context, issuer)
    link(context, "head")
    client = app.test_client()
    come_back(client)
    assert client.get("/ban-theo-doi").location == "/tai-khoan/xac-thuc"


# ---------------------------------------------------------------- linking


def test_a_person_links_the_own_account_after_the_password_and_logs_in_by_it(
    app: Flask, context: StandingContext
):
    client = app.test_client()
    log_in(client, "head")
    assert client.get("/tai-khoan/mot-lan/gan").location == "/tai-khoan"  # not before the password
    press(client, "/tai-khoan/mot-lan/cho-phep", present="sai")
    assert client.get("/tai-khoan/mot-lan/gan").location == "/tai-khoan"
    press(client, "/tai-khoan/mot-lan/cho-phep", present=PASSWORD)
    assert come_back(client, "/tai-khoan/mot-lan/gan").location == "/tai-khoan"
    assert account(context, "head").sso_subject == f"{context.config.sign_on.issuer} {SUBJECT}"
    assert last_act(context, "sign_on_link").actor == "head"
    assert come_back(app.test_client()).location == "/"


def test_an_answer_for_one_account_is_linked_to_no_other(app: Flask, context: StandingContext):
    client = app.test_client()
    log_in(client, "head")
    press(client, "/tai-khoan/mot-lan/cho-phep", present=PASSWORD)
    back = urlsplit(agree(client.get("/tai-khoan/mot-lan/gan").location))
    with client.session_transaction() as session:
        kept = session["sign_on"]
    log_in(other := app.test_client(), "desk")
    with other.session_transaction() as session:
        session["sign_on"] = kept
    other.get(f"{back.path}?{back.query}")
    assert account(context, "desk").sso_subject == ""


def test_nobody_at_the_provider_is_linked_to_two_accounts(app: Flask, context: StandingContext):
    link(context, "desk")
    client = app.test_client()
    log_in(client, "head")
    press(client, "/tai-khoan/mot-lan/cho-phep", present=PASSWORD)
    come_back(client, "/tai-khoan/mot-lan/gan")
    assert "đã gắn với một tài khoản khác" in client.get("/tai-khoan").text
    assert account(context, "head").sso_subject == ""


def test_a_person_unlinks_by_the_password(app: Flask, context: StandingContext):
    link(context, "head")
    client = app.test_client()
    log_in(client, "head")
    press(client, "/tai-khoan/mot-lan/go", present="sai")
    assert account(context, "head").sso_subject
    press(client, "/tai-khoan/mot-lan/go", present=PASSWORD)
    assert account(context, "head").sso_subject == ""
    assert last_act(context, "sign_on_unlink").actor == "head"


def test_an_administrator_names_somebody_only_with_a_second_one(app: Flask, context: StandingContext):
    with context.store.transaction() as session:
        hashed = account(context, "admin").password_hash
        people.add_account(session, people.NewAccount("hai", "Hai", "admin", None, hashed, new_salt()), NOW)
    asking, deciding = app.test_client(), app.test_client()
    log_in(asking, "admin")
    log_in(deciding, "hai")
    page = f"/quan-tri/tai-khoan/{account(context, 'head').account_id}"
    form = {"subject": SUBJECT, "reason": "Công văn số 5 (thử)", "csrf_token": token(asking, page)}
    change = asking.post(f"{page}/mot-lan", data=form).location
    assert account(context, "head").sso_subject == ""
    deciding.post(f"{change}/duyet", data={"csrf_token": token(deciding, change)})
    assert account(context, "head").sso_subject.endswith(f" {SUBJECT}")
    assert last_act(context, "change_propose").detail["kind"] == "account_sign_on"
    assert come_back(app.test_client()).location == "/"


def test_the_operator_names_somebody_by_a_command_and_ends_the_sessions(app: Flask, context: StandingContext):
    client = app.test_client()
    log_in(client, "head")
    done = CliRunner().invoke(user, ["sign-on", "head", SUBJECT, "--json"], obj=context)
    assert json.loads(done.output)["subject"] == f"{context.config.sign_on.issuer} {SUBJECT}"
    assert client.get("/tai-khoan").status_code == 302
    assert come_back(app.test_client()).location == "/"
    CliRunner().invoke(user, ["sign-on", "head", ""], obj=context)
    assert account(context, "head").sso_subject == ""


# ---------------------------------------------------------------- passwords, log-out, switched off


def test_where_passwords_are_switched_off_administrators_alone_log_in_by_them(
    context: StandingContext, issuer: str, now: datetime
):
    app = with_provider(context, issuer, has_password_login=False)
    refused = log_in(app.test_client(), "head")
    assert refused.status_code == 401
    assert "chỉ cho tài khoản này vào bằng nút" in refused.text
    assert "không đúng" in log_in(app.test_client(), "head", "sai").text
    assert log_in(app.test_client(), "admin").status_code == 302


def test_log_out_offers_the_providers_own(app: Flask, context: StandingContext, issuer: str):
    link(context, "head")
    client = app.test_client()
    come_back(client)
    out = client.post("/dang-xuat", data={"csrf_token": token(client, "/tai-khoan")})
    assert "Thoát luôn tài khoản bên ngoài" in client.get(out.location).text
    there = client.get(f"{GO}/thoat").location
    assert there.startswith(f"{issuer}/oauth2/end_session?")
    assert query_of(there)["post_logout_redirect_uri"] == "http://localhost/dang-nhap"


def test_without_a_provider_there_is_no_such_way(context: StandingContext):
    app = with_provider(context, "")
    client = app.test_client()
    for address in (GO, f"{GO}/thoat"):
        assert client.get(address).status_code == 404
    assert GO not in client.get("/dang-nhap").text
    done = CliRunner().invoke(user, ["sign-on", "head", SUBJECT], obj=context)
    assert isinstance(done.exception, UsageError)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({'issuer = ""': 'issuer = "http://id.vi-du.vn"'}, "issuer"),
        ({'issuer = ""': 'issuer = "https://id.vi-du.vn"'}, "client_id"),
        ({"password_login = true": "password_login = false"}, "password_login"),
        ({"second_factor_roles = []": 'second_factor_roles = ["boss"]'}, "second_factor_roles"),
    ],
)
def test_a_configuration_that_lets_nobody_in_or_strangers_is_refused(context: StandingContext, changed, told):
    assert context.store  # opened by the shipped configuration
    text = context.config_path.read_text("utf-8")
    for shipped, own in changed.items():
        assert shipped in text
        text = text.replace(shipped, own)
    context.config_path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=told):
        load_config(context.config_path)

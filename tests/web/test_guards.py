"""The guards, one test each: every one of these was seen to fail with its guard taken out (docs/security.md)."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import LOGINS, Permission, Role, may
from app.accounts import checked_login, create_demo_accounts
from app.pages import matrix
from app.web import create_app
from tests.web.conftest import Client, log_in, token
from tests.web.test_access import EXPECTED
from tests.web.world import NAME, NOW, OVERDUE_A, OVERDUE_B, PASSWORD, PHONE, StandingContext
from tracker.config import load_config
from tracker.errors import UsageError
from tracker.store import audit, people
from tracker.store.people import Account

PROXY, PERSON = "10.0.0.5", "203.0.113.9"
ADDRESS = "Thôn Thử"
AsRole = Callable[[str], FlaskClient]


def account(context: StandingContext, login: str) -> Account:
    with context.store.read() as session:
        found = people.find_login(session, login)
    assert found
    return found


def behind_a_proxy(context: StandingContext) -> Flask:
    """The application where the office has named one reverse proxy and the name that people type."""
    web = replace(context.config.web, trusted_proxies=(PROXY,), allowed_hosts=("dung-hen.vi-du.vn",))
    context.__dict__["config"] = replace(context.config, web=web)
    app = create_app(context, WTF_CSRF_ENABLED=False)
    app.test_client_class = Client
    return app


def told_by(peer: str, **told: str) -> dict[str, Any]:
    """A request that comes from a peer with words of a proxy."""
    headers = {f"X-Forwarded-{name.capitalize()}": value for name, value in told.items()}
    return {"environ_base": {"REMOTE_ADDR": peer}, "headers": headers}


def enter(client: FlaskClient, login: str = "head", password: str = PASSWORD, **request: Any) -> Any:
    return client.post("/dang-nhap", data={"login": login, "password": password}, **request)


# ---------------------------------------------------------------- forms


def addresses_to_post(app: Flask) -> list[tuple[str, str]]:
    """Every route that takes a POST, with an address of it."""
    example = {"code": OVERDUE_A, "kind": "nghi"}
    urls = app.url_map.bind("localhost")
    return sorted(
        (rule.endpoint, urls.build(rule.endpoint, {name: example.get(name, 1) for name in rule.arguments}))
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    )


def role_for(permission: Permission) -> str | None:
    return next((role.value for role in Role if may(role, permission) and not permission.public), None)


def test_no_form_is_taken_without_its_token_but_what_another_program_signs(app: Flask, as_role: AsRole):
    permissions, taken = matrix(app), set()
    for endpoint, address in addresses_to_post(app):
        permission = permissions[endpoint]
        assert permission
        role = role_for(permission)
        client = as_role(role) if role else app.test_client()
        answer = client.post(address, data={})
        if not (answer.status_code == 400 and "Trang đã mở quá lâu" in answer.text):
            taken.add(endpoint)
    assert taken == {name for name, permission in permissions.items() if permission and permission.signed}


def test_a_form_larger_than_any_form_is_refused(app: Flask):
    assert app.test_client().post("/dang-nhap", data={"login": "x" * 300_000}).status_code == 413


def test_only_public_calls_are_signed(app: Flask):
    signed = {name: given for name, given in matrix(app).items() if given and given.signed}
    assert all(given.public and given.limit for given in signed.values())


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
         "frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("Cache-Control", "no-store"),
    ],
)  # fmt: skip
def test_every_page_carries_the_header(app: Flask, as_role: AsRole, name: str, value: str):
    head = as_role("head")
    for answer in (
        head.get(f"/ho-so/{OVERDUE_A}"),
        head.get("/khong-co"),
        app.test_client().get("/dang-nhap"),
    ):
        assert answer.headers[name] == value


def test_a_browser_is_told_to_stay_with_https_once_it_came_by_it(app: Flask):
    client = app.test_client()
    assert "Strict-Transport-Security" not in client.get("/dang-nhap").headers
    told = client.get("/dang-nhap", base_url="https://localhost").headers["Strict-Transport-Security"]
    assert told == "max-age=31536000"


def test_the_cookie_by_https_can_be_planted_by_no_other_host(context: StandingContext):
    app = create_app(context, WTF_CSRF_ENABLED=False)
    for scheme, name, secure in (("http", "dunghen=", False), ("https", "__Host-dunghen=", True)):
        cookie = enter(app.test_client(), base_url=f"{scheme}://localhost").headers["Set-Cookie"]
        assert cookie.startswith(name)
        assert ("Secure" in cookie) is secure
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie


# ---------------------------------------------------------------- addresses, hosts, proxies


def test_only_this_machine_gets_in_until_somebody_decides_otherwise(context: StandingContext):
    assert load_config(context.config_path).web.host == "127.0.0.1"


def test_a_trusted_proxy_tells_protocol_and_host_and_nobody_else_does(context: StandingContext):
    app = behind_a_proxy(context)
    told = {"for": PERSON, "proto": "https", "host": "dung-hen.vi-du.vn"}
    assert "__Host-" in enter(app.test_client(), **told_by(PROXY, **told)).headers["Set-Cookie"]
    assert "__Host-" not in enter(app.test_client(), **told_by("10.0.0.6", **told)).headers["Set-Cookie"]


def test_a_host_name_told_by_a_proxy_is_checked_like_any_other(context: StandingContext):
    app = behind_a_proxy(context)
    good, forged = told_by(PROXY, host="dung-hen.vi-du.vn"), told_by(PROXY, host="evil.vi-du.vn")
    assert app.test_client().get("/dang-nhap", **good).status_code == 200
    assert app.test_client().get("/dang-nhap", **forged).status_code == 400


# ---------------------------------------------------------------- tries


def test_log_ins_of_one_address_are_limited_and_those_of_another_are_not(context: StandingContext):
    app = behind_a_proxy(context)
    codes = [
        enter(app.test_client(), "nobody", "x", **told_by(PROXY, **{"for": PERSON})).status_code
        for _ in range(31)
    ]
    assert codes == [401] * LOGINS.count + [429]
    assert enter(app.test_client(), **told_by(PROXY, **{"for": "203.0.113.10"})).status_code == 302


def test_a_forged_address_does_not_open_a_new_count(context: StandingContext):
    app = behind_a_proxy(context)
    forged = [told_by("192.0.2.7", **{"for": f"203.0.113.{number}"}) for number in range(31)]
    codes = [enter(app.test_client(), "nobody", "x", **each).status_code for each in forged]
    assert codes[-1] == 429


def test_processes_count_log_ins_together_and_the_minute_ends(context: StandingContext):
    two = [create_app(context, WTF_CSRF_ENABLED=False).test_client() for _ in range(2)]
    codes = [enter(two[number % 2], "nobody", "x").status_code for number in range(LOGINS.count + 1)]
    assert codes[-1] == 429
    context.instant = NOW + timedelta(seconds=LOGINS.seconds)
    assert enter(two[0]).status_code == 302


def test_guessing_the_present_password_of_an_open_session_is_limited(context: StandingContext):
    client = create_app(context, WTF_CSRF_ENABLED=False).test_client()
    enter(client)
    form = {"present": "guess", "new": "mot cau de nho 2026", "again": "mot cau de nho 2026"}
    codes = [client.post("/tai-khoan", data=form).status_code for _ in range(11)]
    assert codes == [400] * 10 + [429]


# ---------------------------------------------------------------- sessions and passwords


def test_passwords_are_kept_as_argon2id_each_with_its_own_salt(app: Flask, context: StandingContext):
    new = "mot cau de nho 2026"
    for login in ("head", "desk"):
        client = app.test_client()
        log_in(client, login)
        form = {"present": PASSWORD, "new": new, "again": new, "csrf_token": token(client, "/tai-khoan")}
        assert client.post("/tai-khoan", data=form).status_code == 302
    hashes = [account(context, login).password_hash for login in ("head", "desk")]
    assert all(re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", each) for each in hashes)
    assert hashes[0] != hashes[1]


def test_a_session_ends_after_its_hours_even_with_somebody_at_work(as_role: AsRole, context: StandingContext):
    client, web = as_role("head"), context.config.web
    for hour in range(1, web.session_hours + 1):
        context.instant = NOW + timedelta(hours=hour)
        assert client.get("/tai-khoan").status_code == 200
    context.instant += timedelta(seconds=1)
    assert "het_phien" in client.get("/tai-khoan").location


def test_what_a_script_asks_again_and_again_keeps_no_session_alive(
    app: Flask, as_role: AsRole, context: StandingContext
):
    polled = [name for name, permission in matrix(app).items() if permission and permission.polled]
    assert polled
    client, minutes = as_role("admin"), context.config.web.session_minutes
    urls = app.url_map.bind("localhost")
    for name in polled:
        rule = next(app.url_map.iter_rules(name))
        address = urls.build(name, dict.fromkeys(rule.arguments, 1))
        context.instant = NOW + timedelta(minutes=minutes)
        assert client.get(address).status_code != 302
    context.instant = NOW + timedelta(minutes=minutes, seconds=1)
    assert "het_phien" in client.get("/tai-khoan").location


def test_another_password_does_not_make_a_session_young_again(as_role: AsRole, context: StandingContext):
    client, new = as_role("head"), "mot cau de nho 2026"
    context.instant = NOW + timedelta(hours=3)
    form = {"present": PASSWORD, "new": new, "again": new, "csrf_token": token(client, "/tai-khoan")}
    assert client.post("/tai-khoan", data=form).status_code == 302
    for hour in (6, 9, 12):
        context.instant = NOW + timedelta(hours=hour)
        assert client.get("/tai-khoan").status_code == 200
    context.instant += timedelta(seconds=1)
    assert client.get("/tai-khoan").status_code == 302


@pytest.mark.parametrize("key", ["began", "seen"])
def test_a_session_that_does_not_say_how_old_it_is_is_over(as_role: AsRole, key: str):
    client = as_role("head")
    with client.session_transaction() as session:
        del session[key]
    assert "het_phien" in client.get("/tai-khoan").location


def test_who_gets_another_role_or_unit_has_to_log_in_anew(as_role: AsRole, context: StandingContext):
    client = as_role("head")
    with context.store.transaction() as session:
        found = account(context, "head")
        people.set_role(session, found.account_id, role="auditor", unit_id=None, session_salt="another")
    assert client.get("/qua-han").status_code == 302


def test_with_a_password_that_somebody_else_knows_one_can_only_change_it(
    app: Flask, context: StandingContext
):
    with context.store.transaction() as session:
        session.get_one(people.User, account(context, "head").account_id).must_change_password = True
    client, new = app.test_client(), "mot cau de nho 2026"
    log_in(client, "head")
    for address in ("/", "/ban-theo-doi", f"/ho-so/{OVERDUE_A}", "/qua-han.xlsx"):
        assert client.get(address).location == "/tai-khoan"
    assert "do người khác trao" in client.get("/tai-khoan").text
    form = {
        "present": PASSWORD,
        "new": PASSWORD,
        "again": PASSWORD,
        "csrf_token": token(client, "/tai-khoan"),
    }
    assert "phải khác" in client.post("/tai-khoan", data=form).text
    client.post("/tai-khoan", data={**form, "new": new, "again": new})
    assert client.get("/ban-theo-doi").status_code == 200


# ---------------------------------------------------------------- demonstration accounts


@pytest.mark.parametrize(
    ("peer", "told", "gets_in"),
    [
        ("127.0.0.1", {}, True),
        ("192.168.1.20", {}, False),  # wsgi.py under a server that listens to the office
        ("127.0.0.1", {"for": PERSON}, False),  # a proxy on this machine
        ("127.0.0.1", {"proto": "https"}, False),
        (PROXY, {"for": "127.0.0.1"}, False),
    ],
)
def test_a_demonstration_account_gets_in_on_this_machine_only(
    context: StandingContext, peer: str, told: dict[str, str], gets_in: bool
):
    with context.store.transaction() as session:
        for login in ("desk", "head", "auditor", "reform", "admin"):
            session.get_one(people.User, account(context, login).account_id).is_demo = True
    passwords = {login: password for login, password, *_ in create_demo_accounts(context.store, NOW)}
    answer = enter(behind_a_proxy(context).test_client(), "head", passwords["head"], **told_by(peer, **told))
    assert answer.status_code == (302 if gets_in else 401)
    if not gets_in:
        assert "không đúng" in answer.text
        assert "demo-accounts.txt" not in answer.text
        with context.store.read() as session:
            assert audit.recent_acts(session, 1)[0].action == "demo_refused"


def test_a_cookie_of_a_demonstration_is_worth_nothing_on_another_machine(context: StandingContext):
    with context.store.transaction() as session:
        session.get_one(people.User, account(context, "head").account_id).is_demo = True
    client = behind_a_proxy(context).test_client()
    assert enter(client).status_code == 302
    assert client.get("/tai-khoan").status_code == 200
    assert client.get("/tai-khoan", **told_by("192.168.1.20")).status_code == 302


# ---------------------------------------------------------------- personal data


def test_the_administrator_reads_no_applicant_anywhere(app: Flask, as_role: AsRole):
    admin = as_role("admin")
    asked = 0
    example = {"code": OVERDUE_A, "kind": "nghi", "version": "1"}
    urls = app.url_map.bind("localhost")
    walked = [
        urls.build(
            rule.endpoint, {name: example.get(name, 1) for name in rule.arguments if name != "filename"}
        )
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
    ]
    for address in {*walked, *EXPECTED}:
        answer = admin.get(address, follow_redirects=True)
        asked += answer.status_code == 200
        for told in (NAME, PHONE, ADDRESS, "Bích Ngọc"):
            assert told.encode() not in answer.data, address
    assert asked > 10


def test_no_scoped_address_opens_a_dossier_of_another_unit(app: Flask, as_role: AsRole):
    urls, permissions = app.url_map.bind("localhost"), matrix(app)
    walked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "code" in rule.arguments and "GET" in (rule.methods or ())
    ]
    assert len(walked) >= 5
    for endpoint in walked:
        permission = permissions[endpoint]
        assert permission
        assert permission.scoped
        if Role.HEAD in permission.roles:
            assert as_role("head").get(urls.build(endpoint, {"code": OVERDUE_A})).status_code == 200
            assert as_role("head").get(urls.build(endpoint, {"code": OVERDUE_B})).status_code == 404


def test_no_account_bears_a_name_of_the_program():
    for name in ("operator", " Operator ", "system", "scheduler"):
        with pytest.raises(UsageError, match="dành cho chương trình"):
            checked_login(name)

"""The guards, one test each: `make guards` sees them fail with their guards taken out (docs/security.md)."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app import presenters
from app.access import LOGINS, SEES_NAMES, Permission, Role, may
from app.accounts import checked_login, create_demo_accounts
from app.pages import by_token, matrix
from app.security import is_loopback
from app.web import create_app
from app.works.exporting import ROWS_AT_ONCE, XLSX
from tests.web.browsing import add_overdue
from tests.web.conftest import Client, log_in, token
from tests.web.test_access import EXPECTED
from tests.web.world import FINISHED_LATE, NAME, NOW, OVERDUE_A, OVERDUE_B, PASSWORD, PHONE, StandingContext
from tracker.config import load_config
from tracker.errors import UsageError
from tracker.store import audit, people, work
from tracker.store.models import Dossier, Event, Letter
from tracker.store.people import Account

pytestmark = pytest.mark.sqlite_only(
    "headers, forms and roles are the same on both; test_access, test_login and the pages run on both"
)

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
    example = {"code": OVERDUE_A, "kind": "nghi", "act": "xong"}
    urls = app.url_map.bind("localhost")
    return sorted(
        (rule.endpoint, urls.build(rule.endpoint, {name: example.get(name, 1) for name in rule.arguments}))
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    )


def role_for(permission: Permission) -> str | None:
    return next((role.value for role in Role if may(role, permission) and not permission.public), None)


def test_no_form_is_taken_without_its_token_but_what_another_program_signs(app: Flask, as_role: AsRole):
    permissions, taken, as_role = matrix(app), set(), cache(as_role)
    for endpoint, address in addresses_to_post(app):
        permission = permissions[endpoint]
        assert permission
        role = role_for(permission)
        client = as_role(role) if role else app.test_client()
        answer = client.post(address, data={})
        if not (answer.status_code == 400 and "Trang đã mở quá lâu" in answer.text):
            taken.add(endpoint)
    signed = {name for name, permission in permissions.items() if permission and permission.signed}
    posted = {endpoint for endpoint, _ in addresses_to_post(app)}
    # Without its token no call of the API is taken either, and there a cookie counts for nothing: test_api_access.py.
    assert taken == signed | (by_token(app) & posted)


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
def test_every_page_carries_the_header(shared_app: Flask, shared_role: AsRole, name: str, value: str):
    head = shared_role("head")
    answers = [head.get(address) for address in (f"/ho-so/{OVERDUE_A}", "/khong-co")]
    for answer in (*answers, shared_app.test_client().get("/dang-nhap")):
        assert answer.headers[name] == value


def an_opener_of(address: str, as_role: AsRole) -> FlaskClient:
    """A client of a role that opens the page."""
    return as_role(next(role.value for role in Role if role in EXPECTED[address]))


@pytest.mark.parametrize("address", EXPECTED)
def test_no_page_and_no_download_is_kept_by_a_browser(shared_role: AsRole, address: str):
    answer = an_opener_of(address, shared_role).get(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_files_of_the_program_may_be_kept(as_role: AsRole):
    for address in ("/static/js/page.js", "/tai-nguyen/plotly-1.js"):
        assert "max-age" in as_role("desk").get(address).headers["Cache-Control"]
    assert as_role("desk").get("/static/khong-co.js").headers["Cache-Control"] == "no-store"


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


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("127.example.com", False),
        ("127.0.0.1.example.com", False),
        ("localhost.example.com", False),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.20", False),
    ],
)
def test_an_address_is_this_machines_own_only_by_its_number(host: str, is_ours: bool):
    assert is_loopback(host) is is_ours


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
    codes = [enter(app.test_client(), "nobody", "", **each).status_code for each in forged]
    assert codes[-1] == 429


def test_processes_count_log_ins_together_and_the_minute_ends(context: StandingContext):
    two = [create_app(context, WTF_CSRF_ENABLED=False).test_client() for _ in range(2)]
    codes = [enter(two[number % 2], "nobody", "").status_code for number in range(LOGINS.count + 1)]
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
    asked, initials = 0, presenters.name(NAME, visible=False)  # nor a dossier's page that masks the name
    example = {"code": OVERDUE_A, "kind": "nghi", "version": "1", "ending": "docx"}
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
        for told in (NAME, PHONE, ADDRESS, "Bích Ngọc", initials):
            assert told.encode() not in answer.data, address
    assert asked > 10


@pytest.mark.parametrize("role", ["auditor", "reform", "admin"])
def test_a_letter_is_taken_by_nobody_who_reads_initials_and_no_page_leads_there(as_role: AsRole, role: str):
    client, letter = as_role(role), "/thu-xin-loi/1/tai-ve"
    assert client.get(letter).status_code == 403
    for address in (f"/ho-so/{FINISHED_LATE}", "/thu-xin-loi"):
        assert letter not in client.get(address).text
        assert letter in as_role("head").get(address).text


FREE = "bà Ngọc ở thôn 3 đi vắng"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_what_a_source_wrote_in_its_own_words_is_hidden_where_names_are(
    as_role: AsRole, context: StandingContext, role: Role
):
    with context.store.transaction() as session:
        for dossier_id in (1, 7):
            session.get_one(Dossier, dossier_id).late_reason = f"late {FREE}"
        refused = session.get_one(Dossier, 9)
        refused.refusal_reason, refused.refused_at = f"refusal {FREE}", NOW
        refused.end_kind, refused.ended_at, refused.status = "not_accepted", NOW, "refused"
        session.get_one(Letter, 1).reason = f"letter {FREE}"
        for seq, kind in enumerate(("status_changed", "reopened")):
            told = f"{kind} {FREE}"
            session.add(Event(dossier_id=1, seq=seq, at=NOW, kind=kind, text=told, batch_id=1))
    client, told, hidden = as_role(role.value), "", 0
    for address in (
        f"/ho-so/{OVERDUE_A}", f"/ho-so/{FINISHED_LATE}", "/ho-so/T01-260823-0009", "/thu-xin-loi", "/qua-han.xlsx",
        "/tiep-nhan.xlsx?ket-qua=refused",
    ):  # fmt: skip
        text = words_of(client.get(address))
        told += text
        hidden += "(ẩn)" in text
    found = {
        each
        for each in ("late", "refusal", "letter", "status_changed", "reopened")
        if f"{each} {FREE}" in told
    }
    if role in SEES_NAMES:
        assert (len(found), hidden) == (5, 0)
    else:
        assert (FREE in told, hidden) == (False, 6)


def words_of(answer: Any) -> str:
    """The text of a page, or of all cells of a workbook."""
    if answer.mimetype != XLSX:
        return str(answer.text)
    rows = load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True)
    return " ".join(str(cell) for row in rows for cell in row)


@pytest.mark.parametrize("address", ["/qua-han", "/qua-han.xlsx"])
@pytest.mark.parametrize(
    ("given", "status"),
    [({"linh-vuc": f"{NAME} {PHONE}"}, 200), ({"don-vi": PHONE}, 404), ({"don-vi": "1" + PHONE}, 404)],
)
def test_what_is_no_word_or_unit_of_the_catalogue_is_neither_looked_for_nor_logged(
    as_role: AsRole, context: StandingContext, address: str, given: dict[str, str], status: int
):
    add_overdue(context.store, ROWS_AT_ONCE)  # so that the export would be asked for with its filters
    answer = as_role("auditor").get(address, query_string=given)
    assert answer.status_code in (status, 302 if status == 200 else status)
    assert (
        answer.mimetype != "text/html"
        or answer.status_code == 302
        or status == 404
        or "danh mục không có" in answer.text
    )
    with context.store.read() as session:
        kept = [str(audit.recent_acts(session, 5))]
        kept += [str(row.params) for row in work.list_work(session, limit=50)]
    for told in (NAME, PHONE, PHONE.lstrip("0")):
        assert told not in "".join(kept)


def test_a_field_of_the_catalogue_narrows_the_list_and_is_logged(as_role: AsRole, context: StandingContext):
    client = as_role("auditor")
    assert OVERDUE_A in client.get("/qua-han", query_string={"linh-vuc": "Đất đai (thử)"}).text
    with context.store.read() as session:
        assert audit.recent_acts(session, 1)[0].detail["linh-vuc"] == "Đất đai (thử)"


def test_no_scoped_address_opens_a_dossier_of_another_unit(app: Flask, as_role: AsRole):
    urls, permissions = app.url_map.bind("localhost"), matrix(app)
    walked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "code" in rule.arguments and "GET" in (rule.methods or ()) and rule.endpoint not in by_token(app)
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

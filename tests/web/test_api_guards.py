"""The guards of the API, each seen to fail with its guard taken out (docs/security.md): tokens, bounds, tricks with requests."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from werkzeug.datastructures import Headers

from app.accounts import change_password
from app.api import cursors
from app.api.door import FORM, hashed
from app.api.faults import PREFIX, ApiFault
from app.api.routes import scopes_of
from app.token_acts import MOST_GOOD, TokenWanted, make_token, revoke_token
from app.web import create_app
from tests.web.api_calls import a_token, asking, bearer
from tests.web.conftest import Client
from tests.web.test_guards import PERSON, PROXY, told_by
from tests.web.works import work_all
from tests.web.world import BRANCH_B, NOW, OVERDUE_A, OVERDUE_B, StandingContext
from tracker.errors import UsageError
from tracker.store import api_tokens, audit, kept_files, people
from tracker.store.audit import Act
from tracker.store.models import ApiToken, Dossier, User

ME, LATE, DOSSIER = f"{PREFIX}/me", f"{PREFIX}/dossiers/late", f"{PREFIX}/dossiers/{OVERDUE_A}"


def code_of(app: Flask, token: str, address: str = ME, **given) -> str:
    answer = app.test_client().get(address, headers=bearer(token), **given)
    return "" if answer.status_code == 200 else answer.json["code"]


def account(context: StandingContext, login: str):
    with context.store.read() as session:
        found = people.find_login(session, login)
    assert found
    return found


def token_row(context: StandingContext, token: str):
    with context.store.read() as session:
        return api_tokens.find_prefix(session, FORM.fullmatch(token)[1])


# ---------------------------------------------------------------- tokens


def test_a_token_that_somebody_made_up_or_changed_opens_nothing(app: Flask, context: StandingContext):
    good = a_token(context, "head")
    prefix, secret = FORM.fullmatch(good).groups()
    other = FORM.fullmatch(a_token(context, "admin"))[2]
    forged = [
        f"dh1_{prefix}_{'A' * 43}", f"dh1_{prefix}_{other}", f"dh1_{'a' * 10}_{secret}", f"{good}x", good[:-1], secret,
        f"dh1_{prefix}_{hashed(secret)[:43]}", f"dh1_{prefix}_", "", "dh1__", good.upper(), f"{good} {good}",
    ]  # fmt: skip
    assert {code_of(app, token) for token in forged if token} == {"TOKEN_INVALID"}
    assert code_of(app, good) == ""


def test_a_secret_is_kept_as_its_hash_and_stands_in_no_log(app: Flask, context: StandingContext):
    token = a_token(context, "head")
    code_of(app, token, DOSSIER)
    secret = FORM.fullmatch(token)[2]
    with context.store.read() as session:
        row = session.query(ApiToken).order_by(ApiToken.id.desc()).first()
        assert row.secret_hash == hashed(secret)
        assert secret not in str(audit.recent_acts(session, 50))
        kept = f"dh1_{row.prefix}_{row.secret_hash[:43]}"
    assert code_of(app, kept) == "TOKEN_INVALID"


def test_a_token_opens_nothing_once_its_time_is_over(app: Flask, context: StandingContext):
    token = a_token(context, "head", days=1)
    context.instant = NOW + timedelta(days=1, seconds=-1)
    assert code_of(app, token) == ""
    context.instant = NOW + timedelta(days=1)
    assert code_of(app, token) == "TOKEN_INVALID"


def test_a_revoked_token_opens_nothing_from_that_moment(app: Flask, context: StandingContext):
    token = a_token(context, "head")
    assert code_of(app, token) == ""
    assert revoke_token(context.store, token_row(context, token), actor="admin", now=NOW)
    assert code_of(app, token) == "TOKEN_INVALID"
    assert not revoke_token(context.store, token_row(context, token), actor="admin", now=NOW)


@pytest.mark.parametrize("what", ["role", "unit", "closed", "password told"])
def test_a_token_ends_with_what_it_was_made_for_and_does_not_come_back(
    app: Flask, context: StandingContext, what: str
):
    token, head = a_token(context, "head"), account(context, "head")
    with context.store.transaction() as session:
        if what == "closed":
            people.disable(session, head.account_id, now=NOW)
        elif what == "password told":
            people.set_password(session, head.account_id, "x", "y", is_told=True)
        else:
            role, unit = ("desk", head.unit_id) if what == "role" else ("head", BRANCH_B)
            people.set_role(session, head.account_id, role=role, unit_id=unit, session_salt="x")
    assert code_of(app, token) == "TOKEN_INVALID"
    with context.store.transaction() as session:
        people.enable(session, head.account_id, "z")
        people.set_role(session, head.account_id, role="head", unit_id=head.unit_id, session_salt="x")
        people.set_password(session, head.account_id, "x", "y")
    assert code_of(app, token) == "TOKEN_INVALID"


@pytest.mark.parametrize("is_told", [True, False])
def test_a_password_that_the_operator_sets_ends_the_tokens_told_to_be_changed_or_not(
    app: Flask, context: StandingContext, is_told: bool
):
    token, head = a_token(context, "head"), account(context, "head")
    act = Act(NOW, "operator", "user_passwd", f"user:{head.account_id}", {"role": "head"})
    change_password(context.store, head, "con meo nam tren mai nha", act, is_told=is_told)
    assert code_of(app, token) == "TOKEN_INVALID"
    with context.store.read() as session:
        kept = next(act for act in audit.recent_acts(session) if act.action == "user_passwd")
    assert kept.detail == {"role": "head", "tokens_ended": 1}


def test_a_closed_account_calls_nothing_however_it_was_closed(app: Flask, context: StandingContext):
    token = a_token(context, "head")
    with context.store.transaction() as session:
        session.get_one(User, account(context, "head").account_id).disabled_at = NOW
    assert code_of(app, token) == "TOKEN_INVALID"


def test_with_a_password_that_somebody_else_knows_nothing_is_called(app: Flask, context: StandingContext):
    token = a_token(context, "head")
    with context.store.transaction() as session:
        session.get_one(User, account(context, "head").account_id).must_change_password = True
    assert code_of(app, token) == "PASSWORD_FIRST"


@pytest.mark.parametrize(("peer", "told", "gets_in"), [
    ("127.0.0.1", {}, True), ("192.168.1.20", {}, False), ("127.0.0.1", {"for": PERSON}, False), (PROXY, {"for": "127.0.0.1"}, False),
])  # fmt: skip
def test_a_token_of_a_demonstration_counts_on_this_machine_only(
    app: Flask, context: StandingContext, peer: str, told: dict[str, str], gets_in: bool
):
    token = a_token(context, "head")
    with context.store.transaction() as session:
        session.get_one(User, account(context, "head").account_id).is_demo = True
    given = told_by(peer, **told)
    given["headers"] = {**given["headers"], **bearer(token)}
    answer = app.test_client().get(ME, **given)
    assert (answer.status_code == 200) is gets_in
    if not gets_in:
        assert answer.json["code"] == "ONLY_HERE"


def test_no_account_makes_a_token_for_more_than_its_role_may(context: StandingContext):
    desk = account(context, "desk")
    for scope in ("log:read", "health:read", "sources:write", "*", "everything"):
        with pytest.raises(UsageError, match="không có quyền"):
            make_token(context.store, desk, TokenWanted("Thử", ("dossiers:read", scope), 30), now=NOW)


def test_a_token_that_says_more_than_its_role_may_is_worth_no_more(app: Flask, context: StandingContext):
    token = a_token(context, "desk")
    with context.store.transaction() as session:
        row = session.query(ApiToken).order_by(ApiToken.id.desc()).first()
        row.scopes = " ".join({*scopes_of("admin"), *scopes_of("auditor"), "*"})
    for address in (f"{PREFIX}/log", f"{PREFIX}/health", f"{PREFIX}/sources"):
        assert code_of(app, token, address) == "ROLE_NOT_ALLOWED"
    assert code_of(app, token, f"{PREFIX}/dossiers/{OVERDUE_B}") == "NOT_FOUND"


def test_an_account_has_a_bounded_number_of_tokens_with_a_bounded_life(context: StandingContext):
    desk = account(context, "desk")
    for days in (0, -1, 367, 10**9):
        with pytest.raises(UsageError, match="thời hạn"):
            make_token(context.store, desk, TokenWanted("Thử", ("dossiers:read",), days), now=NOW)
    for _ in range(MOST_GOOD - 1):  # one was there
        a_token(context, "desk")
    with pytest.raises(UsageError, match="thu hồi bớt"):
        a_token(context, "desk")


# ---------------------------------------------------------------- tricks with requests


@pytest.mark.parametrize("where", ["cookie", "query", "form", "basic", "header"])
def test_a_token_counts_in_its_header_alone(app: Flask, context: StandingContext, where: str):
    token, client = a_token(context, "head"), app.test_client()
    client.set_cookie("token", token)
    given = {
        "cookie": {}, "query": {"query_string": {"access_token": token}}, "form": {"data": {"access_token": token}},
        "basic": {"auth": ("head", token)}, "header": {"headers": {"X-Api-Key": token, "X-Authorization": f"Bearer {token}"}},
    }[where]  # fmt: skip
    answer = client.get(ME, **given)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_words_behind_a_token_add_no_header_and_no_second_token(app: Flask, context: StandingContext):
    token = a_token(context, "head")
    for text in (
        f"{token}\tX-Evil: 1",
        f"{token}, Bearer {token}",
        f"{token}\x0b",
        f"{token}%0d%0aX-Evil: 1",
    ):
        answer = app.test_client().get(ME, headers=bearer(text))
        assert answer.status_code == 401
        assert "X-Evil" not in answer.headers


def test_no_header_makes_one_method_of_another(app: Flask, context: StandingContext):
    token = bearer(a_token(context, "desk"))
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        answer = app.test_client().post(f"{PREFIX}/notes/1", headers={**token, name: "DELETE"})
        assert answer.status_code == 405
        assert "DELETE" in answer.headers["Allow"]
    assert app.test_client().post(f"{PREFIX}/notes/1?_method=DELETE", headers=token).status_code == 405


def test_no_page_of_another_site_may_call(app: Flask, context: StandingContext):
    headers = {**bearer(a_token(context, "head")), "Origin": "https://evil.vi-du.vn"}
    for method in ("GET", "OPTIONS", "HEAD"):
        answer = app.test_client().open(ME, method=method, headers=headers)
        assert "access-control" not in str(answer.headers).lower()


@pytest.mark.parametrize(("body", "code"), [
    (b"{", "INVALID_JSON"), (b"\xff\xfe", "INVALID_JSON"), (b"[" * 50_000, "INVALID_FIELD"),
    (b'{"received":' + b"[" * 30_000, "INVALID_FIELD"), (b'{"x":' * 12_000, "INVALID_FIELD"),
    (b'{"received": "2026-08-24", "limit": "5 ng\\u0000"}', "INVALID_FIELD"), (b"null", "INVALID_FIELD"),
    (b'{"received": "2026-08-24", "received": 5}', "INVALID_FIELD"), (b'{"received": 1e999}', "INVALID_FIELD"),
])  # fmt: skip
def test_a_body_that_is_no_question_is_a_fault_of_its_own(
    app: Flask, context: StandingContext, body: bytes, code: str
):
    answer = asking(app, context, "desk")("deadline", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, code)


def test_a_body_larger_than_any_question_is_refused(app: Flask, context: StandingContext):
    body = b'{"received": "2026-08-24", "limit": "' + b" " * 65_536 + b'"}'
    answer = asking(app, context, "desk")("deadline", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "TOO_LARGE")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"]
)
def test_only_json_is_taken_for_json(app: Flask, context: StandingContext, kind: str):
    """A form of another site can send the other types without asking first."""
    answer = asking(app, context, "desk")("deadline", data=b'{"received": "2026-08-24"}', content_type=kind)
    assert (answer.status_code, answer.json["code"]) == (415, "WRONG_TYPE")


def test_what_the_document_does_not_name_is_refused(app: Flask, context: StandingContext):
    ask = asking(app, context, "desk")
    for query in (
        {"dv": "1"},
        {"limit": "5", "LIMIT": "5"},
        {"unit": "1 OR 1=1"},
        {"limit": "201"},
        {"as_of": "31/12/2026"},
    ):
        answer = ask("dossiers_late", query=query)
        assert (answer.status_code, answer.json["code"]) == (400, "INVALID_FIELD")
        assert answer.json["errors"][0]["field"]
    assert ask("me", query={"x": "1"}).json["code"] == "INVALID_FIELD"
    assert ask("deadline", json={"received": "2026-08-24", "__class__": "x"}).json["code"] == "INVALID_FIELD"
    twice = app.test_client().get(f"{LATE}?limit=1&limit=2", headers=bearer(a_token(context, "desk")))
    assert twice.json["errors"] == [{"field": "limit", "told": "chỉ được ghi một lần"}]


def test_a_file_larger_than_an_upload_is_refused_before_it_is_read(app: Flask, context: StandingContext):
    config = context.config
    context.__dict__["config"] = replace(config, ingest=replace(config.ingest, max_upload_mib=1))
    answer = asking(app, context, "reform")(
        "source_file", data=b"x" * (1024 * 1024 + 1), content_type="application/octet-stream"
    )
    assert (answer.status_code, answer.json["code"]) == (413, "TOO_LARGE")


def bomb() -> bytes:
    """A workbook of some kilobytes that is a gigabyte when it is opened."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(64):
                part.write(b" " * (16 * 1024 * 1024))
    return packed.getvalue()


@pytest.mark.parametrize(("name", "body"), [
    ("../../../ngoai.csv", b"a;b"), ("C:\\\\Windows\\\\x.csv", b"a;b"), ("bang.xlsx.exe", b"MZ\x90\x00"), ("bang.xlsx", b"<script>x</script>"),
    ("bang.csv", b"PK\x03\x04\x00"), ("bang.json", b"[" * 100_000), ("bang.xlsx", b"GIF89a;PK\x03\x04"), ("bang.xml", b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>"),
    ("bom.xlsx", None),
])  # fmt: skip
def test_a_file_with_tricks_lies_under_a_name_of_ours_and_loads_nothing(
    app: Flask, context: StandingContext, name: str, body: bytes | None
):
    ask = asking(app, context, "reform")
    sent = {"data": bomb() if body is None else body, "content_type": "application/octet-stream"}
    asked = ask("source_file", query={"name": name, "source": "thu"}, **sent)
    assert asked.status_code == 202
    with context.store.read() as session:
        kept = kept_files.listed(session, there=True)[0]
        before = session.query(Dossier).count()
    assert re.fullmatch(r"inbox/uploads/[0-9a-f]{32}", kept.path)
    assert not {"/", "\\"} & set(kept.name)
    with app.test_client() as client:
        work_all(client)
    row = ask("work", own={"work_id": asked.json["work_id"]}).json
    assert (row["state"], row["file"]) == ("dead", None) or row["result"].get("new") == 0
    assert "root:" not in str(row)
    with context.store.read() as session:
        assert session.query(Dossier).count() == before


# ---------------------------------------------------------------- pages of lists


def test_a_cursor_of_ones_own_making_or_of_another_question_is_refused(app: Flask, context: StandingContext):
    ask = asking(app, context, "auditor")
    first = ask("dossiers_late", query={"limit": 1}).json
    good = first["next_cursor"]
    seen = [
        first["items"][0]["code"],
        *(line["code"] for line in ask("dossiers_late", query={"cursor": good}).json["items"]),
    ]
    assert seen == sorted({OVERDUE_A, OVERDUE_B})
    head = "A" if good[0] != "A" else "B"
    for cursor in (head + good[1:], good[:-2], "x", "", "é", "eyJ4IjoxfQ", "A" * 400, good + "AAAA"):
        assert ask("dossiers_late", query={"cursor": cursor}).json["code"] == "CURSOR_INVALID", cursor
    for query in ({"basis": "promised"}, {"state": "all"}):
        assert ask("dossiers_late", query={**query, "cursor": good}).json["code"] == "CURSOR_INVALID"
    assert ask("letters", query={"cursor": good}).json["code"] == "CURSOR_INVALID"


def test_a_cursor_has_the_key_of_its_list_and_no_other(app: Flask):
    with app.test_request_context():
        written = cursors.written("letters", (5, "x"))
        assert cursors.read("letters", written, (int, str)) == (5, "x")
        with pytest.raises(ApiFault):
            cursors.read("letters", written, (int, int))


# ---------------------------------------------------------------- how often


def limited(context: StandingContext, per_minute: int = 3) -> Flask:
    context.__dict__["config"] = replace(
        context.config, api=replace(context.config.api, per_minute=per_minute)
    )
    app = create_app(context)
    app.test_client_class = Client
    return app


def test_a_token_has_its_calls_a_minute_and_every_answer_says_what_is_left(context: StandingContext):
    app, token, other = limited(context), a_token(context, "head"), a_token(context, "head")
    answers = [app.test_client().get(ME, headers=bearer(token)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit"] for answer in answers[:3]] == [
        f'"token";r={left};t=60' for left in (2, 1, 0)
    ]
    assert answers[3].json["code"] == "TOO_MANY"
    assert answers[3].headers["Retry-After"] == "60"
    assert code_of(app, other) == ""
    context.instant = NOW + timedelta(seconds=60)
    assert code_of(app, token) == ""


def test_guessing_tokens_is_limited_by_address_and_does_not_lock_out_who_has_one(context: StandingContext):
    app, good = limited(context, 100), a_token(context, "head")
    bad = f"dh1_{'a' * 10}_{'A' * 43}"
    assert [code_of(app, bad) for _ in range(61)][-1] == "TOO_MANY"
    assert code_of(app, good) == ""


def test_the_office_may_switch_it_off(context: StandingContext):
    context.__dict__["config"] = replace(context.config, api=replace(context.config.api, is_on=False))
    app = create_app(context)
    answer = app.test_client().get(ME, headers=bearer(a_token(context, "admin")))
    assert (answer.status_code, answer.json["code"]) == (404, "OFF")


def test_a_host_name_that_is_not_ours_is_refused(app: Flask, context: StandingContext):
    headers = Headers({**bearer(a_token(context, "head")), "Host": "evil.vi-du.vn"})
    assert app.test_client().get(ME, headers=headers).status_code == 400

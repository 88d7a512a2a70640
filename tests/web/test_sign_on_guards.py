"""A provider that lies, and answers that were never given: each is refused, and nobody is logged in by it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import sign_on_provider
from tests.web.conftest import log_in
from tests.web.factors import CODE, account, give_factor
from tests.web.providers import CLIENT, KEY, SECRET, STRANGE_KEY, SUBJECT, Liar, lying, with_provider
from tests.web.world import StandingContext
from tracker.store import second_factors

pytestmark = pytest.mark.sqlite_only("nothing of it is in the database")

GO = "/dang-nhap/mot-lan"


@pytest.fixture
def liar(context: StandingContext) -> Iterator[Liar]:
    """A provider that is honest until the test changes it."""
    with lying(Liar(lambda: int(context.now().timestamp()))) as one:
        yield one


@pytest.fixture
def app(context: StandingContext, liar: Liar) -> Flask:
    """The application whose head is linked at it."""
    made = with_provider(context, liar.issuer)
    link(context, liar, "head")
    return made


def link(context: StandingContext, liar: Liar, login: str) -> None:
    with context.store.transaction() as session:
        second_factors.set_subject(session, account(context, login).account_id, f"{liar.issuer} {SUBJECT}")


def tried(app: Flask, liar: Liar, **changed: str) -> FlaskClient:
    """A client that went there, agreed, and came back."""
    client = app.test_client()
    there = client.get(GO).location
    if there != "/dang-nhap":
        client.get(liar.come_back(there, **changed))
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/tai-khoan").status_code == 200


def told(client: FlaskClient) -> str:
    return client.get("/dang-nhap").text


def with_claim(**given: object):
    return lambda claims: {**claims, **given}


def without(name: str):
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def test_an_honest_provider_leads_in_and_hears_our_secret_and_the_proof(app: Flask, liar: Liar):
    assert is_in(tried(app, liar))
    [form] = liar.heard
    assert set(form) == {"grant_type", "code", "redirect_uri", "code_verifier", "client_id"}
    assert SECRET not in str(form)  # it goes in the header


# ---------------------------------------------------------------- the token


@pytest.mark.parametrize(
    "change",
    [
        with_claim(nonce="another log-in's"),
        without("nonce"),
        with_claim(aud="another program"),
        with_claim(aud=["another program", "a third"]),
        with_claim(aud=[CLIENT, "another program"], azp="another program"),
        without("aud"),
        with_claim(iss="https://another.vi-du.vn"),
        without("iss"),
        without("exp"),
        without("iat"),
        without("sub"),
        with_claim(sub=""),
        with_claim(sub=7),
        with_claim(sub="x" * 256),
        with_claim(amr="mfa"),
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_us_and_this_log_in_is_refused(app: Flask, liar: Liar, change):
    liar.claims = change
    client = tried(app, liar)
    assert not is_in(client)
    assert "Không xác nhận được" in told(client)


def test_a_token_of_another_log_in_is_refused(app: Flask, liar: Liar):
    liar.claims = with_claim(nonce="another log-in's")
    assert not is_in(tried(app, liar))


def test_a_token_for_another_program_is_refused(app: Flask, liar: Liar):
    liar.claims = with_claim(aud="another program", azp=CLIENT)
    assert not is_in(tried(app, liar))


def test_a_token_of_another_issuer_is_refused(app: Flask, liar: Liar):
    liar.claims = with_claim(iss="https://another.vi-du.vn")
    assert not is_in(tried(app, liar))


@pytest.mark.parametrize(("seconds", "gets_in"), [(30, True), (61, False), (3600, False)])
def test_a_token_is_refused_once_it_is_over_but_for_a_minute_of_clocks_apart(
    app: Flask, context: StandingContext, liar: Liar, seconds: int, gets_in: bool
):
    then = int(context.now().timestamp())
    liar.claims = with_claim(exp=then - seconds, iat=then - 7200)
    assert is_in(tried(app, liar)) is gets_in


def test_a_token_from_the_future_is_refused(app: Flask, context: StandingContext, liar: Liar):
    then = int(context.now().timestamp())
    liar.claims = with_claim(iat=then + 3600, exp=then + 7200)
    assert not is_in(tried(app, liar))


def test_a_token_signed_by_another_key_is_refused(app: Flask, liar: Liar):
    liar.key = STRANGE_KEY
    assert not is_in(tried(app, liar))


def test_a_token_that_nobody_signed_is_refused(app: Flask, liar: Liar):
    liar.header, liar.key = lambda _told: {"alg": "none"}, None
    assert not is_in(tried(app, liar))


@pytest.mark.parametrize("secret", [SECRET.encode(), KEY.as_pem(private=False)], ids=["shared", "public key"])
def test_a_token_signed_by_what_others_know_is_refused(app: Flask, liar: Liar, secret: bytes):
    liar.header, liar.key = lambda _told: {"alg": "HS256", "kid": "a"}, secret
    assert not is_in(tried(app, liar))


@pytest.mark.parametrize(
    "change",
    [
        lambda told: {**told, "id_token": 7},
        lambda told: {**told, "id_token": "x.y.z"},
        lambda told: {**told, "id_token": ""},
        lambda _told: {"error": "invalid_grant"},
        lambda _told: [],
        lambda _told: b"<html>",
        lambda _told: b"[" * 100_000,
    ],
)
def test_an_answer_that_is_none_is_refused(app: Flask, liar: Liar, change):
    liar.token = change
    client = tried(app, liar)
    assert not is_in(client)
    assert "đăng nhập" in told(client)


# ---------------------------------------------------------------- the way back


def test_an_answer_with_another_state_is_refused_and_asks_nobody(app: Flask, liar: Liar):
    assert not is_in(tried(app, liar, state="somebody else's"))
    assert liar.heard == []


def test_an_answer_to_a_browser_that_began_nothing_is_refused(app: Flask, liar: Liar):
    there = app.test_client().get(GO).location
    victim = app.test_client()
    victim.get(liar.come_back(there))
    assert not is_in(victim)
    assert liar.heard == []


def test_an_answer_is_good_once_also_with_a_cookie_from_before(app: Flask, liar: Liar):
    client, thief = app.test_client(), app.test_client()
    there = client.get(GO).location
    cookie = client.get_cookie("dunghen")
    assert cookie
    thief.set_cookie("dunghen", cookie.value)
    back = liar.come_back(there)
    client.get(back)
    thief.get(back)  # this provider would take its code twice
    assert is_in(client)
    assert not is_in(thief)
    assert len(liar.heard) == 1


def test_who_says_no_there_reads_that_nothing_changed(app: Flask, liar: Liar):
    client = tried(app, liar, error="access_denied", error_description="<b>words of others</b>")
    assert "Bạn đã không đồng ý" in told(client)
    assert "words of others" not in told(client)
    assert liar.heard == []


def test_a_log_in_that_was_begun_long_ago_is_over(app: Flask, context: StandingContext, liar: Liar):
    client = app.test_client()
    there = client.get(GO).location
    context.instant += timedelta(minutes=10, seconds=1)
    client.get(liar.come_back(there))
    assert not is_in(client)


def test_a_code_without_our_proof_is_worth_nothing(app: Flask, liar: Liar):
    """The provider's rule (RFC 7636), which rests on our sending a challenge of this very log-in."""
    client = app.test_client()
    back = liar.come_back(client.get(GO).location)
    liar.asked = {**liar.asked, "code_challenge": "of another log-in"}
    client.get(back)
    assert not is_in(client)


@pytest.mark.parametrize(("names_it", "iss", "gets_in"), [
    (True, "its own", True), (True, None, False), (True, "https://another.vi-du.vn", False),
    (False, None, True), (False, "https://another.vi-du.vn", False),
])  # fmt: skip
def test_an_answer_of_another_issuer_is_taken_for_none_of_ours(
    app: Flask, liar: Liar, names_it: bool, iss: str | None, gets_in: bool
):
    liar.metadata = lambda told: {**told, "authorization_response_iss_parameter_supported": names_it}
    changed = {} if iss is None else {"iss": liar.issuer if iss == "its own" else iss}
    assert is_in(tried(app, liar, **changed)) is gets_in


# ---------------------------------------------------------------- what it says of itself


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://another.vi-du.vn"},
        {"authorization_endpoint": "https://another.vi-du.vn/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "http://ten:mat-khau@127.0.0.1/token"},
        {"jwks_uri": "https://another.vi-du.vn/keys"},
        {"jwks_uri": "//another.vi-du.vn/keys"},
    ],
)
def test_a_provider_that_says_it_is_another_or_points_elsewhere_is_not_asked(app: Flask, liar: Liar, changed):
    liar.metadata = lambda told: {**told, **changed}
    client = tried(app, liar)
    assert not is_in(client)
    assert "Chưa hỏi được nơi cấp tài khoản" in told(client)
    assert liar.heard == []


def test_a_second_host_is_asked_only_where_the_configuration_names_it(context: StandingContext, liar: Liar):
    liar.metadata = lambda said: {
        **said,
        "token_endpoint": said["token_endpoint"].replace("127.0.0.1", "localhost"),
    }
    app = with_provider(context, liar.issuer)
    link(context, liar, "head")
    assert not is_in(tried(app, liar))
    assert is_in(tried(with_provider(context, liar.issuer, hosts=frozenset({"localhost"})), liar))


def test_a_provider_by_https_does_not_lead_to_plain_http(context: StandingContext):
    config = replace(context.config.sign_on, issuer="https://localhost")
    assert sign_on_provider._address(config, "https://localhost/token")
    with pytest.raises(sign_on_provider.SignOnAway):
        sign_on_provider._address(config, "http://localhost/token")


# ---------------------------------------------------------------- away, slow, endless


def test_when_the_provider_is_away_the_page_says_so_and_passwords_still_work(
    app: Flask, context: StandingContext, liar: Liar
):
    with_provider(context, "http://127.0.0.1:9")
    client = tried(app, liar)
    assert "Chưa hỏi được nơi cấp tài khoản" in told(client)
    assert log_in(client, "head").status_code == 302


def test_a_provider_that_keeps_silent_keeps_nobody_waiting(
    app: Flask, liar: Liar, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sign_on_provider, "BOUNDS", replace(sign_on_provider.BOUNDS, answer_seconds=1))
    liar.slow = True
    assert "Chưa hỏi được" in told(tried(app, liar))


def test_an_endless_answer_is_not_read_to_its_end(app: Flask, liar: Liar):
    liar.token = lambda said: {**said, "padding": "x" * (2 * 1024 * 1024)}
    assert not is_in(tried(app, liar))


def test_a_provider_that_leads_on_to_another_address_is_not_followed(app: Flask, liar: Liar):
    liar.status = 302
    assert not is_in(tried(app, liar))


@pytest.mark.parametrize("status", [500, 503])
def test_a_provider_in_trouble_is_told_as_such(app: Flask, liar: Liar, status: int):
    liar.status = status
    assert "Chưa hỏi được" in told(tried(app, liar))


# ---------------------------------------------------------------- its second factor


@pytest.mark.parametrize(
    ("trusts", "amr", "asked_here"),
    [
        (True, ["pwd", "otp"], False),
        (True, ["mfa"], False),
        (True, ["pwd"], True),
        (True, [], True),
        (True, [{"mfa": 1}], True),
        (False, ["mfa"], True),
    ],
)
def test_its_second_factor_counts_only_where_the_office_trusts_it_and_it_says_so(
    context: StandingContext, liar: Liar, trusts: bool, amr: list[object], asked_here: bool
):
    app = with_provider(context, liar.issuer, trusts_second_factor=trusts)
    link(context, liar, "head")
    give_factor(context, "head")
    liar.claims = with_claim(amr=amr)
    client = app.test_client()
    back = urlsplit(client.get(liar.come_back(client.get(GO).location)).location)
    assert (back.path == CODE) is asked_here
    assert is_in(client) is not asked_here

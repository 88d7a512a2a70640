"""The second factor: setting it up, logging in by two steps, codes good once, recovery codes, switching it off."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import new_salt
from app.factor_key import FactorKey, FactorKeyLost, factor_key
from app.halfway import LASTS
from app.web import create_app
from tests.web.conftest import Client, log_in, token
from tests.web.factors import (
    CODE,
    DOOR,
    PAGE,
    SECRET,
    WRONG_CODE,
    account,
    code_of,
    give_factor,
    log_in_with_code,
    press,
    shown_codes,
    shown_secret,
    to_second_step,
    type_code,
    with_prefix,
)
from tests.web.world import NOW, PASSWORD, StandingContext
from tracker.store import audit, people, second_factors
from tracker.store.models import RecoveryCode

pytestmark = pytest.mark.sqlite_only(
    "forms and sessions are the same on both; what is taken once is tried on both in tests/store/test_second_factors.py"
)


def inside(client) -> bool:
    """Does this client open a page?"""
    return client.get("/tai-khoan").status_code == 200


def last_act(context: StandingContext, action: str) -> audit.Act:
    with context.store.read() as session:
        return audit.find_acts(session, audit.ActFilter(action=action), limit=1)[0].act


# ---------------------------------------------------------------- setting it up


def test_a_factor_is_set_up_by_password_picture_and_code_and_shows_ten_recovery_codes_once(
    app: Flask, context: StandingContext, as_role
):
    client, other = as_role("head"), as_role("head")
    assert press(client, f"{PAGE}/bat-dau", present=PASSWORD).location == PAGE
    page = client.get(PAGE).text
    assert 'src="data:image/svg+xml' in page
    secret = shown_secret(page)
    done = press(client, f"{PAGE}/xac-nhan", code=code_of(NOW, secret))
    assert len(set(shown_codes(done.text))) == 10
    assert inside(client)
    assert not inside(other)  # it got in by the password alone
    again = client.get(PAGE).text
    assert not shown_codes(again)
    assert secret not in again.replace(" ", "")
    assert last_act(context, "factor_on").actor == "head"


def test_no_secret_is_shown_without_the_password(as_role, context: StandingContext):
    client = as_role("head")
    assert "không đúng" in press(client, f"{PAGE}/bat-dau", present="sai").text
    assert "setup-key" not in client.get(PAGE).text


def test_a_factor_counts_only_once_the_telephone_knows_it(as_role, context: StandingContext):
    client = as_role("head")
    press(client, f"{PAGE}/bat-dau", present=PASSWORD)
    assert "Mã không đúng" in press(client, f"{PAGE}/xac-nhan", code=WRONG_CODE).text
    assert account(context, "head").second_factor == ""


def test_a_secret_that_waited_too_long_is_forgotten(as_role, context: StandingContext):
    client = as_role("head")
    press(client, f"{PAGE}/bat-dau", present=PASSWORD)
    secret = shown_secret(client.get(PAGE).text)
    context.instant = NOW + timedelta(minutes=15, seconds=1)
    assert press(client, f"{PAGE}/xac-nhan", code=code_of(context.instant, secret)).status_code == 302
    assert account(context, "head").second_factor == ""


def test_the_secret_is_kept_encrypted_and_the_codes_hashed(context: StandingContext):
    codes = give_factor(context, "head")
    kept = account(context, "head").second_factor
    with context.store.read() as session:
        hashes = list(session.scalars(select(RecoveryCode.code_hash)))
    assert SECRET not in kept
    assert len(hashes) == 10
    assert not {code.replace("-", "") for code in codes} & set(hashes)


def test_a_secret_moved_to_another_account_opens_nothing(context: StandingContext):
    give_factor(context, "head")
    key = factor_key(context.data_dir)
    owner, other = account(context, "head"), account(context, "admin")
    assert key.open(owner.second_factor, owner.account_id) == SECRET
    with pytest.raises(FactorKeyLost):
        key.open(owner.second_factor, other.account_id)


def test_a_hash_of_a_recovery_code_moved_to_another_account_is_worth_nothing(context: StandingContext):
    key = FactorKey(b"x" * 32)
    assert key.code_hash("abcdefghjk", 1) != key.code_hash("abcdefghjk", 2)


# ---------------------------------------------------------------- two steps


def test_password_and_code_log_in_and_lead_to_the_page_that_was_wanted(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = app.test_client()
    answer = log_in(client, "head", address=f"{DOOR}?next=/qua-han?trang-thai%3Dall")
    assert answer.location == f"{CODE}?next=/qua-han?trang-thai%3Dall"
    done = type_code(client, code_of(NOW), answer.location)
    assert done.location == "/qua-han?trang-thai=all"
    assert last_act(context, "login").detail == {"way": "password+code"}


@pytest.mark.parametrize("address", ["https://example.org/", "//example.org", "/\\example.org"])
def test_the_second_step_never_leads_to_another_site(app: Flask, context: StandingContext, address: str):
    give_factor(context, "head")
    client = to_second_step(app, "head")
    form = {"code": code_of(NOW), "csrf_token": token(client, CODE)}
    assert client.post(CODE, query_string={"next": address}, data=form).location == "/"


def test_the_password_alone_opens_nothing(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = to_second_step(app, "head")
    for address in ("/", "/tai-khoan", "/ban-theo-doi", PAGE):
        assert client.get(address).location.startswith(DOOR)
    assert client.post("/dang-xuat", data={"csrf_token": token(client, CODE)}).location.startswith(DOOR)


def test_nothing_that_was_set_before_lives_on_between_the_steps_or_after_them(
    app: Flask, context: StandingContext
):
    give_factor(context, "head")
    client = app.test_client()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    log_in(client, "head")
    with client.session_transaction() as session:
        assert "planted" not in session
        session["planted"] = "by somebody else"
    type_code(client, code_of(NOW))
    with client.session_transaction() as session:
        assert "planted" not in session
        assert "halfway" not in session


def test_the_second_step_is_nobodys_without_the_first(app: Flask):
    client = app.test_client()
    assert client.get(CODE).location.startswith(DOOR)
    form = {"code": "123456", "csrf_token": token(client)}
    assert client.post(CODE, data=form).location.startswith(DOOR)


def test_a_cookie_of_the_half_way_that_somebody_wrote_himself_is_worth_nothing(
    app: Flask, context: StandingContext
):
    give_factor(context, "head")
    honest = to_second_step(app, "head")
    forger = create_app(context, RATELIMIT_ENABLED=False, SECRET_KEY="another key than that of this place")
    forger.test_client_class = Client
    forged = to_second_step(forger, "head").get_cookie("dunghen")
    assert forged
    thief = app.test_client()
    thief.set_cookie("dunghen", forged.value)
    assert honest.get(CODE).status_code == 200
    assert thief.get(CODE).location.startswith(DOOR)


def test_half_way_is_over_after_five_minutes(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = to_second_step(app, "head")
    form = {"csrf_token": token(client, CODE)}
    context.instant = NOW + LASTS
    assert client.get(CODE).status_code == 200
    context.instant += timedelta(seconds=1)
    answer = client.post(CODE, data={**form, "code": code_of(context.instant)})
    assert answer.location.startswith(DOOR)
    assert not inside(client)


def test_half_way_is_over_once_the_password_is_another_one(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = to_second_step(app, "head")
    form = {"csrf_token": token(client, CODE), "code": code_of(NOW)}
    owner = account(context, "head")
    with context.store.transaction() as session:
        people.set_password(session, owner.account_id, owner.password_hash, new_salt())
    assert client.post(CODE, data=form).location.startswith(DOOR)


def test_half_way_leads_in_once(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client, thief = to_second_step(app, "head"), app.test_client()
    cookie = client.get_cookie("dunghen")
    assert cookie
    thief.set_cookie("dunghen", cookie.value)
    assert thief.get(CODE).status_code == 200
    form = {"csrf_token": token(thief, CODE), "code": code_of(NOW, by=1)}
    assert type_code(client, code_of(NOW)).location == "/"
    context.instant = NOW + timedelta(seconds=30)
    assert thief.post(CODE, data=form).location.startswith(DOOR)


def test_a_disabled_account_does_not_get_through_the_second_step(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = to_second_step(app, "head")
    form = {"csrf_token": token(client, CODE), "code": code_of(NOW)}
    with context.store.transaction() as session:
        people.disable(session, account(context, "head").account_id, now=NOW)
    assert client.post(CODE, data=form).location.startswith(DOOR)


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize(("by", "gets_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_its_half_minute_and_the_ones_beside_it(
    app: Flask, context: StandingContext, by: int, gets_in: bool
):
    give_factor(context, "head")
    client = to_second_step(app, "head")
    assert (type_code(client, code_of(NOW, by=by)).status_code == 302) is gets_in
    assert inside(client) is gets_in


def test_no_code_is_good_twice(app: Flask, context: StandingContext):
    give_factor(context, "head")
    log_in_with_code(app, context, "head")
    again = to_second_step(app, "head")
    assert "đã dùng" in type_code(again, code_of(NOW)).text
    assert "đã dùng" in type_code(again, code_of(NOW, by=-1)).text  # nor one from before it
    assert not inside(again)
    assert type_code(again, code_of(NOW, by=1)).status_code == 302


def test_a_code_with_blanks_is_the_same_code(app: Flask, context: StandingContext):
    give_factor(context, "head")
    code = code_of(NOW)
    assert type_code(to_second_step(app, "head"), f" {code[:3]} {code[3:]} ").status_code == 302


def test_wrong_codes_lock_the_account_even_for_the_right_one(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = to_second_step(app, "head")
    for _ in range(context.config.web.failed_logins_before_lock):
        type_code(client, WRONG_CODE)
    answer = type_code(client, code_of(NOW))
    assert answer.status_code == 401
    assert "tạm khóa" in answer.text
    assert log_in(app.test_client(), "head").status_code == 401


def test_the_right_password_does_not_make_guessing_codes_free(app: Flask, context: StandingContext):
    give_factor(context, "head")
    for _ in range(context.config.web.failed_logins_before_lock - 1):
        type_code(to_second_step(app, "head"), WRONG_CODE)
    assert "tạm khóa" in type_code(to_second_step(app, "head"), WRONG_CODE).text


def test_a_right_code_forgets_the_wrong_ones_before(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = to_second_step(app, "head")
    type_code(client, WRONG_CODE)
    type_code(client, code_of(NOW))
    assert account(context, "head").failed_logins == 0


def test_codes_of_one_address_are_limited(context: StandingContext):
    give_factor(context, "head")
    app = create_app(context, WTF_CSRF_ENABLED=False)
    app.test_client_class = Client
    client = app.test_client()
    client.post(DOOR, data={"login": "head", "password": PASSWORD})
    statuses = [client.post(CODE, data={"code": "1"}).status_code for _ in range(31)]
    assert statuses[-1] == 429


# ---------------------------------------------------------------- recovery codes


def test_a_recovery_code_stands_in_once_for_the_telephone(app: Flask, context: StandingContext):
    codes = give_factor(context, "head")
    typed = codes[0].upper().replace("-", " ")
    assert type_code(to_second_step(app, "head"), typed).location == "/"
    assert last_act(context, "login").detail == {"way": "password+recovery"}
    again = to_second_step(app, "head")
    assert type_code(again, codes[0]).status_code == 401
    assert type_code(again, codes[1]).location == "/"
    with context.store.read() as session:
        assert second_factors.codes_left(session, account(context, "head").account_id) == 8


def test_a_recovery_code_of_another_account_is_worth_nothing(app: Flask, context: StandingContext):
    give_factor(context, "head")
    others = give_factor(context, "desk")
    assert type_code(to_second_step(app, "head"), others[0]).status_code == 401


def test_new_recovery_codes_replace_the_old_ones_and_need_password_and_code(
    app: Flask, context: StandingContext
):
    old = give_factor(context, "head")
    client = log_in_with_code(app, context, "head")
    refused = press(client, f"{PAGE}/ma-du-phong", **with_prefix("codes", code=WRONG_CODE))
    assert refused.status_code == 400
    context.instant = NOW + timedelta(minutes=1)
    refused = press(client, f"{PAGE}/ma-du-phong", **with_prefix("codes", "sai", code_of(context.instant)))
    assert refused.status_code == 400
    done = press(client, f"{PAGE}/ma-du-phong", **with_prefix("codes", code=code_of(context.instant)))
    new = shown_codes(done.text)
    assert len(new) == 10
    assert not set(new) & set(old)
    assert type_code(to_second_step(app, "head"), old[0]).status_code == 401
    assert type_code(to_second_step(app, "head"), new[0]).status_code == 302
    assert last_act(context, "factor_codes").actor == "head"


# ---------------------------------------------------------------- off


def test_it_is_switched_off_by_password_and_code_and_other_sessions_end(app: Flask, context: StandingContext):
    give_factor(context, "head")
    client = log_in_with_code(app, context, "head")
    other = log_in_with_code(app, context, "head", by=1)
    context.instant = NOW + timedelta(minutes=2)
    for prefix, code in (("sai", code_of(context.instant)), (PASSWORD, WRONG_CODE)):
        assert press(client, f"{PAGE}/tat", **with_prefix("off", prefix, code)).status_code == 400
    assert account(context, "head").second_factor
    assert press(client, f"{PAGE}/tat", **with_prefix("off", code=code_of(context.instant))).location == PAGE
    assert account(context, "head").second_factor == ""
    assert inside(client)
    assert not inside(other)
    assert log_in(app.test_client(), "head").location == "/"
    assert last_act(context, "factor_off").actor == "head"


def test_a_session_from_before_the_factor_is_worth_nothing(app: Flask, context: StandingContext, as_role):
    client = as_role("head")
    give_factor(context, "head")
    assert not inside(client)

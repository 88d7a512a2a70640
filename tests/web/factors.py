"""A second factor as a person has one: the secret in a telephone, codes of a moment, and the forms that use them."""

import re
from datetime import datetime

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import new_salt
from app.second_factor import set_up, step_of
from tests.web.conftest import log_in, token
from tests.web.world import PASSWORD, StandingContext
from tracker.store import people
from tracker.store.audit import Act
from tracker.store.people import Account

PAGE = "/tai-khoan/xac-thuc"
DOOR, CODE = "/dang-nhap", "/dang-nhap/ma"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WRONG_CODE = "000000"


def account(context: StandingContext, login: str) -> Account:
    """An account as it stands."""
    with context.store.read() as session:
        found = people.find_login(session, login)
    assert found
    return found


def give_factor(context: StandingContext, login: str, secret: str = SECRET) -> list[str]:
    """The account has this secret since a while ago; its recovery codes."""
    owner = account(context, login)
    act = Act(context.now(), login, "factor_on", f"user:{owner.account_id}", {})
    step = step_of(context.now()) - 10
    codes = set_up(context, owner, secret, step=step, act=act, salt=new_salt())
    assert codes
    return codes


def code_of(moment: datetime, secret: str = SECRET, by: int = 0) -> str:
    """What the telephone shows at a moment, or so many steps later."""
    code = pyotp.TOTP(secret).generate_otp(step_of(moment) + by)
    assert code != WRONG_CODE
    return code


def to_second_step(app: Flask, login: str) -> FlaskClient:
    """A client that has typed the password and is asked for the code."""
    client = app.test_client()
    answer = log_in(client, login)
    assert answer.location.startswith(CODE)
    return client


def type_code(client: FlaskClient, code: str, address: str = CODE):
    """Fill in the form of the second step."""
    return client.post(address, data={"code": code, "csrf_token": token(client, address)})


def log_in_with_code(app: Flask, context: StandingContext, login: str, by: int = 0) -> FlaskClient:
    """Both steps."""
    client = to_second_step(app, login)
    assert type_code(client, code_of(context.now(), by=by)).location == "/"
    return client


def press(client: FlaskClient, address: str, **form: str):
    """One of the forms of the page of the second factor, or of the account."""
    page = "/tai-khoan" if "xac-thuc" not in address else PAGE
    return client.post(address, data={**form, "csrf_token": token(client, page)})


def with_prefix(prefix: str, present: str = PASSWORD, code: str = "") -> dict[str, str]:
    """Password and code as the two forms of the page name them."""
    return {f"{prefix}-present": present, f"{prefix}-code": code}


def shown_secret(text: str) -> str:
    """The secret as it stands on the page of setting up."""
    found = re.search(r'class="setup-key">([A-Z2-7 ]+)<', text)
    assert found
    return found[1].replace(" ", "")


def shown_codes(text: str) -> list[str]:
    """The recovery codes of the answer that shows them."""
    return re.findall(r"<li><code>([a-z2-9-]+)</code></li>", text)

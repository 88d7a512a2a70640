"""Whatever is sent in whichever field of whichever page: no fault, nothing of it as HTML, no header, no way out, nothing in a log.

The fields are found by asking (`tests/web/inputs.py`), so a new one is tried without being named here.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import Role, may
from app.pages import matrix
from app.web import create_app
from tests import databases
from tests.web.conftest import Client, log_in
from tests.web.inputs import LOOKED_FOR, Inputs, WatchedRequest
from tests.web.test_access import EXPECTED
from tests.web.test_guards import addresses_to_post
from tests.web.world import PASSWORD, StandingContext, make_context
from tracker.store import audit
from tracker.store.audit import ActFilter
from tracker.store.models import User

pytestmark = pytest.mark.sqlite_only("what is asked of the store is asked by the pages' own tests on both")

NUMBER = "0987654321"
PERSON = "Kẻ Lạ"
# At once: another host, an element, an end of an attribute, a template, an end of a line in a header, an end of a text of SQL, a person.
HOSTILE = f"//evil.example/x' OR 1=1 --\"><x9 y='{{{{1337*1339}}}}\r\nX-Nine: 9\r\n {PERSON} {NUMBER}"
COMPUTED = str(1337 * 1339)
AWAY = ("//evil.example/x", "/\\evil.example/x", "https://evil.example/x", "javascript:evil.example/x")
LEADING = re.compile(r"""\b(?:href|src|action|formaction)="[^"]{0,12}evil\.example""")
EVERYTHING = ActFilter("", "", "", None, None)
# Ends the session that asks.
NOT_POSTED = frozenset({"auth.logout"})


@dataclass
class Tried:
    """An application with everything that was found about its fields, and what was wrong with answers."""

    context: StandingContext
    app: Flask
    inputs: Inputs
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    addresses: dict[tuple[str, str], str] = field(default_factory=dict)

    def role_of(self, endpoint: str) -> str:
        """A role that may; empty for what is public."""
        permission = matrix(self.app)[endpoint]
        return "" if permission.public else next(role.value for role in Role if may(role, permission))

    def enter(self, role: str) -> None:
        """A client of the role; whatever the answers before did to its account."""
        with self.context.store.transaction() as session:
            for user in session.query(User):
                user.failed_logins, user.locked_until, user.disabled_at = 0, None, None
        self.clients[role] = self.app.test_client()
        if role:
            assert log_in(self.clients[role], role).status_code == 302

    def ask(self, endpoint: str, method: str, given: dict[str, str]):
        """One call with these fields; once more where an earlier one ended the session."""
        role = self.role_of(endpoint)
        if role not in self.clients:
            self.enter(role)
        answer = self._asked(self.clients[role], endpoint, method, given)
        if role and answer.headers.get("Location", "").startswith("/dang-nhap"):
            self.enter(role)
            answer = self._asked(self.clients[role], endpoint, method, given)
        text = answer.text if answer.mimetype == "text/html" else ""
        self.inputs.read((endpoint, method), text)
        return answer

    def _asked(self, client: FlaskClient, endpoint: str, method: str, given: dict[str, str]):
        address = self.addresses[endpoint, method]
        LOOKED_FOR.clear()
        if method == "POST":
            return client.post(address, data=given)
        path, _, query = address.partition("?")
        return client.get(path, query_string={**dict(parse_qsl(query)), **given})


@pytest.fixture(scope="module")
def tried(made_world: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    """The pages without the tokens of their forms, on a world of their own; every field that a first round finds."""
    folder = tmp_path_factory.mktemp("tried")
    context = make_context(folder, databases.chosen().copy(made_world, folder))
    app = create_app(context, RATELIMIT_ENABLED=False, WTF_CSRF_ENABLED=False)
    app.request_class, app.test_client_class = WatchedRequest, Client
    made = Tried(context, app, Inputs(app))
    urls = app.url_map.bind("localhost")
    for address in (*EXPECTED, "/dang-nhap", "/kiem-tra-thu", "/cong-khai-xin-loi"):
        made.addresses.setdefault((urls.match(address.partition("?")[0], method="GET")[0], "GET"), address)
    for endpoint, address in addresses_to_post(app):
        if not endpoint.startswith("api.") and endpoint not in NOT_POSTED:
            made.addresses[endpoint, "POST"] = address
    for endpoint, method in made.addresses:
        made.ask(endpoint, method, {})
    yield made
    context.store.close()


def wrong(answer) -> list[str]:
    """What no answer may be."""
    found = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    if answer.mimetype == "text/html":
        found += ["element"] if "<x9" in answer.text else []
        found += ["template"] if COMPUTED in answer.text else []
        found += ["away"] if LEADING.search(answer.text) else []
    found += ["header"] if "X-Nine" in answer.headers else []
    where = urlsplit(urljoin("http://localhost/", answer.headers.get("Location", "")))
    return found + (["away"] if where.hostname != "localhost" else [])


def test_what_is_sent_in_a_field_is_a_text_and_nothing_else(tried: Tried, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    faults, count = {}, 0
    for (endpoint, method), names in tried.inputs:
        for name in names if (endpoint, method) in tried.addresses else ():
            count += 1
            if found := wrong(tried.ask(endpoint, method, {name: HOSTILE})):
                faults[endpoint, method, name] = found
    assert faults == {}
    assert count > 200, "the fields are not found any more"
    told = [record.getMessage() for record in caplog.records]
    assert [line for line in told if NUMBER in line or PERSON in line] == []


def test_nothing_that_was_typed_to_look_for_something_is_in_the_log(tried: Tried):
    with tried.context.store.read() as session:
        before = max(entry.entry_id for entry in audit.find_acts(session, EVERYTHING, limit=1))
    for (endpoint, method), names in tried.inputs:
        for name in names if (endpoint, method) in tried.addresses else ():
            for sent in (NUMBER, PERSON) if method == "GET" else (NUMBER,):
                tried.ask(endpoint, method, {name: sent})
    with tried.context.store.read() as session:
        kept = audit.find_acts(session, EVERYTHING, limit=100_000)
    new = [entry.act for entry in kept if entry.entry_id > before]
    assert len(new) > 100
    told = {(act.action, act.subject, str(act.detail)) for act in new}
    assert sorted(each for each in told if NUMBER.lstrip("0") in str(each) or PERSON in str(each)) == []


# What has to be right before a form leads anywhere at all.
LEADS: Mapping[str, Mapping[str, str]] = {
    "auth.login": {"login": "auditor", "password": PASSWORD},
    "language.choose": {"ngon-ngu": "vi"},
}


def test_no_field_leads_to_another_host(tried: Tried):
    faults = {}
    for endpoint, right in LEADS.items():
        tried.enter(tried.role_of(endpoint))
        for name in set(tried.inputs.names[endpoint, "POST"]) - set(right):
            for sent in AWAY:
                if "away" in wrong(tried.ask(endpoint, "POST", {**right, name: sent})):
                    faults[endpoint, name] = sent
    for (endpoint, method), names in tried.inputs:
        for sent in AWAY if (endpoint, method) in tried.addresses else ():
            if "away" in wrong(tried.ask(endpoint, method, dict.fromkeys(names, sent))):
                faults[endpoint, method] = sent
    assert faults == {}


# Fields in which somebody could guess: each page that takes one has a limit on tries.
GUESSED = frozenset({"password", "present", "code"})
# Public addresses at which there is nothing to guess and no work to cause.
# Whoever watches asks all the time, and what is told costs nothing: alive, ready.
UNLIMITED = frozenset({"static", "language.choose", "metrics.alive", "metrics.ready"})


def test_wherever_a_secret_can_be_guessed_tries_are_limited(tried: Tried):
    permissions = matrix(tried.app)
    guessed = {
        endpoint
        for (endpoint, method), names in tried.inputs
        if method == "POST" and any(name.rpartition("-")[2] in GUESSED for name in names)
    }
    # A unit of the catalogue has a code that is no secret.
    assert {name for name in guessed if permissions[name].limit is None} == {"catalogue.fill_unit"}
    public = {name for name, permission in permissions.items() if permission and permission.public}
    assert {name for name in public if permissions[name].limit is None} == UNLIMITED
    assert {"auth.login", "account.password", "second_factor.begin"} <= guessed

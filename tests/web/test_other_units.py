"""Nothing of another unit by any address: every route of the map that takes a number or a code, asked by accounts of elsewhere.

The accounts of the roles are moved to the other branch; what the world holds is then another unit's. A new route is asked
without being named here, and fails until it is closed to them or somebody writes down whose it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import Role
from app.pages import by_token, matrix
from app.web import create_app
from tests import databases
from tests.web.api_calls import BY_NAME, asking, own_letter_file
from tests.web.conftest import Client, log_in
from tests.web.test_access import EXPECTED
from tests.web.test_guards import addresses_to_post
from tests.web.world import BRANCH_B, ROLES, StandingContext, make_context
from tracker.store import people
from tracker.store.models import AlertAck, DossierNote, Feed, LetterStep, User

pytestmark = pytest.mark.sqlite_only("who is asked for what is the same on both; test_access runs on both")

# Codes of the dossiers of the branch that the accounts have left.
OF_THE_OTHERS = re.compile(r"T01-260803-000[13456]|T01-260601-000[78]|T01-260823-0009|0A1B2C3D")
# Scoped addresses of things that are no unit's, or whose act refuses in words and leaves everything as it was.
OPEN: Mapping[str, str] = {
    "alerts.show": "the alert of the world's tests is of no dossier",
    "letter_templates.own": "templates are the province's",
    "letter_templates.trial": "the asker's own trial",
    "letter_templates.sample": "the asker's own trial",
    "letter_templates.retire": "of the province: tests/web/test_letter_settings.py",
    "alert_rules.take_back": "refused in words: tests/web/test_alert_rule_pages.py",
    "alert_rules.end_leave": "refused in words: tests/web/test_alert_rule_pages.py",
    "letter_settings.end_reason": "refused in words: tests/web/test_letter_settings.py",
    "letter_settings.end_signer": "asks for a day first: tests/web/test_letter_settings.py",
    "letter_settings.close_series": "asks for a day first: tests/web/test_letter_settings.py",
}
# Addresses with a number that are of no unit: whose they are instead, and so who is told nothing.
NO_UNITS: Mapping[str, str] = {
    "account_access": "accounts, for administrators", "admin": "accounts and changes, for administrators",
    "audit": "the log, which holds ids alone", "calendar": "the province's working time", "catalogue": "catalogues",
    "editions": "editions of criteria", "form_editions": "editions of forms", "feeds": "the asker's own links",
    "kept_months": "counts of the province", "keys": "for administrators of the whole province",
    "outbox": "for administrators", "packs": "for administrators of the whole province",
    "rejected": "for accounts of the whole province", "sources": "for accounts of the whole province",
    "subscriptions": "for administrators of the whole province",
    "tokens": "the asker's own", "work": "the asker's own, else the role's",
}  # fmt: skip
# By a secret link, by a key of a system, and files of the program.
PUBLIC = {"feeds.atom", "feeds.calendar", "receiver.operation", "static", "score.plotly"}


@pytest.fixture(scope="module")
def moved_context(made_world: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandingContext]:
    """A world in which the account of every role belongs to the other branch."""
    folder = tmp_path_factory.mktemp("moved")
    context = make_context(folder, databases.chosen().copy(made_world, folder))
    own_letter_file(context, folder)
    with context.store.transaction() as session:
        for role in ROLES:
            account = people.find_login(session, role)
            assert account
            session.get_one(User, account.account_id).unit_id = BRANCH_B
    yield context
    context.store.close()


@pytest.fixture(scope="module")
def moved_app(moved_context: StandingContext) -> Flask:
    """Its application, without the tokens of forms."""
    app = create_app(moved_context, RATELIMIT_ENABLED=False, WTF_CSRF_ENABLED=False)
    app.test_client_class = Client
    return app


@pytest.fixture(scope="module")
def moved(moved_app: Flask) -> Callable[[str], FlaskClient]:
    """A client of a role."""

    @cache
    def make(role: str) -> FlaskClient:
        client = moved_app.test_client()
        assert log_in(client, role).status_code == 302
        return client

    return make


def numbered(app: Flask) -> set[str]:
    """Pages whose address names something."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments} - by_token(app) - PUBLIC


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, method and an address of each page that names something."""
    urls, wanted = app.url_map.bind("localhost"), numbered(app)
    gets = [(urls.match(each.partition("?")[0], method="GET")[0], "GET", each) for each in EXPECTED]
    posts = [(endpoint, "POST", address) for endpoint, address in addresses_to_post(app)]
    return [each for each in (*gets, *posts) if each[0] in wanted]


def test_every_address_that_names_something_is_scoped_or_somebody_said_whose_it_is(app: Flask):
    permissions = matrix(app)
    unscoped = {name for name in numbered(app) if not permissions[name].scoped}
    assert {name.partition(".")[0] for name in unscoped} == set(NO_UNITS)
    assert {name for name, _, _ in addresses(app)} == numbered(app), "an address of each is asked"
    assert all(permissions[name].scoped for name in OPEN)


def test_no_scoped_address_tells_an_account_of_elsewhere_anything(
    moved_app: Flask, moved: Callable[[str], FlaskClient]
):
    permissions, opened = matrix(moved_app), set()
    for endpoint, method, address in addresses(moved_app):
        if permissions[endpoint].scoped:
            for role in (role for role in ROLES if role in permissions[endpoint].roles):
                answer = moved(role).open(address, method=method)
                if answer.status_code not in (403, 404):
                    opened.add(endpoint)
    assert opened == set(OPEN)


@pytest.mark.parametrize("role", list(ROLES))
def test_no_page_shows_an_account_a_code_of_another_unit(moved: Callable[[str], FlaskClient], role: str):
    told = {}
    for address, roles in EXPECTED.items():
        answer = moved(role).get(address) if role in roles else None
        if answer is not None and answer.mimetype.startswith(("text/", "application/json")):
            # What was asked for stands in the field where it was typed.
            found = set(OF_THE_OTHERS.findall(answer.text)) - set(OF_THE_OTHERS.findall(address))
            if found:
                told[address] = found
    assert told == {}


FORMS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("head", "/thu-xin-loi/quyet-dinh/huy", {"chon": 1, "ly-do": "Thử nghiệm"}),
    ("desk", "/canh-bao/viec/rut-lai", {"chon": 1}),
    ("desk", "/canh-bao/viec/nhan-viec", {"chon": [1, 3], "hen-xong": "25/08/2026"}),
    ("desk", "/ban-theo-doi/ghi-chu", {"chon": [1, 3], "noi-dung": "Thử nghiệm"}),
    ("desk", "/ban-theo-doi/soan-thu", {"chon": [1, 3, 7]}),
    ("desk", "/thu-xin-loi/in", {"thu": 1, "giay": "thu"}),
    ("head", "/canh-bao/dang-ky", {"pham-vi": "unit", "don-vi": "T900001", "ten": "Thử"}),
)


@pytest.mark.parametrize(("role", "address", "form"), FORMS, ids=[each[1] for each in FORMS])
def test_a_number_in_a_form_reaches_nothing_of_another_unit(
    moved_context: StandingContext, moved: Callable[[str], FlaskClient], role: str, address: str, form: dict[str, object]
):  # fmt: skip
    before = of_the_others(moved_context)
    answer = moved(role).post(address, data=form, follow_redirects=True)
    assert answer.status_code < 500
    assert OF_THE_OTHERS.findall(answer.text) == []
    assert of_the_others(moved_context) == before


def test_the_same_forms_are_carried_out_at_home(context: StandingContext):
    app, before = create_app(context, RATELIMIT_ENABLED=False, WTF_CSRF_ENABLED=False), of_the_others(context)
    own_letter_file(context, context.data_dir)
    for role, address, form in FORMS:
        client = app.test_client()
        assert log_in(client, role).status_code == 302
        assert client.post(address, data=form).status_code in (200, 302)
    grown = [now > then for now, then in zip(of_the_others(context), before, strict=True)]
    assert all(grown)


def of_the_others(context: StandingContext) -> list[int]:
    """How much people have done about dossiers and letters, and how many links they have made."""
    with context.store.read() as session:
        return [session.query(kind).count() for kind in (AlertAck, DossierNote, Feed, LetterStep)]


BODIES: Mapping[str, Mapping[str, object]] = {
    "note_write": {"text": "Thử nghiệm"},
    "letter_step": {"step": "void", "reason": "Thử nghiệm"},
    "obligation_decision": {"decision": "waive", "reason": "Thử nghiệm"},
    "alert_acts": {"act": "take_on", "dossiers": [1, 3], "promised_on": "2026-08-25"},
}


@pytest.mark.parametrize("role", list(ROLES))
def test_no_call_tells_a_token_of_elsewhere_anything(
    moved_app: Flask, moved_context: StandingContext, role: str
):
    ask, opened = asking(moved_app, moved_context, role), {}
    for name, operation in BY_NAME.items():
        if Role(role) not in operation.roles:
            continue
        answer = ask(name, json=BODIES.get(name, {})) if operation.body else ask(name)
        found = OF_THE_OTHERS.findall(answer.text) if answer.mimetype.endswith("json") else []
        is_named = "<" in operation.path and operation.is_scoped
        if found or (is_named and answer.status_code not in (403, 404)):
            opened[name] = (answer.status_code, found)
    opened.pop("alert", None)  # of no dossier
    assert opened == {}

"""What an address may ask for: nothing of value from a page of another site, and no number that no row can have."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import Role
from app.pages import matrix
from tests.structure.test_routes import VIEWS
from tests.web.conftest import token
from tests.web.test_access import EXPECTED
from tests.web.test_guards import an_opener_of
from tests.web.world import StandingContext
from tracker.store import audit

pytestmark = pytest.mark.sqlite_only(
    "headers, forms and roles are the same on both; test_access, test_login and the pages run on both"
)

AsRole = Callable[[str], FlaskClient]
# No file, but an entry of the log for each of many short questions.
LEAVE_AN_ENTRY = {"desk.suggestions"}
# Opened by a token, not by who is logged in: tests/web/test_api_*.py.
BY_TOKEN = "/api/v1/"


def is_attached(answer: Any) -> bool:
    return "attachment" in answer.headers.get("Content-Disposition", "")


# ---------------------------------------------------------------- what another site causes


@pytest.mark.parametrize("address", EXPECTED)
def test_what_leaves_a_file_or_work_behind_is_refused_to_a_page_of_another_site(
    shared_app: Flask, shared_role: AsRole, shared_context: StandingContext, address: str
):
    client, app = an_opener_of(address, shared_role), shared_app
    endpoint = app.url_map.bind("localhost").match(address.partition("?")[0], method="GET")[0]
    permission = matrix(app)[endpoint]
    assert permission
    takes = endpoint in LEAVE_AN_ENTRY or is_attached(client.get(address))
    assert permission.here_only is takes
    before = newest_act(shared_context)
    for site in ("cross-site", "same-site"):
        answer = client.get(address, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == (403 if takes else 200)
        assert ("liên kết của một trang khác" in answer.text) is takes
    assert not takes or newest_act(shared_context) == before
    for site in ("same-origin", "none"):
        assert client.get(address, headers={"Sec-Fetch-Site": site}).status_code == 200


def newest_act(context: StandingContext) -> tuple[int, str]:
    with context.store.read() as session:
        newest = audit.find_acts(session, audit.ActFilter(), limit=1)[0]
    return newest.entry_id, newest.act.action


# ---------------------------------------------------------------- numbers of an address

BEYOND = 2**63
LONGER = int("9" * 40)


@pytest.mark.parametrize("number", [BEYOND, LONGER, "9" * 5_000], ids=["beyond", "longer", "longest"])
def test_a_number_that_no_row_can_have_is_the_address_of_nothing(app: Flask, as_role: AsRole, number: Any):
    walked, clients = 0, [as_role(role.value) for role in Role]
    for rule in app.url_map.iter_rules():
        if "<int:" not in rule.rule or rule.rule.startswith(BY_TOKEN):
            continue
        walked += 1
        address = re.sub(r"<int:\w+>", str(number), rule.rule).replace("<name>", "again")
        for client in clients:
            method = client.get if "GET" in (rule.methods or ()) else client.post
            assert method(address).status_code == 404, address
    assert walked > 15


def test_the_largest_number_that_a_row_can_have_is_looked_for(app: Flask, as_role: AsRole):
    admin = as_role("admin")
    for rule in app.url_map.iter_rules():
        if "<int:" in rule.rule and "GET" in (rule.methods or ()) and not rule.rule.startswith(BY_TOKEN):
            address = re.sub(r"<int:\w+>", str(BEYOND - 1), rule.rule)
            assert admin.get(address).status_code in (403, 404), address


QUERY_NUMBERS = ("sau", "truoc", "trang", "viec", "nam", "don-vi")


# No column holds them, no number of a query is as long; a page reads each of its numbers the same way.
TOO_LARGE = (BEYOND, f"{BEYOND}.{BEYOND}", "9" * 5_000)
STRANGE = (BEYOND - 1, LONGER, f"{BEYOND - 1}.{BEYOND - 1}", "-1")


@pytest.mark.parametrize(
    "numbers",
    [pytest.param(TOO_LARGE, id="large"), pytest.param(STRANGE, id="strange", marks=pytest.mark.long)],
)
@pytest.mark.parametrize("address", EXPECTED)
def test_a_number_of_the_query_is_never_too_large(
    shared_role: AsRole, address: str, numbers: tuple[Any, ...]
):
    client, path = an_opener_of(address, shared_role), address.partition("?")[0]
    # Each number in all places at once, and in each place alone one of them: the others might not be read any more.
    asked = [dict.fromkeys(QUERY_NUMBERS, number) for number in numbers]
    for query in (*asked, *({key: numbers[0]} for key in QUERY_NUMBERS)):
        assert client.get(path, query_string=query).status_code in (200, 404), (path, query)


def test_no_view_reads_a_number_by_its_own_means():
    texts = [path.read_text("utf-8") for path in VIEWS]
    assert len(texts) > 15
    assert not [text for text in texts if re.search(r"request\.(args|form)\.get\(.*\bint\b", text)]


def test_a_message_that_cannot_be_is_marked_in_nobodys_stead(as_role: AsRole):
    client = as_role("admin")
    form = {"so": str(LONGER), "csrf_token": token(client, "/thong-bao")}
    assert client.post("/thong-bao/da-doc", data=form).status_code == 400
    assert "chưa đọc" in client.get("/thong-bao").text

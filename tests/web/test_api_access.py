"""Who may call what: every operation by the token of every role, by scopes, of own and of other units; names by role and scope."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask

from app.access import SEES_NAMES, Role
from app.api.faults import PREFIX
from app.api.routes import OPERATIONS, scopes_of
from app.api.scopes import Scope
from app.pages import by_token, matrix
from tests.web.api_calls import BY_NAME, a_token, address_of, asking, bearer, own_letter_file
from tests.web.conftest import log_in
from tests.web.test_access import EXPECTED as PAGES
from tests.web.world import NAME, OVERDUE_A, OVERDUE_B, PHONE, ROLES, StandingContext

EVERYBODY = set(ROLES)
OVERVIEW = {"desk", "head", "auditor", "reform"}
OFFICE = {"desk", "head"}
FINDERS = {"head", "auditor", "reform"}
# Written out once more by hand: a slip in the table shows here.
EXPECTED: Mapping[str, set[str]] = {
    "dossiers": OFFICE, "dossiers_late": OVERVIEW, "dossiers_search": OVERVIEW, "dossier_proof": OVERVIEW, "dossier": OVERVIEW,
    "notes": OVERVIEW, "note_write": OFFICE, "note_withdraw": OFFICE,
    "letters": OVERVIEW, "letter": OVERVIEW, "letter_file": OFFICE, "letter_step": OFFICE,
    "obligations": OVERVIEW, "obligation": OVERVIEW, "obligation_decision": OFFICE,
    "alerts": EVERYBODY, "alert": EVERYBODY, "alert_acts": {"desk", "head", "reform"},
    "rates": EVERYBODY, "criterion": EVERYBODY,
    "findings": FINDERS, "finding": FINDERS, "hidden_lateness": FINDERS,
    "calendar": EVERYBODY, "calendar_days": EVERYBODY, "deadline": EVERYBODY, "calendar_propose": {"reform", "admin"},
    "units": EVERYBODY, "procedures": EVERYBODY,
    "sources": {"auditor", "reform", "admin"}, "source_file": {"reform", "admin"}, "batches": {"auditor", "reform", "admin"},
    "batch": {"auditor", "reform", "admin"}, "rejections": {"reform", "admin"},
    "works": EVERYBODY, "work": EVERYBODY, "work_file": EVERYBODY, "reports": OVERVIEW, "report_ask": OVERVIEW,
    "late_export": OVERVIEW,
    "me": EVERYBODY, "events": EVERYBODY, "log": {"auditor", "admin"}, "health": {"admin"},
}  # fmt: skip
# The page that shows or does the same: it has to be open to the same roles.
SAME_AS: Mapping[str, str] = {
    "dossiers": "desk.board", "dossiers_late": "late.late_list", "dossiers_search": "desk.search", "dossier": "dossier.page",
    "dossier_proof": "proof.file", "letters": "letters.register", "letter": "letters.show", "letter_file": "letters.download",
    "letter_step": "letter_steps.act", "obligations": "obligations.page", "obligation": "obligations.show",
    "alerts": "alerts.page", "alert": "alerts.show", "alert_acts": "alert_acts.act", "rates": "rates.page",
    "findings": "findings.page", "finding": "findings.show", "hidden_lateness": "findings.hidden",
    "criterion": "score.criterion", "calendar": "calendar.year", "calendar_propose": "calendar.propose",
    "units": "catalogue.units", "procedures": "catalogue.procedures", "sources": "sources.page", "batch": "sources.batch",
    "source_file": "sources.upload", "rejections": "rejected.list", "works": "work.list", "work": "work.show",
    "work_file": "work.download", "reports": "reports.page", "report_ask": "reports.download", "late_export": "late.export",
    "log": "audit.page", "health": "jobs.page",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _letter(context: StandingContext, tmp_path: Path) -> None:
    own_letter_file(context, tmp_path)


def code_of(answer) -> str:
    return answer.json["code"]


def test_every_operation_is_in_the_second_opinion_and_is_a_route(app: Flask):
    assert set(EXPECTED) == set(BY_NAME)
    # The figures for a monitoring system are no JSON: tests/web/test_metrics.py.
    assert by_token(app) == {f"api.{name}" for name in BY_NAME} | {"metrics.figures"}


def test_an_operation_is_open_to_the_roles_of_the_page_that_does_the_same(app: Flask):
    pages = matrix(app)
    differing = {name: page for name, page in SAME_AS.items() if BY_NAME[name].roles != pages[page].roles}
    assert differing == {}


@pytest.mark.parametrize("role", list(ROLES))
def test_each_role_calls_its_operations_and_no_others(app: Flask, context: StandingContext, role: str):
    ask = asking(app, context, role)
    refused = {name for name in EXPECTED if _is_refused(ask(name, json={}))}
    assert refused == {name for name, roles in EXPECTED.items() if role not in roles}


def _is_refused(answer) -> bool:
    return (
        answer.status_code == 403
        and code_of(answer) == "ROLE_NOT_ALLOWED"
        and "Vai trò" in answer.json["detail"]
    )


@pytest.mark.parametrize("name", list(BY_NAME))
def test_without_a_token_nothing_is_told_even_to_who_is_logged_in(app: Flask, name: str):
    client, method = app.test_client(), BY_NAME[name].method
    assert log_in(client, "admin").status_code == 302
    answer = client.open(address_of(name), method=method, json={})
    assert (answer.status_code, code_of(answer)) == (401, "TOKEN_MISSING")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("name", [name for name in BY_NAME if BY_NAME[name].scope])
def test_a_token_without_the_scope_is_refused_and_told_which_it_needs(
    app: Flask, context: StandingContext, name: str
):
    operation = BY_NAME[name]
    role = next(role for role in ROLES if role in operation.roles)
    others = [scope for scope in scopes_of(role) if scope != operation.scope]
    answer = asking(app, context, role, others)(name, json={})
    assert (answer.status_code, code_of(answer)) == (403, "SCOPE_MISSING")
    assert f'scope="{operation.scope}"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("role", ["desk", "head"])
def test_what_is_of_another_unit_does_not_exist(app: Flask, context: StandingContext, role: str):
    ask = asking(app, context, role)
    for name in ("dossier", "dossier_proof", "notes"):
        assert ask(name).status_code == 200
        assert ask(name, own={"code": OVERDUE_B}).status_code == 404
    assert ask("note_write", own={"code": OVERDUE_B}, json={"text": "x"}).status_code == 404
    for name in ("dossiers", "dossiers_late", "dossiers_search", "letters", "obligations"):
        text = ask(name).text
        assert OVERDUE_B not in text
        assert (
            ask(name, query={"unit": 900_002} if name != "dossiers_search" else {"code": OVERDUE_B}).json.get(
                "items", []
            )
            == []
            or ask(name, query={"unit": 900_002}).status_code == 404
        )
    assert (
        ask("rates", query={"start": "2026-06-01", "end": "2026-08-31", "unit": 900_002}).status_code == 404
    )
    wanted = {"act": "take_on", "dossiers": [2], "promised_on": "2026-08-25"}
    assert ask("alert_acts", json=wanted).status_code == 404
    asked = {
        "report": "II.06a",
        "ending": ".xlsx",
        "start": "2026-07-01",
        "end": "2026-07-31",
        "unit": 900_002,
    }
    assert ask("report_ask", json=asked).status_code == 404


def test_an_account_of_the_province_reads_all_units(app: Flask, context: StandingContext):
    ask = asking(app, context, "auditor")
    assert ask("dossier", own={"code": OVERDUE_B}).status_code == 200
    assert OVERDUE_B in ask("dossiers_late").text


@pytest.mark.parametrize("role", ["desk", "head", "auditor", "reform"])
@pytest.mark.parametrize("has_scope", [True, False])
def test_names_are_read_by_roles_that_need_them_with_a_token_that_says_so(
    app: Flask, context: StandingContext, role: str, has_scope: bool
):
    scopes = [scope for scope in scopes_of(role) if has_scope or scope != Scope.NAMES]
    ask = asking(app, context, role, scopes)
    visible = has_scope and Role(role) in SEES_NAMES
    for name in ("dossier", "dossiers_late", "letters", "obligations"):
        assert (NAME in ask(name).text) is visible, name
    assert (PHONE in ask("dossier").text) is visible
    if Role(role) in SEES_NAMES:
        assert ask("letter_file").status_code == (200 if has_scope else 403)


def test_the_administrator_reads_no_applicant_by_any_operation(app: Flask, context: StandingContext):
    ask, asked = asking(app, context, "admin"), 0
    for operation in OPERATIONS:
        if operation.method == "GET":
            answer = ask(operation.name)
            asked += answer.status_code == 200
            assert NAME.encode() not in answer.data
            assert PHONE.encode() not in answer.data
    assert asked > 10


def test_scopes_narrow_a_role_and_never_widen_it(app: Flask, context: StandingContext):
    for role in ROLES:
        offered = set(scopes_of(role))
        needed = {operation.scope for operation in OPERATIONS if operation.scope and role in operation.roles}
        assert offered - needed <= {Scope.NAMES}
    assert Scope.NAMES not in scopes_of("auditor")


def test_the_document_is_everybodys_and_holds_no_data(app: Flask, context: StandingContext):
    answer = app.test_client().get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200
    assert OVERDUE_A not in answer.text
    again = app.test_client().get(f"{PREFIX}/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert (
        app.test_client().get(f"{PREFIX}/me", headers=bearer(a_token(context, "desk"))).json["role"] == "desk"
    )


def test_the_page_of_operations_is_one_of_the_pages():
    assert "/api" in PAGES

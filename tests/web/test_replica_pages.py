"""Heavy pages, files and commands with a real second server: read from it, the same from the primary, and never half."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from app.access import Role, may
from app.cli import cli
from app.grip import Grip
from app.pages import permission_of
from app.replica_check import replica_verdict
from app.replica_pages import HEADER, PAGES
from app.watchdog import look
from app.web import create_app
from app.work_kinds import WORK_KINDS
from app.worker import Worker
from tests.replica_world import Pair
from tests.web import browsing
from tests.web.api_calls import a_token, bearer
from tests.web.conftest import Client, log_in
from tests.web.world import NOW, StandingContext, fill, make_context
from tracker.store import audit, replica, work
from tracker.types.work import WorkRequest, WorkState

pytestmark = pytest.mark.postgresql_only("a second server streams from the first")
# What differs each time a page is asked for, and the line that says that the primary had to answer.
VARYING = re.compile(
    r'name="csrf_token" value="[^"]*"|<p class="quiet">Đọc từ máy chủ chính vì máy đọc báo cáo trễ [^<]*</p>'
)
VIEW = {"now": NOW.isoformat(), "units": None, "names": True}


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.stop()


@pytest.fixture(scope="module")
def office(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandingContext]:
    """The world of the page tests on the primary, its heavy reading on the replica."""
    folder = tmp_path_factory.mktemp("office")
    context = make_context(folder, pair.url(pair.primary))
    text = context.config_path.read_text("utf-8")
    text = text.replace('reports_url = ""', f'reports_url = "{pair.url(pair.replica)}"')
    text = text.replace("reports_wait_seconds = 5", "reports_wait_seconds = 60")
    context.config_path.write_text(text, "utf-8")
    fill(context, folder)
    yield context
    context.store.close()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no replica that lags."""
    monkeypatch.setattr("app.replica_pages.PATIENCE", 60.0)
    monkeypatch.setattr(replica, "AWAY_SECONDS", 0.0)
    monkeypatch.setattr(replica, "BEHIND_SECONDS", 0.0)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, office: StandingContext) -> None:
    """Nobody waits for a replica that lags."""
    monkeypatch.setattr("app.replica_pages.PATIENCE", 0.0)
    assert office.store.replica is not None
    monkeypatch.setattr(office.store.replica, "limits", replica.ReplicaLimits(0.0, 3600.0))


@pytest.fixture(scope="module")
def app(office: StandingContext) -> Flask:
    app = create_app(office, RATELIMIT_ENABLED=False)
    app.test_client_class = Client
    return app


@pytest.fixture(scope="module")
def client(app: Flask) -> Callable[[str], FlaskClient]:
    clients: dict[str, FlaskClient] = {}

    def make(role: str) -> FlaskClient:
        if role not in clients:
            clients[role] = app.test_client()
            assert log_in(clients[role], role).status_code == 302
        return clients[role]

    return make


OWN_ADDRESSES = {
    "audit_cases.sample": "/kiem-tra/mau?ky=moi-luc&co-mau=2&hat=7",
    "audit_cases.export": "/kiem-tra/ho-so?ky=moi-luc",
    "audit_cases.sample_file": "/kiem-tra/mau/tai-ve?ky=moi-luc&co-mau=2&hat=7",
    "compliance.download": "/thu-xin-loi/tuan-thu/tai-ve?tep=bao-cao",
    "findings.export": "/dau-hieu/tai-ve",
    "findings.hidden_file": "/dau-hieu/do-tre-bi-che/tai-ve?nam=2026",
    "late.export": "/qua-han.xlsx",
    "intake.export": "/tiep-nhan.xlsx",
    "rates.download": "/ty-le/tai-ve?tu=01/06/2026&den=31/08/2026&dang=csv",
    "reconciling.export": "/doi-chieu/so-lieu.xlsx",
    "reports.download": "/bao-cao/tai-ve?bao-cao=II.06a&tep=.xlsx&tu=01/06/2026&den=31/08/2026",
}


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """An address of each heavy page with a role that may read it; programs' calls are left to their own test."""
    for endpoint in sorted(PAGES):
        known = OWN_ADDRESSES.get(endpoint) or browsing.PAGES.get(endpoint, ("",))[0]
        role = next(
            role.value
            for role in (Role.AUDITOR, Role.HEAD, Role.REFORM)
            if may(role, permission_of(app, endpoint))
        )
        if known:
            yield role, known


def shown(client: FlaskClient, address: str) -> tuple[str, bytes]:
    """Which server a page says that it was read from, and the page without what differs each time."""
    answer = client.get(address, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200, address
    body = answer.data if answer.mimetype != "text/html" else VARYING.sub("", answer.text).encode()
    return answer.headers.get(HEADER, ""), body


def test_every_heavy_page_is_the_same_from_either_server(
    pair: Pair, app: Flask, client: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
):
    asked = list(addresses(app))
    assert len(asked) > 20
    there = [shown(client(role), address) for role, address in asked]
    assert [(asked[at][1], source) for at, (source, _) in enumerate(there) if source != "replica"] == []
    monkeypatch.setattr("app.replica_pages.PATIENCE", 0.0)
    with pair.lagging():
        here = [shown(client(role), address) for role, address in asked]
    assert [asked[at][1] for at, (source, _) in enumerate(here) if source != "primary"] == []
    different = [
        asked[at] for at, (one, other) in enumerate(zip(there, here, strict=True)) if one[1] != other[1]
    ]
    assert different == []


def test_a_desk_is_served_by_the_primary_and_a_page_says_where_it_was_read_only_if_it_is_a_heavy_one(
    client: Callable[[str], FlaskClient],
):
    for address in ("/ban-theo-doi", "/qua-han", "/tim?q=T01"):
        assert HEADER not in client("desk").get(address).headers


def test_programs_read_figures_and_late_lists_from_the_replica_as_well(office: StandingContext, app: Flask):
    headers = bearer(a_token(office, "auditor", None))
    for address in (
        "/api/v1/rates?start=2026-06-01&end=2026-08-31",
        "/api/v1/dossiers/late",
        "/api/v1/findings",
    ):
        answer = app.test_client().get(address, headers=headers)
        assert (answer.status_code, answer.headers.get(HEADER)) == (200, "replica"), answer.text


def test_the_log_and_the_foot_of_the_page_tell_of_the_server(
    pair: Pair, office: StandingContext, client: Callable[[str], FlaskClient], hasty: None
):
    with pair.lagging():
        page = client("auditor").get("/kiem-tra/?ky=moi-luc").text
    assert "Đọc từ máy chủ chính vì máy đọc báo cáo trễ " in page
    with office.store.read() as session:
        told = audit.find_acts(session, audit.ActFilter(actor="auditor"), limit=1)[0].act.detail
    assert told["read_from"] == "primary"
    assert str(told["read_why"]).startswith("máy đọc báo cáo trễ ")


def test_doctor_watchdog_and_figures_tell_how_the_replica_stands(
    pair: Pair, office: StandingContext, app: Flask, hasty: None
):
    def figures() -> str:
        return app.test_client().get("/metrics", headers=bearer(a_token(office, "admin", None))).text

    assert replica_verdict(office) == (True, "Máy đọc báo cáo theo kịp máy chủ chính.")
    assert 'dunghen_replica_state{state="streaming"} 1.0' in figures()
    with pair.lagging():
        is_well, told = replica_verdict(office)  # behind, and not yet for longer than is allowed
        assert (is_well, told.startswith("Trong mức cho phép: "), "byte nhật ký ghi chưa nạp" in told) == (
            True,
            True,
            True,
        )
        behind = figures()
    assert 'dunghen_replica_state{state="behind"} 1.0' in behind
    assert "dunghen_replica_lag_seconds " in behind
    assert 'dunghen_finding{code="replica_unused"}' not in behind
    pair.replica.process.kill()
    pair.replica.process.wait()
    is_well, told = replica_verdict(office)
    assert (is_well, "không trả lời" in told, "Máy báo: " in told) == (False, True, True)
    assert 'dunghen_finding{code="replica_unused"} 1.0' in figures()
    assert "replica_unused" in {each.code for each in look(office, NOW)}
    pair.crash(pair.replica)


# ---------------------------------------------------------------- files


def ask(office: StandingContext, kind: str, turn: str) -> int:
    params = {"filters": {"ky": "moi-luc"}, "view": VIEW}
    with office.store.transaction() as session:
        return work.ask(session, WorkRequest(kind, f"{kind}:{turn}", params, "auditor"), NOW)


def done(office: StandingContext, work_id: int) -> dict[str, Any]:
    """What the work's result says; it has to be done by now, at the first attempt, its file whole and alone."""
    with office.store.read() as session:
        row = work.find_work(session, work_id)
    assert row is not None
    assert (row.state, row.attempts, row.fault) == (WorkState.DONE, 1, "")
    path = office.data_dir / row.result["file"]
    assert row.result["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert list(path.parent.iterdir()) == [path]
    return dict(row.result)


def test_an_export_is_made_from_the_replica_and_from_the_primary_while_that_lags(
    pair: Pair, office: StandingContext, client: Callable[[str], FlaskClient], hasty: None
):
    with pair.lagging():
        late = ask(office, "case_export", "lagging")
        Worker(office, "w1").run_until_idle()
    here = done(office, late)
    assert here["read_from"] == "primary"
    assert "Đọc từ máy chủ chính vì máy đọc báo cáo trễ " in client("auditor").get(f"/cong-viec/{late}").text


def test_a_replica_that_is_killed_in_the_middle_of_a_file_costs_no_attempt_and_leaves_no_half_of_it(
    pair: Pair, office: StandingContext, client: Callable[[str], FlaskClient]
):
    whole = ask(office, "case_export", "whole")
    Worker(office, "w1").run_until_idle()
    assert done(office, whole)["read_from"] == "replica"
    assert "Đọc từ máy đọc báo cáo." in client("auditor").get(f"/cong-viec/{whole}").text
    crashes = []

    def crashing(grip: Grip) -> Any:
        """As the real one; between two rows of its file the second server goes."""
        usual = grip.progress

        def progress(count: int, total: int | None = None, words: str = "") -> None:
            usual(count, total, words)
            if words == "Đang ghi tệp" and not crashes:
                crashes.append(count)
                pair.crash(pair.replica)

        grip.progress = progress  # type: ignore[method-assign]
        return WORK_KINDS["case_export"].run(grip)

    kinds = {**WORK_KINDS, "case_export": replace(WORK_KINDS["case_export"], run=crashing)}
    broken = ask(office, "case_export", "broken")
    Worker(office, "w1", kinds).run_until_idle()
    assert crashes == [0]
    told = done(office, broken)
    assert (told["read_from"], told["rows"], told["sha256"]) == (
        "primary",
        done(office, whole)["rows"],
        done(office, whole)["sha256"],
    )


# ---------------------------------------------------------------- the command line


def run(office: StandingContext, *arguments: str) -> tuple[Any, str]:
    context = StandingContext(office.config_path)
    told = CliRunner().invoke(cli, [*arguments, "--json"], obj=context, catch_exceptions=False)
    context.store.close()
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout), told.stderr


def test_a_command_answers_the_same_from_either_server_and_says_when_it_was_not_the_replica(
    pair: Pair, office: StandingContext
):
    text = office.config_path.read_text("utf-8")
    asked = (
        ("rates", "--from", "2026-06-01", "--to", "2026-08-31"),
        ("overdue",),
        ("score", "3.4.1", "--year", "2026"),
    )
    there = [run(office, *each) for each in asked]
    assert [told for _, told in there] == ["", "", ""]
    with pair.lagging():
        office.config_path.write_text(
            text.replace("reports_wait_seconds = 60", "reports_wait_seconds = 0"), "utf-8"
        )
        here = [run(office, *each) for each in asked]
    office.config_path.write_text(text, "utf-8")
    assert [answer for answer, _ in there] == [answer for answer, _ in here]
    assert all("Đọc từ máy chủ chính vì máy đọc báo cáo trễ " in told for _, told in here)

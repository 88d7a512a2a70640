"""Pulls that are killed or taken over, and those that a worker does by the daily job."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from app.grip import Grip, LeaseLost
from app.work_kinds import WORK_KINDS
from tests.flows.office import NOW, Office
from tests.flows.pulling import SECRETS, configure, pulled, stored
from tests.flows.toy_work import context_of
from tests.portal_servers import (
    PortalServer,
    Reply,
    codes,
    igate_record,
    opencps_record,
    serving,
)
from tracker.config import load_config
from tracker.store import claims, schedule, work
from tracker.store.schedule import RunRequest
from tracker.timekeeping.schedule import Cause
from tracker.types.work import WorkRequest, WorkRow


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the connectors log in with."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)


@pytest.fixture
def server() -> Iterator[PortalServer]:
    """A system with 25 dossiers of OpenCPS."""
    with serving(PortalServer([opencps_record(number) for number in range(1, 26)])) as listening:
        yield listening


@pytest.fixture
def puller(office: Office, server: PortalServer) -> Office:
    """An office that asks that system in pages of 10."""
    configure(office, server.opencps)
    return office


@pytest.fixture
def connector(office: Office) -> Iterator[PortalServer]:
    """A system with 25 dossiers that an office asks through the iGate-style connector."""
    with serving(PortalServer([igate_record(number) for number in range(1, 26)])) as listening:
        configure(office, listening.igate)
        yield listening


# ---------------------------------------------------------------- kills


@pytest.mark.parametrize("kind", ["opencps", "igate"])
def test_a_pull_killed_between_pages_leaves_nothing_half_and_goes_on_behind_the_last_page(
    office: Office, kind: str
):
    """The process is killed while it asks for its third page (OpenCPS), or as soon as a page is kept (iGate)."""
    make = opencps_record if kind == "opencps" else igate_record
    name = "motcua" if kind == "opencps" else "cong"
    with serving(PortalServer([make(number) for number in range(1, 46)])) as server:
        configure(office, server.opencps if kind == "opencps" else server.igate)
        if kind == "opencps":
            server.troubles = [lambda _: None, lambda _: None, lambda _: killed.kill()]
        with office.start("pull", name) as killed:
            if kind == "igate":
                assert killed.stderr
                said = iter(killed.stderr.readline, "")
                assert any("hồ sơ 21-30" in line for line in said)
                killed.kill()
            killed.communicate()
        kept = len(stored(office))
        batches = office.query("SELECT count(*) FROM batch")[0][0]
        assert office.is_sound()
        assert kept == batches * 10
        assert kept >= 20
        assert office.query("SELECT done_at FROM pull_mark") == [(None,)]
        told = pulled(office, name)
        assert stored(office) == codes(server.records)
        assert told["new"] == 45 - kept
        assert told["unchanged"] <= 10


# ---------------------------------------------------------------- workers and the daily job


def test_the_daily_job_asks_for_one_pull_a_system_and_a_worker_does_them(
    office: Office, server: PortalServer, connector: PortalServer
):
    configure(office, server.opencps, connector.igate)
    context = context_of(office, NOW)
    with context.store.transaction() as session:
        schedule.ask_run(
            session, RunRequest("pull_sources", date(2026, 8, 24), Cause.CLOCK, "scheduler"), NOW
        )
    context.store.close()
    assert office.ask("worker", "--until-idle", "--only", "work")["done"] == 3
    done = office.ask("work", "list")["work"]
    assert [(row["kind"], row["state"]) for row in sorted(done, key=lambda one: one["work"])] == [
        ("job", "done"), ("pull", "done"), ("pull", "done"),
    ]  # fmt: skip
    told = office.ask("work", "show", "2")
    assert (told["result"]["connector"], told["result"]["new"]) == ("motcua", 25)
    assert office.query("SELECT count(*) FROM audit_entry WHERE action = 'pull_asked'") == [(1,)]


def test_the_daily_job_asks_nobody_where_no_system_is_configured(office: Office):
    assert office.ask("jobs", "run", "pull_sources")["state"] == "done"
    assert office.query("SELECT kind FROM work_item") == [("job",)]


def test_a_worker_that_is_not_let_in_does_not_try_again_by_itself(puller: Office, server: PortalServer):
    server.troubles = [Reply(401)]
    puller.ask("jobs", "run", "pull_sources")
    puller.run("worker", "--until-idle", "--only", "work")
    (row,) = [row for row in puller.ask("work", "list")["work"] if row["kind"] == "pull"]
    assert (row["state"], "từ chối đăng nhập (mã 401)" in row["fault"]) == ("dead", True)
    assert len(server.calls) == 1


def test_a_worker_tries_again_later_where_the_system_was_only_busy_and_goes_on_where_it_stood(
    office: Office, server: PortalServer
):
    configure(office, server.opencps, tries="1")
    server.troubles = [lambda _server: None, Reply(503)]
    office.ask("jobs", "run", "pull_sources")
    office.run("worker", "--until-idle", "--only", "work")
    assert len(stored(office)) == 10
    office.now = NOW + timedelta(hours=1)
    office.run("worker", "--until-idle", "--only", "work")
    assert stored(office) == codes(server.records)
    assert server.starts() == [0, 5, 5, 15]


def test_a_worker_that_was_taken_for_dead_and_wakes_up_keeps_no_page(puller: Office):
    context = context_of(puller, NOW)
    told = {name: value for name, value in puller.environment.items() if value}
    context.__dict__["config"] = load_config(puller.config, told | SECRETS)
    with context.store.transaction() as session:
        work.ask(session, WorkRequest("pull", "pull", {"connector": "motcua"}, "admin"), NOW)

    def claim(owner: str, now: datetime) -> WorkRow:
        row = claims.claim(context.store, ["pull"], owner=owner, now=now, lease_seconds=60, max_attempts=5)
        assert row is not None
        return row

    late = claim("zombie", NOW)
    claims.reap(context.store, now=NOW + timedelta(hours=1), lease_seconds=60)
    claim("rival", NOW + timedelta(hours=1))
    with pytest.raises(LeaseLost):
        WORK_KINDS["pull"].run(Grip(context, late))
    context.store.close()
    assert puller.query("SELECT count(*) FROM batch") == [(0,)]
    assert puller.query("SELECT count(*) FROM pull_mark") == [(0,)]

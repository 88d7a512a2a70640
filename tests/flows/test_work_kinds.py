"""The product's own long work: loaded, drafted and proposed once, whoever is killed or wakes up late; its commands; `serve --all`."""

import os
import signal
import socket
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from app.grip import Grip, LeaseLost
from app.work_kinds import WORK_KINDS
from tests.flows.office import NOW, Office, row
from tests.flows.toy_work import context_of
from tracker.store import claims, work
from tracker.store.calendar_changes import list_changes, operations_json
from tracker.types.calendars import AddDay
from tracker.types.work import WorkRequest, WorkRow

NEW_YEAR = ("--as-of", "2023-01-01")
LATE = {"finished_at": "20/04/2022 08:00:00", "late_reason": "Số lượng hồ sơ tăng đột biến"}
DAY_OFF = AddDay("VN", date(2026, 12, 31), "Nghỉ thử nghiệm", "TB 1 (thử nghiệm)")
PATIENCE_SECONDS = 90


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    for _turn in range(PATIENCE_SECONDS * 20):
        if happened():
            return
        Event().wait(0.05)
    raise AssertionError("nothing happened")


def state(office: Office, work_id: int = 1) -> str:
    return office.query("SELECT state FROM work_item WHERE id = ?", work_id)[0][0]


# ---------------------------------------------------------------- loading


def test_files_left_to_a_worker_are_loaded_as_if_at_once(office: Office, tmp_path: Path):
    path = office.write("tep.csv", [row(1), row(2), row(3, received_at="31/02/2022")])
    assert office.ask("ingest", path, "--later") == {"work": 1}
    assert office.query("SELECT count(*) FROM dossier") == [(0,)]
    assert office.ask("worker", "--until-idle")["done"] == 1
    told = office.ask("work", "show", "1")
    counts = {name: told["result"][name] for name in ("batch", "read", "new", "rejected")}
    assert (told["state"], counts) == ("done", {"batch": 1, "read": 3, "new": 2, "rejected": 1})
    (tmp_path / "other").mkdir()
    other = Office(tmp_path / "other").furnished()
    other.ingest(path)
    tables = ("dossier", "event", "rejection", "due_seen")
    mine, theirs = office.dump(), other.dump()
    assert {name: mine[name] for name in tables} == {name: theirs[name] for name in tables}


def test_a_file_that_is_not_there_is_refused_when_asking_and_when_doing(office: Office):
    assert office.run("ingest", "khong-co.csv", "--later").status == 3
    path = office.write("tep.csv", [row(1)])
    office.ask("ingest", path, "--later")
    path.unlink()
    office.run("worker", "--until-idle")
    told = office.ask("work", "list")
    assert told["counts"]["dead"] == 1
    assert told["work"][0]["fault_code"] == "FILE_UNUSABLE"
    assert office.query("SELECT count(*) FROM batch") == [(0,)]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_a_worker_killed_while_loading_leaves_nothing_and_another_loads_it_once(office: Office, seed: int):
    office.configure(chunk_rows="100")
    path = office.write("tep.csv", [row(number) for number in range(1, 9_000)])
    office.now = NOW - timedelta(days=3650)  # asked for long ago by the clock of the real processes
    office.ask("ingest", path, "--later")
    with office.start("worker", "--only", "work") as process:
        until(lambda: office.query("SELECT done FROM work_item")[0][0] > 40 * seed or state(office) == "done")
        process.kill()
    assert office.query("SELECT count(*) FROM batch") in ([(0,)], [(1,)])
    assert (state(office) == "done") == (office.query("SELECT count(*) FROM batch") == [(1,)])
    office.now = NOW + timedelta(days=3650)
    office.run("worker", "--until-idle")
    assert state(office) == "done"
    assert office.query("SELECT count(*) FROM batch") == [(1,)]
    assert office.query("SELECT count(*) FROM dossier") == [(8_999,)]
    assert office.is_sound()


# ---------------------------------------------------------------- zombies of the product's own kinds


def zombie(office: Office, kind: str, params: dict[str, Any]) -> Grip:
    """An attempt whose lease ran out while its process was stopped; the work is another's by now."""
    context = context_of(office, NOW)
    with context.store.transaction() as session:
        work.ask(session, WorkRequest(kind, kind, params, "admin"), NOW)

    def claim(owner: str, now: Any) -> WorkRow:
        row = claims.claim(context.store, [kind], owner=owner, now=now, lease_seconds=60, max_attempts=5)
        assert row is not None
        return row

    late = claim("zombie", NOW)
    claims.reap(context.store, now=NOW + timedelta(hours=1), lease_seconds=60)
    claim("rival", NOW + timedelta(hours=1))
    return Grip(context, late)


def test_a_zombie_loads_nothing(office: Office):
    path = office.write("tep.csv", [row(1)])
    grip = zombie(office, "ingest", {"paths": [str(path)], "source": "main"})
    with pytest.raises(LeaseLost):
        WORK_KINDS["ingest"].run(grip)
    grip.context.store.close()
    assert office.query("SELECT count(*) FROM batch") == [(0,)]
    assert office.query("SELECT count(*) FROM dossier") == [(0,)]


def test_a_zombie_records_no_change_of_the_calendar(office: Office):
    params = {"operations": operations_json([DAY_OFF]), "reason": "Thử", "action": "calendar_propose"}
    grip = zombie(office, "calendar_propose", params)
    with pytest.raises(LeaseLost):
        WORK_KINDS["calendar_propose"].run(grip)
    with grip.context.store.read() as session:
        assert list_changes(session) == []
    grip.context.store.close()


def test_a_zombie_drafts_no_letter(office: Office):
    office.ingest([row(number, **LATE) for number in range(1, 6)])
    grip = zombie(
        office, "draft_letters", {"as_of": "2023-01-01T00:00:00+07:00", "units": None, "kind": None}
    )
    with pytest.raises(LeaseLost):
        WORK_KINDS["draft_letters"].run(grip)
    grip.context.store.close()
    for table in ("letter", "obligation"):
        assert office.query(f"SELECT count(*) FROM {table}") == [(0,)]
    assert office.query("SELECT count(*) FROM audit_entry WHERE action = 'draft'") == [(0,)]


# ---------------------------------------------------------------- drafting, commands


def test_letters_left_to_a_worker_are_drafted_and_stand_in_the_log(office: Office):
    office.ingest([row(number, **LATE) for number in range(1, 6)])
    assert office.ask("letters", "draft", *NEW_YEAR, "--later") == {"work": 1}
    office.run("worker", "--until-idle")
    assert office.ask("work", "show", "1")["result"] == {
        "written": 5,
        "lacking": 0,
        "to_check": 0,
        "foreseen": 0,
    }
    assert office.query("SELECT count(*) FROM audit_entry WHERE action = 'draft'") == [(1,)]
    assert office.ask("letters", "draft", *NEW_YEAR)["written"] == 0


@pytest.mark.parametrize("option", [("--out", "x"), ("--again",)])
def test_what_only_a_person_at_the_machine_can_ask_of_drafting_is_not_left_to_a_worker(
    office: Office, option
):
    assert office.run("letters", "draft", "--later", *option).status == 2


def test_a_dry_run_is_not_left_to_a_worker(office: Office):
    assert office.run("ingest", office.write("tep.csv", [row(1)]), "--later", "--dry-run").status == 2


def test_work_is_listed_stopped_and_repeated_by_hand_and_that_is_logged(office: Office):
    path = office.write("tep.csv", [row(1)])
    office.ask("ingest", path, "--later")
    assert office.ask("work", "cancel", "1")["state"] == "cancelled"
    assert office.run("work", "cancel", "1").status == 2
    assert office.ask("worker", "--once")["done"] == 0
    assert office.ask("work", "retry", "1")["state"] == "waiting"
    assert office.run("work", "retry", "1").status == 2
    assert office.run("work", "show", "9").status == 2
    assert office.ask("worker", "--once")["done"] == 1
    assert [each["work"] for each in office.ask("work", "list", "--state", "done")["work"]] == [1]
    logged = office.query("SELECT action FROM audit_entry WHERE action LIKE 'work_%' ORDER BY id")
    assert logged == [("work_cancel",), ("work_retry",)]


def test_dead_work_makes_the_list_end_with_status_1(office: Office):
    path = office.write("tep.csv", [row(1)])
    office.ask("ingest", path, "--later")
    assert office.run("work", "list").status == 0
    path.unlink()
    office.run("worker", "--once")
    assert office.run("work", "list").status == 1


def test_dead_work_that_was_put_aside_alarms_no_longer(office: Office):
    path = office.write("tep.csv", [row(1)])
    office.ask("ingest", path, "--later")
    path.unlink()
    office.run("worker", "--once")
    assert office.run("work", "list").status == 1
    assert office.ask("work", "cancel", "1")["state"] == "cancelled"
    assert office.run("work", "list").status == 0


def test_what_is_done_in_a_name_is_tried_again_by_nobody_else_not_even_the_operator(office: Office):
    context = context_of(office, NOW)
    with context.store.transaction() as session:
        work.ask(session, WorkRequest("calendar_approve", "k", {}, "reform"), NOW)
    context.store.close()
    office.ask("work", "cancel", "1")
    refused = office.run("work", "retry", "1")
    assert (refused.status, state(office)) == (2, "cancelled")
    assert "nhân danh reform" in refused.err


def test_a_worker_says_at_once_that_a_job_of_the_configuration_does_not_exist(office: Office):
    office.configure(times='["niem-phong 08:00"]')
    refused = office.run("worker", "--until-idle")
    assert refused.status == 2
    assert "niem-phong" in refused.err


def test_a_worker_that_ends_leaves_no_trace_of_being_alive(office: Office):
    office.ask("ingest", office.write("tep.csv", [row(number) for number in range(1, 3_000)]), "--later")
    office.ask("worker", "--until-idle")
    assert office.query("SELECT count(*) FROM process WHERE ended_at IS NULL") == [(0,)]


# ---------------------------------------------------------------- the web with all that belongs to it


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def kinds_at_work(office: Office) -> set[str]:
    return {kind for (kind,) in office.query("SELECT kind FROM process WHERE ended_at IS NULL")}


@pytest.mark.either_database("which processes there are, and how they end, is the same")
def test_worker_and_scheduler_live_beside_the_web_begin_again_when_they_die_and_end_with_it(office: Office):
    web = office.start("serve", "--all", "--port", str(free_port()))
    try:
        until(lambda: {"worker", "dispatcher", "scheduler"} <= kinds_at_work(office))
        (owner,) = office.query("SELECT owner FROM process WHERE kind = 'worker'")[0]
        os.kill(int(owner.split("-")[-2]), signal.SIGKILL)
        until(lambda: office.query("SELECT count(*) FROM process WHERE kind = 'worker'") == [(2,)])
        with office.databases.asking(office.url) as ask:
            ended = ask("SELECT count(*) FROM process WHERE ended_at IS NOT NULL", ())
        assert ended == [(0,)]
    finally:
        web.kill()
        web.communicate()
    # The one that was killed says nothing; the four that were left do.
    until(lambda: office.query("SELECT count(*) FROM process WHERE ended_at IS NULL") == [(2,)])
    left = office.query("SELECT owner FROM process WHERE ended_at IS NULL")
    assert {name.removesuffix("-outbox") for (name,) in left} == {owner}


@pytest.mark.either_database("which processes there are, and how they end, is the same")
def test_ended_by_the_keyboard_the_web_and_what_belongs_to_it_end_in_peace(office: Office):
    web = office.start("serve", "--all", "--port", str(free_port()))
    until(lambda: {"worker", "dispatcher", "scheduler"} <= kinds_at_work(office))
    web.send_signal(signal.SIGINT)
    _, err = web.communicate(timeout=PATIENCE_SECONDS)
    assert "Fatal Python error" not in err
    assert "Traceback" not in err
    assert office.query("SELECT count(*) FROM process WHERE ended_at IS NULL") == [(0,)]

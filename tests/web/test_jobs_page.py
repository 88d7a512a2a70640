"""The page of the jobs: what is wrong, what runs when, running one by hand; told to administrators once a day."""

from datetime import date, timedelta

import pytest

from app.jobs import JOBS
from app.sealing import seal_day
from app.watchdog import Watchdog, look
from app.worker import Worker
from tests.web.conftest import token
from tests.web.world import NOW, StandingContext
from tracker.store import audit, outbox_queries, people, processes, schedule
from tracker.store.outbox import OutboxRow
from tracker.timekeeping.schedule import Cause
from tracker.types.work import WorkState

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

PAGE = "/lich-chay/"


def press(client, job: str, day: str = ""):
    form = {"viec": job, "ngay": day, "csrf_token": token(client, PAGE)}
    return client.post("/lich-chay/chay", data=form, follow_redirects=True).text


def newest_run(context: StandingContext) -> schedule.RunRow:
    with context.store.read() as session:
        return schedule.history(session, limit=1)[0]


def test_every_job_stands_there_with_its_time_and_its_last_run(as_role):
    text = as_role("admin").get(PAGE).text
    for job in JOBS.values():
        assert job.title in text
        assert job.at in text
    assert "24/08/2026 23:30" in text  # when the seal comes next
    assert "việc số 5" in text


@pytest.mark.parametrize(("day", "meant"), [("", NOW.date()), ("22/08/2026", date(2026, 8, 22))])
def test_a_job_is_run_by_hand_for_today_or_a_past_day_and_logged(
    as_role, context: StandingContext, day: str, meant: date
):
    assert "Đã ghi vào hàng việc: Niêm phong nhật ký" in press(as_role("admin"), "seal", day)
    run = newest_run(context)
    assert (run.job, run.day, run.cause, run.asked_by) == ("seal", meant, Cause.BY_HAND, "admin")
    with context.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.actor, act.action, act.subject) == ("admin", "job_run", "job:seal")
    Worker(context, "w").run_until_idle()
    assert newest_run(context).work.state is WorkState.DONE
    with context.store.read() as session:
        assert meant in [row.seal.day for row in audit.seals(session)]


@pytest.mark.parametrize(
    ("job", "day", "told"),
    [
        ("khong-co", "", "Không có công việc nào"),
        ("seal", "31/02/2026", "không phải là ngày"),
        ("seal", "25/08/2026", "chưa đến"),
    ],
)
def test_what_cannot_be_run_is_told(as_role, context: StandingContext, job: str, day: str, told: str):
    before = newest_run(context)
    assert told in press(as_role("admin"), job, day)
    assert newest_run(context) == before


def test_nobody_but_an_administrator_runs_jobs(as_role):
    client = as_role("auditor")
    form = {"viec": "seal", "csrf_token": token(client, "/tai-khoan")}
    assert client.post("/lich-chay/chay", data=form).status_code == 403


def test_processes_are_shown_alive_silent_or_ended(as_role, context: StandingContext):
    for owner, kind, minutes in (("may-1", "scheduler", 1), ("may-2", "worker", 6), ("may-3", "worker", 1)):
        processes.beat(context.store, owner, kind, NOW - timedelta(minutes=minutes), "đang thử")
    processes.end(context.store, "may-3", NOW)
    text = as_role("admin").get(PAGE).text
    assert text.count("đang chạy</span>") == 1
    assert text.count("im lặng</span>") == 1
    assert text.count("đã tắt</span>") == 1
    assert "Không có tiến trình lịch" not in text


def test_without_a_scheduler_the_page_says_what_to_do(as_role):
    text = as_role("admin").get(PAGE).text
    assert "Không có tiến trình lịch nào đang chạy. Chạy: dunghen scheduler" in text


# ---------------------------------------------------------------- the watchdog


def messages(context: StandingContext) -> list[OutboxRow]:
    """Everything in the outbox."""
    with context.store.read() as session:
        lines = outbox_queries.list_messages(session, state=None, limit=500, before=None)
        rows = [outbox_queries.find_message(session, line.message_id) for line in lines]
    return [row for row in rows if row]


def told_to(context: StandingContext, role: str) -> list[tuple[str, str]]:
    """Channel and words of what the watchdog and the check of the calendar told the account of a role."""
    with context.store.read() as session:
        account = people.find_login(session, role)
    assert account
    mine = {f"user:{account.account_id}", account.email or "-"}
    own = ("watchdog:", "calendar_check:")
    return [
        (row.channel, row.subject)
        for row in messages(context)
        if row.cause.startswith(own) and row.recipient in mine
    ]


def test_what_is_wrong_is_told_once_a_day_to_administrators_and_nobody_else(context: StandingContext):
    dog, other = Watchdog(), Watchdog()
    later = NOW + timedelta(minutes=6)
    found = look(context, later, NOW)
    dog.watch(context, NOW)
    before = len(told_to(context, "admin"))
    dog.watch(context, later)
    once = told_to(context, "admin")
    assert len(once) == len(found) > before
    assert ("in_app", "Không có tiến trình lịch nào đang chạy") in once
    for minutes in (7, 60):
        dog.watch(context, NOW + timedelta(minutes=minutes))
        other.watch(context, NOW + timedelta(minutes=minutes))
    assert told_to(context, "admin") == once
    assert told_to(context, "auditor") == []
    dog.watch(context, NOW + timedelta(days=1))
    assert len(told_to(context, "admin")) > len(once)


def test_a_process_that_has_just_begun_gives_the_others_time(context: StandingContext):
    Watchdog().watch(context, NOW)
    assert ("in_app", "Không có tiến trình lịch nào đang chạy") not in told_to(context, "admin")


def test_yesterdays_seal_that_is_missing_and_a_late_job_are_found(context: StandingContext):
    tomorrow = NOW + timedelta(days=1)
    processes.beat(context.store, "s", "scheduler", tomorrow)
    codes = {finding.code for finding in look(context, tomorrow)}
    assert {"seal_missing", "job_late"} <= codes
    with context.store.transaction() as session:
        audit.seal(session, NOW.date(), tomorrow)
    assert "seal_missing" not in {finding.code for finding in look(context, tomorrow)}


def test_the_calendar_check_tells_administrators_once_a_month(context: StandingContext):
    press_and_work(context)
    assert ("in_app", "Lịch làm việc cần bổ sung") in told_to(context, "admin")
    count = len(told_to(context, "admin"))
    press_and_work(context)
    assert len(told_to(context, "admin")) == count


def press_and_work(context: StandingContext) -> None:
    """Run the check of the calendar by hand."""
    request = schedule.RunRequest("calendar_check", NOW.date(), Cause.BY_HAND, "admin")
    with context.store.transaction() as session:
        schedule.ask_run(session, request, NOW)
    Worker(context, "w").run_until_idle()


def test_the_seal_is_told_to_auditors_and_administrators_in_the_program(context: StandingContext):
    for _ in range(2):
        with context.store.transaction() as session:
            row = seal_day(session, context.config, NOW.date(), NOW)
    sent = [
        each
        for each in messages(context)
        if each.cause == f"audit_seal:{NOW.date()}" and each.channel == "in_app"
    ]
    in_program = {each.recipient for each in sent}
    assert in_program == {"user:3", "user:5"}
    assert len(sent) == 2
    assert all(row.line in each.text for each in sent)

"""What the watchdog says to which facts: one boundary a row."""

from datetime import date, datetime, timedelta

import pytest

from tracker.measures.health import CODES, Facts, findings
from tracker.types import VN

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=VN)
GIB = 1 << 30


def ago(**span: int) -> datetime:
    return NOW - timedelta(**span)


ALIVE = {"scheduler_heard": ago(minutes=1), "worker_heard": ago(minutes=1)}
CASES = {
    "all is well": (Facts(**ALIVE), []),
    "a scheduler silent for five minutes is believed alive": (Facts(scheduler_heard=ago(minutes=5)), []),
    "for a second more it is not": (Facts(scheduler_heard=ago(minutes=5, seconds=1)), ["scheduler_silent"]),
    "no scheduler at all": (Facts(), ["scheduler_silent"]),
    "a process that has only just begun says nothing of the silence of others": (Facts(watched_since=ago(minutes=4)), []),
    "after five minutes it does": (Facts(watched_since=ago(minutes=5)), ["scheduler_silent"]),
    "one of a clock that was put back is not fresh for as long as that was ahead": (
        Facts(watched_since=ago(days=-365)), ["scheduler_silent"]
    ),
    "a heartbeat of such a clock is none": (Facts(scheduler_heard=ago(days=-365)), ["scheduler_silent"]),
    "clocks may be a little apart": (Facts(scheduler_heard=ago(minutes=-5)), []),
    "no worker matters not while no work waits": (Facts(scheduler_heard=NOW), []),
    "work that waits five minutes without a worker": (Facts(scheduler_heard=NOW, work_waits_since=ago(minutes=5)), []),
    "a minute more": (Facts(scheduler_heard=NOW, work_waits_since=ago(minutes=6)), ["worker_missing"]),
    "work that waits with a worker at work": (Facts(**ALIVE, work_waits_since=ago(hours=2)), []),
    "but for too long": (Facts(**ALIVE, work_waits_since=ago(hours=2, seconds=1)), ["work_waiting"]),
    "work whose process is silent": (Facts(**ALIVE, work_silent=1), ["work_silent"]),
    "dead work": (Facts(**ALIVE, work_dead=2), ["work_dead"]),
    "a message that waits an hour": (Facts(**ALIVE, messages_wait_since=ago(hours=1)), []),
    "and longer": (Facts(**ALIVE, messages_wait_since=ago(hours=1, seconds=1)), ["outbox_waiting"]),
    "a message of which nobody knows": (Facts(**ALIVE, messages_unsure=1), ["outbox_unsure"]),
    "a message that died": (Facts(**ALIVE, messages_dead=1), ["outbox_dead"]),
    "a job that is late": (Facts(**ALIVE, jobs_late=("Dọn tệp",)), ["job_late"]),
    "an entry of a little later": (Facts(**ALIVE, newest_entry=NOW + timedelta(minutes=10)), []),
    "an entry of the future": (Facts(**ALIVE, newest_entry=NOW + timedelta(minutes=11)), ["clock_back"]),
    "a day without a seal": (Facts(**ALIVE, seal_missing=date(2026, 11, 21)), ["seal_missing"]),
    "a year without a calendar": (Facts(**ALIVE, years_missing=(2028,)), ["calendar_missing"]),
    "reports of the primary": (Facts(**ALIVE, replica_ill="máy đọc trễ 90 giây"), ["replica_unused"]),
    "a gibibyte free on a small disk": (Facts(**ALIVE, disk_free=GIB, disk_total=10 * GIB), []),
    "a byte less": (Facts(**ALIVE, disk_free=GIB - 1, disk_total=10 * GIB), ["disk_full"]),
    "a twentieth free on a large disk": (Facts(**ALIVE, disk_free=50 * GIB, disk_total=1000 * GIB), []),
    "less than that": (Facts(**ALIVE, disk_free=50 * GIB - 1, disk_total=1000 * GIB), ["disk_full"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_findings(name: str):
    facts, expected = CASES[name]
    assert [finding.code for finding in findings(facts, NOW)] == expected


def test_every_finding_has_a_case_and_says_what_to_do():
    told = {code for _, codes in CASES.values() for code in codes}
    assert told == set(CODES)
    for facts, _ in CASES.values():
        assert all(finding.text and finding.todo for finding in findings(facts, NOW))


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (ago(minutes=119), "119 phút"),
        (ago(hours=2), "2 giờ"),
        (ago(hours=47), "47 giờ"),
        (ago(hours=48), "2 ngày"),
    ],
)
def test_spans_are_told_as_people_say_them(since: datetime, told: str):
    (finding,) = findings(Facts(scheduler_heard=since), NOW)
    assert told in finding.text

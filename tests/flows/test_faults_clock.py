"""Clocks that are wrong: what was done under them is told, nothing is counted by a calendar that is not there, and a clock
that was put right finds everything as it was.

Jobs, leases and messages under such clocks: test_scheduler.py, test_leases.py, test_work.py, test_dispatch_slow.py and
`benchmarks/reliability.py`.
"""

from datetime import datetime, timedelta

import pytest

from tests.flows.office import Office, row
from tracker.types import VN

pytestmark = pytest.mark.either_database("about a clock; what is stored goes the usual way")

MORNING = datetime(2022, 4, 5, 9, tzinfo=VN)
LATE = {"late_reason": "Số lượng hồ sơ tăng đột biến"}
QUESTIONS = (
    ("overdue",),
    ("rates", "--from", "2022-01-01", "--to", "2022-04-05"),
    ("letters", "due"),
    ("letters", "check"),
)


@pytest.fixture
def morning(office: Office) -> Office:
    """A late dossier, and one that is due in summer."""
    office.now = MORNING
    office.ingest([row(1, **LATE), row(2, due_at="30/06/2022 17:00:00", **LATE)])
    assert office.run("letters", "keep").status == 0
    return office


def answers(office: Office) -> list[str]:
    """What is told of this morning."""
    return [office.run(*question, "--as-of", "2022-04-05T09:00:00+07:00").out for question in QUESTIONS[:1]]


@pytest.mark.parametrize("years", [1, 20])
def test_over_new_year_without_a_calendar_no_due_date_is_guessed_and_a_clock_put_right_finds_all_as_it_was(
    morning: Office, years: int
):
    before = answers(morning)
    morning.now = MORNING.replace(year=MORNING.year + years, month=1, day=3)
    for question in (*QUESTIONS, ("doctor",)):
        answer = morning.run(*question)
        assert answer.status in (0, 1, 3), question
        assert answer.status != 3 or "lịch" in answer.err, question
    drafted = morning.run("letters", "draft", "--json")
    if years == 20:  # a new date of return cannot be reckoned: no letter, and why
        assert drafted.json["written"] == 0
    morning.now = MORNING + timedelta(hours=1)
    assert answers(morning) == before
    assert morning.run("audit", "verify").status == 0


def test_a_clock_that_was_ahead_is_noticed_when_it_is_put_back(morning: Office):
    morning.now = MORNING + timedelta(days=120)
    morning.ingest([row(3)])
    morning.now = MORNING + timedelta(hours=1)
    checks = {each["name"]: each for each in morning.run("doctor", "--json").json["checks"]}
    assert not checks["log"]["ok"]
    assert "đi lùi" in checks["log"]["detail"]
    assert "03/08/2022" in checks["log"]["detail"]
    morning.now = MORNING + timedelta(days=121)
    morning.ingest([row(4)])
    checks = {each["name"]: each for each in morning.run("doctor", "--json").json["checks"]}
    assert "đi lùi" not in checks["log"]["detail"]


def ledger(office: Office) -> list[tuple[str, str, str | None]]:
    """Of each dossier: number, state of its obligation, state of its newest letter."""
    found = office.query(
        "SELECT d.code, o.state, (SELECT l.state FROM letter l WHERE l.dossier_id = d.id ORDER BY l.seq DESC LIMIT 1)"
        " FROM obligation o JOIN dossier d ON d.id = o.dossier_id ORDER BY d.code"
    )
    return [(code[-4:], state, letter) for code, state, letter in found]


def test_what_a_clock_that_was_ahead_drafted_is_taken_back_by_the_next_morning_and_drafted_when_it_is_due(
    morning: Office,
):
    before = [
        ("0001", "owed", None),
        ("0002", "to_check", None),
    ]  # the second is late by the procedure's limit alone
    assert ledger(morning) == before
    morning.now = MORNING + timedelta(days=120)
    assert morning.ask("letters", "draft")["written"] == 2
    assert ledger(morning) == [("0001", "owed", "drafted"), ("0002", "owed", "drafted")]
    morning.now = MORNING + timedelta(hours=1)
    assert morning.run("letters", "keep").status == 0
    assert ledger(morning) == [("0001", "owed", "drafted"), ("0002", "to_check", "void")]
    morning.now = MORNING + timedelta(days=100)  # after 30/06, and before the day that the clock had shown
    assert morning.run("letters", "draft").status == 0
    assert ledger(morning)[1] == ("0002", "owed", "drafted")
    assert morning.run("letters", "check").status == 0


def test_what_was_drafted_for_the_end_of_the_day_stands_through_that_day(morning: Office):
    morning.ingest([row(3, due_at="04/04/2022 16:00:00", **LATE)])
    assert morning.ask("letters", "draft", "--as-of", f"{MORNING:%Y-%m-%d}")["written"] == 2
    before = ledger(morning)
    assert morning.run("letters", "keep").status == 0
    assert ledger(morning) == before

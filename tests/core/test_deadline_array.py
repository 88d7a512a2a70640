"""The array twins of deadline and lateness: equal to the scalar definition, at the edges and on random data."""

import random
from datetime import datetime

import numpy as np
import pytest

from tracker.calendar_data import load_calendar
from tracker.timekeeping.deadline_array import (
    NO_DUE,
    UNKNOWN_DAYS,
    due_array,
    due_by_limit,
    late_array,
    late_days_array,
)
from tracker.timekeeping.deadlines import plain_due_epoch
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import parse_limit
from tracker.types import VN, Facts, NoLimit, Precision

A, B = load_calendar("A"), load_calendar("B")
LIMITS = [
    parse_limit(text)
    for text in (
        "1 ngày làm việc", "3 ngày làm việc", "15 ngày làm việc", "45 ngày làm việc", "0 ngày làm việc",
        "0,5 ngày làm việc", "2,5 ngày làm việc", "1 ngày lịch", "7 ngày lịch", "60 ngày lịch", "0 ngày lịch",
        "1 tháng", "3 tháng", "1 năm", "900 tháng", "9000 ngày làm việc", "9000 ngày lịch",
        "1 giờ", "4 giờ", "8 giờ", "40 giờ", "1 phút", "45 phút", "0 giờ", "30000 giờ", "1/3 giờ",
    )
]  # fmt: skip
NONE = parse_limit("Không quy định")
TIMES = ("00:00", "06:59:59", "07:00", "07:30", "11:30", "11:30:01", "13:30", "17:00", "17:30", "23:59:59")
DAYS = (
    "2017-12-31", "2018-01-01", "2018-01-02", "2020-02-29", "2023-10-31", "2024-01-31", "2026-01-02", "2026-01-10",
    "2026-08-15", "2026-08-22", "2026-08-31", "2026-11-24", "2027-12-30", "2027-12-31", "2028-01-01", "1969-07-20",
)  # fmt: skip
EDGES = np.array(
    [
        int(datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=VN).timestamp())
        for day in DAYS
        for time in TIMES
    ]
)


def epoch(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=VN).timestamp())


def at(seconds):
    return datetime.fromtimestamp(seconds, VN)


def scalar_due(received, limit, calendar):
    due = None if isinstance(limit, NoLimit) else plain_due_epoch(received, limit, calendar)
    return NO_DUE if due is None else due


@pytest.mark.parametrize("limit", [*LIMITS, NONE], ids=lambda limit: limit.text)
def test_on_every_edge_the_array_of_due_instants_is_the_scalar_one(limit):
    for calendar in (A, B):
        want = [scalar_due(received, limit, calendar) for received in EDGES.tolist()]
        assert due_array(EDGES, limit, calendar).tolist() == want


def test_on_every_date_the_array_of_due_instants_is_the_scalar_one():
    mornings = np.arange(epoch("2017-12-30T08:00"), epoch("2028-01-03T00:00"), 86400)
    for limit in LIMITS[:13]:
        want = [scalar_due(received, limit, B) for received in mornings.tolist()]
        assert due_array(mornings, limit, B).tolist() == want, limit


def test_a_store_of_mixed_limits_gets_the_scalar_due_instants():
    rng = random.Random(20261122)
    first, last = epoch("2017-12-01T00:00"), epoch("2028-02-01T00:00")
    received = np.array([rng.randrange(first, last) for _ in range(3_000)])
    limits = [*LIMITS, NONE]
    which = np.array([rng.randrange(len(limits)) for _ in received])
    for calendar in (A, B):
        pairs = zip(received.tolist(), which.tolist(), strict=True)
        want = [scalar_due(moment, limits[number], calendar) for moment, number in pairs]
        assert due_by_limit(received, limits, which, calendar).tolist() == want


@pytest.mark.parametrize("precision", list(Precision))
def test_late_and_its_working_dates_are_those_of_the_verdict(precision):
    rng = random.Random(7)
    dues = [epoch(f"{day}T17:00") for day in DAYS] * 40 + [NO_DUE] * 20
    ends = [
        (epoch("2026-08-10T08:00") if due == NO_DUE else due)
        + rng.choice((0, 1, -1, rng.randrange(-(10**6), 10**6)))
        for due in dues
    ]
    late = late_array(np.array(dues), np.array(ends), precision)
    days = late_days_array(np.array(dues), np.array(ends), B, precision)
    for due, end, is_late, count in zip(dues, ends, late.tolist(), days.tolist(), strict=True):
        facts = Facts(
            at(min(due, end) if due != NO_DUE else end),
            None if due == NO_DUE else at(due),
            finished_at=at(end),
        )
        verdict = classify(facts, B, as_of=at(end), precision=precision)
        assert is_late is verdict.is_late, (due, end)
        assert count == (UNKNOWN_DAYS if verdict.late_days is None else verdict.late_days), (due, end)


def test_a_saturday_after_a_friday_is_late_by_no_working_date():
    due, end = np.array([epoch("2026-08-14T17:00")]), np.array([epoch("2026-08-15T08:00")])
    assert late_array(due, end).tolist() == [True]
    assert late_days_array(due, end, B).tolist() == [0]


def test_what_cannot_be_computed_is_told_and_never_guessed():
    received = np.array([epoch("2017-12-31T08:00"), epoch("2026-08-10T08:00"), epoch("2027-12-31T08:00")])
    due = due_array(received, parse_limit("1 ngày làm việc"), B)
    assert due.tolist() == [NO_DUE, epoch("2026-08-11T17:00"), NO_DUE]
    assert late_array(due, received + 10**7).tolist() == [False, True, False]
    assert late_days_array(due, received + 86400 * 3, B).tolist() == [UNKNOWN_DAYS, 2, UNKNOWN_DAYS]


def test_no_dossiers_have_no_due_instants():
    none = np.array([], dtype=np.int64)
    for limit in (LIMITS[0], LIMITS[11], LIMITS[18], NONE):
        assert due_array(none, limit, B).tolist() == []
    assert due_by_limit(none, LIMITS, none, B).tolist() == []
    assert late_days_array(none, none, B).tolist() == []

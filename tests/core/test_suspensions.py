"""Suspensions, supplements and restarts: what stops the clock, what restarts it, what comes too late."""

from datetime import datetime

import pytest

from tracker.calendar_data import load_calendar
from tracker.config_data import load_policy
from tracker.timekeeping.deadlines import evaluate
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.suspensions import closed_by_end, suspending
from tracker.types import VN, Suspension, SuspensionKind

B = load_calendar("B")
BY_UNIT = load_policy()
LATER = datetime(2026, 12, 1, tzinfo=VN)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def pause(start, end, kind=SuspensionKind.PAUSE):
    return Suspension(at(start), at(end) if end else None, kind)


def supplement(start, end):
    return pause(start, end, SuspensionKind.SUPPLEMENT)


def deadline(received, limit, *suspensions, calendar=B, policy=BY_UNIT, restarts=(), as_of=LATER):
    return evaluate(
        at(received),
        parse_limit(limit),
        calendar,
        suspensions=suspensions,
        restarts=[at(moment) for moment in restarts],
        policy=policy,
        as_of=as_of,
    )


# the contract's "Suspensions"; limit 5 working days from Mon 10/8, plain due Mon 17/8 17:00
@pytest.mark.parametrize(
    ("what", "suspensions", "due"),
    [
        ("one frozen date", [("2026-08-12T09:00", "2026-08-13T09:00")], "2026-08-18T17:00"),
        ("within one day nothing is frozen", [("2026-08-12T07:00", "2026-08-12T17:00")], "2026-08-17T17:00"),
        ("over a weekend only the Friday", [("2026-08-14T16:00", "2026-08-17T08:00")], "2026-08-18T17:00"),
        (
            "overlapping pauses are one",
            [("2026-08-12T09:00", "2026-08-13T15:00"), ("2026-08-13T09:00", "2026-08-14T09:00")],
            "2026-08-19T17:00",
        ),
        (
            "touching pauses are one",
            [("2026-08-13T09:00", "2026-08-14T09:00"), ("2026-08-12T09:00", "2026-08-13T09:00")],
            "2026-08-19T17:00",
        ),
        (
            "a pause begun after the due instant",
            [("2026-08-17T17:00", "2026-08-20T08:00")],
            "2026-08-17T17:00",
        ),
        ("a pause begun just before it", [("2026-08-17T16:59", "2026-08-20T08:00")], "2026-08-20T17:00"),
        (
            "a pause may reach where the first one moved the due date",
            [("2026-08-12T09:00", "2026-08-13T09:00"), ("2026-08-18T09:00", "2026-08-19T09:00")],
            "2026-08-19T17:00",
        ),
        (
            "a pause that ended before reception",
            [("2026-08-01T09:00", "2026-08-09T09:00")],
            "2026-08-17T17:00",
        ),
    ],
)
def test_pauses_freeze_dates(what, suspensions, due):
    answer = deadline("2026-08-10T09:00", "5 ngày làm việc", *(pause(*item) for item in suspensions))
    assert answer.due_at == at(due), what


def test_a_pause_freezes_calendar_dates_too():
    answer = deadline("2026-08-10T09:00", "5 ngày", pause("2026-08-11T09:00", "2026-08-13T09:00"))
    assert answer.due_at == at("2026-08-17T17:00")


@pytest.mark.parametrize(
    ("what", "received", "suspensions", "due", "flags"),
    [
        (
            "the first restarts",
            "2024-08-12T09:00",
            [("2024-08-14T16:00", "2024-08-19T08:00")],
            "2024-08-26T17:00",
            (),
        ),
        (
            "before Decree 61 it pauses",
            "2018-06-20T09:00",
            [("2018-06-22T09:00", "2018-06-25T09:00")],
            "2018-06-28T17:00",
            ("SUSPENSION_EFFECT_UNVERIFIED",),
        ),
        (
            "from its first day it restarts",
            "2018-06-21T09:00",
            [("2018-06-22T09:00", "2018-06-25T09:00")],
            "2018-07-02T17:00",
            (),
        ),
        (
            "from 01/07/2025 it restarts, unverified",
            "2025-07-01T09:00",
            [("2025-07-02T09:00", "2025-07-03T09:00")],
            "2025-07-10T17:00",
            ("SUSPENSION_EFFECT_UNVERIFIED",),
        ),
        (
            "a second one only pauses",
            "2024-08-12T09:00",
            [("2024-08-13T09:00", "2024-08-14T09:00"), ("2024-08-15T08:00", "2024-08-16T08:00")],
            "2024-08-22T17:00",
            ("SUPPLEMENT_REPEATED",),
        ),
        (
            "on the 3rd working date it still restarts",
            "2024-08-12T09:00",
            [("2024-08-15T17:30", "2024-08-16T08:00")],
            "2024-08-23T17:00",
            (),
        ),
        (
            "after the 3rd working date it only pauses",
            "2024-08-12T09:00",
            [("2024-08-16T07:00", "2024-08-19T08:00")],
            "2024-08-20T17:00",
            ("SUPPLEMENT_LATE",),
        ),
    ],
)
def test_a_supplement_has_the_effect_of_its_time(what, received, suspensions, due, flags):
    answer = deadline(received, "5 ngày làm việc", *(supplement(*item) for item in suspensions))
    assert answer.due_at == at(due), what
    assert answer.flags == flags


def test_what_is_still_frozen_after_a_restart_counts():
    answer = deadline(
        "2024-08-12T09:00",
        "5 ngày làm việc",
        supplement("2024-08-13T09:00", "2024-08-14T09:00"),
        pause("2024-08-13T10:00", "2024-08-16T09:00"),
    )
    assert answer.due_at == at("2024-08-22T17:00")


def test_a_recorded_restart_always_restarts_if_it_is_before_the_due_instant():
    def due_with(restart):
        return deadline("2024-08-12T09:00", "5 ngày làm việc", restarts=[restart]).due_at

    assert due_with("2024-08-19T16:59") == at("2024-08-26T17:00")
    assert due_with("2024-08-19T17:00") == at("2024-08-19T17:00")
    assert due_with("2024-08-11T09:00") == at("2024-08-19T17:00")


def test_a_suspension_of_kind_none_changes_nothing():
    stop = pause("2026-08-11T09:00", "2026-08-14T09:00", SuspensionKind.NONE)
    assert deadline("2026-08-10T09:00", "5 ngày làm việc", stop).due_at == at("2026-08-17T17:00")
    assert suspending([stop], at("2026-08-10T09:00"), BY_UNIT) == ()


@pytest.mark.parametrize(
    ("limit", "kind", "as_of", "due", "left"),
    [
        ("5 ngày làm việc", "pause", "2026-08-14T23:59:59", "2026-08-19T17:00", 3 * 480 + 60),
        ("5 ngày làm việc", "pause", "2026-08-20T23:59:59", "2026-08-24T17:00", 3 * 480 + 60),
        ("5 ngày làm việc", "supplement", "2026-08-14T23:59:59", "2026-08-21T17:00", 5 * 480),
        ("5 ngày làm việc", "supplement", "2026-08-20T23:59:59", "2026-08-26T17:00", 5 * 480),
        ("16 giờ", "pause", "2026-08-14T17:00", "2026-08-17T10:00", 180),
        ("16 giờ", "supplement", "2026-08-14T17:00", "2026-08-18T17:00", 960),
    ],
)
def test_while_a_suspension_is_open_the_clock_stands(limit, kind, as_of, due, left):
    stop = pause("2026-08-12T16:00", None, SuspensionKind(kind))
    received = "2026-08-10T09:00" if "ngày" in limit else "2026-08-11T09:00"
    answer = deadline(received, limit, stop, as_of=at(as_of))
    assert answer.due_at == at(due)
    assert answer.suspended_since == stop.start
    assert answer.frozen_minutes == left


def test_an_open_pause_begun_after_the_due_instant_does_not_stand():
    answer = deadline("2026-08-10T09:00", "2 ngày làm việc", pause("2026-08-12T17:00", None))
    assert (answer.due_at, answer.suspended_since) == (at("2026-08-12T17:00"), None)


def test_events_after_as_of_are_not_looked_at_and_an_end_after_it_is_still_open():
    stop = pause("2026-08-12T09:00", "2026-08-20T09:00")
    before = deadline("2026-08-10T09:00", "5 ngày làm việc", stop, as_of=at("2026-08-11T23:59"))
    during = deadline("2026-08-10T09:00", "5 ngày làm việc", stop, as_of=at("2026-08-13T23:59"))
    assert (before.due_at, before.suspended_since) == (at("2026-08-17T17:00"), None)
    assert (during.due_at, during.suspended_since) == (at("2026-08-18T17:00"), stop.start)


def test_a_finished_dossier_has_no_open_pause():
    stops = [pause("2026-08-12T09:00", None), pause("2026-08-20T09:00", None)]
    closed = closed_by_end(stops, at("2026-08-14T09:00"))
    assert closed == (pause("2026-08-12T09:00", "2026-08-14T09:00"),)
    assert closed_by_end(stops, None) == tuple(stops)

"""Suspensions: the moment at which one begins or ends beside the end of the dossier."""

from datetime import datetime

import pytest

from tracker.calendar_data import load_calendar
from tracker.config_data import load_policy
from tracker.timekeeping.deadlines import evaluate
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.rules import DeadlinePolicy
from tracker.timekeeping.suspensions import (
    BEFORE_RECEPTION,
    INVERTED,
    RESTART_BEFORE_RECEPTION,
    closed_by_end,
    epoch,
    stops_until,
)
from tracker.types import VN, Suspension, SuspensionKind


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def stop(start, end=None):
    return Suspension(at(start), at(end) if end else None, SuspensionKind.SUPPLEMENT)


@pytest.mark.parametrize(
    ("what", "told", "kept"),
    [
        ("open, begun before", stop("2026-08-14T08:59:59"), stop("2026-08-14T08:59:59", "2026-08-14T09:00")),
        ("open, begun with the end", stop("2026-08-14T09:00"), None),
        ("open, begun after", stop("2026-08-14T09:00:01"), None),
        (
            "closed",
            stop("2026-08-14T10:00", "2026-08-14T11:00"),
            stop("2026-08-14T10:00", "2026-08-14T11:00"),
        ),
    ],
)
def test_an_open_suspension_of_an_ended_dossier_stops_with_it(what, told, kept):
    assert closed_by_end([told], at("2026-08-14T09:00")) == ((kept,) if kept else ()), what


def stops(*pauses, restarts=()):
    """What stops the clock of a dossier received on Mon 10/8 at 09:00, as of Fri 14/8 at 09:00."""
    told = [Suspension(at(start), at(end) if end else None, SuspensionKind.PAUSE) for start, end in pauses]
    return stops_until(
        epoch(at("2026-08-10T09:00")),
        told,
        [at(moment) for moment in restarts],
        as_of=epoch(at("2026-08-14T09:00")),
        policy=DeadlinePolicy(),
        calendar=load_calendar("B"),
    )


@pytest.mark.parametrize(
    ("what", "pauses", "taken"),
    [
        ("touching", [("2026-08-11", "2026-08-12"), ("2026-08-12", "2026-08-13")], [("2026-08-11", "2026-08-13", False)]),
        ("apart", [("2026-08-11", "2026-08-12"), ("2026-08-12T00:00:01", "2026-08-13")],
         [("2026-08-11", "2026-08-12", False), ("2026-08-12T00:00:01", "2026-08-13", False)]),
        ("one within the other", [("2026-08-11", "2026-08-13"), ("2026-08-12", "2026-08-12T09:00")], [("2026-08-11", "2026-08-13", False)]),
        ("the later one open", [("2026-08-11", "2026-08-13"), ("2026-08-12", None)], [("2026-08-11", "2026-08-14T09:00", True)]),
        ("the earlier one open", [("2026-08-11", None), ("2026-08-12", "2026-08-13")], [("2026-08-11", "2026-08-14T09:00", True)]),
        ("both open", [("2026-08-11", None), ("2026-08-12", None)], [("2026-08-11", "2026-08-14T09:00", True)]),
    ],
)  # fmt: skip
def test_pauses_that_overlap_or_touch_are_one_and_open_if_one_of_them_is(what, pauses, taken):
    found = [(stop.start, stop.end, stop.is_open) for stop in stops(*pauses).taken]
    assert found == [(epoch(at(start)), epoch(at(end)), is_open) for start, end, is_open in taken], what


@pytest.mark.parametrize(
    ("restart", "taken", "flags"),
    [
        ("2026-08-10T08:59:59", 0, [RESTART_BEFORE_RECEPTION]),
        ("2026-08-10T09:00", 0, []),
        ("2026-08-10T09:00:01", 1, []),
        ("2026-08-14T09:00", 1, []),
        ("2026-08-14T09:00:01", 0, []),
    ],
)
def test_a_recorded_restart_counts_after_reception_and_up_to_as_of(restart, taken, flags):
    found = stops(restarts=[restart])
    assert (len(found.taken), found.flags) == (taken, flags)


@pytest.mark.parametrize(
    ("start", "end", "taken", "flags"),
    [
        ("2026-08-13T09:00", "2026-08-12T09:00", 0, [INVERTED]),
        ("2026-08-09T09:00", "2026-08-08T09:00", 0, [INVERTED]),
        ("2026-08-09T09:00", "2026-08-09T09:00", 0, [BEFORE_RECEPTION]),
        ("2026-08-09T09:00", "2026-08-10T09:00", 0, [BEFORE_RECEPTION]),
        ("2026-08-09T09:00", "2026-08-10T09:00:01", 1, []),
        ("2026-08-14T09:00", "2026-08-15T09:00", 1, []),
        ("2026-08-14T09:00:01", "2026-08-15T09:00", 0, []),
    ],
)
def test_a_pause_that_ends_before_it_begins_or_before_reception_is_flagged_and_not_taken(
    start, end, taken, flags
):
    found = stops((start, end))
    assert (len(found.taken), found.flags) == (taken, flags)


def test_stops_are_taken_in_order_of_their_beginning():
    taken = stops(("2026-08-11T09:00", "2026-08-13T09:00"), restarts=["2026-08-12T09:00"]).taken
    assert [stop.restart for stop in taken] == [False, True]


def supplemented(*told, as_of="2026-08-20", restarts=()):
    """Due date of 5 working days from Mon 10/8, supplements told in this order; Saturday 22/8 is worked."""
    return evaluate(
        at("2026-08-10T08:00"),
        parse_limit("5 ngày làm việc"),
        load_calendar("B"),
        suspensions=[stop(*each) for each in told],
        restarts=[at(moment) for moment in restarts],
        policy=load_policy(),
        as_of=at(as_of),
    )


def test_of_supplements_asked_for_at_one_moment_the_one_that_ended_first_restarts():
    short, long = ("2026-08-11T09:00", "2026-08-12T09:00"), ("2026-08-11T09:00", "2026-08-14T09:00")
    for told in ((short, long), (long, short)):
        assert supplemented(*told).due_at == at("2026-08-20T17:00")


def test_of_supplements_asked_for_at_one_moment_one_that_ended_goes_before_one_that_stands():
    ended, standing = ("2026-08-11T09:00", "2026-08-12T09:00"), ("2026-08-11T09:00", None)
    for told in ((ended, standing), (standing, ended)):
        assert supplemented(*told, as_of="2026-08-14T09:00").due_at == at("2026-08-20T17:00")


def test_a_supplement_brought_at_once_restarts_the_clock_all_the_same():
    found = supplemented(("2026-08-12T09:00", "2026-08-12T09:00"))
    assert found.due_at == at("2026-08-19T17:00")
    assert INVERTED not in found.flags


def test_a_suspension_that_ends_at_the_moment_of_judging_no_longer_stands():
    assert (
        supplemented(("2026-08-11T09:00", "2026-08-14T09:00"), as_of="2026-08-14T09:00").suspended_since
        is None
    )


def test_a_recorded_restart_and_a_supplement_of_one_moment_are_both_taken():
    moment = "2026-08-12T09:00"
    assert supplemented((moment, moment), restarts=[moment]).due_at == at("2026-08-19T17:00")

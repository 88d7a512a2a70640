"""The verdict on its boundaries: what happens at the very moment, which flags ride along, what stays unknown."""

from datetime import UTC, date, datetime

import pytest

from tracker.calendar_data import load_calendar
from tracker.timekeeping.lateness import classify, hand_over
from tracker.types import VN, Facts, HandOver, Precision, SourceStatus, State, Suspension, SuspensionKind

B = load_calendar("B")
LATER = "2026-11-20T23:59:59"
RECEIVED = "2026-08-03T08:00"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def verdict(as_of=LATER, precision=Precision.DATE, **given):
    moments = {"received_at": RECEIVED, "due_at": "2026-08-28T17:00", **given}
    plain = {
        name: moments.pop(name) for name in ("status", "suspensions", "frozen_minutes") if name in moments
    }
    facts = Facts(**{name: at(text) if text else None for name, text in moments.items()}, **plain)
    return classify(facts, B, as_of=at(as_of), precision=precision)


def stop(start, end=None, kind=SuspensionKind.PAUSE):
    return Suspension(at(start), at(end) if end else None, kind)


# ---------------------------------------------------------------- the moment itself


@pytest.mark.parametrize(
    ("what", "as_of", "given", "state"),
    [
        ("intake ends", "2026-08-04T08:00", {"received_at": None, "filed_at": RECEIVED, "intake_due_at": "2026-08-04T08:00"}, "filed"),
        ("intake over", "2026-08-04T08:00:01", {"received_at": None, "filed_at": RECEIVED, "intake_due_at": "2026-08-04T08:00"}, "not_accepted"),
        ("pause begins", "2026-08-10T08:00", {"suspensions": (stop("2026-08-10T08:00"),)}, "suspended"),
        ("pause not begun", "2026-08-10T07:59:59", {"suspensions": (stop("2026-08-10T08:00"),)}, "on_track"),
        ("pause ends", "2026-08-11T08:00", {"suspensions": (stop("2026-08-10T08:00", "2026-08-11T08:00"),)}, "on_track"),
        ("pause lasts", "2026-08-11T07:59:59", {"suspensions": (stop("2026-08-10T08:00", "2026-08-11T08:00"),)}, "suspended"),
        ("a stop without effect", "2026-08-10T09:00", {"suspensions": (stop("2026-08-10T08:00", kind=SuspensionKind.NONE),)}, "on_track"),
        ("paused as it fell due", LATER, {"suspensions": (stop("2026-08-28T17:00"),)}, "overdue"),
        ("paused just before", LATER, {"suspensions": (stop("2026-08-28T16:59:59"),)}, "suspended"),
        ("finished as it was reopened", LATER, {"finished_at": "2026-08-20T08:00", "reopened_at": "2026-08-20T08:00"}, "overdue"),
        ("finished after the reopening", LATER, {"finished_at": "2026-08-20T08:00:01", "reopened_at": "2026-08-20T08:00"}, "finished_early"),
        ("reopened at as-of", "2026-08-21T08:00", {"finished_at": "2026-08-20T08:00", "reopened_at": "2026-08-21T08:00"}, "on_track"),
        ("reopened later than as-of", "2026-08-21T08:00", {"finished_at": "2026-08-20T08:00", "reopened_at": "2026-08-21T08:00:01"}, "finished_early"),
        ("finished at as-of", "2026-08-20T08:00", {"finished_at": "2026-08-20T08:00"}, "finished_early"),
        ("finished after as-of", "2026-08-20T07:59:59", {"finished_at": "2026-08-20T08:00"}, "on_track"),
    ],
)  # fmt: skip
def test_a_state_changes_at_the_second_that_the_rule_names(what, as_of, given, state):
    assert verdict(as_of, **given).state == state, what


def test_the_earliest_of_two_standing_suspensions_decides_whether_it_came_in_time():
    both = (stop("2026-09-10T08:00"), stop("2026-08-10T08:00"))
    for suspensions in (both, both[::-1]):
        answer = verdict(suspensions=suspensions)
        assert answer.state is State.SUSPENDED
        assert answer.remaining_minutes == B.working_minutes(at("2026-08-10T08:00"), at("2026-08-28T17:00"))


def test_what_was_left_when_the_clock_stopped_goes_before_what_the_due_date_says():
    stands = (stop("2026-08-10T08:00"),)
    assert verdict(suspensions=stands, frozen_minutes=77).remaining_minutes == 77
    assert verdict(suspensions=stands, frozen_minutes=0).remaining_minutes == 0
    assert verdict(suspensions=stands, due_at=None).remaining_minutes is None


# ---------------------------------------------------------------- flags ride along


@pytest.mark.parametrize(
    ("what", "given", "flags"),
    [
        ("withdrawn in time", {"withdrawn_at": "2026-08-28T23:59"}, {"PRECISIONS_DISAGREE"}),
        ("withdrawn, never due", {"withdrawn_at": "2026-08-29T00:00", "due_at": None}, set()),
        ("withdrawn late", {"withdrawn_at": "2026-08-29T00:00"}, {"LATE_AT_WITHDRAWAL"}),
        ("never accepted, handed over", {"received_at": None, "returned_at": "2026-08-20T08:00"}, {"END_FROM_RETURN", "RECEIVED_MISSING"}),
        ("ended as received", {"finished_at": RECEIVED}, set()),
        ("ended before", {"finished_at": "2026-08-03T07:59:59"}, {"END_BEFORE_RECEIVED"}),
        ("handed over before", {"returned_at": "2026-08-03T07:00"}, {"END_FROM_RETURN", "END_BEFORE_RECEIVED"}),
        ("no due date", {"returned_at": "2026-08-20T08:00", "due_at": None}, {"END_FROM_RETURN", "DUE_MISSING"}),
        ("done, no end, no due date", {"status": SourceStatus.DONE, "due_at": None}, {"END_MISSING", "DUE_MISSING"}),
        ("done, nothing else known", {"status": SourceStatus.RETURNED, "received_at": None}, {"END_MISSING", "RECEIVED_MISSING"}),
        ("one supplement", {"finished_at": "2026-08-20T08:00", "suspensions": (stop("2026-08-04T08:00", "2026-08-05T08:00", SuspensionKind.SUPPLEMENT),)}, set()),
        ("paused, no word of it being done", {"suspensions": (stop("2026-08-10T08:00"),)}, set()),
        ("awaiting, undated", {"status": SourceStatus.AWAITING_FEE}, {"SUSPENSION_UNDATED"}),
        ("a due date before reception", {"due_at": "2026-08-03T07:59:59", "finished_at": "2026-08-03T08:00"}, {"DUE_BEFORE_RECEIVED", "PRECISIONS_DISAGREE"}),
        ("due as received", {"due_at": RECEIVED, "finished_at": "2026-08-02T08:00"}, {"END_BEFORE_RECEIVED"}),
        ("a status nobody knows", {"status": SourceStatus.UNKNOWN, "finished_at": "2026-08-20T08:00"}, {"STATUS_UNKNOWN"}),
    ],
)  # fmt: skip
def test_every_doubt_is_flagged_and_nothing_else(what, given, flags):
    assert set(verdict(**given).flags) == flags, what


# ---------------------------------------------------------------- figures that stay unknown


@pytest.mark.parametrize(
    ("what", "as_of", "given", "figures"),
    [
        ("open without a due date", LATER, {"due_at": None}, (None, None, None)),
        ("ended without a due date", LATER, {"due_at": None, "finished_at": "2026-08-20T08:00"}, (None, None, None)),
        ("filed only", LATER, {"received_at": None, "filed_at": RECEIVED}, (None, None, None)),
        ("withdrawn, nobody knows when", LATER, {"status": SourceStatus.WITHDRAWN}, (None, None, None)),
        ("deleted", LATER, {"status": SourceStatus.DELETED}, (None, None, None)),
        ("open, in time", "2026-08-28T16:00", {}, (0, 0, 60)),
        ("open, due now", "2026-08-28T17:00", {}, (0, 0, 0)),
        ("suspended", LATER, {"suspensions": (stop("2026-08-28T16:00"),)}, (0, 0, 60)),
        ("due this very moment, after the last date", "2028-02-01T17:00", {"due_at": "2028-02-01T17:00"}, (0, 0, 0)),
        ("late beyond the calendar", "2028-02-01T08:00", {}, (None, None, 0)),
        ("due beyond the calendar", "2026-08-10T08:00", {"due_at": "2028-02-01T17:00"}, (0, 0, None)),
        ("ended beyond the calendar", "2028-03-01T08:00", {"finished_at": "2028-02-01T08:00"}, (None, None, None)),
    ],
)  # fmt: skip
def test_lateness_is_nought_where_it_is_none_and_unknown_where_it_cannot_be_said(what, as_of, given, figures):
    answer = verdict(as_of, **given)
    assert (answer.late_days, answer.late_minutes, answer.remaining_minutes) == figures, what
    beyond = "beyond" in what
    assert ("CALENDAR_OUT_OF_RANGE" in answer.flags) is beyond, what


def test_a_moment_told_in_another_zone_counts_by_its_local_date():
    due, end = at("2026-08-28T17:00"), datetime(2026, 8, 28, 17, 30, tzinfo=UTC)  # 00:30 on the 29th here
    answer = classify(Facts(at(RECEIVED), due, finished_at=end), B, as_of=at(LATER))
    assert (answer.state, answer.late_days) == (State.FINISHED_LATE, 0)
    as_utc = Facts(at(RECEIVED), due.astimezone(UTC), finished_at=at("2026-08-28T23:00"))
    assert classify(as_utc, B, as_of=at(LATER)).state is State.FINISHED_ON_TIME


@pytest.mark.parametrize(
    ("what", "given", "refused"),
    [
        ("after acceptance", {"refused_at": "2026-08-20T08:00"}, True),
        ("after acceptance, no due date", {"refused_at": "2026-08-20T08:00", "due_at": None}, True),
        ("at intake", {"refused_at": "2026-08-20T08:00", "received_at": None}, False),
        ("called filed, refused", {"refused_at": "2026-08-20T08:00", "status": SourceStatus.FILED}, False),
        (
            "refused, then withdrawn",
            {"refused_at": "2026-08-20T08:00", "withdrawn_at": "2026-08-21T08:00"},
            False,
        ),
        ("never", {"finished_at": "2026-08-20T08:00"}, False),
    ],
)
def test_a_refusal_counts_as_an_end_only_after_acceptance(what, given, refused):
    assert verdict(**given).refused is refused, what


def test_a_late_withdrawal_is_measured_and_not_counted_as_late():
    answer = verdict(withdrawn_at="2026-09-03T08:00")
    assert (answer.state, answer.is_late, answer.late_days, answer.late_minutes) == (
        State.WITHDRAWN,
        False,
        1,
        60,
    )


# ---------------------------------------------------------------- hand-over


@pytest.mark.parametrize(
    ("what", "as_of", "finished", "returned", "wanted"),
    [
        ("the next morning", LATER, "2026-08-27T16:00", "2026-08-28T08:00", HandOver(1, 120)),
        ("at once", LATER, "2026-08-27T16:00", "2026-08-27T16:00", HandOver(0, 0)),
        ("before the finish", LATER, "2026-08-27T16:00", "2026-08-26T16:00", HandOver(0, 0)),
        ("not yet at as-of", "2026-08-27T23:59", "2026-08-27T16:00", "2026-08-28T08:00", None),
        ("never", LATER, "2026-08-27T16:00", None, None),
        ("no finish told", LATER, None, "2026-08-28T08:00", None),
        ("outside the calendar", "2030-01-01T00:00", "2027-12-31T16:00", "2028-01-03T08:00", None),
    ],
)
def test_how_long_a_result_lay_at_the_desk(what, as_of, finished, returned, wanted):
    told = {
        name: at(text) if text else None
        for name, text in (("finished_at", finished), ("returned_at", returned))
    }
    assert hand_over(Facts(at(RECEIVED), None, **told), B, as_of=at(as_of)) == wanted, what


def test_the_dates_of_the_table_above_are_worked():
    assert B.is_working(date(2026, 8, 27))
    assert B.is_working(date(2026, 8, 28))

"""Verdicts: the one definition of state and lateness, its precedence and its boundaries."""

from datetime import date, datetime
from fractions import Fraction

import pytest

from tracker.calendar_data import load_calendar
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.lateness import classify, is_late_epoch
from tracker.timekeeping.limits import parse_limit
from tracker.types import VN, Facts, Precision, SourceStatus, State, Suspension, SuspensionKind

B = load_calendar("B")
LATER = datetime(2026, 11, 20, 23, 59, 59, tzinfo=VN)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def verdict(
    as_of=LATER, precision=Precision.DATE, due_soon=None, suspensions=(), status=None, limit=None, **moments
):
    moments = {"received_at": "2026-08-03T08:00", **moments}
    facts = Facts(
        due_at=at(moments.pop("due_at")) if moments.get("due_at") else moments.pop("due_at", None),
        status=status,
        suspensions=tuple(suspensions),
        limit=parse_limit(limit) if limit else None,
        frozen_minutes=moments.pop("frozen_minutes", None),
        **{name: at(text) if text else None for name, text in moments.items()},
    )
    as_of = at(as_of) if isinstance(as_of, str) else as_of
    return classify(facts, B, as_of=as_of, precision=precision, due_soon=due_soon or DueSoon())


def pause(start, end=None, kind=SuspensionKind.PAUSE):
    return Suspension(at(start), at(end) if end else None, kind)


# formats.md 6.4
def test_case_41_a_finish_equal_to_due_to_the_second_is_on_time_and_flagged():
    for precision in Precision:
        answer = verdict(due_at="2026-08-28T10:00", finished_at="2026-08-28T10:00", precision=precision)
        assert answer.state is State.FINISHED_ON_TIME
        assert answer.flags == ("END_EQ_DUE",)


def test_case_42_the_same_day_is_on_time_by_date_and_late_by_instant():
    moments = {"due_at": "2026-08-28T10:00", "finished_at": "2026-08-28T16:00"}
    by_date, by_instant = verdict(**moments), verdict(**moments, precision=Precision.INSTANT)
    assert (by_date.state, by_date.late_minutes, by_date.is_late) == (State.FINISHED_ON_TIME, 0, False)
    assert (by_instant.state, by_instant.late_minutes, by_instant.late_days) == (State.FINISHED_LATE, 240, 0)
    assert by_date.flags == by_instant.flags == ("PRECISIONS_DISAGREE",)


@pytest.mark.parametrize(
    ("case", "due", "finished", "by_date", "by_instant"),
    [
        (43, "2026-08-28T17:00", "2026-08-28T17:40", "finished_on_time", "finished_late"),
        (44, "2026-08-28T17:30", "2026-08-28T09:00", "finished_on_time", "finished_early"),
        (45, "2026-08-10T15:00", "2026-08-10T13:10", "finished_on_time", "finished_early"),
        (0, "2026-08-28T17:00", "2026-08-27T23:59:59", "finished_early", "finished_early"),
        (0, "2026-08-28T17:00", "2026-08-29T00:00", "finished_late", "finished_late"),
    ],
)
def test_cases_43_to_45_end_and_due_are_compared_by_date_or_by_instant(
    case, due, finished, by_date, by_instant
):
    assert verdict(due_at=due, finished_at=finished).state == by_date, case
    assert verdict(due_at=due, finished_at=finished, precision=Precision.INSTANT).state == by_instant, case


def test_case_46_finished_without_a_due_date_is_no_due():
    answer = verdict(due_at=None, finished_at="2026-08-28T10:00")
    assert (answer.state, answer.late_days, answer.is_late) == (State.NO_DUE, None, False)


@pytest.mark.parametrize(
    ("case", "as_of", "precision", "late"),
    [
        (47, "2026-08-28T10:00", Precision.INSTANT, False),
        (47, "2026-08-28T10:00:01", Precision.INSTANT, True),
        (48, "2026-08-28T23:59:59", Precision.DATE, False),
        (48, "2026-08-29T00:00", Precision.DATE, True),
    ],
)
def test_cases_47_and_48_an_open_dossier_is_late_only_after_its_due_date(case, as_of, precision, late):
    answer = verdict(as_of, due_at="2026-08-28T10:00", precision=precision)
    assert answer.is_late is late, case
    assert answer.state is (State.OVERDUE if late else State.DUE_SOON)


def test_case_49_a_late_hand_over_does_not_make_a_dossier_late():
    answer = verdict(
        due_at="2026-08-28T17:00", finished_at="2026-08-28T09:00", returned_at="2026-09-10T09:00"
    )
    assert answer.state is State.FINISHED_ON_TIME


def test_case_50_status_done_without_a_finish_during_a_pause_is_suspended():
    answer = verdict(
        due_at="2026-08-14T17:00", status=SourceStatus.DONE, suspensions=[pause("2026-08-12T09:00")]
    )
    assert (answer.state, answer.is_late, answer.flags) == (State.SUSPENDED, False, ("STATUS_LOSSY",))


def test_case_52_a_second_supplement_round_is_late_by_decision_766_only():
    rounds = [
        pause("2026-08-04T09:00", "2026-08-05T09:00", SuspensionKind.SUPPLEMENT),
        pause("2026-08-06T09:00", "2026-08-07T09:00", SuspensionKind.SUPPLEMENT),
    ]
    answer = verdict(due_at="2026-08-28T17:00", finished_at="2026-08-20T09:00", suspensions=rounds)
    assert (answer.state, answer.flags) == (State.FINISHED_EARLY, ("LATE_BY_766",))


def test_case_53_withdrawn_after_the_due_date_stands_apart_and_is_flagged():
    answer = verdict(due_at="2026-08-14T17:00", withdrawn_at="2026-08-20T09:00")
    assert (answer.state, answer.is_late, answer.flags) == (State.WITHDRAWN, False, ("LATE_AT_WITHDRAWAL",))
    assert answer.late_days == 4


def test_case_54_a_reopening_removes_the_end_before_it():
    answer = verdict(
        due_at="2026-08-14T17:00",
        finished_at="2026-08-13T09:00",
        reopened_at="2026-08-17T09:00",
        as_of="2026-08-18T09:00",
    )
    assert (answer.state, answer.is_late, answer.late_days) == (State.OVERDUE, True, 2)


def test_case_55_the_same_end_is_judged_on_each_basis_by_its_own_due_date():
    assert verdict(due_at="2026-08-28T17:00", finished_at="2026-08-26T09:00").is_late is False
    assert verdict(due_at="2026-08-14T17:00", finished_at="2026-08-26T09:00").is_late is True


def test_case_56_a_refusal_after_acceptance_is_an_end_and_may_be_late():
    answer = verdict(due_at="2026-08-14T17:00", refused_at="2026-08-17T09:00")
    assert (answer.state, answer.refused, answer.is_late) == (State.FINISHED_LATE, True, True)


@pytest.mark.parametrize(
    ("what", "state", "facts"),
    [
        ("deleted before all", "deleted", {"status": SourceStatus.DELETED, "withdrawn_at": "2026-08-10T09:00"}),
        ("refused at intake", "refused", {"received_at": None, "refused_at": "2026-08-10T09:00"}),
        ("status 3", "refused", {"status": SourceStatus.REFUSED}),
        ("withdrawn before ended", "withdrawn", {"withdrawn_at": "2026-08-10T09:00", "finished_at": "2026-08-09T09:00"}),
        ("status 7", "withdrawn", {"status": SourceStatus.WITHDRAWN}),
        ("ended before suspended", "finished_early", {"finished_at": "2026-08-10T09:00", "suspensions": [pause("2026-08-05T09:00")]}),
        ("filed", "filed", {"received_at": None, "filed_at": "2026-11-20T16:00", "intake_due_at": "2026-11-23T16:00"}),
        ("intake time over", "not_accepted", {"received_at": None, "filed_at": "2026-11-18T16:00", "intake_due_at": "2026-11-19T16:00"}),
        ("status 1", "filed", {"status": SourceStatus.FILED}),
        ("suspended", "suspended", {"suspensions": [pause("2026-08-13T09:00")]}),
        ("suspended without a due date", "suspended", {"due_at": None, "suspensions": [pause("2026-08-13T09:00")]}),
        ("status 5 without a date", "suspended", {"status": SourceStatus.AWAITING_SUPPLEMENT}),
        ("begun at the due instant", "overdue", {"suspensions": [pause("2026-08-14T17:00")]}),
        ("of kind none", "overdue", {"suspensions": [pause("2026-08-13T09:00", None, SuspensionKind.NONE)]}),
        ("already over", "overdue", {"suspensions": [pause("2026-08-13T09:00", "2026-08-13T10:00")]}),
        ("open without a due date", "no_due", {"due_at": None}),
        ("overdue", "overdue", {}),
        ("status 9 without any end", "overdue", {"status": SourceStatus.DONE}),
        ("due soon", "due_soon", {"due_at": "2026-11-23T17:00"}),
        ("on track", "on_track", {"due_at": "2026-11-27T17:00"}),
        ("reception missing", "unknown", {"received_at": None}),
        ("handed over only", "finished_late", {"returned_at": "2026-08-17T09:00"}),
    ],
)  # fmt: skip
def test_the_first_state_that_fits_is_the_state(what, state, facts):
    assert verdict(**{"due_at": "2026-08-14T17:00", **facts}).state == state, what


@pytest.mark.parametrize("name", ["finished_at", "returned_at", "withdrawn_at", "refused_at"])
def test_events_after_as_of_are_not_looked_at(name):
    answer = verdict("2026-08-12T23:59:59", due_at="2026-08-28T17:00", **{name: "2026-08-13T09:00"})
    assert answer.state is State.ON_TRACK


def test_an_end_known_only_by_the_hand_over_is_flagged():
    assert "END_FROM_RETURN" in verdict(due_at="2026-08-14T17:00", returned_at="2026-08-17T09:00").flags


@pytest.mark.parametrize(
    ("as_of", "limit", "state"),
    [
        ("2026-08-26T17:00", None, "due_soon"),
        ("2026-08-26T16:59", None, "on_track"),
        ("2026-08-28T13:30", "14 giờ", "due_soon"),
        ("2026-08-28T13:29", "14 giờ", "due_soon"),
        ("2026-08-28T11:29", "14 giờ", "on_track"),
        ("2026-08-27T17:00", "4 ngày làm việc", "due_soon"),
        ("2026-08-27T16:59", "4 ngày làm việc", "on_track"),
        ("2026-08-26T17:00", "2 tháng", "due_soon"),
    ],
)
def test_due_soon_is_the_smaller_of_two_days_and_a_quarter_of_the_limit(as_of, limit, state):
    assert verdict(as_of, due_at="2026-08-28T17:00", limit=limit).state == state


def test_due_soon_is_a_setting():
    soon = DueSoon(days=5, share=Fraction(1))
    assert verdict("2026-08-24T08:00", due_at="2026-08-28T17:00", due_soon=soon).state is State.DUE_SOON


def test_finished_on_a_saturday_is_late_by_no_working_date_and_still_late():
    answer = verdict(due_at="2026-08-14T17:00", finished_at="2026-08-15T09:00")
    assert (answer.state, answer.is_late, answer.late_days, answer.late_minutes) == (
        State.FINISHED_LATE,
        True,
        0,
        0,
    )


def test_late_days_and_minutes_skip_holidays():
    answer = verdict(due_at="2026-08-28T17:00", finished_at="2026-09-04T10:30")
    assert (answer.late_days, answer.late_minutes) == (2, 480 + 210)


def test_remaining_minutes_run_while_open_freeze_while_suspended_and_end_with_the_dossier():
    due = {"due_at": "2026-08-14T17:00"}
    assert verdict("2026-08-13T17:00", **due).remaining_minutes == 480
    assert verdict("2026-08-15T09:00", **due).remaining_minutes == 0
    stop = {"suspensions": [pause("2026-08-13T16:00")]}
    assert verdict("2026-08-20T09:00", **due, **stop).remaining_minutes == 540
    assert verdict("2026-08-20T09:00", **due, **stop, frozen_minutes=777).remaining_minutes == 777
    assert verdict(**due, finished_at="2026-08-13T09:00").remaining_minutes is None


def test_outside_the_calendar_lateness_is_known_and_working_time_is_not():
    moments = {"received_at": "2016-01-04T08:00", "due_at": "2016-02-01T17:00"}
    answer = verdict(**moments, finished_at="2016-03-01T08:00")
    assert (answer.state, answer.is_late) == (State.FINISHED_LATE, True)
    assert (answer.late_days, answer.late_minutes) == (None, None)
    assert answer.flags == ("CALENDAR_OUT_OF_RANGE",)
    early = verdict(**moments, finished_at="2016-01-05T08:00")
    assert (early.state, early.late_days, early.flags) == (State.FINISHED_EARLY, 0, ())
    future = verdict(due_at="2031-01-06T17:00")
    assert (future.state, future.remaining_minutes, future.flags) == (
        State.ON_TRACK,
        None,
        ("CALENDAR_OUT_OF_RANGE",),
    )


def test_late_by_epoch_is_late_by_local_date():
    due = int(at("2026-08-28T17:00").timestamp())
    assert not is_late_epoch(due, int(at("2026-08-28T23:59:59").timestamp()))
    assert is_late_epoch(due, int(at("2026-08-29T00:00").timestamp()))
    assert date(2026, 8, 28) == at("2026-08-28T17:00").date()

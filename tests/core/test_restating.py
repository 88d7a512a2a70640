"""Why a dossier counts otherwise than it was said: one row a reason, judged in March 2022."""

from datetime import datetime

import pytest

from tracker.measures.restating import (
    Count,
    Known,
    Reason,
    Span,
    Told,
    by_level,
    by_reason,
    count_of,
    moves,
)
from tracker.types import VN


def at(day: int, month: int = 3, hour: int = 9) -> int:
    """A moment of 2022."""
    return int(datetime(2022, month, day, hour, tzinfo=VN).timestamp())


MARCH = Span(at(1, hour=0), at(1, month=4, hour=0) - 1)
IN_TIME = Known(True, at(1), at(15), "finished", at(15, hour=17), 1, 7)
LATE = IN_TIME._replace(ended=at(16))
OPEN = IN_TIME._replace(ended=None, end_kind=None)
FILED = OPEN._replace(is_counted=False)
LATER = LATE._replace(ended=at(1, month=4, hour=0))
WITHDRAWN = IN_TIME._replace(end_kind="withdrawn")
NO_DUE = IN_TIME._replace(due=None)
LONGER = LATE._replace(due=at(18))


@pytest.mark.parametrize(
    ("known", "count"),
    [
        (IN_TIME, (1, 1)),
        (IN_TIME._replace(ended=at(15, hour=23)), (1, 1)),  # by date
        (LATE, (0, 1)),
        (LATE._replace(end_kind="refused"), (0, 1)),
        (IN_TIME._replace(ended=MARCH.start, due=at(2)), (1, 1)),
        (LATE._replace(ended=MARCH.end), (0, 1)),
        (LATER, (0, 0)),
        (OPEN, (0, 0)),
        (FILED, (0, 0)),
        (WITHDRAWN, (0, 0)),
        (NO_DUE, (0, 0)),
        (None, (0, 0)),
    ],
)
def test_what_a_dossier_adds_to_the_rate_of_a_month(known: Known | None, count: tuple[int, int]):
    assert count_of(known, MARCH) == count


CASES = [
    (None, LATE, Reason.ARRIVED, (0, 1)),
    (IN_TIME, None, Reason.GONE, (-1, -1)),
    (FILED, IN_TIME, Reason.ACCEPTED, (1, 1)),
    (LATE, LATE._replace(is_counted=False), Reason.UNCOUNTED, (0, -1)),
    (LATE, LATE._replace(ended=None, end_kind="withdrawn"), Reason.UNCOUNTED, (0, -1)),
    (OPEN, LATE, Reason.FINISHED, (0, 1)),
    (IN_TIME, OPEN, Reason.REOPENED, (-1, -1)),
    (LATE, WITHDRAWN, Reason.WITHDRAWN, (0, -1)),
    (WITHDRAWN, LATE, Reason.NOT_WITHDRAWN, (0, 1)),
    (LATE, LATER, Reason.END_MOVED, (0, -1)),
    (LATER, LATE, Reason.END_MOVED, (0, 1)),
    (IN_TIME, LATE, Reason.END_MOVED, (-1, 0)),
    (IN_TIME, LATE._replace(ended=at(21), due=at(18)), Reason.END_MOVED, (-1, 0)),  # later than the later date
    (NO_DUE, LATE, Reason.DUE_TOLD, (0, 1)),
    (LATE, NO_DUE, Reason.DUE_LOST, (0, -1)),
    (LATE, LONGER, Reason.DUE_MOVED, (1, 0)),
    (LATE, LONGER._replace(ended=at(17)), Reason.DUE_MOVED, (1, 0)),
    (LATE._replace(received=at(1, month=5)), LATE, Reason.RECEIVED_MOVED, (0, 1)),
    (LATE, LATE._replace(unit_id=2), Reason.UNIT_MOVED, (0, 0)),
    (LATE, LATE._replace(field_id=8), Reason.FIELD_MOVED, (0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("then", "now", "reason", "difference"), CASES)
def test_a_dossier_that_counts_otherwise_has_one_reason(then, now, reason, difference):
    (found,) = by_reason(moves([Told(1, "A", then, now)], MARCH))
    assert found == (reason, 1, *difference)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (IN_TIME, IN_TIME._replace(ended=at(14))),  # in time as before
        (LATE, LATE._replace(due=at(14))),
        (OPEN, WITHDRAWN),
        (OPEN, OPEN._replace(unit_id=2)),
        (None, LATER),
    ],
)
def test_a_dossier_that_counts_as_before_is_not_told_of(then: Known | None, now: Known):
    assert moves([Told(1, "A", then, now)], MARCH) == []


def test_an_end_that_was_undone_meanwhile_and_a_calendar_that_was_changed_are_told_as_that():
    again = Told(1, "A", LATE, LATER, was_reopened=True)
    moved = Told(2, "B", LATE, LONGER, was_recalendared=True)
    assert [each.reason for each in moves([again, moved], MARCH)] == [Reason.REOPENED, Reason.CALENDAR]


def test_a_dossier_that_went_to_another_level_leaves_one_and_comes_to_the_other():
    found = moves([Told(1, "A", IN_TIME, LATE._replace(unit_id=2)), Told(2, "B", None, LATE._replace(unit_id=9))], MARCH)  # fmt: skip
    levels = by_level(found, {1: "province", 2: "commune"}, "unknown")
    assert levels == {"province": Count(-1, -1), "commune": Count(0, 1), "unknown": Count(0, 1)}


def test_every_reason_is_tried_here():
    assert {reason for *_, reason, _ in CASES} | {Reason.CALENDAR} == set(Reason)

"""A new return date is shown beside the due date, once, and never cures lateness."""

from dataclasses import replace
from datetime import datetime

import pytest

from tracker.config_data import load_policy
from tracker.timekeeping.reappointment import Reappointment, reappointed
from tracker.types import VN

DUE = datetime(2026, 8, 14, 17, tzinfo=VN)
REGIME = load_policy().regime_for(DUE.date())
LATER = datetime(2026, 12, 1, tzinfo=VN)


def promise(made, due="2026-08-28T17:00"):
    return Reappointment(*(datetime.fromisoformat(text).replace(tzinfo=VN) for text in (made, due)))


@pytest.mark.parametrize(
    ("made", "flags"),
    [
        ("2026-08-13T17:30", ()),
        ("2026-08-14T00:00", ("REAPPOINTMENT_LATE",)),
        ("2026-08-17T09:00", ("REAPPOINTMENT_LATE",)),
    ],
)
def test_it_must_be_made_a_day_before_the_due_date(made, flags):
    answer = reappointed([promise(made)], DUE, REGIME, as_of=LATER)
    assert (answer.standing.due_at, answer.flags, answer.counts) == (promise(made).due_at, flags, False)


def test_a_second_one_is_refused_in_whatever_order_they_are_told():
    first, second = promise("2026-08-12T09:00"), promise("2026-08-13T09:00", "2026-09-30T17:00")
    for told in ([first, second], [second, first]):
        answer = reappointed(told, DUE, REGIME, as_of=LATER)
        assert (answer.standing, answer.flags) == (first, ("REAPPOINTMENT_REPEATED",))


def test_one_made_after_as_of_is_not_known_yet():
    assert reappointed([promise("2026-08-13T09:00")], DUE, REGIME, as_of=DUE.replace(day=12)) is None


def test_where_the_law_is_unknown_nothing_is_refused():
    unknown = load_policy().regime_for(datetime(2018, 6, 20, tzinfo=VN).date())
    assert unknown.max_reappointments is None
    told = [promise("2026-08-12T09:00"), promise("2026-08-13T09:00", "2026-09-30T17:00")]
    assert reappointed(told, DUE, unknown, as_of=LATER).standing == told[1]


def test_it_counts_only_where_the_dated_data_say_so():
    counting = replace(REGIME, reappointment_counts=True)
    assert reappointed([promise("2026-08-12T09:00")], DUE, counting, as_of=LATER).counts
